"""ACN-Data charging sessions (Caltech's API, JSON).

A row is one session. Times are HTTP dates in GMT; ``timezone`` says only where they happened. A
driver may restate the request of a session (``userInputs``): the last one says who it was.

References
----------
.. [1] Caltech, "ACN-Data", https://ev.caltech.edu/dataset
"""

from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.findings import counted
from depotlib.ingest.identity import known_tag
from depotlib.ingest.json_text import JsonObject, JsonValue, objects_in
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_export import Mapped, json_export, session_account
from depotlib.ingest.session_rows import SessionRow, reject_backward
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.import_report import Finding

_NEEDED: Final = frozenset({"sessionID", "stationID", "connectionTime", "kWhDelivered"})
_TIMES: Final = ("connectionTime", "disconnectTime", "doneChargingTime")


class AcnData:
    """Reads the sessions of the Adaptive Charging Network's data set."""

    name = "acn_data"
    title = "ACN-Data charging sessions (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the fields of a session are in the sample."""
        if not sample.keys >= _NEEDED:
            return NOT_MINE
        return Recognition(1.0, f"it has the fields {', '.join(sorted(_NEEDED))}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions of a reply."""
        del options
        export = json_export(content, lists=("_items",))
        export = replace(export, readers=[_with_iso_times(reader) for reader in export.readers])
        return session_account(
            export, lambda reader: _session(reader, file=content.file), notes=_input_findings
        )


def _session(reader: FieldReader, *, file: str) -> SessionRow | None:
    key, station_id = reader.needed_text("sessionID"), reader.needed_text("stationID")
    reader.needed_text("connectionTime")
    start, end, done = (reader.instant(name) for name in _TIMES)
    energy_kwh = reader.amount("kWhDelivered", reason="negative_energy")
    reject_backward(reader, start=start, end=end)
    if start is None or reader.rejection is not None:
        return None
    return SessionRow(
        session_key=f"acn_data/{key}",
        source=AcnData.name,
        site=reader.text("siteID"),
        station_id=station_id,
        connector_id=reader.text("spaceID"),
        id_tag=_driver(reader),
        plug_start=start,
        plug_end=end,
        charge_end=done,
        energy_wall_kwh=energy_kwh,
        src_file=file,
        src_row=reader.record.row,
    )


def _with_iso_times(reader: FieldReader) -> FieldReader:
    times = {name: _iso(reader.record.fields.get(name)) for name in _TIMES}
    record = replace(reader.record, fields={**reader.record.fields, **times})
    return FieldReader(record, reader.reading)


def _iso(value: JsonValue) -> JsonValue:
    """Return an HTTP date as the form that times are read in; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return parsedate_to_datetime(value).replace(tzinfo=UTC).isoformat()
    except (ValueError, TypeError, OverflowError):
        return value


def _driver(reader: FieldReader) -> str | None:
    restated = _inputs(reader)
    last = restated[-1].get("userID") if restated else None
    return known_tag(str(last)) if last is not None else known_tag(reader.text("userID"))


def _inputs(reader: FieldReader) -> list[JsonObject]:
    return objects_in(reader.record.fields.get("userInputs"))


def _input_findings(kept: Mapped) -> list[Finding]:
    several = sum(len(_inputs(reader)) > 1 for reader, _ in kept)
    text = "sessions whose driver restated the request, of which the last one counts"
    return counted([("restated_request", several, text)])
