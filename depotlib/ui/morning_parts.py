"""The morning report on a page: which night, what took the energy, and each van's account."""

from datetime import date

import polars as pl
import streamlit as st

from depotlib.model.reconciliation import NightReconciliation
from depotlib.ui.downloads import offer_file
from depotlib.ui.page import Bench
from depotlib.ui.tables import show_table
from depotlib.ui.wording import plain
from depotlib.workflows.morning_report import (
    CAUSE_HEADINGS,
    VAN_HEADINGS,
    cause_cells,
    morning_json,
    morning_page,
    summary,
    van_cells,
)
from depotlib.workflows.reconcile_night import last_night


def pick_night(bench: Bench) -> date:
    """Return the night a person chose, by the day on which it began; at first the last one."""
    last = last_night(bench.time_zone.key, now=bench.now)
    return st.date_input(
        "Night that began on", value=last, max_value=last, key="night", bind="query-params"
    )


def show_morning(night: NightReconciliation) -> None:
    """Show a night's account, and both files to take away."""
    st.markdown(f"**{plain(summary(night))}**")
    causes, vans = cause_cells(night), [van_cells(one) for one in night.vehicles]
    if causes:
        st.subheader("What took it", anchor=False)
        table = pl.DataFrame(causes, schema=list(CAUSE_HEADINGS), orient="row")
        show_table(table, key="morning_causes", alt="Missing energy by cause")
    if vans:
        st.subheader("Vans", anchor=False)
        table = pl.DataFrame(vans, schema=list(VAN_HEADINGS), orient="row")
        show_table(table, key="morning_vans", alt="Plan against actual by van")
    else:
        st.markdown("No stay of that night is over yet.")
    offer_file(
        lambda: morning_page(night).encode(),
        name=f"morning-{night.night}.html",
        label="Report to print",
        mime="text/html",
    )
    offer_file(
        lambda: morning_json(night).encode(),
        name=f"morning-{night.night}.json",
        label="Figures (JSON)",
        mime="application/json",
    )
