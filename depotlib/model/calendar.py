"""Local time: the only place that turns instants into wall-clock facts and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from depotlib.errors import ModelError

SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class WallClock:
    """What a tariff's schedule asks of an instant, in local time.

    Parameters
    ----------
    month : int
        1 to 12.
    day : date
        Local date.
    hour : int
        0 to 23.
    is_weekend : bool
        Saturday or Sunday.
    """

    month: int
    day: date
    hour: int
    is_weekend: bool


@dataclass(frozen=True, slots=True)
class BillingPeriod:
    """The half-open span [start, end) that one bill covers."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse a naive or empty span."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ModelError("a billing period needs instants with an offset from UTC")
        if self.end <= self.start:
            raise ModelError(f"the billing period {self.start} to {self.end} is empty")


def zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises
    ------
    ModelError
        If there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ModelError(
            f"there is no time zone {name!r}",
            where="time_zone",
            hint="use an IANA name such as America/New_York",
        ) from error


def wall_clock(instant: datetime, time_zone: ZoneInfo) -> WallClock:
    """Return the local facts of an instant."""
    local = instant.astimezone(time_zone)
    return WallClock(
        month=local.month, day=local.date(), hour=local.hour, is_weekend=local.weekday() >= SATURDAY
    )


def wall_clocks(instants: Sequence[datetime], time_zone: ZoneInfo) -> list[WallClock]:
    """Return the local facts of many instants, in their order."""
    return [wall_clock(instant, time_zone) for instant in instants]


def local_instant(day: date, at: time, *, time_zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a local date and time.

    A time in the spring gap is moved forward by the gap; the first of a repeated autumn hour is
    taken.
    """
    return datetime.combine(day, at, tzinfo=time_zone).astimezone(UTC)


def to_local_text(instant: datetime, time_zone: ZoneInfo) -> str:
    """Return an instant as local text with its offset, to the minute."""
    return instant.astimezone(time_zone).strftime("%Y-%m-%d %H:%M %z")


def local_to_utc(naive: datetime, time_zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a wall-clock reading without zone.

    The first of a repeated hour is taken; a reading in the gap moves forward.
    """
    return naive.replace(tzinfo=time_zone).astimezone(UTC)


def is_repeated_hour(naive: datetime, time_zone: ZoneInfo) -> bool:
    """Return whether a wall-clock reading happens twice (clocks going back)."""
    first = naive.replace(tzinfo=time_zone, fold=0).utcoffset()
    second = naive.replace(tzinfo=time_zone, fold=1).utcoffset()
    return first is not None and second is not None and first > second


def is_in_gap(naive: datetime, time_zone: ZoneInfo) -> bool:
    """Return whether a wall-clock reading never happens (clocks going forward)."""
    return local_to_utc(naive, time_zone).astimezone(time_zone).replace(tzinfo=None) != naive


def calendar_month(instant: datetime, time_zone: ZoneInfo) -> BillingPeriod:
    """Return the whole local month that holds an instant."""
    local = instant.astimezone(time_zone)
    first = date(local.year, local.month, 1)
    following = date(local.year + local.month // 12, local.month % 12 + 1, 1)
    return BillingPeriod(
        start=local_instant(first, time(0), time_zone=time_zone),
        end=local_instant(following, time(0), time_zone=time_zone),
    )


def month_periods(start: datetime, end: datetime, *, time_zone: ZoneInfo) -> list[BillingPeriod]:
    """Return the calendar months, clipped to [start, end), in local time."""
    periods: list[BillingPeriod] = []
    at = start
    while at < end:
        local = at.astimezone(time_zone)
        first_of_next = date(local.year + local.month // 12, local.month % 12 + 1, 1)
        following = min(end, local_instant(first_of_next, time(0), time_zone=time_zone))
        periods.append(BillingPeriod(start=at, end=following))
        at = following
    return periods


def local_days(start: datetime, end: datetime, *, time_zone: ZoneInfo) -> int:
    """Return how many local dates the span [start, end) touches."""
    first = start.astimezone(time_zone).date()
    last = (end - timedelta(microseconds=1)).astimezone(time_zone).date()
    return (last - first).days + 1
