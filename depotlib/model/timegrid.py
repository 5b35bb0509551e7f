"""The grid of half-open intervals on which a plan is made."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from depotlib.errors import ModelError
from depotlib.units import SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True)
class TimeGrid:
    """Equal half-open intervals, named by their start; power in one is its mean.

    Parameters
    ----------
    start : datetime
        Start of the first interval, aware.
    interval_s : int
        Length of every interval [s], more than 0.
    count : int
        Number of intervals, at least 1.
    """

    start: datetime
    interval_s: int
    count: int

    def __post_init__(self) -> None:
        """Refuse a naive start and an empty grid."""
        if self.start.tzinfo is None:
            raise ModelError("a time grid needs a start with an offset from UTC", where="TimeGrid")
        if self.interval_s <= 0 or self.count <= 0:
            raise ModelError(
                f"a grid of {self.count} intervals of {self.interval_s} s holds no time",
                where="TimeGrid",
            )

    @property
    def step(self) -> timedelta:
        """Return the length of one interval."""
        return timedelta(seconds=self.interval_s)

    @property
    def interval_h(self) -> float:
        """Return the length of one interval [h]."""
        return self.interval_s / SECONDS_PER_HOUR

    @property
    def end(self) -> datetime:
        """Return the end of the last interval, exclusive."""
        return self.start + self.count * self.step

    def starts(self) -> list[datetime]:
        """Return the start of every interval, (count,), UTC."""
        first = self.start.astimezone(UTC)
        return [first + index * self.step for index in range(self.count)]

    def first_whole_interval(self, instant: datetime) -> int:
        """Return the index of the first interval that begins at or after an instant.

        May lie outside 0..count: the caller clips.
        """
        return -((self.start - instant) // self.step)

    def interval_of(self, instant: datetime) -> int:
        """Return the index of the interval that holds an instant; may lie outside the grid."""
        return (instant - self.start) // self.step


def grid_over(start: datetime, end: datetime, *, interval_s: int) -> TimeGrid:
    """Return the smallest grid aligned to the interval that covers [start, end).

    Parameters
    ----------
    start, end : datetime
        Aware; `end` after `start`.
    interval_s : int
        Interval length [s]; the grid starts at a multiple of it since the epoch. Every zone's
        offset is a multiple of 15 minutes, so UTC quarter-hours are local quarter-hours.

    Raises
    ------
    ModelError
        If the span is empty.
    """
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    step = timedelta(seconds=interval_s)
    first = epoch + ((start - epoch) // step) * step
    count = -((first - end) // step)
    return TimeGrid(start=first, interval_s=interval_s, count=count)
