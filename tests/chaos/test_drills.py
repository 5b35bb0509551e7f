"""Every go-live drill passes as the depot is shipped, and fails once its defence is taken out."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from depotlib.drills.campaign import play_drill
from depotlib.drills.drill import Program, Verdict
from depotlib.drills.registry import DRILLS, drills_named
from depotlib.settings import Settings
from tests.chaos.undefended import WITHOUT
from tests.places import ROOT

pytestmark = pytest.mark.chaos

UNDEFENDED = ROOT / "tests" / "chaos" / "undefended.py"


class Defence(NamedTuple):
    """What is taken out of a process, and the figures of the drill that then do not hold."""

    name: str
    broken: tuple[str, ...]
    program: Program = "gateway"


DEFENCES = {
    "simultaneous": Defence("safe_limit", ("most that any station gave",)),
    "identities": Defence("policy", ("most that a stranger draws whom nobody planned for",)),
    "offline": Defence(
        "lease_end", ("most power after the lease had lapsed, without a connection",)
    ),
    "priority": Defence(
        "changed_departures", ("energy of the van at its departure",), program="dispatch"
    ),
    "slow-firmware": Defence("waiting_for_answers", ("highest power of the site meanwhile",)),
    "disobedience": Defence(
        "meter_proof",
        (
            "meter samples until a station that ignores its limit is caught",
            "highest power of the site",
        ),
    ),
    "blackout": Defence(
        "meter_stand_in",
        ("most that what is believed of a van's charge is off at departure",),
        program="dispatch",
    ),
    "killed": Defence("memory", ("sessions told twice",)),
    "base-load-jump": Defence("window", ("mean of the window, the building included",)),
    "connection-lost": Defence("whole_leases", ("energy delivered, of the plan's",)),
    "grid-limit": Defence(
        "grid_limits", ("highest power under the utility's limit once it was reached",)
    ),
    "sleepers": Defence("wake_ritual", ("vans that missed what there was time for",)),
}
"""One a drill. `tests/chaos/undefended.py` says what each is."""
SHORT = "disobedience"
LONG = sorted(set(DEFENCES) - {SHORT})


def played(name: str, folder: Path) -> Verdict:
    (drill,) = drills_named(name)
    return play_drill(drill, keep=folder)


def played_without_defence(name: str, folder: Path) -> Verdict:
    (drill,) = drills_named(name)
    defence = DEFENCES[name]
    command = (sys.executable, str(UNDEFENDED), defence.name, defence.program)
    return play_drill(drill, keep=folder, commands={defence.program: command})


def told(verdict: Verdict) -> str:
    figures = [f"{one.name}: {one.number} {one.unit}" for one in verdict.figures]
    return "; ".join([verdict.name, verdict.trouble, *figures])


def test_every_drill_names_a_defence_that_can_be_taken_out():
    assert {one.name for one in DRILLS} == set(DEFENCES)
    assert {one.name for one in DEFENCES.values()} == set(WITHOUT)


def test_disobedience_is_caught_and_the_site_keeps_its_limit(tmp_path):
    verdict = played(SHORT, tmp_path)

    # Not `is_passed`: how soon it was is the machine's as well.
    assert verdict.is_proven, told(verdict)


def test_without_proof_in_the_meters_the_drill_of_disobedience_fails(tmp_path):
    verdict = played_without_defence(SHORT, tmp_path)

    assert not verdict.trouble
    assert set(DEFENCES[SHORT].broken) <= set(verdict.failed()), told(verdict)


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", LONG)
def test_a_drill_passes(name, tmp_path):
    verdict = played(name, tmp_path)

    assert verdict.is_passed, told(verdict)


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", LONG)
def test_a_drill_fails_without_its_defence(name, tmp_path):
    verdict = played_without_defence(name, tmp_path)

    assert not verdict.trouble
    assert not verdict.is_proven
    assert set(DEFENCES[name].broken) <= set(verdict.failed()), told(verdict)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_the_command_writes_a_dated_report(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "depotlib", "drill", SHORT, "--report", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    answer = json.loads(done.stdout)
    report = json.loads(Path(answer["json"]).read_text())
    assert done.returncode == 0, done.stderr
    assert [one["name"] for one in report["drills"]] == [SHORT]
    assert f"{SHORT}: passed" in Path(answer["report"]).read_text()


def test_no_setting_takes_a_defence_out():
    words = {word for name in WITHOUT for word in (name, name.replace("_", "-"))}

    assert not words & set(Settings.model_fields)
