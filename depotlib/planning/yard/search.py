"""Who shares with whom: first fit by departure, exchanges while they help, kicks when none does."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from depotlib.model.depot import Depot
from depotlib.planning.yard.chain_cost import Chain, ChainCosts
from depotlib.planning.yard.sharing import Sharing, SharingRules
from depotlib.planning.yard.spread import spread_over_circuits
from depotlib.planning.yard.stays import Place, Stay

BAY: Final = -1
"""The waiting bay: where stays without connector are."""
_NOTICEABLE_SHARE: Final = 2e-6
"""Guide prices are not exact: what saves less of the whole yard's cost saves nothing."""
_GOOD_SHARE: Final = 2e-5
"""A yard this close to its floor is good enough: the prices are no closer to the bill."""
_EJECTED_PLACES: Final = 4
_KICK_EXCHANGES: Final = 60
"""Exchanges priced after a kick, for each stay that it moved."""


def never() -> bool:
    """Return that nobody is in a hurry."""
    return False


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a search is waited for.

    Parameters
    ----------
    is_enough : callable
        Whether the yard will do as it is: then nothing more is tried.
    is_dropped : callable
        Whether nobody wants this yard any more: then whoever has no place yet waits.
    """

    is_enough: Callable[[], bool] = never
    is_dropped: Callable[[], bool] = never


PATIENT: Final = Patience()


class Yard:
    """Stays on places, with the cost of every place known, changed one exchange at a time.

    Parameters
    ----------
    stays : sequence of Stay
        Of one night; members of places name them by position.
    places : sequence of Place
    rules : SharingRules
    least : int
        Swaps that no yard of the night can do without.
    patience : Patience
    """

    def __init__(
        self,
        stays: Sequence[Stay],
        places: Sequence[Place],
        *,
        rules: SharingRules,
        least: int = 0,
        patience: Patience = PATIENT,
    ) -> None:
        self.rules = rules
        self._patience = patience
        self.exchanges_priced = 0
        self._least = least
        self._stays = list(stays)
        self._position = {stay.index: position for position, stay in enumerate(stays)}
        kinds: dict[tuple[float, ...], ChainCosts] = {}
        self._costs_at: list[ChainCosts] = []
        for place in range(len(places)):
            kind = tuple(stay.max_kw[place] for stay in stays)
            if kind not in kinds:
                kinds[kind] = ChainCosts(stays, place, clock=rules.clock, costs=rules.costs)
            self._costs_at.append(kinds[kind])
        self._waiting_amount = [rules.costs.without_window(stay) for stay in stays]
        self._alone_amount = [
            min((self._costs_at[place].alone(p) for place in stay.eligible), default=0.0)
            for p, stay in enumerate(stays)
        ]
        alone_amount = sum(self._alone_amount)
        self._floor_amount = alone_amount + least * rules.costs.weights.swap_amount
        self._noticeable_amount = _NOTICEABLE_SHARE * max(1.0, abs(alone_amount))
        self._good_amount = self._floor_amount + _GOOD_SHARE * abs(alone_amount)
        self.at: dict[int, Chain] = dict.fromkeys(range(len(places)), ())
        self.at[BAY] = ()

    def fill(self) -> None:
        """Put every stay on its cheapest place: the pickiest first, then by departure."""
        order = sorted(
            range(len(self._stays)),
            key=lambda p: (
                len(self._stays[p].eligible),
                self._stays[p].last,
                self._stays[p].first,
                self._stays[p].index,
            ),
        )
        self._put(order)

    def improve(self, budget: int) -> None:
        """Move and exchange stays while that is cheaper, pricing at most `budget` exchanges."""
        improved = True
        wall = self.exchanges_priced + budget
        while improved and self.exchanges_priced < wall and self.amount() > self._good_amount:
            improved = False
            for place in self._doubtful_places():
                if self.exchanges_priced >= wall or self._patience.is_enough():
                    return
                improved = self._improve_place(place) or improved

    def kick(self, rounds: int, *, seed: int) -> None:
        """Empty a few places and fill them anew, again and again; what is better is kept.

        Parameters
        ----------
        rounds : int
        seed : int
            Of the choice of places and of the order in which they are filled.
        """
        random = np.random.default_rng(seed)
        for _ in range(rounds):
            before, before_amount = dict(self.at), self.amount()
            losing = self._doubtful_places()
            if not losing or before_amount <= self._good_amount or self._patience.is_enough():
                return
            busy = [place for place, members in self.at.items() if members and place != BAY]
            others = random.choice(busy, size=min(_EJECTED_PLACES, len(busy)), replace=False)
            emptied = {losing[int(random.integers(len(losing)))], *others.tolist()}
            loose = [position for place in sorted(emptied) for position in self.at[place]]
            self.at |= dict.fromkeys(emptied, ())
            self._put(random.permutation(loose).tolist())
            self.improve(_KICK_EXCHANGES * len(loose))
            if self.amount() >= before_amount - self._noticeable_amount:
                self.at = before

    def spread(self, places: Sequence[Place], depot: Depot) -> None:
        """Move groups between places that are alike, so that no circuit is busier than need be."""
        bay = self.at[BAY]
        self.at = spread_over_circuits(
            self.at, places, stays=dict(enumerate(self._stays)), depot=depot
        )
        self.at[BAY] = bay

    def sharing(self, place: int) -> Sharing:
        """Return the sharing of a place by the stays that are on it."""
        members = self.members(place)
        if not members:
            return self.rules.best(members, place)
        order = self._costs_at[place].best_order(self.at[place])
        return self.rules.in_order([self._stays[p] for p in order], place)

    def sharings(self) -> dict[int, Sharing]:
        """Return the sharing of every place that somebody is on."""
        return {place: self.sharing(place) for place in self.at if place != BAY and self.at[place]}

    def stay(self, index: int) -> Stay:
        """Return a stay of the night by its index among all dwells."""
        return self._stays[self._position[index]]

    def members(self, place: int) -> list[Stay]:
        """Return the stays on a place, or in the bay."""
        return [self._stays[position] for position in self.at[place]]

    def likeness(self, place: int) -> tuple[object, ...]:
        """Return what a place and its stays are like: equal ones cost the same."""
        dwells = (stay.dwell for stay in self.members(place))
        return (
            id(self._costs_at[place]),
            *((d.arrival, d.departure, d.energy_target_kwh, d.priority) for d in dwells),
        )

    def places_by_loss(self) -> list[int]:
        """Return the places where sharing or waiting costs something, the dearest first."""
        losses = {place: self.loss(place) for place, members in self.at.items() if members}
        return sorted(
            (place for place, loss in losses.items() if loss > 0),
            key=lambda place: (-losses[place], place),
        )

    def loss(self, place: int) -> float:
        """Return what the stays on a place cost more than if each had a place to itself."""
        members = self.at[place]
        return self._amount(place, members) - sum(self._alone_amount[p] for p in members)

    def amount(self) -> float:
        """Return what the whole yard costs, in the weights of the search."""
        return sum(self._amount(place, members) for place, members in self.at.items())

    def exchanges(self, place: int) -> Iterator[dict[int, Chain]]:
        """Yield the ways to move a stay off a place or to exchange it: new members by place."""
        for mover in self.at[place]:
            left = tuple(p for p in self.at[place] if p != mover)
            for other in (*self._distinct(mover), BAY):
                if other == place:
                    continue
                there = self.at[other]
                yield {place: left, other: _with(there, mover)}
                for partner in there:
                    if place != BAY and self._stays[partner].max_kw[place] <= 0:
                        continue
                    rest = tuple(p for p in there if p != partner)
                    yield {place: _with(left, partner), other: _with(rest, mover)}

    def _distinct(self, position: int) -> Iterator[int]:
        """Yield the places that can charge a stay; of empty ones that are alike, the first."""
        seen: set[int] = set()
        for place in self._stays[position].eligible:
            if not self.at[place]:
                kind = id(self._costs_at[place])
                if kind in seen:
                    continue
                seen.add(kind)
            yield place

    def _doubtful_places(self) -> list[int]:
        """Return the places that an exchange might make cheaper, the dearest first.

        Where no fewer swaps are possible, a place that costs nothing but its swaps is none.
        """
        losing = self.places_by_loss()
        one_swap_amount = self.rules.costs.weights.swap_amount
        sharing = {place: len(self.at[place]) - 1 for place in losing if place != BAY}
        if sum(sharing.values()) > self._least or self.at[BAY]:
            return losing
        return [
            place
            for place, swaps in sharing.items()
            if self.loss(place) - swaps * one_swap_amount > self._noticeable_amount
        ]

    def _put(self, order: Sequence[int]) -> None:
        for position in order:
            is_dropped = self._patience.is_dropped()
            place = BAY if is_dropped else self._cheapest_place(position)
            self.at[place] = _with(self.at[place], position)

    def _improve_place(self, place: int) -> bool:
        most = self._noticeable_amount
        best: dict[int, Chain] | None = None
        for change in self.exchanges(place):
            self.exchanges_priced += 1
            now = sum(self._amount(changed, self.at[changed]) for changed in change)
            least = sum(self._least_amount(changed, members) for changed, members in change.items())
            if now - least > most:
                gain = now - sum(self._amount(p, members) for p, members in change.items())
                if gain > most:
                    best, most = change, gain
        self.at.update(best or {})
        return best is not None

    def _cheapest_place(self, position: int) -> int:
        """Return where one more stay costs least; places that cannot be it are not priced."""
        best, least_more = BAY, self._amount(BAY, (position,))
        at_least = {place: self._least_more(place, position) for place in self._distinct(position)}
        for place in sorted(at_least, key=at_least.__getitem__):
            if at_least[place] >= least_more:
                break
            members = self.at[place]
            more = self._amount(place, _with(members, position)) - self._amount(place, members)
            if more < least_more:
                best, least_more = place, more
        return best

    def _least_more(self, place: int, position: int) -> float:
        members = self.at[place]
        return self._least_amount(place, _with(members, position)) - self._amount(place, members)

    def _amount(self, place: int, members: Chain) -> float:
        if place == BAY:
            return sum(self._waiting_amount[position] for position in members)
        return self._costs_at[place].amount(members)

    def _least_amount(self, place: int, members: Chain) -> float:
        """Return an amount that a sharing is not below, at little cost."""
        if place == BAY:
            return self._amount(BAY, members)
        return self._costs_at[place].least(members)


def _with(members: Chain, position: int) -> Chain:
    """Return members with one more; members of a place rise."""
    return tuple(sorted((*members, position)))
