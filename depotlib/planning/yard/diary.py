"""When drives across the yard begin, and whether another one still may."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

HOUR: Final = timedelta(hours=1)


class DriveDiary:
    """The drives of a night under a limit for any hour, half-open.

    Parameters
    ----------
    limit : int
        Drives that may begin within an hour; 0: as many as there are.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._instants: list[datetime] = []

    def has_room(self, at: datetime, drives: int) -> bool:
        """Return whether so many more drives may begin at an instant."""
        if not self._limit:
            return True
        after = at - HOUR
        near = [instant for instant in self._instants if after < instant < at + HOUR]
        if not near:
            return drives <= self._limit
        # Every hour that holds the instant begins with it or with an earlier drive.
        begins = [*(instant for instant in near if instant <= at), at]
        return all(_within(near, begin) + drives <= self._limit for begin in begins)

    def add(self, instants: Iterable[datetime]) -> None:
        """Enter drives."""
        for instant in instants:
            insort(self._instants, instant)

    def fits(self, instants: Iterable[datetime]) -> bool:
        """Return whether drives may all begin, one after the other entered."""
        trial = DriveDiary(self._limit)
        trial.add(self._instants)
        for instant in sorted(instants):
            if not trial.has_room(instant, 1):
                return False
            trial.add([instant])
        return True


def busiest_hour(instants: Iterable[datetime]) -> tuple[int, datetime | None]:
    """Return the most drives that begin within an hour, and the first such hour's begin."""
    rising = sorted(instants)
    counts = [_within(rising, begin) for begin in rising]
    if not counts:
        return 0, None
    most = max(counts)
    return most, rising[counts.index(most)]


def _within(rising: list[datetime], begin: datetime) -> int:
    """Return how many of some rising instants lie in the hour from one on."""
    return bisect_left(rising, begin + HOUR) - bisect_left(rising, begin)
