"""Distances of a timetable: what the feed tells, in a unit judged over all of it, or great circles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import Final, Literal

import polars as pl

from depotlib.ingest.gtfs_feed import EARTH_RADIUS_KM
from depotlib.units import feet_to_km, metres_to_km, miles_to_km

Place = tuple[float | None, float | None]
DistanceUnit = Literal["km", "metres", "miles", "feet"]

_UNITS: Final[Mapping[DistanceUnit, Callable[[float], float]]] = {
    "km": float,
    "metres": metres_to_km,
    "miles": miles_to_km,
    "feet": feet_to_km,
}
_LEAST_DETOUR: Final = 0.97
_MOST_DETOUR: Final = 1.55
"""Streets are longer than great circles from stop to stop, and by less than half as much again;
miles and kilometres differ by 1.6."""


@dataclass(frozen=True, slots=True)
class BlockDistances:
    """Lengths of trips and where they begin and end.

    Parameters
    ----------
    trip_km : mapping of str to float
    ends_degrees : mapping of str to tuple
        Latitude and longitude of the first and the last stop.
    """

    trip_km: Mapping[str, float]
    ends_degrees: Mapping[str, tuple[float | None, float | None, float | None, float | None]]

    def of(self, trip_ids: Sequence[str]) -> float:
        """Return the length of trips in their order, and of the ways between them [km]."""
        between_km = sum(
            straight_km(self.ends_degrees[before][2:], self.ends_degrees[after][:2])
            for before, after in pairwise(trip_ids)
        )
        return sum(self.trip_km[trip_id] for trip_id in trip_ids) + between_km


def straight_km(here: Place, there: Place) -> float:
    """Return the great circle between two places [km]; 0 where one of them is not known."""
    if None in (*here, *there):
        return 0.0
    (phi, lam), (to_phi, to_lam) = (
        [radians(degrees or 0.0) for degrees in place] for place in (here, there)
    )
    half = sin((to_phi - phi) / 2) ** 2 + cos(phi) * cos(to_phi) * sin((to_lam - lam) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def trip_distances(ends: pl.DataFrame) -> tuple[BlockDistances, DistanceUnit | None]:
    """Return the lengths of all trips and the unit that the feed's distances fit.

    Parameters
    ----------
    ends : polars.DataFrame
        As `trip_ends` gives it. The unit is the one in which the feed's distances are between
        0.97 and 1.55 times the great circles; None where none is, and great circles are taken.
    """
    unit = _unit(ends)
    told = pl.col("told") * _UNITS[unit](1.0) if unit else pl.lit(None, dtype=pl.Float64)
    lengths = ends.select("trip_id", km=pl.coalesce(told, pl.col("straight_km")).fill_null(0.0))
    where = ("first_latitude", "first_longitude", "last_latitude", "last_longitude")
    distances = BlockDistances(
        trip_km=dict(lengths.iter_rows()),
        ends_degrees={row[0]: row[1:] for row in ends.select("trip_id", *where).iter_rows()},
    )
    return distances, unit


def _unit(ends: pl.DataFrame) -> DistanceUnit | None:
    both = ends.filter((pl.col("told") > 0) & (pl.col("straight_km") > 0))
    if both.height == 0:
        return None
    told, straight = both.select(pl.col("told").sum(), pl.col("straight_km").sum()).row(0)
    ratio = float(told) / float(straight)
    return next(
        (unit for unit, in_km in _UNITS.items() if _LEAST_DETOUR <= in_km(ratio) <= _MOST_DETOUR),
        None,
    )
