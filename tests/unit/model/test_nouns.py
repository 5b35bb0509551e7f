"""Nouns refuse what cannot exist, and say what to do."""

import math
from datetime import UTC, datetime, time, timedelta

import pytest

from depotlib.errors import ModelError, SiteFileError
from depotlib.model.battery import accepted_kw, min_ac_kw, soc_after, tapered_max_kw
from depotlib.model.depot import Circuit, Depot, GridConnection, StaffHours
from depotlib.model.duty import Duty
from depotlib.model.dwell import Dwell
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.model.identity import IdentityMap, IdentityToken, normal_token
from depotlib.model.import_report import ImportReport
from depotlib.model.release import ConnectorSchedule, LimitStep
from depotlib.model.site_file import site_from_toml

EVENING = datetime(2026, 11, 2, 22, 0, tzinfo=UTC)
SITE = """
[depot]
depot_id = "one"
name = "One point"
time_zone = "UTC"
[grid]
service_kw = 50.0
operating_limit_kw = 40.0
[[circuit]]
circuit_id = "panel-A"
limit_kw = 30.0
[[station]]
station_id = "AC-1"
max_kw = 7.2
safe_limit_kw = 1.5
circuit_id = "panel-A"
"""


def dwell(**changes: object) -> Dwell:
    facts: dict[str, object] = {
        "vehicle_id": "van-1",
        "arrival": EVENING,
        "departure": EVENING + timedelta(hours=10),
        "energy_must_kwh": 30.0,
        "energy_target_kwh": 43.0,
    }
    return Dwell(**(facts | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"departure": EVENING},
        {"arrival": datetime(2026, 11, 2)},
        {"energy_must_kwh": -1.0},
        {"energy_must_kwh": 44.0},
        {"energy_target_kwh": math.inf},
        {"energy_target_kwh": math.nan},
        {"max_kw": 0.0},
        {"min_kw": 8.0, "max_kw": 7.0},
    ],
)
def test_an_impossible_stay_is_refused(changes: dict[str, object]):
    with pytest.raises(ModelError, match="van-1"):
        dwell(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"return_at": EVENING - timedelta(hours=1)},
        {"distance_km": -1.0},
        {"distance_km": math.nan},
        {"departure": datetime(2026, 11, 2)},
    ],
)
def test_an_impossible_duty_is_refused(changes: dict[str, object]):
    facts: dict[str, object] = {
        "duty_id": "d1",
        "vehicle_id": "van-1",
        "departure": EVENING,
        "return_at": EVENING + timedelta(hours=8),
        "distance_km": 120.0,
    }
    with pytest.raises(ModelError, match="d1"):
        Duty(**(facts | changes))


@pytest.mark.parametrize(
    ("service_kw", "operating_kw", "margin_kw"), [(300.0, 350.0, 0.0), (300.0, 0.0, 0.0), (9, 9, 9)]
)
def test_grid_limits_that_contradict_each_other_are_refused(
    service_kw: float, operating_kw: float, margin_kw: float
):
    with pytest.raises(ModelError):
        GridConnection(service_kw=service_kw, operating_limit_kw=operating_kw, margin_kw=margin_kw)


def test_staff_hours_may_span_midnight():
    night = StaffHours(start=time(22), end=time(6))

    assert night.covers(time(23))
    assert night.covers(time(5, 59))
    assert not night.covers(time(6))
    assert StaffHours(start=time(8), end=time(8)).covers(time(3))


def test_a_circuit_that_hangs_on_itself_is_refused():
    depot = site_from_toml(SITE, where="site.toml").depot

    with pytest.raises(ModelError, match="hangs on itself"):
        Depot(
            depot_id="loop",
            name="Loop",
            time_zone="UTC",
            currency="USD",
            grid=depot.grid,
            circuits=(Circuit("A", "B", 10.0), Circuit("B", "A", 10.0)),
            stations=(),
        )


def test_a_site_file_becomes_a_depot_with_its_tree():
    depot = site_from_toml(SITE, where="site.toml").depot

    assert [one.circuit_id for one in depot.path_to_site("panel-A")] == ["panel-A"]
    assert depot.station_of("AC-1/1").station_id == "AC-1"
    with pytest.raises(ModelError, match="no connector"):
        depot.station_of("AC-9/1")


@pytest.mark.parametrize(
    ("site", "own", "takes"),
    [("", "", True), ("false", "", False), ("false", "true", True), ("true", "false", False)],
)
def test_a_station_takes_live_profiles_as_the_site_says_or_as_it_says_itself(site, own, takes):
    own_line = f"takes_live_profiles = {own}\n" if own else ""
    site_table = f"[gateway]\ntakes_live_profiles = {site}\n" if site else ""

    depot = site_from_toml(SITE + own_line + site_table, where="site.toml").depot

    assert depot.station_of("AC-1/1").takes_live_profiles is takes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[depot", "not a TOML file"),
        (SITE + "surprise = 1\n", "surprise"),
        (SITE.replace("service_kw = 50.0", ""), "service_kw"),
        (SITE.replace('circuit_id = "panel-A"\n', 'circuit_id = "panel-X"\n', 1), "panel-A"),
        (SITE.replace("safe_limit_kw = 1.5", "safe_limit_kw = 9.0"), "safe limit"),
    ],
)
def test_a_wrong_site_file_is_refused_with_field_and_file(text: str, says: str):
    with pytest.raises(SiteFileError, match=says) as caught:
        site_from_toml(text, where="site.toml")
    assert "site.toml" in caught.value.where


