"""The running billing window: what the site may draw for the rest of it.

A demand charge is set by the mean of a window, so what counts is the energy until its end:
allowed = (target × length − energy so far) / time left. Early in a window a short excess is
spread over the time left; late in it what was not used may still be, as far as vehicles follow.
"""

import math
from dataclasses import dataclass, field
from typing import Final

from depotlib.units import energy_kwh, mean_power_kw

LAST_S: Final = 30.0
"""What is left over is never offered faster than over so long: vehicles take seconds [s]."""
GAP_S: Final = 30.0
"""Readings further apart leave a gap, reckoned at the higher of its ends and the target."""


@dataclass(slots=True)
class RunningWindow:
    """The billing window that runs now, by the meter's clock.

    Parameters
    ----------
    target_kw : float
        What the mean of the window is held to.
    length_s : float
        Windows begin at whole multiples of it since 1970.
    """

    target_kw: float
    length_s: float = 900.0
    start_s: float = field(default=-math.inf, init=False)
    used_kwh: float = field(default=0.0, init=False)
    is_seen: bool = field(default=False, init=False)
    """Whether no part of it so far had to be guessed."""
    declared_kw: float = field(default=0.0, init=False)
    """The target where no plan has a lower one."""
    _at_s: float = field(default=-math.inf, init=False)
    _power_kw: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Begin with the target that was declared."""
        self.declared_kw = self.target_kw

    def aim(self, target_kw: float | None) -> None:
        """Hold the window to what a plan has in it [kW]; None, or more: to what was declared."""
        self.target_kw = self.declared_kw
        if target_kw is not None:
            self.target_kw = min(self.declared_kw, target_kw)

    @property
    def end_s(self) -> float:
        """Return when the window ends by the meter's clock [s since 1970]."""
        return self.start_s + self.length_s

    def to_middle_s(self, at_s: float) -> float:
        """Return how far ahead the middle of the running window is; 0 where none was begun [s].

        Parameters
        ----------
        at_s : float
            By the meter's clock [s since 1970].
        """
        left_s = self.end_s - at_s
        return left_s - self.length_s / 2.0 if 0.0 < left_s <= self.length_s else 0.0

    def take(self, at_s: float, power_kw: float) -> None:
        """Count a reading: its power is held to have grown or fallen evenly since the last one.

        Parameters
        ----------
        at_s : float
            By the meter's clock [s since 1970]; one that is not later is left out.
        power_kw : float
        """
        if not at_s > self._at_s:
            return
        start_s = math.floor(at_s / self.length_s) * self.length_s
        before_s, before_kw = self._at_s, self._power_kw
        if start_s > self.start_s:
            self.start_s, self.used_kwh, self.is_seen = start_s, 0.0, True
            if before_s < start_s - GAP_S:
                before_s, before_kw = -math.inf, self.target_kw
        from_s = max(before_s, start_s)
        self.is_seen &= at_s == from_s or at_s - before_s <= GAP_S
        self.used_kwh += energy_kwh(
            self._mean_kw(before_s, before_kw, at_s=at_s, power_kw=power_kw, from_s=from_s),
            at_s - from_s,
        )
        self._at_s, self._power_kw = at_s, power_kw

    def allowed_kw(self, at_s: float) -> float:
        """Return what the whole site may draw from an instant to the end of its window [kW].

        From the last reading to the instant the power is held to have stayed. After the end of
        the window, the target of the next one.
        """
        if at_s >= self.end_s:
            return self.target_kw
        left_s = self.end_s - at_s
        since_s = max(0.0, at_s - self._at_s)
        used_kwh = self.used_kwh + energy_kwh(self._power_kw, since_s)
        left_kwh = energy_kwh(self.target_kw, self.length_s) - used_kwh
        if left_kwh <= 0.0:
            return 0.0
        even_kw = mean_power_kw(left_kwh, left_s)
        # Nobody follows fast enough to use much in the last seconds; the target is kept.
        return min(even_kw, max(self.target_kw, mean_power_kw(left_kwh, LAST_S)))

    def mean_kw(self) -> float:
        """Return the mean of the window so far [kW]; the target before the first reading."""
        passed_s = self._at_s - self.start_s
        if not 0.0 < passed_s < math.inf:
            return self.target_kw
        return mean_power_kw(self.used_kwh, passed_s)

    def _mean_kw(
        self, before_s: float, before_kw: float, *, at_s: float, power_kw: float, from_s: float
    ) -> float:
        """Return the mean power of a span that no reading lies in [kW]."""
        if before_s == -math.inf:
            return self.target_kw  # nobody saw it: as if all had gone by plan
        if at_s - before_s > GAP_S:
            return max(self.target_kw, before_kw, power_kw)
        share = (from_s - before_s) / (at_s - before_s)
        return (before_kw + (power_kw - before_kw) * share + power_kw) / 2.0
