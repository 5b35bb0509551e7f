import subprocess
import sys
from pathlib import Path

import pytest

from depotlib.store.imports import write_import
from tests.places import ROOT
from tests.unit.store.killed_import import second_file
from tests.unit.store.samples import (
    NOON,
    everything,
    import_meter,
    import_sessions,
    import_telematics,
    meter_row,
    reading_of,
    session,
)


def first_files(path: Path) -> None:
    import_sessions(path, session("a", row=1), session("b", row=2))
    import_telematics(path, reading_of("v1", minute=0, row=1, soc=0.5))
    import_meter(path, meter_row(minute=0, power_kw=10.0, row=1))


@pytest.mark.slow
@pytest.mark.chaos
def test_an_import_killed_at_any_step_leaves_the_warehouse_as_before(tmp_path: Path):
    path, untouched = tmp_path / "killed.duckdb", tmp_path / "untouched.duckdb"
    for one in (path, untouched):
        first_files(one)
    before = everything(path)
    write_import(untouched, second_file(), imported_at=NOON)
    after = everything(untouched)
    kills = 0

    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.unit.store.killed_import", str(path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as children:  # fmt: skip
        assert children.stdin is not None
        assert children.stdout is not None
        while (ended := children.stdout.readline()) == "killed\n":
            kills += 1
            assert everything(path) == before, f"killed before word {kills}"
            children.stdin.write("\n")
            children.stdin.flush()

    assert ended == "ended 0\n"
    # An import says more than twenty words to DuckDB: each was once the first one unsaid.
    assert kills > 20
    assert everything(path) == after
