"""The first-run tour on a page: which step is next and where, until a plan has been pushed."""

import streamlit as st

from depotlib.errors import DepotError
from depotlib.ui.bench import Bench
from depotlib.ui.errors_shown import show_error
from depotlib.ui.login import name_of
from depotlib.ui.wording import counted
from depotlib.workflows.follow_tour import (
    STEPS,
    TourNow,
    begin_tour,
    follow_tour,
    is_offered,
    leave_tour,
)

FIRST_PAGE = "Home"


def show_tour(bench: Bench, title: str) -> str:
    """Return the page to go to for the next step; empty: this one, or there is no tour.

    Shows the steps in the sidebar, what to do here, and a way out; on Home, where nobody has taken
    the tour yet, an offer.
    """
    if bench.person is not None and not bench.person.may("planner"):
        return ""
    by = name_of(bench.person)
    try:
        tour = follow_tour(bench.settings, bench.store, by=by)
        offered = title == FIRST_PAGE and is_offered(bench.settings, bench.store, by=by)
    except DepotError as error:
        with st.sidebar:
            show_error(error)
        return ""
    if tour is not None:
        return _show_steps(bench, tour, title=title, by=by)
    if offered:
        _offer(bench, by=by)
    return ""


def start_tour(bench: Bench) -> None:
    """Begin the tour of whoever is at the desk, from here on."""
    begin_tour(bench.settings, by=name_of(bench.person), now=bench.now)


def _offer(bench: Bench, *, by: str) -> None:
    with st.sidebar, st.container(border=True):
        st.markdown(f"New here? {counted(len(STEPS), 'step')} to a plan on the virtual stations.")
        if st.button("Take the tour", key="take_tour"):
            start_tour(bench)
            st.rerun()
        if st.button("Not now", key="no_tour", type="tertiary"):
            leave_tour(bench.settings, by=by, now=bench.now)
            st.rerun()


def _show_steps(bench: Bench, tour: TourNow, *, title: str, by: str) -> str:
    step = tour.step
    with st.sidebar, st.container(border=True):
        st.markdown(
            "**First steps**\n\n"
            + "\n".join(
                f"{number}. {'✓' if one.name in tour.done else '→' if one is step else '·'} {one.title}"
                for number, one in enumerate(STEPS, start=1)
            )
        )
        if st.button("Skip the tour" if step is not None else "Close the tour", key="leave_tour"):
            leave_tour(bench.settings, by=by, now=bench.now)
            st.rerun()
    if step is None:
        st.success(
            "The tour is over: your plan is on the stations. **Live** shows the night as it goes, "
            "and **Depot and fleet** sets up a depot of your own."
        )
        return ""
    if step.page == title:
        st.info(f"Step {STEPS.index(step) + 1} of {len(STEPS)}, {step.title.lower()}: {step.how}")
        return ""
    return step.page
