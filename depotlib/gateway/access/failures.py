"""Failures of the last minute, counted by where they came from and whom they claimed to be."""

from collections import OrderedDict, deque
from typing import Final

MOST_FAILURES: Final = 5
WINDOW_S: Final = 60.0
MOST_KEYS: Final = 10_000
"""A flood of names pushes out the oldest counts, not the machine's memory."""


class Failures:
    """Counts by source and identity: a whole depot often stands behind one address."""

    def __init__(self) -> None:
        self._times: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def is_barred(self, source: str, identity: str, *, now_s: float) -> bool:
        """Return whether a source has failed too often for an identity [monotonic s]."""
        times = self._times.get((source, identity))
        if times is None:
            return False
        while times and times[0] <= now_s - WINDOW_S:
            times.popleft()
        return len(times) >= MOST_FAILURES

    def note(self, source: str, identity: str, *, now_s: float) -> int:
        """Return the failures of the last minute, this one included [monotonic s]."""
        key = (source, identity)
        times = self._times.setdefault(key, deque(maxlen=MOST_FAILURES))
        self._times.move_to_end(key)
        if len(self._times) > MOST_KEYS:
            self._times.popitem(last=False)
        times.append(now_s)
        return sum(one > now_s - WINDOW_S for one in times)
