"""Columns of a table with a day in each row: which interval of the day a column holds."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from depotlib.ingest.source import Stamps
from depotlib.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

_CLOCK: Final = re.compile(
    r"^\D*?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?\s*(?P<half>[AaPp][Mm])?"
    r"(?:\s*(?:-|–|to)\s*\d.*)?(?:\s*\(\d{1,3}\))?$"
)
_COMPACT: Final = re.compile(r"^[A-Za-z_ ]*(?P<hour>[0-2]\d)(?P<minute>[0-5]\d)$")
_NUMBERED: Final = re.compile(r"^[A-Za-z_ .()]*?_?(?P<number>\d{1,3})$")
_NOON_H: Final = 12
LEAST_COLUMNS: Final = 23
"""Fewer are no day in hours, even of a day that clocks shorten."""
_MOST_BY_INTERVAL_S: Final = ((25, SECONDS_PER_HOUR), (50, SECONDS_PER_HOUR // 2),
                              (100, SECONDS_PER_HOUR // 4))  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayColumn:
    """One interval of a day.

    Parameters
    ----------
    name : str
        Of the column.
    offset_s : int
        By the clock: what its name says, after midnight. By number: when it begins, elapsed since
        midnight [s].
    is_repeated : bool
        Whether it is the second column with this time: that of the hour which clocks repeat.
    """

    name: str
    offset_s: int
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class DayColumns:
    """The intervals of a day, by columns.

    Parameters
    ----------
    columns : tuple of DayColumn
    interval_s : int
    is_by_clock : bool
        True: a column is named by a time of day; False: by its number in the day.
    stamps : {'start', 'end'}
        Which end of the interval the names tell.
    """

    columns: tuple[DayColumn, ...]
    interval_s: int
    is_by_clock: bool
    stamps: Stamps

    @property
    def has_repeats(self) -> bool:
        """Return whether the hour that clocks repeat has columns of its own."""
        return any(column.is_repeated for column in self.columns)


def day_columns(header: Sequence[str], *, stamps: Stamps | None = None) -> DayColumns | None:
    """Return which columns hold the intervals of a day, None where they do not make one.

    Parameters
    ----------
    header : sequence of str
    stamps : {'start', 'end'} or None
        Which end of an interval times of day name; None: judged by whether midnight is the first
        of them or the last.
    """
    return _by_clock(header, stamps=stamps) or _by_number(header)


def _by_clock(header: Sequence[str], *, stamps: Stamps | None) -> DayColumns | None:
    clocks = [(name, at) for name in header if (at := _clock_s(name)) is not None]
    if len(clocks) < LEAST_COLUMNS:
        return None
    steps = Counter(after - before for (_, before), (_, after) in pairwise(clocks))
    interval_s = steps.most_common(1)[0][0]
    if interval_s <= 0:
        return None
    begins_late = clocks[0][1] == interval_s
    stamped: Stamps = stamps or ("end" if begins_late else "start")
    seen: Counter[int] = Counter()
    columns: list[DayColumn] = []
    for name, at in clocks:
        ends_day = stamped == "end" and at == 0
        offset_s = SECONDS_PER_DAY if ends_day else at
        columns.append(DayColumn(name, offset_s, is_repeated=seen[offset_s] > 0))
        seen[offset_s] += 1
    return DayColumns(tuple(columns), interval_s, is_by_clock=True, stamps=stamped)


def _by_number(header: Sequence[str]) -> DayColumns | None:
    numbered = [
        (name, int(match["number"])) for name in header if (match := _NUMBERED.match(name.strip()))
    ]
    numbers = [number for _, number in numbered]
    first = numbers[0] if numbers else -1
    if len(numbers) < LEAST_COLUMNS or first not in {0, 1}:
        return None
    if numbers != list(range(first, first + len(numbers))):
        return None
    interval_s = next((s for most, s in _MOST_BY_INTERVAL_S if len(numbers) <= most), None)
    if interval_s is None:
        return None
    columns = tuple(DayColumn(name, (number - first) * interval_s) for name, number in numbered)
    return DayColumns(columns, interval_s, is_by_clock=False, stamps="start")


def _clock_s(name: str) -> int | None:
    """Return the time of day that a column is named by [s], None where it is none."""
    match = _CLOCK.match(name.strip()) or _COMPACT.match(name.strip())
    if match is None:
        return None
    hour, minute = int(match["hour"]), int(match["minute"])
    half = match.groupdict().get("half")
    if half:
        hour = hour % _NOON_H + (_NOON_H if half.lower() == "pm" else 0)
    at = hour * SECONDS_PER_HOUR + minute * SECONDS_PER_MINUTE
    return at if at <= SECONDS_PER_DAY else None
