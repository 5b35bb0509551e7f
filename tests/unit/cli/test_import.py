"""The door `depot import`, as docs/doors.md describes it."""

import json
import subprocess
import sys

import pytest

from depotlib.cli.main import run_command
from tests.places import DATA, ROOT, TEST_DATA

LEEDS = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"
LOG = TEST_DATA / "ingest" / "leeds_depot" / "log.csv"


@pytest.fixture
def depot(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path / "home"))

    def run(*arguments):
        code = run_command(["import", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, json.loads(captured.out), captured.err

    return run


def test_a_dry_run_prints_the_account_of_each_file(depot, tmp_path):
    code, printed, _ = depot(LOG, LEEDS, "--dry-run", "--json")

    log, leeds = printed["files"]
    # the sample as counted by hand in tests/data/ingest/expected.toml
    assert code == 0
    assert {key: log[key] for key in ("file", "source", "rows_in", "stored", "duplicates")} == {
        "file": str(LOG), "source": "leeds_depot", "rows_in": 10, "stored": 4, "duplicates": 1,
    }  # fmt: skip
    assert log["rejected"] == {
        "ends_before_start": 1, "negative_energy": 1, "blank": 1, "bad_time": 1,
        "contradicting_date": 1,
    }  # fmt: skip
    assert set(log["examples"]) == set(log["rejected"])
    assert log["examples"]["blank"][0]["row"] == 8
    assert (leeds["rows_in"], leeds["stored"]) == (432, 432)
    assert not (tmp_path / "home").exists()
    for file in printed["files"]:
        accounted = file["stored"] + file["duplicates"] + sum(file["rejected"].values())
        assert file["rows_in"] == accounted


def test_no_more_than_three_examples_of_a_reason_are_shown(depot, tmp_path):
    header = LEEDS.read_bytes().splitlines(keepends=True)[:2]
    (tmp_path / "blank.csv").write_bytes(b"".join(header) + b"\r\n" * 5)

    _, printed, _ = depot(tmp_path / "blank.csv", "--dry-run")

    assert printed["files"][0]["rejected"] == {"blank": 5}
    assert [each["row"] for each in printed["files"][0]["examples"]["blank"]] == [3, 4, 5]


def test_an_import_goes_to_the_home_that_is_named_and_a_second_one_is_a_repeat(depot, tmp_path):
    home = tmp_path / "elsewhere"

    first, second = depot(LEEDS, "--home", home), depot(LEEDS, "--home", home)

    assert (first[0], first[1]["files"][0]["stored"], first[1]["files"][0]["is_repeat"]) == (
        0, 432, False,
    )  # fmt: skip
    assert (second[1]["files"][0]["stored"], second[1]["files"][0]["is_repeat"]) == (0, True)
    assert (home / "warehouse.duckdb").exists()
    assert not (tmp_path / "home").exists()


def test_a_bad_file_is_named_with_exit_code_2_and_the_others_are_done(depot, tmp_path):
    code, printed, said = depot(tmp_path, LEEDS, tmp_path / "nowhere.csv")

    folder, leeds, missing = printed["files"]
    assert code == 2
    assert folder["error"] == printed["error"]
    assert set(printed["error"]) == {"what", "where", "hint"}
    assert "folder" in folder["error"]["what"]
    assert missing["error"]["where"].endswith("nowhere.csv")
    assert leeds["stored"] == 432
    assert "nowhere.csv" in said


def test_a_meter_is_read_as_the_options_say(depot, tmp_path):
    path = tmp_path / "meter.csv"
    path.write_text("time,kw\n2026-11-02 17:15,5\n2026-11-02 17:30,6\n")

    refused, printed, _ = depot(path, "--dry-run")
    code, told, _ = depot(
        path, "--dry-run", "--time-zone", "Europe/Paris", "--stamps", "end", "--meter-id", "main"
    )

    assert refused == 2
    assert "--time-zone" in printed["error"]["hint"]
    assert (code, told["files"][0]["stored"], told["files"][0]["findings"]) == (0, 2, [])


@pytest.mark.parametrize("arguments", [[], ["--stamps", "middle", str(LEEDS)], ["--fast"]])
def test_a_call_that_makes_no_sense_is_refused_as_json(depot, arguments):
    code, printed, _ = depot(*arguments)

    assert code == 2
    assert "depot import" in printed["error"]["where"]


def test_the_door_answers_in_a_process_of_its_own(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "depotlib", "import", str(LEEDS), "--dry-run"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"][0]["rows_in"] == 432
