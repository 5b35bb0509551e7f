"""The only place that touches session state and the address bar, by typed functions.

What others should see when they open the same link is in the address; drafts that belong to one
person's sitting are in the session.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import isfinite
from typing import Final, cast

import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from depotlib.model.display import Display
from depotlib.model.plan import Occupancy
from depotlib.model.yard import Yard
from depotlib.ui.drafts import SheetDraft, WrittenReceipt, YardDraft
from depotlib.workflows.import_files import ImportedFile
from depotlib.workflows.operate import OrderDraft
from depotlib.workflows.push_plan import PushDraft
from depotlib.workflows.push_receipt import PushReceipt
from depotlib.workflows.tonight import NightChoices
from depotlib.workflows.trace_night import NightTrace

# Session keys that no widget of a page can have.
DISPLAY: Final = "kept.display"
HOME: Final = "kept.home"
ROUTED: Final = "kept.is_routed"
NIGHT: Final = "kept.night"
DRAFT: Final = "kept.push_draft"
ORDER: Final = "kept.order_draft"
TRACE: Final = "kept.night_trace"
RECEIPT: Final = "kept.push_receipt"
YARD: Final = "kept.yard_draft"
NOTICE: Final = "kept.notice"
PAGE: Final = "kept.page"
PART: Final = "kept.part"
SHEETS: Final = "kept.sheets"
SHEET: Final = "kept.sheet_number"
IMPORTED: Final = "kept.imported"
UPLOADS: Final = "kept.uploads"
# Of a widget that is bound to the address.
NIGHT_SHOWN: Final = "night"
# In the address.
REQUEST: Final = "request"
JOB: Final = "job"
DEPOT: Final = "depot"
STUDY_SHOWN: Final = "study"
SCENARIO: Final = "scenario"
RUNS_LEFT: Final = 2
MOST_TIME_LIMIT_S: Final = 3600.0
"""The most that solvers may be given on a page [s]."""


@dataclass(frozen=True, slots=True)
class PlannedNight:
    """Which night was planned, and how: all that is needed to plan it again.

    Parameters
    ----------
    at : datetime
        When it was asked for; facts up to here count.
    choices : NightChoices
    occupancy : {'assigned', 'relaxed'}
    """

    at: datetime
    choices: NightChoices
    occupancy: Occupancy

    def query(self) -> dict[str, str]:
        """Return it as parameters of an address."""
        limit_kw = self.choices.operating_limit_kw
        return {
            "at": self.at.isoformat(),
            "limit": "" if limit_kw is None else f"{limit_kw:g}",
            "nights": f"{self.choices.nights_per_month:g}",
            "peak": f"{self.choices.running_peak_kw:g}",
            "seconds": f"{self.choices.time_limit_s:g}",
            "occupancy": self.occupancy,
        }


def set_display(display: Display) -> None:
    """Keep what the figures of the depot on the page are shown in."""
    st.session_state[DISPLAY] = display


def display() -> Display:
    """Return what figures are shown in: the depot's own choice, else as they are stored."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return Display()
    kept: object = st.session_state.get(DISPLAY)
    return kept if isinstance(kept, Display) else Display()


def begin_page(title: str) -> None:
    """Remember which page is shown: what stood in the sheets of another is forgotten."""
    if st.session_state.get(PAGE) != title:
        st.session_state.pop(SHEETS, None)
        st.session_state.pop(PART, None)
        begin_yard_anew()
    st.session_state[PAGE] = title


def part_left(opened: str) -> str:
    """Return which part of a page was open until a moment ago; an empty text: none was.

    What was written there last comes a moment later than the news that another part is open: for
    the run with that news and for the one after it, the part that was left has to be drawn, too.

    Parameters
    ----------
    opened : str
        The part that is open now.
    """
    kept: object = st.session_state.get(PART)
    shown, left, runs = cast("tuple[str, str, int]", kept or (opened, "", 0))
    if shown != opened:
        left, runs = shown, 0
    elif runs == RUNS_LEFT:
        left = ""
    st.session_state[PART] = (opened, left, min(runs + 1, RUNS_LEFT))
    return left


def depot_shown() -> str:
    """Return which of several depots the address names, else the one this session last showed."""
    return st.query_params.get(DEPOT, "") or _home()


def depot_in_address() -> dict[str, str]:
    """Return which of several depots is shown, as parameters of an address; nothing with one."""
    shown = _home()
    return {DEPOT: shown} if shown else {}


