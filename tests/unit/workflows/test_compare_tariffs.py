"""Tariffs beside each other on the same load, and on the same stays planned anew."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from depotlib.cli.main import run_command
from depotlib.errors import MissingFileError, RecordMissingError
from depotlib.settings import Settings
from depotlib.workflows.compare_tariffs import History, compare_files, compare_stored
from depotlib.workflows.import_files import GivenFile, import_files
from depotlib.workflows.show_tariff import show_tariff

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LOG = """\
TransactionID,Device,Site,StationName,Start,End,Account,Total_Energy (kWh),Duration,Meter Start (kWh),Meter End (kWh)
1,1,UK-1,Yard,03/08/2020 20:00,04/08/2020 06:00,Fleet,14.4,10:00:00,0,14.4
2,2,UK-2,Yard,03/08/2020 20:00,04/08/2020 06:00,Fleet,14.4,10:00:00,0,14.4
"""


def record(label: str, *, per_kwh: float, per_kw: float = 0.0, per_month: float = 0.0) -> str:
    """Return a URDB record with one price for every kWh, kW and month."""
    return json.dumps(
        {
            "label": label,
            "name": label,
            "utility": "Test",
            "energyratestructure": [[{"rate": per_kwh}]],
            "energyweekdayschedule": [[0] * 24] * 12,
            "energyweekendschedule": [[0] * 24] * 12,
            "flatdemandstructure": [[{"rate": per_kw}]],
            "flatdemandmonths": [0] * 12,
            "fixedchargefirstmeter": per_month,
            "fixedchargeunits": "$/month",
        }
    )


def stored(tmp_path: Path, tariffs: Sequence[str]) -> Settings:
    settings = Settings(home=tmp_path / "home")
    files = [GivenFile(f"{number}.json", text.encode()) for number, text in enumerate(tariffs)]
    for file in import_files(
        [GivenFile("log.csv", LOG.encode()), *files], settings=settings, now=NOW
    ):
        assert file.error is None
    return settings


YARD = History(site="Yard", time_zone="Europe/London", max_kw=7.2)


def test_a_demand_charge_is_dear_for_the_past_and_cheap_for_the_plan(tmp_path: Path):
    demand = record("demand", per_kwh=0.10, per_kw=10.0)
    energy = record("energy", per_kwh=2.0)
    settings = stored(tmp_path, [demand, energy])

    first, second = compare_stored(settings, YARD, tariff_ids=["energy", "demand"]).tariffs

    # Past: two vans at 7.2 kW at once, 28.8 kWh. Planned: 28.8 kWh over ten hours is 2.88 kW.
    assert (first.tariff_id, second.tariff_id) == ("demand", "energy")
    assert first.past is not None
    assert first.planned is not None
    assert (first.past.peak_kw, first.planned.peak_kw) == pytest.approx((14.4, 2.88), abs=1e-3)
    assert float(first.past.total_amount) == pytest.approx(0.10 * 28.8 + 10 * 14.4)
    assert float(first.planned.total_amount) == pytest.approx(0.10 * 28.8 + 10 * 2.88, abs=0.01)
    assert second.past is not None
    assert second.planned is not None
    # Without a demand charge, and one price at all hours, there is nothing to plan for.
    assert second.past.total_amount == second.planned.total_amount
    assert float(second.past.total_amount) == pytest.approx(57.60)


def test_bills_of_a_load_are_ranked_and_a_record_that_cannot_be_billed_is_last(tmp_path: Path):
    load = tmp_path / "load.csv"
    hours = [f"2026-06-{1 + at // 24:02d}T{at % 24:02d}:00Z,100" for at in range(720)]
    load.write_text("interval_start,power_kw\n" + "\n".join(hours) + "\n")
    paths = [tmp_path / name for name in ("base.json", "flat.json")]
    paths[0].write_text(record("base", per_kwh=0.10, per_kw=15.0, per_month=100.0))
    paths[1].write_text(record("flat", per_kwh=0.12))

    comparison = compare_files(load, paths, time_zone="UTC")

    # June, 100 kW throughout: golden case G1 is 8,800; 72,000 kWh at 0.12 are 8,640.
    totals = {one.tariff_id: float(one.past.total_amount) for one in comparison.tariffs if one.past}
    assert list(totals.items()) == [("flat", 8640.0), ("base", 8800.0)]
    assert all(one.planned is None for one in comparison.tariffs)


def test_a_site_without_sessions_is_refused(tmp_path: Path):
    settings = stored(tmp_path, [record("energy", per_kwh=0.1)])

    with pytest.raises(RecordMissingError, match="no sessions of 'nowhere'"):
        compare_stored(
            settings,
            History(site="nowhere", time_zone="UTC", max_kw=7.2),
            tariff_ids=["energy"],
        )


def test_the_command_compares_shows_and_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    settings = stored(tmp_path, [record("energy", per_kwh=0.10)])
    monkeypatch.setenv("DEPOT_HOME", str(settings.home))
    other = tmp_path / "other.json"
    other.write_text(record("other", per_kwh=0.20))

    assert run_command(["tariffs", "import", str(other)]) == 0
    imported = json.loads(capsys.readouterr().out)
    assert run_command(["tariffs", "compare", "--site", "Yard", "--json"]) == 0
    compared = json.loads(capsys.readouterr().out)
    assert run_command(["tariffs", "show", "other"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)

    assert imported[0]["report"]["stored"] == 1
    assert [one["id"] for one in compared["tariffs"]] == ["energy", "other"]
    assert compared["tariffs"][1]["past"]["total"] == pytest.approx(5.76)  # 28.8 kWh at 0.20
    assert shown["name"] == "other"
    assert 'kind = "energy"' in shown["text"]


def test_compare_needs_a_load_or_a_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))

    assert run_command(["tariffs", "compare"]) == 2
    assert "either a load or a site" in capsys.readouterr().out


def test_what_is_neither_file_nor_stored_is_named(tmp_path: Path):
    settings = stored(tmp_path, [record("energy", per_kwh=0.1)])

    with pytest.raises(RecordMissingError):
        show_tariff(settings, "nothing")
    with pytest.raises(MissingFileError):
        compare_files(tmp_path / "no.csv", [])
