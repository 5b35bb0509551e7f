"""Go-live drills on a page: which there are, how far they are, and what came of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from depotlib.drills.drill import Mode
from depotlib.drills.progress import (
    Progress,
    drills_folder,
    last_words,
    read_progress,
    start_drills,
    stop_drills,
)
from depotlib.drills.registry import ALL, DRILLS
from depotlib.drills.results import KeptReport, ToldFigure, ToldVerdict, kept_reports, last_results
from depotlib.drills.shadow_judges import SHADOWS
from depotlib.ui.deeds import note_deed
from depotlib.ui.downloads import offer_file, offer_pdf
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.page import Bench
from depotlib.ui.tables import local_text, show_table
from depotlib.ui.wording import counted, local_time, plain
from depotlib.units import MINUTES_PER_HOUR, duration_h
from depotlib.workflows.record_action import DRILLED, SHADOWED

REFRESH_S: Final = 1.0
TABLE_PX: Final = 460
"""Twelve drills and their heading."""
MODES: Final[dict[Mode, str]] = {
    "virtual": "Play on virtual stations, beside this depot",
    "shadow": "Judge the connected stations by the last 24 h; nothing is sent to them",
}


def show_drills(reports: tuple[KeptReport, ...], *, time_zone: ZoneInfo) -> None:
    """Show every drill with what it proves and what came of it last."""
    show_table(
        drills_table(reports, time_zone=time_zone),
        key="drills",
        alt="Go-live drills",
        height=TABLE_PX,
    )
    never = [one.name for one in DRILLS if SHADOWS[one.name].judge is None]
    with st.expander("Drills that cannot be judged in shadow mode"):
        for name in never:
            st.markdown(f"- **{plain(name)}**: {plain(SHADOWS[name].why_not)}.")


def drills_table(reports: tuple[KeptReport, ...], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return every drill, what it proves, and its last results in both ways."""
    played, shadowed = (last_results(reports, mode=mode) for mode in MODES)
    return pl.DataFrame(
        {
            "Drill": [one.name for one in DRILLS],
            "Last result": [_word(played, one.name) for one in DRILLS],
            "Played": [_when(played, one.name, time_zone=time_zone) for one in DRILLS],
            "In shadow": [_shadow_word(shadowed, one.name) for one in DRILLS],
            "Judged": [_when(shadowed, one.name, time_zone=time_zone) for one in DRILLS],
            "Takes (min)": [one.minutes for one in DRILLS],
            "What happens": [one.title for one in DRILLS],
            "Passes when": [one.passes_when for one in DRILLS],
        }
    )


def ask_drill(bench: Bench) -> None:
    """Ask which drill to play and how, and start it in a process of its own."""
    with st.form("drill"):
        left, right = st.columns(2)
        name = left.selectbox(
            "Drill", [*(one.name for one in DRILLS), ALL], format_func=_label, key="drill_name"
        )
        mode: Mode = right.radio(
            "How", list(MODES), format_func=MODES.__getitem__, key="drill_mode"
        )
        is_asked = st.form_submit_button("Run", type="primary", key="drill_run")
    if is_asked:
        with errors_shown():
            start_drills(bench.settings, name, mode=mode)
            note_deed(bench, SHADOWED if mode == "shadow" else DRILLED, subject=name)


@st.fragment(run_every=REFRESH_S)
def show_progress(bench: Bench, *, shown: datetime | None) -> None:
    """Show how far the drills are, once a second; the whole page anew once they are done.

    Parameters
    ----------
    bench : Bench
    shown : datetime or None
        End of the last drills when the page was drawn.
    """
    folder = drills_folder(bench.settings)
    progress = read_progress(folder)
    if progress is None:
        return
    if progress.is_alive:
        now = datetime.now(UTC)
        st.progress(progress.share(now), text=plain(progress_sentence(progress, now)))
        if st.button("Stop", key="drill_stop"):
            stop_drills(bench.settings)
    elif progress.ended_at is None:
        words = last_words(folder)
        st.warning(
            "The last drills were ended before they were done"
            + (f". Last words: {plain(words)}" if words else ".")
        )
    elif progress.ended_at != shown:
        st.rerun()


