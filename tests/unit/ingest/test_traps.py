"""Traps of telematics exports and tables (numbers as in the reference on formats).

The comments name each defence; with it switched off, a test below it was seen to fail. The traps of sessions
(2, 5, 6, 9, 10, 11) are in `test_traps_sessions.py`; one card's two halves (3, 7) belong to the
store.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.ingest.content import content_of
from depotlib.ingest.recognise import recognise
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.ingest.sources import SOURCES
from depotlib.model.brief import NeedPolicy
from depotlib.model.calendar import BillingPeriod
from depotlib.model.duty import Duty
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.needs.night import needs_for_night

EVENING = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
STATE_OF_CHARGE = "DiagnosticStateOfChargeId"
POWER = "DiagnosticElectricVehicleBatteryPowerId"
CHARGING = "DiagnosticElectricVehicleChargingStateId"


def read(text: str | bytes, **options) -> SourceRows:
    content = content_of("file", text if isinstance(text, bytes) else text.encode())
    return recognise(content, sources=SOURCES).source.read(content, ReadOptions(**options))


def found(rows: SourceRows) -> dict[str, int]:
    return {each.kind: each.count for each in rows.findings}


def instant(minutes: int) -> str:
    return (EVENING + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def samsara(milli_percents: Sequence[float]) -> str:
    values = [
        {"time": instant(place), "value": value} for place, value in enumerate(milli_percents)
    ]
    return json.dumps({"data": [{"id": "1", "evStateOfChargeMilliPercent": values}]})


def status(*readings: tuple[str, int, float]) -> str:
    """Return Geotab status data of (diagnostic, minutes after the evening, value)."""
    return json.dumps(
        [
            {"id": f"s{place}", "device": {"id": "b1"}, "diagnostic": {"id": diagnostic},
             "dateTime": instant(minutes), "data": value}
            for place, (diagnostic, minutes, value) in enumerate(readings)
        ]
    )  # fmt: skip


# Trap 1. Defence: `judge_soc_scale` looks at the whole column, never at one row.


def test_1_milli_percent_is_no_percent_and_a_nearly_empty_battery_stays_in_its_column():
    rows = read(samsara([85_250, 41_000, 900, 77]))

    # 77 milli-percent would be 77 % alone
    assert rows.telematics["soc"].to_list() == pytest.approx([0.8525, 0.41, 0.009, 0.00077])


def test_1_a_column_of_percent_under_a_name_of_milli_percent_is_read_so_and_said():
    rows = read(samsara([85.25, 41.0, 0.9]))

    assert rows.telematics["soc"].to_list() == pytest.approx([0.8525, 0.41, 0.009])
    assert found(rows)["soc_scale"] == 3


def test_1_a_column_of_fractions_where_percent_is_documented_is_read_so_and_said():
    rows = read(status((STATE_OF_CHARGE, 0, 0.85), (STATE_OF_CHARGE, 5, 0.5)))

    assert rows.telematics["soc"].to_list() == pytest.approx([0.85, 0.5])
    assert found(rows)["soc_scale"] == 2


def test_1_a_whole_percent_among_percents_is_no_full_battery():
    rows = read(status((STATE_OF_CHARGE, 0, 1), (STATE_OF_CHARGE, 5, 84.5)))

    assert rows.telematics["soc"].to_list() == pytest.approx([0.01, 0.845])


# Trap 4. Defence: the vendor's sign is turned in the source (`measured`, `_power_of`), and
# `with_power_into_vehicle` turns a file that has it the other way round.


def test_4_battery_power_that_geotab_counts_outward_is_stored_into_the_vehicle():
    rows = read(status((POWER, 0, -7_200), (POWER, 5, 15_000)))

    assert rows.telematics["power_kw"].to_list() == pytest.approx([7.2, -15.0])


def test_4_a_negative_charging_current_of_high_mobility_is_power_into_the_vehicle():
    charging = {
        "battery_current": [{"data": {"unit": "amperes", "value": -18.0},
                             "timestamp": instant(0)}],
        "battery_voltage": [{"data": {"unit": "volts", "value": 400.0},
                             "timestamp": instant(0)}],
    }  # fmt: skip

    rows = read(json.dumps([{"vin": "1FTBW1YK0NK000001", "data": {"charging": charging}}]))

    # 18 A x 400 V
    assert rows.telematics["power_kw"].to_list() == pytest.approx([7.2])


def test_4_a_file_whose_charging_vehicles_give_power_the_other_way_is_turned_and_said():
    charging = [(CHARGING, minutes, 1) for minutes in (0, 5, 10)]
    powers = [(POWER, minutes, 7_200) for minutes in (0, 5, 10)]

    rows = read(status(*charging, *powers))

    assert rows.telematics["power_kw"].to_list() == pytest.approx([7.2, 7.2, 7.2])
    assert found(rows)["power_sign"] == 3


# Trap 8. Defence: versions of a charge event have one key, and a trip is keyed by vehicle and start,
# not by its id. (Credit CDRs: `test_traps_sessions.py`.)


def test_8_a_charge_event_in_a_later_version_replaces_the_earlier_wherever_it_stands():
    event = {
        "id": "c1", "device": {"id": "b1"}, "startTime": instant(0), "duration": "02:00:00",
        "chargeType": "AC", "energyConsumedKwh": 14.0, "version": "000000000000000A",
    }  # fmt: skip
    later = {**event, "energyConsumedKwh": 15.5, "version": "0000000000000010"}

    for order in ([event, later], [later, event]):
        rows = read(json.dumps(order))

        assert rows.sessions["energy_wall_kwh"].to_list() == [15.5]
        assert rows.duplicates == 1


def test_8_a_recalculated_trip_with_another_id_is_the_same_trip():
    trip = {
        "id": "t1", "device": {"id": "b1"}, "start": instant(0), "stop": instant(40),
        "distance": 21.0,
    }  # fmt: skip
    recalculated = {**trip, "id": "t9", "stop": instant(44), "distance": 22.4}

    rows = read(json.dumps([trip, recalculated]))

    assert rows.trips["distance_km"].to_list() == [22.4]
    assert rows.duplicates == 1


# Trap 12. Defence: `reading_findings`.


def test_12_a_charge_that_rises_while_the_vehicle_says_it_is_not_charging_is_told():
    rows = read(status((CHARGING, 0, 0), (STATE_OF_CHARGE, 0, 31), (STATE_OF_CHARGE, 240, 84)))

    assert found(rows)["soc_jump"] == 1
    assert rows.telematics.height == 2


def test_12_a_charge_that_stands_still_while_energy_flows_is_told():
    # 7.2 kW for an hour are 7.2 kWh
    flow = [(POWER, minutes, -7_200) for minutes in (0, 20, 40, 60)]
    still = [(STATE_OF_CHARGE, minutes, 50) for minutes in (0, 20, 40, 60)]

    rows = read(status((CHARGING, 0, 1), *flow, *still))

    assert found(rows)["stale_soc"] == 1


def test_12_a_charge_that_follows_the_energy_is_not_flagged():
    flow = [(POWER, minutes, -7_200) for minutes in (0, 20, 40, 60)]
    rising = [(STATE_OF_CHARGE, minutes, 50 + minutes / 6) for minutes in (0, 20, 40, 60)]

    rows = read(status((CHARGING, 0, 1), *flow, *rising))

    assert {"soc_jump", "stale_soc"}.isdisjoint(found(rows))


# Trap 13. Defence: `delimited` finds the header by the width of rows and the delimiter by
# regularity, `judge_decimal_mark` looks at the column, `content` takes the mark off.

READINGS = (("2026-11-02T17:00Z", "1.234,5"), ("2026-11-02T17:15Z", "900,25"),
            ("2026-11-02T17:30Z", "12,5"))  # fmt: skip


def test_13_title_rows_a_semicolon_decimal_commas_thousands_and_a_byte_order_mark():
    lines = ["Lastgang;;", "erstellt am 3.11.2026;;", ";;", "start;power_kw;Bemerkung"]
    lines += [f"{at};{value};" for at, value in READINGS]

    rows = read("\n".join(lines).encode("utf-8-sig") + b"\n")

    assert rows.meter["power_kw"].to_list() == [1234.5, 900.25, 12.5]
    assert found(rows)["title_rows"] == 2
    assert rows.rows_in == 3


def test_13_grouped_thousands_beside_a_decimal_point_are_no_decimal_commas():
    lines = ["start,power_kw", '2026-11-02T17:00Z,"1,234.5"', '2026-11-02T17:15Z,"2,500"']

    rows = read("\n".join(lines) + "\n")

    assert rows.meter["power_kw"].to_list() == [1234.5, 2500.0]


def test_13_a_column_in_which_every_comma_groups_thousands_is_no_decimal_comma():
    lines = ["start,power_kw", '2026-11-02T17:00Z,"1,234"', '2026-11-02T17:15Z,"2,500"']

    rows = read("\n".join(lines) + "\n")

    assert rows.meter["power_kw"].to_list() == [1234.0, 2500.0]


def test_13_a_byte_order_mark_is_no_part_of_the_first_column():
    text = "start,power_kw\n2026-11-02T17:00Z,12.5\n2026-11-02T17:15Z,7\n"

    rows = read(text.encode("utf-8-sig"))

    assert rows.meter["power_kw"].to_list() == [12.5, 7.0]
    assert rows.conventions.columns == ("start", "power_kw")


def test_13_numbers_as_text_keep_their_value():
    lines = [
        "start,power_kw",
        '"2026-11-02T17:00Z","1\u202f212.50 "',
        '"2026-11-02T17:15Z"," 7\u00a0000"',
    ]

    rows = read("\n".join(lines) + "\n")

    assert rows.meter["power_kw"].to_list() == [1212.5, 7000.0]


def test_13_a_file_of_windows_is_read_and_that_is_said():
    text = "start,power_kw,Zähler\n2026-11-02T17:00Z,12.5,Süd\n2026-11-02T17:15Z,7,Süd\n"

    rows = read(text.encode("cp1252"))

    assert rows.meter["power_kw"].to_list() == [12.5, 7.0]
    assert found(rows)["guessed_encoding"] == 1
    assert rows.conventions.columns == ("start", "power_kw", "Zähler")


# Trap 14. Defence: a vehicle's own limit is read as `charge_limit_soc`, and `needs` asks for no
# more than it lets in, and says so.

FLEET = Fleet(
    classes=(
        VehicleClass(
            class_id="van-68",
            usable_kwh=68.0,
            consumption_kwh_per_km=0.30,
            wall_efficiency_share=0.90,
            ac_max_kw=11.0,
            dc_max_kw=115.0,
        ),
    ),
    vehicles=(Vehicle(vehicle_id="van-1", class_id="van-68", pool="ac", telematics_ids=("sc-1",)),),
)


def smartcar(limit: float) -> str:
    seen = {"headers": {"sc-data-age": instant(0)}, "code": 200}
    return json.dumps(
        {
            "vehicleId": "sc-1",
            "responses": [
                {"path": "/battery", "body": {"percentRemaining": 0.4}, **seen},
                {"path": "/charge/limit", "body": {"limit": limit}, **seen},
            ],
        }
    )


@pytest.mark.parametrize(("limit", "battery_kwh"), [(0.6, 13.6), (1.0, 40.8)])
def test_14_a_limit_in_the_vehicle_below_the_target_bounds_what_is_asked_for(limit, battery_kwh):
    duty = Duty(
        duty_id="D-1",
        vehicle_id="van-1",
        departure=EVENING + timedelta(hours=12),
        return_at=EVENING + timedelta(hours=20),
        distance_km=204.0,
    )
    night = BillingPeriod(start=EVENING, end=EVENING + timedelta(days=1))

    (need,) = needs_for_night(
        FLEET, (duty,), telematics=read(smartcar(limit)).telematics, night=night,
        policy=NeedPolicy(),
    )  # fmt: skip

    # from 40 % to the limit of 60 % are 0.2 x 68 kWh; to full 0.6 x 68, at 90 % efficiency
    assert need.dwell.energy_target_kwh == pytest.approx(battery_kwh / 0.9, abs=0.05)
    said = " ".join(map(str, need.missing))
    assert ("by its own setting" in said) == (limit < 1)
