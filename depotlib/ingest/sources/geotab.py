"""Geotab (MyGeotab API, JSON): charge events, status data and trips.

A row is one object of the list. A charge event is a session; Geotab knows when charging began and
how long it took, not when the plug went in and out, so charging times stand for both. Status data
and trips give readings; `vehicle_id` is ``device.id``. A later ``version`` of an event replaces
the earlier one.

References
----------
.. [1] Geotab, "ChargeEvent",
   https://developers.geotab.com/myGeotab/apiReference/objects/ChargeEvent
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.findings import counted
from depotlib.ingest.json_text import (
    JsonObject,
    JsonValue,
    compact,
    flattened,
    parse_json,
)
from depotlib.ingest.readings import VehicleReading, collected_readings, joined_readings
from depotlib.ingest.record import RAW_CHARACTERS, FieldReader, Reading, Record, in_row_order
from depotlib.ingest.session_rows import (
    SessionRow,
    collect,
    latest_versions,
    session_findings,
    session_frame,
)
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, Conventions, ReadOptions, Recognition, SourceRows
from depotlib.model.import_report import Finding, Rejection
from depotlib.units import metres_to_km, w_to_kw

_READING: Final = Reading(time_zone=ZoneInfo("UTC"))
_CHARGE_KEYS: Final = frozenset({"device", "startTime", "duration", "chargeType"})
_STATUS_KEYS: Final = frozenset({"device", "diagnostic", "dateTime", "data"})
_TRIP_KEYS: Final = frozenset({"device", "start", "stop", "distance"})
_SOC: Final = "DiagnosticStateOfChargeId"
_SCALED: Final[dict[str, tuple[str, Callable[[float], float]]]] = {
    "DiagnosticOdometerId": ("odometer_km", metres_to_km),
    "DiagnosticOutsideTemperatureId": ("temperature_c", float),
    # Geotab counts what leaves the battery as positive; here power into a vehicle is.
    "DiagnosticElectricVehicleBatteryPowerId": ("power_kw", lambda watts: -w_to_kw(watts)),
}
_CHARGING: Final = frozenset(
    {"DiagnosticElectricVehicleChargingStateId", "DiagnosticElectricVehicleIsChargingId"}
)
_CHARGING_STATES: Final = frozenset({1.0, 2.0})
"""AC and DC; 0 is not charging, 3 (seen in one client) complete."""
_INLET_VOLTAGE: Final = "DiagnosticOnBoardChargerAcInputVoltageId"


class Geotab:
    """Reads charge events, status data and trips of MyGeotab."""

    name = "geotab"
    title = "Geotab charge events, status data and trips (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the fields of one of the three kinds of object are in the sample."""
        kinds = {
            "charge events": _CHARGE_KEYS,
            "status data": _STATUS_KEYS,
            "trips": _TRIP_KEYS,
        }
        found = [kind for kind, keys in kinds.items() if sample.keys >= keys]
        if not found:
            return NOT_MINE
        return Recognition(1.0, f"it has the fields of {' and '.join(found)}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions and readings of an export; all times are UTC by the API."""
        del options
        value = parse_json(content.text, file=content.file)
        readers = [FieldReader(record, _READING) for record in _records(value)]
        charges = [reader for reader in readers if _is_charge(reader)]
        others = [reader for reader in readers if not _is_charge(reader)]
        events, event_rejections, event_findings = _sessions(charges, file=content.file)
        sessions, superseded = latest_versions(events)
        readings, rejections, soc_findings = _readings(others)
        joined = joined_readings(readings, source=self.name, file=content.file)
        return SourceRows(
            rows_in=len(readers),
            conventions=Conventions("UTC", "offsets in the file", "year_month_day", _seen(readers)),
            sessions=session_frame(sessions),
            telematics=joined.telematics,
            merged_rows=joined.merged_rows,
            duplicates=superseded + joined.duplicates,
            rejections=in_row_order(event_rejections, rejections),
            findings=(
                *event_findings,
                *session_findings(sessions),
                *_plug_findings(sessions),
                *soc_findings,
                *joined.findings,
            ),
        )


def _records(value: JsonValue) -> list[Record]:
    """Return the objects of a list, of a reply (``result``) or of a feed (``result.data``)."""
    while isinstance(value, dict) and ("result" in value or "data" in value):
        if not isinstance(value.get("data", []), list):
            break  # a lone status data object: its data is a number
        value = value["result"] if "result" in value else value["data"]
    items: list[JsonValue] = value if isinstance(value, list) else [value]
    return [_record(item, row=row) for row, item in enumerate(items, 1)]


def _record(item: JsonValue, *, row: int) -> Record:
    fields: JsonObject = flattened(item) if isinstance(item, dict) else {}
    return Record(row=row, fields=fields, raw=compact(item)[:RAW_CHARACTERS])


def _is_charge(reader: FieldReader) -> bool:
    return "startTime" in reader.record.fields


def _sessions(
    readers: list[FieldReader], *, file: str
) -> tuple[list[SessionRow], list[Rejection], list[Finding]]:
    charge = soc_column(readers, "startStateOfCharge", "endStateOfCharge", documented="percent")
    rows, rejections = collect(
        (reader, _session(reader, charge=charge, file=file)) for reader in readers
    )
    return rows, rejections, charge.findings()


def _session(reader: FieldReader, *, charge: SocColumn, file: str) -> SessionRow | None:
    event_id, vehicle_id = reader.needed_text("id"), reader.needed_text("device.id")
    reader.needed_text("startTime")
    start, duration_s = reader.instant("startTime"), reader.duration_s("duration")
    energy_kwh = reader.amount("energyConsumedKwh", reason="negative_energy")
    battery_kwh = reader.number("measuredBatteryEnergyInKwh")
    peak_kw = reader.amount("peakPowerKw", reason="negative_power")
    start_soc = charge.soc(reader, "startStateOfCharge")
    end_soc = charge.soc(reader, "endStateOfCharge")
    version = _version(reader)
    if start is None or reader.rejection is not None:
        return None
    end = None if duration_s is None else start + timedelta(seconds=duration_s)
    return SessionRow(
        session_key=f"geotab/{event_id}",
        source=Geotab.name,
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
        is_estimated=reader.text("chargeIsEstimated") == "True",
        version=version,
        src_file=file,
        src_row=reader.record.row,
    )


def _version(reader: FieldReader) -> int:
    """Return the version as a number: the API writes it as sixteen hexadecimal digits."""
    text = reader.text("version")
    try:
        return int(text, 16) if text else 0
    except ValueError:
        reader.reject("bad_version", f"version is {text!r}")
        return 0


def _plug_findings(sessions: list[SessionRow]) -> list[Finding]:
    text = "charge events, which name no plug-in and no plug-out: charging times stand for both"
    return counted([("no_plug_times", len(sessions), text)])


def _readings(
    readers: list[FieldReader],
) -> tuple[list[VehicleReading], list[Rejection], list[Finding]]:
    charges = [reader for reader in readers if reader.text("diagnostic.id") == _SOC]
    charge = soc_column(charges, "data", documented="percent")
    readings, rejections = collected_readings(
        (reader, _reading(reader, charge)) for reader in readers
    )
    return readings, rejections, charge.findings()


def _reading(reader: FieldReader, charge: SocColumn) -> VehicleReading | None:
    if reader.text("diagnostic.id") is not None:
        stamp, values = "dateTime", _measured(reader, charge)
    elif "stop" in reader.record.fields and "start" in reader.record.fields:
        stamp, values = "stop", _driven(reader)
    else:
        reader.reject("not_used", "it is no charge event, status data or trip")
        return None
    vehicle_id = reader.needed_text("device.id")
    reader.needed_text(stamp)
    at = reader.instant(stamp)
    if at is None or reader.rejection is not None:
        return None
    return VehicleReading(vehicle_id=vehicle_id, at=at, values=values, row=reader.record.row)


def _measured(reader: FieldReader, charge: SocColumn) -> dict[str, float | bool]:
    """Return what a status data object measures."""
    diagnostic = reader.needed_text("diagnostic.id")
    reader.needed_text("data")
    if diagnostic == _SOC:
        soc = charge.soc(reader, "data")
        return {} if soc is None else {"soc": soc}
    value = reader.number("data")
    if value is None:
        return {}
    if diagnostic in _CHARGING:
        is_charging = value in _CHARGING_STATES
        return {"is_charging": True, "is_plugged": True} if is_charging else {"is_charging": False}
    if diagnostic == _INLET_VOLTAGE:
        return {"is_plugged": value > 0}
    if diagnostic not in _SCALED:
        reader.reject("not_used", f"{diagnostic} is not used")
        return {}
    measurand, converted = _SCALED[diagnostic]
    return _checked_odometer(reader, {measurand: converted(value)})


def _driven(reader: FieldReader) -> dict[str, float | bool]:
    """Return the odometer at the end of a trip, which the API gives in metres."""
    odometer_m = reader.number("odometer")
    if odometer_m is None:
        reader.reject("not_used", "a trip without odometer is not used")
        return {}
    return _checked_odometer(reader, {"odometer_km": metres_to_km(odometer_m)})


def _checked_odometer(
    reader: FieldReader, values: dict[str, float | bool]
) -> dict[str, float | bool]:
    if values.get("odometer_km", 0.0) < 0:
        reader.reject("negative_odometer", f"the odometer is at {values['odometer_km']:g} km")
    return values


def _seen(readers: list[FieldReader]) -> tuple[str, ...]:
    return tuple(sorted({name for reader in readers for name in reader.record.fields}))
