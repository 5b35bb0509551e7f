"""The parts of a planned night behind tabs: only the one that is open is made."""

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from depotlib.charts.colours import Colours
from depotlib.charts.cost_comparison import cost_comparison
from depotlib.charts.finish import Figure
from depotlib.charts.gantt import gantt
from depotlib.charts.readiness import readiness
from depotlib.charts.site_load import site_load
from depotlib.ui.downloads import offer_page, offer_pdf
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import kept_figure, show_figure, theme_colours
from depotlib.ui.plan_explanation import show_explanation
from depotlib.ui.plan_loaders import ShownNight, facts_of, load_chances, load_explanation
from depotlib.ui.plan_preferences import show_preferences
from depotlib.ui.plan_tables import (
    audit_table,
    bindings_table,
    comparison_table,
    energy_frame,
    load_frame,
    missing_table,
    moves_table,
    need_lines_table,
    needs_table,
)
from depotlib.ui.state import display
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, kwh, number, plain
from depotlib.workflows.try_night import SOME_LEAVE_EARLY, evenness_tonight
from depotlib.workflows.yard_moves import yard_page, yard_rows

NEEDS_PX: Final = 480
Show = Callable[[ShownNight], None]


@st.fragment
def show_parts(shown: ShownNight) -> None:
    """Show a planned night part by part; which part is open stands in the address."""
    parts: dict[str, Show] = {
        "Site load": _show_load,
        "Yard": _show_yard,
        "Cost against others": _show_cost,
        "What each van needs": _show_vans,
        "Explanation": _show_reasons,
        "Slack and battery care": show_preferences,
        "What binds, and the audit": _show_proof,
    }
    tabs = st.tabs(list(parts), key="part", bind="query-params")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, errors_shown():
                show(shown)


def _show_load(shown: ShownNight) -> None:
    tonight, plans = shown.answer.tonight, (shown.answer.plan, *shown.answer.baselines)

    def draw(colours: Colours) -> Figure:
        return site_load(
            plans,
            depot=tonight.depot,
            dwells=tonight.dwells,
            prices=tonight.prices,
            base_load_kw=tonight.base_load_kw,
            colours=colours,
        )

    figure = kept_figure("site load", of=facts_of(tonight, *plans), draw=draw)
    show_figure(figure, key="site_load", data=load_frame(plans))
    st.caption(plain(f"Tariff: {tonight.tariff_name}. Deeper shade: dearer energy."))


def _show_yard(shown: ShownNight) -> None:
    tonight, plan = shown.answer.tonight, shown.answer.plan
    rows = yard_rows(tonight.depot, plan)
    st.subheader(f"Yard sheet: {counted(len(rows), 'move')}", anchor=False)
    if rows:
        table = moves_table(rows, time_zone=shown.bench.time_zone)
        show_table(table, key="yard_sheet", alt="Yard sheet")
        with st.container(horizontal=True):
            to_print = partial(yard_page, tonight, plan, display=display())
            offer_page(to_print(), name="yard_sheet", label="Yard sheet to print (one page)")
            offer_pdf(to_print, name="yard_sheet", label="Yard sheet")
    elif plan.header.occupancy == "relaxed":
        st.markdown("Who stands where was left out of this night: there is no yard sheet.")
    else:
        st.markdown("No van has to be moved.")

    def draw(colours: Colours) -> Figure:
        return gantt(plan, depot=tonight.depot, dwells=tonight.dwells, colours=colours)

    figure = kept_figure("gantt", of=facts_of(tonight, plan), draw=draw)
    show_figure(figure, key="gantt", data=plan.setpoints)


def _show_cost(shown: ShownNight) -> None:
    plans = (shown.answer.plan, *shown.answer.baselines)
    table = comparison_table(plans)
    show_figure(cost_comparison(plans, colours=theme_colours()), key="cost_comparison", data=table)
    show_table(table, key="comparison", alt="The night under each policy", is_offered=False)


def _show_vans(shown: ShownNight) -> None:
    plan, needs = shown.answer.plan, shown.answer.tonight.needs
    energy = energy_frame(plan, needs)
    show_figure(readiness(energy, colours=theme_colours()), key="readiness", data=energy)
    chances = load_chances(shown.bench.settings, shown.night)
    total_kwh = sum(need.dwell.energy_target_kwh for need in needs)
    st.caption(
        plain(
            f"All targets together: {kwh(total_kwh)} at the wall. Chances are by the uncertainty "
            "of each need: if the plan stays as it is, if it is made anew once needs are known, and "
            f"if {SOME_LEAVE_EARLY.words}. How even what vans get of their targets is, by Jain's "
            f"index (1: all alike): {number(evenness_tonight(chances), decimals=3)}."
        )
    )
    show_table(
        needs_table(plan, needs, chances=chances, time_zone=shown.bench.time_zone),
        key="needs",
        alt="What each van needs, with the arithmetic",
        height=NEEDS_PX,
    )
    with st.expander("Each need line by line, and where its figures come from"):
        show_table(need_lines_table(needs), key="need_lines", alt="Each need line by line")
    missing = missing_table(needs)
    if missing.height:
        with st.expander(f"What was not known: {counted(missing.height, 'fact')}"):
            show_table(missing, key="missing", alt="What was not known of which van")


def _show_reasons(shown: ShownNight) -> None:
    show_explanation(load_explanation(shown.bench.settings, shown.night))


def _show_proof(shown: ShownNight) -> None:
    plan = shown.answer.plan
    if plan.bindings:
        st.markdown("What one more kW of each limit would save, at the margin:")
        table = bindings_table(plan, time_zone=shown.bench.time_zone)
        show_table(table, key="bindings", alt="What binds")
    else:
        st.markdown("No limit binds: a larger one would save nothing.")
    show_table(audit_table(plan), key="audit", alt="Checks of the audit", is_offered=False)
