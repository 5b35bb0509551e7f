"""The meter of a session as a line through its registers: energy between any two instants."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.reconciliation.told import ToldSession

SILENCE: Final = timedelta(minutes=5)
"""A session without an end that tells no meter for longer is not known to go on."""


@dataclass(frozen=True, slots=True)
class Meter:
    """Energy of a session since its start, rising, between its readings in proportion to time.

    Parameters
    ----------
    instants : tuple of datetime
        Rising; the first is the session's start.
    readings_kwh : tuple of float
        Since the start, never falling.
    end : datetime
        When the session ended; of one without an end, when nothing more was heard of it.
    """

    instants: tuple[datetime, ...]
    readings_kwh: tuple[float, ...]
    end: datetime

    @classmethod
    def of(cls, session: ToldSession, *, until: datetime) -> "Meter":
        """Return the meter of a session; samples that were told late take their place in time."""
        last = max((at for at, _ in session.registers_kwh), default=session.start)
        is_heard = until <= last + SILENCE
        end = session.end or max(session.start, until if is_heard else last)
        told = sorted((at, kwh) for at, kwh in session.registers_kwh if session.start < at <= end)
        instants, readings = [session.start], [0.0]
        for at, kwh in told:
            if at > instants[-1]:
                instants.append(at)
                readings.append(max(kwh, readings[-1]))
            else:
                readings[-1] = max(kwh, readings[-1])
        return cls(tuple(instants), tuple(readings), end)

    @property
    def total_kwh(self) -> float:
        """Return all that was delivered."""
        return self.readings_kwh[-1]

    def energy_kwh(self, start: datetime, end: datetime) -> float:
        """Return what was delivered in a half-open span."""
        return self._at_kwh(end) - self._at_kwh(start)

    def _at_kwh(self, instant: datetime) -> float:
        place = bisect_right(self.instants, instant)
        if place == 0:
            return 0.0
        if place == len(self.instants):
            return self.readings_kwh[-1]
        left, right = self.instants[place - 1], self.instants[place]
        part = (instant - left) / (right - left)
        low, high = self.readings_kwh[place - 1], self.readings_kwh[place]
        return low + part * (high - low)
