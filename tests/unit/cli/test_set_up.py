"""`depot set-up`, as a person at the terminal meets it."""

import json
from pathlib import Path

import pytest

from depotlib.cli.main import run_command
from tests.places import DATA
from tests.unit.workflows.test_set_up_depot import DUTIES, FLEET, SITE


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DEPOT_CLOCK", "2026-11-02T16:45:00+01:00")
    for name, text in (("site.toml", SITE), ("fleet.json", FLEET), ("duties.csv", DUTIES)):
        (tmp_path / name).write_text(text)
    return tmp_path


def printed(capsys: pytest.CaptureFixture, *arguments: str) -> tuple[int, dict]:
    code = run_command(["set-up", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_a_depot_is_set_up_step_by_step_until_nothing_is_missing(files: Path, capsys):
    code, first = printed(capsys, str(files / "site.toml"))
    assert (code, first["missing"]) == (3, ["a fleet", "duties", "a tariff"])
    run_command(["import", str(DATA / "tariffs" / "german_day_ahead_sample.toml")])
    capsys.readouterr()
    run_command(["tariffs", "show"])
    (tariff,) = json.loads(capsys.readouterr().out)

    code, said = printed(
        capsys,
        *("--fleet", str(files / "fleet.json"), "--duties", str(files / "duties.csv")),
        *("--tariff", tariff["tariff_id"]),
    )

    assert (code, said["missing"], said["notes"]) == (0, [], [])
    assert (said["stations"], said["vehicles"], said["duties"]) == (1, 1, 2)


def test_an_earlier_version_becomes_the_newest(files: Path, capsys):
    printed(capsys, str(files / "site.toml"))
    (files / "site.toml").write_text(SITE.replace("Our yard", "Their yard"))
    _, second = printed(capsys, str(files / "site.toml"))

    code, versions = printed(capsys, "--versions", "site", "--back-to", "1")
    _, third = printed(capsys)

    assert (second["name"], third["name"]) == ("Their yard", "Our yard")
    assert (code, [one["version"] for one in versions]) == (0, [3, 2, 1])


def test_what_is_said_of_the_needs_is_kept_and_what_is_not_said_stays(files: Path, capsys):
    printed(capsys, str(files / "site.toml"), "--must-reserve", "0.07")

    _, kept = printed(capsys, "--ready-before", "0.75")

    assert (kept["must_reserve_share"], kept["ready_before_h"]) == (0.07, 0.75)


def test_what_figures_are_shown_in_is_kept_and_what_is_no_unit_is_refused(files: Path, capsys):
    printed(capsys, str(files / "site.toml"), "--distance", "mi", "--temperature", "F")

    _, kept = printed(capsys)
    refused, said = printed(capsys, "--distance", "furlongs")

    assert (kept["display"]["distance"], kept["display"]["temperature"]) == ("mi", "F")
    assert refused == 2
    assert "display.distance" in said["error"]["what"]


@pytest.mark.parametrize(
    "arguments", [(), ("nowhere.toml",), ("--versions", "site", "--back-to", "7")]
)
def test_what_cannot_be_is_said_as_an_error(files: Path, capsys, arguments):
    code, said = printed(capsys, *arguments)

    assert code == 2
    assert said["error"]["what"]
    assert said["error"]["hint"]
