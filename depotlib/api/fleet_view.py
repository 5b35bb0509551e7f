"""What the fleet sees of its depot: sessions with their estimates, vehicles, what does not fit."""

from collections.abc import Sequence
from datetime import datetime

from depotlib.api.answers import (
    OpenException,
    RunningSession,
    VehicleView,
    running_sessions,
)
from depotlib.api.charge_view import ChargeView, charge_view
from depotlib.api.estimate import Completion, Taper, completion_of
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.charge import ChargeBelief, missing_kwh
from depotlib.model.dwell import Dwell
from depotlib.model.live import ConnectorState, Distrust, StationState
from depotlib.model.news import DepartureChange


def sessions_now(mailbox: Mailbox, *, now: datetime) -> tuple[RunningSession, ...]:
    """Return every running session, with what its stay still needs and when it will have it."""
    release, published = mailbox.current_release(), mailbox.brief()
    stations = mailbox.station_states()
    if release is None or published is None:
        return running_sessions(stations, release)
    stays = _present_stays(published[1], now=now)
    changes = {one.vehicle_id: one for one in mailbox.departures()}
    charges = {one.vehicle_id: one for one in mailbox.charges.all()}
    schedules = {(one.connector_id, one.vehicle_id): one for one in release.schedules}
    found: dict[str | None, Completion] = {}
    seen: dict[str | None, ChargeView] = {}
    for station in stations:
        for state in station.connectors:
            charge = charges.get(state.vehicle_id or "")
            known = charge if charge and charge.session_id == state.session_id else None
            if known is not None:
                seen[state.session_id] = charge_view(known, state, now=now)
            schedule = schedules.get((state.connector_id, state.vehicle_id or ""))
            stay = stays.get(state.vehicle_id or "")
            if state.session_id is None or schedule is None or stay is None:
                continue
            found[state.session_id] = completion_of(
                state,
                schedule,
                remaining_kwh=_remaining_kwh(
                    state, stay, change=changes.get(stay.vehicle_id), charge=known
                ),
                now=now,
                taper=_taper(state, stay, charge=known),
            )
    return running_sessions(stations, release, completions=found, charges=seen)


def vehicles_now(mailbox: Mailbox, brief: Brief, *, now: datetime) -> tuple[VehicleView, ...]:
    """Return every vehicle of the fleet: what telematics last said, and where it is plugged in."""
    readings = {reading.vehicle_id: reading for reading in mailbox.readings()}
    charges = {charge.vehicle_id: charge for charge in mailbox.charges.all()}
    plugs = {
        state.vehicle_id: state
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
            connector_id=plug.connector_id if plug is not None else None,
            reading=readings.get(vehicle.vehicle_id),
            charge=_view(charges.get(vehicle.vehicle_id), plug, now=now),
        )
        for vehicle in (brief.fleet.vehicles if brief.fleet else ())
        for plug in (plugs.get(vehicle.vehicle_id),)
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


def _view(
    charge: ChargeBelief | None, plug: ConnectorState | None, *, now: datetime
) -> ChargeView | None:
    if charge is None:
        return None
    is_here = plug is not None and plug.session_id == charge.session_id
    return charge_view(charge, plug if is_here else None, now=now)


def _present_stays(brief: Brief, *, now: datetime) -> dict[str, Dwell]:
    """Return the present stay of each vehicle."""
    found: dict[str, Dwell] = {}
    for dwell in sorted(brief.dwells, key=lambda dwell: dwell.arrival):
        if dwell.departure > now:
            found.setdefault(dwell.vehicle_id, dwell)
    return found


def _remaining_kwh(
    state: ConnectorState,
    stay: Dwell,
    *,
    change: DepartureChange | None,
    charge: ChargeBelief | None,
) -> float:
    """Return what a session still lacks at the wall: by its charge, or as its meter counts.

    An energy that was asked for outright is counted by the meter.
    """
    if change is not None and change.energy_kwh is not None:
        return max(0.0, change.energy_kwh - state.energy_kwh)
    if charge is None or stay.arrival_soc is None:
        return max(0.0, stay.energy_target_kwh - state.energy_kwh)
    return missing_kwh(
        charge, stay.arrival_soc, wanted_kwh=stay.energy_target_kwh, energy_kwh=state.energy_kwh
    )


def _taper(state: ConnectorState, stay: Dwell, *, charge: ChargeBelief | None) -> Taper | None:
    if charge is None or stay.battery is None or stay.battery.taper_share <= 0.0:
        return None
    return Taper(
        soc=charge.soc_at(state.energy_kwh),
        soc_per_kwh_share=charge.gained_soc(1.0),
        max_kw=stay.max_kw,
        taper_share=stay.battery.taper_share,
    )
