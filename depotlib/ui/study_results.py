"""What a study says on a page: how far it is, its frontier or its tornado, and every point."""

from typing import Final

import streamlit as st

from depotlib.charts.frontier import frontier
from depotlib.charts.tornado import tornado
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.study_tables import (
    MEASURES,
    PERCENT,
    axes_of,
    effects_frame,
    least_ready,
    point_name,
    points_frame,
    points_table,
    unit_of,
)
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, money, percent, plain, short_number
from depotlib.workflows.run_study import StudyState

USUAL_PERCENT: Final = 95.0
TABLE_PX: Final = 420


def show_results(state: StudyState, *, currency: str) -> None:
    """Show how far a study is and what its results say."""
    with st.container(horizontal=True):
        st.metric("Scenarios", f"{state.found} of {state.total}", border=True)
        st.metric("Failed", f"{state.failed}", border=True)
        if state.study.design == "grid":
            st.metric("Points beaten by none", f"{state.best.height}", border=True)
    if state.reasons:
        with st.expander(f"Why {counted(state.failed, 'scenario')} failed"):
            for reason in state.reasons:
                st.markdown(f"- {plain(reason)}")
    if not state.found - state.failed:
        st.markdown("No scenario has a result yet: press **Run**.")
        if state.others:
            kept = counted(state.others, "result")
            st.caption(
                f"{kept} of other studies, or of this one before an update or another table, lie in "
                "the same folder: what other code or other facts have played is not mixed with it."
            )
        return
    if state.study.design == "grid":
        _show_grid(state, currency=currency)
    else:
        _show_tornado(state, currency=currency)


def _show_grid(state: StudyState, *, currency: str) -> None:
    wanted = st.slider(
        "At least this share of vans leaves ready (%)",
        min_value=80.0, max_value=100.0, value=USUAL_PERCENT, step=0.5,
        key="study_wanted", format="%g",
    )  # fmt: skip
    found = least_ready(state, wanted / PERCENT)
    if found is None:
        most = float(str(state.means["ready_mean_share"].max()))
        st.info(
            f"No point gets {short_number(wanted)} % of vans away ready; the most is {percent(most)}."
        )
    else:
        bill = float(str(found["bill"]))
        st.success(
            plain(
                f"The cheapest bill with {short_number(wanted)} % ready: {point_name(found, axes_of(state))}, "
                f"{money(bill, currency)}."
            )
        )
    points = points_frame(state)
    show_figure(
        frontier(points, currency=currency, colours=theme_colours()), key="frontier", data=points
    )
    if state.best.height:
        st.subheader("Points that no other beats", anchor=False)
        show_table(
            points_table(state, currency=currency, is_best_only=True),
            key="study_best",
            alt="Points that no other beats in size, bill and readiness",
        )
    st.subheader("All points", anchor=False)
    show_table(
        points_table(state, currency=currency, is_best_only=False),
        key="study_points",
        alt="All points of the study",
        height=TABLE_PX,
    )
    st.caption(
        "Mean over the draws of chance, with the band that holds it in 90 % of cases. Bills are of "
        "the nights played, not of a month."
    )


def _show_tornado(state: StudyState, *, currency: str) -> None:
    if not state.swings:
        st.info("A tornado is drawn once every scenario has a result.")
    else:
        measure = st.selectbox(
            "What is swung",
            list(MEASURES),
            format_func=MEASURES.__getitem__,
            key="study_measure",
            bind="query-params",
        )
        effects, unit = effects_frame(state, measure), unit_of(measure, currency)
        show_figure(
            tornado(effects, title=MEASURES[measure], unit=unit, colours=theme_colours()),
            key="tornado",
            data=effects,
        )
    st.subheader("All points", anchor=False)
    show_table(
        points_table(state, currency=currency, is_best_only=False),
        key="study_points",
        alt="All points of the study",
        height=TABLE_PX,
    )
