"""Price-greedy: each vehicle books the cheapest hours that are left when it is plugged in.

It looks at energy prices only, not at demand, and at nobody who comes later.
"""

from collections.abc import Sequence

from depotlib.planning.problem import FloatArray
from depotlib.simulation.policies import by_arrival
from depotlib.simulation.rules import Moment
from depotlib.simulation.site import Site
from depotlib.simulation.vehicle import TINY_KW, Vehicle
from depotlib.simulation.yard import Yard


class PriceGreedy:
    """Cheapest hours first.

    Parameters
    ----------
    price_per_kwh : ndarray
        (intervals,).
    site : Site
    yard : Yard
    """

    def __init__(self, price_per_kwh: FloatArray, *, site: Site, yard: Yard) -> None:
        self._price_per_kwh: list[float] = price_per_kwh.tolist()
        self._yard, self._paths = yard, site.paths
        self._room_kw = [list(row) for row in site.room_kw]
        self._booked: dict[int, dict[int, float]] = {}
        self.steering = None

    def place(self, interval: int, arrived: Sequence[Vehicle]) -> None:
        """Bring vehicles to plugs, first come, first served."""
        for vehicle in arrived:
            self._yard.arrive(vehicle, interval)
        self._yard.serve_queue(interval, by_arrival)

    def powers_kw(self, moment: Moment) -> list[float]:
        """Return what is booked for an interval; who has nothing booked ahead books now."""
        powers_kw: list[float] = []
        for position, vehicle in enumerate(moment.vehicles):
            booked = self._booked.get(vehicle.index, {})
            if not booked or max(booked) < moment.interval:
                booked = self._booked[vehicle.index] = self._book(vehicle, moment)
            # A taper may take less than was booked: the rest is booked when the bookings end.
            power_kw = min(booked.get(moment.interval, 0.0), moment.wishes_kw[position])
            power_kw = min(power_kw, max(0.0, moment.free_kw(position)))
            if not vehicle.can_run(power_kw, moment.wishes_kw[position]):
                power_kw = 0.0
            moment.take(position, power_kw)
            powers_kw.append(power_kw)
        return powers_kw

    def _book(self, vehicle: Vehicle, moment: Moment) -> dict[int, float]:
        """Take cells, the cheapest first; the last in time gives back what is too much."""
        path = self._paths[vehicle.place]
        missing_kw = vehicle.left_kwh / moment.interval_h
        booked: dict[int, float] = {}
        cells = range(moment.interval, vehicle.last)
        for at in sorted(cells, key=lambda at: (self._price_per_kwh[at], at)):
            if missing_kw <= TINY_KW:
                break
            free_kw = min(self._room_kw[at][node] for node in path)
            power_kw = min(vehicle.max_kw, free_kw)
            if power_kw <= TINY_KW or power_kw < vehicle.min_kw - TINY_KW:
                continue
            booked[at] = power_kw
            missing_kw -= power_kw
        excess_kw = max(0.0, -missing_kw)
        for at in sorted(booked, reverse=True):
            back_kw = min(excess_kw, booked[at])
            booked[at] -= back_kw
            excess_kw -= back_kw
        for at, power_kw in booked.items():
            for node in path:
                self._room_kw[at][node] -= power_kw
        return booked
