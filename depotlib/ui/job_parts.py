"""Long work on a page: how far it is, once a second; a way to stop it; and how it ended."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from depotlib.errors import DepotError
from depotlib.model.job import Job
from depotlib.settings import Settings
from depotlib.ui.errors_shown import show_error
from depotlib.ui.state import job_id, set_job_id
from depotlib.ui.wording import number, percent, plain
from depotlib.workflows.background_job import cancel_job, seen_job

POLL_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class JobWords:
    """What is said of one kind of work.

    Parameters
    ----------
    on_cancel : str
        What cancelling it does.
    died, cancelled : str
        What to do once its process died, or it was stopped without a result.
    """

    on_cancel: str
    died: str
    cancelled: str


WORDS: Final = {
    "study": JobWords(
        on_cancel="What is done by then is kept.",
        died="What it had done is kept: run it again, and only what is missing is done.",
        cancelled="What was done is kept: run it again to go on.",
    ),
    "plan": JobWords(
        on_cancel="The best plan so far is kept, and says that it was stopped early.",
        died="Nothing of its plan was kept: plan the night again. Should it die again, there may be "
        "too little memory for so many vans on this machine.",
        cancelled="There was no plan yet: nothing is kept. Plan the night again.",
    ),
    "comparison": JobWords(
        on_cancel="The tariffs that are planned by then are kept.",
        died="The tariffs that it had planned are kept: plan again, and only the others are.",
        cancelled="The tariffs that were planned are kept: plan again to go on.",
    ),
}


def show_job(settings: Settings) -> bool | None:
    """Show the job that the address names.

    Returns
    -------
    bool or None
        Whether it is still being done; None where it ended without a result, or is none.
    """
    named = job_id()
    if not named:
        return False
    try:
        seen = seen_job(settings, named)
    except DepotError as error:
        show_error(error)
        set_job_id("")
        return None
    job = seen.job
    words = WORDS[job.kind]
    if seen.is_open:
        _show_open(settings, named)
        return True
    if seen.has_died:
        last = f" Its last words: {plain(seen.last_words)}" if seen.last_words else ""
        st.warning(f"The process that did this work died before it was done. {words.died}{last}")
    elif job.state == "failed":
        st.error(f"This work failed: {plain(job.note)}")
    elif job.state == "cancelled":
        st.info(plain(job.note) + ("." if job.result_id else f". {words.cancelled}"))
    else:
        st.success(plain(job.note))
    return None if job.result_id is None else False


@st.fragment(run_every=POLL_S)
def _show_open(settings: Settings, named: str) -> None:
    """Show progress; the whole page is drawn anew once the work has ended."""
    seen = seen_job(settings, named)
    job = seen.job
    if not seen.is_open:
        st.rerun()
    st.progress(job.progress_share, text=plain(job.note or "The work is being started …"))
    st.caption(plain(" ".join(filter(None, [_time_words(job), _amount_words(job)]))))
    if job.is_cancel_asked:
        st.caption("It was asked to stop …")
    elif st.button("Cancel", key="job_cancel", help=WORDS[job.kind].on_cancel):
        cancel_job(settings, named)
    st.caption(
        "The work goes on when this page is closed; its address leads back to it "
        f"(job {plain(named)})."
    )


def _time_words(job: Job) -> str:
    """Return in words how long the work has taken, and how long its solvers may take."""
    so_far_s = (datetime.now(UTC) - job.made_at).total_seconds()
    limit_s = job.arguments.get("time_limit_s")
    limit = f"; its solvers may take {number(limit_s)} s" if isinstance(limit_s, float) else ""
    return f"{number(so_far_s)} s so far{limit}."


def _amount_words(job: Job) -> str:
    """Return in words what an optimisation has found, and what it has proven."""
    bound, best = job.bound_amount, job.incumbent_amount
    if bound is None:
        return ""
    least = f"nothing can be below {number(bound, decimals=2)}"
    if best is None:
        return f"N{least[1:]}; nothing is found yet."
    share = (best - bound) / abs(bound) if bound else 0.0
    gap = f" (a gap of {percent(share, decimals=3)})" if share >= 0 else ""
    return f"Best so far {number(best, decimals=2)}; {least}{gap}."
