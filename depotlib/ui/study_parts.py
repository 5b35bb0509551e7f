"""Parts of the study page: which study, a new one, how long it takes, and its run."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from depotlib.model.live import Scalar
from depotlib.studies.declaration import Design
from depotlib.ui.deeds import note_deed
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.page import Bench
from depotlib.ui.state import STUDY_SHOWN, set_job_id, set_notice, set_study_shown
from depotlib.ui.study_loaders import load_present_values
from depotlib.ui.study_words import AXES, POLICIES, axis_words, phrase, values_of
from depotlib.ui.wording import counted, number, plain
from depotlib.workflows.background_job import start_job
from depotlib.workflows.declare_study import (
    StudyDraft,
    declare_study,
    estimate_study,
    keep_study,
    results_folder,
)
from depotlib.workflows.record_action import STUDIED
from depotlib.workflows.run_study import StudyOrder
from depotlib.workflows.study_job import study_arguments

NOTHING: Final = ""
USUAL_AXES: Final = ("ac_stations", "service_kw", NOTHING)
DESIGNS: Final[dict[Design, str]] = {"grid": "every combination", "tornado": "one axis at a time"}
PERCENT: Final = 100


def pick_study(studies: dict[str, Path]) -> str:
    """Return the name of the study a person chose; it stands in the address."""
    return st.selectbox("Study", list(studies), key=STUDY_SHOWN, bind="query-params")


def workers() -> int:
    """Return how many processes a study gets on this machine."""
    return os.cpu_count() or 1


def offer_run(bench: Bench, path: Path) -> None:
    """Show buttons that estimate and run a study."""
    with st.container(horizontal=True):
        is_asked = st.button(
            "How long will it take?",
            key="study_estimate",
            help="Plays one scenario that is missing, and keeps it.",
        )
        is_run = st.button("Run", type="primary", key="study_run")
        is_again = st.toggle("Try failed scenarios again", key="study_failed_again")
    if is_asked:
        with errors_shown(), st.spinner("Playing one scenario …"):
            told = estimate_study(path, results_folder(bench.settings))
        missing = told.total - told.found
        st.info(
            f"{counted(missing, 'scenario')} of {told.total} are missing. One took "
            f"{number(told.scenario_s, decimals=1)} s: about {number(told.whole_s(workers()))} s in all, on "
            f"{counted(workers(), 'processor')}."
            if told.scenario_s is not None
            else f"All {told.total} scenarios have a result: nothing is to be played."
        )
    if is_run:
        order = StudyOrder(
            path=path,
            folder=results_folder(bench.settings),
            jobs=workers(),
            is_retrying=is_again,
        )
        with errors_shown():
            job = start_job(bench.settings, "study", arguments=study_arguments(order))
            note_deed(bench, STUDIED, subject=path.stem)
        set_job_id(job.job_id)
        st.rerun()


def ask_study(bench: Bench) -> None:
    """Ask for a new study of the depot, or for the files of one."""
    with st.expander("A new study of this depot"):
        if bench.depot is None:
            st.markdown("There is no depot here yet: load the demo depot on Home, or upload files.")
        with errors_shown(), st.form("study_new", border=False):
            asked = _fields(bench)
            if st.form_submit_button("Keep this study", disabled=bench.depot is None):
                with st.spinner("Writing its tables …"):
                    declare_study(bench.settings, asked.draft(), now=bench.now)
                _leave(asked.name)
    with st.expander("Upload a study and its tables"):
        files = st.file_uploader(
            "One .toml and the tables it names",
            type=["toml", "csv", "json"],
            accept_multiple_files=True,
            key="study_files",
        )
        if files and st.button("Keep these files", key="study_keep"):
            stem = next((Path(one.name).stem for one in files if one.name.endswith(".toml")), "")
            name = stem.lower().replace(" ", "-")
            with errors_shown():
                held = {one.name: one.getvalue() for one in files}
                keep_study(bench.settings, name, files=held)
            _leave(name)


def _leave(name: str) -> None:
    set_study_shown(name)
    set_notice(f"The study {name} is kept.")
    st.rerun()


@dataclass(frozen=True, slots=True)
class AskedStudy:
    """What a person typed about a new study."""

    name: str
    design: Design
    days: int
    seeds: int
    policy: str
    late_percent: int
    axes: dict[str, str]

    def draft(self) -> StudyDraft:
        """Return it as what is declared; raises `StudyError` for values that are none."""
        return StudyDraft(
            name=self.name,
            axes={one: values_of(one, text) for one, text in self.axes.items()},
            base={"policy": self.policy, "late_share": self.late_percent / PERCENT},
            design=self.design,
            seeds=self.seeds,
            days=self.days,
        )


def _fields(bench: Bench) -> AskedStudy:
    """Return what the fields of the form say."""
    present: dict[str, Scalar] = {}
    if bench.depot is not None:
        present = load_present_values(bench.settings, now=bench.now)
    left, middle, right, last = st.columns(4)
    name = left.text_input("Name", value="points", key="study_name")
    design: Design = middle.selectbox(
        "Ask", list(DESIGNS), format_func=DESIGNS.__getitem__, key="study_design"
    )
    days = right.number_input("Nights", min_value=1, max_value=62, value=7, key="study_days")
    seeds = last.number_input(
        "Draws of chance", min_value=1, max_value=64, value=4, key="study_seeds"
    )
    left, right = st.columns(2)
    policy = left.selectbox(
        "Who is in control", list(POLICIES), index=1, format_func=POLICIES.__getitem__,
        key="study_policy",
    )  # fmt: skip
    late = right.slider("Vans that come one to three hours late (%)", 0, 100, 25, key="study_late")
    axes = dict(
        held
        for number, usual in enumerate(USUAL_AXES, 1)
        if (held := _axis(number, usual, present=present))[0]
    )
    said = "; ".join(phrase(one, value) for one, value in present.items())
    if said:
        st.caption(plain(f"The depot tonight: {said}."))
    return AskedStudy(name, design, days, seeds, policy=policy, late_percent=late, axes=axes)


def _axis(number: int, usual: str, *, present: dict[str, Scalar]) -> tuple[str, str]:
    """Return an axis and its values as they are typed; no name: none was chosen."""
    left, right = st.columns([1, 2])
    names = [NOTHING, *AXES]
    chosen = left.selectbox(
        f"Axis {number}", names, index=names.index(usual),
        format_func=lambda held: axis_words(held) if held else "none", key=f"study_axis_{number}",
    )  # fmt: skip
    text = right.text_input(
        f"Values of axis {number}, with commas between",
        value=_around(present.get(usual)),
        key=f"study_values_{number}",
    )
    return chosen, text


def _around(value: Scalar) -> str:
    """Return values around where a parameter stands, as a beginning."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    step = max(1, round(value / 10))
    return ", ".join(f"{one:g}" for one in (value - step, value, value + step))
