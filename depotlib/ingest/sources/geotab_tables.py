"""Tables of Geotab's SQL adapter (CSV): charge events, trips, status data, devices, their status.

A row is one row of the table. Times are UTC; durations are ticks of 100 ns, a trip's odometer is in
metres. `vehicle_id` is the adapter's ``DeviceId``, which is ``id`` in its table of devices. A row
with ``EntityStatus`` 0 was deleted in MyGeotab. Trips get new ids when they are recalculated, so
vehicle and start name them.

References
----------
.. [1] Geotab, "MyGeotab API adapter", schema reference,
   https://github.com/Geotab/mygeotab-api-adapter
"""

from collections.abc import Callable, Sequence
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
from depotlib.ingest.normalise.vin import vin_of
from depotlib.ingest.open_table import TableShape, file_findings, open_table
from depotlib.ingest.reading_findings import reading_findings, with_power_into_vehicle
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_rows import SessionRow, end_after
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.units import ticks_to_s

_TABLES: Final = {
    "ChargeEvents2": frozenset({"DeviceId", "StartTime", "DurationTicks", "EnergyConsumedKwh"}),
    "Trips2": frozenset({"DeviceId", "Start", "Stop", "DrivingDurationTicks"}),
    "StatusData2": frozenset({"DeviceId", "DiagnosticId", "DateTime", "Data"}),
    "Devices2": frozenset({"VIN", "SerialNumber", "ActiveFrom", "ActiveTo"}),
    "DeviceStatusInfo2": frozenset({"DeviceId", "IsDriving", "IsDeviceCommunicating", "DateTime"}),
}
_SHAPE: Final = TableShape(
    times=("StartTime", "Start", "Stop", "DateTime"),
    numbers=("EnergyConsumedKwh", "Distance", "Data", "StartStateOfCharge"),
    time_zone="UTC",
    date_order="year_month_day",
)
_Say = Callable[[FieldReader], list[Fact]]


class GeotabTables:
    """Reads the tables of Geotab's SQL adapter."""

    name = "geotab_tables"
    title = "Geotab SQL adapter tables (CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the header is one of the adapter's tables."""
        table = _table_of(sample.header)
        return Recognition(1.0, f"the header is that of {table}") if table else NOT_MINE

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return what a table holds."""
        opened = open_table(content, options, shape=_SHAPE)
        readers = opened.readers()
        charges = [reader for reader in readers if _measures_charge(reader)]
        charge = soc_column(
            charges, "Data", "StartStateOfCharge", "EndStateOfCharge", documented="percent"
        )
        origin = Origin(self.name, content.file)
        say = _say_of(_table_of(opened.table.header), charge=charge, origin=origin)
        signed = with_power_into_vehicle(facts_of(readers, say, origin=origin))
        return source_rows(
            with_trip_odometers(signed.facts),
            conventions=opened.conventions,
            rows_in=opened.table.rows_in,
            rejections=opened.table.rejections,
            findings=(
                *file_findings(opened),
                *charge.findings(),
                *signed.findings,
                *plug_findings(signed.facts),
                *reading_findings(signed.facts),
            ),
        )


def _table_of(header: Sequence[str]) -> str | None:
    return next((name for name, needed in _TABLES.items() if needed <= set(header)), None)


def _measures_charge(reader: FieldReader) -> bool:
    """Return whether a row has states of charge; ``Data`` of another diagnostic is none."""
    diagnostic = reader.text("DiagnosticId")
    return diagnostic is None or BY_ID.get(diagnostic) == "charge"


def _say_of(table: str | None, *, charge: SocColumn, origin: Origin) -> _Say:
    """Return how the rows of a table are read; deleted ones say nothing."""
    by_table: dict[str | None, _Say] = {
        "ChargeEvents2": partial(_session, charge=charge, origin=origin),
        "Trips2": _trip,
        "StatusData2": partial(_status, charge=charge),
        "Devices2": _vehicle,
        "DeviceStatusInfo2": _driving,
    }
    return partial(_unless_deleted, say=by_table.get(table, _nothing))


def _unless_deleted(reader: FieldReader, *, say: _Say) -> list[Fact]:
    if reader.text("EntityStatus") == "0" or reader.text("DeletedDateTime"):
        reader.reject("deleted", "the table marks the row as deleted in MyGeotab")
    return say(reader)


def _nothing(reader: FieldReader) -> list[Fact]:
    reader.reject("not_used", "it is of no table that is used")
    return []


def _session(reader: FieldReader, *, charge: SocColumn, origin: Origin) -> list[Fact]:
    event_id = reader.text("GeotabId") or reader.needed_text("id")
    vehicle_id, start = reader.needed_text("DeviceId"), reader.needed_instant("StartTime")
    ticks = reader.amount("DurationTicks", reason="negative_duration")
    end = end_after(reader, start, duration_s=None if ticks is None else ticks_to_s(ticks))
    energy_kwh = reader.amount("EnergyConsumedKwh", reason="negative_energy")
    peak_kw = reader.amount("PeakPowerKw", reason="negative_power")
    start_soc = charge.soc(reader, "StartStateOfCharge")
    end_soc = charge.soc(reader, "EndStateOfCharge")
    battery_kwh = reader.number("MeasuredBatteryEnergyInKwh")
    is_estimated = reader.claim("ChargeIsEstimated")
    version = reader.number("Version")
    if start is None or reader.rejection is not None:
        return []
    return [
        SessionRow(
            session_key=f"{origin.source}/{event_id}",
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
            is_estimated=bool(is_estimated),
            version=int(version or 0),
            src_file=origin.file,
            src_row=reader.record.row,
        )
    ]


def _trip(reader: FieldReader) -> list[Fact]:
    vehicle_id = reader.needed_text("DeviceId")
    start, stop = reader.needed_instant("Start"), reader.needed_instant("Stop")
    return trip_facts(
        reader,
        vehicle_id,
        span=(start, stop),
        distance_km=reader.amount("Distance", reason="negative_distance"),
        odometer_m=reader.number("Odometer"),
    )


def _status(reader: FieldReader, *, charge: SocColumn) -> list[Fact]:
    diagnostic = reader.needed_text("DiagnosticId")
    vehicle_id, at = reader.needed_text("DeviceId"), reader.needed_instant("DateTime")
    measure = BY_ID.get(diagnostic)
    if measure is None:
        is_number = diagnostic.isdecimal()
        hint = " by its number in another table; export its GeotabId instead" if is_number else ""
        reader.reject("not_used", f"the diagnostic {diagnostic} is not known{hint}")
        return []
    values = measured(reader, "Data", measure=measure, unit=API_UNITS[measure], charge=charge)
    return reading_of(reader, vehicle_id, at=at, values=values)


def _vehicle(reader: FieldReader) -> list[Fact]:
    return [
        VehicleRow(
            vehicle_id=reader.text("id") or reader.needed_text("GeotabId"),
            name=reader.text("Name"),
            vin=vin_of(reader.text("VIN")),
            licence_plate=reader.text("LicensePlate"),
            src_row=reader.record.row,
        )
    ]


def _driving(reader: FieldReader) -> list[Fact]:
    return driving_facts(
        reader,
        reader.needed_text("DeviceId"),
        at=reader.needed_instant("DateTime"),
        claims=(reader.claim("IsDriving"), reader.claim("IsDeviceCommunicating")),
    )