def test_a_fleet_knows_its_vehicles_and_refuses_unknown_classes():
    van_class = VehicleClass("van", 68.0, 0.3, 0.9, 11.0, 50.0)
    fleet = Fleet(classes=(van_class,), vehicles=(Vehicle("van-1", "van"),))

    assert fleet.class_of("van-1") is van_class
    with pytest.raises(ModelError, match="van-2"):
        fleet.vehicle("van-2")
    with pytest.raises(ModelError, match="does not have"):
        Fleet(classes=(van_class,), vehicles=(Vehicle("van-1", "truck"),))
    with pytest.raises(ModelError, match="share the id"):
        Fleet(classes=(van_class,), vehicles=(Vehicle("van-1", "van"), Vehicle("van-1", "van")))


def test_a_tag_is_compared_without_case_to_twenty_characters_within_its_validity():
    noon = EVENING
    tags = IdentityMap(
        tokens=(
            IdentityToken("card-7", "card", "van-1", valid_to=noon),
            IdentityToken("CARD-7", "card", "van-2", valid_from=noon),
        )
    )

    # Requirement 5: a card reassigned at noon resolves to different vans before and after.
    assert tags.vehicle_of(" Card-7 ", noon - timedelta(seconds=1)) == "van-1"
    assert tags.vehicle_of("CARD-7", noon) == "van-2"
    assert tags.vehicle_of("CARD-8", noon) is None
    # OCPP 1.6 CiString20Type.
    assert normal_token("abcdefghijklmnopqrstuvwxyz") == "ABCDEFGHIJKLMNOPQRST"


def test_limits_of_a_schedule_hold_from_step_to_step_until_its_end():
    schedule = ConnectorSchedule(
        connector_id="AC-1/1",
        vehicle_id="van-1",
        steps=(LimitStep(EVENING, 0.0), LimitStep(EVENING + timedelta(hours=4), 7.2)),
        valid_to=EVENING + timedelta(hours=10),
        departure=EVENING + timedelta(hours=10),
        energy_target_kwh=43.0,
    )

    assert schedule.limit_at(EVENING + timedelta(hours=3)) == 0.0
    assert schedule.limit_at(EVENING + timedelta(hours=4)) == 7.2
    assert schedule.limit_at(EVENING + timedelta(hours=10)) is None
    assert schedule.limit_at(EVENING - timedelta(seconds=1)) is None


@pytest.mark.parametrize("limit_kw", [-0.1, math.inf, math.nan])
def test_a_limit_that_no_station_can_be_asked_for_is_refused(limit_kw: float):
    with pytest.raises(ModelError):
        LimitStep(EVENING, limit_kw)


def test_steps_out_of_order_are_refused():
    with pytest.raises(ModelError, match="rising"):
        ConnectorSchedule(
            connector_id="AC-1/1",
            vehicle_id="van-1",
            steps=(LimitStep(EVENING, 1.0), LimitStep(EVENING, 2.0)),
            valid_to=EVENING + timedelta(hours=1),
            departure=EVENING + timedelta(hours=1),
            energy_target_kwh=1.0,
        )


def test_an_import_that_loses_a_row_is_a_defect():
    with pytest.raises(AssertionError, match="10 rows in, 9 accounted for"):
        ImportReport(file="a.csv", source="x", digest="0", rows_in=10, stored=5, duplicates=4)


def test_batteries_taper_pause_and_fill():
    # Half of the taper share at 90 %: 50 x (1 - 0.8 x 0.5) = 30 kW.
    assert tapered_max_kw(0.9, max_kw=50.0, taper_share=0.8) == pytest.approx(30.0)
    # 6 A x 240 V.
    assert min_ac_kw(voltage_v=240.0, phases=1) == pytest.approx(1.44)
    assert accepted_kw(1.0, max_kw=7.0, min_kw=1.44) == 0.0
    assert accepted_kw(9.0, max_kw=7.0, min_kw=1.44) == 7.0
    # 10 kW for an hour at 0.9 into 68 kWh; never above full.
    assert soc_after(
        0.5, power_kw=10.0, duration_s=3600, usable_kwh=68.0, efficiency_share=0.9
    ) == pytest.approx(0.5 + 9.0 / 68.0)
    assert (
        soc_after(0.99, power_kw=10.0, duration_s=3600, usable_kwh=68.0, efficiency_share=0.9)
        == 1.0
    )


MORE_SITE = (
    SITE
    + """
[[station]]
station_id = "DC-9"
max_kw = 50.0
safe_limit_kw = 0.0
current_type = "DC"
wiring = [2, 3, 1]

[[storage]]
storage_id = "battery"
capacity_kwh = 100.0
max_charge_kw = 50.0
max_discharge_kw = 40.0

[[derating]]
of = "DC-9"
start = 2026-11-02T18:00:00Z
end = 2026-11-03T06:00:00Z
"""
)


def test_a_site_file_may_hold_storage_wiring_and_times_out_of_service():
    depot = site_from_toml(MORE_SITE, where="site.toml").depot

    station = depot.station_of("DC-9/1")
    assert station.wiring == (2, 3, 1)
    assert [one.limit_kw for one in station.deratings] == [0.0]
    assert depot.storages[0].max_discharge_kw == 40.0
    assert depot.storages[0].least_end_soc == 0.5


def test_a_derating_of_something_that_is_not_there_is_refused():
    with pytest.raises(SiteFileError, match="neither a station nor a circuit"):
        site_from_toml(MORE_SITE.replace('of = "DC-9"', 'of = "DC-8"'), where="site.toml")
