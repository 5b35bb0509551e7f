import pytest

from depotlib.errors import TimeZoneNeededError
from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.spice_ev import SpiceEv
from tests.places import TEST_DATA

SAMPLES = TEST_DATA / "ingest" / "spice_ev"


def test_a_departure_and_the_arrival_after_it_are_a_duty_with_the_charge_asked_for():
    rows = SpiceEv().read(read_content(SAMPLES / "scenario.json"), ReadOptions())

    # the arrival at 16:20 stands against the estimate of 16:00; the second day has its estimate
    # only, and asks for what the first arrival asked
    shown = [
        (vehicle, departure.isoformat(), back.isoformat(), must)
        for vehicle, departure, back, must in rows.duties.select(
            "vehicle_id", "departure", "return_at", "must_soc"
        ).iter_rows()
    ]
    assert shown == [
        ("van_1", "2026-11-02T05:00:00+00:00", "2026-11-02T15:20:00+00:00", 0.8),
        ("van_1", "2026-11-03T05:00:00+00:00", "2026-11-03T14:00:00+00:00", 0.7),
    ]


def test_vehicles_have_the_battery_of_their_type_and_loads_are_a_meter():
    rows = SpiceEv().read(read_content(SAMPLES / "scenario.json"), ReadOptions())

    assert rows.vehicles.select("vehicle_id", "model", "battery_kwh").rows() == [
        ("van_1", "Van", 70.0), ("van_2", "bus", None),
    ]  # fmt: skip
    assert rows.meter.select("meter_id", "interval_s", "power_kw").rows() == [
        ("hall", 900, 10.0), ("hall", 900, 12.5),
    ]  # fmt: skip


def test_trips_of_a_table_are_duties_of_the_vehicle_that_it_names():
    options = ReadOptions(time_zone="Europe/Berlin")

    rows = SpiceEv().read(read_content(SAMPLES / "trips.csv"), options)

    assert rows.duties["vehicle_id"].to_list() == [None, "van_1", "van_1"]
    # Berlin is an hour ahead of UTC in November
    assert rows.duties["departure"].dt.strftime("%d %H:%M").to_list() == [
        "02 06:00", "02 04:10", "03 04:10",
    ]  # fmt: skip
    assert rows.duties["must_soc"].null_count() == 3


def test_trips_of_a_table_need_a_zone():
    with pytest.raises(TimeZoneNeededError):
        SpiceEv().read(read_content(SAMPLES / "trips.csv"), ReadOptions())


@pytest.mark.parametrize(
    "text",
    [
        "timestamp,curtailment,residual load\n01.01.2023 00:00,0.000,-68.152\n",
        '{"van": {"capacity": 70, "mileage": 25, "charging_curve": [[0, 11], [1, 11]]}}',
        '{"operator": {"winter": {"start": "2020-01-01", "end": "2020-02-28", '
        '"windows": {"HV/MV": []}}}}',
    ],
)
def test_what_is_no_fact_of_a_depot_is_recognised_and_counted_as_not_used(text):
    rows = SpiceEv().read(content_of("x", text.encode()), ReadOptions())

    assert [each.reason for each in rows.rejections] == ["not_used"]


@pytest.mark.parametrize(
    ("step_s", "values", "reason"),
    [
        (0.5, "[1]", "bad_number"),
        (1e300, "[1]", "bad_number"),
        (900, "[1e999]", "bad_number"),
        (900, '["one"]', "bad_number"),
        (900, "[]", "not_used"),
    ],
)
def test_a_load_that_cannot_be_is_rejected(step_s, values, reason):
    load = f'{{"start_time": "2026-11-02T00:00Z", "step_duration_s": {step_s}, "values": {values}}}'
    text = f'{{"components": {{}}, "events": {{"fixed_load": {{"hall": {load}}}}}}}'

    rows = SpiceEv().read(content_of("x", text.encode()), ReadOptions())

    assert [each.reason for each in rows.rejections] == [reason]
