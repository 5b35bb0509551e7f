"""How many calls each caller may make, and how many streams may be open."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from depotlib.errors import CallRateError

CALLS_PER_S: Final = 20
"""On average; 60 departures in a second fit into the burst."""
BURST_CALLS: Final = 200
MOST_STREAMS: Final = 16


@dataclass(slots=True)
class _Bucket:
    calls_left_count: float
    filled_s: float


class Throttle:
    """A bucket of calls for every caller, and the count of open streams; for any thread.

    Callers are the names of keys and tokens, and one more for all without: few, and no stranger
    makes new ones.

    Parameters
    ----------
    calls_per_s, burst_calls : int
        What a caller may ask on average, and at once.
    monotonic : callable
        The seconds that have passed.
    """

    def __init__(
        self,
        *,
        calls_per_s: int = CALLS_PER_S,
        burst_calls: int = BURST_CALLS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls_per_s = calls_per_s
        self._burst_calls = burst_calls
        self._monotonic = monotonic
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()
        self.open_streams = 0

    def take(self, caller: str) -> None:
        """Count a call.

        Raises
        ------
        CallRateError
            If its caller has none left.
        """
        now_s = self._monotonic()
        with self._lock:
            bucket = self._buckets.setdefault(caller, _Bucket(float(self._burst_calls), now_s))
            gained_count = (now_s - bucket.filled_s) * self._calls_per_s
            bucket.calls_left_count = min(
                float(self._burst_calls), bucket.calls_left_count + gained_count
            )
            bucket.filled_s = now_s
            if bucket.calls_left_count < 1.0:
                raise CallRateError(
                    "too many calls",
                    where=caller or "callers without a key",
                    hint=f"call again in a second; {self._calls_per_s} a second are served",
                )
            bucket.calls_left_count -= 1.0

    def require_stream(self) -> None:
        """Refuse one stream more than may be open at once, with `CallRateError`."""
        if self.open_streams >= MOST_STREAMS:
            raise CallRateError(
                f"{MOST_STREAMS} streams are open",
                where="/v1/stream",
                hint="close one, or read /v1/sessions",
            )
