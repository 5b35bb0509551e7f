"""A job in the hands of the process that does it: whose it is, how to tell of it, how to stop."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from depotlib.exchange.job_desk import JobTeller
from depotlib.model.job import Job
from depotlib.settings import Settings

WISHED: Final = signal.SIGUSR1
"""The wish to stop. Not SIGINT: OR-Tools takes that for itself while it solves, and leaves it so
that the next one ends the process at once (measured on 9.15.6755 with CP-SAT)."""


class StopWish:
    """What becomes of the wish that a job be stopped; it comes from another thread, again and again.

    Work that keeps what it does step by step is interrupted. Work that has to make something whole
    of what it has found says so by `heed`.
    """

    def __init__(self) -> None:
        self.is_interrupting = False
        self._answer = self.interrupt

    def heed(self, answer: Callable[[], None]) -> None:
        """Call something from now on, instead of interrupting the work."""
        self._answer = answer

    def come(self) -> None:
        """Let the work know of the wish."""
        self._answer()

    def interrupt(self) -> None:
        """Interrupt the work wherever its main thread is."""
        self.is_interrupting = True
        os.kill(os.getpid(), WISHED)


@dataclass(frozen=True, slots=True)
class JobAtHand:
    """A job and what doing it takes.

    Parameters
    ----------
    settings : Settings
    job : Job
    teller : JobTeller
        Of how far it is.
    wish : StopWish
    """

    settings: Settings
    job: Job
    teller: JobTeller
    wish: StopWish


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended.

    Parameters
    ----------
    note : str
        Its last sentence.
    result_id : str or None
    is_stopped : bool
        Whether it was stopped before its end, with a result all the same.
    """

    note: str
    result_id: str | None
    is_stopped: bool = False
