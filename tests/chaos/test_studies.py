"""Studies in real processes: workers and runner killed, a cluster, and not one result lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
import pytest
from distributed import KilledWorker, LocalCluster

from depotlib.errors import StudyError
from depotlib.studies.cluster import ClusterWorkers
from depotlib.studies.pool import MOST_DEATHS, LocalWorkers
from depotlib.studies.row_folder import REASON, RowFolder
from depotlib.studies.runner import Progress, RunOrder, run_cases
from tests.places import ROOT
from tests.study_scenarios import ADDED, Sum, added, attempts, case_of, contents, sums

pytestmark = pytest.mark.chaos

RUNNER = """
import sys
from pathlib import Path
from depotlib.studies.pool import MOST_DEATHS, LocalWorkers
from depotlib.studies.row_folder import RowFolder
from depotlib.studies.runner import run_cases
from tests.study_scenarios import ADDED, sums

if __name__ == "__main__":
    marks, rows = sys.argv[1:]
    cases = sums(400, marks=marks)
    run_cases(cases, RowFolder(Path(rows)), order=ADDED, workers=LocalWorkers(2))
"""


@contextmanager
def local_cluster() -> Iterator[LocalCluster]:
    """Start two workers that are started again however long that takes on a busy machine."""
    # After 15 s, its default, a local cluster lets go of a worker that is not back: of both, here.
    with (
        dask.config.set({"distributed.deploy.lost-worker-timeout": "10 minutes"}),
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
    ):
        yield cluster


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    (folder := tmp_path / "marks").mkdir()
    return folder


@pytest.fixture
def pool():
    workers = LocalWorkers(2)
    yield workers
    workers.close()


@pytest.mark.full
def test_a_worker_killed_twice_loses_nothing_and_a_poisoned_scenario_stands_alone(
    tmp_path: Path, marks: Path, pool: LocalWorkers
):
    twice, always = Sum(100, 0.5, "2", str(marks)), Sum(101, 0.5, "99", str(marks))
    endless = Sum(102, 0.5, "never ends")
    healthy = sums(12)
    cases = (*healthy[:3], case_of(twice), case_of(always), *healthy[3:])
    folder = RowFolder(tmp_path / "rows")

    ended = run_cases(cases, folder, order=ADDED, workers=pool)
    slow = run_cases([case_of(endless)], folder, order=RunOrder(added, most_s=0.2), workers=pool)

    read = folder.read([case.scenario_id for case in cases])
    assert (ended.done, ended.failed) == (14, 1)
    assert read["sum_amount"].to_list() == [
        0.5,
        1.5,
        2.5,
        100.5,
        None,
        *(n + 0.5 for n in range(3, 12)),
    ]
    assert f"its worker died {MOST_DEATHS} times" in read[REASON][4]
    # Together with others it may have died once more.
    assert attempts(marks)[100] == 3
    assert attempts(marks)[101] in {MOST_DEATHS, MOST_DEATHS + 1}
    assert (slow.failed, slow.deaths) == (1, MOST_DEATHS)
    assert "longer than 0.2 s" in folder.read([case_of(endless).scenario_id])[REASON][0]


def test_after_a_kill_of_the_runner_only_what_is_missing_is_run(tmp_path: Path, marks: Path):
    folder = RowFolder(tmp_path / "rows")
    cases = sums(400, marks=str(marks))
    script = tmp_path / "runner.py"
    script.write_text(RUNNER)
    runner = subprocess.Popen(
        [sys.executable, str(script), str(marks), str(folder.path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    deadline = time.monotonic() + 60
    while len(list(folder.path.glob("*/*.parquet"))) < 20 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(runner.pid, signal.SIGKILL)
    runner.wait()
    kept = [case.scenario_id for case in cases if folder.is_whole(case.scenario_id)]
    # A worker ends with its runner; one that is inside a scenario may leave its mark first.
    ended = run_again(cases, folder)

    assert 20 <= len(kept) < 400
    assert ended.found >= len(kept)
    assert ended.found + ended.done == 400
    assert ended.failed == 0
    tried = attempts(marks)
    again = [number for number, times in tried.items() if times > 1]
    assert set(tried) == set(range(400))
    assert not {case.scenario_id for case in cases if case.scenario.left in again} & set(kept)
    # What was out with two workers: at most two waiting for each and what was on its way back.
    assert len(again) <= 6


def run_again(cases, folder: RowFolder) -> Progress:
    workers = LocalWorkers(0)
    ended = run_cases(cases, folder, order=ADDED, workers=workers)
    workers.close()
    return ended


def test_a_cluster_gives_the_same_bytes_and_survives_its_workers(tmp_path: Path, marks: Path):
    twice = case_of(Sum(100, 0.5, "2", str(marks)))
    cases = (*sums(8), case_of(Sum(7, 1.0, "refuses")), twice)
    there, here = RowFolder(tmp_path / "there"), RowFolder(tmp_path / "here")
    with local_cluster() as cluster:
        workers = ClusterWorkers(cluster.scheduler_address)

        ended = run_cases(cases, there, order=ADDED, workers=workers)
        # The scheduler says this of all that its dead workers had in hand, the innocent included.
        given_up = workers.is_death(KilledWorker("evaluated", None, 3))
        workers.close()

    run_again(cases, here)
    assert given_up
    assert ended == Progress(total=10, done=10, failed=1)
    assert attempts(marks)[100] == 4
    assert contents(there.path, cases) == contents(here.path, cases)


@pytest.mark.full
def test_on_a_cluster_a_scenario_that_kills_its_workers_is_a_row_and_the_others_end(
    tmp_path: Path, marks: Path
):
    poison = case_of(Sum(100, 0.5, "99", str(marks)))
    healthy = sums(4)
    cases = (*healthy[:2], poison, *healthy[2:])
    there, here = RowFolder(tmp_path / "there"), RowFolder(tmp_path / "here")
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}), local_cluster() as cluster:
        workers = ClusterWorkers(cluster.scheduler_address)

        ended = run_cases(cases, there, order=ADDED, workers=workers)
        # Run again, it is not tried again: a row with a reason is a result.
        again = run_cases(cases, there, order=ADDED, workers=workers)
        workers.close()

    run_again(healthy, here)
    assert (ended.total, ended.done, ended.failed) == (5, 5, 1)
    assert (again.found, again.done) == (5, 0)
    reason = there.read([poison.scenario_id])[REASON][0]
    assert "one worker after another died of it" in reason
    # The scheduler gives up after one failure more than the first; alone it is tried anew.
    assert attempts(marks)[100] == 2 * 2
    assert contents(there.path, healthy) == contents(here.path, healthy)


def test_a_cluster_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("depotlib.studies.cluster.PATIENCE_S", 0.5)

    with pytest.raises(StudyError, match="no cluster") as caught:
        ClusterWorkers("tcp://127.0.0.1:1")

    assert caught.value.where == "tcp://127.0.0.1:1"


def test_a_script_that_its_workers_cannot_read_is_told(tmp_path: Path):
    script = tmp_path / "unguarded.py"
    script.write_text("from depotlib.studies.pool import LocalWorkers\nLocalWorkers(1)\n")

    ended = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "StudyError: worker processes die as soon as they are started" in ended.stderr
