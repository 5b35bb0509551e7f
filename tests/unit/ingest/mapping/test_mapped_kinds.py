"""Every other kind of table by a column mapping: readings, trips, duties, vehicles, meter, prices."""

from datetime import UTC, datetime

import polars as pl
import pytest

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import content_of
from depotlib.ingest.mapping.engine import read_mapped
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.model.column_mapping import mapping_from_toml

SIX = datetime(2026, 10, 1, 6, tzinfo=UTC)


def read(kind: str, header: str, lines: list[str], fields: str) -> SourceRows:
    text = f'name = "t"\ntitle = "t"\nkind = "{kind}"\nheader = ["{header.split(",", maxsplit=1)[0]}"]\n{fields}'
    content = content_of("t.csv", "\n".join([header, *lines, ""]).encode())
    return read_mapped(content, ReadOptions(), mapping=mapping_from_toml(text, where="t"))


def only(frame: pl.DataFrame | None, *columns: str) -> list[tuple[object, ...]]:
    assert frame is not None
    return frame.select(columns).rows()


@pytest.mark.parametrize(
    ("column", "unit", "text", "value"),
    [
        ("soc", "share", "0.5", 0.5), ("soc", "%", "50.5", 0.505),
        ("soc", "milli-percent", "50500", 0.505), ("odometer_km", "m", "1500", 1.5),
        ("odometer_km", "mi", "100", 160.9344), ("odometer_km", "ft", "10000", 3.048),
        ("odometer_km", "", "3000000", 3_000.0),  # 3,000,000 km is more than any vehicle reaches
        ("power_kw", "W", "7200", 7.2), ("power_kw", "MW", "0.0072", 7.2),
        ("power_kw", "", "7200", 7.2),  # 7.2 MW is more than any vehicle takes
        ("temperature_c", "°F", "50", 10.0), ("temperature_c", "milli-°C", "10500", 10.5),
        ("soh_share", "%", "97", 0.97),
    ],
)  # fmt: skip
def test_a_measurand_of_any_unit_is_in_the_canonical_one(
    column: str, unit: str, text: str, value: float
):
    rows = read(
        "telematics", "v,t,x", [f"van-1,2026-10-01T06:00:00Z,{text}"],
        '[fields]\nvehicle_id = { column = "v" }\nat = { column = "t" }\n'
        f'{column} = {{ column = "x", unit = "{unit}" }}\n',
    )  # fmt: skip

    assert only(rows.telematics, "vehicle_id", "at")[0] == ("van-1", SIX)
    assert only(rows.telematics, column)[0][0] == pytest.approx(value)
    assert ("assumed_unit" in {each.kind for each in rows.findings}) == (unit == "")


def test_a_current_with_its_sign_turned_is_a_power_into_the_vehicle():
    # 3 x 230 V x 16 A = 11.04 kW; 16,000 mA out of the vehicle's view is into it.
    rows = read(
        "telematics", "v,t,x", ["van-1,2026-10-01T06:00:00Z,-16000"],
        '[fields]\nvehicle_id = { column = "v" }\nat = { column = "t" }\n'
        'power_kw = { column = "x", unit = "mA", phases = 3, is_negated = true }\n',
    )  # fmt: skip

    assert only(rows.telematics, "power_kw")[0][0] == pytest.approx(11.04)


def test_flags_are_read_by_their_words_or_by_those_of_the_mapping():
    rows = read(
        "telematics", "v,t,x,y", ["van-1,2026-10-01T06:00:00Z,Yes,AC", "van-2,2026-10-01T06:00:00Z,0,-"],
        '[fields]\nvehicle_id = { column = "v" }\nat = { column = "t" }\n'
        'is_plugged = { column = "x" }\nis_charging = { column = "y", true_texts = ["AC", "DC"] }\n',
    )  # fmt: skip

    assert only(rows.telematics, "is_plugged", "is_charging") == [(True, True), (False, False)]


def test_a_long_table_gives_each_measurand_its_column():
    rows = read(
        "telematics", "v,t,name,value",
        [
            "van-1,2026-10-01T06:00:00Z,Soc,50",
            "van-1,2026-10-01T06:00:00Z,Odo,1500",
            "van-1,2026-10-01T06:01:00Z,State,1",
            "van-1,2026-10-01T06:02:00Z,Speed,50",
            "van-1,2026-10-01T06:03:00Z,Soc,150",
            "van-1,2026-10-01T06:03:00Z,Odo,-1",
        ],
        '[fields]\nvehicle_id = { column = "v" }\nat = { column = "t" }\n'
        '[long_form]\nname_column = "name"\nvalue_column = "value"\nmeasurands = ['
        '{ name = "Soc", fills = "soc", unit = "%" }, '
        '{ name = "Odo", fills = "odometer_km", unit = "m" }, '
        '{ name = "State", fills = "is_charging", true_texts = ["1", "2"] }]\n',
    )  # fmt: skip

    assert only(rows.telematics, "soc", "odometer_km", "is_charging") == [
        (0.5, 1.5, None),
        (None, None, True),
    ]
    assert [each.reason for each in rows.rejections] == [
        "not_used", "bad_soc", "negative_odometer",
    ]  # fmt: skip


