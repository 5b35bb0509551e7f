"""Bays on the ground of a yard: told one by one or laid out in rows, and saved with the site.

A site file keeps degrees, which is what vans tell of themselves; people measure metres from a
corner. Both are the same places here, and whoever changes neither changes nothing.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from depotlib.errors import ModelError
from depotlib.model.depot import Depot
from depotlib.model.position import Position
from depotlib.model.site_file import site_from_tables
from depotlib.model.site_tables import SiteTables
from depotlib.model.yard import Bay, RowLayout, Yard, with_positions
from depotlib.workflows.set_up_depot import SITE_WHERE, edited_site

METRES: Final = ("east_m", "north_m")
DEGREES: Final = ("latitude_degrees", "longitude_degrees")
CORNER: Final = ("corner_latitude_degrees", "corner_longitude_degrees")
WORDS: Final = {
    "east_m": "metres east",
    "north_m": "metres north",
    "latitude_degrees": "a latitude",
    "longitude_degrees": "a longitude",
    "corner_latitude_degrees": "a latitude",
    "corner_longitude_degrees": "a longitude",
    "width_m": "metres to its east end",
    "depth_m": "metres to its north end",
}
"""What a field is called when something is wrong with it."""
UNPLACED: Final = "unplaced"
EVERY: Final = "all"


@dataclass(frozen=True, slots=True)
class BayInMetres:
    """A bay as a row of a sheet, from the yard's corner.

    Parameters
    ----------
    connector_id : str
    east_m, north_m : float or None
        None, both: it has no place.
    """

    connector_id: str
    east_m: float | None = None
    north_m: float | None = None


@dataclass(frozen=True, slots=True)
class BayInDegrees:
    """A bay as a row of a sheet, as satellites tell it.

    Parameters
    ----------
    connector_id : str
    latitude_degrees, longitude_degrees : float or None
        None, both: it has no place.
    """

    connector_id: str
    latitude_degrees: float | None = None
    longitude_degrees: float | None = None


def yard_of(site: SiteTables) -> Yard:
    """Return the yard of a site: without a stated corner, the south-west of all its bays is it.

    Parameters
    ----------
    site : SiteTables

    Raises
    ------
    SiteFileError
        If the site cannot be.
    """
    bays = _bays(site_from_tables(site, where=SITE_WHERE).depot)
    if site.yard is None:
        known = [bay.position for bay in bays if bay.position is not None]
        corner = (
            Position(
                min(one.latitude_degrees for one in known),
                min(one.longitude_degrees for one in known),
            )
            if known
            else None
        )
        return Yard(corner=corner, bays=bays)
    return Yard(site.yard.corner(), site.yard.width_m, site.yard.depth_m, bays=bays)


def yard_row(yard: Yard) -> dict[str, object]:
    """Return corner and extent as the one row of their sheet; empty while there is no corner."""
    if yard.corner is None:
        return {}
    return {
        "corner_latitude_degrees": yard.corner.latitude_degrees,
        "corner_longitude_degrees": yard.corner.longitude_degrees,
        "width_m": yard.width_m,
        "depth_m": yard.depth_m,
    }


def with_ground(row: Mapping[str, object], *, yard: Yard) -> Yard:
    """Return a yard with the corner and extent of an edited row; its bays keep their degrees.

    Raises
    ------
    ModelError
        If there can be no such yard.
    """
    where = "the yard"
    corner = _pair(row, CORNER, who="its corner", where=where)
    width_m, depth_m = (_number(row, name, where=where) for name in ("width_m", "depth_m"))
    if corner is None:
        if width_m is not None or depth_m is not None:
            raise ModelError(
                "how far a yard reaches counts from its corner, which is not known",
                where=where,
                hint="give the corner's latitude and longitude, as any map shows them",
            )
        return Yard(bays=yard.bays)
    position = _found(lambda: Position(*corner), where=where)
    return Yard(position, width_m, depth_m, bays=yard.bays)


def rows_in_metres(yard: Yard) -> list[BayInMetres]:
    """Return the bays as rows, in metres from the corner."""
    places = yard.places_m()
    return [
        BayInMetres(bay.connector_id, *places.get(bay.connector_id, (None, None)))
        for bay in yard.bays
    ]


def rows_in_degrees(yard: Yard) -> list[BayInDegrees]:
    """Return the bays as rows, in degrees."""
    return [
        BayInDegrees(bay.connector_id)
        if bay.position is None
        else BayInDegrees(
            bay.connector_id, bay.position.latitude_degrees, bay.position.longitude_degrees
        )
        for bay in yard.bays
    ]


def with_rows(rows: Sequence[Mapping[str, object]], *, yard: Yard) -> Yard:
    """Return a yard whose bays are where edited rows say; those without a row stay.

    Parameters
    ----------
    rows : sequence of mapping
        Each with its connector_id and either metres from the corner, degrees, or neither: then
        the bay has no place.
    yard : Yard

    Raises
    ------
    ModelError
        If a row is of no bay, half a place, or no place on the globe: says which, from 1.
    """
    bays = {bay.connector_id: bay for bay in yard.bays}
    positions: dict[str, Position | None] = {}
    for number, row in enumerate(rows, start=1):
        name, where = str(row.get("connector_id") or ""), f"the bays, row {number}"
        if name not in bays or name in positions:
            is_second = name in positions
            raise ModelError(
                f"{name!r} has a row already" if is_second else f"there is no connector {name!r}",
                where=where,
                hint="give each connector of the depot one row",
            )
        positions[name] = _position(row, bays[name], yard=yard, where=where)
    return with_positions(yard, positions)


def bays_meant(yard: Yard, of: str) -> tuple[str, ...]:
    """Return the connectors that a word means, in their order.

    Parameters
    ----------
    yard : Yard
    of : str
        "all", "unplaced" (whose bays have no place yet), or the name of a pool.

    Raises
    ------
    ModelError
        If it means none.
    """
    meant = (
        yard.unplaced()
        if of == UNPLACED
        else tuple(bay.connector_id for bay in yard.bays if of in {EVERY, bay.pool})
    )
    if not meant:
        pools = sorted({bay.pool for bay in yard.bays})
        raise ModelError(
            f"{of!r} means none of the bays",
            where="rows",
            hint=f"name {EVERY}, {UNPLACED} or a pool: {', '.join(pools)}",
        )
    return meant


def in_rows(yard: Yard, layout: RowLayout, *, of: Sequence[str]) -> Yard:
    """Return a yard with some of its bays side by side in rows, from one corner.

    Bay k stands ``along = pitch * (k mod n)`` in row ``k div n``, ``aside = gap * (k div n)``:
    ``east = east_0 + along * sin h - aside * cos h``, ``north = north_0 + along * cos h + aside *
    sin h``, for a row that runs to h by the compass.

    Parameters
    ----------
    yard : Yard
    layout : RowLayout
    of : sequence of str
        Connectors, in the order in which they stand.

    Raises
    ------
    ModelError
        If the corner of the yard is not known.
    """
    heading = math.radians(layout.heading_degrees)
    places: dict[str, Position | None] = {}
    for index, name in enumerate(of):
        row, seat = divmod(index, layout.bays_per_row)
        along_m, aside_m = layout.pitch_m * seat, layout.row_gap_m * row
        places[name] = yard.position_at(
            (
                layout.east_m + along_m * math.sin(heading) - aside_m * math.cos(heading),
                layout.north_m + along_m * math.cos(heading) + aside_m * math.sin(heading),
            )
        )
    return with_positions(yard, places)


def with_yard(site: SiteTables, yard: Yard) -> SiteTables:
    """Return a site whose bays are where a yard has them; its corner and extent are kept with it.

    Raises
    ------
    SiteFileError, ModelError
        If a station has some of its bays placed and others not, or the site cannot be.
    """
    of_station: dict[str, list[Position | None]] = {}
    for bay in yard.bays:
        of_station.setdefault(bay.station_id, []).append(bay.position)
    rows: list[dict[str, object]] = []
    for station in site.station:
        row: dict[str, object] = station.model_dump(exclude_defaults=True, exclude_none=True)
        if station.station_id in of_station:
            row["positions_degrees"] = _degrees(
                of_station[station.station_id], station_id=station.station_id
            )
        rows.append(row)
    return edited_site({"station": rows, "yard": yard_row(yard) or None}, before=site)


def _bays(depot: Depot) -> tuple[Bay, ...]:
    return tuple(
        Bay(
            connector_id=connector.connector_id,
            station_id=station.station_id,
            pool=station.pool,
            current_type=station.current_type,
            position=connector.position,
        )
        for station in depot.stations
        for connector in station.connectors()
    )


def _degrees(
    positions: Sequence[Position | None], *, station_id: str
) -> tuple[tuple[float, float], ...]:
    known = [one for one in positions if one is not None]
    if known and len(known) < len(positions):
        raise ModelError(
            f"station {station_id!r} has {len(positions)} bays, and {len(known)} of them a place",
            where=f"station {station_id}",
            hint="give each of its bays a place, or none",
        )
    return tuple((one.latitude_degrees, one.longitude_degrees) for one in known)


def _position(row: Mapping[str, object], bay: Bay, *, yard: Yard, where: str) -> Position | None:
    metres = _pair(row, METRES, who=bay.connector_id, where=where)
    degrees = _pair(row, DEGREES, who=bay.connector_id, where=where)
    if metres is not None and degrees is not None:
        raise ModelError(
            f"{bay.connector_id} has metres and degrees",
            where=where,
            hint="give one of them: the other follows",
        )
    if degrees is not None:
        return _found(lambda: Position(*degrees), where=where)
    if metres is None:
        return None
    # Who left it as it was shown, to the centimetre, keeps every digit of its degrees.
    is_as_it_was = metres == yard.place_m(bay)
    return bay.position if is_as_it_was else _found(lambda: yard.position_at(metres), where=where)


def _pair(
    row: Mapping[str, object], names: tuple[str, str], *, who: str, where: str
) -> tuple[float, float] | None:
    first, second = (_number(row, name, where=where) for name in names)
    if first is None and second is None:
        return None
    if first is None or second is None:
        have, lack = names if second is None else names[::-1]
        raise ModelError(
            f"{who} has {WORDS[have]}, but not {WORDS[lack]}",
            where=where,
            hint="a place needs both; without either there is none",
        )
    return first, second


def _number(row: Mapping[str, object], name: str, *, where: str) -> float | None:
    value = row.get(name)
    if value is None:
        return None
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ModelError(
            f"{value!r} is no number for {WORDS[name]}", where=where, hint="give a number"
        )
    return number


def _found(place: Callable[[], Position], *, where: str) -> Position:
    """Return a place, or say where it was asked for."""
    try:
        return place()
    except ModelError as error:
        raise ModelError(error.what, where=where, hint=error.hint) from error
