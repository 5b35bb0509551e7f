"""Plugs and who stands at them: arrivals, the queue, and drives across the yard."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.timegrid import TimeGrid
from depotlib.simulation.site import Fit, Site, fit
from depotlib.simulation.vehicle import NOWHERE, Vehicle
from depotlib.units import SECONDS_PER_HOUR

Queue = Callable[[Vehicle], float]
"""From a waiting vehicle to its place in the queue; lower is earlier."""


class Yard:
    """The places of a depot while a play goes on.

    Parameters
    ----------
    depot : Depot
        Its changeover and moves an hour hold.
    site : Site
    grid : TimeGrid
    staffed : sequence of bool
        Whether people can move vehicles, by interval.
    """

    def __init__(
        self, depot: Depot, site: Site, *, grid: TimeGrid, staffed: Sequence[bool]
    ) -> None:
        self._site, self._grid, self._staffed = site, grid, staffed
        self.changeover = timedelta(seconds=depot.changeover_s)
        self._gap = -(-depot.changeover_s // grid.interval_s)
        self._limit = depot.moves_per_hour
        self._hour = SECONDS_PER_HOUR // grid.interval_s
        self._fits: dict[tuple[object, ...], dict[int, Fit]] = {}
        self._place_of = {
            connector.connector_id: number
            for number, place in enumerate(site.places)
            for connector in place.evse.connectors
        }
        self.occupant: list[Vehicle | None] = [None] * len(site.places)
        self.free_from = [0] * len(site.places)
        self.waiting: list[Vehicle] = []
        self.moves: list[int] = []
        """The interval of every drive, in time order."""

    def fits(self, dwell: Dwell) -> dict[int, Fit]:
        """Return the places that can charge a vehicle, the most powerful first."""
        kind = (
            dwell.pool,
            dwell.station_id,
            dwell.connector_id,
            dwell.max_kw,
            dwell.min_kw,
            dwell.ac_phases,
        )
        if kind not in self._fits:
            found = {
                number: one
                for number, place in enumerate(self._site.places)
                if (one := fit(place, dwell)) is not None
            }
            self._fits[kind] = dict(sorted(found.items(), key=lambda pair: -pair[1].max_kw))
        return self._fits[kind]

    def place_of(self, connector_id: str) -> int:
        """Return the place of a connector."""
        return self._place_of[connector_id]

    def leave(self, vehicle: Vehicle) -> None:
        """Let a vehicle leave the depot."""
        if vehicle.place == NOWHERE:
            self.waiting.remove(vehicle)
            return
        free_at = vehicle.dwell.departure + self.changeover
        self.occupant[vehicle.place] = None
        self.free_from[vehicle.place] = self._grid.first_whole_interval(free_at)
        vehicle.unplug()

    def arrive(self, vehicle: Vehicle, interval: int) -> None:
        """Let a vehicle come: to the most powerful free place, or to the queue."""
        place = self._free_place(vehicle, interval)
        if place == NOWHERE:
            self.waiting.append(vehicle)
        else:
            self.plug(vehicle, place, at=interval)

    def plug(self, vehicle: Vehicle, place: int, *, at: int) -> None:
        """Let a vehicle take a free place at the beginning of an interval."""
        found = self.fits(vehicle.dwell)[place]
        self.occupant[place] = vehicle
        vehicle.plug(
            place,
            max_kw=found.max_kw,
            min_kw=min(found.min_kw, found.max_kw),
            tapers=self._site.places[place].station.current_type == "DC",
            at=max(at, self.free_from[place]),
        )

    def serve_queue(self, interval: int, rank: Queue) -> None:
        """Let waiting vehicles take places that are free, or that a full vehicle gives up."""
        if not self.waiting or not self._staffed[interval]:
            return
        for vehicle in sorted(self.waiting, key=rank):
            place = self._free_place(vehicle, interval)
            if place != NOWHERE and self.may_drive(interval, 1):
                self.drive_in(vehicle, place, at=interval)
                continue
            place = self._given_up(vehicle, interval)
            if place != NOWHERE and self.may_drive(interval, 2):
                self.drive_out(place, at=interval)
                self.drive_in(vehicle, place, at=interval)

    def may_drive(self, interval: int, drives: int) -> bool:
        """Return whether so many drives may begin at an interval."""
        if not self._staffed[interval]:
            return False
        if not self._limit:
            return True
        recent = 0
        for at in reversed(self.moves):
            if at <= interval - self._hour:
                break
            recent += 1
        return recent + drives <= self._limit

    def drive_in(self, vehicle: Vehicle, place: int, *, at: int) -> None:
        """Drive a waiting vehicle to a place."""
        self.waiting.remove(vehicle)
        self.moves.append(at)
        self.plug(vehicle, place, at=at)

    def step_aside(self, vehicle: Vehicle, *, at: int) -> None:
        """Let a vehicle give up its place on its way to another: one drive, counted there."""
        place = vehicle.place
        self.occupant[place] = None
        self.free_from[place] = at + self._gap
        vehicle.unplug()
        self.waiting.append(vehicle)

    def drive_out(self, place: int, *, at: int) -> None:
        """Drive the vehicle of a place to where there is no plug."""
        vehicle = self.occupant[place]
        assert vehicle is not None, "somebody stands there"
        self.moves.append(at)
        self.step_aside(vehicle, at=at)

    def _free_place(self, vehicle: Vehicle, interval: int) -> int:
        if vehicle.is_full and vehicle in self.waiting:
            return NOWHERE
        for place in self.fits(vehicle.dwell):
            if self.occupant[place] is None and self._site.is_working(place, interval):
                return place
        return NOWHERE

    def _given_up(self, vehicle: Vehicle, interval: int) -> int:
        if vehicle.is_full:
            return NOWHERE
        for place in self.fits(vehicle.dwell):
            other = self.occupant[place]
            if other is not None and other.is_full and self._site.is_working(place, interval):
                return place
        return NOWHERE
