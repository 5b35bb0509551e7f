"""What stays cost that share a place, for every one that could come next at once.

A *chain* is an order of stays on one place. The dynamic programme over the edge at which each
window ends is kept for every chain that was ever asked for, and with it the cost of each longer
chain by one stay: so pairs cost one row of a matrix for each stay, and triples one row a pair.
"""

from collections.abc import Sequence
from itertools import combinations, permutations
from typing import Final

import numpy as np

from depotlib.planning.problem import FloatArray, IntArray
from depotlib.planning.yard.stays import Stay, YardClock
from depotlib.planning.yard.window_cost import WindowCosts

Chain = tuple[int, ...]
"""Positions of stays, in the order in which they have a place."""

_ALL_ORDERS_UP_TO: Final = 3


class ChainCosts:
    """Costs of sharings on places of one kind.

    Parameters
    ----------
    stays : sequence of Stay
        Of one night; chains name them by position.
    place : int
        Any place of the kind.
    clock : YardClock
    costs : WindowCosts
    """

    def __init__(
        self, stays: Sequence[Stay], place: int, *, clock: YardClock, costs: WindowCosts
    ) -> None:
        self._clock = clock
        self._costs = costs
        self._stays = stays
        self._max_kw = [stay.max_kw[place] for stay in stays]
        count = clock.grid.count
        self._edge = np.arange(count + 1, dtype=np.int64)
        self._begin = np.minimum(self._edge + clock.gap, count + 1)
        self._staffed = np.array(clock.staffed, dtype=np.bool_)
        self._first = np.array([stay.first for stay in stays], dtype=np.int64)
        self._arrival_s = np.array([stay.dwell.arrival.timestamp() for stay in stays])
        self._departure_s = np.array([stay.dwell.departure.timestamp() for stay in stays])
        there = self._arrival_s <= self._arrival_s[:, None]
        there &= self._departure_s > self._arrival_s[:, None]
        self._there: list[list[bool]] = there.tolist()
        """Whether one stay (column) is there when another (row) arrives."""
        self._to_the_end = np.full((len(stays), count + 2), np.inf)
        for position, stay in enumerate(stays):
            if self._max_kw[position] > 0:
                last_column = self._table(position)[:-1, -1]
                self._to_the_end[position, : stay.first] = last_column[0]
                self._to_the_end[position, stay.first : stay.last] = last_column
        self._alone: list[float] = self._to_the_end[:, 0].tolist()
        self._ending: dict[Chain, FloatArray] = {}
        self._following: dict[Chain, list[float]] = {}
        self._amounts: dict[Chain, float] = {}
        self._bounds: dict[Chain, float] = {}
        self._pairs: dict[int, list[float]] = {}

    def alone(self, position: int) -> float:
        """Return what a stay costs that has a place to itself."""
        return self._alone[position]

    def pair(self, one: int, other: int) -> float:
        """Return what two stays cost on one place."""
        return min(self._after((one,))[other], self._after((other,))[one])

    def amount(self, members: Chain) -> float:
        """Return what stays cost on one place in their best order; `members` rise."""
        if len(members) == 0:
            return 0.0
        if len(members) == 1:
            return self.alone(members[0])
        if members not in self._amounts:
            orders = self._orders(members)
            self._amounts[members] = min(self._after(o[:-1])[o[-1]] for o in orders)
        return self._amounts[members]

    def least(self, members: Chain) -> float:
        """Return an amount that no sharing by some stays is below, at little cost.

        Each has its best window; those present at one instant take over from each other; and two
        that are there together cost at least what they cost without the others.

        ``Σ_i alone[i] + max(0, overlap - 1) * swap + max(0, pair[i, j] - alone[i] - alone[j] - swap)``
        """
        if len(members) <= _ALL_ORDERS_UP_TO - 1 or members in self._amounts:
            return self.amount(members)
        if members not in self._bounds:
            one_swap_amount = self._costs.weights.swap_amount
            together = self._overlap(members)
            excess_amount = max(
                (
                    self.pair(one, other) - self.alone(one) - self.alone(other) - one_swap_amount
                    for one, other in combinations(members, 2)
                    if self._there[one][other] or self._there[other][one]
                ),
                default=0.0,
            )
            self._bounds[members] = (
                sum(self.alone(position) for position in members)
                + max(0, together - 1) * one_swap_amount
                + max(0.0, excess_amount)
            )
        return self._bounds[members]

    def best_order(self, members: Chain) -> Chain:
        """Return the order of stays that costs least."""
        orders = self._orders(members) if len(members) > 1 else [members]
        return min(
            orders, key=lambda order: self._after(order[:-1])[order[-1]] if order[:-1] else 0
        )

    def _orders(self, members: Chain) -> list[Chain]:
        if len(members) <= _ALL_ORDERS_UP_TO:
            return list(permutations(members))
        stays = self._stays
        return [
            tuple(sorted(members, key=lambda p: (stays[p].last, stays[p].first, stays[p].index))),
            tuple(sorted(members, key=lambda p: (stays[p].first, stays[p].last, stays[p].index))),
            tuple(sorted(members, key=lambda p: (stays[p].first + stays[p].last, stays[p].index))),
        ]

    def _table(self, position: int) -> FloatArray:
        return self._costs.table(self._stays[position], self._max_kw[position])

    def _after(self, chain: Chain) -> list[float]:
        """Return the cost of a chain and one stay more, for every stay, (stays,)."""
        if chain not in self._following:
            amount, begin = self._handovers(chain)
            handed = np.isfinite(amount)
            by_edge = amount[handed] + self._to_the_end[:, begin[handed]]
            left_amount, left_begin = self._departures(chain)
            row = left_amount + self._to_the_end[np.arange(len(self._stays)), left_begin]
            if by_edge.shape[1]:
                row = np.minimum(row, by_edge.min(axis=1))
            self._following[chain] = row.tolist()
        return self._following[chain]

    def _handovers(self, chain: Chain) -> tuple[FloatArray, IntArray]:
        """Return cost and next beginning where the last of a chain is driven away, (edges,)."""
        amount = self._ends(chain) + self._costs.weights.swap_amount
        return np.where(self._edge == self._stays[chain[-1]].last, np.inf, amount), self._begin

    def _departures(self, chain: Chain) -> tuple[FloatArray, IntArray]:
        """Return cost and next beginning where the last of a chain departs, (stays,)."""
        before = chain[-1]
        stay = self._stays[before]
        never = self._clock.grid.count + 1
        left_at = stay.dwell.departure
        is_free = self._departure_s[before] <= self._arrival_s
        drive_at = self._clock.next_staffed(left_at)
        powered = min(never, max(0, self._clock.powered_from(left_at)))
        waited = never if drive_at is None else min(never, self._clock.powered_from(drive_at))
        swap_amount = np.where(is_free, 0.0, self._costs.weights.swap_amount)
        amount = float(self._ends(chain)[stay.last]) + swap_amount
        return amount, np.where(is_free, powered, max(0, waited))

    def _ends(self, chain: Chain) -> FloatArray:
        """Return the cost of a chain by the edge at which its last window ends, (edges,)."""
        if chain not in self._ending:
            stay = self._stays[chain[-1]]
            amount = np.full(len(self._edge), np.inf)
            if len(chain) == 1:
                amount[stay.first : stay.last + 1] = self._table(chain[0])[0]
            else:
                self._extend(amount, chain)
            is_open = self._staffed | (self._edge == stay.last)
            self._ending[chain] = np.where(is_open, amount, np.inf)
        return self._ending[chain]

    def _extend(self, amount: FloatArray, chain: Chain) -> None:
        position = chain[-1]
        stay = self._stays[position]
        handed, begin = self._handovers(chain[:-1])
        left, left_begin = self._departures(chain[:-1])
        until = np.append(handed, left[position])
        begins = np.maximum(np.append(begin, left_begin[position]), stay.first)
        reached = np.flatnonzero(np.isfinite(until) & (begins < stay.last))
        if len(reached):
            rows = self._table(position)[begins[reached] - stay.first]
            amount[stay.first : stay.last + 1] = (until[reached, None] + rows).min(axis=0)

    def _overlap(self, members: Chain) -> int:
        """Return how many of some stays are there at the busiest instant."""
        return max(
            sum(there[p] for p in members) for there in map(self._there.__getitem__, members)
        )
