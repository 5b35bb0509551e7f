"""What the engine of studies costs, how well two workers share the work of one, and what it survives.

    python -m benchmarks.study_engine [--scenarios 1000] [--days 28] [--no-cluster]

One run answers all of it, on different scenarios of the reference depot for a month, and prints a
table of each figure against its aim:

- *Efficiency*: wall time of a scenario with one worker over twice that with two. Two processors of
  one core, or of a hot one, are slower together than alone, whoever uses them; so two bare
  processes play scenarios of the same kind without the engine, beside one. What the machine does
  to them is not the engine's loss. All four take turns, round after round, on a tenth of half of
  the scenarios at a time: whatever else changes on the machine meets all of them.
- *Overhead*: processor time for a scenario beside playing it (name, pickle, encoding, file).
- *Deaths*: of the other half a worker is killed twice and then the runner; run again, it plays what
  is missing and nothing else.
- *Cluster*: all scenarios once more on a local Dask cluster, two of its workers killed: equal bytes.

About 2.6 times as much processor time as the scenarios take (1,000 of 0.9 s: 40 minutes, in 22 of a
quiet machine of two processors).
"""

import argparse
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from distributed import LocalCluster, Nanny

from benchmarks.study_table import Figure, print_figures
from benchmarks.study_turns import Times, efficiency, mean, month_cases, one_and_two, run_s
from depotlib.studies.cluster import ClusterWorkers
from depotlib.studies.evaluation import Evaluation, evaluated
from depotlib.studies.identity import code_digest
from depotlib.studies.night_row import NightCase, night_order, night_row
from depotlib.studies.pool import LocalWorkers
from depotlib.studies.row_folder import RowFolder
from depotlib.studies.runner import Progress, run_cases

SAMPLES: Final = 20
POLL_S: Final = 0.2
NOTE: Final = "killed.txt"
"""Beside the rows: the workers that were killed."""
KILLED: Final = 2


def engine_s(case: NightCase) -> tuple[float, dict[str, float]]:
    """Return the processor time of playing a scenario, and of what the engine does beside it [s]."""
    night_row(case.scenario)
    began_s = time.process_time()
    row = night_row(case.scenario)
    played_s = time.process_time() - began_s
    sent = pickle.dumps(Evaluation(case.scenario_id, case.scenario, night_row))
    return played_s, {
        "encoding": _each_s(lambda: evaluated(Evaluation(case.scenario_id, row, dict))),
        "unpacking": _each_s(lambda: pickle.loads(sent)),  # noqa: S301 - packed two lines above
    }


def _each_s(call: Callable[[], object]) -> float:
    began_s = time.process_time()
    for _ in range(SAMPLES):
        call()
    return (time.process_time() - began_s) / SAMPLES