def test_trips_end_by_a_stamp_or_by_a_duration():
    rows = read(
        "trips", "v,a,b,d,km", [
            "van-1,2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,,12",
            "van-2,2026-10-01T06:00:00Z,,30,5",
            "van-3,2026-10-01T06:00:00Z,2026-10-01T05:00:00Z,,5",
        ],
        '[fields]\nvehicle_id = { column = "v" }\nstart = { column = "a" }\nend = { column = "b" }\n'
        'duration_s = { column = "d", unit = "min" }\ndistance_km = { column = "km", unit = "km" }\n',
    )  # fmt: skip

    assert only(rows.trips, "vehicle_id", "end", "distance_km") == [
        ("van-1", SIX.replace(hour=7), 12.0),
        ("van-2", SIX.replace(minute=30), 5.0),
    ]
    assert [each.reason for each in rows.rejections] == ["ends_before_start"]


def test_duties_have_their_number_or_that_of_vehicle_and_departure():
    rows = read(
        "duties", "v,a,soc,prio", ["van-1,2026-10-01T06:00:00Z,80,1", "van-2,2026-10-01T06:00:00Z,90,high"],
        '[fields]\nvehicle_id = { column = "v" }\ndeparture = { column = "a" }\n'
        'target_soc = { column = "soc", unit = "%" }\npriority = { column = "prio" }\n',
    )  # fmt: skip

    assert only(rows.duties, "duty_id", "target_soc", "priority") == [
        ("van-1/2026-10-01T06:00:00+00:00", 0.8, 1)
    ]
    assert [each.reason for each in rows.rejections] == ["bad_number"]


def test_vehicles_have_their_battery_in_kwh():
    rows = read(
        "vehicles", "v,wh", ["van-1,68000", "van-1,68000"],
        '[fields]\nvehicle_id = { column = "v" }\nbattery_kwh = { column = "wh", unit = "Wh" }\n',
    )  # fmt: skip

    assert only(rows.vehicles, "vehicle_id", "battery_kwh") == [("van-1", 68.0)]
    assert rows.duplicates == 1


def test_a_meter_of_energies_stamped_at_the_end_is_mean_powers_from_the_start():
    rows = read(
        "meter", "end,wh", ["2026-10-01T06:15:00Z,2500", "2026-10-01T06:30:00Z,5000"],
        '[fields]\ninterval_end = { column = "end" }\nenergy_kwh = { column = "wh", unit = "Wh" }\n',
    )  # fmt: skip

    # 2.5 kWh in a quarter of an hour are 10 kW.
    assert only(rows.meter, "meter_id", "interval_start", "interval_s", "power_kw") == [
        ("site", SIX, 900, 10.0),
        ("site", SIX.replace(minute=15), 900, 20.0),
    ]


def test_a_single_reading_needs_its_length_said():
    fields = '[fields]\ninterval_start = { column = "start" }\npower_kw = { column = "kw", unit = "kW" }\n'
    length = 'interval_s = { constant = "15", unit = "min" }\n'
    line = ["2026-10-01T06:00:00Z,8"]

    rows = read("meter", "start,kw", line, fields + length)

    assert only(rows.meter, "interval_s", "power_kw") == [(900, 8.0)]
    with pytest.raises(MalformedFileError):
        read("meter", "start,kw", line, fields)


def test_prices_per_mwh_are_per_kwh_and_stay_negative():
    rows = read(
        "prices", "from,to,price", ["2026-10-01T06:00:00Z,2026-10-01T07:00:00Z,-50"] * 2,
        '[fields]\nseries = { constant = "DE-LU" }\ncurrency = { constant = "EUR" }\n'
        'interval_start = { column = "from" }\ninterval_end = { column = "to" }\n'
        'price_per_kwh = { column = "price", unit = "per MWh" }\n',
    )  # fmt: skip

    assert only(rows.prices, "series", "interval_start", "interval_s", "price_per_kwh") == [
        ("DE-LU", SIX, 3600, -0.05)
    ]
    assert rows.duplicates == 1
