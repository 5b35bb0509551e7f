"""Whoever waits for a plan: told how far it is, and free to say that the best so far will do.

A wish to stop is a budget that ends: what is solved already stays, and a few seconds are left to
make a whole plan of it.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal

Stage = Literal["bound", "windows", "powers", "audit"]
GRACE_S: Final = 3.0
"""What the solvers of a stage may take after a wish to stop: for many vans it is enough."""


@dataclass(frozen=True, slots=True)
class PlanProgress:
    """How far a plan is.

    Parameters
    ----------
    stage : {'bound', 'windows', 'powers', 'audit'}
        What is being looked for: the least bill without plugs, who stands where, the powers
        there; or the finished plan is checked.
    drafts : int
        Yards that were made and solved so far.
    bound_amount : float or None
        No plan can be cheaper.
    incumbent_amount : float or None
        Bill of the best plan so far.
    unmet_kwh : float
        What that plan still lacks of the targets.
    """

    stage: Stage = "bound"
    drafts: int = 0
    bound_amount: float | None = None
    incumbent_amount: float | None = None
    unmet_kwh: float = 0.0


class Watch:
    """What a planner tells while it plans, and the wish to stop that others may have.

    The wish may come from another thread than the one that plans.

    Parameters
    ----------
    on_progress : callable
        Told in the thread that plans.
    timer : callable
        Seconds of a running clock.
    """

    def __init__(
        self,
        on_progress: Callable[[PlanProgress], None] | None = None,
        *,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.progress = PlanProgress()
        self._on_progress = on_progress
        self._timer = timer
        self._end_s = float("inf")
        self._is_asked = False
        self._interrupt: Callable[[], None] | None = None

    def tell(self, progress: PlanProgress) -> None:
        """Note how far the plan is, and tell it; a wish to stop leaves each stage its time."""
        if self._is_asked and progress.stage != self.progress.stage:
            self._end_s = self._timer() + GRACE_S
        self.progress = progress
        if self._on_progress is not None:
            self._on_progress(progress)

    def give_up(self) -> None:
        """Wish that the plan be ended at once: nobody wants it any more."""
        self._end_s = self._timer()
        self._is_asked = True
        if self._interrupt is not None:
            self._interrupt()

    def ask_to_stop(self) -> None:
        """Wish that the plan be ended; asked again once its time is over, a solver is interrupted."""
        if not self._is_asked:
            self._end_s = self._timer() + GRACE_S
            self._is_asked = True
        elif self.is_over and self._interrupt is not None:
            self._interrupt()

    @property
    def is_stop_asked(self) -> bool:
        """Return whether somebody wishes that the plan be ended."""
        return self._is_asked

    @property
    def left_s(self) -> float:
        """Return what solvers may still take [s]; infinite as long as nobody wishes an end."""
        return self._end_s - self._timer() if self._is_asked else float("inf")

    @property
    def is_over(self) -> bool:
        """Return whether the time is over that a wish to stop leaves."""
        return self.left_s <= 0

    @contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Generator[None]:
        """Say how the solver is interrupted that runs within the block."""
        self._interrupt = interrupt
        try:
            yield
        finally:
            self._interrupt = None

    def found(self, incumbent_amount: float, *, unmet_kwh: float, drafts: int) -> None:
        """Tell the best plan so far."""
        self.tell(
            replace(
                self.progress,
                drafts=drafts,
                incumbent_amount=incumbent_amount,
                unmet_kwh=unmet_kwh,
            )
        )
