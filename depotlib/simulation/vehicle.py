"""A vehicle while it is at the depot: what it takes in an interval, what it has, what it lost."""

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
        "_high_from",
        "_taper",
        "charged_kwh",
        "dwell",
        "first",
        "index",
        "last",
        "left_kwh",
        "lost_kwh",
        "max_kw",
        "min_kw",
        "most_kw",
        "place",
        "powered_from",
        "soc",
        "squared_kwh",
    )

    def __init__(self, index: int, dwell: Dwell, *, first: int, last: int) -> None:
        self.index, self.dwell, self.first, self.last = index, dwell, first, last
        self.left_kwh = dwell.energy_target_kwh
        self.charged_kwh = self.squared_kwh = self.most_kw = 0.0
        self.lost_kwh: dict[UnmetCause, float] = {}
        self.place, self.powered_from = NOWHERE, last
        self.max_kw = self.min_kw = 0.0
        battery = dwell.battery
        self.soc = 0.0 if battery is None else battery.arrival_soc
        self._gain_soc = (
            0.0 if battery is None else battery.wall_efficiency_share / battery.usable_kwh
        )
        self._taper = 0.0
        self._high_from = first if self.soc > HIGH_SOC else last

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
    def high_soc_from(self) -> int:
        """Return the first interval that begins above `HIGH_SOC`; the last one's end: none."""
        return self._high_from

    def wish_kw(self, interval_h: float) -> float:
        """Return the greatest mean power that it can take in the next interval."""
        wish_kw = min(self.max_kw, self.left_kwh / interval_h)
        if self._taper and self.soc + wish_kw * interval_h * self._gain_soc > TAPER_START_SOC:
            return min(wish_kw, self._tapered_kwh(interval_h) / interval_h)
        return wish_kw

    def can_run(self, power_kw: float, wish_kw: float) -> bool:
        """Return whether it charges at a power: at its minimum, or at all that it wishes."""
        return power_kw > TINY_KW and power_kw >= min(self.min_kw, wish_kw) - TINY_KW

    def charge(self, power_kw: float, *, interval_h: float, interval: int) -> None:
        """Take a mean power for an interval."""
        energy_kwh = power_kw * interval_h
        self.left_kwh = max(0.0, self.left_kwh - energy_kwh)
        self.charged_kwh += energy_kwh
        self.squared_kwh += energy_kwh * power_kw
        self.most_kw = max(self.most_kw, power_kw)
        if self._gain_soc:
            self.soc = min(1.0, self.soc + energy_kwh * self._gain_soc)
            if self.soc > HIGH_SOC and interval + 1 < self._high_from:
                self._high_from = interval + 1

    def lose(self, cause: UnmetCause, energy_kwh: float) -> None:
        """Note energy that it could have taken and did not get."""
        self.lost_kwh[cause] = self.lost_kwh.get(cause, 0.0) + energy_kwh

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
