"""Vehicles that feed back in a play: what they are asked to give, what they can, and the limits."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from depotlib.model.depot import Depot
from depotlib.planning.problem import SITE, FloatArray
from depotlib.simulation.outcome import FeedUse
from depotlib.simulation.site import Site
from depotlib.simulation.vehicle import TINY_KW, Vehicle


class Asking(Protocol):
    """Whoever asks vehicles to give."""

    def feed_kw(self, vehicle: Vehicle, interval: int) -> float:
        """Return what a vehicle shall give in an interval [kW]; 0: nothing."""
        ...


class Feeding:
    """What vehicles give, interval by interval.

    What they give is room for others: all of it below their circuits, and what those surely carry
    up below the site's limit. It is promised before others charge, and cut afterwards where it would
    go up a circuit, or into the grid, beyond what they take.

    Parameters
    ----------
    depot : Depot
        Its export limit.
    site : Site
    vehicles : sequence of Vehicle
        All of the play.
    base_load_kw : ndarray
        (intervals,).
    interval_h : float
    """

    def __init__(
        self,
        depot: Depot,
        site: Site,
        *,
        vehicles: Sequence[Vehicle],
        base_load_kw: FloatArray,
        interval_h: float,
    ) -> None:
        self._site, self._vehicles, self._interval_h = site, vehicles, interval_h
        self._export_kw = depot.grid.export_limit_kw
        self._base_kw: list[float] = base_load_kw.tolist()
        self.is_there = any(one.can_feed for one in vehicles)
        """Whether any vehicle can give."""
        self.now_kw: dict[int, float] = {}
        """What vehicles give in this interval, by position among all stays."""

    def offer(
        self, interval: int, asking: Asking | None, *, home: Iterable[Vehicle], room_kw: list[float]
    ) -> float:
        """Ask vehicles, and add what they will give to the room of their circuits.

        Returns
        -------
        float
            What the site may count on [kW]: no more than circuits carry up though nobody draws
            anything below them.
        """
        self.now_kw = {}
        sure_kw, left_kw = 0.0, list(self._site.room_kw[interval])
        if asking is None or not self.is_there:
            return 0.0
        for one in home:
            if not self._is_powered(one, interval):
                continue
            most_kw = one.most_feed_kw(interval, interval_h=self._interval_h)
            power_kw = min(asking.feed_kw(one, interval), most_kw)
            if power_kw > TINY_KW:
                self.now_kw[one.index] = power_kw
                self._add(one, power_kw, room_kw=room_kw)
                up_kw = min((left_kw[node] for node in self._circuits(one)), default=power_kw)
                up_kw = max(0.0, min(power_kw, up_kw))
                self._add(one, -up_kw, room_kw=left_kw)
                sure_kw += up_kw
        return sure_kw

    def settle(
        self, interval: int, *, charging_kw: float, home: dict[int, Vehicle], room_kw: list[float]
    ) -> float:
        """Let vehicles give when all others have what they get; return the sum [kW].

        Less than was offered where a circuit carries no more on its way up, or the grid takes no
        more. What others draw below a circuit beyond its limit, it still has to give.

        Parameters
        ----------
        interval : int
        charging_kw : float
            What others draw.
        home : dict of int to Vehicle
        room_kw : list of float
            What each limit has left.
        """
        caps_kw = self._site.room_kw[interval]
        for index in self.now_kw:
            # Room beyond the limit is what goes up, and that may be as much as what comes down.
            up_kw = max(
                (room_kw[node] - 2 * caps_kw[node] for node in self._circuits(home[index])),
                default=0.0,
            )
            self._cut(home[index], up_kw, room_kw=room_kw)
        drawn_kw = self._base_kw[interval] + charging_kw - sum(self.now_kw.values())
        excess_kw = -drawn_kw - self._export_kw
        for index in self.now_kw:
            excess_kw -= self._cut(home[index], excess_kw, room_kw=room_kw)
            self._give(home[index], self.now_kw[index], interval=interval)
        return sum(self.now_kw.values())

    def use(self) -> FeedUse | None:
        """Return what vehicles gave in the whole play, and what it cost them; None: none can."""
        if not self.is_there:
            return None
        return FeedUse(
            given_kwh=sum(one.given_kwh for one in self._vehicles),
            wear_amount=sum(
                one.given_kwh * one.dwell.battery.wear_per_kwh
                for one in self._vehicles
                if one.dwell.battery is not None
            ),
        )

    def _is_powered(self, vehicle: Vehicle, interval: int) -> bool:
        return (
            vehicle.can_feed
            and vehicle.powered_from <= interval
            and self._site.is_working(vehicle.place, interval)
        )

    def _circuits(self, vehicle: Vehicle) -> list[int]:
        """Return the limits above a vehicle but the site's."""
        return [node for node in self._site.paths[vehicle.place] if node != SITE]

    def _add(self, vehicle: Vehicle, power_kw: float, *, room_kw: list[float]) -> None:
        for node in self._circuits(vehicle):
            room_kw[node] += power_kw

    def _cut(self, vehicle: Vehicle, excess_kw: float, *, room_kw: list[float]) -> float:
        """Let a vehicle give less, as far as nobody counts on it; return how much less [kW]."""
        given_kw = self.now_kw[vehicle.index]
        slack_kw = min((room_kw[node] for node in self._circuits(vehicle)), default=given_kw)
        cut_kw = max(0.0, min(excess_kw, given_kw, slack_kw))
        self._add(vehicle, -cut_kw, room_kw=room_kw)
        self.now_kw[vehicle.index] = given_kw - cut_kw
        return cut_kw

    def _give(self, vehicle: Vehicle, power_kw: float, *, interval: int) -> None:
        lost_kwh = vehicle.wish_kw(self._interval_h) * self._interval_h
        if lost_kwh > 0:
            vehicle.lose("policy", lost_kwh)
        if power_kw > TINY_KW:
            vehicle.feed(power_kw, interval_h=self._interval_h, interval=interval)
