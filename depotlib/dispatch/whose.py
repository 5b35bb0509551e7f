"""Whose sessions they are that no token tells: the best of all ways to match them to vehicles.

A van that is found is found nowhere else, so all are matched at once. How sure a match is follows
from how much worse the best way without it would be.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.dispatch.evidence import Evidence, Ground, Track, evidence_for
from depotlib.dispatch.sightings import Visit
from depotlib.model.fleet import Fleet
from depotlib.model.identity import CERTAIN, InferredSource

IN_ITS_BAY_SHARE: Final = 0.85
"""A planned bay is right so often; the plan alone never decides against what is seen."""
STRANGER_SHARE: Final = 0.01
"""Somebody of nobody's fleet."""
SURE_SHARE: Final = 0.95
"""From here on a match is told to the gateway."""
SPEAKS: Final = 1.0
"""Evidence that says less has not spoken: the plan alone is no evidence."""
NEVER: Final = 1e6


@dataclass(frozen=True, slots=True)
class Match:
    """A session and the vehicle that it is taken for.

    Parameters
    ----------
    visit : Visit
    vehicle_id : str
    source : InferredSource
        The class of evidence that says most for it.
    confidence_share : float
        0-1.
    """

    visit: Visit
    vehicle_id: str
    source: InferredSource
    confidence_share: float


def matches(
    visits: Sequence[Visit],
    tracks: Mapping[str, Track],
    *,
    fleet: Fleet,
    ground: Ground,
    planned: Mapping[str, str],
) -> tuple[Match, ...]:
    """Return the matches that are sure, of sessions that no token or person has settled.

    Parameters
    ----------
    visits : sequence of Visit
        All that run.
    tracks : mapping of str to Track
        By vehicle; who is missing was never told of.
    fleet : Fleet
    ground : Ground
    planned : mapping of str to str
        Vehicles by the session of the connector that they are planned on.
    """
    settled = {visit.vehicle_id for visit in visits if visit.source in CERTAIN}
    open_visits = [visit for visit in visits if visit.source not in CERTAIN]
    names = [
        one.vehicle_id
        for one in fleet.vehicles
        if one.vehicle_id not in settled and one.vehicle_id in tracks
    ]
    if not open_visits or not names:
        return ()
    found = {
        (row, column): evidence_for(
            visit, tracks[name], vehicle_class=fleet.class_of(name), ground=ground
        )
        for row, visit in enumerate(open_visits)
        for column, name in enumerate(names)
    }
    cost = _costs(open_visits, names, found=found, planned=planned)
    best = assigned(cost)
    total = _total(cost, best)
    told: list[Match] = []
    for row, column in enumerate(best):
        if column >= len(names) or found[row, column].total < SPEAKS:
            continue
        without = cost.copy()
        without[row, column] = NEVER
        gap = _total(without, assigned(without)) - total
        confidence_share = 1.0 / (1.0 + math.exp(-gap))
        if confidence_share >= SURE_SHARE:
            told.append(
                Match(
                    visit=open_visits[row],
                    vehicle_id=names[column],
                    source=found[row, column].strongest,
                    confidence_share=confidence_share,
                )
            )
    return tuple(told)


def assigned(cost: NDArray[np.float64]) -> list[int]:
    """Return the column of each row in the cheapest assignment of rows to columns.

    Shortest augmenting paths with potentials, O(rows^2 columns).

    Parameters
    ----------
    cost : ndarray
        (rows, columns), at least as many columns as rows.

    References
    ----------
    .. [1] R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse
       linear assignment problems", Computing 38 (1987).
    """
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    row_of = np.full(columns, -1)
    for new in range(rows):
        reach = np.full(columns, np.inf)
        came_from = np.full(columns, -1)
        is_done = np.zeros(columns, dtype=bool)
        row, end, walked = new, -1, 0.0
        while end < 0:
            step = walked + cost[row] - row_price[row] - column_price
            is_nearer = ~is_done & (step < reach)
            reach[is_nearer], came_from[is_nearer] = step[is_nearer], row
            column = int(np.where(is_done, np.inf, reach).argmin())
            walked, is_done[column] = float(reach[column]), True
            row, end = int(row_of[column]), column if row_of[column] < 0 else -1
        row_price[new] += walked
        for column in np.flatnonzero(is_done):
            if column != end:
                row_price[row_of[column]] += walked - reach[column]
            column_price[column] -= walked - reach[column]
        _augment(row_of, came_from, end=end, new=new)
    found = [-1] * rows
    for column, row in enumerate(row_of):
        if row >= 0:
            found[row] = column
    return found


def _augment(
    row_of: NDArray[np.int64], came_from: NDArray[np.int64], *, end: int, new: int
) -> None:
    """Turn the path that ends at a free column round, back to the row that it began with."""
    previous: dict[int, int] = {int(row): column for column, row in enumerate(row_of) if row >= 0}
    column = end
    while True:
        row = int(came_from[column])
        row_of[column] = row
        if row == new:
            return
        column = previous[row]


def _costs(
    visits: Sequence[Visit],
    names: Sequence[str],
    *,
    found: Mapping[tuple[int, int], Evidence],
    planned: Mapping[str, str],
) -> NDArray[np.float64]:
    """Return what each match costs, (visits, vehicles and one stranger a visit)."""
    elsewhere = math.log((1.0 - IN_ITS_BAY_SHARE) / max(1, len(names)))
    cost = np.full((len(visits), len(names) + len(visits)), -math.log(STRANGER_SHARE))
    for row, visit in enumerate(visits):
        home = planned.get(visit.session_id)
        for column, name in enumerate(names):
            prior = math.log(IN_ITS_BAY_SHARE) if name == home else elsewhere
            cost[row, column] = -(prior + found[row, column].total)
    return cost


def _total(cost: NDArray[np.float64], columns: Sequence[int]) -> float:
    return float(sum(cost[row, column] for row, column in enumerate(columns)))
