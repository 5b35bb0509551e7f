"""Virta charging sessions, operator's view (CSV).

A row is one session. Energies are in watt-hours; times are local to the account that exported and
name no zone. The list shows no card: whose a session was is not in it.

References
----------
.. [1] Virta, "Charging sessions (CPO view)",
   https://support.virta.global/hc/en-gb/articles/360017451257
"""

from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.energy_column import EnergyColumn, energy_column, stay_s
from depotlib.ingest.open_table import TableShape, open_table
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_export import session_account, table_export
from depotlib.ingest.session_rows import SessionRow, reject_backward
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows

_ENERGY: Final = "Energy (Wh)"
_NEEDED: Final = frozenset({"Charge ID", "Station ID", "Start time", "Stop time", _ENERGY})
_SHAPE: Final = TableShape(times=("Start time", "Stop time"), numbers=(_ENERGY,))


class Virta:
    """Reads the list of sessions of a Virta operator."""

    name = "virta"
    title = "Virta charging sessions (CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the header has the list's columns."""
        if not set(sample.header) >= _NEEDED:
            return NOT_MINE
        return Recognition(1.0, f"the header has {', '.join(sorted(_NEEDED))}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions of a list."""
        opened = open_table(content, options, shape=_SHAPE)
        export = table_export(opened)
        energy = energy_column(
            export.readers, _ENERGY, documented="Wh", duration_s=stay_s("Start time", "Stop time")
        )
        return session_account(
            export,
            lambda reader: _session(reader, energy=energy, file=content.file),
            notes=lambda _: energy.findings(),
        )


def _session(reader: FieldReader, *, energy: EnergyColumn, file: str) -> SessionRow | None:
    key, station_id = reader.needed_text("Charge ID"), reader.needed_text("Station ID")
    reader.needed_text("Start time")
    start, end = reader.instant("Start time"), reader.instant("Stop time")
    energy_kwh = energy.energy_kwh(reader, _ENERGY)
    reject_backward(reader, start=start, end=end)
    if start is None or reader.rejection is not None:
        return None
    return SessionRow(
        session_key=f"virta/{key}",
        source=Virta.name,
        site=reader.text("Station name"),
        station_id=station_id,
        connector_id=reader.text("EVSE-ID"),
        plug_start=start,
        plug_end=end,
        energy_wall_kwh=energy_kwh,
        src_file=file,
        src_row=reader.record.row,
    )
