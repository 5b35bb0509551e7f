"""A depot of one's own: from a site file, a fleet and duties to a night that can be planned."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from depotlib.errors import DutyError, ModelError, RecordMissingError, SiteFileError
from depotlib.model.fleet_file import fleet_from_json, fleet_to_json
from depotlib.model.site_file import site_from_tables, site_from_toml, tables_from_toml
from depotlib.settings import Settings
from depotlib.store.catalogue import load_depot, load_fleet, tariff_ids
from depotlib.workflows.import_files import import_own_files
from depotlib.workflows.load_demo import DEMO, DEMO_SITE, DEMO_TARIFF
from depotlib.workflows.plan_tonight import plan_tonight
from depotlib.workflows.publish_site import brief_of
from depotlib.workflows.set_up_depot import (
    read_set_up,
    read_versions,
    return_to,
    safe_limit_notes,
    save_duties_text,
    save_fleet_text,
    save_site_tables,
    save_site_text,
    set_tariff,
    site_to_toml,
    strangers,
)
from depotlib.workflows.tonight import gather_tonight
from tests.unit.conftest import AFTERNOON

SITE = """
[depot]
depot_id = "yard"
name = "Our yard"
time_zone = "Europe/Berlin"
currency = "EUR"

[grid]
service_kw = 60.0
operating_limit_kw = 50.0
margin_kw = 2.0

[gateway]
security_profile = 2
unknown_policy = "require_known"

[[circuit]]
circuit_id = "board"
breaker_a = 63.0

[[station]]
station_id = "A"
circuit_id = "board"
max_kw = 11.0
safe_limit_kw = 4.1
phases = 3
positions_degrees = [[52.5, 13.4]]
wiring = [2, 3, 1]

[[derating]]
of = "A"
start = 2026-11-02T18:00:00+01:00
end = 2026-11-02T20:00:00+01:00

[[identity]]
token = "TAG-1"
vehicle_id = "one"
"""
FLEET = """{"classes": [{"class_id": "van", "usable_kwh": 60, "consumption_kwh_per_km": 0.3,
"wall_efficiency_share": 0.9, "ac_max_kw": 11, "dc_max_kw": 0, "ac_phases": 3}],
"vehicles": [{"vehicle_id": "one", "class_id": "van"}]}"""
DUTIES = """duty_id,vehicle_id,departure_local,return_local,distance_km
today,one,2026-11-02T06:00,2026-11-02T17:00,80
next,one,2026-11-03T06:00,2026-11-03T17:00,80
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def set_all_up(settings: Settings) -> None:
    save_site_text(settings, SITE, where="site.toml", now=AFTERNOON)
    save_fleet_text(settings, FLEET, where="fleet.json", depot_id="yard", now=AFTERNOON)
    save_duties_text(settings, DUTIES, where="duties.csv", depot_id="yard", now=AFTERNOON)
    import_own_files([DEMO_TARIFF], settings=settings, now=AFTERNOON)


@pytest.mark.parametrize("path", [DEMO_SITE, DEMO.parent / "leeds" / "site.toml"])
def test_the_tables_of_a_shipped_site_say_the_same_when_written_again(path: Path):
    text = path.read_text(encoding="utf-8")

    again = site_to_toml(tables_from_toml(text, where="once"))

    assert site_from_toml(again, where="again") == site_from_toml(text, where="once")


def test_every_kind_of_table_says_the_same_when_written_again():
    again = site_to_toml(tables_from_toml(SITE, where="once"))

    assert site_from_toml(again, where="again") == site_from_toml(SITE, where="once")


def test_a_night_of_ones_own_depot_can_be_planned(settings: Settings):
    set_all_up(settings)
    known = read_set_up(settings)
    assert known is not None
    assert known.missing == ("a tariff",)
    (tariff_id,) = import_ids(settings)

    set_tariff(settings, "yard", tariff_id=tariff_id)

    answer = plan_tonight(settings, now=AFTERNOON)
    assert read_set_up(settings) == replace(known, tariff_id=tariff_id)
    # 80 km x 0.3 kWh/km and a tenth of 60 kWh as reserve, at 0.9 from the wall; nothing is known
    # of its charge, so that all of it is to be had again (docs/needs.md).
    assert [one.vehicle_id for one in answer.plan.windows] == ["one"]
    assert answer.plan.shortfalls == ()


def import_ids(settings: Settings) -> list[str]:
    return tariff_ids(settings.warehouse_path)


