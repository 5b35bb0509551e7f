"""How many swaps a night needs at least, by counting: a proof that can be checked by eye."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.planning.yard.stays import Place, Stay, places_of

_Places = frozenset[int]


@dataclass(frozen=True, slots=True)
class Crowd:
    """More vehicles at one instant than there are connectors that they may use.

    Parameters
    ----------
    at : datetime
        When the most of them are there.
    vehicle_ids : tuple of str
        Those that are there then, and may use no other connectors.
    connector_ids : tuple of str
        One for each EVSE that any of them may use.
    """

    at: datetime
    vehicle_ids: tuple[str, ...]
    connector_ids: tuple[str, ...]

    @property
    def swaps(self) -> int:
        """Return the swaps that it takes at least: a place that k vehicles use sees k - 1."""
        return len(self.vehicle_ids) - len(self.connector_ids)

    @property
    def sentence(self) -> str:
        """Return the count in words."""
        return (
            f"{len(self.vehicle_ids)} vehicles that share {len(self.connector_ids)} connectors are "
            f"there at {self.at.isoformat()}: at least {self.swaps} take over from another"
        )


@dataclass(frozen=True, slots=True)
class SwapProof:
    """Why no plan with a window for every dwell has fewer swaps.

    Parameters
    ----------
    crowds : tuple of Crowd
        No two share a connector, so that their swaps add up.
    """

    crowds: tuple[Crowd, ...]

    @property
    def least(self) -> int:
        """Return the number of swaps that is proven."""
        return sum(crowd.swaps for crowd in self.crowds)


def least_swaps(dwells: Sequence[Dwell], depot: Depot) -> int:
    """Return a number of swaps that no plan with a window for every dwell can do without.

    Parameters
    ----------
    dwells : sequence of Dwell
        Those that need no energy, or fit no connector, do not count.
    depot : Depot
    """
    return swap_proof(dwells, depot).least


def swap_proof(dwells: Sequence[Dwell], depot: Depot) -> SwapProof:
    """Return the crowds of a night that take swaps, with the greatest sum that counting finds.

    Of the vehicles that may only use some places, those present at one instant all have their
    window on one of them; on a place that k of them use, k - 1 take over from another. So each
    set of places needs the greatest overlap less its places, or what its parts need together.

    Parameters
    ----------
    dwells : sequence of Dwell
        Those that need no energy, or fit no connector, do not count.
    depot : Depot
    """
    places = places_of(depot)
    asked: dict[_Places, list[Dwell]] = {}
    for dwell in dwells:
        usable = frozenset(i for i, place in enumerate(places) if place.max_kw(dwell) > 0)
        if usable and dwell.energy_target_kwh > 0:
            asked.setdefault(usable, []).append(dwell)
    names = [_name(place) for place in places]
    return SwapProof(_crowds(frozenset(range(len(places))), asked, names=names))


def least_swaps_of(stays: Sequence[Stay]) -> int:
    """Return a number of swaps that no yard with a window for every stay can do without."""
    asked: dict[_Places, list[Dwell]] = {}
    for stay in stays:
        asked.setdefault(frozenset(stay.eligible), []).append(stay.dwell)
    names = [""] * max((len(stay.max_kw) for stay in stays), default=0)
    return SwapProof(_crowds(frozenset(range(len(names))), asked, names=names)).least


def _crowds(
    places: _Places, asked: Mapping[_Places, list[Dwell]], *, names: Sequence[str]
) -> tuple[Crowd, ...]:
    """Return the crowds of those that may only use some places; sets are nested or apart."""
    inside = {usable: dwells for usable, dwells in asked.items() if usable <= places}
    if not inside:
        return ()
    own = _busiest([dwell for dwells in inside.values() for dwell in dwells], places, names=names)
    parts: list[_Places] = []
    smaller = [usable for usable in inside if usable < places]
    for usable in sorted(smaller, key=lambda usable: (-len(usable), sorted(usable))):
        if not any(usable & part for part in parts):
            parts.append(usable)
    apart = tuple(crowd for part in parts for crowd in _crowds(part, inside, names=names))
    if own.swaps > SwapProof(apart).least:
        return (own,)
    return apart


def _busiest(dwells: Sequence[Dwell], places: _Places, *, names: Sequence[str]) -> Crowd:
    """Return who of some dwells is there at the busiest instant."""
    changes = Counter(dwell.arrival for dwell in dwells)
    changes.subtract(dwell.departure for dwell in dwells)
    instants = sorted(changes)
    counts = list(accumulate(changes[instant] for instant in instants))
    at = instants[counts.index(max(counts))]
    return Crowd(
        at=at,
        vehicle_ids=tuple(d.vehicle_id for d in dwells if d.arrival <= at < d.departure),
        connector_ids=tuple(names[place] for place in sorted(places)),
    )


def _name(place: Place) -> str:
    return place.evse.connectors[0].connector_id
