"""Limits from outside on a page: what holds now and next, from whom, and how it is kept."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from depotlib.model.grid_limit import GridLimit, GridLimitSource, GridLimitState
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.page import Bench
from depotlib.ui.tables import local_text, show_table
from depotlib.ui.wording import counted, day_time, kw, kwh, percent, plain
from depotlib.workflows.limit_site import LimitStanding, limits_of_night
from depotlib.workflows.watch_night import NightNow

SOURCES: Final[dict[GridLimitSource, str]] = {
    "utility": "utility",
    "operator": "operator",
    "enwg_14a": "grid operator, §14a EnWG",
}
STATES: Final[dict[GridLimitState, str]] = {
    "in_force": "in force",
    "coming": "to come",
    "over": "over",
    "withdrawn": "withdrawn",
}
NODES: Final = {"site": "the whole site", "charging": "everything that charges"}


def show_limits(bench: Bench, night: NightNow) -> None:
    """Show the limits that hold now, will, or did within a day."""
    with errors_shown():
        standings = limits_of_night(bench.settings, now=night.at)
    if not standings:
        st.markdown("Nobody outside limits this site, now or later.")
        return
    sentence = limit_sentence(night, time_zone=bench.time_zone)
    st.markdown(plain(sentence or "Nobody outside limits this site now."))
    show_table(
        limits_table(standings, time_zone=bench.time_zone),
        key="limits",
        alt="Limits from outside",
        is_offered=False,
    )
    for one in standings:
        if one.view.needs and one.view.state in {"in_force", "coming"}:
            st.markdown(f"- {plain(_where(one.view.limit))}: {plain(one.view.needs)}.")


def limit_sentence(night: NightNow, *, time_zone: ZoneInfo) -> str:
    """Return in words what is limited from outside now and next; empty where nothing is."""
    held = [one for one in night.grid_limits if one.holds_at(night.at)]
    coming = [one for one in night.grid_limits if one.start > night.at]
    said = [
        f"{kw(one.limit_kw)} for {_where(one)} until {day_time(one.until, time_zone)}"
        f" ({SOURCES[one.source]})"
        for one in held
    ]
    said += [
        f"{kw(one.limit_kw)} for {_where(one)} from {day_time(one.start, time_zone)}"
        f" ({SOURCES[one.source]})"
        for one in coming[:1]
    ]
    return f"Limited from outside: {'; then '.join(said)}." if said else ""


def limits_table(standings: Sequence[LimitStanding], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return limits from outside: how much, from whom, when, and how each is kept."""
    rows = [(one, one.view.limit) for one in standings]
    return pl.DataFrame(
        {
            "Limits": [_where(limit) for _, limit in rows],
            "To (kW)": pl.Series([limit.limit_kw for _, limit in rows], dtype=pl.Float64),
            "State": [STATES[one.view.state] for one, _ in rows],
            "From": [local_text(limit.start, time_zone) for _, limit in rows],
            "Until": [local_text(limit.until, time_zone) for _, limit in rows],
            "Source": [SOURCES[limit.source] for _, limit in rows],
            "Reference": [limit.reference for _, limit in rows],
            "Given by": [limit.given_by for _, limit in rows],
            "Kept": [_kept(one) for one, _ in rows],
            "Least left (kW)": pl.Series(
                [one.least_margin_kw for one, _ in rows], dtype=pl.Float64
            ),
            "Costs": [_cost(one) for one, _ in rows],
        }
    )


def _where(limit: GridLimit) -> str:
    return NODES.get(limit.node_id, limit.node_id)


def _kept(one: LimitStanding) -> str:
    if one.kept_share is None:
        return "not watched yet"
    return f"{percent(one.kept_share)} of {counted(one.minutes, 'minute')}"


def _cost(one: LimitStanding) -> str:
    """Return what a limit costs in readiness, as dispatch has planned with it."""
    impact = one.view.impact
    if impact is None:
        return "not planned with yet"
    if not impact.vehicles:
        return "no van"
    short = sum(van.is_short for van in impact.vehicles)
    missing_kwh = sum(van.missing_kwh - van.missing_before_kwh for van in impact.vehicles)
    return f"{counted(len(impact.vehicles), 'van')}, {kwh(missing_kwh)}, {short} left short"
