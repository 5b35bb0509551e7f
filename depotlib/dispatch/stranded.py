"""Vehicles that their station cannot charge tonight, and the connectors they are moved to.

A station that was caught above its limit, or says that it is faulty, charges nobody until somebody
has seen to it. Who is plugged in or planned there goes to another connector of its pool: to one
that is free, or behind, or before, a vehicle that has time to spare there; to two of them where
neither alone has time enough. Once a release says so the move stands, and people find it on the
shift's papers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from depotlib.dispatch.night import DONE_KWH, LiveNight
from depotlib.dispatch.openings import (
    Ground,
    Opening,
    fitted_in,
    is_bound,
    openings,
    staffed,
    usable,
)
from depotlib.dispatch.placement import Yard, placed_windows
from depotlib.dispatch.turns import surely_needed
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, YardMove
from depotlib.model.release import ConnectorSchedule
from depotlib.units import duration_h

NOT_SERVING: Final = frozenset({"Faulted", "Unavailable"})
"""Words of a station for a connector that gives nothing."""


def unserving(night: LiveNight) -> frozenset[str]:
    """Return the connectors that charge nobody until somebody has seen to their station."""
    caught = {
        connector.connector_id
        for station in night.brief.depot.stations
        if station.station_id in night.caught
        for connector in station.connectors()
    }
    faulty = {
        state.connector_id
        for station in night.stations
        for state in station.connectors
        if station.is_connected and state.status in NOT_SERVING and state.power_kw <= 0.0
    }
    return frozenset(caught | faulty)


def drawn_kw(night: LiveNight) -> float:
    """Return what is drawn at connectors that nobody can steer now [kW]."""
    lost = unserving(night)
    return sum(
        state.power_kw
        for station in night.stations
        for state in station.connectors
        if state.connector_id in lost and state.session_id is not None
    )


def ways_around(
    night: LiveNight, stays: Sequence[Dwell], *, yard: Yard
) -> Iterator[tuple[ConnectorWindow, ...]]:
    """Yield windows for the stays that have a connector which serves, as `placed_windows` does.

    The first is what people were asked for. Who has no place by it gets one connector, then two
    where none alone has time enough; and so once more with nobody's move kept, for where somebody
    needs more than was known when it was asked for.

    Parameters
    ----------
    night : LiveNight
    stays : sequence of Dwell
        Not over yet; one a vehicle.
    yard : Yard
    """
    lost = unserving(night)
    if not lost:
        yield placed_windows(night.pushed.schedules, stays, yard=yard)
        return
    here = {name: place for name, place in yard.connector_of.items() if place not in lost}
    stranded = {name for name, place in yard.connector_of.items() if place in lost}
    stranded |= {
        one.vehicle_id
        for one in night.pushed.schedules
        if one.connector_id in lost and one.valid_to > yard.start
    }
    ground = Ground(night, yard, lost, here)
    free = replace(yard, connector_of=here)
    pushed = [one for one in night.pushed.schedules if one.connector_id not in lost]
    for schedules in (_followed(night, stranded, lost=lost), pushed):
        placed = placed_windows(schedules, stays, yard=free)
        for most in (1, 2):
            yield _with_moved(placed, stays, stranded=stranded, ground=ground, most=most)


def moves_of(night: LiveNight, schedules: Iterable[ConnectorSchedule]) -> tuple[YardMove, ...]:
    """Return the drives that schedules ask of vehicles whose station does not serve them."""
    lost = unserving(night)
    guests = night.guests().values()
    places = {one.vehicle_id: one.connector_id for one in guests if one.connector_id in lost}
    moves: list[YardMove] = []
    for one in sorted(schedules, key=lambda one: one.steps[0].start):
        place = places.get(one.vehicle_id)
        if place is not None and one.connector_id not in lost | {place}:
            at = staffed(night.brief.depot, max(night.now, one.steps[0].start))
            moves.append(YardMove(one.vehicle_id, place, one.connector_id, at=at))
            places[one.vehicle_id] = one.connector_id
    return tuple(moves)


def _followed(
    night: LiveNight, stranded: Iterable[str], *, lost: frozenset[str]
) -> list[ConnectorSchedule]:
    """Return the schedules to go by: of the push, where nobody was moved to since."""
    names = set(stranded)
    goals = {
        one.connector_id
        for one in night.current.schedules
        if one.vehicle_id in names and one.valid_to > night.now
    }
    return [
        one
        for release, is_goal in ((night.pushed, False), (night.current, True))
        for one in release.schedules
        if one.connector_id not in lost and (one.connector_id in goals) == is_goal
    ]


def _with_moved(
    windows: Sequence[ConnectorWindow],
    stays: Sequence[Dwell],
    *,
    stranded: Iterable[str],
    ground: Ground,
    most: int,
) -> tuple[ConnectorWindow, ...]:
    """Return windows in which those stranded have some, on so many connectors each at most."""
    names, found = set(stranded), list(windows)
    placed = {window.vehicle_id for window in windows}
    by_name = {stay.vehicle_id: stay for stay in stays}
    without = [
        stay
        for stay in stays
        if stay.vehicle_id in names - placed and stay.energy_target_kwh > 0.0 and not is_bound(
            stay.vehicle_id, ground.night
        )
    ]  # fmt: skip
    for stay in sorted(without, key=lambda stay: (stay.departure, stay.vehicle_id)):
        places = usable(stay, ground)
        opened = openings(stay, found, places=places, stays=by_name, ground=ground)
        if all(one.spread_factor < 1.0 for one in opened):
            # What others only would like gives way to what somebody must have.
            sure = {name: surely_needed(one) for name, one in by_name.items()}
            own = sure[stay.vehicle_id]
            opened += openings(own, found, places=places, stays=sure, ground=ground)
        if opened:
            best = max(opened, key=Opening.worth)
            found = fitted_in(found, best)
            if most > 1:
                found = _with_rest(found, best.window, stays=by_name, places=places, ground=ground)
    return tuple(sorted(found, key=lambda window: (window.connector_id, window.start)))


def _with_rest(
    windows: list[ConnectorWindow],
    own: ConnectorWindow,
    *,
    stays: Mapping[str, Dwell],
    places: Mapping[str, float],
    ground: Ground,
) -> list[ConnectorWindow]:
    """Return windows in which who lacks some of what it must have gets it on another connector.

    Before its own window or after it. For all of what it lacks: nobody drives twice and leaves
    short nevertheless.
    """
    sure = {name: surely_needed(one) for name, one in stays.items()}
    stay, changeover = sure[own.vehicle_id], ground.yard.changeover
    given_kwh = places[own.connector_id] * duration_h(own.end - own.start)
    rest_kwh = stay.energy_target_kwh - given_kwh
    if rest_kwh <= DONE_KWH:
        return windows
    rest = replace(stay, energy_must_kwh=rest_kwh, energy_target_kwh=rest_kwh, precondition_kwh=0.0)
    spans = (
        (stay.arrival, min(stay.departure, own.start - changeover)),
        (max(stay.arrival, own.end + changeover), stay.departure),
    )
    elsewhere = {name: kw for name, kw in places.items() if name != own.connector_id}
    opened = [
        opening
        for begin, end in spans
        if begin < end
        for opening in openings(
            replace(rest, arrival=begin, departure=end),
            windows,
            places=elsewhere,
            stays=sure,
            ground=ground,
        )
        if opening.spread_factor >= 1.0
    ]
    return fitted_in(windows, max(opened, key=Opening.worth)) if opened else windows
