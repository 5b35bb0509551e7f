"""Parts of sentences for a dispatcher: names, hours, energies and money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from depotlib.model.timegrid import TimeGrid
from depotlib.planning.problem import IntArray
from depotlib.units import MINUTES_PER_HOUR, SECONDS_PER_MINUTE

_NAMED: Final = 5
_LEAST_AMOUNT: Final = 0.005


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of time."""

    start: datetime
    end: datetime


def spans_of(intervals: IntArray | Sequence[int], grid: TimeGrid) -> tuple[Span, ...]:
    """Return intervals as spans, neighbours joined."""
    at = np.unique(np.asarray(intervals, dtype=np.int64))
    if not len(at):
        return ()
    runs = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
    return tuple(
        Span(grid.start + int(run[0]) * grid.step, grid.start + (int(run[-1]) + 1) * grid.step)
        for run in runs
    )


def clock_words(instant: datetime, time_zone: ZoneInfo) -> str:
    """Return the local time of day: ``06:40``."""
    return instant.astimezone(time_zone).strftime("%H:%M")


def span_words(spans: Sequence[Span], time_zone: ZoneInfo) -> str:
    """Return spans as local times of day: ``from 22:00 to 05:00 and from 05:30 to 06:00``."""
    words = [
        f"from {clock_words(span.start, time_zone)} to {clock_words(span.end, time_zone)}"
        for span in spans[:_NAMED]
    ]
    if len(spans) > _NAMED:
        words.append(f"in {len(spans) - _NAMED} more spans")
    return listed(words)


def names_words(names: Sequence[str]) -> str:
    """Return the first names and how many more: ``van-01, van-02 and 7 more``."""
    if len(names) <= _NAMED + 1:
        return listed(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"


def listed(words: Iterable[str]) -> str:
    """Return words as a list: ``a, b and c``."""
    every = list(words)
    return " and ".join([", ".join(every[:-1]), every[-1]] if len(every) > 1 else every)


def percent_words(share: float) -> str:
    """Return a share in percent, for text: ``7 %``."""
    return f"{share:.0%}".replace("%", " %")


def duration_words(duration: timedelta) -> str:
    """Return a duration in minutes, or hours where they are whole."""
    minutes = round(duration.total_seconds() / SECONDS_PER_MINUTE)
    if minutes and minutes % MINUTES_PER_HOUR == 0:
        hours = minutes // MINUTES_PER_HOUR
        return "an hour" if hours == 1 else f"{hours} hours"
    return f"{minutes} minutes"


def change_words(change_amount: float, currency: str) -> str:
    """Return what happens to a bill: ``the bill rises by 180.00 USD``."""
    if abs(change_amount) < _LEAST_AMOUNT:
        return "the bill stays the same"
    verb = "rises" if change_amount > 0 else "falls"
    return f"the bill {verb} by {abs(change_amount):,.2f} {currency}"


def saving_words(saved_amount: float, currency: str) -> str:
    """Return what a change is worth: ``saves 12.30 USD``, ``costs …`` or ``saves nothing``."""
    if abs(saved_amount) < _LEAST_AMOUNT:
        return "saves nothing"
    verb = "saves" if saved_amount > 0 else "costs"
    return f"{verb} {abs(saved_amount):,.2f} {currency}"
