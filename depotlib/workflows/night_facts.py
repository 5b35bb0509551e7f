"""The night in plain facts for the rules of alerts, gathered from the exchange."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from depotlib.alerts.facts import (
    CaughtFact,
    LimitFact,
    NightFacts,
    PeakFact,
    RestlessFact,
    SignalFact,
    StationFact,
    StrangerFact,
    VanFact,
)
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.feed import FeedState
from depotlib.model.grid_limit import GridLimit
from depotlib.model.live import Distrust
from depotlib.model.news import Heartbeat
from depotlib.workflows.watch_night import NightNow, is_stale

WATCHED: Final = ("gateway", "dispatch")
SILENCE: Final = timedelta(minutes=2)
"""Processes give a sign of life every few seconds of depot time; after this they are not there."""
PAST: Final = timedelta(hours=1)
"""A van that left short so long ago is history, and not at risk any more."""
RESTLESS: Final = timedelta(minutes=30)
"""A station that goes on connecting is told of every ten minutes; after this it has stopped."""
HEARD: Final = timedelta(hours=1)
"""A feed that last looked before is not there any more; what it heard last is no news."""
PLANS_READ: Final = 2_000
NO_ZONE: Final = "UTC"


def facts_of(
    night: NightNow,
    *,
    distrusts: Sequence[Distrust],
    planned_short: frozenset[str],
    grid_limits: Sequence[GridLimit] = (),
    feeds: Sequence[FeedState] = (),
) -> NightFacts:
    """Return what the rules of alerts look at.

    Parameters
    ----------
    night : NightNow
    distrusts : sequence of Distrust
    planned_short : frozenset of str
        Vehicles that dispatch's latest plan leaves short.
    grid_limits : sequence of GridLimit
        From outside, that stand.
    feeds : sequence of FeedState
    """
    outside = (LimitFact(one.node_id, one.start, one.until, one.limit_kw) for one in grid_limits)
    return NightFacts(
        at=night.at,
        time_zone=night.brief.depot.time_zone if night.brief else NO_ZONE,
        vans=_vans(night, planned_short),
        stations=_stations(night),
        strangers=_strangers(night),
        caught=tuple(
            CaughtFact(one.connector_id, one.power_kw, one.limit_kw, one.rung) for one in distrusts
        ),
        limits=(*(_limits(night.brief) if night.brief else ()), *outside),
        peak=_peak(night),
        silent_processes=silent_processes(night.beats, now=night.at),
        restless=_restless(night),
        signals=_signals(feeds, now=night.at),
    )


def planned_short(mailbox: Mailbox) -> frozenset[str]:
    """Return the vehicles that dispatch's latest plan leaves short of their least energy."""
    after_seq = max(0, mailbox.journal_head().seq - PLANS_READ)
    plans = mailbox.journal(after_seq, PLANS_READ, kinds=["dispatch_planned"])
    if not plans or plans[-1].entry.payload.get("release_id") != mailbox.current_release_id():
        return frozenset()
    names = str(plans[-1].entry.payload.get("short") or "")
    return frozenset(name for name in names.split(", ") if name)


def silent_processes(beats: Sequence[Heartbeat], *, now: datetime) -> tuple[str, ...]:
    """Return the processes that a depot needs and that gave no sign of life lately."""
    heard: Mapping[str, datetime] = {beat.process: beat.at for beat in beats}
    return tuple(name for name in WATCHED if name not in heard or now - heard[name] > SILENCE)


def _vans(night: NightNow, planned_short: frozenset[str]) -> tuple[VanFact, ...]:
    return tuple(
        VanFact(
            vehicle_id=one.vehicle_id,
            departure=one.departure,
            slack_h=one.slack_h,
            missing_kwh=max(0.0, one.energy_must_kwh - one.delivered_kwh),
            is_due=one.state != "on the road",
            is_planned_short=one.vehicle_id in planned_short,
        )
        for one in night.vehicles
        if one.state != "ready" and night.at < one.departure + PAST
    )


def _stations(night: NightNow) -> tuple[StationFact, ...]:
    known = {state.station_id: state for state in night.stations}
    named = [one.station_id for one in night.brief.depot.stations] if night.brief else list(known)
    facts: list[StationFact] = []
    for station_id in named:
        state = known.get(station_id)
        if state is None:
            facts.append(StationFact(station_id, is_silent=True, last_seen=None))
            continue
        guests = (one.vehicle_id for one in state.connectors if one.session_id is not None)
        facts.append(
            StationFact(
                station_id,
                is_silent=is_stale(state, now=night.at),
                last_seen=state.last_seen,
                vehicles=tuple(one for one in guests if one is not None),
            )
        )
    return tuple(facts)


def _strangers(night: NightNow) -> tuple[StrangerFact, ...]:
    return tuple(
        StrangerFact(one.connector_id, one.session_started_at, one.power_kw)
        for state in night.stations
        for one in state.connectors
        if one.session_id is not None and one.vehicle_id is None
    )


def _restless(night: NightNow) -> tuple[RestlessFact, ...]:
    told_at = {
        record.entry.station_id: record.entry.at
        for record in night.exceptions
        if record.entry.kind == "connections_too_often" and night.at < record.entry.at + RESTLESS
    }
    return tuple(RestlessFact(name, at) for name, at in told_at.items() if name is not None)


def _signals(feeds: Sequence[FeedState], *, now: datetime) -> tuple[SignalFact, ...]:
    return tuple(
        SignalFact(one.feed, one.not_understood(), one.note)
        for one in feeds
        if one.not_understood() and now - one.at <= HEARD
    )


def _limits(brief: Brief) -> tuple[LimitFact, ...]:
    circuits = ((one.circuit_id, span) for one in brief.depot.circuits for span in one.deratings)
    stations = ((one.station_id, span) for one in brief.depot.stations for span in one.deratings)
    return tuple(
        LimitFact(name, span.start, span.end, span.limit_kw)
        for name, span in (*circuits, *stations)
    )


def _peak(night: NightNow) -> PeakFact | None:
    meter, brief = night.meter, night.brief
    if meter is not None and meter.is_fresh and meter.window_kw is not None and meter.target_kw:
        return PeakFact(meter.window_kw, meter.target_kw, is_metered=True)
    if brief is None:
        return None
    mean_kw = night.site_kw + _base_load_kw(brief, at=night.at)
    return PeakFact(mean_kw, brief.depot.grid.operating_limit_kw, is_metered=False)


def _base_load_kw(brief: Brief, *, at: datetime) -> float:
    if brief.grid is None or not brief.base_load_kw:
        return 0.0
    index = int((at - brief.grid.start).total_seconds() // brief.grid.interval_s)
    return brief.base_load_kw[index] if 0 <= index < len(brief.base_load_kw) else 0.0
