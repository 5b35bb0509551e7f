"""SteVe transactions (CSV).

A row is one OCPP transaction. Register values are watt-hours as text; their difference is the
energy, whether a station counts on or begins each transaction at 0. Where the register fell in
between, the energy is not known. Newer versions of SteVe write ``evse_id`` for ``connector_id``.

References
----------
.. [1] SteVe, https://github.com/steve-community/steve
"""

from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.findings import counted
from depotlib.ingest.identity import known_tag
from depotlib.ingest.open_table import TableShape, open_table
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_export import Mapped, session_account, table_export
from depotlib.ingest.session_rows import SessionRow, reject_backward
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.import_report import Finding
from depotlib.units import wh_to_kwh

_TIMES: Final = ("start_timestamp", "stop_timestamp")
_REGISTERS: Final = ("start_value", "stop_value")
_NEEDED: Final = frozenset({"transaction_pk", "charge_box_id", "id_tag", *_TIMES, *_REGISTERS})
_SHAPE: Final = TableShape(times=_TIMES, numbers=_REGISTERS)


class Steve:
    """Reads the transactions that SteVe exports."""

    name = "steve"
    title = "SteVe transactions (CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the header has the columns of the transaction table."""
        if not set(sample.header) >= _NEEDED:
            return NOT_MINE
        return Recognition(1.0, "the header is that of SteVe's transactions")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the transactions as sessions; one without stop is open."""
        opened = open_table(content, options, shape=_SHAPE)
        return session_account(
            table_export(opened),
            lambda reader: _session(reader, file=content.file),
            notes=_register_findings,
        )


def _session(reader: FieldReader, *, file: str) -> SessionRow | None:
    key, station_id = reader.needed_text("transaction_pk"), reader.needed_text("charge_box_id")
    reader.needed_text("start_timestamp")
    start, end = reader.instant("start_timestamp"), reader.instant("stop_timestamp")
    energy_kwh = _energy_kwh(reader)
    reject_backward(reader, start=start, end=end)
    if start is None or reader.rejection is not None:
        return None
    return SessionRow(
        session_key=f"steve/{key}",
        source=Steve.name,
        station_id=station_id,
        connector_id=reader.text("connector_id") or reader.text("evse_id"),
        id_tag=known_tag(reader.text("id_tag")),
        plug_start=start,
        plug_end=end,
        energy_wall_kwh=energy_kwh,
        src_file=file,
        src_row=reader.record.row,
    )


def _energy_kwh(reader: FieldReader) -> float | None:
    """Return what the register gained [kWh]; None where it is open or fell."""
    begin_wh = reader.amount("start_value", reason="negative_register")
    end_wh = reader.amount("stop_value", reason="negative_register")
    if begin_wh is None or end_wh is None or end_wh < begin_wh:
        return None
    return wh_to_kwh(end_wh - begin_wh)


def _register_findings(kept: Mapped) -> list[Finding]:
    resets = sum(_has_reset(reader) for reader, _ in kept)
    text = "sessions whose register fell between start and stop, so that their energy is unknown"
    return counted([("register_reset", resets, text)])


def _has_reset(reader: FieldReader) -> bool:
    begin_wh, end_wh = reader.number("start_value"), reader.number("stop_value")
    return begin_wh is not None and end_wh is not None and end_wh < begin_wh
