"""What shares what: the places of a depot, the stays of its vehicles, and when people are there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from depotlib.model.calendar import zone
from depotlib.model.depot import ChargingStation, Connector, Depot, Evse
from depotlib.model.dwell import Dwell
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.yard.diary import DriveDiary

_INSTANT: Final = timedelta(seconds=1)
_DRIVES: Final = 2
"""Of a changeover: one vehicle leaves, another comes."""


@dataclass(frozen=True, slots=True)
class Place:
    """An EVSE: it charges one vehicle at a time, through one of its connectors.

    Parameters
    ----------
    station : ChargingStation
    evse : Evse
    """

    station: ChargingStation
    evse: Evse

    def connector_for(self, dwell: Dwell) -> Connector | None:
        """Return the plug a vehicle would use here: its fixed one, else the most powerful."""
        if dwell.pool not in (None, self.station.pool):
            return None
        if dwell.station_id not in (None, self.station.station_id):
            return None
        fitting = [
            connector
            for connector in self.evse.connectors
            if dwell.connector_id in (None, connector.connector_id)
            and max(connector.min_kw, dwell.min_kw) <= self._most_kw(dwell, connector)
        ]
        return max(fitting, key=lambda connector: connector.max_kw, default=None)

    def max_kw(self, dwell: Dwell) -> float:
        """Return the most a vehicle draws here [kW]; 0.0 where it cannot charge."""
        connector = self.connector_for(dwell)
        return 0.0 if connector is None else self._most_kw(dwell, connector)

    def _most_kw(self, dwell: Dwell, connector: Connector) -> float:
        return min(dwell.max_kw, connector.max_kw, self.station.max_kw)


@dataclass(frozen=True, slots=True)
class Stay:
    """One dwell as the yard sees it.

    Parameters
    ----------
    index : int
        Position of the dwell among the dwells.
    dwell : Dwell
    first, last : int
        Whole intervals of the stay within the grid, half-open.
    max_kw : tuple of float
        The most it draws at each place [kW], (places,); 0 where it cannot charge.
    """

    index: int
    dwell: Dwell
    first: int
    last: int
    max_kw: tuple[float, ...]

    @property
    def eligible(self) -> tuple[int, ...]:
        """Return the places that can charge it."""
        return tuple(place for place, max_kw in enumerate(self.max_kw) if max_kw > 0)


class YardClock:
    """When a changeover may begin, and what it takes, on one grid.

    Parameters
    ----------
    depot : Depot
        Its time zone, staff hours and changeover hold.
    grid : TimeGrid
    diary : DriveDiary, optional
        Drives that are entered already; changeovers find room for two more.
    """

    def __init__(self, depot: Depot, grid: TimeGrid, *, diary: DriveDiary | None = None) -> None:
        self._depot = depot
        self._diary = diary
        self._staff = depot.staff_hours
        self._zone = zone(depot.time_zone)
        self.grid = grid
        self.changeover = timedelta(seconds=depot.changeover_s)
        self.edges = [*grid.starts(), grid.end]
        """The start of every interval and the end of the last, (intervals + 1,)."""
        self.gap = -(-depot.changeover_s // grid.interval_s)
        """Whole intervals that a changeover begun on an edge takes."""
        self.staffed = tuple(self.is_staffed(edge) for edge in self.edges)
        """Whether a changeover may begin on each edge, (intervals + 1,)."""

    def with_diary(self, diary: DriveDiary) -> Self:
        """Return the same clock on which drives also need room in a diary, as it is now."""
        return type(self)(self._depot, self.grid, diary=diary)

    def is_staffed(self, at: datetime) -> bool:
        """Return whether somebody is there for a whole changeover that begins at an instant."""
        if self._diary is not None and not self._diary.has_room(at, _DRIVES):
            return False
        ends = max(at, at + self.changeover - _INSTANT)
        return all(
            self._staff.covers(instant.astimezone(self._zone).time()) for instant in (at, ends)
        )

    def next_staffed(self, at: datetime) -> datetime | None:
        """Return the first instant from `at` on, itself or an edge, when a drive may begin."""
        if self.is_staffed(at):
            return at
        ahead = max(0, self.grid.first_whole_interval(at))
        for edge in range(ahead, self.grid.count + 1):
            if self.staffed[edge]:
                return self.edges[edge]
        return None

    def powered_from(self, drive_at: datetime) -> int:
        """Return the first whole interval after a changeover that begins at an instant."""
        return self.grid.first_whole_interval(drive_at + self.changeover)


def places_of(depot: Depot) -> tuple[Place, ...]:
    """Return the places of a depot, in the order of its stations."""
    return tuple(Place(station, evse) for station in depot.stations for evse in station.evses)


def stays_of(
    dwells: Sequence[Dwell], places: Sequence[Place], *, grid: TimeGrid
) -> tuple[Stay, ...]:
    """Return the dwells as stays, in their order."""
    return tuple(
        Stay(
            index=index,
            dwell=dwell,
            first=(first := min(max(0, grid.first_whole_interval(dwell.arrival)), grid.count)),
            last=max(first, min(grid.interval_of(dwell.departure), grid.count)),
            max_kw=tuple(place.max_kw(dwell) for place in places),
        )
        for index, dwell in enumerate(dwells)
    )


def nights_of(stays: Sequence[Stay], clock: YardClock) -> list[list[Stay]]:
    """Return the stays in groups between which the yard is empty for a changeover."""
    nights: list[list[Stay]] = []
    busy_until: datetime | None = None
    for stay in sorted(stays, key=lambda stay: stay.dwell.arrival):
        free_again = stay.dwell.departure + clock.changeover
        if busy_until is None or stay.dwell.arrival >= busy_until:
            nights.append([])
            busy_until = free_again
        nights[-1].append(stay)
        busy_until = max(busy_until, free_again)
    return nights
