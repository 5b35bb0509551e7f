"""A plan that somebody has made, to be read: nothing is solved for it."""

import streamlit as st

from depotlib.charts.gantt import gantt
from depotlib.model.depot import Depot
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.page import Bench
from depotlib.ui.plan_tables import audit_table, moves_table, shortfalls_table
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, kw, money, plain, plan_name, proof_sentence, result_words
from depotlib.workflows.plan_tonight import stored_plan
from depotlib.workflows.yard_moves import yard_rows


def show_kept_plan(bench: Bench, depot: Depot) -> None:
    """Show the plans that are kept, the newest first, one of them whole.

    It stands as it was made: duties, fleet and stations may be others by now.
    """
    plans = bench.store.plans if bench.store is not None else ()
    if not plans:
        st.info("No night has been planned yet. Whoever may plan does that here.")
        return
    names = {one.plan_id: plan_name(one, bench.time_zone) for one in plans}
    chosen = st.selectbox("Plan", list(names), format_func=names.__getitem__, key="kept_plan")
    with errors_shown():
        plan = stored_plan(bench.settings, chosen)
    header = plan.header
    with st.container(horizontal=True):
        st.metric("Result", result_words(header), border=True)
        st.metric("Bill", money(header.bill_amount, header.currency), border=True, help="A month.")
        st.metric("Peak", kw(header.peak_kw), border=True)
        st.metric("Vans ready", f"{header.ready} of {header.vehicles}", border=True)
        st.metric("Swaps in the yard", f"{header.swaps}", border=True)
    st.markdown(plain(proof_sentence(header)))
    if plan.shortfalls:
        st.subheader("Vans that fall short", anchor=False)
        show_table(shortfalls_table(plan), key="shortfalls", alt="Vans that fall short, and why")
    rows = yard_rows(depot, plan)
    st.subheader(f"Yard sheet: {counted(len(rows), 'move')}", anchor=False)
    if rows:
        table = moves_table(rows, time_zone=bench.time_zone)
        show_table(table, key="yard_sheet", alt="Yard sheet")
    show_figure(
        gantt(plan, depot=depot, dwells=(), colours=theme_colours()),
        key="gantt",
        data=plan.setpoints,
    )
    show_table(audit_table(plan), key="audit", alt="Checks of the audit", is_offered=False)
