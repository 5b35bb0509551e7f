"""Checks of connector windows and drives, independent of how they were made.

A vehicle occupies a plug from the drive that brings it there, or else its arrival, to the drive
that takes it away, or else its departure. All rules are read off these occupations.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from depotlib.model.calendar import to_local_text, zone
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, Violation, YardMove
from depotlib.planning.yard.diary import busiest_hour
from depotlib.planning.yard.stays import Place, places_of


@dataclass(frozen=True, slots=True)
class Occupation:
    """A vehicle on a plug.

    Parameters
    ----------
    window : ConnectorWindow
        When it may draw power.
    dwell : Dwell
    place : int
        Index of the EVSE.
    plugged_at, unplugged_at : datetime
    is_driven_in, is_driven_out : bool
        Whether a yard move brings it here, and takes it away.
    """

    window: ConnectorWindow
    dwell: Dwell
    place: int
    plugged_at: datetime
    unplugged_at: datetime
    is_driven_in: bool
    is_driven_out: bool


def occupancy_violations(
    windows: Sequence[ConnectorWindow],
    moves: Sequence[YardMove],
    *,
    dwells: Sequence[Dwell],
    depot: Depot,
) -> tuple[Violation, ...]:
    """Return every broken rule of the yard; empty if the windows and drives can be done.

    Parameters
    ----------
    windows : sequence of ConnectorWindow
    moves : sequence of YardMove
        All drives but arrivals and departures.
    dwells : sequence of Dwell
    depot : Depot
    """
    found = list(_unusable_windows(windows, dwells=dwells, depot=depot))
    if found:
        return tuple(found)
    occupations = occupations_of(windows, moves, dwells=dwells, depot=depot)
    return (
        *_shared_plugs(occupations, depot=depot),
        *_vehicles_in_two_places(occupations, depot=depot),
        *_unstaffed_moves(moves, depot=depot),
        *_hurried_moves(moves, depot=depot),
        *_idle_moves(occupations, moves, depot=depot),
    )


def swap_count(occupations: Sequence[Occupation]) -> int:
    """Return how often a vehicle takes a connector that another has left for it, or waits for it.

    A vehicle that plugs in on arrival where another departed before is no swap.
    """
    return sum(
        before.is_driven_out or after.is_driven_in for before, after in _neighbours(occupations)
    )


def occupations_of(
    windows: Sequence[ConnectorWindow],
    moves: Sequence[YardMove],
    *,
    dwells: Sequence[Dwell],
    depot: Depot,
) -> list[Occupation]:
    """Return when each window's vehicle is on its plug; windows outside any stay are left out."""
    place_of = _place_of_connector(places_of(depot))
    found: list[Occupation] = []
    for window in windows:
        dwell = _dwell_of(window, dwells)
        if dwell is None or window.connector_id not in place_of:
            continue
        drives_in = [
            move.at
            for move in moves
            if (move.vehicle_id, move.to_connector_id) == (window.vehicle_id, window.connector_id)
            and dwell.arrival <= move.at <= window.start
        ]
        drives_out = [
            move.at
            for move in moves
            if (move.vehicle_id, move.from_connector_id) == (window.vehicle_id, window.connector_id)
            and window.end <= move.at <= dwell.departure
        ]
        found.append(
            Occupation(
                window=window,
                dwell=dwell,
                place=place_of[window.connector_id],
                plugged_at=max(drives_in, default=dwell.arrival),
                unplugged_at=min(drives_out, default=dwell.departure),
                is_driven_in=bool(drives_in),
                is_driven_out=bool(drives_out),
            )
        )
    return found


def _unusable_windows(
    windows: Sequence[ConnectorWindow], *, dwells: Sequence[Dwell], depot: Depot
) -> Iterator[Violation]:
    places = places_of(depot)
    place_of = _place_of_connector(places)
    for window in windows:
        dwell = _dwell_of(window, dwells)
        if dwell is None or window.end <= window.start:
            yield Violation(
                "window_in_stay",
                f"window of {window.vehicle_id}",
                f"{window.vehicle_id} is to use {window.connector_id} from "
                f"{_text(window.start, depot)} to {_text(window.end, depot)}, which is no part of "
                "one of its stays",
            )
        elif window.connector_id not in place_of or not _may_use(
            dwell, window.connector_id, place=places[place_of[window.connector_id]]
        ):
            yield Violation(
                "eligible_connector",
                f"window of {window.vehicle_id}",
                f"{window.vehicle_id} may not use {window.connector_id}",
            )


