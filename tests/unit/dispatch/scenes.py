"""A small night, as dispatch sees it: two vans, two points, pushed from six to six."""

from dataclasses import replace
from datetime import datetime, timedelta

from depotlib.dispatch.night import LiveNight
from depotlib.model.depot import GridConnection
from depotlib.model.live import ConnectorState, StationState
from depotlib.model.release import ConnectorSchedule, LimitStep, Release
from depotlib.units import duration_h
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

NOW = EVENING + timedelta(minutes=5)
NEXT_QUARTER = EVENING + timedelta(minutes=15)
PLACES = (("AC-01/1", "van-1"), ("AC-02/1", "van-2"))


def pushed() -> Release:
    """Return a push that gives each van 7.4 kW for four hours, 29.6 kWh."""
    schedules = tuple(samples.schedule(place, van) for place, van in PLACES)
    return replace(samples.release("pushed"), schedules=schedules)


def plugged(
    connector_id: str,
    vehicle_id: str | None,
    *,
    energy_kwh: float = 0.0,
    power_kw: float = 0.0,
    limit_kw: float = 1.4,
) -> StationState:
    """Return a station with a session, measured this moment."""
    station_id = connector_id.partition("/")[0]
    state = replace(
        samples.connector_state(connector_id, vehicle_id=vehicle_id),
        energy_kwh=energy_kwh,
        power_kw=power_kw,
        limit_kw=limit_kw,
        measured_at=NOW,
    )
    return replace(samples.station_state(station_id), connectors=(state,))


def empty(connector_id: str) -> StationState:
    state = ConnectorState(
        connector_id=connector_id,
        status="Available",
        session_id=None,
        vehicle_id=None,
        identity_source="none",
        power_kw=0.0,
        energy_kwh=0.0,
        soc=None,
        limit_kw=1.4,
        reserved_kw=1.4,
    )
    return replace(samples.station_state(connector_id.partition("/")[0]), connectors=(state,))


def night(**facts) -> LiveNight:
    """Return the night five minutes after it began, both vans planned and nobody there yet."""
    plain = LiveNight(
        now=NOW, brief_version=1, brief=samples.brief(), pushed=pushed(), current=pushed()
    )
    return replace(plain, **facts)


def with_operating_limit(limit_kw: float) -> LiveNight:
    brief = samples.brief()
    grid = GridConnection(service_kw=60.0, operating_limit_kw=limit_kw)
    depot = replace(brief.depot, grid=grid)
    return night(brief=replace(brief, depot=depot, base_load_kw=()))


def schedule_of(release: Release, vehicle_id: str) -> ConnectorSchedule:
    (found,) = [one for one in release.schedules if one.vehicle_id == vehicle_id]
    return found


def energy_kwh(schedule: ConnectorSchedule, *, since: datetime, until: datetime = MORNING) -> float:
    """Return what a schedule permits in a span, added up step by step."""
    ends = [step.start for step in schedule.steps[1:]] + [schedule.valid_to]
    return sum(
        step.limit_kw * max(0.0, duration_h(min(end, until) - max(step.start, since)))
        for step, end in zip(schedule.steps, ends, strict=True)
    )


def flat(connector_id: str, vehicle_id: str, *, limit_kw: float) -> ConnectorSchedule:
    return replace(
        samples.schedule(connector_id, vehicle_id),
        steps=(LimitStep(start=EVENING, limit_kw=limit_kw),),
    )
