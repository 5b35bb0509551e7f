"""Who cannot wait for the next whole interval begins in the running one, at others' leisure.

A plan decides about whole intervals. A van that is suddenly wanted so early that it has to charge
at once would wait up to an interval for it; so what the release in force permits until then is
changed first, and the plan goes on from there. The site draws no more by it than it was permitted,
or than its billing window is held to: what one gets, others give.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.dispatch.night import DONE_KWH, Guest, LiveNight
from depotlib.dispatch.outside import HIGHEST_VOLTAGE_FACTOR
from depotlib.dispatch.stranded import drawn_kw
from depotlib.model.depot import ChargingStation, Circuit
from depotlib.model.dwell import Dwell
from depotlib.model.release import ConnectorSchedule, LimitStep
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.service import derated_kw
from depotlib.units import duration_h

LEAST_LEFT: Final = timedelta(minutes=2)
"""With less of an interval left, the guards of two steps take most of what is won."""
LEISURE_H: Final = 0.5
"""Who gives keeps so much time in hand, after giving [h]."""
WORTH_KW: Final = 0.5
"""Raises by less are not worth their messages."""


@dataclass(frozen=True, slots=True)
class _Charge:
    """A vehicle that is plugged in, until the plan begins.

    `slack_h` is how much longer than it needs it stays after that; below 0 it comes short.
    """

    stay: Dwell
    guest: Guest
    limit_kw: float
    least_kw: float
    most_kw: float
    slack_h: float

    @property
    def missing_kwh(self) -> float:
        return -self.slack_h * self.most_kw


def hurried(night: LiveNight, stays: Sequence[Dwell], *, start: datetime) -> LiveNight:
    """Return the night with a release in force that lets those charge now who cannot wait.

    Until then each of them may draw, as far as that is to be had without a higher site power::

        limit_kw + max(0, target_kwh - (departure - start) max_kw) / (start - now)

    Parameters
    ----------
    night : LiveNight
    stays : sequence of Dwell
        With what each needs from `start` on, if until then it goes on as it does.
    start : datetime
        From when on a plan decides.
    """
    if start - night.now < LEAST_LEFT:
        return night
    until = _Until(night, _charges(night, stays, start=start), start=start)
    for one in sorted(until.charges, key=lambda charge: charge.slack_h):
        if one.missing_kwh > DONE_KWH and not one.guest.is_caught:
            until.raise_limit(one)
    return _with_limits(night, until, start=start) if until.changed() else night


class _Until:
    """What is permitted from now until the plan begins."""

    def __init__(self, night: LiveNight, charges: Sequence[_Charge], *, start: datetime) -> None:
        self.charges = charges
        self._depot = night.brief.depot
        self._left_h = duration_h(start - night.now)
        left_s = (start - night.now) // timedelta(seconds=1)
        self._span = TimeGrid(night.now, interval_s=left_s, count=1)
        self._free_kw = _free_kw(night, charges)
        self._limits_kw = {one.guest.connector_id: one.limit_kw for one in charges}

    def limit_kw(self, one: _Charge) -> float:
        return self._limits_kw[one.guest.connector_id]

    def changed(self) -> list[_Charge]:
        return [one for one in self.charges if self.limit_kw(one) != one.limit_kw]

    def raise_limit(self, late: _Charge) -> None:
        """Permit who is late as much as it lacks, out of what is free and what others can spare."""
        before_kw = self.limit_kw(late)
        needed_kw = max(late.least_kw, before_kw + late.missing_kwh / self._left_h)
        wanted_kw = min(min(needed_kw, late.most_kw) - before_kw, self._room_kw(late))
        gifts_kw = self._gifts_kw(wanted_kw - self._free_kw, to=late)
        gained_kw = min(wanted_kw, self._free_kw + sum(gifts_kw.values()))
        if gained_kw < WORTH_KW or before_kw + gained_kw < late.least_kw:
            return
        self._free_kw += sum(gifts_kw.values()) - gained_kw
        self._limits_kw[late.guest.connector_id] = before_kw + gained_kw
        for connector_id, gift_kw in gifts_kw.items():
            self._limits_kw[connector_id] -= gift_kw

    def _gifts_kw(self, wanted_kw: float, *, to: _Charge) -> dict[str, float]:
        """Return who gives how much, those with the most time in hand first; nobody is paused."""
        gifts_kw: dict[str, float] = {}
        for one in sorted(self.charges, key=lambda charge: -charge.slack_h):
            given_kwh = (one.limit_kw - self.limit_kw(one)) * self._left_h
            spare_kwh = (one.slack_h - LEISURE_H) * one.most_kw - given_kwh
            if one is to or wanted_kw <= 0.0 or spare_kwh <= 0.0 or one.guest.is_caught:
                continue
            over_kw = self.limit_kw(one) - one.least_kw
            gift_kw = min(wanted_kw, over_kw, spare_kwh / self._left_h)
            if gift_kw >= WORTH_KW:
                gifts_kw[one.guest.connector_id] = gift_kw
                wanted_kw -= gift_kw
        return gifts_kw

    def _room_kw(self, one: _Charge) -> float:
        """Return what the limits above a vehicle still carry, as the ledger reserves it."""
        station = self._depot.station_of(one.guest.connector_id)
        left_kw = self._carried_kw(station) - self._asked_kw(station)
        for circuit in self._depot.path_to_site(station.circuit_id):
            factor = HIGHEST_VOLTAGE_FACTOR if circuit.is_in_amperes else 1.0
            left_kw = min(left_kw, self._carried_kw(circuit) / factor - self._below_kw(circuit))
        return left_kw

    def _carried_kw(self, node: Circuit | ChargingStation) -> float:
        """Return what a circuit or station carries all the time until the plan begins."""
        limit_kw = node.limit_kw if isinstance(node, Circuit) else node.max_kw
        return float(derated_kw(limit_kw, node.deratings, grid=self._span)[0])

    def _asked_kw(self, station: ChargingStation) -> float:
        return sum(self._limits_kw.get(one.connector_id, 0.0) for one in station.connectors())

    def _below_kw(self, circuit: Circuit) -> float:
        return sum(
            max(station.safe_limit_kw, self._asked_kw(station))
            for station in self._depot.stations
            if circuit in self._depot.path_to_site(station.circuit_id)
        )


def _charges(night: LiveNight, stays: Sequence[Dwell], *, start: datetime) -> list[_Charge]:
    connectors = {one.connector_id: one for one in night.brief.depot.connectors()}
    guests = night.guests()
    found: list[_Charge] = []
    for stay in stays:
        guest = guests.get(stay.vehicle_id)
        if guest is None or guest.connector_id not in connectors:
            continue
        connector = connectors[guest.connector_id]
        station = night.brief.depot.station_of(guest.connector_id)
        most_kw = min(stay.max_kw, connector.max_kw, station.max_kw)
        needed_h = stay.energy_target_kwh / most_kw
        found.append(
            _Charge(
                stay=stay,
                guest=guest,
                limit_kw=min(_limit_kw(night, guest), most_kw),
                least_kw=max(stay.min_kw, connector.min_kw, station.safe_limit_kw),
                most_kw=most_kw,
                slack_h=duration_h(stay.departure - start) - needed_h,
            )
        )
    return found


def _limit_kw(night: LiveNight, guest: Guest) -> float:
    """Return what the release in force permits a guest now, or its station where it is silent.

    Wherever it was planned: its window goes with it.
    """
    limits = [
        limit_kw
        for one in night.current.schedules
        if one.vehicle_id == guest.vehicle_id and (limit_kw := one.limit_at(night.now)) is not None
    ]
    return max(limits, default=guest.limit_kw)


def _free_kw(night: LiveNight, charges: Sequence[_Charge]) -> float:
    """Return what the site may draw now beside what is permitted; nothing under foreign limits."""
    if night.grid_limits:
        return 0.0
    target_kw = night.current.window_target_at(night.now)
    limit_kw = night.brief.depot.grid.operating_limit_kw
    # A caught station is not steered: what counts is what it draws.
    permitted_kw = sum(one.limit_kw for one in charges if not one.guest.is_caught)
    others_kw = night.others_kw([one.guest.vehicle_id for one in charges]) + drawn_kw(night)
    most_kw = limit_kw if target_kw is None else min(limit_kw, target_kw)
    return max(0.0, most_kw - _base_kw(night) - permitted_kw - others_kw)


def _base_kw(night: LiveNight) -> float:
    """Return the base load as forecast, or where nothing is, the most it can be."""
    brief = night.brief
    at = brief.grid.interval_of(night.now) if brief.grid is not None else -1
    if 0 <= at < len(brief.base_load_kw):
        return brief.base_load_kw[at]
    return brief.depot.grid.base_load_max_kw


def _with_limits(night: LiveNight, until: _Until, *, start: datetime) -> LiveNight:
    """Return the night with other limits in force between now and the start of the plan."""
    changed = {one.guest.vehicle_id: one for one in until.changed()}
    others = tuple(one for one in night.current.schedules if not _is_of(one, changed, night=night))
    own = tuple(
        ConnectorSchedule(
            connector_id=one.guest.connector_id,
            vehicle_id=one.guest.vehicle_id,
            steps=(LimitStep(night.now, until.limit_kw(one)),),
            valid_to=start,
            departure=one.stay.departure,
            energy_target_kwh=one.stay.energy_target_kwh,
        )
        for one in changed.values()
    )
    later = tuple(
        replace(one, steps=_from(one, start))
        for one in night.current.schedules
        if _is_of(one, changed, night=night) and one.valid_to > start
    )
    return replace(night, current=replace(night.current, schedules=(*own, *later, *others)))


def _is_of(
    schedule: ConnectorSchedule, changed: Mapping[str, _Charge], *, night: LiveNight
) -> bool:
    """Return whether a schedule is that of a changed charge, in force now."""
    return schedule.vehicle_id in changed and schedule.limit_at(night.now) is not None


def _from(schedule: ConnectorSchedule, start: datetime) -> tuple[LimitStep, ...]:
    limit_kw = schedule.limit_at(start)
    later = tuple(step for step in schedule.steps if step.start > start)
    return later if limit_kw is None else (LimitStep(start, limit_kw), *later)
