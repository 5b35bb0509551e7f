"""Flipturn charging sessions (REST API, JSON).

A row is one session. All four times are given where they are known; states of charge are percent.
Of vehicle, charger and port the id counts, else the name. A later ``updatedAt`` of a session
replaces the earlier one.

References
----------
.. [1] Flipturn, API documentation, https://api-docs.getflipturn.com/
"""

from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.identity import known_tag
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_export import json_export, session_account
from depotlib.ingest.session_rows import SessionRow, reject_backward
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows

_NEEDED: Final = frozenset({"id", "startTime", "energyDeliveredKwh", "durationSeconds"})
_SOCS: Final = ("socStartPercent", "socEndPercent")
_TIMES: Final = ("startTime", "endTime", "chargingStartTime", "chargingEndTime")


class Flipturn:
    """Reads the sessions of Flipturn's API."""

    name = "flipturn"
    title = "Flipturn charging sessions (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the fields of a session are in the sample."""
        if not sample.keys >= _NEEDED:
            return NOT_MINE
        return Recognition(1.0, f"it has the fields {', '.join(sorted(_NEEDED))}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions of a reply; all times are UTC or carry their offset."""
        del options
        export = json_export(content, lists=("data", "sessions", "chargingSessions", "results"))
        charge = soc_column(export.readers, *_SOCS, documented="percent")
        return session_account(
            export,
            lambda reader: _session(reader, charge=charge, file=content.file),
            notes=lambda _: charge.findings(),
        )


def _session(reader: FieldReader, *, charge: SocColumn, file: str) -> SessionRow | None:
    key = reader.needed_text("id")
    reader.needed_text("startTime")
    start, end, charge_start, charge_end = (reader.instant(name) for name in _TIMES)
    updated_at = reader.instant("updatedAt")
    energy_kwh = reader.amount("energyDeliveredKwh", reason="negative_energy")
    peak_kw = reader.amount("maxDemandKw", reason="negative_power")
    start_soc, end_soc = (charge.soc(reader, name) for name in _SOCS)
    reject_backward(reader, start=start, end=end)
    if start is None or reader.rejection is not None:
        return None
    return SessionRow(
        session_key=f"flipturn/{key}",
        source=Flipturn.name,
        site=_named(reader, "site"),
        station_id=_named(reader, "charger"),
        connector_id=_named(reader, "port"),
        vehicle_id=_named(reader, "vehicle"),
        id_tag=known_tag(reader.text("ocppIdTag")),
        plug_start=start,
        plug_end=end,
        charge_start=charge_start,
        charge_end=charge_end,
        energy_wall_kwh=energy_kwh,
        peak_kw=peak_kw,
        start_soc=start_soc,
        end_soc=end_soc,
        version=0 if updated_at is None else int(updated_at.timestamp()),
        src_file=file,
        src_row=reader.record.row,
    )


def _named(reader: FieldReader, name: str) -> str | None:
    """Return what names an object: its id, its name, or itself where it is but a text."""
    return reader.text(f"{name}.id") or reader.text(f"{name}.name") or reader.text(name)
