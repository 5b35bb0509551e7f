"""``depot study``: JSON on stdout, progress on stderr, exit 3 where something is missing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from depotlib.cli.main import run_command
from depotlib.settings import Settings
from depotlib.workflows.load_demo import load_demo
from depotlib.workflows.study_file import study_from_file
from tests.study_files import STUDY, write_study
from tests.unit.store.samples import import_sessions, session


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, object], str]:
    code = run_command(["study", *map(str, words)])
    out, err = capsys.readouterr()
    return code, json.loads(out), err


def test_a_study_is_run_shown_and_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file, here = write_study(tmp_path), ("--folder", tmp_path / "rows", "--jobs", 0)

    part = said(capsys, "run", file, *here, "--shard", "1/2")
    early = said(capsys, "show", file, *here)
    rest = said(capsys, "run", file, *here)
    shown = said(capsys, "show", file, *here, "--measure", "bill")
    compared = said(
        capsys, "compare", file, *here, "--first", "operating_limit_kw=20.0",
        "--second", "operating_limit_kw=60.0", "--measure", "peak_kw", "--most-seeds", 4,
    )  # fmt: skip
    alike = said(
        capsys, "break-even", file, *here, "--second", "tariff=same", "--span", "0:40",
    )  # fmt: skip

    assert (part[0], part[1]["done"], early[0], early[1]["found"]) == (0, 4, 3, 4)
    assert (rest[0], rest[1]["found"], rest[1]["done"]) == (0, 4, 4)
    assert "8 of 8 scenarios (4 were there, 0 failed)" in rest[2]
    assert (shown[0], len(shown[1]["points"])) == (0, 4)
    assert shown[1]["points"][0]["bill_low"] is not None
    assert compared[1]["answer"] == "more"
    assert abs(alike[1]["at_value"] - 15) < 0.1


def test_a_study_with_failures_falls_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = write_study(tmp_path, text=STUDY.replace("[20.0, 60.0]", "[500.0]"))

    code, answer, _ = said(capsys, "run", file, "--folder", tmp_path / "rows", "--jobs", 0)

    again, still, _ = said(capsys, "run", file, "--folder", tmp_path / "rows", "--jobs", 0)

    assert (code, answer["failed"]) == (3, 4)
    assert (again, still["failed"]) == (3, 4)


@pytest.mark.parametrize("wrong", [("--shard", "one"), ("--shard", "3/2")])
def test_a_part_that_is_none_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: tuple[str, str]
):
    code, answer, _ = said(capsys, "run", write_study(tmp_path), "--jobs", 0, *wrong)

    assert code == 2
    assert "1/4 to 4/4" in answer["error"]["hint"]


def test_a_span_that_is_none_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, answer, _ = said(
        capsys, "break-even", write_study(tmp_path), "--jobs", 0, "--span", "wide"
    )

    assert (code, answer["error"]["where"]) == (2, "--span")


def test_a_back_test_of_the_store_says_what_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path / "home"))
    begins = datetime(2026, 9, 7, 18, tzinfo=UTC)
    import_sessions(
        Settings(home=tmp_path / "home").warehouse_path,
        *(
            session(
                f"{at}", row=at + 1, plug_start=begins + timedelta(days=at),
                plug_end=begins + timedelta(days=at, hours=8), energy_wall_kwh=10.0 + at % 2,
            )
            for at in range(60)
        ),
    )  # fmt: skip

    code, answer, _ = said(capsys, "back-test", "--time-zone", "Europe/London", "--power", 7.2)
    refused, why, _ = said(capsys, "back-test", "--day-begins", "noon")
    nothing, needed, _ = said(capsys, "show")

    # Sixty sessions of which the first and the last day do not count: 29 days foretell 29. Every
    # day is like the others, so all bands hold all of them: more than a band of 80 % should.
    assert (code, answer["known_days"], answer["tested_days"]) == (3, 29, 29)
    assert [one["covered_share"] for one in answer["measures"]] == [1.0, 1.0, 1.0]
    assert (refused, nothing) == (2, 2)
    assert why["error"]["where"] == "--day-begins"
    assert needed["error"]["where"] == "FILE"


def test_a_study_of_tonights_depot_is_declared_as_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    clock = "2026-11-02T16:45:00-05:00"
    settings = Settings(home=tmp_path, clock=clock)
    load_demo(settings, now=settings.depot_clock().now())
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    monkeypatch.setenv("DEPOT_CLOCK", clock)

    code = run_command(["declare-study", "points", "--axis", "dc_stations=6,8", "--seeds", "2"])

    answer = json.loads(capsys.readouterr().out)
    declared = study_from_file(Path(answer["study"]))[0]
    assert code == 0
    assert {"dwells.csv", "stations.csv", "study.toml"} <= set(answer["tables"])
    assert [(axis.name, axis.values) for axis in declared.axes] == [("dc_stations", (6, 8))]
    assert len(declared.seeds) == 2
    # data/demo/site.toml: AC stations of one phase, DC of three; data/demo/fleet.json: vans of one.
    tables = Path(answer["study"]).parent
    stations = pl.read_csv(tables / "stations.csv")
    assert set(stations.select("pool", "phases").iter_rows()) == {("ac", 1), ("dc", 3)}
    dwells = pl.read_csv(tables / "dwells.csv")
    assert set(dwells.filter(pl.col("pool") == "ac")["ac_phases"]) == {1}
