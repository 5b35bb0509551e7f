"""Drills as a list, their verdicts and their dated report."""

import json
import re
import sys
from datetime import UTC, datetime

import pytest

from depotlib.cli.main import run_command
from depotlib.drills.campaign import play_drill, play_drills
from depotlib.drills.drill import Drill, Stage, at_least, at_most, told
from depotlib.drills.processes import drill_depot
from depotlib.drills.registry import DRILLS, drills_named
from depotlib.drills.report import report_json, report_page, write_report
from depotlib.drills.yard import YardPlan
from depotlib.errors import InputError, ProcessError
from tests.places import ROOT

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
YARD = YardPlan(count=1, service_kw=10.0, operating_kw=9.0)


def drill(name: str, *figures) -> Drill:
    return Drill(name, "Something <goes> wrong", "it is well", "care", 1, lambda _: figures)


GOOD = drill("good", at_most("power", 3.0, bound=3.0, unit="kW"), told("seen", 7.0, unit="vans"))
SLOW = drill("slow", at_most("answer", 3.1, bound=3.0, unit="s", is_speed=True))
NEVER = drill("never", at_most("power", None, bound=3.0, unit="kW"))
SHORT = drill("short", at_least("energy", 2.9994, bound=3.0, unit="kWh"))


def dead(stage):
    with drill_depot(stage, YARD.site_toml(), speed_factor=1.0) as depot:
        depot.publish()
        depot.start_gateway()
    return ()


def test_a_figure_passes_only_within_its_bound_and_what_never_was_passes_nothing():
    verdicts = play_drills([GOOD, SLOW, NEVER, SHORT])

    assert [one.is_passed for one in verdicts] == [True, False, False, False]
    # How fast it was is the machine's as well: it proves nothing against the software.
    assert [one.is_proven for one in verdicts] == [True, True, False, False]
    assert [one.failed() for one in verdicts] == [(), ("answer",), ("power",), ("energy",)]


def test_a_process_that_does_not_come_up_is_the_drills_trouble_and_the_next_is_played(tmp_path):
    gone = Drill("gone", "Nothing runs", "it runs", "none", 1, dead)
    command = (sys.executable, "-c", "import sys; sys.exit('no gateway today')")

    verdict = play_drill(gone, keep=tmp_path, commands={"gateway": command})

    assert "the gateway ended with code 1: no gateway today" in verdict.trouble
    assert not verdict.is_proven
    with pytest.raises(ProcessError, match="no gateway today"):
        gone.play(Stage(tmp_path / "again", {"gateway": command}))


def test_the_report_says_every_figure_to_programs_and_to_people(tmp_path):
    verdicts = play_drills([GOOD, NEVER])

    report = write_report(tmp_path / "drills", verdicts, made_at=NOW)

    text = report.json_path.read_text()
    assert text == report_json(verdicts, made_at=NOW)
    answer = json.loads(text)
    assert (answer["passed"], answer["made_at"]) == (1, NOW.isoformat())
    assert [one["is_passed"] for one in answer["drills"]] == [True, False]
    assert [one["number"] for one in answer["drills"][0]["figures"]] == [3.0, 7.0]
    assert answer["drills"][1]["figures"][0]["number"] is None
    page = report.page_path.read_text()
    assert page == report_page(verdicts, made_at=NOW)
    assert "1 of 2 passed" in page
    assert "Something &lt;goes&gt; wrong" in page
    assert re.search(r'class="failed"><td>power</td><td class="number">never', page)
    assert report.page_path.name == "drills-20261121T063000Z.html"


def test_a_drill_is_named_or_the_names_are_told(capsys):
    with pytest.raises(InputError, match="no drill 'fire'"):
        drills_named("fire")

    assert drills_named("all") == DRILLS
    assert [run_command(["drill", "--list"]), run_command(["drill", "fire"])] == [0, 2]
    listed, refused = map(json.loads, capsys.readouterr().out.splitlines())
    assert [one["name"] for one in listed["drills"]] == [one.name for one in DRILLS]
    assert "offline" in refused["error"]["hint"]


def test_the_page_about_drills_describes_every_drill_and_no_other():
    text = (ROOT / "docs" / "drills.md").read_text()
    rows = re.findall(r"^\| `([\w-]+)` \| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)

    assert rows == [(one.name, one.title, one.passes_when, one.defence) for one in DRILLS]
