"""Which tariff is cheapest: found while the page waits, or by a job where the past is long."""

from dataclasses import replace
from typing import Final

import streamlit as st

from depotlib.settings import Settings
from depotlib.ui.comparison_loaders import load_comparison, load_kept_comparison, load_past
from depotlib.ui.job_parts import show_job
from depotlib.ui.state import job_id, set_job_id
from depotlib.ui.wording import number
from depotlib.workflows.background_job import start_job
from depotlib.workflows.compare_tariffs import History, TariffComparison
from depotlib.workflows.comparison_job import (
    KIND,
    ComparisonQuestion,
    comparison_arguments,
    job_of_comparison,
)

SESSIONS_PER_S: Final = 15_000
"""Of one tariff, in one process: 182,500 in 8.6 and 12.2 s under the two PG&E schedules shipped
(benchmarks/README.md)."""
MOST_IN_PAGE: Final = 10_000
"""More sessions take longer than a second a tariff: nobody waits for a page that stands still."""


def compared_here_or_by_a_job(
    settings: Settings, history: History, *, tariff_ids: tuple[str, ...]
) -> TariffComparison:
    """Return tariffs beside each other; of a long past only as it was, until a job has planned it.

    Raises
    ------
    StoreMissingError, RecordMissingError, TariffError
        As `compare_stored`.
    """
    stays = load_past(settings, history).stays
    if stays is None or len(stays) <= MOST_IN_PAGE:
        return load_comparison(settings, history, tariff_ids=tariff_ids)
    kept = load_kept_comparison(settings, history, tariff_ids=tariff_ids)
    if kept is not None:
        set_job_id("")
        return kept
    _offer_job(settings, ComparisonQuestion(history, tariff_ids), sessions=len(stays))
    return load_comparison(settings, replace(history, is_planned=False), tariff_ids=tariff_ids)


def _offer_job(settings: Settings, question: ComparisonQuestion, *, sessions: int) -> None:
    """Show the job that plans the sessions anew, or the button that starts it."""
    seen = job_of_comparison(settings, question)
    # One that found all, and yet something is missing, found it before the past or a price changed.
    is_told = seen is not None and seen.job.job_id == job_id() and seen.job.result_id is None
    set_job_id(seen.job.job_id if seen is not None and (seen.is_open or is_told) else "")
    if show_job(settings):
        return
    takes_s = max(1.0, sessions / SESSIONS_PER_S)
    st.caption(
        f"To plan {number(sessions)} sessions anew takes about {number(takes_s)} s for each tariff on "
        "an idle machine. Until then the tariffs are compared on the past as it was."
    )
    if st.button("Plan them anew under each tariff", key="plan_anew", type="primary"):
        job = start_job(settings, KIND, arguments=comparison_arguments(question))
        set_job_id(job.job_id)
        st.rerun()
