"""The night as it is now: who is where, what each still needs, what is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.dispatch.priorities import PRIORITISED, with_priorities
from depotlib.dispatch.tally import LATELY, EndedSession, Tally
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.charge import ChargeBelief, missing_kwh
from depotlib.model.diversion import Diversion
from depotlib.model.dwell import STAY_REACH, Dwell
from depotlib.model.grid_limit import GridLimit
from depotlib.model.identity import CERTAIN
from depotlib.model.live import ConnectorState, Lease, StationState
from depotlib.model.news import DepartureChange
from depotlib.model.order import with_orders
from depotlib.model.release import Release, steps_kwh
from depotlib.units import energy_kwh

DONE_KWH: Final = 0.05
"""What is missing by less is not missing."""
LEFT_SHARE: Final = 0.02
"""Who unplugged with so little missing has left its connector to others."""
BUFFER_KWH: Final = 0.2
"""Two guarded steps of 25 s each at 11 kW lose 0.15 kWh; limits are cut to tenths of an ampere."""
BUFFER_SHARE: Final = 0.003
SAFE_PRIORITY: Final = 0
"""What a vehicle has that nobody has put before others."""


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
    session_id : str
    started_at : datetime
    metered_kwh : float
        Of its running session when its meter last spoke.
    measured_at : datetime or None
        When that was.
    soc : float or None
        As its station says.
    source : str
        By what it is known.
    is_caught : bool
        Whether its station was caught above its limit.
    """

    vehicle_id: str
    connector_id: str
    energy_kwh: float
    power_kw: float
    limit_kw: float
    session_id: str
    started_at: datetime
    metered_kwh: float
    measured_at: datetime | None
    soc: float | None
    source: str
    is_caught: bool = False