def set_depot_shown(key: str) -> None:
    """Show another depot: what was drafted for the one before is forgotten, in the address too."""
    if st.session_state.get(HOME, key) != key:
        for name in (NIGHT, DRAFT, ORDER, TRACE, RECEIPT, YARD, SHEETS, IMPORTED):
            st.session_state.pop(name, None)
        kept = st.query_params.get(DEPOT)
        if kept != key:
            st.query_params.clear()
    st.session_state[HOME] = key
    st.query_params[DEPOT] = key


def of_depot(key: str) -> str:
    """Return the key of a field that holds what is one depot's own.

    With several depots each has a field of its own: what was typed, edited or uploaded for one
    does not stand there for another.
    """
    shown = _home()
    return f"{key}_{shown}" if shown else key


def mark_routed() -> None:
    """Remember that the router runs in this session: links may go through it."""
    st.session_state[ROUTED] = True


def is_routed() -> bool:
    """Return whether the router runs in this session."""
    return bool(st.session_state.get(ROUTED, False))


def planned_night() -> PlannedNight | None:
    """Return the night that the address names, else the one last planned in this session."""
    named = night_of(st.query_params.to_dict())
    if named is not None:
        return named
    kept: object = st.session_state.get(NIGHT)
    return kept if isinstance(kept, PlannedNight) else None


def set_planned_night(night: PlannedNight) -> None:
    """Put a planned night into the address and keep it for the session."""
    st.session_state[NIGHT] = night
    for name, value in night.query().items():
        st.query_params[name] = value


def night_of(query: Mapping[str, str]) -> PlannedNight | None:
    """Return the night that the parameters of an address name; None if they name none."""
    try:
        at = datetime.fromisoformat(query["at"])
        limit_text = query.get("limit", "")
        choices = NightChoices(
            operating_limit_kw=float(limit_text) if limit_text else None,
            nights_per_month=float(query["nights"]),
            running_peak_kw=float(query["peak"]),
            time_limit_s=float(query.get("seconds", NightChoices().time_limit_s)),
        )
    except (KeyError, ValueError):
        return None
    figures = (choices.operating_limit_kw or 0.0, choices.nights_per_month, choices.running_peak_kw)
    is_possible = all(map(isfinite, figures)) and 0 < choices.time_limit_s <= MOST_TIME_LIMIT_S
    if at.tzinfo is None or not is_possible:
        return None
    occupancy: Occupancy = "relaxed" if query.get("occupancy") == "relaxed" else "assigned"
    return PlannedNight(at=at, choices=choices, occupancy=occupancy)


def order_draft() -> OrderDraft | None:
    """Return the action on a station that was previewed in this session."""
    kept: object = st.session_state.get(ORDER)
    return kept if isinstance(kept, OrderDraft) else None


def set_order_draft(draft: OrderDraft | None) -> None:
    """Keep a previewed action, or forget it."""
    st.session_state[ORDER] = draft


def yard_draft(version: int) -> YardDraft | None:
    """Return the yard that is being edited, if it began with this version of the site."""
    kept: object = st.session_state.get(YARD)
    return kept if isinstance(kept, YardDraft) and kept.version == version else None


def set_yard_draft(draft: YardDraft) -> None:
    """Keep the yard that is being edited."""
    st.session_state[YARD] = draft


def begin_yard_anew(yard: Yard | None = None) -> None:
    """Let fields and sheet begin anew with a yard, or with what was last seen in them."""
    kept: object = st.session_state.get(YARD)
    if isinstance(kept, YardDraft):
        begun = kept.seen if yard is None else yard
        anew = YardDraft(kept.version, number=kept.number + 1, begun=begun, seen=begun)
        set_yard_draft(anew)


def sheet_draft(name: str) -> SheetDraft | None:
    """Return a sheet that is being edited, or was before another part of the page was opened."""
    draft = _sheets().get(name)
    return draft if draft is not None and draft.shown_in == display() else None


def begun_sheet(name: str, fresh: Callable[[], pd.DataFrame]) -> SheetDraft:
    """Return a sheet about to be drawn: fresh, as it began, or anew with what was written into it.

    Streamlit forgets what was written into a sheet that was not drawn in the run before.
    """
    draft = sheet_draft(name)
    if draft is not None and draft.key in st.session_state:
        return draft
    if draft is None:
        begun = fresh()
    else:
        begun = draft.seen.reset_index(drop=True).astype(draft.begun.dtypes.to_dict())
    number = st.session_state[SHEET] = st.session_state.get(SHEET, 0) + 1
    return SheetDraft(f"{name}_{number}", begun=begun, seen=begun, shown_in=display())


