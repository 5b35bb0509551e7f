"""The virtual yard: stays by script, cables, meters, batteries that follow late."""

from datetime import UTC, datetime, timedelta

import pytest

from depotlib.errors import NightScriptError
from depotlib.model.site_file import site_from_toml
from depotlib.virtual.charging_profiles import Period, StoredProfile
from depotlib.virtual.script import NightScript, night_from_toml, night_to_toml
from depotlib.virtual.yard import STEP, VirtualYard

START = datetime(2026, 11, 2, 22, 0, tzinfo=UTC)
SITE = """
[depot]
depot_id = "two"
name = "Two points"
time_zone = "UTC"
[grid]
service_kw = 20.0
operating_limit_kw = 20.0
[[station]]
station_id = "AC-1"
max_kw = 7.2
safe_limit_kw = 1.5
voltage_v = 240.0
[[station]]
station_id = "AC-2"
max_kw = 7.2
safe_limit_kw = 1.5
voltage_v = 240.0
"""
VAN = """
[[vehicle]]
vehicle_id = "van-1"
id_tag = "TAG1"
usable_kwh = 68.0
wall_efficiency_share = 0.9
max_kw = 11.0
arrival_soc = 0.5
"""


def stay(connector: str, begin_s: int, end_s: int, vehicle: str = "van-1") -> str:
    return (
        f'[[stay]]\nvehicle_id = "{vehicle}"\nconnector_id = "{connector}"\n'
        f"plug_in = {(START + timedelta(seconds=begin_s)).isoformat()}\n"
        f"unplug = {(START + timedelta(seconds=end_s)).isoformat()}\n"
    )


def yard(script_text: str) -> VirtualYard:
    script = night_from_toml(script_text, where="night.toml")
    return VirtualYard(depot=site_from_toml(SITE, where="site.toml").depot, script=script)


def play(one: VirtualYard, seconds: int) -> list[dict[str, float]]:
    return [one.step(START + index * STEP) for index in range(seconds)]


def limit(one: VirtualYard, station: str, limit_kw: float) -> None:
    one.stations[station].profiles.install(
        StoredProfile(
            profile_id=1,
            connector=0,
            stack_level=0,
            purpose="TxDefaultProfile",
            start=START,
            valid_from=None,
            valid_to=None,
            duration_s=None,
            periods=(Period(start_s=0.0, limit_kw=limit_kw),),
        )
    )


def test_a_station_without_profile_charges_at_full_power():
    one = yard(VAN + stay("AC-1/1", 0, 60))

    powers = play(one, 20)

    # The vehicle takes 11 kW, the point gives 7.2; every vehicle has followed after 5 s.
    assert powers[10]["AC-1/1"] == 7.2
    assert powers[10]["AC-2/1"] == 0.0


def test_a_vehicle_follows_a_lower_limit_within_one_to_five_seconds():
    one = yard(VAN + stay("AC-1/1", 0, 600))
    play(one, 20)

    limit(one, "AC-1", 3.0)
    powers = [one.step(START + (20 + index) * STEP)["AC-1/1"] for index in range(10)]

    assert powers[0] == 7.2
    assert powers[6] == 3.0


def test_a_limit_below_six_amperes_pauses_an_ac_point():
    one = yard(VAN + stay("AC-1/1", 0, 60))
    # 6 A x 240 V = 1.44 kW is the least the pilot can signal (IEC 61851-1).
    limit(one, "AC-1", 1.43)

    assert play(one, 20)[-1]["AC-1/1"] == 0.0


def test_meter_and_battery_agree_with_the_power_drawn():
    one = yard(VAN + stay("AC-1/1", 0, 3600))

    energy_kwh = sum(powers["AC-1/1"] for powers in play(one, 1800)) / 3600

    register_kwh = one.stations["AC-1"].connectors[1].register_wh / 1000
    assert register_kwh == pytest.approx(energy_kwh)
    # Half charged, plus the wall energy x 0.9 over 68 kWh.
    assert one.vehicles["van-1"].soc == pytest.approx(0.5 + energy_kwh * 0.9 / 68.0)


def test_start_samples_and_stop_are_told_in_order():
    one = yard(VAN + stay("AC-1/1", 5, 130))

    play(one, 200)

    kinds = [message.kind for message in one.stations["AC-1"].outbox if message.kind != "status"]
    assert kinds[0] == "start"
    assert kinds[-1] == "stop"
    # 125 s at one sample a minute.
    assert kinds.count("meter") == 2


def test_a_new_sheet_moves_a_vehicle_and_keeps_its_charge():
    one = yard(VAN + stay("AC-1/1", 0, 600))
    play(one, 300)
    charged_soc = one.vehicles["van-1"].soc

    one.follow(night_from_toml(VAN + stay("AC-2/1", 0, 600), where="night.toml"))
    powers = one.step(START + timedelta(seconds=300))

    assert powers["AC-1/1"] == 0.0
    assert one.stations["AC-2"].connectors[1].vehicle is one.vehicles["van-1"]
    assert one.vehicles["van-1"].soc == pytest.approx(charged_soc, abs=1e-4)


def test_a_script_survives_the_way_to_text_and_back():
    script = night_from_toml(
        VAN + stay("AC-1/1", 0, 60) + '[[misbehaviour]]\nstation_id = "AC-1"\nkind = "rejects"\n',
        where="night.toml",
    )

    assert night_from_toml(night_to_toml(script), where="again") == script


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("not toml [", "not a TOML file"),
        ("surprise = 1", "surprise"),
        (stay("AC-1/1", 0, 60), "does not have"),
        (VAN + stay("AC-1/1", 60, 0), "unplug after plug_in"),
        (
            VAN
            + VAN.replace("van-1", "van-2")
            + stay("AC-1/1", 0, 60)
            + stay("AC-1/1", 30, 90, vehicle="van-2"),
            "at once",
        ),
    ],
)
def test_an_impossible_script_is_refused_with_its_reason(text: str, says: str):
    with pytest.raises(NightScriptError, match=says):
        night_from_toml(text, where="night.toml")


def test_an_empty_script_is_an_empty_night():
    assert night_from_toml("", where="night.toml") == NightScript()
