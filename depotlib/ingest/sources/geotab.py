"""Geotab (MyGeotab API, JSON): charge events, status data, trips, devices and their status.

A row is one object of the list. A charge event is a session; Geotab knows when charging began and
how long it took, not when the plug went in and out, so charging times stand for both. A trip is a
trip and an odometer at its end; its id changes when it is recalculated, so vehicle and start name
it. A device is a vehicle. Of the status of a device only driving says something: the vehicle is
not plugged in. `vehicle_id` is ``device.id``. A later ``version`` of an event replaces the earlier.

References
----------
.. [1] Geotab, "ChargeEvent",
   https://developers.geotab.com/myGeotab/apiReference/objects/ChargeEvent
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.facts import (
    Fact,
    facts_of,
    plug_findings,
    reading_of,
    source_rows,
    with_trip_odometers,
)
from depotlib.ingest.fleet_rows import Origin, VehicleRow
from depotlib.ingest.geotab_diagnostics import API_UNITS, BY_ID, measured
from depotlib.ingest.geotab_facts import driving_facts, trip_facts
from depotlib.ingest.json_records import json_documents, json_readers, utc_conventions
from depotlib.ingest.json_text import JsonValue
from depotlib.ingest.normalise.vin import vin_of
from depotlib.ingest.reading_findings import reading_findings, with_power_into_vehicle
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_rows import SessionRow, end_after
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.import_report import Finding

_KINDS: Final = {
    "charge events": frozenset({"device", "startTime", "duration", "chargeType"}),
    "status data": frozenset({"device", "diagnostic", "dateTime", "data"}),
    "trips": frozenset({"device", "start", "stop", "distance"}),
    "devices": frozenset({"serialNumber", "vehicleIdentificationNumber"}),
    "status of devices": frozenset({"device", "isDriving", "isDeviceCommunicating"}),
}


class Geotab:
    """Reads charge events, status data, trips and devices of MyGeotab."""

    name = "geotab"
    title = "Geotab charge events, status data, trips and devices (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the fields of one of the kinds of object are in the sample."""
        found = [kind for kind, keys in _KINDS.items() if sample.keys >= keys]
        if not found:
            return NOT_MINE
        return Recognition(1.0, f"it has the fields of {' and '.join(found)}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions, readings and trips of an export; all times are UTC by the API."""
        del options
        readers = json_readers(
            item
            for document in json_documents(content.text, file=content.file)
            for item in _objects(document)
        )
        columns = _columns(readers)
        origin = Origin(self.name, content.file)
        signed = with_power_into_vehicle(
            facts_of(readers, partial(_say, columns=columns, origin=origin), origin=origin)
        )
        return source_rows(
            with_trip_odometers(signed.facts),
            conventions=utc_conventions(readers),
            findings=(
                *columns.findings(),
                *signed.findings,
                *plug_findings(signed.facts),
                *reading_findings(signed.facts),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Columns:
    """States of charge, judged as the columns of two kinds of object."""

    events: SocColumn
    status: SocColumn

    def findings(self) -> list[Finding]:
        return [*self.events.findings(), *self.status.findings()]


def _columns(readers: Sequence[FieldReader]) -> _Columns:
    events = [reader for reader in readers if "startTime" in reader.record.fields]
    status = [reader for reader in readers
              if BY_ID.get(reader.text("diagnostic.id") or "") == "charge"]  # fmt: skip
    return _Columns(
        events=soc_column(events, "startStateOfCharge", "endStateOfCharge", documented="percent"),
        status=soc_column(status, "data", documented="percent"),
    )


def _objects(value: JsonValue) -> list[JsonValue]:
    """Return the objects of a list, of a reply (``result``) or of a feed (``result.data``)."""
    while isinstance(value, dict) and ("result" in value or "data" in value):
        if not isinstance(value.get("data", []), list):
            break  # a lone status data object: its data is a number
        value = value["result"] if "result" in value else value["data"]
    return value if isinstance(value, list) else [value]


def _say(reader: FieldReader, *, columns: _Columns, origin: Origin) -> list[Fact]:
    fields = reader.record.fields
    if "startTime" in fields:
        return _session(reader, charge=columns.events, origin=origin)
    if reader.text("diagnostic.id") is not None:
        return _status(reader, charge=columns.status)
    if "stop" in fields and "start" in fields:
        return _trip(reader)
    if "isDriving" in fields:
        return _driving(reader)
    if "vehicleIdentificationNumber" in fields and reader.text("device.id") is None:
        return _vehicle(reader)
    reader.reject("not_used", "it is no charge event, status data, trip or device")
    return []


def _session(reader: FieldReader, *, charge: SocColumn, origin: Origin) -> list[Fact]:
    event_id, vehicle_id = reader.needed_text("id"), reader.needed_text("device.id")
    start, duration_s = reader.needed_instant("startTime"), reader.duration_s("duration")
    energy_kwh = reader.amount("energyConsumedKwh", reason="negative_energy")
    battery_kwh = reader.number("measuredBatteryEnergyInKwh")
    peak_kw = reader.amount("peakPowerKw", reason="negative_power")
    start_soc = charge.soc(reader, "startStateOfCharge")
    end_soc = charge.soc(reader, "endStateOfCharge")
    end = end_after(reader, start, duration_s=duration_s)
    version = _version(reader)
    if start is None or reader.rejection is not None:
        return []
    return [
        SessionRow(
            session_key=f"geotab/{event_id}",
            source=origin.source,
            vehicle_id=vehicle_id,
            plug_start=start,
            plug_end=end,
            charge_start=start,
            charge_end=end,
            energy_wall_kwh=energy_kwh,
            energy_battery_kwh=battery_kwh,
            peak_kw=peak_kw,
            start_soc=start_soc,
            end_soc=end_soc,
            is_estimated=bool(reader.claim("chargeIsEstimated")),
            version=version,
            src_file=origin.file,
            src_row=reader.record.row,
        )
    ]


def _version(reader: FieldReader) -> int:
    """Return the version as a number: the API writes it as sixteen hexadecimal digits."""
    text = reader.text("version")
    try:
        return int(text, 16) if text else 0
    except ValueError:
        reader.reject("bad_version", f"version is {text!r}")
        return 0


def _status(reader: FieldReader, *, charge: SocColumn) -> list[Fact]:
    diagnostic = reader.needed_text("diagnostic.id")
    vehicle_id, at = reader.needed_text("device.id"), reader.needed_instant("dateTime")
    reader.needed_text("data")
    measure = BY_ID.get(diagnostic)
    if measure is None:
        reader.reject("not_used", f"{diagnostic} is not used")
        return []
    values = measured(reader, "data", measure=measure, unit=API_UNITS[measure], charge=charge)
    return reading_of(reader, vehicle_id, at=at, values=values)


def _trip(reader: FieldReader) -> list[Fact]:
    vehicle_id = reader.needed_text("device.id")
    start, stop = reader.needed_instant("start"), reader.needed_instant("stop")
    return trip_facts(
        reader,
        vehicle_id,
        span=(start, stop),
        distance_km=reader.amount("distance", reason="negative_distance"),
        odometer_m=reader.number("odometer"),
    )


def _driving(reader: FieldReader) -> list[Fact]:
    return driving_facts(
        reader,
        reader.needed_text("device.id"),
        at=reader.needed_instant("dateTime"),
        claims=(reader.claim("isDriving"), reader.claim("isDeviceCommunicating")),
    )


def _vehicle(reader: FieldReader) -> list[Fact]:
    return [
        VehicleRow(
            vehicle_id=reader.needed_text("id"),
            name=reader.text("name"),
            vin=vin_of(reader.text("vehicleIdentificationNumber")),
            licence_plate=reader.text("licensePlate"),
            src_row=reader.record.row,
        )
    ]
