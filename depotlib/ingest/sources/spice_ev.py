"""Files of SpiceEV, a simulation tool: trip tables (CSV) and scenarios (JSON).

A row is one line of a table, or in JSON one vehicle, event, load or other named part. A departure
and the arrival after it are one duty, whose needed charge is what the vehicle was to have by then;
a fixed load is a meter in kW; a type joins the first vehicle that is of it. What is no fact of a depot (other types, grid connectors, signals,
price sheets, results) is counted as not used. In a trip table the state of charge is the one
assumed at the return: it asks for nothing and is not taken.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from math import isfinite
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.facts import Fact, Partner, facts_of, source_rows
from depotlib.ingest.fleet_rows import DutyRow, Origin, VehicleRow
from depotlib.ingest.json_records import json_readers, utc_conventions
from depotlib.ingest.json_text import JsonObject, JsonValue, parse_json
from depotlib.ingest.meter_rows import MeterRow
from depotlib.ingest.open_table import TableShape, clock_findings, file_findings, open_table
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_rows import reject_backward
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.units import SECONDS_PER_DAY

_TRIPS: Final = frozenset({"departure_time", "arrival_time", "vehicle_type"})
_TABLES: Final[Mapping[frozenset[str], str]] = {
    frozenset({"timestamp", "curtailment", "residual load"}): "the state of a grid is no meter",
    frozenset({"file", "strategy", "grid_connector", "n_intervals"}): "a result of a simulation is "
    "nothing that happened",
}
_PARTS: Final[Mapping[str, frozenset[str]]] = {
    "a scenario": frozenset({"components", "vehicle_types", "vehicles", "grid_connectors"}),
    "vehicle types": frozenset({"capacity", "charging_curve", "mileage"}),
    "results": frozenset({"temporal_parameters", "grid_connector", "charging_strategy"}),
    "a price sheet": frozenset({"grid_fee", "SLP", "RLM"}),
    "time windows": frozenset({"windows", "start", "end", "HV/MV"}),
}
_VEHICLE: Final = "vehicles"
_TYPE: Final = "vehicle_types"
_EVENT: Final = "vehicle_events"
_LOAD: Final = "fixed_load"


class SpiceEv:
    """Reads SpiceEV's trip tables and scenarios."""

    name = "spice_ev"
    title = "SpiceEV trip tables and scenarios (CSV, JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the file has the columns or fields of one of SpiceEV's files."""
        header = frozenset(sample.header)
        if header >= _TRIPS or any(header >= table for table in _TABLES):
            return Recognition(1.0, "it has the columns of one of SpiceEV's tables")
        found = [part for part, keys in _PARTS.items() if sample.keys >= keys]
        if not found:
            return NOT_MINE
        return Recognition(1.0, f"it has the fields of {found[0]} of SpiceEV")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return duties, vehicles and loads."""
        if content.text.lstrip().startswith(("{", "[")):
            return _scenario(content)
        return _table(content, options)


def _table(content: FileContent, options: ReadOptions) -> SourceRows:
    shape = TableShape(times=("departure_time", "arrival_time"), numbers=())
    header = frozenset(open_table(content, options, shape=TableShape((), (), "UTC")).table.header)
    unused = next((why for table, why in _TABLES.items() if header >= table), None)
    if unused is not None:
        shape = TableShape((), (), "UTC")
    opened = open_table(content, options, shape=shape)
    readers = opened.readers()
    if unused is not None:
        for reader in readers:
            reader.reject("not_used", unused)
    origin = Origin(SpiceEv.name, content.file)
    facts = facts_of(readers, _trip if unused is None else _nothing, origin=origin)
    return source_rows(
        facts,
        conventions=opened.conventions,
        rows_in=opened.table.rows_in,
        rejections=opened.table.rejections,
        findings=(*file_findings(opened), *clock_findings(readers)) if unused is None else (),
    )


def _nothing(reader: FieldReader) -> list[Fact]:
    del reader
    return []


def _trip(reader: FieldReader) -> list[Fact]:
    departure = reader.needed_instant("departure_time")
    return_at = reader.needed_instant("arrival_time")
    vehicle_id = reader.text("vehicle_id")
    reject_backward(reader, start=departure, end=return_at)
    if departure is None:
        return []
    named = vehicle_id or f"{reader.text('vehicle_type') or 'vehicle'} line {reader.record.row}"
    return [
        DutyRow(
            duty_id=f"{named} {departure.isoformat()}",
            vehicle_id=vehicle_id,
            departure=departure,
            return_at=return_at,
            src_row=reader.record.row,
        )
    ]


def _scenario(content: FileContent) -> SourceRows:
    parts = list(_parts(parse_json(content.text, file=content.file)))
    readers = json_readers(_with_vehicles(_with_arrivals(parts)))
    facts = facts_of(readers, _say, origin=Origin(SpiceEv.name, content.file))
    return source_rows(facts, conventions=utc_conventions(readers))


def _parts(value: JsonValue) -> Iterator[JsonObject]:
    """Yield the named parts of a file, each with its kind and name beside its fields."""
    if not isinstance(value, dict):
        yield {"kind": "unknown", "name": ""}
        return
    components, events = value.get("components"), value.get("events")
    if not isinstance(components, dict):
        yield from _named("part", value)
        return
    groups: JsonObject = {**components, **(events if isinstance(events, dict) else {})}
    types = components.get("vehicle_types")
    for kind, group in groups.items():
        for part in _named(kind, group):
            kept = types.get(str(part.get("vehicle_type"))) if isinstance(types, dict) else None
            yield {**part, "type": kept} if kind == _VEHICLE else part


def _named(kind: str, group: JsonValue) -> Iterator[JsonObject]:
    named = group.items() if isinstance(group, dict) else enumerate(_listed(group))
    for name, part in named:
        fields = part if isinstance(part, dict) else {}
        yield {**fields, "kind": kind, "name": str(name)}


def _listed(group: JsonValue) -> list[JsonValue]:
    return group if isinstance(group, list) else [group]


def _with_arrivals(parts: Sequence[JsonObject]) -> list[JsonObject]:
    """Return the parts; a departure knows the arrival after it, and the charge asked for by then."""
    asked: dict[str, JsonValue] = {
        str(part["name"]): part.get("desired_soc") for part in parts if part["kind"] == _VEHICLE
    }
    out: dict[str, int] = {}
    told = [dict(part) for part in parts]
    for place, part in enumerate(told):
        if part["kind"] != _EVENT:
            continue
        vehicle = str(part.get("vehicle_id"))
        update = part.get("update")
        if part.get("event_type") == "departure":
            part["desired_soc"] = asked.get(vehicle)
            out[vehicle] = place
        elif part.get("event_type") == "arrival":
            left = out.pop(vehicle, None)
            if left is not None:
                told[left]["arrived_at"] = part.get("start_time")
                part["departure_row"] = left + 1
            asked[vehicle] = update.get("desired_soc") if isinstance(update, dict) else None
    return told


def _with_vehicles(parts: Sequence[JsonObject]) -> list[JsonValue]:
    """Return the parts; a type knows the first vehicle that is of it."""
    first: dict[str, int] = {}
    for row, part in enumerate(parts, 1):
        if part["kind"] == _VEHICLE:
            first.setdefault(str(part.get("vehicle_type")), row)
    return [
        {**part, "vehicle_row": first.get(str(part["name"]))} if part["kind"] == _TYPE else part
        for part in parts
    ]


def _say(reader: FieldReader) -> list[Fact]:
    kind = reader.text("kind") or "part"
    if kind == _VEHICLE:
        return _vehicle(reader)
    vehicle_row = reader.number("vehicle_row")
    if kind == _TYPE and vehicle_row is not None:
        return [Partner(row=reader.record.row, of_row=int(vehicle_row))]
    if kind == _LOAD:
        return _load(reader)
    if kind == _EVENT and reader.text("event_type") == "departure":
        return _departure(reader)
    if kind == _EVENT and reader.text("event_type") == "arrival":
        return _arrival(reader)
    reader.reject("not_used", f"{kind} {reader.text('name')!r} is no vehicle, duty or load")
    return []


def _vehicle(reader: FieldReader) -> list[Fact]:
    return [
        VehicleRow(
            vehicle_id=reader.needed_text("name"),
            model=reader.text("type.name") or reader.text("vehicle_type"),
            battery_kwh=reader.amount("type.capacity", reason="negative_energy"),
            src_row=reader.record.row,
        )
    ]


def _departure(reader: FieldReader) -> list[Fact]:
    vehicle_id = reader.needed_text("vehicle_id")
    departure = reader.needed_instant("start_time")
    return_at = reader.instant("arrived_at") or reader.instant("update.estimated_time_of_arrival")
    must_soc = reader.amount("desired_soc", reason="bad_soc")
    reject_backward(reader, start=departure, end=return_at)
    if must_soc is not None and must_soc > 1:
        reader.reject("bad_soc", f"desired_soc is {must_soc:g}, more than full")
    if departure is None or reader.rejection is not None:
        return []
    return [
        DutyRow(
            duty_id=f"{vehicle_id} {departure.isoformat()}",
            vehicle_id=vehicle_id,
            departure=departure,
            return_at=return_at,
            must_soc=must_soc,
            src_row=reader.record.row,
        )
    ]


def _arrival(reader: FieldReader) -> list[Fact]:
    departure_row = reader.number("departure_row")
    if departure_row is None:
        reader.reject("no_departure", "the vehicle arrives without having left")
        return []
    return [Partner(row=reader.record.row, of_row=int(departure_row))]


def _load(reader: FieldReader) -> list[Fact]:
    start, step_s = reader.needed_instant("start_time"), reader.number("step_duration_s")
    values = reader.record.fields.get("values")
    powers = [
        float(value)
        for value in _listed(values)
        if isinstance(value, int | float) and isfinite(value)
    ]
    if not isinstance(values, list) or not values or step_s is None:
        reader.reject("not_used", "the load's values are not in this file")
    elif len(powers) != len(values):
        reader.reject("bad_number", f"{len(values) - len(powers)} values are no numbers")
    elif not 1 <= step_s <= SECONDS_PER_DAY:
        reader.reject("bad_number", f"step_duration_s is {step_s:g}")
    if start is None or step_s is None or reader.rejection is not None:
        return []
    step = timedelta(seconds=step_s)
    return [
        MeterRow(
            meter_id=reader.needed_text("name"),
            interval_start=start + place * step,
            interval_s=int(step_s),
            power_kw=power_kw,
            src_row=reader.record.row,
        )
        for place, power_kw in enumerate(powers)
    ]
