"""Samsara routes, assignments, vehicles, trips and the fuel and energy report (JSON).

A row is one route, assignment, vehicle, trip or vehicle of the report. A route is a duty: its
scheduled start is the departure deadline. Trips come from ``/v1/fleet/trips``, in milliseconds
since 1970, where one that still runs ends at the largest 64-bit number, and from
``/trips/stream``. The report names no time for what it sums up, so its rows cannot be placed.

References
----------
.. [1] Samsara, "API reference", https://developers.samsara.com/reference
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.facts import Fact, facts_of, source_rows, with_trip_odometers
from depotlib.ingest.fleet_rows import AssignmentRow, DutyRow, Origin, TripRow, VehicleRow
from depotlib.ingest.json_records import json_documents, json_readers, listed, utc_conventions
from depotlib.ingest.json_text import JsonValue
from depotlib.ingest.normalise.times import FIRST_YEAR, LAST_YEAR
from depotlib.ingest.normalise.vin import vin_of
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_rows import reject_backward
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.units import metres_to_km, ms_to_s

_OPEN_END_MS: Final = 2**63 - 1
_FIRST_S: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp()
_LAST_S: Final = datetime(LAST_YEAR, 1, 1, tzinfo=UTC).timestamp()
_KINDS: Final = {
    "routes": frozenset({"scheduledRouteStartTime", "scheduledRouteEndTime", "vehicle"}),
    "assignments": frozenset({"assignmentType", "driver", "vehicle", "startTime"}),
    "vehicles": frozenset({"vin", "licensePlate", "externalIds", "name", "make"}),
    "trips": frozenset({"startMs", "endMs", "distanceMeters"}),
    "streamed trips": frozenset({"tripStartTime", "completionStatus", "asset"}),
    "the fuel and energy report": frozenset({"vehicleReports", "energyUsedKwh"}),
}


class SamsaraFleet:
    """Reads what Samsara knows beside the stats of vehicles."""

    name = "samsara_fleet"
    title = "Samsara routes, assignments, vehicles and trips (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the fields of one of the kinds of object are in the sample."""
        found = [kind for kind, keys in _KINDS.items() if sample.keys >= keys]
        if not found:
            return NOT_MINE
        return Recognition(1.0, f"it has the fields of {' and '.join(found)}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return duties, assignments, vehicles and trips; all times name their zone."""
        del options
        readers = json_readers(
            item
            for document in json_documents(content.text, file=content.file)
            for item in _objects(document)
        )
        facts = facts_of(readers, _say, origin=Origin(self.name, content.file))
        return source_rows(with_trip_odometers(facts), conventions=utc_conventions(readers))


def _objects(value: JsonValue) -> list[JsonValue]:
    """Return the objects of a reply; trips of one vehicle carry the id that stands beside them."""
    items = listed(value, "data", "trips", "vehicleReports")
    beside = value.get("vehicleId") if isinstance(value, dict) else None
    return [{"vehicleId": beside, **item} if isinstance(item, dict) and beside else item
            for item in items]  # fmt: skip


def _say(reader: FieldReader) -> list[Fact]:
    for field, say in _BY_FIELD.items():
        if field in reader.record.fields:
            return say(reader)
    reader.reject("not_used", "it is no route, assignment, vehicle or trip")
    return []


def _duty(reader: FieldReader) -> list[Fact]:
    duty_id = reader.needed_text("id")
    departure = reader.needed_instant("scheduledRouteStartTime")
    return_at = reader.instant("scheduledRouteEndTime")
    reject_backward(reader, start=departure, end=return_at)
    if departure is None:
        return []
    return [
        DutyRow(
            duty_id=duty_id,
            vehicle_id=reader.text("vehicle.id"),
            departure=departure,
            return_at=return_at,
            src_row=reader.record.row,
        )
    ]


def _assignment(reader: FieldReader) -> list[Fact]:
    driver_id, vehicle_id = reader.needed_text("driver.id"), reader.needed_text("vehicle.id")
    start, end = reader.needed_instant("startTime"), reader.instant("endTime")
    reject_backward(reader, start=start, end=end)
    if start is None:
        return []
    return [AssignmentRow(driver_id, vehicle_id, start=start, end=end, src_row=reader.record.row)]


def _vehicle(reader: FieldReader) -> list[Fact]:
    make, model = reader.text("make"), reader.text("model")
    return [
        VehicleRow(
            vehicle_id=reader.needed_text("id"),
            name=reader.text("name"),
            vin=vin_of(reader.text("vin")),
            licence_plate=reader.text("licensePlate"),
            model=model or make,
            src_row=reader.record.row,
        )
    ]


def _trip(reader: FieldReader) -> list[Fact]:
    """Return a trip of ``/v1/fleet/trips``."""
    vehicle_id = reader.text("vehicleId")
    if vehicle_id is None:
        reader.reject(
            "no_vehicle", "the reply names no vehicle; put its vehicleId beside the list of trips"
        )
    start, end = _unix_instant(reader, "startMs"), _unix_instant(reader, "endMs")
    distance_m = reader.amount("distanceMeters", reason="negative_distance")
    odometers_m = [reader.amount(name, reason="negative_odometer")
                   for name in ("startOdometer", "endOdometer")]  # fmt: skip
    start_km, end_km = (None if not value else metres_to_km(value) for value in odometers_m)
    reject_backward(reader, start=start, end=end)
    if start is None or vehicle_id is None:
        reader.reject("missing_field", "startMs is empty")
        return []
    return [
        TripRow(
            vehicle_id=vehicle_id,
            start=start,
            end=end,
            distance_km=None if distance_m is None else metres_to_km(distance_m),
            start_odometer_km=start_km,
            end_odometer_km=end_km,
            src_row=reader.record.row,
        )
    ]


def _unix_instant(reader: FieldReader, name: str) -> datetime | None:
    """Return an instant in milliseconds since 1970; None for the end of a trip that still runs."""
    value_ms = reader.number(name)
    if value_ms is None or value_ms >= _OPEN_END_MS:
        return None
    if not _FIRST_S <= ms_to_s(value_ms) <= _LAST_S:
        reader.reject("implausible_time", f"{name} is {value_ms:g} ms since 1970")
        return None
    return datetime.fromtimestamp(ms_to_s(value_ms), tz=UTC)


def _streamed_trip(reader: FieldReader) -> list[Fact]:
    vehicle_id = reader.needed_text("asset.id")
    start, end = reader.needed_instant("tripStartTime"), reader.instant("tripEndTime")
    is_running = reader.text("completionStatus") == "inProgress"
    reject_backward(reader, start=start, end=end)
    if start is None:
        return []
    end = None if is_running else end
    return [TripRow(vehicle_id=vehicle_id, start=start, end=end, src_row=reader.record.row)]


def _report(reader: FieldReader) -> list[Fact]:
    reader.reject("no_period", "the report does not say which days it sums up")
    return []


_BY_FIELD: Final[dict[str, Callable[[FieldReader], list[Fact]]]] = {
    "scheduledRouteStartTime": _duty,
    "assignmentType": _assignment,
    "startMs": _trip,
    "tripStartTime": _streamed_trip,
    "energyUsedKwh": _report,
    "vin": _vehicle,
}
"""A field that only one kind of object has; a vehicle inside another object is ``vehicle.id``."""