def _shared_plugs(occupations: Sequence[Occupation], *, depot: Depot) -> Iterator[Violation]:
    changeover = timedelta(seconds=depot.changeover_s)
    for before, after in _neighbours(occupations):
        pair = f"{before.window.vehicle_id} and {after.window.vehicle_id}"
        if after.plugged_at < before.unplugged_at:
            yield Violation(
                "one_vehicle_a_connector",
                f"connector {after.window.connector_id}",
                f"{pair} are both on {after.window.connector_id} at "
                f"{_text(after.plugged_at, depot)}",
            )
        elif after.window.start < before.unplugged_at + changeover:
            yield Violation(
                "changeover",
                f"connector {after.window.connector_id}",
                f"{after.window.connector_id} has less than {depot.changeover_s} s between {pair} "
                f"at {_text(before.unplugged_at, depot)}",
            )


def _vehicles_in_two_places(
    occupations: Sequence[Occupation], *, depot: Depot
) -> Iterator[Violation]:
    by_vehicle: dict[str, list[Occupation]] = defaultdict(list)
    for occupation in occupations:
        by_vehicle[occupation.window.vehicle_id].append(occupation)
    for vehicle_id, stays in by_vehicle.items():
        for before, after in pairwise(sorted(stays, key=lambda o: o.window.start)):
            if after.plugged_at < before.unplugged_at:
                yield Violation(
                    "one_place_a_vehicle",
                    f"vehicle {vehicle_id}",
                    f"{vehicle_id} is on {before.window.connector_id} and on "
                    f"{after.window.connector_id} at {_text(after.plugged_at, depot)}",
                )


def _unstaffed_moves(moves: Sequence[YardMove], *, depot: Depot) -> Iterator[Violation]:
    time_zone = zone(depot.time_zone)
    for move in moves:
        if not depot.staff_hours.covers(move.at.astimezone(time_zone).time()):
            yield Violation(
                "staffed_moves",
                f"move of {move.vehicle_id}",
                f"nobody is there at {_text(move.at, depot)} to move {move.vehicle_id}",
            )


def _hurried_moves(moves: Sequence[YardMove], *, depot: Depot) -> Iterator[Violation]:
    most, begin = busiest_hour(move.at for move in moves)
    if depot.moves_per_hour and begin is not None and most > depot.moves_per_hour:
        yield Violation(
            "moves_per_hour",
            f"hour from {_text(begin, depot)}",
            f"{most} drives begin in the hour from {_text(begin, depot)}, where "
            f"{depot.moves_per_hour} are possible",
        )


def _idle_moves(
    occupations: Sequence[Occupation], moves: Sequence[YardMove], *, depot: Depot
) -> Iterator[Violation]:
    """Yield the drives that neither bring a vehicle to a window nor take it from one."""
    drives = {
        (o.window.vehicle_id, o.window.connector_id, at)
        for o in occupations
        for at, is_driven in (
            (o.plugged_at, o.is_driven_in),
            (o.unplugged_at, o.is_driven_out),
        )
        if is_driven
    }
    for move in moves:
        ends = {move.from_connector_id, move.to_connector_id} - {None}
        if not ends or any((move.vehicle_id, end, move.at) not in drives for end in ends):
            yield Violation(
                "moves_serve_windows",
                f"move of {move.vehicle_id}",
                f"the drive of {move.vehicle_id} at {_text(move.at, depot)} begins or ends at a "
                "connector where it has no window",
            )


def _neighbours(occupations: Sequence[Occupation]) -> Iterator[tuple[Occupation, Occupation]]:
    """Yield the occupations that follow each other on one EVSE."""
    by_place: dict[int, list[Occupation]] = defaultdict(list)
    for occupation in occupations:
        by_place[occupation.place].append(occupation)
    for turns in by_place.values():
        yield from pairwise(sorted(turns, key=lambda o: (o.plugged_at, o.window.start)))


def _place_of_connector(places: Sequence[Place]) -> dict[str, int]:
    return {
        connector.connector_id: index
        for index, place in enumerate(places)
        for connector in place.evse.connectors
    }


def _may_use(dwell: Dwell, connector_id: str, *, place: Place) -> bool:
    return (
        dwell.pool in (None, place.station.pool)
        and dwell.station_id in (None, place.station.station_id)
        and dwell.connector_id in (None, connector_id)
    )


def _dwell_of(window: ConnectorWindow, dwells: Sequence[Dwell]) -> Dwell | None:
    """Return the dwell of the window's vehicle that holds the whole window."""
    return next(
        (
            dwell
            for dwell in dwells
            if dwell.vehicle_id == window.vehicle_id
            and dwell.arrival <= window.start
            and window.end <= dwell.departure
        ),
        None,
    )


def _text(instant: datetime, depot: Depot) -> str:
    return to_local_text(instant, zone(depot.time_zone))
