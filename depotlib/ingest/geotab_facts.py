"""What Geotab's API and its SQL adapter say alike: trips, and that a vehicle drives."""

from datetime import datetime

from depotlib.ingest.facts import Fact, reading_of
from depotlib.ingest.fleet_rows import TripRow
from depotlib.ingest.geotab_diagnostics import checked_odometer
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_rows import reject_backward
from depotlib.units import metres_to_km


def trip_facts(
    reader: FieldReader,
    vehicle_id: str,
    *,
    span: tuple[datetime | None, datetime | None],
    distance_km: float | None,
    odometer_m: float | None,
) -> list[Fact]:
    """Return a trip, with the odometer at its end; Geotab gives that in metres."""
    start, stop = span
    reject_backward(reader, start=start, end=stop)
    odometer_km = None if odometer_m is None else metres_to_km(odometer_m)
    if odometer_km is not None:
        checked_odometer(reader, {"odometer_km": odometer_km})
    if start is None or reader.rejection is not None:
        return []
    return [
        TripRow(
            vehicle_id=vehicle_id,
            start=start,
            end=stop,
            distance_km=distance_km,
            end_odometer_km=odometer_km,
            src_row=reader.record.row,
        )
    ]


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
