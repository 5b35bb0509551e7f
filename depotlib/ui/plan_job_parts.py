"""A night's plan that a process of its own makes: begun, found again, and awaited on the page."""

from typing import Final

import streamlit as st

from depotlib.ui.deeds import note_deed
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.job_parts import show_job
from depotlib.ui.loaders import load_tonight
from depotlib.ui.page import Bench
from depotlib.ui.state import (
    PlannedNight,
    job_id,
    planned_night,
    set_job_id,
    set_planned_night,
)
from depotlib.workflows.background_job import latest_jobs, start_job
from depotlib.workflows.plan_job import (
    KIND,
    NightQuestion,
    job_of_night,
    plan_arguments,
    question_of,
)
from depotlib.workflows.record_action import PLANNED

MOST_IN_PAGE: Final = 100
"""Nights of more vans take longer than a person looks at a page that stands still."""


def begin_night(bench: Bench, night: PlannedNight, *, is_background: bool) -> None:
    """Put a night into the address; start its plan as a job where that is asked or it is large."""
    set_planned_night(night)
    set_job_id("")
    with errors_shown():
        vans = len(load_tonight(bench.settings, night).needs)
        if not is_background and vans <= MOST_IN_PAGE:
            return
        # As the address tells it: the plan is found again by this question.
        question = _question(planned_night() or night)
        job = start_job(bench.settings, KIND, arguments=plan_arguments(question))
        note_deed(bench, PLANNED, subject=f"job {job.job_id}")
    set_job_id(job.job_id)


def await_night(bench: Bench) -> PlannedNight | None:
    """Return the night to show, None if none was planned; while a job plans it, only that is shown.

    A page that was opened anew, without an address, finds the night that is being planned.
    """
    night = planned_night()
    if night is None:
        _find_again(bench)
        night = planned_night()
    if night is not None:
        await_job(bench, night)
    return night


def await_job(bench: Bench, night: PlannedNight) -> None:
    """Show the job that plans a night, for as long as it does; nobody plans it a second time."""
    if not job_id():
        with errors_shown():
            seen = job_of_night(bench.settings, _question(night))
        if seen is not None and seen.is_open:
            set_job_id(seen.job.job_id)
    has_plan = show_job(bench.settings) is False
    if not has_plan:
        st.stop()


def _question(night: PlannedNight) -> NightQuestion:
    return NightQuestion(night.at, choices=night.choices, occupancy=night.occupancy)


def _find_again(bench: Bench) -> None:
    for seen in latest_jobs(bench.settings, kind=KIND):
        if seen.is_open:
            asked = question_of(seen.job)
            set_planned_night(
                PlannedNight(asked.at, choices=asked.choices, occupancy=asked.occupancy)
            )
            set_job_id(seen.job.job_id)
            return
