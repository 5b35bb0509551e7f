"""A vehicle while it is at the depot: what it takes and gives, what it has, what it lost."""

import math
from typing import Final

from depotlib.model.battery import TAPER_START_SOC
from depotlib.model.dwell import Dwell
from depotlib.simulation.outcome import UnmetCause

HIGH_SOC: Final = 0.8
"""Above it, rest ages a battery most; where DC charging begins to taper."""
TINY_KWH: Final = 1e-6
TINY_KW: Final = 1e-9
NOWHERE: Final = -1


class Vehicle:
    """One stay as it goes.

    Power is the mean of an interval. A vehicle is charged from the first interval that begins with
    it plugged in to the last that ends before it leaves.

    Parameters
    ----------
    index : int
        Position among all stays.
    dwell : Dwell
    first, last : int
        Whole intervals of the stay, half-open.
    """

    __slots__ = (
        "_gain_soc",
        "_high_count",
        "_high_from",
        "_taper",
        "can_feed",
        "charged_kwh",
        "dwell",
        "first",
        "given_kwh",
        "index",
        "last",
        "left_kwh",
        "lost_kwh",
        "max_kw",
        "min_kw",
        "most_kw",
        "moved_kwh",
        "place",
        "powered_from",
        "soc",
        "squared_kwh",
    )

    def __init__(self, index: int, dwell: Dwell, *, first: int, last: int) -> None:
        self.index, self.dwell, self.first, self.last = index, dwell, first, last
        self.moved_kwh = self.squared_kwh = self.most_kw = 0.0
        self.lost_kwh: dict[UnmetCause, float] = {}
        self.place, self.powered_from = NOWHERE, last
        self.max_kw = self.min_kw = 0.0
        battery = dwell.battery
        # At the wall, less what must be taken again for what was given: what counts for its need.
        self.charged_kwh = 0.0 if battery is None else battery.spare_kwh
        # Negative: to spare, for a vehicle that feeds back.
        self.left_kwh = dwell.energy_target_kwh - self.charged_kwh
        self.given_kwh = 0.0
        self.soc = 0.0 if battery is None else battery.arrival_soc
        self._gain_soc = (
            0.0 if battery is None else battery.wall_efficiency_share / battery.usable_kwh
        )
        self._taper = 0.0
        self.can_feed = battery is not None and battery.discharge_max_kw > 0
        self._high_from, self._high_count = (first if self.soc > HIGH_SOC else last), 0

    def plug(self, place: int, *, max_kw: float, min_kw: float, tapers: bool, at: int) -> None:
        """Take a place; power flows from an interval on.

        Parameters
        ----------
        place : int
        max_kw, min_kw : float
            What vehicle and connector can do together.
        tapers : bool
            Whether the current is DC: the battery then sets its own pace near full.
        at : int
            First powered interval.
        """
        self.place, self.powered_from = place, at
        self.max_kw, self.min_kw = max_kw, min_kw
        battery = self.dwell.battery
        self._taper = battery.taper_share if tapers and battery is not None else 0.0

    def unplug(self) -> None:
        """Leave the place."""
        self.place, self.powered_from = NOWHERE, self.last
        self.max_kw = self.min_kw = 0.0

    @property
    def is_full(self) -> bool:
        """Return whether it has what was wished."""
        return self.left_kwh <= TINY_KWH

    @property
    def high_soc_intervals(self) -> int:
        """Return how many intervals of the stay begin above `HIGH_SOC`."""
        return self._high_count + self.last - self._high_from

    def wish_kw(self, interval_h: float) -> float:
        """Return the greatest mean power that it can take in the next interval."""
        return self._taken_kw(max(0.0, self.left_kwh), interval_h)

    def room_kw(self, interval_h: float) -> float:
        """Return the greatest mean power that its battery can take in the next interval.

        More than it wishes, where a plan lets it store for others.
        """
        free_kwh = (1.0 - self.soc) / self._gain_soc if self._gain_soc else self.left_kwh
        return self._taken_kw(max(0.0, free_kwh), interval_h)

    def _taken_kw(self, most_kwh: float, interval_h: float) -> float:
        wish_kw = min(self.max_kw, most_kwh / interval_h)
        if self._taper and self.soc + wish_kw * interval_h * self._gain_soc > TAPER_START_SOC:
            return min(wish_kw, self._tapered_kwh(interval_h) / interval_h)
        return wish_kw

    def can_run(self, power_kw: float, wish_kw: float) -> bool:
        """Return whether it charges at a power: at its minimum, or at all that it wishes."""
        return power_kw > TINY_KW and power_kw >= min(self.min_kw, wish_kw) - TINY_KW

    def charge(self, power_kw: float, *, interval_h: float, interval: int) -> None:
        """Take a mean power for an interval."""
        energy_kwh = power_kw * interval_h
        self.left_kwh -= energy_kwh
        if not self.can_feed:
            self.left_kwh = max(0.0, self.left_kwh)
        self.charged_kwh += energy_kwh
        self._wear_by(energy_kwh, power_kw)
        if self._gain_soc:
            self.soc = min(1.0, self.soc + energy_kwh * self._gain_soc)
            if self.soc > HIGH_SOC and interval + 1 < self._high_from:
                self._high_from = interval + 1

    def most_feed_kw(self, interval: int, *, interval_h: float) -> float:
        """Return the greatest mean power that it can give in an interval.

        Nothing below its floor, and nothing that it could not take again before it leaves.
        """
        battery = self.dwell.battery
        if battery is None or not self.can_feed:
            return 0.0
        above_kwh = max(0.0, self.soc - battery.floor_soc) / self._gain_soc
        later_kwh = self.max_kw * (self.last - interval - 1) * interval_h
        spared_kwh = min(above_kwh, max(0.0, later_kwh - self.left_kwh))
        given_kw = spared_kwh * battery.round_trip_share / interval_h
        return min(battery.discharge_max_kw, self.max_kw, given_kw)

    def feed(self, power_kw: float, *, interval_h: float, interval: int) -> None:
        """Give a mean power for an interval; what it takes again for it is a need like any other.

        All losses of the way in and out are counted here, as in plans (`planning.lp.battery`).
        """
        battery = self.dwell.battery
        assert battery is not None, "only a battery feeds back"
        again_kw = power_kw / battery.round_trip_share
        again_kwh = again_kw * interval_h
        self.given_kwh += power_kw * interval_h
        self.left_kwh += again_kwh
        self.charged_kwh -= again_kwh
        self._wear_by(again_kwh, again_kw)
        self.soc = max(0.0, self.soc - again_kwh * self._gain_soc)
        if self.soc <= HIGH_SOC and self._high_from < self.last:
            self._high_count += interval + 1 - self._high_from
            self._high_from = self.last

    def lose(self, cause: UnmetCause, energy_kwh: float) -> None:
        """Note energy that it could have taken and did not get."""
        self.lost_kwh[cause] = self.lost_kwh.get(cause, 0.0) + energy_kwh

    def _wear_by(self, energy_kwh: float, power_kw: float) -> None:
        self.moved_kwh += energy_kwh
        self.squared_kwh += energy_kwh * power_kw
        self.most_kw = max(self.most_kw, power_kw)

    def _tapered_kwh(self, span_h: float) -> float:
        """Return what it takes at full power in a span that meets the taper.

        Full power up to 80 %, then ``dsoc/dt = gain * max_kw * (1 - taper * (soc - 0.8) / 0.2)``,
        whose solution is an exponential: a mean over the interval, not its first instant.
        """
        pace_soc = self.max_kw * self._gain_soc
        before_h = max(0.0, TAPER_START_SOC - self.soc) / pace_soc
        before_kwh = self.max_kw * before_h
        slope = self._taper / (1.0 - TAPER_START_SOC)
        start_share = 1.0 - slope * max(0.0, self.soc - TAPER_START_SOC)
        decay = slope * pace_soc
        within = 1.0 - math.exp(-decay * (span_h - before_h))
        return before_kwh + max(0.0, start_share) * self.max_kw * within / decay
