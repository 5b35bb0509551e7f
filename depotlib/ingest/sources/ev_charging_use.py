"""EV Charging Use Data Specification: sessions as grant programmes ask for them (CSV).

A row is one session with its four times. A date and time is written ``20261031 17:02:30 [-4:00]``,
a state of charge as a fraction; a field without a value is empty, ``NA`` or ``NULL``. A port is
named by one id; our own exports add ``station_id``, ``connector_id`` and, when asked for,
``vehicle_id`` and ``id_tag``, which the specification allows behind its own columns.

References
----------
.. [1] Atlas Public Policy, "EV Charging Use Data Specification", https://evchargingspec.org/
"""

import re
from dataclasses import replace
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.identity import known_tag
from depotlib.ingest.json_text import JsonValue
from depotlib.ingest.open_table import TableShape, open_table
from depotlib.ingest.record import FieldReader, Record
from depotlib.ingest.session_export import session_account, table_export
from depotlib.ingest.session_rows import SessionRow, reject_backward
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows

TIMES: Final = (
    "plug_start_datetime",
    "plug_end_datetime",
    "charge_start_datetime",
    "charge_end_datetime",
)
COLUMNS: Final = (
    "session_id",
    "port_id",
    *TIMES,
    "session_duration",
    "charging_duration",
    "energy_kwh",
    "peak_kw",
    "total_fee_charged",
    "energy_fee",
    "session_fee",
    "time_fee",
    "user_id",
    "successful_completion",
    "ended_by",
    "start_soc",
    "end_soc",
    "error_code",
    "payment_type",
)
"""Of the specification's session table, in its order."""

_NEEDED: Final = frozenset({"session_id", "port_id", "energy_kwh", *TIMES[:2]})
_SOCS: Final = ("start_soc", "end_soc")
_NOTHING: Final = frozenset({"NA", "<NA>", "NULL", "<NULL>"})
_COMPACT: Final = re.compile(
    r"^(\d{4})(\d{2})(\d{2})\s+(\d{1,2}:\d{2}(?::\d{2})?)(?:\s*\[?([+-]?)(\d{1,2}):?(\d{2})\]?)?$"
)
_GUARDED: Final = re.compile(r"^'[=+\-@\t\r]")
_SHAPE: Final = TableShape(times=TIMES, numbers=("energy_kwh", "peak_kw", *_SOCS))


class EvChargingUse:
    """Reads session tables of the EV Charging Use Data Specification."""

    name = "ev_charging_use"
    title = "EV Charging Use Data Specification sessions (CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the header has the specification's columns."""
        columns = set(sample.header)
        if not columns >= _NEEDED:
            return NOT_MINE
        found = len(columns & set(COLUMNS))
        return Recognition(1.0, f"the header has {found} columns of the specification")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions of a table."""
        opened = open_table(content, options, shape=_SHAPE, prepared=_plain)
        export = table_export(opened)
        charge = soc_column(export.readers, *_SOCS, documented="fraction")
        return session_account(
            export,
            lambda reader: _session(reader, charge=charge, file=content.file),
            notes=lambda _: charge.findings(),
        )


def _session(reader: FieldReader, *, charge: SocColumn, file: str) -> SessionRow | None:
    key, port = reader.needed_text("session_id"), reader.needed_text("port_id")
    reader.needed_text(TIMES[0])
    start, end, charge_start, charge_end = (reader.instant(name) for name in TIMES)
    energy_kwh = reader.amount("energy_kwh", reason="negative_energy")
    peak_kw = reader.amount("peak_kw", reason="negative_power")
    start_soc, end_soc = (charge.soc(reader, name) for name in _SOCS)
    reject_backward(reader, start=start, end=end)
    if start is None or reader.rejection is not None:
        return None
    station_id = reader.text("station_id")
    return SessionRow(
        session_key=f"ev_charging_use/{port}/{key}",
        source=EvChargingUse.name,
        station_id=station_id or port,
        connector_id=reader.text("connector_id") if station_id else None,
        vehicle_id=reader.text("vehicle_id"),
        id_tag=known_tag(reader.text("id_tag") or reader.text("user_id")),
        plug_start=start,
        plug_end=end,
        charge_start=charge_start,
        charge_end=charge_end,
        energy_wall_kwh=energy_kwh,
        peak_kw=peak_kw,
        start_soc=start_soc,
        end_soc=end_soc,
        src_file=file,
        src_row=reader.record.row,
    )


def _plain(record: Record) -> Record:
    """Return a record with nothing where nothing is meant, and times as everybody writes them."""
    fields = {name: _plain_value(value) for name, value in record.fields.items()}
    for name in TIMES:
        fields[name] = _iso(fields.get(name))
    return replace(record, fields=fields)


def _plain_value(value: JsonValue) -> JsonValue:
    text = str(value or "").strip()
    if text in _NOTHING:
        return ""
    # An apostrophe keeps a spreadsheet from running the text behind it; it is no part of it.
    return text[1:] if _GUARDED.match(text) else text


def _iso(value: JsonValue) -> JsonValue:
    match = _COMPACT.match(str(value or ""))
    if match is None:
        return value
    year, month, day, clock, sign, hours, minutes = match.groups()
    offset = f"{sign or '+'}{hours:0>2}:{minutes}" if hours else ""
    return f"{year}-{month}-{day} {clock}{offset}"
