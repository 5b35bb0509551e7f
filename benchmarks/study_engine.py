"""What the engine of studies costs, and how well two workers share the work of one.

    python -m benchmarks.study_engine [--scenarios 1000] [--days 28] [--cluster]

Three figures. Overhead: processor time that the engine takes for a scenario beside playing it
(names, pickles, encoding, files), against a scenario of 1 s. Efficiency: wall time of one worker
over twice that of two, on scenarios of the reference depot, in the same run. Equality: rows of
both runs, and with `--cluster` of a local Dask cluster, byte by byte. The load of the machine
while it ran stands beside them: others' work is in wall times.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from distributed import LocalCluster

from depotlib.studies.cluster import ClusterWorkers
from depotlib.studies.declaration import Axis, Study
from depotlib.studies.evaluation import Evaluation, evaluated
from depotlib.studies.night_row import NightCase, cases_of, night_order, night_row
from depotlib.studies.pool import LocalWorkers, Workers
from depotlib.studies.row_folder import RowFolder
from depotlib.studies.runner import run_cases
from depotlib.workflows.load_demo import DATA
from depotlib.workflows.study_file import study_from_file

STUDY: Final = DATA / "studies" / "how_many_chargers.toml"
POINTS: Final = 10
WARM: Final = 2


def month_cases(count: int, *, days: int) -> tuple[tuple[NightCase, ...], float]:
    """Return scenarios of the reference depot, and the processor time a name takes [s]."""
    declared, ground = study_from_file(STUDY)
    seeds = tuple(range(-(-count // POINTS)))
    study = Study(
        "engine",
        (Axis("ac_stations", tuple(range(36, 36 + POINTS))),),
        base={**declared.base, "days": days},
        seeds=seeds,
    )
    began_s = time.process_time()
    cases = cases_of(study, ground)
    return cases[:count], (time.process_time() - began_s) / len(cases)


def run_s(cases: Sequence[NightCase], folder: Path, *, workers: Workers) -> tuple[float, float]:
    """Return the wall time of a run and the runner's own processor time [s]."""
    # Starting a worker is not part of the work: each is asked once before.
    warm = [workers.submit(time.process_time) for _ in range(WARM * workers.most_in_flight)]
    [future.result() for future in warm]
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    ended = run_cases(cases, RowFolder(folder), order=night_order(), workers=workers)
    took = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    assert ended.done == len(cases), ended
    return took


def encoding_s(case: NightCase) -> tuple[float, float]:
    """Return what a worker spends on a scenario in all, and on playing it alone [s]."""
    night_row(case.scenario)
    began_s = time.process_time()
    night_row(case.scenario)
    played_s = time.process_time() - began_s
    row = night_row(case.scenario)
    began_s = time.process_time()
    for _ in range(20):
        evaluated(Evaluation(case.scenario_id, row, dict))
    return played_s, (time.process_time() - began_s) / 20


def files(folder: Path) -> dict[str, bytes]:
    """Return all rows of a folder."""
    return {path.name: path.read_bytes() for path in folder.rglob("*.parquet")}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scenarios", type=int, default=1000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--cluster", action="store_true")
    wanted = parser.parse_args()
    cases, name_s = month_cases(wanted.scenarios, days=wanted.days)
    played_s, encoded_s = encoding_s(cases[0])
    with tempfile.TemporaryDirectory() as held:
        folders = {name: Path(held, name) for name in ("one", "two", "cluster")}
        walls: dict[str, float] = {}
        for name, jobs in (("one", 1), ("two", 2)):
            workers = LocalWorkers(jobs)
            walls[name], runner_s = run_s(cases, folders[name], workers=workers)
            workers.close()
        overhead_ms = 1e3 * (name_s + encoded_s + runner_s / len(cases))
        print(
            f"{len(cases)} scenarios of {wanted.days} nights, {played_s:.2f} s of the processor "
            f"each; load average {os.getloadavg()[0]:.1f}"
        )
        print(
            f"overhead {overhead_ms:.1f} ms a scenario (name {1e3 * name_s:.1f}, encoding "
            f"{1e3 * encoded_s:.1f}, runner {1e3 * runner_s / len(cases):.1f}): "
            f"{overhead_ms / 1e3:.2%} of a scenario of 1 s"
        )
        print(
            f"one worker {walls['one']:.1f} s, two {walls['two']:.1f} s: efficiency "
            f"{walls['one'] / (2 * walls['two']):.2f}"
        )
        print(f"rows of both equal: {files(folders['one']) == files(folders['two'])}")
        if wanted.cluster:
            cluster_rows(cases, folders["cluster"], expected=files(folders["two"]))


def cluster_rows(cases: Sequence[NightCase], folder: Path, *, expected: dict[str, bytes]) -> None:
    """Print the same for a local cluster of two workers."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        workers = ClusterWorkers(cluster.scheduler_address)
        wall_s, _ = run_s(cases, folder, workers=workers)
        workers.close()
    print(f"Dask, two workers {wall_s:.1f} s; rows equal: {files(folder) == expected}")


if __name__ == "__main__":
    main()