def keep_sheet(name: str, draft: SheetDraft) -> None:
    """Keep a sheet as it was last edited."""
    _sheets()[name] = draft


def keep_fields(keys: Sequence[str]) -> None:
    """Keep what stands in fields that are not drawn in this run."""
    for key in set(keys).intersection(st.session_state):
        st.session_state[key] = st.session_state[key]


def begin_field(key: str, value: float | None) -> None:
    """Let a field begin with a value that can be taken out again, unlike one that it is drawn with."""
    st.session_state.setdefault(key, value)


def push_draft() -> PushDraft | None:
    """Return the push that was previewed in this session."""
    kept: object = st.session_state.get(DRAFT)
    return kept if isinstance(kept, PushDraft) else None


def set_push_draft(draft: PushDraft | None) -> None:
    """Keep a previewed push, or forget it."""
    st.session_state[DRAFT] = draft


def written_receipt(receipt: PushReceipt) -> WrittenReceipt:
    """Return a receipt as it was written first: anew only once more has become of the push.

    What it rests on, the head of the journal, moves all the time, and a file that is another one
    every few seconds is gone before a slow browser has fetched it.
    """
    kept: object = st.session_state.get(RECEIPT)
    number = 0
    if isinstance(kept, WrittenReceipt):
        head = kept.receipt
        same = replace(receipt, journal_seq=head.journal_seq, journal_hash=head.journal_hash)
        if same == head:
            return kept
        number = kept.number + 1
    written = WrittenReceipt(receipt, number)
    st.session_state[RECEIPT] = written
    return written


def request_id() -> str:
    """Return the push request that the address names, or an empty text."""
    return st.query_params.get(REQUEST, "")


def set_request_id(request: str) -> None:
    """Put a push request into the address."""
    st.query_params[REQUEST] = request


def job_id() -> str:
    """Return the job that the address names, or an empty text."""
    return st.query_params.get(JOB, "")


def set_job_id(job: str) -> None:
    """Put a job into the address; an empty text takes it out."""
    if job:
        st.query_params[JOB] = job
    else:
        st.query_params.pop(JOB, None)


def set_study_shown(name: str) -> None:
    """Put a study into the field that asks for one, before the page runs again."""
    st.session_state[STUDY_SHOWN] = name


def scenario_texts() -> tuple[str, ...]:
    """Return the scenarios that the address names, each as its text."""
    return tuple(st.query_params.get_all(SCENARIO))


def set_scenario_texts(texts: tuple[str, ...]) -> None:
    """Put scenarios into the address."""
    st.query_params[SCENARIO] = list(texts)


def set_night_shown(night: date) -> None:
    """Put a past night into the field that asks for one, before the page runs again."""
    st.session_state[NIGHT_SHOWN] = night


def night_trace(since: datetime) -> NightTrace:
    """Return the trace of the night that begins at an instant, as far as this session read it."""
    kept: object = st.session_state.get(TRACE)
    if isinstance(kept, NightTrace) and kept.since == since:
        return kept
    return NightTrace(since=since)


def set_night_trace(trace: NightTrace) -> None:
    """Keep a trace for the next look."""
    st.session_state[TRACE] = trace


def take_notice() -> str:
    """Return what the last action has to say, once."""
    return str(st.session_state.pop(NOTICE, ""))


def set_notice(text: str) -> None:
    """Leave a sentence for the next run of a page."""
    st.session_state[NOTICE] = text


def upload_key() -> str:
    """Return the key of the file field: a new one after each import, so that it empties."""
    return of_depot(f"upload_{st.session_state.get(UPLOADS, 0)}")


def imported() -> list[ImportedFile]:
    """Return what became of the files that were imported last in this session."""
    kept: object = st.session_state.get(IMPORTED, [])
    return cast("list[ImportedFile]", kept)


def set_imported(files: list[ImportedFile]) -> None:
    """Keep what became of imported files, and empty the file field."""
    st.session_state[IMPORTED] = files
    st.session_state[UPLOADS] = st.session_state.get(UPLOADS, 0) + 1


def _sheets() -> dict[str, SheetDraft]:
    return cast("dict[str, SheetDraft]", st.session_state.setdefault(SHEETS, {}))


def _home() -> str:
    """Return which of several depots this session last showed; empty with one."""
    return str(st.session_state.get(HOME, ""))