@dataclass(frozen=True, slots=True)
class LiveNight:
    """All that a re-plan rests on.

    Parameters
    ----------
    now : datetime
    brief_version : int
    brief : Brief
    pushed : Release
        What the operator pushed, with the turns and connectors that were changed since.
    current : Release
        What is in force: `pushed`, or dispatch's latest after it.
    stations : tuple of StationState
    changes : tuple of DepartureChange
    ended_kwh : mapping of str to float
        By vehicle: what sessions of its present stay delivered that are over.
    site_kw : mapping of int to float
        Mean site power so far tonight, by interval of the brief's grid, base load left out.
    ended : mapping of str to EndedSession
        By the ids of sessions: those that are over.
    charges : mapping of str to ChargeBelief
        By vehicle: what is believed of its state of charge.
    grid_limits : tuple of GridLimit
        From outside, that hold or will.
    caught : frozenset of str
        Stations that drew more than they may: nobody charges there until they are trusted again.
    slept : frozenset of str
        Sessions in which a vehicle did not wake from a pause.
    at_home : mapping of str to bool
        Of whom telematics tells whether it is in the yard.
    awaited : mapping of str to ChargeBelief
        By vehicle, as `charges`: of those that wait there for their turn.
    diversions : tuple of Diversion
        Of those that are led to another connector.
    leases : tuple of Lease
        What stations were told and what became of it, while it counts.
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
    ended: Mapping[str, EndedSession] = field(default_factory=dict[str, EndedSession])
    charges: Mapping[str, ChargeBelief] = field(default_factory=dict[str, ChargeBelief])
    grid_limits: tuple[GridLimit, ...] = ()
    caught: frozenset[str] = frozenset()
    slept: frozenset[str] = frozenset()
    at_home: Mapping[str, bool] = field(default_factory=dict[str, bool])
    awaited: Mapping[str, ChargeBelief] = field(default_factory=dict[str, ChargeBelief])
    diversions: tuple[Diversion, ...] = ()
    leases: tuple[Lease, ...] = ()

    def guests(self) -> dict[str, Guest]:
        """Return every vehicle that is plugged in and known, by its id."""
        return {
            state.vehicle_id: Guest(
                vehicle_id=state.vehicle_id,
                connector_id=state.connector_id,
                energy_kwh=state.energy_kwh + _unmeasured_kwh(state, now=self.now),
                power_kw=state.power_kw,
                limit_kw=state.limit_kw,
                session_id=state.session_id,
                started_at=state.session_started_at or state.measured_at or self.now,
                metered_kwh=state.energy_kwh,
                measured_at=state.measured_at,
                soc=state.soc,
                source=state.identity_source,
                is_caught=station.station_id in self.caught,
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
    is_ours = current.origin == "dispatch"
    pushed = mailbox.release(current.parent_release_id or "") if is_ours else current
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
            dwell.vehicle_id: tally.energy_kwh(dwell, others=brief.dwells)
            for dwell in present_dwells(brief, now=now, changes=changes)
        },
        site_kw=site_kw,
        ended=tally.sessions,
        grid_limits=mailbox.grid_limits.standing(now),
        caught=frozenset(one.station_id for one in mailbox.distrusts()),
        slept=tally.slept,
        leases=tuple(mailbox.leases()),
    )


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
    for dwell in present_dwells(night.brief, now=night.now, changes=night.changes):
        guest = guests.get(dwell.vehicle_id)
        arrival = start if guest is not None else max(start, dwell.arrival)
        if dwell.departure <= arrival:
            continue
        lacking = _lacking(night, dwell, guest=guest, start=start)
        if guest is None and _has_left(lacking):
            continue
        target_kwh = _wanted_kwh(lacking.target_kwh)
        stays.append(
            Dwell(
                vehicle_id=dwell.vehicle_id,
                arrival=arrival,
                departure=dwell.departure,
                energy_must_kwh=min(max(0.0, lacking.must_kwh), target_kwh),
                energy_target_kwh=target_kwh,
                max_kw=dwell.max_kw,
                min_kw=dwell.min_kw,
                priority=_proven_priority(dwell, guest),
                energy_sigma_kwh=lacking.sigma_kwh,
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
    must_kwh = dwell.energy_must_kwh
    if change.energy_kwh is not None:
        must_kwh = change.energy_kwh if change.must_kwh is None else change.must_kwh
    warmed_kwh = change.precondition_kwh
    return Dwell(
        vehicle_id=dwell.vehicle_id,
        arrival=min(dwell.arrival, departure - timedelta(seconds=1)),
        departure=departure,
        energy_must_kwh=min(must_kwh, target_kwh),
        energy_target_kwh=target_kwh,
        max_kw=dwell.max_kw,
        min_kw=dwell.min_kw,
        priority=dwell.priority if change.priority is None else change.priority,
        energy_sigma_kwh=dwell.energy_sigma_kwh,
        precondition_kwh=min(
            dwell.precondition_kwh if warmed_kwh is None else warmed_kwh, target_kwh
        ),
        precondition_s=change.precondition_s or dwell.precondition_s,
        most_starts=dwell.most_starts,
        ac_phases=dwell.ac_phases,
        # An energy that was asked for outright is counted by the meter, wherever it leads.
        arrival_soc=dwell.arrival_soc if change.energy_kwh is None else None,
    )


def permitted_kwh(
    release: Release, vehicle_id: str, *, since: datetime, until: datetime
) -> float | None:
    """Return what a release permits a vehicle in a span [kWh], None where it is silent about it."""
    parts: list[float] = []
    for schedule in release.schedules:
        if schedule.vehicle_id != vehicle_id or schedule.valid_to <= since:
            continue
        steps = schedule.steps
        parts.append(steps_kwh(steps, valid_to=schedule.valid_to, since=since, until=until))
    return sum(parts) if parts else None


@dataclass(frozen=True, slots=True)
class _Lacking:
    """What a stay lacks of must and target, and what it has had, at the wall."""

    must_kwh: float
    target_kwh: float
    sigma_kwh: float
    delivered_kwh: float


def _lacking(night: LiveNight, dwell: Dwell, *, guest: Guest | None, start: datetime) -> _Lacking:
    """Return what a stay lacks at an instant: by its charge where that is known, or by its meter."""
    delivered_kwh = night.ended_kwh.get(dwell.vehicle_id, 0.0)
    session_kwh = 0.0
    if guest is not None:
        session_kwh = guest.energy_kwh + _due_kwh(night, guest, until=start)
        delivered_kwh += session_kwh
    metered = _Lacking(
        must_kwh=dwell.energy_must_kwh - delivered_kwh,
        target_kwh=dwell.energy_target_kwh - delivered_kwh,
        sigma_kwh=dwell.energy_sigma_kwh,
        delivered_kwh=delivered_kwh,
    )
    is_awaited = guest is None and delivered_kwh <= 0.0
    belief = (night.awaited if is_awaited else night.charges).get(dwell.vehicle_id)
    is_over = is_awaited or guest is not None or (belief and belief.session_id in night.ended)
    if belief is None or dwell.arrival_soc is None or not is_over:
        return metered
    if guest is not None and belief.session_id != guest.session_id:
        return metered
    at_kwh = session_kwh if guest is not None else belief.energy_kwh
    must_kwh, target_kwh = (
        missing_kwh(belief, dwell.arrival_soc, wanted_kwh=wanted_kwh, energy_kwh=at_kwh)
        for wanted_kwh in (dwell.energy_must_kwh, dwell.energy_target_kwh)
    )
    return replace(
        metered,
        must_kwh=must_kwh,
        target_kwh=target_kwh,
        sigma_kwh=belief.wall_kwh(belief.sigma_soc),
    )


def _proven_priority(dwell: Dwell, guest: Guest | None) -> int:
    """Return the priority of a stay: nobody gets ahead of others by a guess of who it is.

    An operator's word for a vehicle counts all the same.
    """
    is_guess = guest is not None and guest.source not in CERTAIN
    if not is_guess or dwell.priority >= PRIORITISED:
        return dwell.priority
    return min(dwell.priority, SAFE_PRIORITY)


def _has_left(lacking: _Lacking) -> bool:
    """Return whether who is not plugged in has had enough, and left its connector to others."""
    return 0.0 < lacking.delivered_kwh * LEFT_SHARE > lacking.target_kwh


def _due_kwh(night: LiveNight, guest: Guest, *, until: datetime) -> float:
    """Return what will flow until the new plan begins: what is permitted, or else goes on.

    A limit may have changed a moment ago, so the last measurement says less than the release. Who
    does not take what is permitted is found behind plan later. A station that was caught above its
    limit gives what it gives, whatever is permitted.
    """
    due_kwh = permitted_kwh(night.current, guest.vehicle_id, since=night.now, until=until)
    if due_kwh is None or guest.is_caught:
        return energy_kwh(guest.power_kw, (until - night.now) / timedelta(seconds=1))
    return due_kwh


def _unmeasured_kwh(state: ConnectorState, *, now: datetime) -> float:
    """Return what has flowed since the last measurement, for as long as one may be due [kWh]."""
    if state.measured_at is None:
        return 0.0
    age = min(max(timedelta(0), now - state.measured_at), LATELY)
    return energy_kwh(state.power_kw, age / timedelta(seconds=1))


def present_dwells(
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


def _wanted_kwh(missing_kwh: float) -> float:
    """Return what to ask for where so much is missing: a little more, or nothing at all."""
    if missing_kwh < DONE_KWH:
        return 0.0
    return missing_kwh * (1.0 + BUFFER_SHARE) + BUFFER_KWH


def without_buffer_kwh(target_kwh: float) -> float:
    """Return what is missing where so much is asked for, the buffer left out."""
    return max(0.0, (target_kwh - BUFFER_KWH) / (1.0 + BUFFER_SHARE))
