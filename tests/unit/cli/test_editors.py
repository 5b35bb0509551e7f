"""What the pages edit can be edited at a terminal: duties, bays, classes, tariffs; and the tour."""

import json

import pytest

from depotlib.cli.main import run_command
from tests.places import DATA
from tests.unit.workflows.test_set_up_depot import DUTIES, FLEET, SITE

TARIFF = DATA / "tariffs" / "german_day_ahead_sample.toml"


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """Return what a command prints, with its code, at a depot of one van."""
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DEPOT_CLOCK", "2026-11-02T16:45:00+01:00")
    for name, text in (("site.toml", SITE), ("fleet.json", FLEET), ("duties.csv", DUTIES)):
        (tmp_path / name).write_text(text)
    files = [str(tmp_path / name) for name in ("site.toml", "fleet.json", "duties.csv")]
    run_command(["set-up", files[0], "--fleet", files[1], "--duties", files[2]])
    capsys.readouterr()

    def run(*arguments: str):
        code = run_command(list(arguments))
        return code, json.loads(capsys.readouterr().out)

    return run


def test_duties_are_printed_edited_and_saved(told, tmp_path):
    _, rows = told("duties")
    rows[0]["distance_km"] = 12.5
    (tmp_path / "rows.json").write_text(json.dumps(rows))

    code, saved = told("duties", str(tmp_path / "rows.json"))

    # tests/unit/workflows/test_set_up_depot.py: two duties of 80 km.
    assert (code, [one["distance_km"] for one in saved]) == (0, [12.5, 80.0])
    assert told("duties")[1] == saved
    (tmp_path / "rows.json").write_text("{}")
    assert told("duties", str(tmp_path / "rows.json"))[0] == 2


def test_bays_are_laid_out_printed_edited_and_saved(told, tmp_path):
    # tests/unit/workflows/test_set_up_depot.py: one bay, at 52.5, 13.4, so that is the corner.
    code, first = told("bays")
    assert (code, first["bays"]) == (0, [{"connector_id": "A/1", "east_m": 0.0, "north_m": 0.0}])

    _, laid = told(
        *("bays", "--corner", "52.5,13.4", "--width", "40", "--depth", "20"),
        *("--per-row", "5", "--of", "all", "--begin", "12,4.5"),
    )
    laid["bays"][0]["north_m"] = 60.0
    (tmp_path / "rows.json").write_text(json.dumps(laid))
    _, edited = told("bays", str(tmp_path / "rows.json"))

    assert laid["yard"]["width_m"] == 40.0
    assert edited["bays"] == [{"connector_id": "A/1", "east_m": 12.0, "north_m": 60.0}]
    # The yard reaches 20 m to the north.
    assert edited["notes"] == ["A/1 is 60.0 m north of the corner: far outside the yard."]
    # 60 m north are 60 / 111,195 = 0.00054 degrees.
    degrees = told("bays", "--degrees")[1]["bays"][0]
    assert degrees["latitude_degrees"] == pytest.approx(52.50054, abs=1e-6)
    assert [one["version"] for one in told("set-up", "--versions", "site")[1]] == [3, 2, 1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--corner", "52.5"),
        ("--corner", "north,east"),
        ("--per-row", "0", "--of", "all"),
        ("--per-row", "3"),
        ("nowhere.json",),
    ],
)
def test_bays_that_cannot_be_are_told(told, arguments):
    code, said = told("bays", *arguments)

    assert code == 2
    assert said["error"]["hint"]


def test_a_class_is_filled_from_a_model(told):
    code, filled = told("library", "Ford e transit (2025)", "--fills", "van")

    # data/vehicles/fleet_ev_specs.csv, and the consumption that the fleet had.
    assert (code, filled["usable_kwh"], filled["consumption_kwh_per_km"]) == (0, 64.0, 0.3)
    assert told("library", "Nobody's van", "--fills", "van")[0] == 2
    assert len(told("library")[1]) > 20


def test_a_tariff_gets_a_version_and_an_earlier_one_back(told, tmp_path):
    _, first = told("edit-tariff", "any", "--text", str(TARIFF))
    (tmp_path / "other.toml").write_text(f"# another\n{first['text']}")
    _, second = told("edit-tariff", "any", "--text", str(tmp_path / "other.toml"))

    _, third = told("edit-tariff", first["tariff_id"], "--back-to", "1")

    assert [len(one["versions"]) for one in (first, second, third)] == [1, 2, 3]
    assert third["text"] == first["text"]


def test_the_tour_of_the_demo_is_none_elsewhere(told):
    code, said = told("tour", "--begin", "--by", "ann")

    assert (code, said["by"], said["is_taken"]) == (0, "ann", False)
    assert [one["step"] for one in said["steps"]] == ["load", "plan", "push", "landed"]
