"""Who gets power in an interval when nobody plans: the rules of the baselines, one interval a time.

`depotlib.planning.baselines` answers for a whole night that is known; here a vehicle is known from
when it is plugged in, and takes what its battery lets it. Where everybody has a plug and nobody
tapers, both give the same powers (a test compares).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from depotlib.simulation.vehicle import TINY_KW, Vehicle


@dataclass(slots=True)
class Moment:
    """One interval, just before power is given.

    Parameters
    ----------
    interval : int
    interval_h : float
    vehicles : list of Vehicle
        Plugged in, powered and not full, by arrival.
    wishes_kw : list of float
        The most that each can take, in the same order.
    room_kw : list of float
        What each limit has left; the rule takes from it what it gives.
    paths : sequence of tuple of int
        The limits above each place.
    """

    interval: int
    interval_h: float
    vehicles: list[Vehicle]
    wishes_kw: list[float]
    room_kw: list[float]
    paths: Sequence[tuple[int, ...]]

    def free_kw(self, position: int) -> float:
        """Return what all limits above a vehicle leave."""
        room_kw = self.room_kw
        return min(room_kw[node] for node in self.paths[self.vehicles[position].place])

    def take(self, position: int, power_kw: float) -> None:
        """Note that a vehicle takes a power."""
        room_kw = self.room_kw
        for node in self.paths[self.vehicles[position].place]:
            room_kw[node] -= power_kw


class Rule(Protocol):
    """Gives powers in one interval."""

    def __call__(self, moment: Moment) -> list[float]:
        """Return the power of each vehicle of a moment [kW], in their order."""
        ...


def uncontrolled(moment: Moment) -> list[float]:
    """Return full power for everybody, whatever the limits are."""
    for position, wish_kw in enumerate(moment.wishes_kw):
        moment.take(position, wish_kw)
    return moment.wishes_kw


def first_come(moment: Moment) -> list[float]:
    """Return the powers of a queue by arrival."""
    return _queued(moment, range(len(moment.vehicles)))


def earliest_departure(moment: Moment) -> list[float]:
    """Return the powers of a queue by departure."""
    return _queued(moment, _order(moment, lambda one: one.last))


def least_laxity(moment: Moment) -> list[float]:
    """Return the powers of a queue by the time to spare, made anew in every interval.

    ``laxity = stay left - energy left / max_kw``
    """
    now, interval_h = moment.interval, moment.interval_h

    def laxity_h(one: Vehicle) -> float:
        return (one.last - now) * interval_h - one.left_kwh / max(one.max_kw, TINY_KW)

    return _queued(moment, _order(moment, laxity_h))


def equal_share(moment: Moment) -> list[float]:
    """Return equal powers, as far as limits let them; who would get too little to run waits.

    Among several who would, the one that arrived last waits first.
    """
    sharing = list(range(len(moment.vehicles)))
    while True:
        powers_kw = _filled(moment, sharing)
        idle = [
            one
            for one in sharing
            if not moment.vehicles[one].can_run(powers_kw[one], moment.wishes_kw[one])
        ]
        if not idle:
            break
        sharing.remove(idle[-1])
    for position in sharing:
        moment.take(position, powers_kw[position])
    return powers_kw


RULES: Final[dict[str, Rule]] = {
    "uncontrolled": uncontrolled,
    "fcfs": first_come,
    "edf": earliest_departure,
    "llf": least_laxity,
    "equal": equal_share,
}
"""The policies that look at one interval only."""


def _order(moment: Moment, key: Callable[[Vehicle], float]) -> list[int]:
    vehicles = moment.vehicles
    return sorted(range(len(vehicles)), key=lambda position: key(vehicles[position]))


def _queued(moment: Moment, order: Sequence[int]) -> list[float]:
    """Return the powers when the first in a queue takes its fill, then the next."""
    powers_kw = [0.0] * len(moment.vehicles)
    site_kw = moment.room_kw
    for position in order:
        if site_kw[0] <= TINY_KW:
            break
        wish_kw = moment.wishes_kw[position]
        power_kw = min(wish_kw, moment.free_kw(position))
        if moment.vehicles[position].can_run(power_kw, wish_kw):
            powers_kw[position] = power_kw
            moment.take(position, power_kw)
    return powers_kw


def _filled(moment: Moment, sharing: Sequence[int]) -> list[float]:
    """Return the powers when all rise together until a limit, or its wish, stops each."""
    powers_kw = [0.0] * len(moment.vehicles)
    paths = {one: moment.paths[moment.vehicles[one].place] for one in sharing}
    free_kw = list(moment.room_kw)
    rising: list[int] = list(sharing)
    while rising:
        count = [0] * len(free_kw)
        for one in rising:
            for node in paths[one]:
                count[node] += 1
        room_kw = min(free / below for free, below in zip(free_kw, count, strict=True) if below)
        wish_kw = min(moment.wishes_kw[one] - powers_kw[one] for one in rising)
        step_kw = max(0.0, min(room_kw, wish_kw))
        for one in rising:
            powers_kw[one] += step_kw
        free_kw = [free - step_kw * below for free, below in zip(free_kw, count, strict=True)]
        full = [free <= TINY_KW for free in free_kw]
        rising = [
            one
            for one in rising
            if moment.wishes_kw[one] - powers_kw[one] > TINY_KW
            and not any(full[node] for node in paths[one])
        ]
    return powers_kw
