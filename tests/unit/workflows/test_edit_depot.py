"""Editors: duties as rows, the library of vehicles, reserves and tariffs; versions, and back."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from depotlib.errors import DutyError, ModelError, RecordMissingError, TariffFormatError
from depotlib.model.duty import Duty
from depotlib.model.fleet import Fleet, VehicleClass
from depotlib.settings import Settings
from depotlib.workflows.audit_trail import AuditWish, audit_trail
from depotlib.workflows.edit_duties import duty_rows, edited_duties, save_edited_duties
from depotlib.workflows.edit_tariff import (
    editable_text,
    return_to_tariff,
    save_tariff_text,
    tariff_versions,
    try_tariff,
)
from depotlib.workflows.set_up_depot import (
    need_policy_of,
    read_set_up,
    read_versions,
    return_to,
    save_need_policy,
    save_site_text,
)
from depotlib.workflows.vehicle_library import vehicle_models, with_class_of
from tests.places import DATA
from tests.unit.workflows.test_set_up_depot import SITE

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
DUTY = Duty(
    "a", "one", datetime(2026, 11, 3, 5, tzinfo=UTC), datetime(2026, 11, 3, 16, tzinfo=UTC), 80.5
)
TARIFF = (DATA / "tariffs" / "german_day_ahead_sample.toml").read_text()


@pytest.fixture
def yard(tmp_path) -> Settings:
    settings = Settings(home=tmp_path / "home")
    save_site_text(settings, SITE, where="a test", now=NOW)
    return settings


def known(settings: Settings):
    found = read_set_up(settings)
    assert found is not None
    return found


def test_duties_go_through_their_rows_unchanged_even_in_the_hour_that_comes_twice(yard):
    # 25 October 2026, 02:30 in Berlin comes twice, at 00:30 and 01:30 UTC; bare, it is the first.
    twice = replace(DUTY, duty_id="b", departure=datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    duties = (twice, replace(DUTY, must_soc=0.8, payload_share=0.5))

    rows = duty_rows(duties, time_zone=BERLIN)

    assert rows[1].departure_local == "2026-11-03 06:00"
    assert rows[0].departure_local == "2026-10-25 02:30+01:00"
    assert edited_duties([asdict(one) for one in rows], known(yard).depot) == duties


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"return_local": "2026-11-03 05:00"}, "returns at"),
        ({"departure_local": "soon"}, "cannot read"),
        ({"distance_km": "far"}, "cannot read"),
        ({"vehicle_id": ""}, "needs an id and a van"),
        ({"departure_local": "2026-03-29 02:30"}, "does not exist"),
    ],
)
def test_a_row_that_is_no_duty_is_told_by_its_number(yard, change, message):
    good, bad = (asdict(one) for one in duty_rows((DUTY, DUTY), time_zone=BERLIN))

    with pytest.raises(DutyError, match=message) as told:
        edited_duties([good, bad | {"duty_id": "z"} | change], known(yard).depot)

    assert told.value.where == "the duties, row 2"
    with pytest.raises(DutyError, match="that of row 1"):
        edited_duties([good, good], known(yard).depot)


def test_duties_and_reserves_are_versions_that_can_be_had_again(yard):
    save_edited_duties(yard, (DUTY,), depot_id="yard", now=NOW)
    save_edited_duties(yard, (replace(DUTY, distance_km=9.0),), depot_id="yard", now=NOW)
    policy = need_policy_of({"must_reserve_share": 0.2, "target_reserve_share": 0.3})
    save_need_policy(yard, policy, depot_id="yard", now=NOW)

    return_to(yard, "duties", depot_id="yard", version=1, now=NOW + timedelta(hours=1))

    assert known(yard).duties == (DUTY,)
    assert known(yard).policy == policy
    assert [one.version for one in read_versions(yard, "duties", depot_id="yard")] == [3, 2, 1]
    told = {(line.what, line.outcome) for line in audit_trail(yard, AuditWish())}
    assert {("saved the duties", "version 3"), ("saved the policy", "version 1")} <= told


@pytest.mark.parametrize(
    "row",
    [
        {"must_reserve_share": 0.5},
        {"must_reserve_share": -0.1},
        {"learns": "perhaps"},
        {"ready_before_h": 13.0},
    ],
)
def test_a_policy_that_no_night_can_follow_is_refused(row):
    with pytest.raises(ModelError):
        need_policy_of(row)


def test_a_class_is_filled_from_the_library_and_what_is_known_better_stays():
    transit = next(one for one in vehicle_models() if one.name == "Ford e transit (2025)")
    # data/vehicles/fleet_ev_specs.csv: 64 kWh, AC 11.3 kW on three phases, DC 115 kW.
    assert (transit.usable_kwh, transit.ac_max_kw, transit.dc_max_kw) == (64.0, 11.3, 115.0)
    own = VehicleClass("van", 50.0, 0.28, 0.92, 7.4, 0.0, loaded_factor=1.1)

    fleet = with_class_of(Fleet((own,), ()), transit, class_id="van", consumption_kwh_per_km=0.5)
    both = with_class_of(fleet, transit, class_id="new", consumption_kwh_per_km=0.31)

    expected = replace(own, usable_kwh=64.0, ac_max_kw=11.3, dc_max_kw=115.0, ac_phases=3)
    assert fleet.classes == (expected,)
    assert both.classes[1].consumption_kwh_per_km == 0.31
    assert len({one.name for one in vehicle_models()}) == len(vehicle_models()) > 20
    with pytest.raises(ModelError, match="needs a name"):
        with_class_of(fleet, transit, class_id=" ", consumption_kwh_per_km=0.3)


def test_what_a_specification_leaves_open_stays_as_it_is_known():
    # data/vehicles/fleet_ev_specs.csv: 196 kWh gross, DC 80 kW, and nothing on alternating current.
    bus = next(one for one in vehicle_models() if "Type C" in one.name)
    own = VehicleClass("bus", 150.0, 1.1, 0.9, 19.2, 60.0, ac_phases=3)

    fleet = with_class_of(Fleet((own,), ()), bus, class_id="bus", consumption_kwh_per_km=0.5)

    assert fleet.classes == (replace(own, usable_kwh=196.0, dc_max_kw=80.0),)


def test_a_tariff_is_tried_saved_as_a_version_and_undone(yard):
    first = save_tariff_text(yard, TARIFF, now=NOW)
    dearer = editable_text(yard, first.tariff_id).replace(first.name, f"{first.name}, dearer")
    assert try_tariff(dearer).charges == first.charges
    save_tariff_text(yard, dearer, now=NOW + timedelta(minutes=1))
    assert f"{first.name}, dearer" in editable_text(yard, first.tariff_id)

    return_to_tariff(yard, first.tariff_id, version=1, now=NOW + timedelta(minutes=2))

    assert [one.version for one in tariff_versions(yard, first.tariff_id)] == [3, 2, 1]
    assert tariff_versions(yard, first.tariff_id)[0].text == TARIFF
    with pytest.raises(RecordMissingError, match="no version 9"):
        return_to_tariff(yard, first.tariff_id, version=9, now=NOW)


def test_a_text_that_is_no_tariff_is_refused_and_nothing_is_saved(yard):
    broken = TARIFF.replace("[[component]]", "[[komponent]]", 1)

    with pytest.raises(TariffFormatError):
        save_tariff_text(yard, broken, now=NOW)

    assert tariff_versions(yard, try_tariff(TARIFF).tariff_id) == ()
