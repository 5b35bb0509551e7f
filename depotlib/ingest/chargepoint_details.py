"""ChargePoint's session details: summaries and metered intervals, joined by their plug-in event."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from depotlib.ingest.identity import identity_findings, known_tag
from depotlib.ingest.meter_rows import MeterRow, meter_frame
from depotlib.ingest.open_table import OpenTable, clock_findings, file_findings
from depotlib.ingest.readings import MERGED_SCHEMA
from depotlib.ingest.record import FieldReader, in_row_order
from depotlib.ingest.session_rows import (
    SessionRow,
    reject_backward,
    session_findings,
    session_frame,
)
from depotlib.ingest.source import SourceRows
from depotlib.units import mean_power_kw

DETAIL_TIMES: Final = (
    "Plug Connect Time",
    "Plug Disconnect Time",
    "Power Start Time",
    "Power End Time",
    "Start Time",
    "End Time",
)
_INTERVAL_KWH: Final = "Energy Consumed (AC kWh)"
_SUMMARY_KWH: Final = "Energy (kWh)"
_PEAK_KW: Final = "Peak Power (AC kW)"
DETAIL_NUMBERS: Final = (_INTERVAL_KWH, _PEAK_KW)
DETAIL_COLUMNS: Final = frozenset({"Station Name", _INTERVAL_KWH, *DETAIL_TIMES[:2]})


def read_details(opened: OpenTable, *, source: str) -> SourceRows:
    """Return the sessions that a table of details tells of, and the mean power of each interval.

    Parameters
    ----------
    opened : OpenTable
    source : str
        Registry name for the rows.
    """
    readers = opened.readers()
    groups: dict[str, list[FieldReader]] = {}
    seen: set[tuple[str, str | None, bool]] = set()
    duplicates = 0
    for reader in readers:
        _check(reader)
        part = (_event(reader), reader.text("Start Time"), _is_summary(reader))
        if reader.rejection is not None:
            continue
        if part in seen:
            duplicates += 1
            continue
        seen.add(part)
        groups.setdefault(_event(reader), []).append(reader)
    file = opened.content.file
    sessions = [_session(key, parts, file=file, source=source) for key, parts in groups.items()]
    intervals = [row for parts in groups.values() for row in map(_interval, parts) if row]
    meter = meter_frame(intervals, file=file)
    placed = {session.src_row for session in sessions} | set(meter.frame["src_row"])
    joined = [
        (part.record.row, session.src_row)
        for session, parts in zip(sessions, groups.values(), strict=True)
        for part in parts
        if part.record.row not in placed
    ]
    rejections = [reader.rejection for reader in readers if reader.rejection is not None]
    return SourceRows(
        rows_in=opened.table.rows_in,
        conventions=opened.conventions,
        sessions=session_frame(sessions),
        meter=meter.frame,
        merged_rows=pl.DataFrame(joined, schema=MERGED_SCHEMA, orient="row"),
        duplicates=duplicates,
        rejections=in_row_order(opened.table.rejections, rejections),
        findings=(
            *file_findings(opened),
            *clock_findings(readers),
            *session_findings(sessions),
            *identity_findings(sessions),
            *meter.findings,
        ),
    )


def _check(reader: FieldReader) -> None:
    """Note the first fault of a row, in any of the fields that its session may use."""
    reader.needed_text("Station Name")
    reader.needed_text(DETAIL_TIMES[0])
    connect, disconnect, *_ = [reader.instant(name) for name in DETAIL_TIMES]
    reader.amount(_INTERVAL_KWH, reason="negative_energy")
    reader.amount(_SUMMARY_KWH, reason="negative_energy")
    reader.amount(_PEAK_KW, reason="negative_power")
    reject_backward(reader, start=connect, end=disconnect)


def _event(reader: FieldReader) -> str:
    """Return the plug-in event of a row: by its number, else by where and when it began."""
    number = reader.text("Plug In Event Id")
    if number:
        return f"chargepoint/{number}"
    return f"chargepoint/{_port(reader)}/{reader.text(DETAIL_TIMES[0])}"


def _port(reader: FieldReader) -> str:
    return f"{reader.text('Station Name')}/{reader.text('Port') or '1'}"


def _is_summary(reader: FieldReader) -> bool:
    return reader.text(_SUMMARY_KWH) is not None and reader.text("Start Time") is None


def _session(key: str, parts: Sequence[FieldReader], *, file: str, source: str) -> SessionRow:
    """Return the session of an event; a summary knows its energy, else the intervals add up."""
    first = next(filter(_is_summary, parts), parts[0])
    start = first.instant(DETAIL_TIMES[0])
    assert start is not None, "a row without plug-in is a rejection"
    intervals = [kwh for part in parts if (kwh := part.number(_INTERVAL_KWH)) is not None]
    summary_kwh = first.number(_SUMMARY_KWH)
    peaks_kw = [peak for part in parts if (peak := part.number(_PEAK_KW)) is not None]
    return SessionRow(
        session_key=key,
        source=source,
        station_id=first.text("Station Name"),
        connector_id=first.text("Port"),
        id_tag=known_tag(first.text("User ID") or first.text("User Id")),
        plug_start=start,
        plug_end=first.instant(DETAIL_TIMES[1]),
        charge_start=first.instant(DETAIL_TIMES[2]),
        charge_end=first.instant(DETAIL_TIMES[3]),
        energy_wall_kwh=summary_kwh if summary_kwh is not None or not intervals else sum(intervals),
        peak_kw=max(peaks_kw, default=None),
        src_file=file,
        src_row=first.record.row,
    )


def _interval(reader: FieldReader) -> MeterRow | None:
    """Return the mean power of a metered interval; None where a row is none."""
    start, end = reader.instant("Start Time"), reader.instant("End Time")
    energy_kwh = reader.number(_INTERVAL_KWH)
    if start is None or end is None or energy_kwh is None or end <= start:
        return None
    length_s = (end - start).total_seconds()
    return MeterRow(
        meter_id=_port(reader),
        interval_start=start,
        interval_s=max(1, round(length_s)),
        power_kw=mean_power_kw(energy_kwh, length_s),
        src_row=reader.record.row,
    )
