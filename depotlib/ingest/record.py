"""One source record, and a reader that takes its fields and notes the first thing wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.ingest.json_text import JsonValue
from depotlib.ingest.normalise.durations import read_duration_s
from depotlib.ingest.normalise.quantities import DecimalMark, read_number
from depotlib.ingest.normalise.times import BadTime, ClockChange, DateOrder, read_time
from depotlib.model.import_report import Rejection

CLAIMS: Final = {
    "true": True, "t": True, "1": True, "yes": True, "y": True,
    "false": False, "f": False, "0": False, "no": False, "n": False,
}  # fmt: skip
"""Texts that mean yes or no, in small letters."""
RAW_CHARACTERS: Final = 2_000
"""A rejected record is kept up to here: enough to find and mend it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file.

    Parameters
    ----------
    row : int
        Line of a table, or place in a list from 1.
    fields : mapping of str to JsonValue
        By the vendor's names.
    raw : str
        As it stood in the file, cut to a sane length.
    """

    row: int
    fields: Mapping[str, JsonValue]
    raw: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How the texts of one file are to be read.

    Parameters
    ----------
    time_zone : ZoneInfo or None
        Of local times; None where the file's times name their offsets.
    date_order : DateOrder
    decimal_mark : DecimalMark
    """

    time_zone: ZoneInfo | None = None
    date_order: DateOrder = "year_month_day"
    decimal_mark: DecimalMark = "."


class FieldReader:
    """Takes fields of one record; the first fault makes the record a rejection.

    Parameters
    ----------
    record : Record
    reading : Reading
    """

    def __init__(self, record: Record, reading: Reading) -> None:
        self.record = record
        self.reading = reading
        self.rejection: Rejection | None = None
        self.clock_changes: list[ClockChange] = []

    def text(self, name: str) -> str | None:
        """Return a field as trimmed text; None where it is absent or empty."""
        value = self.record.fields.get(name)
        if value is None or isinstance(value, dict | list):
            return None
        return str(value).strip() or None

    def needed_text(self, name: str) -> str:
        """Return a field as text; a missing one is a fault."""
        text = self.text(name)
        if text is None:
            self.reject("missing_field", f"{name} is empty")
        return text or ""

    def number(self, name: str) -> float | None:
        """Return a field as a number; None where it is empty; a fault where it is not one."""
        text = self.text(name)
        if text is None:
            return None
        value = read_number(text, decimal_mark=self.reading.decimal_mark)
        if value is None:
            self.reject("bad_number", f"{name} is {text!r}")
        return value

    def amount(self, name: str, *, reason: str) -> float | None:
        """Return a field as a number of 0 or more; a negative one is a fault with this reason."""
        value = self.number(name)
        if value is not None and value < 0:
            self.reject(reason, f"{name} is {value:g}")
        return value

    def instant(self, name: str) -> datetime | None:
        """Return a field as an instant, UTC; None where it is empty; a fault where it is none."""
        text = self.text(name)
        if text is None:
            return None
        read = read_time(text, order=self.reading.date_order, time_zone=self.reading.time_zone)
        if isinstance(read, BadTime):
            self.reject(read.reason, f"{name}: {read.detail}")
            return None
        if read.clock_change:
            self.clock_changes.append(read.clock_change)
        return read.instant

    def needed_instant(self, name: str) -> datetime | None:
        """Return a field as an instant, UTC; a missing one is a fault, too."""
        self.needed_text(name)
        return self.instant(name)

    def claim(self, name: str) -> bool | None:
        """Return a field that is yes or no; None where it is empty; a fault where it is neither."""
        text = self.text(name)
        if text is None:
            return None
        if text.lower() not in CLAIMS:
            self.reject("bad_claim", f"{name} is {text!r}, which is neither yes nor no")
        return CLAIMS.get(text.lower())

    def duration_s(self, name: str) -> float | None:
        """Return a field as a duration of 0 or more [s]; None where it is empty."""
        text = self.text(name)
        if text is None:
            return None
        duration_s = read_duration_s(text)
        if duration_s is None:
            self.reject("bad_duration", f"{name} is {text!r}")
        elif duration_s < 0:
            self.reject("negative_duration", f"{name} is {text}")
        return duration_s

    def reject(self, reason: str, detail: str) -> None:
        """Note a fault; only the first counts."""
        if self.rejection is None:
            self.rejection = Rejection(
                row=self.record.row, reason=reason, detail=detail, raw=self.record.raw
            )


def in_row_order(*groups: Iterable[Rejection]) -> tuple[Rejection, ...]:
    """Return rejections of several steps in the order of the file."""
    return tuple(sorted((each for group in groups for each in group), key=lambda each: each.row))
