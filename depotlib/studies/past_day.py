"""What a depot's past days came to: energy, peak and plugs in use, from its sessions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from depotlib.errors import StudyError
from depotlib.units import duration_h

STEP: Final = timedelta(minutes=15)
ONE_DAY: Final = timedelta(days=1)
LONGEST: Final = timedelta(days=7)
"""Who was plugged in for longer was forgotten, or its end was."""
LEAST_DAYS: Final = 2
"""A back-test compares a first half with a second one."""
COLUMNS: Final = ("plug_start", "plug_end", "energy_wall_kwh")


@dataclass(frozen=True, slots=True)
class PastDay:
    """One day of a depot.

    Parameters
    ----------
    day : date
        Local date on which it began.
    energy_kwh : float
        Of the sessions that began in it.
    peak_kw : float
        Highest mean power of all sessions together in a quarter-hour.
    most_plugs : int
        Most vehicles plugged in at the same time.
    """

    day: date
    energy_kwh: float
    peak_kw: float
    most_plugs: int


@dataclass(frozen=True, slots=True)
class _Stay:
    """A session in local time, and until when its energy took."""

    start: datetime
    end: datetime
    charged: datetime
    energy_kwh: float


def past_days(
    sessions: pl.DataFrame,
    *,
    time_zone: ZoneInfo,
    day_begins: time = time(12),
    power_kw: float | None = None,
) -> tuple[PastDay, ...]:
    """Return the whole days from the first session to the last, those without any included.

    Power is even while a session charges: from plug-in to ``charge_end`` where the log knows it,
    at `power_kw` where that is given, and over the whole stay otherwise. So peaks are those of the
    log's own resolution, in both halves of a back-test alike.

    Parameters
    ----------
    sessions : polars.DataFrame
        ``plug_start``, ``plug_end`` (aware), ``energy_wall_kwh`` and, where known, ``charge_end``.
        Rows without end or energy, and stays of more than a week, are left out.
    time_zone : ZoneInfo
    day_begins : time
        Noon for a depot that charges at night, midnight for one that charges by day.
    power_kw : float or None

    Raises
    ------
    StudyError
        If a column is missing, or there are not two whole days.
    """
    missing = set(COLUMNS) - set(sessions.columns)
    if missing:
        raise StudyError(f"the sessions have no {', '.join(sorted(missing))}", where="sessions")
    stays = list(_stays(sessions, time_zone=time_zone, power_kw=power_kw))
    begun = [_day_of(stay.start, day_begins) for stay in stays]
    # The days at both ends may be only partly in the log.
    first = min(begun, default=date.max - ONE_DAY) + ONE_DAY
    count = (max(begun, default=first) - first).days
    if count < LEAST_DAYS:
        raise StudyError(
            "there are not two whole days of sessions",
            where="sessions",
            hint="import a log of some weeks",
        )
    start = datetime.combine(first, day_begins)
    power_at, plugs = _profiles(stays, start=start, count=count)
    energy_kwh = np.zeros(count)
    for stay, day in zip(stays, begun, strict=True):
        if 0 <= (day - first).days < count:
            energy_kwh[(day - first).days] += stay.energy_kwh
    return tuple(
        PastDay(
            first + number * ONE_DAY,
            float(energy_kwh[number]),
            float(power_at[number].max()),
            plugs[number],
        )
        for number in range(count)
    )


def _stays(
    sessions: pl.DataFrame, *, time_zone: ZoneInfo, power_kw: float | None
) -> Iterator[_Stay]:
    charge_end = pl.col("charge_end") if "charge_end" in sessions.columns else pl.lit(None)
    whole = sessions.drop_nulls(list(COLUMNS)).select(*COLUMNS, charge_end.alias("charge_end"))
    for start, end, energy_kwh, told_end in whole.iter_rows():
        # What is shown of a session is local; hours that the clock changes are not a day's peak.
        begins, ends = (one.astimezone(time_zone).replace(tzinfo=None) for one in (start, end))
        if not (begins < ends <= begins + LONGEST and energy_kwh > 0):
            continue
        charged = ends
        if told_end is not None:
            charged = min(ends, told_end.astimezone(time_zone).replace(tzinfo=None))
        elif power_kw is not None:
            charged = min(ends, begins + timedelta(hours=energy_kwh / power_kw))
        yield _Stay(begins, ends, max(charged, begins + timedelta(minutes=1)), energy_kwh)


def _day_of(instant: datetime, day_begins: time) -> date:
    since_midnight = timedelta(hours=day_begins.hour, minutes=day_begins.minute)
    return (instant - since_midnight).date()


def _profiles(
    stays: list[_Stay], *, start: datetime, count: int
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], list[int]]:
    """Return the mean power of every quarter-hour, (days, quarters), and each day's most plugs."""
    per_day = ONE_DAY // STEP
    power_kw = np.zeros(count * per_day)
    changes: list[list[tuple[datetime, int]]] = [[] for _ in range(count)]
    for stay in stays:
        _add_power(power_kw, stay, start=start)
        for number in range((stay.start - start) // ONE_DAY, (stay.end - start) // ONE_DAY + 1):
            if 0 <= number < count:
                begin = start + number * ONE_DAY
                changes[number] += [(max(stay.start, begin), 1), (stay.end, -1)]
    plugs = [
        # Who leaves at an instant makes room for who comes at it.
        max(accumulate(change for _, change in sorted(day)), default=0)
        for day in changes
    ]
    return power_kw.reshape(count, per_day), plugs


def _add_power(
    power_kw: np.ndarray[tuple[int], np.dtype[np.float64]], stay: _Stay, *, start: datetime
) -> None:
    span_h = duration_h(stay.charged - stay.start)
    first, last = (stay.start - start) / STEP, (stay.charged - start) / STEP
    for at in range(max(0, int(first // 1)), min(len(power_kw), int(-(-last // 1)))):
        part = min(last, at + 1) - max(first, at)
        power_kw[at] += max(0.0, part) * stay.energy_kwh / span_h
