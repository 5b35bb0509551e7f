"""How many swaps a night needs at least, by counting."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.planning.yard.stays import places_of

_Places = frozenset[int]


def least_swaps(dwells: Sequence[Dwell], depot: Depot) -> int:
    """Return a number of swaps that no plan with a window for every dwell can do without.

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
    everything = frozenset(range(len(places)))
    return _least(everything, asked)


def _least(places: _Places, asked: dict[_Places, list[Dwell]]) -> int:
    """Return what the dwells that may only use some places need; the sets are nested or apart."""
    inside = {usable: dwells for usable, dwells in asked.items() if usable <= places}
    own = _overlap([dwell for dwells in inside.values() for dwell in dwells]) - len(places)
    smaller = [usable for usable in inside if usable < places]
    parts: list[_Places] = []
    for usable in sorted(smaller, key=len, reverse=True):
        if not any(usable & part for part in parts):
            parts.append(usable)
    return max(0, own, sum(_least(part, asked) for part in parts))


def _overlap(dwells: Sequence[Dwell]) -> int:
    """Return how many dwells overlap at the busiest instant."""
    changes = Counter(dwell.arrival for dwell in dwells)
    changes.subtract(dwell.departure for dwell in dwells)
    return max(accumulate(changes[instant] for instant in sorted(changes)), default=0)
