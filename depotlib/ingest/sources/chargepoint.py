"""ChargePoint sessions (CSV): one row a session, or one row a metered interval of it.

A row is one session; in the details export it is one interval or one summary of a session, whose
rows are joined by the plug-in event. The zone stands as an abbreviation in a column of its own. The
total duration is the time plugged in, and where it contradicts the end it counts. Fields without a
value are a lone dash.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from depotlib.ingest.chargepoint_details import (
    DETAIL_COLUMNS,
    DETAIL_NUMBERS,
    DETAIL_TIMES,
    read_details,
)
from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.findings import counted
from depotlib.ingest.identity import known_tag
from depotlib.ingest.open_table import TableShape, open_table
from depotlib.ingest.record import FieldReader, Record
from depotlib.ingest.session_export import Mapped, session_account, table_export
from depotlib.ingest.session_rows import SessionRow, end_after, reject_backward
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.import_report import Finding
from depotlib.units import SECONDS_PER_MINUTE

_DURATION: Final = "Total Duration (hh:mm:ss)"
_CHARGING: Final = "Charging Time (hh:mm:ss)"
_ENERGY: Final = "Energy (kWh)"
_NEEDED: Final = frozenset({"Station Name", "Start Date", "End Date", _DURATION, _ENERGY})
_SHAPE: Final = TableShape(
    times=("Start Date", "End Date", *DETAIL_TIMES),
    numbers=(_ENERGY, *DETAIL_NUMBERS),
    # The vendor's home: an export whose every day is at most 12 is read its way, and says so.
    date_order="month_day_year",
    zone_columns={
        "Start Date": "Start Time Zone",
        "End Date": "End Time Zone",
        **{name: f"{name} Zone" for name in DETAIL_TIMES},
    },
)
_MINUTE_S: Final = float(SECONDS_PER_MINUTE)
"""Both stamps may be cut to the minute."""


class ChargePoint:
    """Reads session exports of ChargePoint."""

    name = "chargepoint"
    title = "ChargePoint sessions and session details (CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the header is that of one of the two exports."""
        columns = set(sample.header)
        if columns >= DETAIL_COLUMNS:
            return Recognition(1.0, "the header is that of ChargePoint's session details")
        if columns >= _NEEDED:
            return Recognition(1.0, "the header is that of ChargePoint's sessions")
        return NOT_MINE

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions of an export; of details the load of each port, too."""
        opened = open_table(content, options, shape=_SHAPE, prepared=_without_dashes)
        if set(opened.table.header) >= DETAIL_COLUMNS:
            return read_details(opened, source=self.name)
        return session_account(
            table_export(opened),
            lambda reader: _session(reader, file=content.file),
            notes=_duration_findings,
        )


def _session(reader: FieldReader, *, file: str) -> SessionRow | None:
    station_id = reader.needed_text("Station Name")
    reader.needed_text("Start Date")
    start, end = reader.instant("Start Date"), reader.instant("End Date")
    duration_s, charging_s = reader.duration_s(_DURATION), reader.duration_s(_CHARGING)
    energy_kwh = reader.amount(_ENERGY, reason="negative_energy")
    stayed = end if duration_s is None else end_after(reader, start, duration_s=duration_s)
    reject_backward(reader, start=start, end=stayed)
    if start is None or reader.rejection is not None:
        return None
    is_all_charging = charging_s is not None and charging_s == duration_s
    return SessionRow(
        session_key=_key(reader, start=start),
        source=ChargePoint.name,
        site=reader.text("Org Name"),
        station_id=station_id,
        connector_id=reader.text("Port Number"),
        id_tag=known_tag(reader.text("User ID")),
        plug_start=start,
        plug_end=stayed,
        charge_start=start if is_all_charging else None,
        charge_end=stayed if is_all_charging else None,
        energy_wall_kwh=energy_kwh,
        src_file=file,
        src_row=reader.record.row,
    )


def _key(reader: FieldReader, *, start: datetime) -> str:
    event_id = reader.text("Plug In Event Id")
    if event_id:
        return f"chargepoint/{event_id}"
    place = f"{reader.text('Station Name')}/{reader.text('Port Number')}"
    return f"chargepoint/{place}/{start.isoformat()}"


def _without_dashes(record: Record) -> Record:
    return replace(record, fields={
        name: "" if str(value or "").strip() == "-" else value
        for name, value in record.fields.items()
    })  # fmt: skip


def _duration_findings(kept: Mapped) -> list[Finding]:
    return counted(
        [
            ("end_disagrees_with_duration", sum(_end_disagrees(*each) for each in kept),
             "sessions that end at another minute than start and duration give, which was taken"),
        ]
    )  # fmt: skip


def _end_disagrees(reader: FieldReader, session: SessionRow) -> bool:
    end = reader.instant("End Date")
    if end is None or session.plug_end is None:
        return False
    return abs((end - session.plug_end).total_seconds()) > _MINUTE_S
