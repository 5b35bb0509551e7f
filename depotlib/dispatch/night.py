"""The night as it is now: who is where, what each still needs, what is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.dispatch.tally import Tally
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.dwell import Dwell
from depotlib.model.live import ConnectorState, StationState
from depotlib.model.news import DepartureChange
from depotlib.model.order import Order, with_orders
from depotlib.model.release import Release
from depotlib.units import duration_h, energy_kwh

STAY_REACH: Final = timedelta(hours=12)
"""Sessions and changes count for a stay from so long before its expected arrival on."""
DONE_KWH: Final = 0.05
"""What is missing by less is not missing."""
LEFT_SHARE: Final = 0.02
"""Who unplugged with so little missing has left its connector to others."""
BUFFER_KWH: Final = 0.2
"""Two guarded steps of 25 s each at 11 kW lose 0.15 kWh; limits are cut to tenths of an ampere."""
BUFFER_SHARE: Final = 0.003
PRIORITISED: Final = 1000
"""More than any fleet gives by itself."""
METER_PERIOD_S: Final = 120.0
"""A meter that has been silent for longer may have stopped: nothing more is assumed [s]."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A vehicle that we know, plugged in now.

    Parameters
    ----------
    vehicle_id, connector_id : str
    energy_kwh, power_kw : float
        Of its running session, as far as it has come by now if its power stayed as measured.
    limit_kw : float
        In force now.
    """

    vehicle_id: str
    connector_id: str
    energy_kwh: float
    power_kw: float
    limit_kw: float


@dataclass(frozen=True, slots=True)
class LiveNight:
    """All that a re-plan rests on.

    Parameters
    ----------
    now : datetime
    brief_version : int
    brief : Brief
    pushed : Release
        What the operator pushed.
    current : Release
        What is in force: `pushed`, or dispatch's latest after it.
    stations : tuple of StationState
    changes : tuple of DepartureChange
    ended_kwh : mapping of str to float
        By vehicle: what sessions of its present stay delivered that are over.
    site_kw : mapping of int to float
        Mean site power so far tonight, by interval of the brief's grid, base load left out.
    """

    now: datetime
    brief_version: int
    brief: Brief
    pushed: Release
    current: Release
    stations: tuple[StationState, ...] = ()
    changes: tuple[DepartureChange, ...] = ()
    ended_kwh: Mapping[str, float] = field(default_factory=dict[str, float])
    site_kw: Mapping[int, float] = field(default_factory=dict[int, float])

    def guests(self) -> dict[str, Guest]:
        """Return every vehicle that is plugged in and known, by its id."""
        return {
            state.vehicle_id: Guest(
                vehicle_id=state.vehicle_id,
                connector_id=state.connector_id,
                energy_kwh=state.energy_kwh + _unmeasured_kwh(state, now=self.now),
                power_kw=state.power_kw,
                limit_kw=state.limit_kw,
            )
            for station in self.stations
            for state in station.connectors
            if state.session_id is not None and state.vehicle_id is not None
        }

    def others_kw(self, planned: Sequence[str]) -> float:
        """Return what sessions of anybody else than these vehicles are permitted now [kW]."""
        return sum(
            state.limit_kw
            for station in self.stations
            for state in station.connectors
            if state.session_id is not None and state.vehicle_id not in planned
        )


def read_night(
    mailbox: Mailbox, tally: Tally, *, now: datetime, site_kw: Mapping[int, float]
) -> LiveNight | None:
    """Return the night as the mailbox tells of it, or None while no push is in force."""
    current, published = mailbox.current_release(), mailbox.brief()
    if current is None or published is None:
        return None
    pushed: Release | None = current
    if current.origin == "dispatch":
        pushed = mailbox.release(current.parent_release_id or "")
    if pushed is None or pushed.valid_to <= now:
        return None
    version, brief = published
    orders = [one.order for one in mailbox.orders.open() if one.state == "standing"]
    changes = with_priorities(mailbox.departures(), orders, now=now)
    return LiveNight(
        now=now,
        brief_version=version,
        brief=replace(brief, depot=with_orders(brief.depot, orders)),
        pushed=pushed,
        current=current,
        stations=mailbox.station_states(),
        changes=changes,
        ended_kwh={
            dwell.vehicle_id: tally.energy_kwh(
                dwell.vehicle_id, since=_reach(dwell, others=brief.dwells)
            )
            for dwell in _present_dwells(brief, now=now, changes=changes)
        },
        site_kw=site_kw,
    )


def with_priorities(
    changes: Sequence[DepartureChange], orders: Sequence[Order], *, now: datetime
) -> tuple[DepartureChange, ...]:
    """Return the changes with those whom an operator prioritised before everybody else."""
    found = {change.vehicle_id: change for change in changes}
    for order in orders:
        is_on = order.kind == "prioritise" and order.begins() <= now < order.until
        if is_on and order.vehicle_id is not None:
            first = DepartureChange(order.vehicle_id, now, priority=PRIORITISED, source="operator")
            held = found.get(order.vehicle_id, first)
            found[order.vehicle_id] = replace(held, priority=PRIORITISED)
    return tuple(found.values())


def open_stays(night: LiveNight, *, start: datetime) -> tuple[Dwell, ...]:
    """Return the stays that are not over, with what each still needs from an instant on.

    Who is plugged in is there; who is not is expected at its arrival, or any moment if that has
    passed. The target holds a small buffer for guarded steps and rounding; the must does not.

    Parameters
    ----------
    night : LiveNight
    start : datetime
        From here on the night is planned anew; until then each goes on as it does now.
    """
    guests = night.guests()
    stays: list[Dwell] = []
    for dwell in _present_dwells(night.brief, now=night.now, changes=night.changes):
        guest = guests.get(dwell.vehicle_id)
        arrival = start if guest is not None else max(start, dwell.arrival)
        if dwell.departure <= arrival:
            continue
        delivered_kwh = night.ended_kwh.get(dwell.vehicle_id, 0.0)
        if guest is not None:
            delivered_kwh += guest.energy_kwh + _due_kwh(night, guest, until=start)
        missing_kwh = dwell.energy_target_kwh - delivered_kwh
        if guest is None and delivered_kwh > 0 and missing_kwh < LEFT_SHARE * delivered_kwh:
            continue
        target_kwh = _wanted_kwh(missing_kwh)
        must_kwh = max(0.0, dwell.energy_must_kwh - delivered_kwh)
        stays.append(
            Dwell(
                vehicle_id=dwell.vehicle_id,
                arrival=arrival,
                departure=dwell.departure,
                energy_must_kwh=min(must_kwh, target_kwh),
                energy_target_kwh=target_kwh,
                max_kw=dwell.max_kw,
                min_kw=dwell.min_kw,
                priority=dwell.priority,
                energy_sigma_kwh=dwell.energy_sigma_kwh,
                precondition_kwh=min(dwell.precondition_kwh, target_kwh),
                precondition_s=dwell.precondition_s,
                most_starts=dwell.most_starts,
                ac_phases=dwell.ac_phases,
            )
        )
    return tuple(stays)


def as_changed(dwell: Dwell, change: DepartureChange | None) -> Dwell:
    """Return a stay as the fleet changed it; as it was where it did not."""
    # A change of an earlier night is history; one that ends the stay before it began is void.
    if change is None or change.changed_at < dwell.arrival - STAY_REACH:
        return dwell
    departure = change.departure or dwell.departure
    target_kwh = dwell.energy_target_kwh if change.energy_kwh is None else change.energy_kwh
    must_kwh = dwell.energy_must_kwh if change.energy_kwh is None else change.energy_kwh
    return Dwell(
        vehicle_id=dwell.vehicle_id,
        arrival=min(dwell.arrival, departure - timedelta(seconds=1)),
        departure=departure,
        energy_must_kwh=must_kwh,
        energy_target_kwh=target_kwh,
        max_kw=dwell.max_kw,
        min_kw=dwell.min_kw,
        priority=dwell.priority if change.priority is None else change.priority,
        energy_sigma_kwh=dwell.energy_sigma_kwh,
        precondition_kwh=min(dwell.precondition_kwh, target_kwh),
        precondition_s=dwell.precondition_s,
        most_starts=dwell.most_starts,
        ac_phases=dwell.ac_phases,
    )


def permitted_kwh(
    release: Release, vehicle_id: str, *, since: datetime, until: datetime
) -> float | None:
    """Return what a release permits a vehicle in a span [kWh], None where it is silent about it."""
    parts: list[float] = []
    for schedule in release.schedules:
        if schedule.vehicle_id != vehicle_id or schedule.valid_to <= since:
            continue
        ends = [step.start for step in schedule.steps[1:]] + [schedule.valid_to]
        parts += [
            step.limit_kw * max(0.0, duration_h(min(end, until) - max(step.start, since)))
            for step, end in zip(schedule.steps, ends, strict=True)
        ]
    return sum(parts) if parts else None


def _due_kwh(night: LiveNight, guest: Guest, *, until: datetime) -> float:
    """Return what will flow until the new plan begins: what is permitted, or else goes on.

    A limit may have changed a moment ago, so the last measurement says less than the release. Who
    does not take what is permitted is found behind plan later.
    """
    due_kwh = permitted_kwh(night.current, guest.vehicle_id, since=night.now, until=until)
    if due_kwh is None:
        return energy_kwh(guest.power_kw, (until - night.now) / timedelta(seconds=1))
    return due_kwh


def _unmeasured_kwh(state: ConnectorState, *, now: datetime) -> float:
    """Return what has flowed since the last measurement, for as long as one may be due [kWh]."""
    if state.measured_at is None:
        return 0.0
    age_s = (now - state.measured_at) / timedelta(seconds=1)
    return energy_kwh(state.power_kw, min(max(0.0, age_s), METER_PERIOD_S))


def _present_dwells(
    brief: Brief, *, now: datetime, changes: Sequence[DepartureChange]
) -> list[Dwell]:
    """Return the first stay of every vehicle that is not over, as it was changed."""
    by_vehicle = {change.vehicle_id: change for change in changes}
    present: dict[str, Dwell] = {}
    for dwell in sorted(brief.dwells, key=lambda dwell: dwell.arrival):
        changed = as_changed(dwell, by_vehicle.get(dwell.vehicle_id))
        if changed.departure > now:
            present.setdefault(dwell.vehicle_id, changed)
    return list(present.values())


def _reach(dwell: Dwell, *, others: Sequence[Dwell]) -> datetime:
    """Return the instant after which sessions of a vehicle belong to this stay of it."""
    earlier = [
        other.departure
        for other in others
        if other.vehicle_id == dwell.vehicle_id and other.departure <= dwell.arrival
    ]
    return max([dwell.arrival - STAY_REACH, *earlier])


def _wanted_kwh(missing_kwh: float) -> float:
    """Return what to ask for where so much is missing: a little more, or nothing at all."""
    if missing_kwh < DONE_KWH:
        return 0.0
    return missing_kwh * (1.0 + BUFFER_SHARE) + BUFFER_KWH
