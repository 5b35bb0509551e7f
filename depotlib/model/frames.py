"""Schemas of every frame that crosses a room's boundary: *what happened*, as polars frames.

A room checks a frame once, at its door, with ``Schema.validate(frame, cast=True)``. All instants
are UTC with microseconds; every float column ends in its unit.
"""

import dataframely as dy


def _instant(*, nullable: bool = False) -> dy.Datetime:
    return dy.Datetime(nullable=nullable, time_unit="us", time_zone="UTC")


class SessionFrame(dy.Schema):
    """Charging sessions that happened, one row each; four timestamps where known.

    ``session_key`` is natural (source, station, connector, start, end-independent); a later
    version of the same key replaces the earlier one.
    """

    session_key = dy.String(nullable=False)
    source = dy.String(nullable=False)
    site = dy.String(nullable=True)
    station_id = dy.String(nullable=True)
    connector_id = dy.String(nullable=True)
    vehicle_id = dy.String(nullable=True)
    id_tag = dy.String(nullable=True)
    plug_start = _instant()
    plug_end = _instant(nullable=True)
    charge_start = _instant(nullable=True)
    charge_end = _instant(nullable=True)
    energy_wall_kwh = dy.Float64(nullable=True, min=0)
    energy_battery_kwh = dy.Float64(nullable=True)
    peak_kw = dy.Float64(nullable=True, min=0)
    start_soc = dy.Float64(nullable=True, min=0, max=1)
    end_soc = dy.Float64(nullable=True, min=0, max=1)
    is_estimated = dy.Bool(nullable=False)
    src_file = dy.String(nullable=False)
    src_row = dy.Int64(nullable=False)


class SessionMatchFrame(dy.Schema):
    """Sessions that a charging station and telematics both told of, one row a pair.

    ``verdict`` is ``matched`` (counted as one session), ``energy_differs`` (the same vehicle and
    time, other energy: both are counted) or ``proposed`` (no identity joins them: both are
    counted). ``efficiency_share`` is battery over wall energy of all that belongs together.
    """

    station_key = dy.String(nullable=False)
    telematics_key = dy.String(nullable=False)
    vehicle_id = dy.String(nullable=True)
    verdict = dy.String(nullable=False)
    confidence_share = dy.Float64(nullable=False, min=0, max=1)
    overlap_share = dy.Float64(nullable=False, min=0, max=1)
    station_kwh = dy.Float64(nullable=True)
    telematics_kwh = dy.Float64(nullable=True)
    efficiency_share = dy.Float64(nullable=True)


class TelematicsFrame(dy.Schema):
    """Vehicle readings, one row a vehicle and instant; absent measurands are null."""

    vehicle_id = dy.String(nullable=False)
    at = _instant()
    soc = dy.Float64(nullable=True, min=0, max=1)
    odometer_km = dy.Float64(nullable=True, min=0)
    power_kw = dy.Float64(nullable=True)
    is_charging = dy.Bool(nullable=True)
    is_plugged = dy.Bool(nullable=True)
    temperature_c = dy.Float64(nullable=True)
    source = dy.String(nullable=False)
    src_file = dy.String(nullable=False)
    src_row = dy.Int64(nullable=False)
    soh_share = dy.Float64(nullable=True, min=0)
    charge_limit_soc = dy.Float64(nullable=True, min=0, max=1)


class TripFrame(dy.Schema):
    """Trips that vehicles made, one row a vehicle and start; a trip that still runs has no end."""

    vehicle_id = dy.String(nullable=False)
    start = _instant()
    end = _instant(nullable=True)
    distance_km = dy.Float64(nullable=True, min=0)
    energy_battery_kwh = dy.Float64(nullable=True)
    start_odometer_km = dy.Float64(nullable=True, min=0)
    end_odometer_km = dy.Float64(nullable=True, min=0)
    source = dy.String(nullable=False)
    src_file = dy.String(nullable=False)
    src_row = dy.Int64(nullable=False)


class DutyFrame(dy.Schema):
    """Duties as schedules and fleet systems announce them, one row a duty of a source.

    ``vehicle_id`` is null where a schedule names no vehicle (a block of a timetable);
    ``is_withdrawn`` says that a later list of the same source no longer holds the duty.
    """

    duty_id = dy.String(nullable=False)
    vehicle_id = dy.String(nullable=True)
    departure = _instant()
    return_at = _instant(nullable=True)
    distance_km = dy.Float64(nullable=True, min=0)
    must_soc = dy.Float64(nullable=True, min=0, max=1)
    target_soc = dy.Float64(nullable=True, min=0, max=1)
    priority = dy.Int32(nullable=True)
    is_withdrawn = dy.Bool(nullable=False)
    source = dy.String(nullable=False)
    src_file = dy.String(nullable=False)
    src_row = dy.Int64(nullable=False)


