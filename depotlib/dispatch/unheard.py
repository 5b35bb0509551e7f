"""Stations that take no limit now: what they hold goes on whatever a plan says, and is counted.

A station without connection keeps its schedule, and so does one that leaves calls unanswered. A plan
that has something else for whoever is plugged in there would be no plan of the site's power: the
others would draw on top of what goes on there, and the peak of a quarter-hour is sunk for the month.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.dispatch.horizon import Horizon
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.tally import LATELY
from depotlib.model.dwell import Dwell
from depotlib.model.live import OPEN_STATES, ConnectorState, Lease, StationState, lease_in_force
from depotlib.model.plan import ConnectorWindow
from depotlib.model.release import ConnectorSchedule, LimitStep, steps_kwh
from depotlib.units import duration_h

FloatArray = NDArray[np.float64]
SILENT_AFTER: Final = timedelta(seconds=60)
"""As long as a station may be stale before it is told (live.md section 8, the drill `offline`)."""
RECKONED_FOR: Final = timedelta(minutes=30)
"""So long a station is reckoned to hear nothing, at every re-plan anew: how long really, nobody
knows, and two quarter-hours are those whose peak the next plan can still keep down."""
OWN_SHARE: Final = 0.9
"""Who draws less than that of its limit does so by itself: a meter and a current in tenths of
amperes are together not so wide of it."""


@dataclass(frozen=True)
class Reckoned:
    """What a plan is made for where some stations take no limit for a while.

    Parameters
    ----------
    stays : tuple of Dwell
        Without the energy that flows to them meanwhile.
    windows : tuple of ConnectorWindow
        Theirs from then on.
    beside : Horizon
        With what flows to them in its base load.
    until : datetime
        From then on the plan reckons to be followed again.
    names : frozenset of str
        The vehicles there.
    """

    stays: tuple[Dwell, ...]
    windows: tuple[ConnectorWindow, ...]
    beside: Horizon
    until: datetime
    names: frozenset[str] = field(default_factory=frozenset[str])

    def going_on(
        self, schedules: Sequence[ConnectorSchedule], night: LiveNight
    ) -> tuple[ConnectorSchedule, ...]:
        """Return schedules in which those vehicles go on as the release in force has it until then.

        That is what their station is to do should it hear again before the next plan.
        """
        if not self.names:
            return tuple(schedules)
        in_force = {(one.connector_id, one.vehicle_id): one for one in night.current.schedules}
        return tuple(
            self._resumed(one, in_force.get((one.connector_id, one.vehicle_id)))
            if one.vehicle_id in self.names
            else one
            for one in schedules
        )

    def _resumed(
        self, schedule: ConnectorSchedule, before: ConnectorSchedule | None
    ) -> ConnectorSchedule:
        first, then_kw = schedule.steps[0].start, schedule.limit_at(self.until)
        limit_kw = before.limit_at(first) if before is not None else None
        if before is None or limit_kw is None or then_kw is None:
            return schedule
        meanwhile = [step for step in before.steps if first < step.start < self.until]
        later = [step for step in schedule.steps if step.start > self.until]
        own = (LimitStep(first, limit_kw), *meanwhile, LimitStep(self.until, then_kw), *later)
        return replace(schedule, steps=own)


def unheard(night: LiveNight) -> frozenset[str]:
    """Return the connectors in use whose station takes no limit now."""
    newest = {
        one.connector_id: one for one in _by_number(night.leases) if one.state not in OPEN_STATES
    }
    unanswered = {name for name, one in newest.items() if one.state == "unknown"}
    return frozenset(
        state.connector_id
        for station in night.stations
        for state in station.connectors
        if state.session_id is not None
        and (_is_silent(station, now=night.now) or state.connector_id in unanswered)
    )


def as_heard(
    night: LiveNight,
    stays: tuple[Dwell, ...],
    *,
    windows: tuple[ConnectorWindow, ...],
    beside: Horizon,
) -> Reckoned:
    """Return what to plan for: what nobody can steer now goes on for the next half hour.

    Parameters
    ----------
    night : LiveNight
    stays : tuple of Dwell
        With what each still needs.
    windows : tuple of ConnectorWindow
    beside : Horizon
        With everything else that draws beside the plan in its base load.
    """
    grid, lost = beside.grid, unheard(night)
    ahead = grid.starts()[: RECKONED_FOR // grid.step]
    until = grid.start + len(ahead) * grid.step
    places = {one.vehicle_id: one.connector_id for one in night.guests().values()}
    own = {(one.vehicle_id, one.connector_id) for one in windows if one.end > until}
    names = {
        stay.vehicle_id
        for stay in stays
        if (place := places.get(stay.vehicle_id)) in lost and (stay.vehicle_id, place) in own
    }
    if not names or not ahead:
        return Reckoned(stays, windows, beside, until)
    held_kw = {name: _held_kw(night, places[name], starts=ahead, until=until) for name in names}
    base_load_kw = beside.base_load_kw.copy()
    base_load_kw[: len(ahead)] += np.sum(list(held_kw.values()), axis=0)
    held_kwh = {name: float(power_kw.sum()) * grid.interval_h for name, power_kw in held_kw.items()}
    return Reckoned(
        stays=tuple(_less(stay, held_kwh.get(stay.vehicle_id, 0.0)) for stay in stays),
        windows=tuple(
            replace(one, start=max(one.start, until)) if one.vehicle_id in names else one
            for one in windows
            if one.vehicle_id not in names or one.end > until
        ),
        beside=replace(beside, base_load_kw=base_load_kw),
        until=until,
        names=frozenset(names),
    )


def _is_silent(station: StationState, *, now: datetime) -> bool:
    if station.is_connected:
        return False
    return station.last_seen is None or now - station.last_seen > SILENT_AFTER


def _by_number(leases: Iterable[Lease]) -> list[Lease]:
    return sorted(leases, key=lambda one: one.seq)


def _held_kw(
    night: LiveNight, connector_id: str, *, starts: Sequence[datetime], until: datetime
) -> FloatArray:
    """Return the mean power that flows at a connector by what its station holds, (starts,) [kW]."""
    (state,) = [
        one
        for station in night.stations
        for one in station.connectors
        if one.connector_id == connector_id
    ]
    own = [one for one in night.leases if one.connector_id == connector_id]
    held = lease_in_force(own, now=night.now)
    ends = [*starts[1:], until]
    means_kw = np.array(
        [
            _mean_kw(held, start, end=end, safe_kw=state.safe_limit_kw)
            for start, end in zip(starts, ends, strict=True)
        ]
    )
    # Who draws less than its station permits does so by itself: its battery is nearly full.
    is_fresh = state.measured_at is not None and night.now - state.measured_at <= LATELY
    return np.minimum(means_kw, state.power_kw) if is_fresh and _is_by_itself(state) else means_kw


def _is_by_itself(state: ConnectorState) -> bool:
    return state.power_kw < OWN_SHARE * state.limit_kw


def _mean_kw(lease: Lease | None, start: datetime, *, end: datetime, safe_kw: float) -> float:
    """Return the mean limit that a lease sets in a span [kW]; the safe limit from its end on."""
    if lease is None:
        return safe_kw
    held_kwh = steps_kwh(lease.steps, valid_to=lease.valid_to, since=start, until=end)
    safe_kwh = safe_kw * max(0.0, duration_h(end - max(start, lease.valid_to)))
    return (held_kwh + safe_kwh) / duration_h(end - start)


def _less(stay: Dwell, energy_kwh: float) -> Dwell:
    """Return a stay that needs so much less."""
    target_kwh = max(0.0, stay.energy_target_kwh - energy_kwh)
    return replace(
        stay,
        energy_target_kwh=target_kwh,
        energy_must_kwh=min(max(0.0, stay.energy_must_kwh - energy_kwh), target_kwh),
        precondition_kwh=min(stay.precondition_kwh, target_kwh),
    )
