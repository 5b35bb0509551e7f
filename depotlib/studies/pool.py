"""Worker processes on this machine: a pool that is made anew when a worker dies."""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Final, ParamSpec, Protocol, TypeVar

from depotlib.errors import StudyError

P = ParamSpec("P")
T = TypeVar("T")
MOST_DEATHS: Final = 3
"""So often may a worker die that has one scenario alone before the scenario is called guilty."""
_AHEAD: Final = 2
"""How many scenarios wait for each worker: none idles while a result is written."""


class Workers(Protocol):
    """Where scenarios are evaluated."""

    @property
    def most_in_flight(self) -> int:
        """Return how many scenarios are given out at the same time."""
        ...

    @property
    def is_one_fate(self) -> bool:
        """Return whether a death takes along all that was out, and not only what it is told for."""
        ...

    @property
    def most_deaths(self) -> int:
        """Return how often a scenario may die alone before it is called guilty."""
        ...

    def submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give out one call."""
        ...

    def is_death(self, error: BaseException) -> bool:
        """Return whether an error says that a scenario's worker died; others may have killed it."""
        ...

    def renew(self) -> None:
        """Replace the workers after a death."""
        ...

    def close(self) -> None:
        """Let the workers go; what is out is not waited for."""
        ...


class LocalWorkers:
    """Processes on this machine.

    Parameters
    ----------
    jobs : int
        How many; 0: none, everything in this process (for tests and very small studies).

    Raises
    ------
    StudyError
        If no worker lives long enough to say so. Scenarios would be blamed for it otherwise.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._executor = self._started()
        try:
            self._executor.submit(os.getpid).result()
        except BrokenProcessPool as error:
            raise StudyError(
                "worker processes die as soon as they are started",
                where="--jobs",
                hint="a script that runs studies does so under `if __name__ == '__main__':`, "
                "since each worker reads it, too; or use --jobs 0",
            ) from error

    @property
    def most_in_flight(self) -> int:
        """Return how many scenarios are given out at the same time."""
        return _AHEAD * max(1, self._jobs)

    @property
    def is_one_fate(self) -> bool:
        """Return True: with one process of the pool all of it is gone."""
        return True

    @property
    def most_deaths(self) -> int:
        """Return `MOST_DEATHS`: a worker may also die of what others do to the machine."""
        return MOST_DEATHS

    def submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give out one call, to new workers if the old ones are gone."""
        try:
            return self._executor.submit(function, *args, **kwargs)
        except BrokenProcessPool:
            self.renew()
            return self._executor.submit(function, *args, **kwargs)

    def is_death(self, error: BaseException) -> bool:
        """Return whether a worker process died: all that was out is lost, none of it is guilty."""
        return isinstance(error, BrokenProcessPool)

    def renew(self) -> None:
        """Replace the workers after a death."""
        self.close()
        self._executor = self._started()

    def close(self) -> None:
        """Let the workers go; what is out is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _started(self) -> Executor:
        if self._jobs == 0:
            return ThreadPoolExecutor(max_workers=1)
        # A fork would copy the threads' locks of the libraries and not the threads.
        return ProcessPoolExecutor(
            self._jobs, mp_context=get_context("spawn"), initializer=settle_worker
        )


def settle_worker() -> None:
    """Make a process a good worker: one thread, and an end with its runner's end.

    A worker waits at a pipe of which it holds both ends; it would never learn that its runner was
    killed, and live on.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # As many workers as processors: threads of a table library would only be in each other's way.
    os.environ["POLARS_MAX_THREADS"] = "1"
    threading.Thread(target=_end_with_the_runner, daemon=True).start()


def _end_with_the_runner() -> None:
    runner = parent_process()
    if runner is not None:
        wait([runner.sentinel])
        os._exit(os.EX_TEMPFAIL)
