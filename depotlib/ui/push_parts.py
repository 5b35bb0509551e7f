"""The parts of a push on a page: the typed confirmation, its progress, the way back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from depotlib.errors import MailboxMissingError, OperatorTokenError, PushError
from depotlib.model.live import PushResult, PushState, ReleasePreview
from depotlib.settings import Settings
from depotlib.ui.downloads import offer_csv
from depotlib.ui.errors_shown import errors_shown, show_error
from depotlib.ui.live_tables import results_table
from depotlib.ui.login import person_here
from depotlib.ui.tables import show_table
from depotlib.ui.wording import REQUEST_STATES, counted, local_time, plain, sentence_of
from depotlib.workflows.know_person import Person, operator_in_person
from depotlib.workflows.push_plan import (
    Operator,
    PushProgress,
    follow_push,
    newest_push,
    preview_rollback,
    require_operator,
)

REFRESH_S: Final = 1.0
TYPED_LENGTH: Final = 4
HELP: Final = {
    "A: accepted": "The station said yes. Not yet a proof.",
    "B: read back": "The station, asked what it holds, told the same limits.",
    "M: seen in the meter": "The meter stayed below the limit after it was accepted: the strongest "
    "proof.",
}
OPEN: Final[frozenset[PushState]] = frozenset({"queued", "sent"})
FAILED: Final[frozenset[PushState]] = frozenset({"rejected", "unknown"})


def ask_commit(settings: Settings, preview: ReleasePreview) -> Operator | None:
    """Return who commits a previewed push, once the release's end was typed; else None."""
    ending = preview.release_id[-TYPED_LENGTH:]
    live = {row.station_id for row in preview.rows if row.takes_live_profiles}
    with st.form("commit"):
        typed = st.text_input(
            f"Type the last {TYPED_LENGTH} characters of the release: {ending}", key="typed_ending"
        )
        operator = operator_fields("commit", settings)
        is_asked = st.form_submit_button(
            f"Push to {counted(len(live), 'station')}", type="primary", key="commit_push"
        )
    if not is_asked:
        return None
    if typed.strip() != ending:
        st.error(f"That is not the end of the release. Type {plain(ending)}.")
        return None
    return allowed_operator(settings, operator)


def ask_rollback(settings: Settings, *, now: datetime) -> Operator | None:
    """Return who asks to go back to the push before, after what that would change; else None."""
    try:
        preview = preview_rollback(settings, now=now)
    except PushError as error:
        st.markdown(plain(sentence_of(error.what)))
        return None
    changed = sum(row.change != "same" for row in preview.rows)
    st.markdown(
        f"Back to **{plain(preview.release_id)}**: {changed} of "
        f"{counted(len(preview.rows), 'connector')} would change."
    )
    with st.form("rollback"):
        operator = operator_fields("rollback", settings)
        is_asked = st.form_submit_button("Roll back", key="roll_back")
    return allowed_operator(settings, operator) if is_asked else None


def newest_request(settings: Settings) -> str:
    """Return the id of the newest push request; an empty text if there was none."""
    try:
        newest = newest_push(settings)
    except MailboxMissingError:
        return ""
    return newest.status.request.request_id if newest is not None else ""


def show_progress(settings: Settings, request_id: str, *, time_zone: ZoneInfo) -> None:
    """Show where a push stands; once it is over the page is run again, for it tells more then."""
    with errors_shown():
        begun = follow_push(settings, request_id)
    was_over = begun is None or begun.is_over
    _show_progress(settings, request_id, time_zone=time_zone, was_over=was_over)


