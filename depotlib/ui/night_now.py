"""The night as it is: read for a page, and its numbers in a row."""

from datetime import timedelta
from typing import Final

import polars as pl
import streamlit as st

from depotlib.settings import Settings
from depotlib.ui.journal_loaders import load_night_now
from depotlib.ui.live_tables import is_alive
from depotlib.ui.state import night_trace, set_night_trace
from depotlib.ui.wording import counted, kw, number, short_number
from depotlib.workflows.trace_night import NightTrace, trace_night
from depotlib.workflows.watch_night import (
    NightNow,
    VehicleState,
    is_stale,
    planned_limit_kw,
)

STATES: Final[tuple[VehicleState, ...]] = (
    "ready", "charging", "plugged in", "waiting", "on the road", "left short",
)  # fmt: skip
STEP: Final = timedelta(minutes=5)


def has_run(settings: Settings) -> bool:
    """Return whether a process of this depot has ever run."""
    return settings.mailbox_path.exists()


def watch(settings: Settings) -> NightNow | None:
    """Return the night as it is at this instant, or None where no process has ever run."""
    return load_night_now(settings)


def metered_trace(settings: Settings, night: NightNow) -> NightTrace:
    """Return the power metered since the first van was due home, with all that is new."""
    trace = trace_night(settings, before=night_trace(night.begins_at))
    set_night_trace(trace)
    return trace


def planned_steps(night: NightNow) -> pl.DataFrame:
    """Return the sum of all setpoints in force through the night: ``at`` and ``power_kw``."""
    release = night.release
    instants = (
        [
            release.valid_from + index * STEP
            for index in range((release.valid_to - release.valid_from) // STEP + 1)
        ]
        if release is not None
        else []
    )
    schedules = release.schedules if release is not None else ()
    return pl.DataFrame(
        [(at, planned_limit_kw(schedules, at=at)) for at in instants],
        schema={"at": pl.Datetime("us", "UTC"), "power_kw": pl.Float64},
        orient="row",
    )


def stations_sentence(night: NightNow) -> str:
    """Return in words how many stations are heard of, and by whom."""
    if not night.stations:
        return "No station has connected yet."
    gateway = next((beat for beat in night.beats if beat.process == "gateway"), None)
    if not is_alive(gateway, now=night.at):
        return "The gateway gives no sign of life: these are the last figures it wrote."
    stale = sum(is_stale(state, now=night.at) for state in night.stations)
    if not stale:
        return f"All {counted(len(night.stations), 'station')} heard of."
    return f"{counted(stale, 'station')} not heard of (grey)."


def meter_sentence(night: NightNow) -> str:
    """Return in words what the site's own meter says, and how old that is; empty without one."""
    meter = night.meter
    if meter is None:
        return ""
    if meter.measured_at is None or meter.power_kw is None:
        return f"The site's meter has not been read: {meter.trouble}."
    age_s = max(0.0, (night.at - meter.measured_at).total_seconds())
    if not meter.is_fresh:
        return (
            f"The site's meter is stale, {age_s:.0f} s old ({meter.trouble}): the largest base "
            "load is reckoned with."
        )
    window = ""
    if meter.allowed_kw is not None and meter.window_kw is not None:
        target = "" if meter.target_kw is None else f" of {short_number(meter.target_kw)}"
        window = f", window so far {number(meter.window_kw, decimals=1)}{target} kW"
    trouble = f" ({meter.trouble})" if meter.trouble else ""
    return f"Site's meter: {kw(meter.power_kw)}, {age_s:.0f} s old{window}{trouble}."


def show_night_numbers(night: NightNow, trace: NightTrace) -> None:
    """Show how many vans are in each state, and the site's power against its limit."""
    counts = {state: sum(vehicle.state == state for vehicle in night.vehicles) for state in STATES}
    with st.container(horizontal=True):
        for state in STATES:
            of_all = f" of {len(night.vehicles)}" if state == "ready" else ""
            st.metric(state.capitalize(), f"{counts[state]}{of_all}", border=True)
    # Powers have a row of their own: on a laptop the last of eight boxes would stand alone.
    with st.container(horizontal=True):
        of_limit = (
            f" of {short_number(night.brief.depot.grid.operating_limit_kw)}" if night.brief else ""
        )
        st.metric("Site now (kW)", f"{number(night.site_kw, decimals=1)}{of_limit}", border=True)
        st.metric(
            "Peak so far (kW)",
            f"{number(trace.peak_kw, decimals=1)}",
            border=True,
            help="Highest 15-minute mean that the stations metered tonight.",
        )
