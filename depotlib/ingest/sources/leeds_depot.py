"""Charging log of Leeds City Council's fleet depots, as published (CSV).

A row is one session. Times are local to the minute; the duration column has the seconds, so the
end is start plus duration. ``Site`` is the device and ``StationName`` the yard; two outlets of a
device share its name, so sessions on it may overlap. The meter starts at 0 in every session.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.findings import counted
from depotlib.ingest.open_table import TableShape, clock_findings, file_findings, open_table
from depotlib.ingest.record import FieldReader, in_row_order
from depotlib.ingest.session_rows import (
    SessionRow,
    Stay,
    collect,
    latest_versions,
    reject_backward,
    session_findings,
    session_frame,
)
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.import_report import Finding
from depotlib.units import SECONDS_PER_MINUTE

_ENERGY: Final = "Total_Energy (kWh)"
_METER_START: Final = "Meter Start (kWh)"
_METER_END: Final = "Meter End (kWh)"
_NEEDED: Final = frozenset({"TransactionID", "Site", "StationName", "Start", "Duration", _ENERGY})
_USUAL: Final = _NEEDED | {"Device", "End", "Account", _METER_START, _METER_END}
_SHAPE: Final = TableShape(
    times=("Start", "End"), numbers=(_ENERGY, _METER_START), time_zone="Europe/London"
)
_METER_TOLERANCE_KWH: Final = 0.01


class LeedsDepot:
    """Reads the depot log of Leeds City Council."""

    name = "leeds_depot"
    title = "Leeds City Council fleet depot log (CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return how many of the log's columns the header has."""
        columns = set(sample.header)
        if not columns >= _NEEDED:
            return NOT_MINE
        share = len(columns & _USUAL) / len(_USUAL)
        return Recognition(share, f"the header has {len(columns & _USUAL)} of its columns")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions of a log."""
        opened = open_table(content, options, shape=_SHAPE)
        readers = opened.readers()
        mapped, rejections = collect(
            (reader, _session(reader, file=content.file)) for reader in readers
        )
        sessions, superseded = latest_versions(mapped)
        rows = {session.src_row for session in sessions}
        kept = [reader for reader in readers if reader.record.row in rows]
        return SourceRows(
            rows_in=opened.table.rows_in,
            conventions=opened.conventions,
            sessions=session_frame(sessions),
            duplicates=superseded,
            rejections=in_row_order(opened.table.rejections, rejections),
            findings=(
                *file_findings(opened),
                *clock_findings(kept),
                *session_findings(sessions, stays=_stays(kept)),
                *_log_findings(kept),
            ),
        )


def _session(reader: FieldReader, *, file: str) -> SessionRow | None:
    key, device = reader.needed_text("TransactionID"), reader.needed_text("Site")
    reader.needed_text("Start")
    start, end = reader.instant("Start"), reader.instant("End")
    duration_s = reader.duration_s("Duration")
    energy_kwh = reader.amount(_ENERGY, reason="negative_energy")
    reject_backward(reader, start=start, end=end)
    if start is None or reader.rejection is not None:
        return None
    return SessionRow(
        session_key=f"leeds_depot/{device}/{key}",
        source=LeedsDepot.name,
        site=reader.text("StationName"),
        station_id=device,
        id_tag=reader.text("Account"),
        plug_start=start,
        plug_end=end if duration_s is None else start + timedelta(seconds=duration_s),
        energy_wall_kwh=energy_kwh,
        src_file=file,
        src_row=reader.record.row,
    )


def _log_findings(kept: list[FieldReader]) -> list[Finding]:
    return counted(
        [
            ("zero_length_at_minute_resolution", sum(map(_looks_instant, kept)),
             "sessions that start and end in the same minute, whose length is that of Duration"),
            ("end_disagrees_with_duration", sum(map(_end_disagrees, kept)),
             "sessions that end at another minute than start and duration give, which was taken"),
            ("missing_account", sum(reader.text("Account") is None for reader in kept),
             "sessions that name no account"),
            ("meter_disagrees", sum(map(_meter_disagrees, kept)),
             "sessions with a meter difference other than their energy, which was taken"),
        ]
    )  # fmt: skip


def _stays(readers: list[FieldReader]) -> Iterator[Stay]:
    """Yield sessions by both stamps: ends by duration could differ from starts by the seconds."""
    for reader in readers:
        start, end = reader.instant("Start"), reader.instant("End")
        if start is not None and end is not None:
            yield Stay(reader.text("Site") or "", start, end)


def _looks_instant(reader: FieldReader) -> bool:
    return reader.text("Start") == reader.text("End") and bool(reader.duration_s("Duration"))


def _end_disagrees(reader: FieldReader) -> bool:
    start, end = reader.instant("Start"), reader.instant("End")
    duration_s = reader.duration_s("Duration")
    if start is None or end is None or duration_s is None:
        return False
    # Both stamps are cut to the minute, so their distance is within a minute of the duration.
    return abs(_distance_s(start, end) - duration_s) > SECONDS_PER_MINUTE


def _distance_s(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


def _meter_disagrees(reader: FieldReader) -> bool:
    begin, end = reader.number(_METER_START), reader.number(_METER_END)
    energy_kwh = reader.number(_ENERGY)
    if begin is None or end is None or energy_kwh is None:
        return False
    return abs(end - begin - energy_kwh) > _METER_TOLERANCE_KWH
