"""ChargePilot sessions, as its push interface sends them (JSON) or as a table (CSV).

A row is one completed session. ``ChargerID`` is the station's OCPP identity. The interface names no
unit for ``EnergyDelivered``: kilowatt-hours unless the whole column says otherwise. States of
charge are percent.

References
----------
.. [1] The Mobility House, "ChargePilot Charging Data Push-API",
   https://tmh-help.freshdesk.com/en/support/solutions/articles/203000046009
"""

from dataclasses import dataclass
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.energy_column import EnergyColumn, energy_column, stay_s
from depotlib.ingest.open_table import TableShape, open_table
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_export import SessionExport, json_export, session_account, table_export
from depotlib.ingest.session_rows import SessionRow, reject_backward
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows

_SOCS: Final = ("InitialSoC", "EndSoC")
_NEEDED: Final = frozenset({"TransactionID", "ChargerID", "StartAt", "EndAt", "EnergyDelivered"})
_SHAPE: Final = TableShape(times=("StartAt", "EndAt"), numbers=("EnergyDelivered", *_SOCS))


@dataclass(frozen=True, slots=True)
class _Columns:
    energy: EnergyColumn
    charge: SocColumn


class ChargePilot:
    """Reads the completed sessions of ChargePilot."""

    name = "chargepilot"
    title = "ChargePilot sessions (JSON, CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the fields of a pushed session are in the sample."""
        if not (set(sample.header) >= _NEEDED or sample.keys >= _NEEDED):
            return NOT_MINE
        return Recognition(1.0, f"it has the fields {', '.join(sorted(_NEEDED))}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions of a push or of a table."""
        export = _opened(content, options)
        columns = _Columns(
            energy=energy_column(
                export.readers,
                "EnergyDelivered",
                documented="kWh",
                duration_s=stay_s("StartAt", "EndAt"),
            ),
            charge=soc_column(export.readers, *_SOCS, documented="percent"),
        )
        return session_account(
            export,
            lambda reader: _session(reader, columns=columns, file=content.file),
            notes=lambda _: [*columns.energy.findings(), *columns.charge.findings()],
        )


def _opened(content: FileContent, options: ReadOptions) -> SessionExport:
    if content.text.lstrip().startswith(("{", "[")):
        return json_export(content, lists=("data", "sessions"))
    return table_export(open_table(content, options, shape=_SHAPE))


def _session(reader: FieldReader, *, columns: _Columns, file: str) -> SessionRow | None:
    key, station_id = reader.needed_text("TransactionID"), reader.needed_text("ChargerID")
    reader.needed_text("StartAt")
    start, end = reader.instant("StartAt"), reader.instant("EndAt")
    energy_kwh = columns.energy.energy_kwh(reader, "EnergyDelivered")
    start_soc, end_soc = (columns.charge.soc(reader, name) for name in _SOCS)
    reject_backward(reader, start=start, end=end)
    if start is None or reader.rejection is not None:
        return None
    return SessionRow(
        session_key=f"chargepilot/{station_id}/{key}",
        source=ChargePilot.name,
        station_id=station_id,
        connector_id=reader.text("ConnectorID"),
        plug_start=start,
        plug_end=end,
        energy_wall_kwh=energy_kwh,
        start_soc=start_soc,
        end_soc=end_soc,
        src_file=file,
        src_row=reader.record.row,
    )
