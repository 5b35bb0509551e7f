"""Where on a connector somebody could still be fitted in tonight.

In time that nobody has there, behind somebody who makes room earlier than it had to, or ahead of
somebody who is not here yet; nobody is left less time than it needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.placement import QUARTER, Yard
from depotlib.model.depot import ChargingStation, Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow

SPARE_FACTOR: Final = 1.15
"""How much longer than at full power somebody is given: others draw from the same site."""
MOST_SPREAD: Final = 3.0
"""So many times the time that is needed is as good as more."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A place for somebody stranded.

    Parameters
    ----------
    window : ConnectorWindow
        Of whoever is moved.
    before, after : ConnectorWindow or None
        Whose window is shortened for it (`before`), and what is left of it (`after`).
    spread_factor : float
        The time there is over the time that is needed.
    """

    window: ConnectorWindow
    before: ConnectorWindow | None
    after: ConnectorWindow | None
    spread_factor: float

    def worth(self) -> tuple[float, bool, float]:
        """Return what makes one opening better than another: whoever is served, then peace."""
        return (
            min(1.0, self.spread_factor),
            self.before is None,
            min(self.spread_factor, MOST_SPREAD),
        )


@dataclass(frozen=True, slots=True)
class Ground:
    """What openings are looked for in."""

    night: LiveNight
    yard: Yard
    lost: frozenset[str]
    here: Mapping[str, str]

    @property
    def earliest(self) -> datetime:
        """Return when somebody may be plugged in elsewhere: people are there, and have driven."""
        at = staffed(self.night.brief.depot, self.yard.start)
        return self.yard.whole(at + self.yard.changeover)


def staffed(depot: Depot, at: datetime) -> datetime:
    """Return the first instant from one on at which somebody is there to drive."""
    zone = ZoneInfo(depot.time_zone)
    for _ in range(int(timedelta(days=1) / QUARTER)):
        if depot.staff_hours.covers(at.astimezone(zone).time()):
            break
        at += QUARTER
    return at


def usable(stay: Dwell, ground: Ground) -> dict[str, float]:
    """Return the connectors that a vehicle may use, each with the power it would have [kW].

    Not those of a station that is out of service at some time until its departure.
    """
    night, begin = ground.night, ground.yard.start
    pools = {one.pool for one in night.brief.dwells if one.vehicle_id == stay.vehicle_id}
    most_kw = _most_kw(stay.vehicle_id, night)
    powers_kw = {
        connector.connector_id: min(stay.max_kw, connector.max_kw, most_kw[station.current_type])
        for station in night.brief.depot.stations
        if not _is_out(station, since=begin, until=stay.departure)
        for connector in station.connectors()
        if connector.connector_id not in ground.lost and pools <= {None, station.pool}
    }
    return {name: power_kw for name, power_kw in powers_kw.items() if power_kw > 0.0}


def _is_out(station: ChargingStation, *, since: datetime, until: datetime) -> bool:
    """Return whether a station gives nothing for some of a span, as planned or ordered."""
    spans = (one for one in station.deratings if one.limit_kw <= 0.0)
    return any(one.start < until and one.end > since for one in spans)


def _most_kw(vehicle_id: str, night: LiveNight) -> dict[str, float]:
    fleet = night.brief.fleet
    if fleet is None or all(one.vehicle_id != vehicle_id for one in fleet.vehicles):
        return {"AC": float("inf"), "DC": float("inf")}
    kind = fleet.class_of(vehicle_id)
    return {"AC": kind.ac_max_kw, "DC": kind.dc_max_kw}


@dataclass(frozen=True, slots=True)
class _Place:
    """A connector that somebody stranded might use.

    Parameters
    ----------
    connector_id : str
    max_kw : float
        What the stranded vehicle would draw there.
    stays : mapping of str to Dwell
    ground : Ground
    """

    connector_id: str
    max_kw: float
    stays: Mapping[str, Dwell]
    ground: Ground

    def needed(self, vehicle_id: str) -> timedelta:
        """Return the time that a vehicle should have here for what it needs."""
        stay = self.stays[vehicle_id]
        most_kw = min(self.max_kw, stay.max_kw)
        if stay.energy_target_kwh <= 0.0 or most_kw <= 0.0:
            return timedelta(0)
        return timedelta(hours=SPARE_FACTOR * stay.energy_target_kwh / most_kw)


def openings(
    stay: Dwell,
    windows: Sequence[ConnectorWindow],
    *,
    places: Mapping[str, float],
    stays: Mapping[str, Dwell],
    ground: Ground,
) -> list[Opening]:
    """Return where a vehicle could be fitted in between the windows of others.

    Parameters
    ----------
    stay : Dwell
        With what it needs there, from when on.
    windows : sequence of ConnectorWindow
    places : mapping of str to float
        Connectors that it may use, with the power it would have [kW].
    stays : mapping of str to Dwell
        Of everybody, by vehicle.
    ground : Ground
    """
    return [
        opening
        for name, max_kw in places.items()
        for opening in _at_place(
            stay,
            [window for window in windows if window.connector_id == name],
            place=_Place(name, max_kw, {**stays, stay.vehicle_id: stay}, ground),
        )
    ]


def fitted_in(windows: Sequence[ConnectorWindow], opening: Opening) -> list[ConnectorWindow]:
    """Return windows with an opening among them."""
    added = [one for one in (opening.window, opening.after) if one is not None]
    return [*(window for window in windows if window is not opening.before), *added]


def is_bound(vehicle_id: str, night: LiveNight) -> bool:
    """Return whether a vehicle may stand on the one connector or station only."""
    own = [one for one in night.brief.dwells if one.vehicle_id == vehicle_id]
    return any(one.connector_id is not None or one.station_id is not None for one in own)


def _at_place(stay: Dwell, windows: Sequence[ConnectorWindow], *, place: _Place) -> list[Opening]:
    """Return where on a connector somebody could be fitted in."""
    yard, earliest = place.ground.yard, place.ground.earliest
    ordered = sorted(windows, key=lambda window: window.start)
    ends = [window.start - yard.changeover for window in ordered[1:]] + [stay.departure]
    found: list[Opening | None] = []
    if not ordered or ordered[0].start > earliest:
        until = ordered[0].start - yard.changeover if ordered else stay.departure
        found.append(_gap(stay, (earliest, until), place=place))
    if ordered and ordered[0].vehicle_id not in place.ground.here:
        found.append(_ahead_of(stay, ordered[0], place=place))
    for window, end in zip(ordered, ends, strict=False):
        start = max(earliest, place.ground.yard.whole(window.end + yard.changeover))
        found.append(_gap(stay, (start, end), place=place))
        found.append(_behind(stay, window, until=min(end, stay.departure), place=place))
    return [opening for opening in found if opening is not None]


def _gap(stay: Dwell, span: tuple[datetime, datetime], *, place: _Place) -> Opening | None:
    """Return the use of time that nobody has."""
    start, end = max(span[0], stay.arrival), min(span[1], stay.departure)
    if end <= start:
        return None
    window = ConnectorWindow(stay.vehicle_id, place.connector_id, start=start, end=end)
    return Opening(window, None, None, (end - start) / place.needed(stay.vehicle_id))


def _behind(
    stay: Dwell, window: ConnectorWindow, *, until: datetime, place: _Place
) -> Opening | None:
    """Return the use of a connector after somebody who makes room for it earlier than it had to."""
    ground, own = place.ground, place.needed(stay.vehicle_id)
    others = max(QUARTER, place.needed(window.vehicle_id))
    there = until - window.start - ground.yard.changeover
    spread_factor = max(1.0, there / (own + others))
    cut = ground.yard.whole(window.start + others * spread_factor)
    start = max(ground.earliest, stay.arrival, ground.yard.whole(cut + ground.yard.changeover))
    if cut >= window.end or start >= until:
        return None
    return Opening(
        ConnectorWindow(stay.vehicle_id, place.connector_id, start=start, end=until),
        window,
        replace(window, end=cut),
        (until - start) / own,
    )


def _ahead_of(stay: Dwell, window: ConnectorWindow, *, place: _Place) -> Opening | None:
    """Return the use of a connector before somebody who is not here yet and has time to spare."""
    ground, own = place.ground, place.needed(stay.vehicle_id)
    others = max(QUARTER, place.needed(window.vehicle_id))
    start = max(ground.earliest, stay.arrival)
    there = window.end - start - ground.yard.changeover
    if there < own + others:
        return None
    end = min(stay.departure, ground.yard.whole(start + own * (there / (own + others))))
    left = ground.yard.whole(end + ground.yard.changeover)
    if left <= window.start or left >= window.end or end <= start:
        return None
    return Opening(
        ConnectorWindow(stay.vehicle_id, place.connector_id, start=start, end=end),
        window,
        replace(window, start=left),
        (end - start) / own,
    )
