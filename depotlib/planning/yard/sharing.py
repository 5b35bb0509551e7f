"""How stays share one place: the best order and the best instants to change over."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise, permutations
from typing import Final

import numpy as np

from depotlib.planning.problem import FloatArray, IntArray
from depotlib.planning.yard.stays import Stay, YardClock
from depotlib.planning.yard.window_cost import WindowCosts

_ALL_ORDERS_UP_TO: Final = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """A stay's turn on a place.

    Parameters
    ----------
    stay : int
        Index of the stay.
    first, last : int
        Powered intervals, half-open.
    drive_in, drive_out : datetime or None
        When it is driven to the plug out of a waiting bay, or from the plug into one; None where
        it plugs in on arrival, or stays plugged until it departs.
    """

    stay: int
    first: int
    last: int
    drive_in: datetime | None
    drive_out: datetime | None


@dataclass(frozen=True, slots=True)
class Sharing:
    """The slots of one place in their order, and what they cost at guide prices.

    Parameters
    ----------
    amount : float
        Windows, swaps and shortfalls in the weights of the search; infinite if impossible.
    slots : tuple of Slot
    """

    amount: float
    slots: tuple[Slot, ...]


NO_ONE: Final = Sharing(amount=0.0, slots=())


@dataclass(frozen=True, slots=True)
class _Handover:
    """What happens on a place after one stay has it to its departure, and another comes."""

    first: int
    drive_in: datetime | None


class SharingRules:
    """Finds the best sharing of a place by some stays.

    Parameters
    ----------
    clock : YardClock
    costs : WindowCosts
    """

    def __init__(self, clock: YardClock, costs: WindowCosts) -> None:
        self.clock = clock
        self.costs = costs
        count = clock.grid.count
        self._edge = np.arange(count + 1, dtype=np.int64)
        self._edge_after_gap = self._edge + clock.gap
        self._one_each = np.ones(count + 1, dtype=np.int64)
        self._staffed = np.array(clock.staffed, dtype=np.bool_)

    def best(self, stays: Sequence[Stay], place: int) -> Sharing:
        """Return the cheapest sharing of a place by some stays, in any order."""
        if not stays:
            return NO_ONE
        found = [self.in_order(order, place) for order in _orders(stays)]
        return min(found, key=lambda sharing: sharing.amount)

    def in_order(self, stays: Sequence[Stay], place: int) -> Sharing:
        """Return the cheapest sharing of a place by stays in a given order."""
        amount, ends = self._ends(stays, place)
        return Sharing(amount, self._slots(stays, ends) if ends else ())

    def _ends(self, stays: Sequence[Stay], place: int) -> tuple[float, list[int]]:
        """Return the cost of stays in a given order and where the window of each ends.

        Dynamic programme over the edge at which each stay's window ends: ``amount[j, e] = min
        over e' of amount[j - 1, e'] + swap + cost(j, [begin(e'), e))``. Infinite, and no ends, if
        the order is impossible.
        """
        amount = self._first_amounts(stays[0], place)
        choices: list[IntArray] = []
        for before, after in pairwise(stays):
            amount, choice = self._next_amounts(amount, before, after=after, place=place)
            choices.append(choice)
        end = stays[-1].last
        if not np.isfinite(amount[end]):
            return math.inf, []
        ends = [end]
        for choice in reversed(choices):
            ends.append(int(choice[ends[-1]]))
        return float(amount[end]), ends[::-1]

    def _first_amounts(self, stay: Stay, place: int) -> FloatArray:
        amount = np.full(len(self._edge), np.inf)
        table = self.costs.table(stay, stay.max_kw[place])
        amount[stay.first : stay.last + 1] = table[0]
        return self._staffed_only(amount, stay)

    def _next_amounts(
        self, amount: FloatArray, before: Stay, *, after: Stay, place: int
    ) -> tuple[FloatArray, IntArray]:
        begin, swap = self._begins(before, after)
        length = after.last - after.first
        table = self.costs.table(after, after.max_kw[place])
        reached = np.flatnonzero(np.isfinite(amount) & (begin < after.last))
        following = np.full(len(self._edge), np.inf)
        choice = np.zeros(len(self._edge), dtype=np.int64)
        if len(reached) and length:
            options = (
                (amount + swap * self.costs.weights.swap_amount)[reached, None]
                + table[begin[reached] - after.first]
            )  # fmt: skip
            best = np.argmin(options, axis=0)
            following[after.first : after.last + 1] = options[best, np.arange(length + 1)]
            choice[after.first : after.last + 1] = reached[best]
        return self._staffed_only(following, after), choice

    def _begins(self, before: Stay, after: Stay) -> tuple[IntArray, IntArray]:
        """Return where the second window begins, and its swaps, by the end of the first."""
        begin = np.maximum(after.first, self._edge_after_gap)
        swap = self._one_each.copy()
        handover = self._after_departure(before, after)
        begin[before.last] = handover.first
        swap[before.last] = int(handover.drive_in is not None)
        return begin, swap

    def _after_departure(self, before: Stay, after: Stay) -> _Handover:
        left_at = before.dwell.departure
        if left_at <= after.dwell.arrival:
            powered_from = self.clock.powered_from(left_at)
            return _Handover(max(after.first, powered_from), None)
        drive_at = self.clock.next_staffed(left_at)
        if drive_at is None:
            return _Handover(self.clock.grid.count + 1, None)
        return _Handover(max(after.first, self.clock.powered_from(drive_at)), drive_at)

    def _staffed_only(self, amount: FloatArray, stay: Stay) -> FloatArray:
        """Return the amounts with those ruled out in which nobody is there to drive out."""
        kept = self._staffed | (self._edge == stay.last)
        return np.where(kept, amount, np.inf)

    def _slots(self, stays: Sequence[Stay], ends: Sequence[int]) -> tuple[Slot, ...]:
        slots = [Slot(stays[0].index, stays[0].first, ends[0], None, None)]
        for before, after, end in zip(stays, stays[1:], ends[1:], strict=False):
            previous = slots[-1]
            begin = int(self._begins(before, after)[0][previous.last])
            drive_in = self._after_departure(before, after).drive_in
            drive_out: datetime | None = None
            if previous.last < before.last:
                drive_out = self.clock.edges[previous.last]
                drive_in = drive_out if after.dwell.arrival < drive_out else None
            slots[-1] = Slot(
                previous.stay, previous.first, previous.last, previous.drive_in, drive_out
            )
            slots.append(Slot(after.index, begin, end, drive_in, None))
        return tuple(slots)


@lru_cache(maxsize=64)
def _all_orders(count: int) -> tuple[tuple[int, ...], ...]:
    return tuple(permutations(range(count)))


def _orders(stays: Sequence[Stay]) -> list[tuple[Stay, ...]]:
    if len(stays) <= _ALL_ORDERS_UP_TO:
        return [tuple(stays[i] for i in order) for order in _all_orders(len(stays))]
    by_departure = sorted(stays, key=lambda stay: (stay.last, stay.first, stay.index))
    by_arrival = sorted(stays, key=lambda stay: (stay.first, stay.last, stay.index))
    by_middle = sorted(stays, key=lambda stay: (stay.first + stay.last, stay.index))
    return [tuple(by_departure), tuple(by_arrival), tuple(by_middle)]
