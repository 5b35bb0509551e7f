"""Who shares with whom: first fit by departure, then exchanges while they help."""

from collections.abc import Iterator, Sequence
from typing import Final

from depotlib.model.depot import Depot
from depotlib.planning.yard.sharing import Sharing, SharingRules
from depotlib.planning.yard.spread import spread_over_circuits
from depotlib.planning.yard.stays import Place, Stay

BAY: Final = -1
"""The waiting bay: where stays without connector are."""
_NOTICEABLE_SHARE: Final = 1e-9


class Yard:
    """Stays on places, with the cost of every place known, changed one exchange at a time.

    Parameters
    ----------
    stays : sequence of Stay
        Of one night.
    places : sequence of Place
    rules : SharingRules
    """

    def __init__(
        self, stays: Sequence[Stay], places: Sequence[Place], *, rules: SharingRules
    ) -> None:
        self.rules = rules
        self.evaluations = 0
        self._stays = {stay.index: stay for stay in stays}
        self._class_of = _classes(stays)
        self._like = _like_places(stays, places)
        self._bounds: dict[tuple[int, ...], float] = {}
        self._amounts: dict[tuple[int, ...], float] = {}
        self.at: dict[int, tuple[int, ...]] = dict.fromkeys(range(len(places)), ())
        self.at[BAY] = ()

    def fill(self) -> None:
        """Put every stay on its cheapest place: the pickiest first, then by departure."""
        order = sorted(
            self._stays.values(),
            key=lambda stay: (len(stay.eligible), stay.last, stay.first, stay.index),
        )
        for stay in order:
            self.at[self._cheapest_place(stay)] += (stay.index,)

    def improve(self, budget: int) -> None:
        """Move and exchange stays while that is cheaper, for at most `budget` sharings priced."""
        wall = self.evaluations + budget
        improved = True
        while improved and self.evaluations < wall:
            improved = False
            for place in self.places_by_loss():
                if self.evaluations >= wall:
                    break
                improved = self._improve_place(place) or improved

    def spread(self, places: Sequence[Place], depot: Depot) -> None:
        """Move groups between places that are alike, so that no circuit is busier than need be."""
        bay = self.at[BAY]
        self.at = spread_over_circuits(self.at, places, stays=self._stays, depot=depot)
        self.at[BAY] = bay

    def sharing(self, place: int) -> Sharing:
        """Return the sharing of a place by the stays that are on it."""
        return self.rules.best([self._stays[index] for index in self.at[place]], place)

    def sharings(self) -> dict[int, Sharing]:
        """Return the sharing of every place that somebody is on."""
        return {place: self.sharing(place) for place in self.at if place != BAY and self.at[place]}

    def stay(self, index: int) -> Stay:
        """Return a stay of the night by its index."""
        return self._stays[index]

    def kind(self, place: int) -> tuple[int, ...]:
        """Return what a place and its stays are like: equal kinds cost the same."""
        return self._alike(place, self.at[place])[0]

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
        alone = sum(
            min((self._amount(p, (index,)) for p in self._stays[index].eligible), default=0.0)
            for index in members
        )
        return self._amount(place, members) - alone

    def amount(self) -> float:
        """Return what the whole yard costs, in the weights of the search."""
        return sum(self._amount(place, members) for place, members in self.at.items())

    def exchanges(self, place: int) -> Iterator[dict[int, tuple[int, ...]]]:
        """Yield the ways to move a stay off a place or to exchange it: new members by place."""
        for mover in self.at[place]:
            left = tuple(index for index in self.at[place] if index != mover)
            for other in (*self._stays[mover].eligible, BAY):
                if other == place:
                    continue
                yield {place: left, other: (*self.at[other], mover)}
                for partner in self.at[other]:
                    if place != BAY and self._stays[partner].max_kw[place] <= 0:
                        continue
                    rest = tuple(index for index in self.at[other] if index != partner)
                    yield {place: (*left, partner), other: (*rest, mover)}

    def gain(self, change: dict[int, tuple[int, ...]]) -> float:
        """Return what a change saves, in the weights of the search."""
        return sum(
            self._amount(place, self.at[place]) - self._amount(place, members)
            for place, members in change.items()
        )

    def _most_gain(self, change: dict[int, tuple[int, ...]]) -> float:
        """Return a gain that a change does not exceed, at little cost."""
        before = sum(self._amount(place, self.at[place]) for place in change)
        return before - sum(self._least(place, members) for place, members in change.items())

    def _improve_place(self, place: int) -> bool:
        enough = _NOTICEABLE_SHARE * max(1.0, abs(self._amount(place, self.at[place])))
        best: dict[int, tuple[int, ...]] | None = None
        most = enough
        for change in self.exchanges(place):
            if self._most_gain(change) > most and (gain := self.gain(change)) > most:
                best, most = change, gain
        self.at.update(best or {})
        return best is not None

    def _cheapest_place(self, stay: Stay) -> int:
        """Return where one more stay costs least; places that cannot be it are not priced."""
        best, least_more = BAY, self._amount(BAY, (stay.index,))
        at_least = {place: self._least_more(place, stay) for place in stay.eligible}
        for place in sorted(at_least, key=at_least.__getitem__):
            if at_least[place] >= least_more:
                break
            members = self.at[place]
            more = self._amount(place, (*members, stay.index)) - self._amount(place, members)
            if more < least_more:
                best, least_more = place, more
        return best

    def _least_more(self, place: int, stay: Stay) -> float:
        members = self.at[place]
        return self._least(place, (*members, stay.index)) - self._amount(place, members)

    def _amount(self, place: int, members: tuple[int, ...]) -> float:
        if place == BAY:
            return sum(self.rules.costs.without_window(self._stays[index]) for index in members)
        return self._price(place, members)

    def _price(self, place: int, members: tuple[int, ...]) -> float:
        """Return the cost of a sharing; stays and places that are alike are priced once."""
        key, stays = self._alike(place, members)
        if key not in self._amounts:
            self.evaluations += 1
            self._amounts[key] = self.rules.amount(stays, place)
        return self._amounts[key]

    def _least(self, place: int, members: tuple[int, ...]) -> float:
        """Return an amount that a sharing is not below, at little cost."""
        if place == BAY:
            return self._amount(BAY, members)
        key, stays = self._alike(place, members)
        if key not in self._bounds:
            self._bounds[key] = self.rules.least_amount(stays, place)
        return self._amounts.get(key, self._bounds[key])

    def _alike(self, place: int, members: tuple[int, ...]) -> tuple[tuple[int, ...], list[Stay]]:
        ordered = sorted(members, key=lambda index: (self._class_of[index], index))
        key = (self._like[place], *(self._class_of[index] for index in ordered))
        return key, [self._stays[index] for index in ordered]


def _classes(stays: Sequence[Stay]) -> dict[int, int]:
    """Return a class number for each stay's index: stays of one class are interchangeable."""
    numbers: dict[tuple[object, ...], int] = {}
    class_of: dict[int, int] = {}
    for stay in stays:
        dwell = stay.dwell
        key = (
            dwell.arrival, dwell.departure, dwell.energy_must_kwh, dwell.energy_target_kwh,
            dwell.priority, stay.max_kw,
        )  # fmt: skip
        class_of[stay.index] = numbers.setdefault(key, len(numbers))
    return class_of


def _like_places(stays: Sequence[Stay], places: Sequence[Place]) -> tuple[int, ...]:
    """Return a class number for each place: places of one class charge every stay alike."""
    numbers: dict[tuple[float, ...], int] = {}
    return tuple(
        numbers.setdefault(tuple(stay.max_kw[place] for stay in stays), len(numbers))
        for place in range(len(places))
    )
