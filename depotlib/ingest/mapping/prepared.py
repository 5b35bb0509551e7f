"""Records of a mapped table, with their fields as texts that every reader understands.

What a mapping says of a text (which ones mean nothing, a date and a time in two columns, an offset
that is wrong, a count of seconds since 1970) is applied here, before anything is judged.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from depotlib.ingest.json_text import JsonValue
from depotlib.ingest.normalise.quantities import read_number
from depotlib.ingest.normalise.zone_words import zone_offset
from depotlib.ingest.record import Record
from depotlib.model.column_mapping import TIME_COLUMNS, ColumnField, ColumnMapping
from depotlib.model.unit import NUMERIC_UNITS

_OFFSET: Final = re.compile(r"(?<=\d)\s*(?:[Zz]|[+-]\d{2}:?\d{2}|[+-]\d{2})$")
_MIDNIGHT: Final = re.compile(r"[T\s]+0{1,2}:00(?::00(?:\.0+)?)?$")
_JAVASCRIPT: Final = re.compile(
    r"^[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}) (?P<year>\d{4}) "
    r"(?P<time>\d{2}:\d{2}:\d{2})(?: (?:GMT|UTC)(?P<offset>[+-]\d{4})?)?"
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # fmt: skip
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def label(name: str, filled: ColumnField) -> str:
    """Return what a prepared field is called: the columns it is made of."""
    named = [column for column in (filled.column, filled.time_column) if column]
    return " + ".join(named) or f"constant {name}"


@dataclass(frozen=True, slots=True)
class Preparation:
    """Makes records of a table those of a mapping."""

    mapping: ColumnMapping

    def is_blank(self, record: Record) -> bool:
        """Return whether a record says nothing at all."""
        return not any(self._known(value) for value in record.fields.values())

    def has_unknown(self, record: Record) -> bool:
        """Return whether a field holds a text that for it alone means that nobody knows."""
        return any(
            _text(record.fields, filled.column or "") in filled.unknown
            for filled in self.mapping.fields.values()
        )

    def prepared(self, record: Record) -> Record:
        """Return a record whose empty fields are empty and whose times are in one text each."""
        fields: dict[str, JsonValue] = {
            name: self._known(value) for name, value in record.fields.items()
        }
        for name, filled in self.mapping.fields.items():
            text = filled.constant or self._known(record.fields.get(filled.column or ""))
            if filled.column is not None and text in filled.unknown:
                text = ""
            is_time = name in TIME_COLUMNS
            fields[label(name, filled)] = (
                self._time(text, filled, fields=fields) if is_time else text
            )
        return replace(record, fields=fields)

    def _known(self, value: JsonValue) -> str:
        text = "" if value is None else str(value).strip()
        return "" if text in self.mapping.unknown else text

    def _time(self, text: str, filled: ColumnField, *, fields: Mapping[str, JsonValue]) -> str:
        if not text:
            return ""
        if filled.unit == "javascript":
            return _from_javascript(text)
        if filled.unit:
            return _from_epoch(text, filled)
        if self.mapping.ignore_offset:
            text = _OFFSET.sub("", text)
        if filled.time_column is not None:
            time = _text(fields, filled.time_column)
            text = f"{_MIDNIGHT.sub('', text)} {time}" if time else ""
        return text + (self._offset(filled, fields) if filled.zone_column else "")

    def _offset(self, filled: ColumnField, fields: Mapping[str, JsonValue]) -> str:
        word = _text(fields, filled.zone_column or "")
        return self.mapping.zone_offsets.get(word) or zone_offset(word) or ""


def _text(fields: Mapping[str, JsonValue], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else str(value).strip()


def _from_javascript(text: str) -> str:
    """Return a date as JavaScript writes it as ISO 8601; any other text as it stands."""
    match = _JAVASCRIPT.match(text)
    if match is None or match["month"] not in _MONTHS:
        return text
    month = _MONTHS.index(match["month"]) + 1
    offset = match["offset"] or ""
    return f"{match['year']}-{month:02}-{int(match['day']):02}T{match['time']}{offset}"


def _from_epoch(text: str, filled: ColumnField) -> str:
    """Return a count of time since 1970 as ISO 8601; what is no number as it stands."""
    value = read_number(text)
    if value is None:
        return text
    try:
        at = _EPOCH + timedelta(seconds=NUMERIC_UNITS[filled.unit].to_canonical(value))
    except OverflowError:
        return text
    return at.isoformat()
