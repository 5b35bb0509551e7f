"""Instants from text: offsets, naive local times, the order of day and month, clock changes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from depotlib.model.calendar import is_in_gap, is_repeated_hour, local_to_utc
from depotlib.units import MINUTES_PER_HOUR

DateOrder = Literal["year_month_day", "day_month_year", "month_day_year"]
ClockChange = Literal["", "gap", "repeat"]

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
"""Nobody charged a fleet before, and clocks that lost their battery restart at 1970."""

_MONTHS: Final = 12
_MONTH_FIRST_ZONES: Final = frozenset(
    {"America/New_York", "America/Detroit", "America/Chicago", "America/Denver", "America/Phoenix",
     "America/Boise", "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu"}
)  # fmt: skip
"""The United States: elsewhere numeric dates begin with the day or the year."""
_PATTERN: Final = re.compile(
    r"""^\s*(?P<a>\d{1,4})[/.\-](?P<b>\d{1,2})[/.\-](?P<c>\d{1,4})
    (?:(?:[T,]|\s)\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d+))?)?)?
    \s*(?P<half>[AaPp][Mm])?
    \s*(?P<offset>[Zz]|[+-]\d{2}:?\d{2}|[+-]\d{2})?\s*$""",
    re.VERBOSE,
)
_YEAR_DIGITS: Final = 4
_NOON_H: Final = 12


@dataclass(frozen=True, slots=True)
class BadTime:
    """A text that is no instant, and why."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class ReadTime:
    """An instant read from text.

    Parameters
    ----------
    instant : datetime
        UTC.
    clock_change : {'', 'gap', 'repeat'}
        Whether the local reading never happened (it was moved forward by the gap) or happened
        twice (the first was taken).
    """

    instant: datetime
    clock_change: ClockChange = ""


@dataclass(frozen=True, slots=True)
class DateOrderVerdict:
    """The order of day and month in a file.

    Parameters
    ----------
    order : DateOrder
    is_assumed : bool
        True where no date of the file can decide it.
    """

    order: DateOrder
    is_assumed: bool = False


def judge_date_order(texts: Iterable[str], *, assumed: DateOrder) -> DateOrderVerdict:
    """Return the order of day and month that a column's dates allow.

    Parameters
    ----------
    texts : iterable of str
        All dates of the file.
    assumed : DateOrder
        Taken where every date can be read both ways, and where the evidence is even.
    """
    year_first = day_first = month_first = both = 0
    for match in map(_PATTERN.match, texts):
        if match is None:
            continue
        first, second = match["a"], match["b"]
        year_first += len(first) == _YEAR_DIGITS
        day_first += len(first) < _YEAR_DIGITS and int(first) > _MONTHS
        month_first += len(first) < _YEAR_DIGITS and int(second) > _MONTHS
        both += len(first) < _YEAR_DIGITS
    if year_first > both:
        return DateOrderVerdict("year_month_day")
    if day_first == month_first:
        return DateOrderVerdict(assumed, is_assumed=True)
    return DateOrderVerdict("day_month_year" if day_first > month_first else "month_day_year")


def usual_date_order(time_zone: str | None) -> DateOrder:
    """Return the order of day and month in which people of a zone write dates: the assumption."""
    return "month_day_year" if time_zone in _MONTH_FIRST_ZONES else "day_month_year"


def have_offsets(texts: Iterable[str]) -> bool:
    """Return whether every readable time of a column names its offset from UTC."""
    matches = [match for match in map(_PATTERN.match, texts) if match]
    return bool(matches) and all(match["offset"] for match in matches)


@lru_cache(maxsize=50_000)  # the columns of a file are judged before they are read
def read_time(text: str, *, order: DateOrder, time_zone: ZoneInfo | None) -> ReadTime | BadTime:
    """Return the instant that a text names, or why it names none.

    Parameters
    ----------
    text : str
        With an offset, or local in `time_zone`.
    order : DateOrder
        Of numeric dates that do not begin with the year.
    time_zone : ZoneInfo or None
        None: a time without offset is a `BadTime`.
    """
    match = _PATTERN.match(text)
    if match is None:
        return BadTime("bad_time", f"{text!r} is not a date and time")
    naive = _naive(match, order=order)
    if isinstance(naive, BadTime):
        return naive
    if not FIRST_YEAR <= naive.year <= LAST_YEAR:
        return BadTime("implausible_time", f"{text!r} is outside {FIRST_YEAR} to {LAST_YEAR}")
    if match["offset"]:
        return ReadTime((naive - _offset(match["offset"])).replace(tzinfo=UTC))
    if time_zone is None:
        return BadTime("no_time_zone", f"{text!r} has no offset and no zone is known")
    return local_time(naive, time_zone)


def local_time(naive: datetime, time_zone: ZoneInfo) -> ReadTime:
    """Return the instant of a wall-clock reading, and whether a clock change touches it."""
    instant = local_to_utc(naive, time_zone)
    if is_repeated_hour(naive, time_zone):
        return ReadTime(instant, "repeat")
    if is_in_gap(naive, time_zone):
        return ReadTime(instant, "gap")
    return ReadTime(instant)


def second_of_repeat(instant: datetime, time_zone: ZoneInfo) -> datetime:
    """Return the second instant with the same wall-clock reading as the first of a repeat."""
    naive = instant.astimezone(time_zone).replace(tzinfo=None)
    return naive.replace(tzinfo=time_zone, fold=1).astimezone(UTC)


def _naive(match: re.Match[str], *, order: DateOrder) -> datetime | BadTime:
    a, b, c = int(match["a"]), int(match["b"]), int(match["c"])
    if len(match["a"]) == _YEAR_DIGITS:
        year, month, day = a, b, c
    else:
        day, month = (a, b) if order != "month_day_year" else (b, a)
        year = c if len(match["c"]) == _YEAR_DIGITS else FIRST_YEAR + c
        if month > _MONTHS >= day:
            return BadTime(
                "contradicting_date",
                f"{match[0].strip()!r} does not fit the file's order of {order.replace('_', ', ')}",
            )
    try:
        return datetime(  # noqa: DTZ001 - the wall-clock reading, before its zone is known
            year, month, day, _hour(match), int(match["minute"] or 0), int(match["second"] or 0)
        ) + timedelta(seconds=float(f"0.{match['part'] or 0}"))
    except (ValueError, OverflowError):
        return BadTime("bad_time", f"{match[0].strip()!r} is no date of the calendar")


def _hour(match: re.Match[str]) -> int:
    hour = int(match["hour"] or 0)
    if not match["half"]:
        return hour
    if not 1 <= hour <= _NOON_H:
        raise ValueError(hour)
    return hour % _NOON_H + (_NOON_H if match["half"].lower() == "pm" else 0)


def _offset(text: str) -> timedelta:
    if text in {"Z", "z"}:
        return timedelta()
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * MINUTES_PER_HOUR + int(digits[2:] or 0)
    return timedelta(minutes=-minutes if text[0] == "-" else minutes)
