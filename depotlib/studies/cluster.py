"""Workers of a Dask cluster, by the same interface as the processes of this machine."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Final, ParamSpec, TypeVar, cast

from distributed import Client, KilledWorker

from depotlib.errors import StudyError
from depotlib.studies.identity import code_digest

P = ParamSpec("P")
T = TypeVar("T")
_AHEAD: Final = 4
_LEAST_IN_FLIGHT: Final = 16
PATIENCE_S: Final = 60.0


class ClusterWorkers:
    """The workers of a cluster that is there already.

    The scheduler gives the work of a dead worker to another one, and after several deaths it blames
    all that the worker had: also who only waited there behind the one that killed it. So a death
    that arrives here is of one scenario, and not yet its own; whoever dies alone has done it.

    Parameters
    ----------
    address : str
        Of the scheduler, as ``tcp://host:8786``.

    Raises
    ------
    StudyError
        If no scheduler answers there, it has no worker, or a worker holds other code.
    """

    def __init__(self, address: str) -> None:
        try:
            self._client = Client(address, timeout=PATIENCE_S, set_as_default=False)
            self._client.wait_for_workers(1, timeout=PATIENCE_S)
        # Which of them it is depends on the address: refused, unknown, silent, not an address.
        except (OSError, TimeoutError, ValueError) as error:
            raise StudyError(
                f"no cluster with a worker answers: {error}",
                where=address,
                hint="start `dask scheduler` and `dask worker`, and give the scheduler's address",
            ) from error
        self._check_code(address)
        self._executor = self._client.get_executor(pure=False)
        self._threads = sum(cast("dict[str, int]", self._client.nthreads()).values())

    @property
    def most_in_flight(self) -> int:
        """Return how many scenarios are given out at the same time."""
        return max(_LEAST_IN_FLIGHT, _AHEAD * self._threads)

    def submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give out one call."""
        return cast("Future[T]", self._executor.submit(function, *args, **kwargs))

    @property
    def is_one_fate(self) -> bool:
        """Return False: what is with other workers goes on."""
        return False

    @property
    def most_deaths(self) -> int:
        """Return 1: the scheduler has tried several workers before it says anything."""
        return 1

    def is_death(self, error: BaseException) -> bool:
        """Return whether the scheduler gave a scenario up because worker after worker died of it.

        Raises
        ------
        StudyError
            If the cluster itself went away.
        """
        if isinstance(error, CancelledError):
            raise StudyError(
                "the cluster went away before the study was done",
                where="cluster",
                hint="start it and run the study again: what is done is kept",
            ) from error
        return isinstance(error, KilledWorker)

    def renew(self) -> None:
        """Give out through a new executor: a scenario that comes again is a new task there.

        The scheduler has replaced the workers itself, and what others have in hand goes on.
        """
        self._executor = self._client.get_executor(pure=False)

    def close(self) -> None:
        """Let the workers go; what is out is not waited for."""
        # With the client all that it asked for is let go, whichever executor asked.
        self._client.close()

    def _check_code(self, address: str) -> None:
        # The client is not asynchronous here: it answers with the result itself.
        theirs = cast("dict[str, str]", self._client.run(code_digest))
        ours = code_digest()
        others = sorted(worker for worker, digest in theirs.items() if digest != ours)
        if others:
            self._client.close()
            raise StudyError(
                f"{len(others)} workers hold other code: {', '.join(others)}",
                where=address,
                hint="install the same depotlib and libraries on all of them",
            )
