"""Reports on their way, in a thread of their own: a server that is slow with them delays no event."""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from depotlib.errors import DepotError
from depotlib.feeds.openadr.reports import DueReport

CLOSE_S: Final = 2.0
"""How long a report that is on its way may keep the process from ending [s]."""


class Reporter:
    """Gives reports one after the other; one that is not taken ends the round and comes last next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: list[str] = []
        self._refused: set[str] = set()
        self._trouble = ""
        self._thread: threading.Thread | None = None

    @property
    def trouble(self) -> str:
        """Return why a report was not taken; empty: the last one was."""
        with self._lock:
            return self._trouble

    def hand_over(self, due: Sequence[DueReport], give: Callable[[DueReport], None]) -> None:
        """Begin to give reports, unless earlier ones are still on their way.

        Parameters
        ----------
        due : sequence of DueReport
        give : callable
            Returns once the server has taken a report; called in the reporter's thread.
        """
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            # Read by the thread before, which is over: what was given is no longer due.
            self._refused &= {one.name for one in due}
            if not self._refused:
                self._trouble = ""
            waiting = [one for one in due if one.name not in self._given]
            waiting.sort(key=lambda one: one.name in self._refused)
        if waiting:
            # A daemon: a server that hangs must not keep the process from ending.
            self._thread = threading.Thread(
                target=self._give_all, args=(waiting, give), daemon=True
            )
            self._thread.start()

    def collect(self) -> tuple[str, ...]:
        """Return the names of the reports that were given since the last time."""
        with self._lock:
            given, self._given = tuple(self._given), []
        return given

    def wait(self, patience_s: float = CLOSE_S) -> None:
        """Wait for the reports that are on their way, no longer than this [s]."""
        if self._thread is not None:
            self._thread.join(patience_s)

    def _give_all(self, due: Iterable[DueReport], give: Callable[[DueReport], None]) -> None:
        for one in due:
            try:
                give(one)
            # ValueError, OverflowError: what a server named cannot be told back to it.
            except (DepotError, ValueError, OverflowError) as error:
                why = error.what if isinstance(error, DepotError) else type(error).__name__
                with self._lock:
                    self._refused.add(one.name)
                    self._trouble = f"report {one.name} was not taken: {why}"
                return
            with self._lock:
                self._refused.discard(one.name)
                self._given.append(one.name)
