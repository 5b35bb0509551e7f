"""The morning report on a page: which night, what took the energy, and each van's account."""

from collections.abc import Sequence
from datetime import date

import polars as pl
import streamlit as st

from depotlib.model.reconciliation import NightReconciliation
from depotlib.ui.downloads import offer_file
from depotlib.ui.page import Bench, link_to
from depotlib.ui.report_parts import offer_report
from depotlib.ui.state import NIGHT_SHOWN, display, set_night_shown
from depotlib.ui.tables import show_table
from depotlib.ui.wording import plain
from depotlib.units import wh_to_kwh
from depotlib.workflows.morning_report import (
    cause_sums,
    morning_json,
    summary,
    why_missing,
)
from depotlib.workflows.open_notebook import morning_recipe
from depotlib.workflows.reconcile_night import last_finished_night, last_night
from depotlib.workflows.report_nights import night_report


def pick_night(bench: Bench) -> date:
    """Return the night a person chose, by the day on which it began; at first the last one."""
    last = last_night(bench.time_zone.key, now=bench.now)
    return st.date_input(
        "Night that began on", value=last, max_value=last, key=NIGHT_SHOWN, bind="query-params"
    )


def show_morning(bench: Bench, night: NightReconciliation) -> None:
    """Show a night's account and its files to take away; without a finished stay, where to look."""
    if not night.vehicles:
        _show_unfinished(bench, night)
        return
    st.markdown(f"**{plain(summary(night))}**")
    causes = causes_table(night)
    if causes.height:
        st.subheader("What took it", anchor=False)
        show_table(causes, key="morning_causes", alt="Missing energy by cause")
    st.subheader("Vans", anchor=False)
    show_table(vans_table(night), key="morning_vans", alt="Plan against actual by van")
    offer_report(
        lambda: night_report(night),
        name=f"morning-{night.night}",
        recipe=morning_recipe(bench.settings, now=bench.now, night=night.night),
    )
    with st.container(horizontal=True):
        offer_file(
            lambda: morning_json(night).encode(),
            name=f"morning-{night.night}.json",
            label="Figures (JSON)",
            mime="application/json",
        )


def causes_table(night: NightReconciliation) -> pl.DataFrame:
    """Return what each cause took, the largest first."""
    causes = cause_sums(night)
    return pl.DataFrame(
        {
            "Cause": [one.words for one in causes],
            "Missing (kWh)": _kwh([one.missing_wh for one in causes]),
            "Vans": [one.vans for one in causes],
        }
    )


def vans_table(night: NightReconciliation) -> pl.DataFrame:
    """Return plan against actual of each van, whoever lacks most first."""
    vans = night.vehicles
    return pl.DataFrame(
        {
            "Van": [one.vehicle_id for one in vans],
            "Ready": ["yes" if one.is_ready else "no" for one in vans],
            "Wanted (kWh)": _kwh([one.target_wh for one in vans]),
            "Planned (kWh)": _kwh([one.planned_wh for one in vans]),
            "Delivered (kWh)": _kwh([one.delivered_wh for one in vans]),
            "Missing (kWh)": _kwh([one.missing_wh for one in vans]),
            "Because of": [why_missing(one) for one in vans],
        }
    )


def _kwh(energies_wh: Sequence[int]) -> pl.Series:
    return pl.Series([wh_to_kwh(one) for one in energies_wh], dtype=pl.Float64)


def _show_unfinished(bench: Bench, night: NightReconciliation) -> None:
    """Say that there is nothing to look back on yet, and offer the night where there is."""
    st.markdown(
        f"**No stay of the night that began on {plain(display().dated(night.night))} is over yet**, so there is "
        "nothing to lay beside its plan. Each van appears here once its departure has passed."
    )
    finished = last_finished_night(bench.settings, now=bench.now)
    if finished is not None and finished != night.night:
        st.button(
            f"Show the night that began on {display().dated(finished)}",
            type="primary",
            key="show_finished",
            on_click=set_night_shown,
            args=(finished,),
        )
    else:
        link_to("Live", "See the night as it happens")
