"""Knobs: each changes the one thing that it is named after, and the nights stay the same."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from depotlib.errors import PlanFileError, StudyError
from depotlib.simulation.sampling import drawn_nights
from depotlib.studies.knob import CHOICES, KNOBS, SIZES, TARIFF, Ground, turned
from depotlib.studies.night_row import Impossible, cases_at, night_row
from depotlib.workflows.study_file import study_from_file
from depotlib.workflows.sun_file import sun_from_file
from tests.study_files import STUDY, write_study


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return study_from_file(write_study(tmp_path))[1]


def test_stations_of_a_kind_are_dropped_from_the_end_and_added_as_copies(ground: Ground):
    fewer = turned(ground, {"ac_stations": 2}).depot
    more = turned(ground, {"ac_stations": 5, "dc_stations": 2}).depot

    assert [one.station_id for one in fewer.stations] == ["DC-1", "AC-1", "AC-2"]
    kinds = [one.current_type for one in more.stations]
    assert (kinds.count("AC"), kinds.count("DC")) == (5, 2)
    copy = next(one for one in more.stations if one.station_id == "AC-2+4")
    original = next(one for one in more.stations if one.station_id == "AC-2")
    assert (copy.max_kw, copy.pool) == (original.max_kw, original.pool)
    assert [one.connector_id for one in copy.connectors()] == ["AC-2+4/1"]


def test_the_service_takes_its_operating_limit_along(ground: Ground):
    grid = turned(ground, {"service_kw": 100.0}).depot.grid
    limited = turned(ground, {"operating_limit_kw": 70.0, "service_kw": 100.0}).depot.grid

    # 20 kW between limit and service stay; a limit of its own comes after.
    assert (grid.service_kw, grid.operating_limit_kw) == (100.0, 80.0)
    assert (limited.service_kw, limited.operating_limit_kw) == (100.0, 70.0)


def test_a_fleet_grows_by_copies_of_its_vehicles(ground: Ground):
    more = turned(ground, {"vehicles": 8}).nights[0].stays
    fewer = turned(ground, {"vehicles": 2}).nights[0].stays

    assert [one.vehicle_id for one in more][6:] == ["van-1+6", "van-2+7"]
    assert more[6].energy_target_kwh == more[0].energy_target_kwh
    assert [one.vehicle_id for one in fewer] == ["van-1", "van-2"]


def test_the_price_of_the_peak_is_what_the_bill_then_asks(ground: Ground):
    def line(price: float) -> float:
        [case] = cases_at([{"policy": "fcfs", "demand_price_per_kw": price}], ground, code="x")
        return float(night_row(case.scenario)["bill[Flat demand]"] or 0.0)

    # A policy that does not look at prices draws the same: the line grows as the price does.
    assert line(30.0) == pytest.approx(2 * line(15.0), abs=0.02)


def test_every_other_knob_sets_its_field(ground: Ground):
    point = {
        "policy": "edf",
        "seed": 7,
        "days": 3,
        "any_station": True,
        "energy_factor": 1.5,
        "moves_per_hour": 4,
        "changeover_s": 300,
        "late_share": 0.25,
        "temperature_mean_c": 5,
        "tariff": "same",
    }

    scenario = turned(ground, point)

    assert (scenario.policy, scenario.seed, scenario.days) == ("edf", 7, 3)
    assert (scenario.depot.moves_per_hour, scenario.depot.changeover_s) == (4, 300)
    assert (scenario.chances.late_share, scenario.chances.temperature_mean_c) == (0.25, 5.0)
    assert {one.pool for one in scenario.nights[0].stays} == {None}
    assert scenario.nights[0].stays[0].energy_target_kwh == 21.0 * 1.5
    assert turned(ground, {"any_station": False}).nights == ground.scenario.nights


@pytest.mark.parametrize("mean_c", [-10, 0, -0.5])
def test_a_night_may_freeze(ground: Ground, mean_c: float):
    assert turned(ground, {"temperature_mean_c": mean_c}).chances.temperature_mean_c == mean_c


def test_every_chance_has_a_knob(ground: Ground):
    spans = {"late_least_s", "late_most_s", "outage_least_s", "outage_most_s"}

    assert set(type(ground.scenario.chances).__slots__) - spans <= set(KNOBS)


@pytest.mark.parametrize("point", [{"ac_stations": 4}, {"service_kw": 90.0}, {"policy": "edf"}])
def test_a_turned_knob_leaves_the_nights_as_they_are(ground: Ground, point: dict[str, object]):
    def drawn(at):
        return drawn_nights(replace(turned(ground, at), seed=3)).stays

    assert drawn({}) == drawn(point)


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ({"chargers": 4}, "chargers cannot be turned"),
        ({"ac_stations": 2.5}, "ac_stations cannot be 2.5"),
        ({"days": True}, "days cannot be True"),
        ({"energy_factor": -1}, "energy_factor cannot be -1"),
        ({"late_share": "much"}, "late_share cannot be 'much'"),
        ({"temperature_mean_c": -274}, "temperature_mean_c cannot be -274"),
        ({"any_station": 1}, "any_station cannot be 1"),
        ({"tariff": "other"}, "no tariff 'other'"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(ground: Ground, point, said: str):
    with pytest.raises(StudyError, match=said):
        turned(ground, point)


def test_more_of_what_the_depot_does_not_have_is_refused(ground: Ground):
    depot = ground.scenario.depot
    only_ac = tuple(one for one in depot.stations if one.current_type == "AC")
    bare = Ground(replace(ground.scenario, depot=replace(depot, stations=only_ac)), {})

    with pytest.raises(StudyError, match="no DC station"):
        turned(bare, {"dc_stations": 1})


def test_a_price_that_the_tariff_does_not_have_is_refused(ground: Ground):
    energy_only = ground.scenario.tariff.components[:1]
    tariff = replace(ground.scenario.tariff, components=energy_only)

    with pytest.raises(StudyError, match="highest peak"):
        turned(Ground(replace(ground.scenario, tariff=tariff), {}), {"demand_price_per_kw": 9})


def test_a_point_that_cannot_be_fails_when_it_is_played(ground: Ground):
    [case] = cases_at([{"operating_limit_kw": 500.0}], ground, code="x")

    assert isinstance(case.scenario, Impossible)
    with pytest.raises(StudyError, match="500 kW does not fit"):
        night_row(case.scenario)


def test_storage_and_sun_are_sizes_and_nothing_of_them_is_nothing(tmp_path: Path):
    (tmp_path / "sun.csv").write_text(
        "local_time,kw_per_kwp\n2026-06-01T00:00,0\n2026-06-01T12:00,0.5\n"
    )
    tables = (
        "[storage]\ncapacity_kwh = 50.0\nmax_charge_kw = 10.0\nmax_discharge_kw = 10.0\n"
        '[sun]\nprofile = "sun.csv"\npeak_kw = 30.0\n[axes]'
    )
    _, ground = study_from_file(write_study(tmp_path, text=STUDY.replace("[axes]", tables)))

    larger = turned(ground, {"storage_kwh": 90.0, "storage_kw": 20.0, "solar_kw": 7.0})
    none = turned(ground, {"storage_kwh": 0.0, "storage_kw": 20.0, "solar_kw": 0})

    [storage] = larger.depot.storages
    assert (storage.capacity_kwh, storage.max_charge_kw, storage.max_discharge_kw) == (90, 20, 20)
    assert (ground.scenario.sun.peak_kw, larger.sun.peak_kw) == (30.0, 7.0)
    assert (none.depot.storages, none.sun) == ((), None)


@pytest.mark.parametrize("name", ["storage_kwh", "storage_kw", "solar_kw"])
def test_what_the_depot_does_not_have_has_no_size(ground: Ground, name: str):
    with pytest.raises(StudyError, match="the depot has"):
        turned(ground, {name: 10.0})


FEEDING = (
    "vehicle_id,arrival_local,departure_local,energy_wall_kwh,battery_kwh,arrival_soc,discharge_max_kw\n"
    "van-1,2026-11-02T17:00,2026-11-03T06:00,20,60,0.6,10\n"
    "van-2,2026-11-02T17:00,2026-11-03T06:00,20,60,0.6,8\n"
    "van-3,2026-11-02T17:00,2026-11-03T06:00,20,60,0.6,\n"
)


def test_feeding_back_is_an_option_of_each_vehicle(tmp_path: Path):
    path = write_study(tmp_path)
    (tmp_path / "dwells.csv").write_text(FEEDING)
    _, ground = study_from_file(path)

    def most_kw(**point: float) -> list[float]:
        stays = turned(ground, point).nights[0].stays
        return [one.battery.discharge_max_kw for one in stays]

    assert most_kw() == [10, 8, 0]
    assert most_kw(feeding_vehicles=1) == [10, 0, 0]
    assert most_kw(feeding_kw=3) == [3, 3, 0]
    # Who is counted first is then given the power, in whatever order they are named.
    assert most_kw(feeding_kw=3, feeding_vehicles=1) == [3, 0, 0]
    assert most_kw(feeding_kw=0) == most_kw(feeding_vehicles=0) == [0, 0, 0]
    with pytest.raises(StudyError, match="3 vehicles cannot feed back, for 2 can"):
        turned(ground, {"feeding_vehicles": 3})


def test_a_fleet_without_batteries_cannot_feed_back(ground: Ground):
    with pytest.raises(StudyError, match="no vehicle of the depot"):
        turned(ground, {"feeding_kw": 5.0})


def test_a_study_tells_carbon_average_and_marginal_apart_where_it_knows_them(tmp_path: Path):
    told = "[carbon]\naverage_kg_per_kwh = [0.4]\nmarginal_kg_per_kwh = [0.6, 0.6]\n[axes]"
    _, ground = study_from_file(write_study(tmp_path, text=STUDY.replace("[axes]", told)))
    [case] = cases_at([{"policy": "fcfs"}], ground, code="x")

    row = night_row(case.scenario)

    assert row["average_co2_kg"] == pytest.approx(0.4 * row["charged_kwh"])
    assert row["marginal_co2_kg"] == pytest.approx(0.6 * row["charged_kwh"])


def test_every_size_and_choice_is_a_parameter():
    assert {*KNOBS, TARIFF} >= SIZES | CHOICES
    assert not SIZES & CHOICES


@pytest.mark.parametrize(
    "rows",
    [
        "2026-06-01T00:00,0\n2026-06-01T12:00,\n",
        "2026-06-01T06:00,0\n2026-06-01T18:00,1\n",
        "2026-06-01T00:00,0\n2026-06-01T12:00,1\n2026-06-02T00:00,0\n",
        "noon,1\n",
    ],
)
def test_a_profile_of_the_sun_with_gaps_is_refused(tmp_path: Path, rows: str):
    path = tmp_path / "sun.csv"
    path.write_text("local_time,kw_per_kwp\n" + rows)

    with pytest.raises(PlanFileError, match=r"sun|profile"):
        sun_from_file(path, peak_kw=1.0)


def test_a_study_knows_holidays_and_how_much_a_weekday_counts(tmp_path: Path):
    told = 'holiday_region = "US"\nsame_weekday_factor = 4.0\nexport_limit_kw = 5.0\n[base]'
    _, ground = study_from_file(write_study(tmp_path, text=STUDY.replace("[base]", told)))

    # 2026 has Veterans Day on a Wednesday, 11 November.
    assert date(2026, 11, 11) in ground.scenario.holidays
    assert ground.scenario.same_weekday_factor == 4.0
    assert ground.scenario.depot.grid.export_limit_kw == 5.0