def ended_at(bench: Bench) -> datetime | None:
    """Return when the last drills were done, or None."""
    progress = read_progress(drills_folder(bench.settings))
    return None if progress is None else progress.ended_at


def progress_sentence(progress: Progress, now: datetime) -> str:
    """Return in words how far drills are."""
    done = len(progress.outcomes)
    failed = sum(one == "failed" for one in progress.outcomes.values())
    told = f"{done} of {counted(len(progress.minutes), 'drill')} done"
    if failed:
        told += f", {failed} failed"
    if progress.now and progress.now_since is not None:
        minutes = round(duration_h(now - progress.now_since) * MINUTES_PER_HOUR)
        told += (
            f"; {progress.now} has run for {minutes} of about {progress.minutes[progress.now]} min"
        )
    return f"{told}."


def show_report(reports: tuple[KeptReport, ...], *, time_zone: ZoneInfo) -> None:
    """Show the figures of a report, and its files to take away."""
    if not reports:
        st.markdown("No drill has been played here yet.")
        return
    report = st.selectbox(
        "Report",
        reports,
        format_func=lambda one: _report_name(one, time_zone),
        key="drill_report",
    )
    for verdict in report.told.drills:
        st.markdown(f"**{plain(verdict.name)}: {verdict.word}**{plain(_why(verdict))}")
        if verdict.figures:
            show_table(
                figures_table(verdict.figures),
                key=f"figures_{verdict.name}",
                alt=f"Figures of {verdict.name}",
                is_offered=False,
            )
    _offer_report(report)


def figures_table(figures: tuple[ToldFigure, ...]) -> pl.DataFrame:
    """Return what was measured and what it is judged by."""
    return pl.DataFrame(
        {
            "Figure": [one.name for one in figures],
            "Measured": _floats([one.number for one in figures]),
            "Unit": [one.unit for one in figures],
            "Has to be": ["" if one.bound is None else one.sense for one in figures],
            "Bound": _floats([one.bound for one in figures]),
            "Holds": ["" if one.bound is None else "yes" if one.holds else "no" for one in figures],
        }
    )


def _floats(numbers: Sequence[Decimal | None]) -> pl.Series:
    return pl.Series([None if one is None else float(one) for one in numbers], dtype=pl.Float64)


def reports_of(bench: Bench) -> tuple[KeptReport, ...]:
    """Return the reports that this depot keeps, the newest first."""
    return kept_reports(drills_folder(bench.settings))


def _offer_report(report: KeptReport) -> None:
    stem = report.page_path.stem
    with st.container(horizontal=True):
        offer_file(
            report.page_path.read_bytes,
            name=report.page_path.name,
            label="Report to print",
            mime="text/html",
        )
        offer_pdf(lambda: report.page_path.read_text(encoding="utf-8"), name=stem, label="Report")
        offer_file(
            report.json_path.read_bytes,
            name=report.json_path.name,
            label="Figures (JSON)",
            mime="application/json",
        )


def _label(name: str) -> str:
    if name == ALL:
        return f"all of them (about {sum(one.minutes for one in DRILLS)} min)"
    return next(f"{one.name}: {one.title}" for one in DRILLS if one.name == name)


def _word(results: Mapping[str, ToldVerdict], name: str) -> str:
    return results[name].word if name in results else "never played"


def _shadow_word(results: Mapping[str, ToldVerdict], name: str) -> str:
    if SHADOWS[name].judge is None:
        return "cannot be judged"
    return results[name].word if name in results else "never judged"


def _when(results: Mapping[str, ToldVerdict], name: str, *, time_zone: ZoneInfo) -> str:
    return local_text(results[name].begun_at, time_zone) if name in results else ""


def _why(verdict: ToldVerdict) -> str:
    why = verdict.trouble or verdict.not_judged
    return f": {why}" if why else ""


def _report_name(report: KeptReport, time_zone: ZoneInfo) -> str:
    word = "in shadow" if report.told.mode == "shadow" else "on virtual stations"
    passed = sum(one.is_passed for one in report.told.drills)
    of_all = f"{passed} of {len(report.told.drills)} passed"
    return f"{local_time(report.told.made_at, time_zone)}, {word}, {of_all}"
