"""The peak worth paying for in a month, from nights of the Leeds log."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from depotlib.cli.main import run_command
from depotlib.errors import MonthError
from depotlib.settings import Settings
from depotlib.workflows.import_files import import_files
from depotlib.workflows.month_targets import month_targets
from depotlib.workflows.plan_past_night import PastNight
from tests.places import DATA

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LOG = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"
AUGUST = PastNight(evening=date(2020, 8, 1), tariff_id="5e17b27c5457a3556573e3af")


@pytest.fixture(scope="module")
def leeds(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("leeds"))
    tariff = DATA / "tariffs" / "pge_b19_secondary_2020.json"
    for file in import_files([LOG, tariff], settings=settings, now=NOW):
        assert file.error is None
    return settings


def test_every_demand_charge_of_the_month_gets_a_target(leeds: Settings):
    answer = month_targets(leeds, AUGUST, samples=3, seed=0)

    # B-19 bills the highest quarter-hour of all and, in summer, of part-peak and peak hours: periods
    # 2 and 3 of its record, which counts from 0.
    names = [one.name for one in answer.targets]
    assert names == ["Flat demand", "TOU demand, period 3", "TOU demand, period 4"]
    assert {len(one.sampled_kw) for one in answer.targets} == {3}
    # Flattened, the month needs far less than the 43.2 kW of six vans at once that happened.
    flat = answer.targets[0]
    assert 0 < flat.target_kw < 43.2
    assert flat.sampled_kw[0] <= flat.target_kw <= flat.sampled_kw[-1]
    assert answer.month.start == datetime(2020, 7, 31, 23, tzinfo=UTC)  # Leeds is an hour ahead


def test_a_history_of_a_few_nights_is_refused(leeds: Settings):
    with pytest.raises(MonthError, match="0 nights"):
        month_targets(leeds, replace(AUGUST, site="nowhere"), samples=3, seed=0)


def test_the_command_prints_the_same_targets(
    leeds: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DEPOT_HOME", str(Path(leeds.home)))

    code = run_command(["targets", "--month", "2020-08", "--samples", "2"])

    printed = json.loads(capsys.readouterr().out)
    again = month_targets(leeds, AUGUST, samples=2, seed=0)
    assert code == 0
    assert [one["target_kw"] for one in printed["targets"]] == [
        one.target_kw for one in again.targets
    ]
