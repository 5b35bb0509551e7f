"""What the fleet sees of its depot: sessions with their estimates, vehicles, what does not fit."""

from collections.abc import Sequence
from datetime import datetime

from depotlib.api.answers import OpenException, RunningSession, VehicleView, running_sessions
from depotlib.api.estimate import Completion, completion_of
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.live import Distrust, StationState
from depotlib.model.news import DepartureChange


def sessions_now(mailbox: Mailbox, *, now: datetime) -> tuple[RunningSession, ...]:
    """Return every running session, with what its stay still needs and when it will have it."""
    release, published = mailbox.current_release(), mailbox.brief()
    stations = mailbox.station_states()
    if release is None or published is None:
        return running_sessions(stations, release)
    wanted_kwh = _wanted_kwh(published[1], mailbox.departures(), now=now)
    schedules = {(one.connector_id, one.vehicle_id): one for one in release.schedules}
    found: dict[str | None, Completion] = {
        state.session_id: completion_of(
            state, schedule, wanted_kwh=wanted_kwh[schedule.vehicle_id], now=now
        )
        for station in stations
        for state in station.connectors
        if state.session_id is not None
        and (schedule := schedules.get((state.connector_id, state.vehicle_id or ""))) is not None
        and schedule.vehicle_id in wanted_kwh
    }
    return running_sessions(stations, release, completions=found)


def vehicles_now(mailbox: Mailbox, brief: Brief) -> tuple[VehicleView, ...]:
    """Return every vehicle of the fleet: what telematics last said, and where it is plugged in."""
    readings = {reading.vehicle_id: reading for reading in mailbox.readings()}
    plugs = {
        state.vehicle_id: state.connector_id
        for station in mailbox.station_states()
        for state in station.connectors
        if state.session_id is not None and state.vehicle_id is not None
    }
    return tuple(
        VehicleView(
            vehicle_id=vehicle.vehicle_id,
            class_id=vehicle.class_id,
            pool=vehicle.pool,
            priority=vehicle.priority,
            connector_id=plugs.get(vehicle.vehicle_id),
            reading=readings.get(vehicle.vehicle_id),
        )
        for vehicle in (brief.fleet.vehicles if brief.fleet else ())
    )


def open_exceptions(
    stations: Sequence[StationState], distrusts: Sequence[Distrust]
) -> tuple[OpenException, ...]:
    """Return what a person should look at now: silent stations, unknown guests, distrust."""
    silent = [
        OpenException(
            "station_silent", one.station_id, None, one.last_seen, "the station is not connected"
        )
        for one in stations
        if not one.is_connected
    ]
    unknown = [
        OpenException(
            "unknown_vehicle",
            one.station_id,
            state.connector_id,
            state.session_started_at,
            "nobody we know is plugged in",
        )
        for one in stations
        for state in one.connectors
        if state.session_id is not None and state.vehicle_id is None
    ]
    caught = [
        OpenException(
            "distrust",
            one.station_id,
            one.connector_id,
            one.caught_at,
            f"it drew {one.power_kw:.1f} kW where {one.limit_kw:.1f} kW were permitted",
        )
        for one in distrusts
    ]
    return (*caught, *unknown, *silent)


def _wanted_kwh(
    brief: Brief, changes: Sequence[DepartureChange], *, now: datetime
) -> dict[str, float]:
    """Return what the present stay of each vehicle wants, by its changes where it has any."""
    found: dict[str, float] = {}
    for dwell in sorted(brief.dwells, key=lambda dwell: dwell.arrival):
        if dwell.departure > now:
            found.setdefault(dwell.vehicle_id, dwell.energy_target_kwh)
    changed = {one.vehicle_id: one.energy_kwh for one in changes if one.energy_kwh is not None}
    return found | {vehicle_id: changed[vehicle_id] for vehicle_id in found.keys() & changed}
