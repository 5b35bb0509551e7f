"""``depot explain``: JSON for programs, sentences for people, its own exit code when short."""

import json

import pytest

from depotlib.cli.main import run_command
from depotlib.settings import Settings
from tests.unit.conftest import AFTERNOON


@pytest.fixture
def explain(capsys, monkeypatch, loaded_demo: Settings):
    """Return a runner of the command on the demo depot, with the reference night's own clock."""

    def runner(*arguments: str):
        monkeypatch.setenv("DEPOT_HOME", str(loaded_demo.home))
        monkeypatch.setenv("DEPOT_CLOCK", AFTERNOON.isoformat())
        code = run_command(["explain", "--ignore-occupancy", *arguments])
        captured = capsys.readouterr()
        return code, json.loads(captured.out), captured.err

    return runner


def test_explain_prints_data_and_the_sentences_for_people(explain):
    code, printed, told = explain("--text")

    assert code == 0
    assert [cut["name"] for cut in printed["peaks"]] == ["Flat demand", "TOU demand, period 2"]
    assert {len(printed[name]) for name in ("conflicts", "repairs")} == {0}
    assert len(printed["chances"]) == 60
    assert printed["duties"]["repairs"] == []
    assert told.count("\n- ") == len(printed["sentences"]) - 1
    assert f"- {printed['sentences'][0]}\n" in told


@pytest.mark.full
def test_a_night_that_falls_short_is_explained_and_has_its_own_exit_code(explain):
    code, printed, _ = explain("--site-limit", "179")

    assert code == 3
    assert printed["conflicts"][0]["facts"]
    assert printed["repairs"][0]["cures"]
    assert printed["repairs"][0]["after"]["ready"] == 60
