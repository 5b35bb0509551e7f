"""Dates that begin with the year and have day and month swapped, found by what they make of stays.

A program that takes ``03/02/2018`` for the 2nd of March writes ``2018-03-02`` where it can, and
leaves ``13/02/2018`` right. So all dates with a day of 12 or less are swapped in such a file, and
none of the others. Believed as they stand, they make stays that end before they start or last for
weeks; exchanged, they do not. Only then are they exchanged.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from depotlib.ingest.json_text import JsonValue
from depotlib.ingest.record import Record
from depotlib.model.import_report import Finding

_DATE: Final = re.compile(r"^(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})")
_MONTHS: Final = 12
_LONG_STAY: Final = timedelta(days=7)
_LEAST_EVIDENCE: Final = 3
_LEFT_SHARE: Final = 0.25
"""Exchanging must take away three quarters of the impossible stays, or it is not the reason."""


@dataclass(frozen=True, slots=True)
class SwappedDays:
    """Records with their dates as they are meant, and what was done to them."""

    records: tuple[Record, ...]
    findings: tuple[Finding, ...]


def with_right_days(
    records: Sequence[Record], *, stays: Sequence[tuple[str, str]], may_repair: bool
) -> SwappedDays:
    """Return records whose swapped dates are exchanged, where the file shows that they are swapped.

    Parameters
    ----------
    records : sequence of Record
    stays : sequence of (str, str)
        Fields that hold a start and the end that belongs to it.
    may_repair : bool
        False: only say it.
    """
    before = _impossible(records, stays)
    if before < _LEAST_EVIDENCE:
        return SwappedDays(tuple(records), ())
    names = [name for stay in stays for name in stay]
    exchanged = [_exchanged(record, names) for record in records]
    after = _impossible(exchanged, stays)
    if after > _LEFT_SHARE * before:
        return SwappedDays(tuple(records), ())
    changed = sum(old is not new for old, new in zip(records, exchanged, strict=True))
    evidence = (
        f"as they stand, {before:,} stays end before they start or last over a week, exchanged "
        f"{after:,} do"
    )
    if not may_repair:
        text = f"records have a date whose day and month seem swapped ({evidence})"
        return SwappedDays(
            tuple(records), (Finding("maybe_swapped_date", changed, f"{text}: {changed:,}"),)
        )
    text = f"records had a date whose day and month were swapped and were exchanged ({evidence})"
    return SwappedDays(
        tuple(exchanged), (Finding("swapped_date", changed, f"{text}: {changed:,}"),)
    )


def _impossible(records: Sequence[Record], stays: Sequence[tuple[str, str]]) -> int:
    """Return how many stays end before they start or last longer than a week."""
    count = 0
    for record in records:
        for start, end in stays:
            length = _length(record.fields.get(start), record.fields.get(end))
            count += length is not None and not timedelta() <= length <= _LONG_STAY
    return count


def _length(start: JsonValue, end: JsonValue) -> timedelta | None:
    if not isinstance(start, str) or not isinstance(end, str) or not start or not end:
        return None
    try:
        first, last = map(datetime.fromisoformat, (start, end))
    except ValueError:
        return None  # no date that begins with the year: for the mapping to judge
    if first.tzinfo is None or last.tzinfo is None:
        first, last = first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)
    return last - first


def _exchanged(record: Record, names: Sequence[str]) -> Record:
    """Return a record with day and month exchanged where both could be either; else the same."""
    fields = dict(record.fields)
    for name in names:
        text = fields.get(name)
        if isinstance(text, str):
            fields[name] = _DATE.sub(_turned, text)
    return record if fields == record.fields else replace(record, fields=fields)


def _turned(match: re.Match[str]) -> str:
    if int(match["day"]) > _MONTHS or int(match["month"]) > _MONTHS:
        return match[0]
    return f"{match['year']}{match['mark']}{match['day']}{match['mark']}{match['month']}"
