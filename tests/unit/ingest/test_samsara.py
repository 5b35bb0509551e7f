import json
from datetime import UTC, datetime

import pytest

from depotlib.ingest.content import content_of, read_content, sample_of
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.samsara import Samsara
from tests.places import TEST_DATA

SAMPLES = TEST_DATA / "ingest" / "samsara"


def read(**stats: object):
    export = {"data": [{"id": "281", "name": "VAN", **stats}]}
    return Samsara().read(content_of("export", json.dumps(export).encode()), ReadOptions())


def test_stats_with_times_of_their_own_meet_in_one_row_an_instant():
    rows = Samsara().read(read_content(SAMPLES / "stats_history.json"), ReadOptions())

    first = rows.telematics.row(0, named=True)
    # the sample: 41 500 thousandths of a percent, 18 234 500 m, -5000 thousandths of a degree
    assert first["vehicle_id"] == "281474977000001"
    assert first["at"] == datetime(2026, 3, 8, 6, 59, 11, tzinfo=UTC)
    assert first["soc"] == pytest.approx(0.415)
    assert (first["odometer_km"], first["temperature_c"]) == (18_234.5, -5.0)
    assert rows.telematics["is_charging"].to_list() == [None, True, False, None]
    assert rows.sessions is None


def test_a_snapshot_holds_one_reading_a_stat():
    rows = Samsara().read(read_content(SAMPLES / "stats_snapshot.json"), ReadOptions())

    assert rows.telematics.select("soc", "odometer_km").rows() == [(1.0, 18_240.0)]


@pytest.mark.parametrize(
    ("stats", "reason"),
    [
        ({"obdOdometerMeters": [{"time": "2026-03-08T06:59:11Z", "value": -1}]},
         "negative_odometer"),
        ({"obdOdometerMeters": [{"time": "soon", "value": 1}]}, "bad_time"),
        ({"obdOdometerMeters": [{"time": None, "value": 1}]}, "missing_field"),
        ({"obdOdometerMeters": [{"time": "2026-03-08T06:59:11Z"}]}, "missing_field"),
        ({"evChargingStatus": [{"time": "2026-03-08T06:59:11Z", "value": 4}]}, "unknown_state"),
        ({"engineStates": [{"time": "2026-03-08T06:59:11Z", "value": "On"}]}, "not_used"),
        ({"id": None, "obdOdometerMeters": [{"time": "2026-03-08T06:59:11Z", "value": 1}]},
         "missing_field"),
    ],
)  # fmt: skip
def test_a_reading_that_cannot_be_used_is_rejected_with_its_reason(stats, reason: str):
    rows = read(**stats)

    assert [each.reason for each in rows.rejections] == [reason]
    assert rows.rows_in == 1


def test_a_voltage_and_a_current_of_one_instant_are_a_power():
    at, later = "2026-03-08T06:59:11Z", "2026-03-08T07:59:11Z"
    rows = read(
        evChargingVoltageMilliVolt=[{"time": at, "value": 240_000}],
        evChargingCurrentMilliAmp=[
            {"time": at, "value": 30_000}, {"time": at, "value": 30_000}, {"time": later, "value": 1},
        ],
    )  # fmt: skip

    # 240 V and 30 A; the same current again says nothing new, one without a voltage is no power
    assert rows.telematics["power_kw"].to_list() == [7.2]
    assert (rows.kept, rows.duplicates) == (2, 1)
    assert [each.reason for each in rows.rejections] == ["not_used"]


def test_an_export_of_stats_that_are_not_used_is_recognised_and_counted():
    told = {"data": [{"id": "281", "evConsumedEnergyMicroWh": [
        {"time": "2026-03-08T06:59:11Z", "value": 5_000_000_000},
    ]}]}  # fmt: skip
    content = content_of("export", json.dumps(told).encode())

    assert Samsara().recognise(sample_of(content.head)).confidence_share == 1.0
    assert [each.reason for each in Samsara().read(content, ReadOptions()).rejections] == [
        "not_used"
    ]


def test_a_battery_health_is_a_share():
    rows = read(
        evBatteryStateOfHealthMilliPercent=[{"time": "2026-03-08T06:59:11Z", "value": 96_500}]
    )

    assert rows.telematics["soh_share"].to_list() == [pytest.approx(0.965)]