@st.fragment(run_every=REFRESH_S)
def _show_progress(
    settings: Settings, request_id: str, *, time_zone: ZoneInfo, was_over: bool
) -> None:
    """Show where a push stands, connector by connector, once a second."""
    with errors_shown():
        progress = follow_push(settings, request_id)
    if progress is None:
        st.error(f"Nobody asked for a push {plain(request_id)}.")
        return
    if progress.is_over and not was_over:
        st.rerun()
    _show_outcome(progress, time_zone=time_zone)
    if not progress.results:
        return
    with st.container(horizontal=True):
        for name, number in _counts(progress.results).items():
            of_all = f"{number} of {len(progress.results)}"
            st.metric(name, of_all, border=True, help=HELP.get(name))
    show_table(
        results_table(progress.results, time_zone=time_zone),
        key="push_results",
        alt="Where each connector of the push stands",
        is_offered=False,
    )


def offer_progress(settings: Settings, request_id: str, *, time_zone: ZoneInfo) -> None:
    """Show a button that downloads where a push stands when it is asked for."""

    def table() -> pl.DataFrame:
        progress = follow_push(settings, request_id)
        return results_table(progress.results if progress else (), time_zone=time_zone)

    offer_csv(table, name="push_results")


def _counts(results: Sequence[PushResult]) -> dict[str, int]:
    """Return how many connectors have each proof; one proof does not take away another."""
    return {
        "Waiting": sum(one.state in OPEN for one in results),
        "A: accepted": sum(one.accepted_at is not None for one in results),
        "B: read back": sum(one.read_back_at is not None for one in results),
        "M: seen in the meter": sum(one.metered_at is not None for one in results),
        "Rejected or silent": sum(one.state in FAILED for one in results),
    }


def _show_outcome(progress: PushProgress, *, time_zone: ZoneInfo) -> None:
    status, request = progress.status, progress.status.request
    sentence = (
        f"{request.kind.capitalize()} of {request.release_id}, asked by "
        f"{request.asked_by or 'nobody named'} at {local_time(request.asked_at, time_zone)}: "
        f"{REQUEST_STATES[status.state]}" + (f" ({status.note})" if status.note else "") + "."
    )
    if status.state == "finished":
        st.success(plain(sentence))
    elif progress.is_over:
        st.error(plain(sentence))
    elif progress.is_heard:
        st.info(plain(sentence))
    else:
        silent = "No gateway gives a sign of life: it takes the request when it runs (depot up)."
        st.warning(plain(f"{sentence} {silent}"))
    st.caption(plain(f"Receipt: {request.request_id}"))


def operator_fields(prefix: str, settings: Settings) -> Operator:
    """Return the name and token that were typed into a form; who has logged in types none."""
    with errors_shown():
        person = person_here(settings)
    if person is not None:
        st.caption(f"In the name of {plain(person.known_as)}, {person.role or 'no role yet'}.")
        return Operator(name=person.known_as, token="")
    left, right = st.columns(2)
    name = left.text_input("Your name", key=f"{prefix}_name")
    token = right.text_input(
        "Operator token",
        type="password",
        key=f"{prefix}_token",
        help="It lies in operator.token in the depot's folder. A viewer's or a planner's token is "
        "not enough; the gateway checks it again.",
    )
    return Operator(name=name.strip(), token=token.strip())


def allowed_operator(settings: Settings, operator: Operator) -> Operator | None:
    """Return somebody who may act; else say what is needed and return None."""
    with errors_shown():
        person = person_here(settings)
    if person is not None:
        return _allowed_person(settings, person)
    if not operator.name or not operator.token:
        st.error("Give your name and the operator token: the receipt and the gateway need them.")
        return None
    try:
        require_operator(settings, operator)
    except OperatorTokenError as error:
        show_error(error)
        return None
    return operator


def _allowed_person(settings: Settings, person: Person) -> Operator | None:
    """Return whoever has logged in as one who may act, by the token of the desk."""
    if not person.may("operator"):
        st.error(
            f"This needs the role operator; {plain(person.known_as)} is a "
            f"{person.role or 'stranger here'}."
        )
        return None
    try:
        operator = operator_in_person(settings, person, now=datetime.now(UTC))
        require_operator(settings, operator)
    except OperatorTokenError as error:
        show_error(error)
        return None
    return operator
