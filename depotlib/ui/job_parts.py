"""Long work on a page: how far it is, once a second; a way to stop it; and how it ended."""

from typing import Final

import streamlit as st

from depotlib.errors import DepotError
from depotlib.settings import Settings
from depotlib.ui.errors_shown import show_error
from depotlib.ui.state import job_id, set_job_id
from depotlib.ui.wording import number, plain
from depotlib.workflows.background_job import cancel_job, seen_job

POLL_S: Final = 1.0


def show_job(settings: Settings) -> bool:
    """Show the job that the address names; return whether it is still being done."""
    named = job_id()
    if not named:
        return False
    try:
        seen = seen_job(settings, named)
    except DepotError as error:
        show_error(error)
        set_job_id("")
        return False
    if seen.is_open:
        _show_open(settings, named)
        return True
    if seen.has_died:
        words = f" Its last words: {plain(seen.last_words)}" if seen.last_words else ""
        st.warning(
            "The process that did this work died before it was done. What it had done is kept: "
            f"run it again, and only what is missing is done.{words}"
        )
    elif seen.job.state == "failed":
        st.error(f"This work failed: {plain(seen.job.note)}")
    elif seen.job.state == "cancelled":
        st.info(f"{plain(seen.job.note)}. What was done is kept: run it again to go on.")
    else:
        st.success(plain(seen.job.note))
    return False


@st.fragment(run_every=POLL_S)
def _show_open(settings: Settings, named: str) -> None:
    """Show progress; the whole page is drawn anew once the work has ended."""
    seen = seen_job(settings, named)
    job = seen.job
    if not seen.is_open:
        st.rerun()
    st.progress(job.progress_share, text=plain(job.note or "The work is being started …"))
    if job.bound_amount is not None and job.incumbent_amount is not None:
        st.caption(
            f"Best so far {number(job.incumbent_amount, decimals=2)}; nothing can be below "
            f"{number(job.bound_amount, decimals=2)}."
        )
    if job.is_cancel_asked:
        st.caption("It was asked to stop …")
    elif st.button("Cancel", key="job_cancel", help="What is done by then is kept."):
        cancel_job(settings, named)
    st.caption(
        "The work goes on when this page is closed; its address leads back to it "
        f"(job {plain(named)})."
    )
