import json
from datetime import UTC, datetime

import pytest

from depotlib.ingest.content import content_of
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.ingest.sources.samsara import Samsara

# One evening of one van, as (minute after 20:00, value). By hand.
STATUS = [(0, 1), (10, 2), (130, 1)]
CHARGE = [(0, 40_000), (10, 40_000), (70, 55_000), (130, 70_000)]


def stamp(minute: int) -> str:
    return f"2026-11-02T{20 + minute // 60:02d}:{minute % 60:02d}:00Z"


def instant(minute: int) -> datetime:
    return datetime.fromisoformat(stamp(minute)).astimezone(UTC)


def read(**stats: list[tuple[int, float]]) -> SourceRows:
    told = {
        name: [{"time": stamp(minute), "value": value} for minute, value in readings]
        for name, readings in stats.items()
    }
    export = {"data": [{"id": "281", "name": "VAN", **told}]}
    return Samsara().read(content_of("export", json.dumps(export).encode()), ReadOptions())


def evening(**more: list[tuple[int, float]]) -> SourceRows:
    return read(evChargingStatus=STATUS, evStateOfChargeMilliPercent=CHARGE, **more)


def findings(rows: SourceRows) -> dict[str, int]:
    return {finding.kind: finding.count for finding in rows.findings}


def test_a_span_of_charging_is_a_session_that_says_it_is_estimated():
    session = evening().sessions.row(0, named=True)

    assert (session["charge_start"], session["charge_end"]) == (instant(10), instant(130))
    assert (session["plug_start"], session["plug_end"]) == (instant(10), instant(130))
    assert (session["start_soc"], session["end_soc"]) == (0.4, 0.7)
    assert session["is_estimated"]
    assert session["energy_battery_kwh"] is None


def test_energy_is_the_sum_of_a_counters_steps():
    rows = evening(evChargingEnergyMicroWh=[(0, 100e9), (70, 108e9), (130, 115.5e9)])

    # 108 - 100 and 115.5 - 108
    assert rows.sessions["energy_battery_kwh"].to_list() == [15.5]
    assert rows.rejections == ()


def test_a_counter_that_falls_has_restarted_at_zero():
    rows = evening(evChargingEnergyMicroWh=[(0, 100e9), (40, 103e9), (70, 2e9), (130, 9e9)])

    # 3 until the restart, then 2 and 7
    assert rows.sessions["energy_battery_kwh"].to_list() == [12.0]


def test_a_counter_outside_every_session_goes_nowhere_and_that_is_said():
    rows = read(evChargingStatus=[(0, 1)], evChargingEnergyMicroWh=[(5, 1e9)])

    assert rows.sessions is None
    assert [each.reason for each in rows.rejections] == ["not_used"]


def test_a_session_that_is_not_over_is_open_until_a_later_export_ends_it():
    open_one = read(evChargingStatus=STATUS[:2])
    ended = evening()

    assert open_one.sessions["plug_end"].to_list() == [None]
    assert open_one.sessions["session_key"].to_list() == ended.sessions["session_key"].to_list()


def test_an_export_that_begins_within_a_session_makes_none_of_it():
    rows = read(evChargingStatus=[(30, 2), (130, 1), (200, 2), (230, 1)])

    assert rows.sessions["charge_start"].to_list() == [instant(200)]
    assert findings(rows)["charging_before_file"] == 1


def test_overlapping_exports_agree_on_the_sessions_that_both_show():
    early = read(evChargingStatus=[*STATUS, (200, 2), (230, 1)])
    late = read(evChargingStatus=[(100, 2), (130, 1), (200, 2), (230, 1)])

    assert set(late.sessions["session_key"]) <= set(early.sessions["session_key"])
    assert late.sessions.height == 1


def test_without_a_status_a_rise_of_the_charge_is_a_session():
    flat = [(minute, 40_000) for minute in (0, 5, 10)]
    rows = read(evStateOfChargeMilliPercent=[*flat, (70, 55_000), (130, 70_000), (200, 70_000)])

    session = rows.sessions.row(0, named=True)
    # the last flat reading, and the one at which the charge stops rising
    assert (session["charge_start"], session["charge_end"]) == (instant(10), instant(130))
    assert (session["start_soc"], session["end_soc"]) == (0.4, 0.7)


@pytest.mark.parametrize(
    "stats",
    [
        # 1 % is rounding
        {"evStateOfChargeMilliPercent": [(0, 40_000), (10, 40_000), (70, 41_000)]},
        # the rise may have begun before the file
        {"evStateOfChargeMilliPercent": [(0, 40_000), (70, 55_000), (80, 50_000)]},
        # downhill: it drove meanwhile
        {
            "evStateOfChargeMilliPercent": [(0, 40_000), (10, 40_000), (70, 45_000)],
            "obdOdometerMeters": [(0, 1000), (10, 1000), (70, 20_000)],
        },
    ],
    ids=["rounding", "begun before", "driven"],
)
def test_a_rise_that_need_not_be_charging_is_no_session(stats):
    rows = read(**stats)

    assert rows.sessions is None or rows.sessions.is_empty()


def test_energy_that_leaves_the_charge_as_it_is_is_told():
    # trap 12: the charge is stale
    rows = read(
        evChargingStatus=STATUS,
        evStateOfChargeMilliPercent=[(0, 40_000), (10, 40_000), (130, 40_000)],
        evChargingEnergyMicroWh=[(0, 0.0), (130, 12e9)],
    )

    assert findings(rows)["stale_soc"] == 1