class VehicleFrame(dy.Schema):
    """Vehicles as a vendor lists them, one row a vendor's id."""

    vehicle_id = dy.String(nullable=False)
    name = dy.String(nullable=True)
    vin = dy.String(nullable=True)
    licence_plate = dy.String(nullable=True)
    model = dy.String(nullable=True)
    battery_kwh = dy.Float64(nullable=True, min=0)
    source = dy.String(nullable=False)
    src_file = dy.String(nullable=False)
    src_row = dy.Int64(nullable=False)


class AssignmentFrame(dy.Schema):
    """Who drove which vehicle when: a driver or card, a vehicle, a half-open span."""

    driver_id = dy.String(nullable=False)
    vehicle_id = dy.String(nullable=False)
    id_tag = dy.String(nullable=True)
    start = _instant()
    end = _instant(nullable=True)
    source = dy.String(nullable=False)
    src_file = dy.String(nullable=False)
    src_row = dy.Int64(nullable=False)


class MeterFrame(dy.Schema):
    """Interval readings of a meter: mean power over a half-open interval."""

    meter_id = dy.String(nullable=False)
    interval_start = _instant()
    interval_s = dy.Int32(nullable=False, min=1)
    power_kw = dy.Float64(nullable=False)
    src_file = dy.String(nullable=False)
    src_row = dy.Int64(nullable=False)


class LoadFrame(dy.Schema):
    """A load profile: mean import power of each interval; a missing interval is a null."""

    interval_start = _instant()
    power_kw = dy.Float64(nullable=True)


class PriceFrame(dy.Schema):
    """Market prices of energy, one row a series and interval; negative ones stay negative.

    ``series`` is the market's own name of its zone or node; ``currency`` is ISO 4217.
    """

    series = dy.String(nullable=False)
    interval_start = _instant()
    interval_s = dy.Int32(nullable=False, min=1)
    price_per_kwh = dy.Float64(nullable=False)
    currency = dy.String(nullable=False)
    src_row = dy.Int64(nullable=False)


class UseFrame(dy.Schema):
    """Who drew power: mean power of each interval by vehicle and station, where more than 0.

    A row with neither id is load that belongs to no charging: the base load.
    """

    interval_start = _instant()
    vehicle_id = dy.String(nullable=True)
    station_id = dy.String(nullable=True)
    power_kw = dy.Float64(nullable=False, min=0)


class JournalFrame(dy.Schema):
    """The live side's journal, as collected from the exchange."""

    seq = dy.Int64(nullable=False, min=1)
    at = _instant()
    kind = dy.String(nullable=False)
    station_id = dy.String(nullable=True)
    connector_id = dy.String(nullable=True)
    payload_json = dy.String(nullable=False)
    hash = dy.String(nullable=False)


class SetpointFrame(dy.Schema):
    """A plan's setpoints: power of a vehicle in an interval, where it is more than 0."""

    vehicle_id = dy.String(nullable=False)
    connector_id = dy.String(nullable=True)
    interval_start = _instant()
    power_kw = dy.Float64(nullable=False, min=0)


class RejectionFrame(dy.Schema):
    """Rejected source records, as kept in the store and downloaded by people."""

    digest = dy.String(nullable=False)
    src_file = dy.String(nullable=False)
    row = dy.Int64(nullable=False)
    reason = dy.String(nullable=False)
    detail = dy.String(nullable=False)
    raw = dy.String(nullable=False)


class ImportHistoryFrame(dy.Schema):
    """Every file that was imported, with its account.

    ``rows_in == stored + duplicates + rejected``; `findings_json` is a list of `Finding`;
    `options_json` is what was said beside the file to read it.
    """

    import_no = dy.Int32(nullable=False, min=1)
    digest = dy.String(nullable=False)
    file = dy.String(nullable=False)
    source = dy.String(nullable=False)
    rows_in = dy.Int64(nullable=False, min=0)
    stored = dy.Int64(nullable=False, min=0)
    duplicates = dy.Int64(nullable=False, min=0)
    rejected = dy.Int64(nullable=False, min=0)
    findings_json = dy.String(nullable=False)
    imported_at = _instant()
    options_json = dy.String(nullable=False)


FrameSchema = type[dy.Schema]
"""What validates a frame, for those that are handed one."""

FRAMES: tuple[FrameSchema, ...] = (
    SessionFrame,
    SessionMatchFrame,
    TelematicsFrame,
    TripFrame,
    DutyFrame,
    VehicleFrame,
    AssignmentFrame,
    MeterFrame,
    LoadFrame,
    PriceFrame,
    JournalFrame,
    SetpointFrame,
    RejectionFrame,
    ImportHistoryFrame,
)
