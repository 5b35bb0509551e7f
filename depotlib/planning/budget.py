"""The time that a solve may take, handed down to every solver that it calls."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from depotlib.planning.watch import Watch

TIME_LIMIT_S: Final = 120.0
"""Of a solve for which nobody says another."""
_LEAST_S: Final = 0.05
"""A solver that is called at all is given this much."""


@dataclass(frozen=True, slots=True)
class Budget:
    """An end on a running clock.

    Parameters
    ----------
    end_s : float
        Seconds of the timer.
    timer : callable
        Seconds of a running clock.
    watch : Watch or None
        Whose wish to stop ends it earlier.
    """

    end_s: float
    timer: Callable[[], float]
    watch: Watch | None = None

    @property
    def is_spent(self) -> bool:
        """Return whether the time is over."""
        return self.timer() >= self.end_s or (self.watch is not None and self.watch.is_over)

    def left_s(self, *, at_most_s: float = TIME_LIMIT_S) -> float:
        """Return what one more solver may take [s]: never nothing, so that it can say something."""
        wished_s = at_most_s if self.watch is None else self.watch.left_s
        return max(_LEAST_S, min(at_most_s, wished_s, self.end_s - self.timer()))


def budget_of(
    time_limit_s: float = TIME_LIMIT_S,
    *,
    timer: Callable[[], float] = time.perf_counter,
    watch: Watch | None = None,
) -> Budget:
    """Return a budget that begins now; a wish to stop that the watch has taken ends it."""
    return Budget(end_s=timer() + time_limit_s, timer=timer, watch=watch)
