"""Sessions of a mapped table."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from depotlib.ingest.findings import counted
from depotlib.ingest.identity import known_tag
from depotlib.ingest.mapping.mapped_table import MappedTable
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_export import SessionExport, session_account
from depotlib.ingest.session_rows import SessionRow, end_after, reject_backward
from depotlib.ingest.source import SourceRows
from depotlib.model.import_report import Finding
from depotlib.units import SECONDS_PER_MINUTE

SOURCE: Final = "column_mapping"


def mapped_sessions(table: MappedTable) -> SourceRows:
    """Return the sessions of a file, every record accounted for."""
    rows = {
        reader.record.row: session
        for reader in table.readers
        if (session := _session(table, reader)) is not None
    }
    if not table.mapping.key:
        rows = _told_apart(rows)
    export = SessionExport(
        readers=table.readers,
        conventions=table.opened.conventions,
        rejections=table.opened.table.rejections,
        findings=table.findings,
    )
    return session_account(
        export,
        lambda reader: rows.get(reader.record.row),
        notes=lambda kept: _notes(table, [reader for reader, _ in kept]),
    )


def _session(table: MappedTable, reader: FieldReader) -> SessionRow | None:
    start = table.needed_instant(reader, "plug_start")
    energy_kwh = table.amount(reader, "energy_wall_kwh", reason="negative_energy")
    end = _end(table, reader, start=start)
    reject_backward(reader, start=start, end=end)
    charge_start, charge_end = (
        table.instant(reader, name) for name in ("charge_start", "charge_end")
    )
    key = _key(table, reader, start=start)
    row = None if start is None else SessionRow(
        session_key=key,
        source=SOURCE,
        site=table.text(reader, "site"),
        station_id=table.text(reader, "station_id"),
        connector_id=table.text(reader, "connector_id"),
        vehicle_id=table.text(reader, "vehicle_id"),
        id_tag=known_tag(table.text(reader, "id_tag")),
        plug_start=start,
        plug_end=end,
        charge_start=charge_start,
        charge_end=charge_end,
        energy_wall_kwh=energy_kwh,
        energy_battery_kwh=table.number(reader, "energy_battery_kwh"),
        peak_kw=table.amount(reader, "peak_kw", reason="negative_power"),
        start_soc=table.soc(reader, "start_soc"),
        end_soc=table.soc(reader, "end_soc"),
        is_estimated=bool(table.flag(reader, "is_estimated")),
        src_file=table.opened.content.file,
        src_row=reader.record.row,
    )  # fmt: skip
    return row if reader.rejection is None else None


def _end(table: MappedTable, reader: FieldReader, *, start: datetime | None) -> datetime | None:
    """Return the end by the stamp or by the duration, whichever the mapping says counts."""
    by_duration = end_after(reader, start, duration_s=table.duration_s(reader))
    if by_duration is not None and table.mapping.end_counts == "duration":
        return by_duration
    if table.text(reader, "plug_end") is None:
        return by_duration if not table.has("plug_end") else None
    return table.instant(reader, "plug_end")


def _key(table: MappedTable, reader: FieldReader, *, start: datetime | None) -> str:
    if table.mapping.key:
        parts = [reader.needed_text(name) for name in table.mapping.key]
    else:
        named = [table.text(reader, name) for name in ("station_id", "connector_id", "id_tag",
                                                       "vehicle_id")]  # fmt: skip
        parts = [*(text for text in named if text), start.isoformat() if start else ""]
    return "/".join((table.mapping.name, *parts))


def _told_apart(rows: dict[int, SessionRow]) -> dict[int, SessionRow]:
    """Return sessions without a number of their own, told apart where several start at once.

    Starts are often cut to the minute. Rows that say the same are one session.
    """
    alike: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    for row in rows.values():
        alike[row.session_key].add(_said(row))
    places = {key: sorted(said, key=str) for key, said in alike.items() if len(said) > 1}
    return {
        number: replace(row, session_key=_numbered(row, places.get(row.session_key, [])))
        for number, row in rows.items()
    }


def _numbered(row: SessionRow, said: Sequence[tuple[object, ...]]) -> str:
    place = said.index(_said(row)) if said else 0
    return row.session_key if place == 0 else f"{row.session_key}#{place + 1}"


def _said(row: SessionRow) -> tuple[object, ...]:
    return (row.plug_end, row.energy_wall_kwh)


def _notes(table: MappedTable, kept: Sequence[FieldReader]) -> list[Finding]:
    claims = [
        ("zones_differ", sum(_zones_differ(table, reader) for reader in kept),
         "sessions that begin in summer time and end in winter time, or the other way round, by "
         "the zones beside their times"),
    ]  # fmt: skip
    if table.has("plug_end") and table.has("duration_s"):
        claims += _end_claims(table, kept)
    return counted(claims)


def _end_claims(table: MappedTable, kept: Sequence[FieldReader]) -> list[tuple[str, int, str]]:
    counts = table.mapping.end_counts
    by_duration = counts == "duration"
    return [
        ("end_disagrees_with_duration", sum(_disagrees(table, reader) for reader in kept),
         f"sessions whose end is another than start and duration give; the {counts} was taken"),
        ("epoch_date", by_duration * sum(_ends_at_the_epoch(table, reader) for reader in kept),
         "sessions that end before 2000, where clocks start that lost their time; start and "
         "duration were taken"),
        ("zero_length_at_minute_resolution",
         by_duration * sum(_looks_instant(table, reader) for reader in kept),
         "sessions that start and end in the same minute, whose length is that of the duration"),
    ]  # fmt: skip


def _zones_differ(table: MappedTable, reader: FieldReader) -> bool:
    fields = table.mapping.fields
    zones = [fields[name].zone_column for name in ("plug_start", "plug_end") if name in fields]
    return len({reader.text(zone) for zone in zones if zone is not None}) > 1


def _ends_at_the_epoch(table: MappedTable, reader: FieldReader) -> bool:
    looked = FieldReader(reader.record, reader.reading)
    table.instant(looked, "plug_end")
    return looked.rejection is not None and looked.rejection.reason == "implausible_time"


def _looks_instant(table: MappedTable, reader: FieldReader) -> bool:
    start, end = (table.text(reader, name) for name in ("plug_start", "plug_end"))
    return start == end and bool(table.duration_s(reader))


def _disagrees(table: MappedTable, reader: FieldReader) -> bool:
    """Return whether stamps and duration differ by more than stamps cut to the minute explain."""
    looked = FieldReader(reader.record, reader.reading)
    start, end = (table.instant(looked, name) for name in ("plug_start", "plug_end"))
    duration_s = table.duration_s(looked)
    if start is None or duration_s is None or table.text(looked, "plug_end") is None:
        return False
    return end is None or abs((end - start).total_seconds() - duration_s) > SECONDS_PER_MINUTE
