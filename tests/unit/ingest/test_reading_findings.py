from datetime import UTC, datetime, timedelta

import pytest

from depotlib.ingest.facts import Facts
from depotlib.ingest.fleet_rows import Origin
from depotlib.ingest.reading_findings import reading_findings, with_power_into_vehicle
from depotlib.ingest.readings import VehicleReading

START = datetime(2026, 11, 2, 20, tzinfo=UTC)


def facts(*readings: tuple[float, dict[str, float | bool]]) -> Facts:
    """Return readings of one van, as (hours after the start, values)."""
    said = tuple(
        VehicleReading("van", START + timedelta(hours=hours), values=values, row=row)
        for row, (hours, values) in enumerate(readings, 1)
    )
    return Facts(Origin("geotab", "export"), said=said, readers={}, rejections=())


IDLE: dict[str, float | bool] = {"is_charging": False, "is_plugged": False}


def kinds(told: Facts) -> dict[str, int]:
    return {finding.kind: finding.count for finding in reading_findings(told)}


def test_a_charge_that_rises_on_a_vehicle_nobody_plugged_in_is_told():
    # trap 12: the device was silent while it charged
    told = facts((0, {"soc": 0.4, **IDLE}), (5, {"soc": 0.9, **IDLE}))

    assert kinds(told) == {"soc_jump": 1}


@pytest.mark.parametrize(
    "between",
    [{"is_charging": True}, {"is_plugged": True}, {"is_charging": True, "soc": 0.6}],
    ids=["charging", "plugged in", "charging with a reading"],
)
def test_a_rise_with_charging_between_is_no_jump(between):
    told = facts((0, {"soc": 0.4, **IDLE}), (2, between), (5, {"soc": 0.9, **IDLE}))

    assert "soc_jump" not in kinds(told)


def test_a_vehicle_that_says_nothing_of_charging_cannot_jump():
    assert kinds(facts((0, {"soc": 0.4}), (5, {"soc": 0.9}))) == {}


def test_a_charge_that_stands_still_while_energy_flows_is_told_once():
    # 7 kW for 2 h are 14 kWh
    charging: dict[str, float | bool] = {"soc": 0.4, "is_charging": True, "power_kw": 7.0}
    told = facts((0, charging), (1, charging), (2, charging))

    assert kinds(told) == {"stale_soc": 1}


def test_a_charge_that_moves_with_the_energy_is_not_stale():
    told = facts(*(
        (hours, {"soc": 0.4 + 0.1 * hours, "is_charging": True, "power_kw": 7.0})
        for hours in range(4)
    ))  # fmt: skip

    assert kinds(told) == {}


def test_the_sign_of_power_is_turned_where_charging_vehicles_speak_against_it():
    # trap 4: a vendor that turned its sign
    told = facts(*((hours, {"is_charging": True, "power_kw": -7.0}) for hours in range(3)),
                 (4, {"is_charging": False, "power_kw": 20.0}))  # fmt: skip

    signed = with_power_into_vehicle(told)

    powers = [reading.values["power_kw"] for reading in signed.facts.of(VehicleReading)]
    assert powers == [7.0, 7.0, 7.0, -20.0]
    assert [(each.kind, each.count) for each in signed.findings] == [("power_sign", 4)]


@pytest.mark.parametrize(
    "powers_kw", [[-7.0, -7.0], [-7.0, 7.0, 7.0, 7.0]], ids=["too few to judge", "mixed"]
)
def test_a_doubtful_sign_is_left_as_documented(powers_kw):
    told = facts(*((hours, {"is_charging": True, "power_kw": power_kw})
                   for hours, power_kw in enumerate(powers_kw)))  # fmt: skip

    signed = with_power_into_vehicle(told)

    assert signed.facts == told
    assert signed.findings == ()
