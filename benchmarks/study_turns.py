"""Scenarios played in turns: by one worker, by two, and by bare processes without the engine."""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from depotlib.simulation.scenario import Scenario
from depotlib.studies.declaration import Axis, Study
from depotlib.studies.night_row import NightCase, cases_of, night_order, night_row
from depotlib.studies.pool import LocalWorkers, Workers
from depotlib.studies.row_folder import RowFolder
from depotlib.studies.runner import Progress, run_cases
from depotlib.workflows.load_demo import DATA
from depotlib.workflows.study_file import study_from_file

STUDY: Final = DATA / "studies" / "how_many_chargers.toml"
POINTS: Final = 10
WARM: Final = 2
ROUNDS: Final = 5
ALONE_SHARE: Final = 0.3
"""One worker plays so many of a round's scenarios, and each bare process too."""
Told = Callable[[Progress], None]


@dataclass(slots=True)
class Times:
    """Wall time of a scenario in each round [s], by who played it."""

    one_s: list[float] = field(default_factory=list[float])
    two_s: list[float] = field(default_factory=list[float])
    bare_one_s: list[float] = field(default_factory=list[float])
    bare_two_s: list[float] = field(default_factory=list[float])
    runner_s: list[float] = field(default_factory=list[float])


def month_cases(
    count: int, *, days: int, code: str | None = None
) -> tuple[tuple[NightCase, ...], float]:
    """Return scenarios of the reference depot, and the processor time a name takes [s].

    Parameters
    ----------
    count, days : int
    code : str, optional
        Digest that names them; default: of the sources as they are now.
    """
    declared, ground = study_from_file(STUDY)
    study = Study(
        "engine",
        (Axis("ac_stations", tuple(range(36, 36 + POINTS))),),
        base={**declared.base, "days": days},
        seeds=tuple(range(-(-count // POINTS))),
    )
    began_s = time.process_time()
    cases = cases_of(study, ground, code=code)
    name_s = (time.process_time() - began_s) / len(cases)
    # By name, that is in a random order: every part has points of all sizes.
    return tuple(sorted(cases, key=lambda case: case.scenario_id)[:count]), name_s


def run_s(
    cases: Sequence[NightCase],
    folder: Path,
    *,
    workers: Workers,
    told: Told = lambda _: None,
) -> tuple[float, float]:
    """Return the wall time of a run and the runner's own processor time [s]."""
    # Starting a worker is not part of the work: each plays a night before, for what it will need.
    warm = [
        workers.submit(night_row, _one_night(cases[0]))
        for _ in range(WARM * workers.most_in_flight)
    ]
    [future.result() for future in warm]
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    ended = run_cases(
        cases, RowFolder(folder), order=night_order(), workers=workers, on_progress=told
    )
    took = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    assert not ended.left, ended
    return took


def _one_night(case: NightCase) -> Scenario:
    assert isinstance(case.scenario, Scenario), "the reference depot can be"
    return replace(case.scenario, days=1)


class Bare:
    """Processes that play scenarios without the engine: what the machine can do.

    Parameters
    ----------
    processes : int
    """

    def __init__(self, processes: int) -> None:
        context = multiprocessing.get_context("spawn")
        pipes = [context.Pipe() for _ in range(processes)]
        self._ours = [ours for ours, _ in pipes]
        for _, theirs in pipes:
            context.Process(target=_play_bare, args=(theirs,), daemon=True).start()

    def wall_s(self, cases: Sequence[NightCase]) -> float:
        """Return the wall time in which each of them plays all of some scenarios [s]."""
        for order in ([_one_night(cases[0])] * WARM, [case.scenario for case in cases]):
            # Sent in pickles, which they open before the clock runs.
            self._say(order)
            self._hear()
            began_s = time.perf_counter()
            self._say("go")
            self._hear()
            took_s = time.perf_counter() - began_s
        return took_s

    def close(self) -> None:
        """Let them go."""
        self._say(None)

    def _say(self, word: object) -> None:
        for pipe in self._ours:
            pipe.send(word)

    def _hear(self) -> None:
        for pipe in self._ours:
            pipe.recv()


def _play_bare(pipe: Connection) -> None:
    os.environ["POLARS_MAX_THREADS"] = "1"
    while (scenarios := pipe.recv()) is not None:
        pipe.send("ready")
        pipe.recv()
        for one in scenarios:
            night_row(one)
        pipe.send("done")


def one_and_two(cases: Sequence[NightCase], one: Path, *, two: Path) -> Times:
    """Return how long scenarios take with one worker and with two, with the engine and without."""
    times = Times()
    size = -(-len(cases) // ROUNDS)
    teams = LocalWorkers(1), LocalWorkers(2)
    lone, pair = Bare(1), Bare(2)
    for first in range(0, len(cases), size):
        part = cases[first : first + size]
        alone = part[: max(1, round(ALONE_SHARE * len(part)))]
        for workers, block, folder, held in (
            (teams[0], alone, one, times.one_s),
            (teams[1], part, two, times.two_s),
        ):
            wall_s, runner_s = run_s(block, folder, workers=workers)
            held.append(wall_s / len(block))
            times.runner_s.append(runner_s / len(block))
        times.bare_one_s.append(lone.wall_s(alone) / len(alone))
        times.bare_two_s.append(pair.wall_s(alone) / (2 * len(alone)))
        print(f"  {first + len(part)} of {len(cases)} played in turns", flush=True)
    for team in (*teams, lone, pair):
        team.close()
    return times


def mean(values: Sequence[float]) -> float:
    """Return the mean of some values."""
    return sum(values) / len(values)


def efficiency(one_s: Sequence[float], two_s: Sequence[float]) -> float:
    """Return the share of two workers' time that is work, by what one alone needs."""
    return mean(one_s) / (2 * mean(two_s))
