"""Readings, trips, duties and vehicles of a mapped table."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from depotlib.ingest.facts import Fact, facts_of, reading_of, source_rows
from depotlib.ingest.fleet_rows import DutyRow, Origin, TripRow, VehicleRow
from depotlib.ingest.mapping.long_form import long_values
from depotlib.ingest.mapping.mapped_table import MappedTable
from depotlib.ingest.open_table import clock_findings
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_rows import end_after, reject_backward
from depotlib.ingest.source import SourceRows

SOURCE: Final = "column_mapping"


def mapped_readings(table: MappedTable) -> SourceRows:
    """Return the vehicle readings of a file, every record accounted for."""
    return _account(table, mapped_reading)


def mapped_trips(table: MappedTable) -> SourceRows:
    """Return the trips of a file, every record accounted for."""
    return _account(table, _trip)


def mapped_duties(table: MappedTable) -> SourceRows:
    """Return the duties of a file, every record accounted for."""
    return _account(table, _duty)


def mapped_vehicles(table: MappedTable) -> SourceRows:
    """Return the vehicles of a file, every record accounted for."""
    return _account(table, _vehicle)


def _account(
    table: MappedTable, say: Callable[[MappedTable, FieldReader], Sequence[Fact]]
) -> SourceRows:
    origin = Origin(SOURCE, table.opened.content.file)
    facts = facts_of(table.readers, lambda reader: say(table, reader), origin=origin)
    return source_rows(
        facts,
        conventions=table.opened.conventions,
        rows_in=table.opened.table.rows_in,
        rejections=table.opened.table.rejections,
        findings=(*table.findings, *clock_findings(table.readers)),
    )


def mapped_reading(table: MappedTable, reader: FieldReader) -> list[Fact]:
    """Return what one record says of a vehicle; nothing where the reader notes a fault."""
    vehicle_id = table.needed_text(reader, "vehicle_id")
    at = table.needed_instant(reader, "at")
    found = {
        "soc": table.soc(reader, "soc"),
        "odometer_km": table.amount(reader, "odometer_km", reason="negative_odometer"),
        "power_kw": table.number(reader, "power_kw"),
        "temperature_c": table.number(reader, "temperature_c"),
        "soh_share": table.soc(reader, "soh_share"),
        "charge_limit_soc": table.soc(reader, "charge_limit_soc"),
        "is_charging": table.flag(reader, "is_charging"),
        "is_plugged": table.flag(reader, "is_plugged"),
    }
    values = {name: value for name, value in found.items() if value is not None}
    if table.mapping.long_form is not None:
        values.update(long_values(table.mapping.long_form, reader))
    return reading_of(reader, vehicle_id, at=at, values=values)


def _trip(table: MappedTable, reader: FieldReader) -> list[Fact]:
    vehicle_id = table.needed_text(reader, "vehicle_id")
    start, end = _span(table, reader, first="start", last="end")
    if start is None:
        return []
    return [
        TripRow(
            vehicle_id=vehicle_id,
            start=start,
            end=end,
            src_row=reader.record.row,
            distance_km=table.amount(reader, "distance_km", reason="negative_distance"),
            energy_battery_kwh=table.number(reader, "energy_battery_kwh"),
            start_odometer_km=table.amount(reader, "start_odometer_km", reason="negative_odometer"),
            end_odometer_km=table.amount(reader, "end_odometer_km", reason="negative_odometer"),
        )
    ]


def _duty(table: MappedTable, reader: FieldReader) -> list[Fact]:
    departure, return_at = _span(table, reader, first="departure", last="return_at")
    priority = table.text(reader, "priority")
    if priority is not None and not priority.isdecimal():
        reader.reject("bad_number", f"{table.label('priority')} is {priority!r}")
    if departure is None or reader.rejection is not None:
        return []
    vehicle_id = table.text(reader, "vehicle_id")
    named = [reader.needed_text(name) for name in table.mapping.key]
    duty_id = table.text(reader, "duty_id") or "/".join(
        named or [vehicle_id or "", departure.isoformat()]
    )
    return [
        DutyRow(
            duty_id=duty_id,
            vehicle_id=vehicle_id,
            departure=departure,
            src_row=reader.record.row,
            return_at=return_at,
            distance_km=table.amount(reader, "distance_km", reason="negative_distance"),
            must_soc=table.soc(reader, "must_soc"),
            target_soc=table.soc(reader, "target_soc"),
            priority=int(priority) if priority else None,
        )
    ]


def _vehicle(table: MappedTable, reader: FieldReader) -> list[Fact]:
    vehicle_id = table.needed_text(reader, "vehicle_id")
    return [
        VehicleRow(
            vehicle_id=vehicle_id,
            src_row=reader.record.row,
            name=table.text(reader, "name"),
            vin=table.text(reader, "vin"),
            licence_plate=table.text(reader, "licence_plate"),
            model=table.text(reader, "model"),
            battery_kwh=table.amount(reader, "battery_kwh", reason="negative_energy"),
        )
    ]


def _span(
    table: MappedTable, reader: FieldReader, *, first: str, last: str
) -> tuple[datetime | None, datetime | None]:
    """Return start and end; the end by a duration where no column holds it, or where that counts."""
    start, end = table.needed_instant(reader, first), table.instant(reader, last)
    by_duration = end_after(reader, start, duration_s=table.duration_s(reader))
    if by_duration and (end is None or table.mapping.end_counts == "duration"):
        end = by_duration
    reject_backward(reader, start=start, end=end)
    return start, end
