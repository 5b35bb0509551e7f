"""An import killed at any of its steps changes nothing, or all; done again, it makes good."""

import subprocess
import sys
from pathlib import Path

import pytest

from depotlib.settings import Settings
from depotlib.store.import_notes import noted_imports
from depotlib.store.imports import recorded_imports
from tests.places import ROOT
from tests.unit.store.killed_import import RAW, first_file, second_file, tariffs
from tests.unit.store.samples import everything


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("stride", "least_kills"), [(36, 2), pytest.param(1, 70, marks=pytest.mark.full)]
)
def test_an_import_killed_at_any_step_and_done_again_is_as_if_it_never_was(
    tmp_path: Path, stride: int, least_kills: int
):
    prepared, untouched, home = (Settings(home=tmp_path / name) for name in "abc")
    for one in (prepared, untouched):
        first_file(one)
    states = [everything(prepared.warehouse_path)]
    second_file(untouched)
    states.append(everything(untouched.warehouse_path))
    tariffs(untouched)
    states.append(everything(untouched.warehouse_path))
    kills = 0

    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.unit.store.killed_import",
         str(prepared.home), str(home.home), str(stride)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as children:  # fmt: skip
        assert children.stdin is not None
        assert children.stdout is not None
        while (ended := children.stdout.readline()) == "killed\n":
            kills += 1
            assert everything(home.warehouse_path) in states, f"killed for the {kills}th time"
            children.stdin.write("\n")
            children.stdin.flush()
            assert children.stdout.readline() == "again 0\n"
            assert everything(home.warehouse_path) == states[-1]
            assert noted_imports(home.raw_path) == recorded_imports(home.warehouse_path)
            assert [one.read_bytes() for one in home.raw_path.glob("*/*/[!.]*")] == [RAW.data]
            children.stdin.write("\n")
            children.stdin.flush()
        children.stdin.write("\n")
        children.stdin.flush()

    assert ended == "ended 0\n"
    assert kills >= least_kills
    assert everything(home.warehouse_path) == states[-1]