def test_what_stations_must_show_reaches_the_live_side(settings: Settings):
    set_all_up(settings)
    (tariff_id,) = import_ids(settings)
    set_tariff(settings, "yard", tariff_id=tariff_id)

    brief = brief_of(gather_tonight(settings, now=AFTERNOON), plan=None)

    assert (brief.security_profile, brief.unknown_policy) == (2, "require_known")


def test_an_edit_is_a_new_version_and_the_earlier_one_can_be_had_again(settings: Settings):
    save_site_text(settings, SITE, where="site.toml", now=AFTERNOON)
    known = read_set_up(settings)
    assert known is not None
    assert known.site is not None
    (station,) = known.site.station
    faster = known.site.model_copy(
        update={"station": (station.model_copy(update={"max_kw": 22.0}),)}
    )

    save_site_tables(settings, faster, now=AFTERNOON + timedelta(minutes=1))
    edited = load_depot(settings.warehouse_path, "yard")
    return_to(settings, "site", depot_id="yard", version=1, now=AFTERNOON + timedelta(minutes=2))

    assert edited.stations[0].max_kw == 22.0
    assert load_depot(settings.warehouse_path, "yard").stations[0].max_kw == 11.0
    versions = read_versions(settings, "site", depot_id="yard")
    assert [one.version for one in versions] == [3, 2, 1]
    assert versions[0].text == versions[2].text == SITE
    assert versions[1].saved_at == AFTERNOON + timedelta(minutes=1)


def test_a_fleet_returns_to_an_earlier_version(settings: Settings):
    set_all_up(settings)
    fleet = fleet_from_json(FLEET, where="fleet.json")
    more = replace(fleet, vehicles=(*fleet.vehicles, replace(fleet.vehicles[0], vehicle_id="two")))
    save_fleet_text(settings, fleet_to_json(more), where="page", depot_id="yard", now=AFTERNOON)

    return_to(settings, "fleet", depot_id="yard", version=1, now=AFTERNOON)

    assert load_fleet(settings.warehouse_path, "yard") == fleet
    with pytest.raises(RecordMissingError, match="no version 9"):
        return_to(settings, "fleet", depot_id="yard", version=9, now=AFTERNOON)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (SITE.replace("max_kw = 11.0", 'max_kw = "fast"'), "station.1.max_kw"),
        (SITE.replace('circuit_id = "board"\nmax', 'circuit_id = "wall"\nmax'), "'wall'"),
        (SITE.replace("margin_kw", "margn_kw"), "grid.margn_kw"),
        ("station = [", "not a TOML file"),
    ],
)
def test_a_site_that_cannot_be_says_where_and_nothing_is_saved(
    settings: Settings, wrong: str, said: str
):
    with pytest.raises(SiteFileError, match=said):
        save_site_text(settings, wrong, where="site.toml", now=AFTERNOON)

    assert read_set_up(settings) is None


def test_wrong_fleets_and_duties_say_where_and_nothing_is_saved(settings: Settings):
    save_site_text(settings, SITE, where="site.toml", now=AFTERNOON)

    with pytest.raises(ModelError, match=r"classes\.1\.usable_kwh"):
        save_fleet_text(
            settings, FLEET.replace("60", '"big"'), where="f", depot_id="yard", now=AFTERNOON
        )
    with pytest.raises(ModelError, match="'vna'"):
        save_fleet_text(
            settings,
            FLEET.replace('"class_id": "van"}]}', '"class_id": "vna"}]}'),
            where="f",
            depot_id="yard",
            now=AFTERNOON,
        )
    with pytest.raises(DutyError, match="distance_km"):
        save_duties_text(
            settings,
            DUTIES.replace("distance_km", "km"),
            where="duties.csv",
            depot_id="yard",
            now=AFTERNOON,
        )

    known = read_set_up(settings)
    assert known is not None
    assert known.missing == ("a fleet", "duties", "a tariff")


def test_safe_limits_that_do_not_fit_are_told_beforehand():
    site = site_from_tables(tables_from_toml(SITE, where="site"), where="site").depot
    # 63 A x 230 V x 3 = 43.5 kW carry 4.1; 60 - 2 of the site do, too.
    assert safe_limit_notes(site) == ()

    small = replace(site, grid=replace(site.grid, service_kw=5.0, operating_limit_kw=5.0))

    (note,) = safe_limit_notes(small)
    assert "4.1 kW" in note
    assert "3.0 kW" in note


def test_duties_of_vehicles_that_the_fleet_lacks_are_named(settings: Settings):
    set_all_up(settings)
    known = read_set_up(settings)
    assert known is not None

    assert strangers(known.duties, known.fleet) == ()
    assert strangers(known.duties, None) == ("one",)
