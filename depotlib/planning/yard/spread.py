"""Which of several like places: those whose circuits have the most room."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from depotlib.model.depot import Depot
from depotlib.planning.yard.stays import Place, Stay

Members = tuple[int, ...]


def spread_over_circuits(
    members_at: Mapping[int, Members],
    places: Sequence[Place],
    *,
    stays: Mapping[int, Stay],
    depot: Depot,
) -> dict[int, Members]:
    """Return the same groups of stays on places, none of their circuits busier than need be.

    Groups change places only where every stay draws the same power at both. The group with the
    most energy chooses first, and takes the place whose busiest circuit is then the least busy.

    Parameters
    ----------
    members_at : mapping of int to tuple of int
        Indices of the stays by place.
    places : sequence of Place
    stays : mapping of int to Stay
        Of the night, by index.
    depot : Depot
    """
    spread: dict[int, Members] = {}
    busy_kwh: dict[str, float] = defaultdict(float)
    limits_kw = _limits_kw(places, depot)
    for alike in _like_places(list(stays.values()), places):
        groups = sorted(
            (members_at[place] for place in alike),
            key=lambda members: (-_energy_kwh(members, stays), members),
        )
        free = list(alike)
        for members in groups:
            energy_kwh = _energy_kwh(members, stays)
            busiest_h = {p: _busiest_h(limits_kw[p], busy_kwh, more_kwh=energy_kwh) for p in free}
            place = min(free, key=busiest_h.__getitem__)
            free.remove(place)
            spread[place] = members
            for circuit_id in limits_kw[place]:
                busy_kwh[circuit_id] += energy_kwh
    return spread


def _busiest_h(
    limits_kw: Mapping[str, float], busy_kwh: Mapping[str, float], *, more_kwh: float
) -> float:
    """Return how long a circuit of a path would be at its limit, at most [h].

    ``max over circuits of (busy + energy) / limit``
    """
    return max(
        (
            (busy_kwh[circuit_id] + more_kwh) / limit_kw if limit_kw > 0 else math.inf
            for circuit_id, limit_kw in limits_kw.items()
        ),
        default=0.0,
    )


def _limits_kw(places: Sequence[Place], depot: Depot) -> list[dict[str, float]]:
    """Return the limits above each place, by circuit."""
    return [
        {c.circuit_id: c.limit_kw for c in depot.path_to_site(place.station.circuit_id)}
        for place in places
    ]


def _like_places(stays: Sequence[Stay], places: Sequence[Place]) -> list[list[int]]:
    alike: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for place in range(len(places)):
        alike[tuple(stay.max_kw[place] for stay in stays)].append(place)
    return list(alike.values())


def _energy_kwh(members: Members, stays: Mapping[int, Stay]) -> float:
    return sum(stays[index].dwell.energy_target_kwh for index in members)
