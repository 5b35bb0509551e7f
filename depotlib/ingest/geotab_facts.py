"""What Geotab's API and its SQL adapter say alike: trips, driving, events without plug times."""

from datetime import datetime

from depotlib.ingest.facts import Fact, Facts, reading_of
from depotlib.ingest.findings import counted
from depotlib.ingest.fleet_rows import TripRow
from depotlib.ingest.geotab_diagnostics import checked_odometer
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_rows import SessionRow, latest_versions, reject_backward
from depotlib.model.import_report import Finding
from depotlib.units import metres_to_km


def plug_findings(facts: Facts) -> list[Finding]:
    """Return how many sessions take charging times for plug times."""
    sessions, _ = latest_versions(facts.of(SessionRow))
    text = "charge events, which name no plug-in and no plug-out: charging times stand for both"
    return counted([("no_plug_times", len(sessions), text)])


def trip_facts(
    reader: FieldReader,
    vehicle_id: str,
    *,
    span: tuple[datetime | None, datetime | None],
    distance_km: float | None,
    odometer_m: float | None,
) -> list[Fact]:
    """Return a trip, and the odometer at its end as a reading; Geotab gives that in metres."""
    start, stop = span
    reject_backward(reader, start=start, end=stop)
    odometer = {} if odometer_m is None else {"odometer_km": metres_to_km(odometer_m)}
    values = checked_odometer(reader, {**odometer})
    if start is None or reader.rejection is not None:
        return []
    trip = TripRow(
        vehicle_id=vehicle_id,
        start=start,
        end=stop,
        distance_km=distance_km,
        end_odometer_km=odometer.get("odometer_km"),
        src_row=reader.record.row,
    )
    return [trip, *reading_of(reader, vehicle_id, at=stop, values=values)]


def driving_facts(
    reader: FieldReader,
    vehicle_id: str,
    *,
    at: datetime | None,
    claims: tuple[bool | None, bool | None],
) -> list[Fact]:
    """Return that a vehicle which drives is not plugged in; a silent device says nothing."""
    is_driving, is_communicating = claims
    if is_communicating is False:
        reader.reject("stale", "the device does not communicate: its status is an old one")
    elif not is_driving:
        reader.reject("not_used", "a vehicle that stands may be plugged in or not")
    return reading_of(reader, vehicle_id, at=at, values={"is_plugged": False, "is_charging": False})
