"""The yard: its corner, how far it reaches, and where each bay is on it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from depotlib.errors import ModelError
from depotlib.model.depot import CurrentType
from depotlib.model.position import Position
from depotlib.units import km_to_metres, metres_to_km

Place = tuple[float, float]
"""Metres east and north of the yard's corner."""
PLACE_DECIMALS: Final = 2
"""A bay is told to the centimetre; nobody paints it better."""
LEAST_APART_M: Final = 1.0
"""Nearer than this no two vans stand side by side: a figure was mistyped."""
AROUND_M: Final = 5.0
"""So far beyond its stated extent still counts as in the yard."""
FAR_M: Final = 1_000.0
"""Without a stated extent: no yard reaches so far from its corner."""


@dataclass(frozen=True, slots=True)
class Bay:
    """A connector and the middle of the bay whose vehicle it charges.

    Parameters
    ----------
    connector_id, station_id, pool : str
    current_type : {'AC', 'DC'}
    position : Position or None
        None: not known.
    """

    connector_id: str
    station_id: str
    pool: str
    current_type: CurrentType
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class BayNote:
    """What looks wrong about the places of bays, in a sentence; nothing is refused for it.

    Parameters
    ----------
    text : str
    connector_ids : tuple of str
        Those that it is about.
    """

    text: str
    connector_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Yard:
    """A yard seen from above, north up.

    Parameters
    ----------
    corner : Position or None
        South-west corner, from which metres count; None: not known.
    width_m, depth_m : float or None
        How far it reaches to the east and to the north; None: not said.
    bays : tuple of Bay
        One for each connector of the depot.
    """

    corner: Position | None = None
    width_m: float | None = None
    depth_m: float | None = None
    bays: tuple[Bay, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a yard that reaches nowhere."""
        for side, extent_m in (("east", self.width_m), ("north", self.depth_m)):
            if extent_m is not None and not 0 < extent_m < math.inf:
                raise ModelError(
                    f"a yard that reaches {extent_m:g} m to the {side} cannot be",
                    where="the yard",
                    hint="give more than 0, or nothing where it is not known",
                )

    def place_m(self, bay: Bay) -> Place | None:
        """Return how far east and north of the corner a bay is [m], to the centimetre."""
        if self.corner is None or bay.position is None:
            return None
        east_km, north_km = self.corner.offset_km(bay.position)
        return _centimetres(km_to_metres(east_km)), _centimetres(km_to_metres(north_km))

    def places_m(self) -> dict[str, Place]:
        """Return the places of all bays that have one, by connector [m]."""
        found = {bay.connector_id: self.place_m(bay) for bay in self.bays}
        return {name: place for name, place in found.items() if place is not None}

    def unplaced(self) -> tuple[str, ...]:
        """Return the connectors whose bays have no place yet."""
        return tuple(bay.connector_id for bay in self.bays if bay.position is None)

    def position_at(self, place_m: Place) -> Position:
        """Return what is so far east and north of the corner.

        Raises
        ------
        ModelError
            If the corner is not known, or that is no place on the globe.
        """
        if self.corner is None:
            raise ModelError(
                "metres count from the yard's corner, which is not known",
                where="the yard",
                hint="give the latitude and longitude of its south-west corner, as any map shows",
            )
        east_m, north_m = place_m
        return self.corner.beside(metres_to_km(east_m), metres_to_km(north_m))


@dataclass(frozen=True, slots=True)
class RowLayout:
    """Bays side by side in rows.

    Parameters
    ----------
    bays_per_row : int
    pitch_m : float
        From the middle of a bay to the middle of the next.
    row_gap_m : float
        From row to row, to the left of who walks along one; negative: to the right.
    heading_degrees : float
        Where a row runs to, by the compass: 0 north, 90 east.
    east_m, north_m : float
        Middle of the first bay, from the yard's corner.
    """

    bays_per_row: int
    pitch_m: float = 3.0
    row_gap_m: float = 8.0
    heading_degrees: float = 90.0
    east_m: float = 0.0
    north_m: float = 0.0

    def __post_init__(self) -> None:
        """Refuse rows that are none."""
        if self.bays_per_row < 1 or not self.pitch_m > 0:
            raise ModelError(
                f"rows of {self.bays_per_row} bays, {self.pitch_m:g} m from one to the next, "
                "cannot be",
                where="rows",
                hint="give at least 1 bay a row, and a pitch above 0",
            )


def notes_of(yard: Yard) -> tuple[BayNote, ...]:
    """Return which bays are nearer to each other than vans can stand, or far outside the yard."""
    places = yard.places_m()
    return (*_too_near(places), *_far_outside(yard, places))


def with_positions(yard: Yard, positions: dict[str, Position | None]) -> Yard:
    """Return a yard with other places for some of its bays, by connector."""
    return replace(
        yard,
        bays=tuple(
            replace(bay, position=positions.get(bay.connector_id, bay.position))
            for bay in yard.bays
        ),
    )


def _too_near(places: dict[str, Place]) -> Iterator[BayNote]:
    # Only neighbouring squares are compared, so that a depot of thousands is judged as one types.
    squares: dict[tuple[int, int], list[str]] = {}
    for name, place_m in places.items():
        column, row = (int(along_m // LEAST_APART_M) for along_m in place_m)
        around = [
            other
            for x in (column - 1, column, column + 1)
            for y in (row - 1, row, row + 1)
            for other in squares.get((x, y), ())
        ]
        # One note for each bay: a crowd at one place is no page of pairs.
        nearest = min(around, key=lambda other: math.dist(places[other], place_m), default=None)
        if nearest is not None:
            apart_m = math.dist(places[nearest], place_m)
            if apart_m < LEAST_APART_M:
                yield BayNote(
                    f"{nearest} and {name} are {apart_m:.1f} m apart: no two vans stand so near.",
                    (nearest, name),
                )
        squares.setdefault((column, row), []).append(name)


def _far_outside(yard: Yard, places: dict[str, Place]) -> Iterator[BayNote]:
    sides = (("east", yard.width_m), ("north", yard.depth_m))
    for name, place_m in places.items():
        for (side, extent_m), along_m in zip(sides, place_m, strict=True):
            low_m = -FAR_M if extent_m is None else -AROUND_M
            high_m = FAR_M if extent_m is None else extent_m + AROUND_M
            if not low_m <= along_m <= high_m:
                yield BayNote(
                    f"{name} is {along_m:,.1f} m {side} of the corner: far outside the yard.",
                    (name,),
                )


def _centimetres(length_m: float) -> float:
    # Minus nothing is nothing.
    return round(length_m, PLACE_DECIMALS) + 0.0
