"""Stamps of a meter made a series: interval length, start or end, repeated hours, wrong midnights."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from depotlib.ingest.findings import counted
from depotlib.ingest.normalise.times import second_of_repeat
from depotlib.ingest.source import Stamps
from depotlib.model.import_report import Finding
from depotlib.units import SECONDS_PER_DAY


@dataclass(frozen=True, slots=True)
class Stamp:
    """One stamp of a meter, in the order of the file.

    Parameters
    ----------
    at : datetime
        UTC.
    is_repeated : bool
        Whether its wall-clock reading happens twice.
    """

    at: datetime
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class IntervalSeries:
    """Interval starts of one meter.

    Parameters
    ----------
    starts : tuple of datetime
        One a stamp, in the order of the file.
    interval_s : int
        Length of every interval [s].
    findings : tuple of Finding
    """

    starts: tuple[datetime, ...]
    interval_s: int
    findings: tuple[Finding, ...]


def interval_length_s(stamps: Sequence[Stamp]) -> int | None:
    """Return the most frequent distance between neighbouring stamps [s], None if there is none."""
    steps = Counter(
        round((after.at - before.at).total_seconds()) for before, after in pairwise(stamps)
    )
    forward = [(count, -step_s) for step_s, count in steps.items() if step_s > 0]
    return -max(forward)[1] if forward else None


def interval_series(
    stamps: Sequence[Stamp], *, interval_s: int, named: Stamps | None, time_zone: ZoneInfo | None
) -> IntervalSeries:
    """Return the interval starts that a meter's stamps mean.

    Parameters
    ----------
    stamps : sequence of Stamp
        In the order of the file, which is that of time.
    interval_s : int
        Length of every interval [s].
    named : {'start', 'end'} or None
        Who knows says so; None: judged.
    time_zone : ZoneInfo or None
        Of local stamps.
    """
    step = timedelta(seconds=interval_s)
    placed, second_hours = _with_second_hours(stamps, step=step, time_zone=time_zone)
    placed, midnights = _with_right_midnights(placed, step=step)
    judged: Stamps = (
        "end"
        if midnights or _begins_after_midnight(placed, step=step, time_zone=time_zone)
        else "start"
    )
    stamped = named or judged
    shift = step if stamped == "end" else timedelta()
    findings = counted(
        [
            ("repeated_hour_placed", second_hours, "readings of the hour that clocks repeat, told "
             "apart by their order"),
            ("midnight_of_wrong_date", midnights, "readings that end at midnight and carry the "
             "date of the day that ends, moved to its end"),
            ("stamps_judged", 0 if named else len(placed), "readings that do not say which end "
             f"of their interval is stamped; the {stamped} was taken"),
            ("gap", _gaps(placed, step), f"times that the next reading comes after more than "
             f"{interval_s} s"),
        ]
    )  # fmt: skip
    return IntervalSeries(
        starts=tuple(stamp.at - shift for stamp in placed),
        interval_s=interval_s,
        findings=tuple(findings),
    )


def _with_second_hours(
    stamps: Sequence[Stamp], *, step: timedelta, time_zone: ZoneInfo | None
) -> tuple[list[Stamp], int]:
    """Move a repeated reading to its second instant where the first has passed already."""
    placed: list[Stamp] = []
    moved = 0
    for stamp in stamps:
        has_passed = bool(placed) and stamp.at < placed[-1].at + step
        if stamp.is_repeated and time_zone is not None and has_passed:
            second = second_of_repeat(stamp.at, time_zone)
            if second == placed[-1].at + step:
                stamp = replace(stamp, at=second)  # noqa: PLW2901 - the placed one from here on
                moved += 1
        placed.append(stamp)
    return placed, moved


def _with_right_midnights(stamps: Sequence[Stamp], *, step: timedelta) -> tuple[list[Stamp], int]:
    """Move a stamp a day on where just that makes it the next of the series.

    Some meters write the end of the last interval of a day as 0:00 of the same date.
    """
    day = timedelta(seconds=SECONDS_PER_DAY)
    placed: list[Stamp] = []
    moved = 0
    for stamp in stamps:
        if placed and stamp.at + day == placed[-1].at + step:
            placed.append(replace(stamp, at=stamp.at + day))
            moved += 1
        else:
            placed.append(stamp)
    return placed, moved


def _begins_after_midnight(
    stamps: Sequence[Stamp], *, step: timedelta, time_zone: ZoneInfo | None
) -> bool:
    """Return whether the file runs from one interval after midnight to a midnight."""
    zone = time_zone or stamps[0].at.tzinfo
    first, last = stamps[0].at.astimezone(zone), stamps[-1].at.astimezone(zone)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    return first - midnight == step and (last.hour, last.minute) == (0, 0)


def _gaps(stamps: Sequence[Stamp], step: timedelta) -> int:
    return sum(after.at - before.at > step for before, after in pairwise(stamps))
