"""A bare column of numbers (one a line): mean power in kW of intervals that follow one another.

A row is one line. Such a file says neither when it begins nor how long an interval is: both are
asked for, and a file without the answer is refused.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import SAMPLE_BYTES, FileContent, FileSample
from depotlib.ingest.findings import counted
from depotlib.ingest.meter_columns import is_plausible
from depotlib.ingest.meter_rows import MeterRow, meter_frame
from depotlib.ingest.normalise.quantities import judge_decimal_mark, read_number
from depotlib.ingest.normalise.times import BadTime, have_offsets, read_time
from depotlib.ingest.record import RAW_CHARACTERS
from depotlib.ingest.source import (
    NOT_MINE,
    Conventions,
    ReadOptions,
    Recognition,
    SourceRows,
    ZoneChoice,
    choose_zone,
)
from depotlib.model.import_report import Rejection
from depotlib.units import SECONDS_PER_DAY

_NUMBER: Final = re.compile(r"^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?$")
_LEAST_LINES: Final = 12
"""Fewer numbers are a note, not a meter's."""
_NUMBERS_SHARE: Final = 0.9
_LONGEST_WORD: Final = 8
"""What may stand for a reading that is not there: a dash, ``null``, ``n/a``."""
_LONGEST_NUMBER: Final = 40
_CONFIDENCE_SHARE: Final = 0.8
_TRIAL_START: Final = "2001-01-01T00:00Z"
_TRIAL_INTERVAL_S: Final = 3600


class MeterColumn:
    """Reads a bare column of powers."""

    name = "meter_column"
    title = "One power in kW a line, without times (needs a start and an interval)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the lines of the sample are numbers, one each."""
        lines = [line.strip() for line in sample.text.split("\n")]
        if len(sample.text) >= SAMPLE_BYTES // 2:
            lines = lines[:-1]  # the sample may end within a number
        filled = [line for line in lines if line]
        numbers = sum(_NUMBER.match(line) is not None for line in filled)
        if numbers < _LEAST_LINES or numbers < _NUMBERS_SHARE * len(filled):
            return NOT_MINE
        if max(map(len, filled)) > _LONGEST_NUMBER or any(
            len(line) > _LONGEST_WORD for line in filled if not _NUMBER.match(line)
        ):
            return NOT_MINE
        return Recognition(_CONFIDENCE_SHARE, "it is one number a line and nothing else")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the powers of a column from the given start on.

        Raises
        ------
        MalformedFileError
            If nobody says when the first interval begins and how long each is.
        TimeZoneNeededError
            If the given start is local and its zone is not known.
        """
        start, interval_s, zone = _begins(content, options)
        lines = content.text.splitlines()
        mark = judge_decimal_mark(lines, delimiter="\n")
        rows: list[MeterRow] = []
        rejections: list[Rejection] = []
        for place, line in enumerate(lines):
            power_kw = read_number(line, decimal_mark=mark)
            if power_kw is None or not is_plausible(power_kw):
                reason = "bad_number" if line.strip() else "blank"
                detail = f"the line is {line.strip()[:40]!r}"
                rejections.append(Rejection(place + 1, reason, detail, line[:RAW_CHARACTERS]))
            else:
                at = start + timedelta(seconds=place * interval_s)
                rows.append(MeterRow(options.meter_id, at, interval_s, power_kw, place + 1))
        meter = meter_frame(rows, file=content.file)
        text = "readings whose unit the file does not tell; kW was assumed"
        return SourceRows(
            rows_in=len(lines),
            conventions=Conventions(zone.name, zone.origin, "", ()),
            meter=meter.frame,
            duplicates=meter.duplicates,
            rejections=tuple(rejections),
            findings=tuple(counted([("assumed_unit", len(rows), text)])),
        )


def _begins(content: FileContent, options: ReadOptions) -> tuple[datetime, int, ZoneChoice]:
    start, interval_s = options.series_start, options.interval_s
    if options.is_trial:
        start, interval_s = start or _TRIAL_START, interval_s or _TRIAL_INTERVAL_S
    if start is None or interval_s is None or not 0 < interval_s <= SECONDS_PER_DAY:
        raise MalformedFileError(
            "the file is a bare column of numbers, and nobody says when it begins "
            "and how long an interval, of a day at most, is",
            where=content.file,
            hint="give both, such as --series-start 2018-01-01T00:00 --interval-s 3600",
        )
    zone = choose_zone(options, has_offsets=have_offsets([start]), assumed=None, file=content.file)
    read = read_time(start, order="year_month_day", time_zone=zone.time_zone)
    if isinstance(read, BadTime):
        raise MalformedFileError(
            f"the start is not readable: {read.detail}",
            where=content.file,
            hint="write it as 2018-01-01T00:00",
        )
    return read.instant.astimezone(UTC), interval_s, zone