class Killer:
    """Kills a worker when a third of some work is done, and another at two thirds.

    Parameters
    ----------
    total : int
    victim : callable
        Tells the process of any worker.
    note : Path or None
        Where each death is written down, for who outlives this process.
    """

    def __init__(
        self, total: int, victim: Callable[[], int | None], *, note: Path | None = None
    ) -> None:
        self._at = [total // 3, 2 * total // 3]
        self._victim, self._note = victim, note
        self.killed = 0

    def told(self, progress: Progress) -> None:
        """Kill one, if it is time."""
        if self._at and progress.done >= self._at[0]:
            pid = self._victim()
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                self._at.pop(0)
                self.killed += 1
                if self._note is not None:
                    with self._note.open("a") as note:
                        note.write(f"{pid}\n")


def _any_child() -> int | None:
    return next((one.pid for one in multiprocessing.active_children()), None)


def play_part(folder: Path, *, wanted: argparse.Namespace, first: int, last: int) -> None:
    """Play some scenarios with two workers, of which two are killed; the runner is killed meanwhile."""
    cases, _ = month_cases(wanted.scenarios, days=wanted.days, code=wanted.code)
    workers = LocalWorkers(2)
    # The runner itself is killed when half is done: both deaths come before.
    killer = Killer((last - first) // 2, _any_child, note=folder / NOTE)
    order = night_order()
    run_cases(
        cases[first:last], RowFolder(folder), order=order, workers=workers, on_progress=killer.told
    )


def deaths(cases: Sequence[NightCase], folder: Path, *, arguments: Sequence[str]) -> list[Figure]:
    """Return what is left after two workers and the runner were killed, and what a second run does."""
    before = len(names(folder))
    runner = subprocess.Popen(  # noqa: S603 - this very module with our own arguments
        [sys.executable, "-m", "benchmarks.study_engine", *arguments]
    )
    while len(names(folder)) - before < len(cases) // 2 and runner.poll() is None:
        time.sleep(POLL_S)
    runner.send_signal(signal.SIGKILL)
    was_killed = runner.wait() == -signal.SIGKILL
    held = RowFolder(folder)
    # What a worker had in hand at the end is nobody's: it is written by the runner alone.
    kept = sum(held.is_whole(case.scenario_id) for case in cases)
    stamps = {path: path.stat().st_mtime_ns for path in names(folder)}
    workers = LocalWorkers(2)
    ended = run_cases(cases, held, order=night_order(), workers=workers)
    workers.close()
    untouched = all(path.stat().st_mtime_ns == at for path, at in stamps.items())
    killed = len((folder / NOTE).read_text().splitlines())
    return [
        Figure("workers killed", killed, f"{KILLED}", killed == KILLED),
        Figure(
            "runner killed with so many done", kept, "half", was_killed and 0 < kept < len(cases)
        ),
        Figure(
            "run again, played",
            ended.done,
            f"{len(cases) - kept} missing",
            ended.done == len(cases) - kept and ended.found == kept and untouched,
        ),
        Figure("lost or failed", ended.left + ended.failed, "0", ended.left + ended.failed == 0),
    ]


def names(folder: Path) -> list[Path]:
    """Return the files of all rows of a folder."""
    return list(folder.rglob("[!.]*.parquet"))


def files(folder: Path) -> dict[str, bytes]:
    """Return all rows of a folder."""
    return {path.name: path.read_bytes() for path in names(folder)}


def cluster_figures(
    cases: Sequence[NightCase], folder: Path, *, expected: dict[str, bytes]
) -> list[Figure]:
    """Return what a local Dask cluster makes of all scenarios while two of its workers are killed."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
    ) as cluster:

        def any_worker() -> int | None:
            alive = [one.pid for one in cluster.workers.values() if isinstance(one, Nanny)]
            return next((pid for pid in alive if pid), None)

        killer = Killer(len(cases), any_worker)
        workers = ClusterWorkers(cluster.scheduler_address)
        wall_s, _ = run_s(cases, folder, workers=workers, told=killer.told)
        workers.close()
    found = files(folder)
    return [
        Figure("Dask: workers killed", killer.killed, "2", killer.killed == KILLED),
        Figure("Dask: rows equal byte by byte", len(found), f"{len(cases)}", found == expected),
        Figure("Dask: wall time of a scenario", f"{wall_s / len(cases):.2f} s", "", None),
    ]


def cost_figures(times: Times, case: NightCase, *, name_s: float) -> list[Figure]:
    """Return the figures of efficiency and overhead."""
    played_s, parts = engine_s(case)
    parts |= {"name": name_s, "runner": mean(times.runner_s)}
    words = ", ".join(f"{name} {1e3 * took_s:.1f}" for name, took_s in sorted(parts.items()))
    overhead_s = sum(parts.values())
    engine = efficiency(times.one_s, times.two_s)
    bare = efficiency(times.bare_one_s, times.bare_two_s)
    rounds = [
        one * bare_two / (two * bare_one)
        for one, two, bare_one, bare_two in zip(
            times.one_s, times.two_s, times.bare_one_s, times.bare_two_s, strict=True
        )
    ]
    aim = 0.9
    return [
        Figure("processor time of a scenario", f"{played_s:.2f} s", "about 1 s", None),
        Figure("wall time, one worker", f"{mean(times.one_s):.2f} s", "", None),
        Figure("wall time, two workers", f"{mean(times.two_s):.2f} s", "", None),
        Figure("efficiency as measured", f"{engine:.3f}", ">= 0.9", engine >= aim),
        Figure("efficiency of two bare processes", f"{bare:.3f}", "the machine's", None),
        Figure(
            f"efficiency of the engine (rounds {min(rounds):.2f} to {max(rounds):.2f})",
            f"{engine / bare:.3f}",
            ">= 0.9",
            engine / bare >= aim,
        ),
        Figure(
            f"overhead ({words} ms)",
            f"{1e3 * overhead_s:.1f} ms",
            "<= 10 ms",
            overhead_s <= 1.0 / 100,
        ),
    ]


def measured(wanted: argparse.Namespace) -> list[Figure]:
    """Return all figures of a run."""
    code = code_digest()
    cases, name_s = month_cases(wanted.scenarios, days=wanted.days, code=code)
    half = len(cases) // 2
    with tempfile.TemporaryDirectory() as held:
        one, two, there = (Path(held, name) for name in ("one", "two", "there"))
        times = one_and_two(cases[:half], one, two=two)
        figures = cost_figures(times, cases[0], name_s=name_s)
        shared = files(one)
        equal = shared.items() <= files(two).items()
        figures.append(Figure("rows of one worker and of two equal", len(shared), "all", equal))
        part = ["--part", str(two), str(half), str(len(cases)), "--code", code]
        size = ["--scenarios", str(wanted.scenarios), "--days", str(wanted.days)]
        figures += deaths(cases[half:], two, arguments=[*size, *part])
        if not wanted.no_cluster:
            figures += cluster_figures(cases, there, expected=files(two))
    if code != code_digest():
        print("the sources were edited meanwhile: rows that differ say nothing")
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scenarios", type=int, default=1000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--no-cluster", action="store_true")
    parser.add_argument("--code", help="the runner's: somebody may edit the sources meanwhile")
    parser.add_argument("--part", nargs=3, metavar=("FOLDER", "FIRST", "LAST"), help="the runner")
    wanted = parser.parse_args()
    if wanted.part:
        place, first, last = wanted.part
        play_part(Path(place), wanted=wanted, first=int(first), last=int(last))
        return
    load, began_s = os.getloadavg()[0], time.perf_counter()
    figures = measured(wanted)
    took_s = time.perf_counter() - began_s
    print(
        f"{wanted.scenarios} scenarios of {wanted.days} nights in {took_s:.0f} s; load average "
        f"before {load:.1f}"
    )
    print_figures(figures)


if __name__ == "__main__":
    main()
