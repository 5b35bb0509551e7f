"""Run a study, on this machine or on a cluster, and say what its rows hold."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import polars as pl

from depotlib.errors import StudyError
from depotlib.studies.band import SURE_SHARE
from depotlib.studies.declaration import SEED, Study
from depotlib.studies.frontier import Sense, frontier, point_means
from depotlib.studies.knob import CHOICES, SIZES
from depotlib.studies.night_row import cases_of, night_order
from depotlib.studies.pool import LocalWorkers, Workers
from depotlib.studies.row_folder import REASON, SCENARIO, RowFolder
from depotlib.studies.runner import Progress, run_cases, shard_of
from depotlib.studies.table import study_table
from depotlib.studies.tornado import Swing, tornado
from depotlib.workflows.study_file import study_from_file

CLUSTER_ROOM: Final = "depotlib.studies.cluster"
MEASURES: Final = ("bill", "peak_kw", "ready_mean_share", "ready_p95_share", "unmet_must_kwh")
GOALS: Final[Mapping[str, Sense]] = {"bill": "least", "ready_mean_share": "most"}
"""What a frontier weighs beside the sizes, which are better when they are less."""


@dataclass(frozen=True, slots=True)
class StudyOrder:
    """Where and how a study is run.

    Parameters
    ----------
    path : Path
        The study's file.
    folder : Path
        Of results; studies may share one.
    jobs : int
        Processes on this machine; 0: this one alone.
    cluster : str
        Address of a Dask scheduler; empty: this machine.
    shard : (int, int)
        The part to run, from 1, and how many there are.
    most_s : float or None
        How long a scenario may take.
    is_retrying : bool
        Whether scenarios that failed before are run again.
    """

    path: Path
    folder: Path
    jobs: int = 1
    cluster: str = ""
    shard: tuple[int, int] = (1, 1)
    most_s: float | None = None
    is_retrying: bool = False


@dataclass(frozen=True, slots=True)
class StudyState:
    """A study as its results are now.

    Parameters
    ----------
    study : Study
    total, found, failed : int
        Different scenarios declared; with a result; of these without figures.
    reasons : tuple of str
        Why some failed, each once.
    means : polars.DataFrame
        A row a point, over seeds.
    best : polars.DataFrame
        The points of `means` that no other beats in size, bill and readiness under the same
        assumptions; empty for a tornado.
    swings : mapping of str to tuple of Swing
        By measure; empty for a grid.
    others : int
        Where no scenario has a result: those in the same folder, of other studies or other code.
    """

    study: Study
    total: int
    found: int
    failed: int
    reasons: tuple[str, ...]
    means: pl.DataFrame
    best: pl.DataFrame
    swings: Mapping[str, tuple[Swing, ...]]
    others: int = 0


def run_study(
    order: StudyOrder, *, on_progress: Callable[[Progress], None] = lambda _: None
) -> Progress:
    """Return how a run of a study, or of a part of it, ended; what had a result is not run again.

    Parameters
    ----------
    order : StudyOrder
    on_progress : callable
        Told after every result.

    Raises
    ------
    StudyError
        If the study cannot be, its cluster does not answer, or went away.
    InputError
        If a file cannot be used.
    """
    study, ground = study_from_file(order.path)
    number, count = order.shard
    cases = shard_of(cases_of(study, ground), number=number, count=count)
    workers = workers_of(order)
    try:
        return run_cases(
            cases,
            RowFolder(order.folder),
            order=night_order(most_s=order.most_s, is_retrying=order.is_retrying),
            workers=workers,
            on_progress=on_progress,
        )
    finally:
        workers.close()


def show_study(
    path: Path, folder: Path, *, measures: Sequence[str] = MEASURES, share: float = SURE_SHARE
) -> StudyState:
    """Return what the results of a study say so far; it may be running meanwhile.

    Parameters
    ----------
    path : Path
        The study's file.
    folder : Path
        Of results.
    measures : sequence of str
        Columns of the results.
    share : float
        Of cases that each band shall hold, 0-1.

    Raises
    ------
    StudyError
        If the study cannot be, or a measure is no column of its results.
    InputError
        If a file cannot be used.
    """
    study, ground = study_from_file(path)
    cases = cases_of(study, ground)
    kept = RowFolder(folder)
    rows = study_table(cases, kept)
    played = rows.filter(pl.col(REASON).is_null())
    names = [name for name in cases[0].point if name != SEED]
    means = pl.DataFrame()
    if not played.is_empty():
        means = point_means(played, names, measures=measures, share=share)
    is_grid = study.design == "grid"
    return StudyState(
        study=study,
        total=len({case.scenario_id for case in cases}),
        # Points of equal content are one scenario.
        found=rows[SCENARIO].n_unique(),
        failed=rows[SCENARIO].n_unique() - played[SCENARIO].n_unique(),
        reasons=tuple(sorted(set(rows[REASON].drop_nulls().to_list()))),
        means=means,
        best=_best(study, means) if is_grid else pl.DataFrame(),
        swings={}
        if is_grid or played.is_empty() or rows.height < len(cases)
        else {
            measure: tornado(played, study, measure=measure, share=share) for measure in measures
        },
        others=kept.count() if rows.is_empty() else 0,
    )


def _best(study: Study, means: pl.DataFrame) -> pl.DataFrame:
    names = [axis.name for axis in study.axes]
    sizes: dict[str, Sense] = {name: "least" for name in names if name in SIZES}
    assumed = [name for name in names if name not in SIZES | CHOICES]
    goals: dict[str, Sense] = {
        name: sense for name, sense in GOALS.items() if name in means.columns
    }
    return frontier(means, sizes | goals, under=assumed) if goals else pl.DataFrame()


def workers_of(order: StudyOrder) -> Workers:
    """Return the workers that an order names, started.

    Raises
    ------
    StudyError
        If its cluster does not answer, Dask is not installed, or nobody can be ended after
        `most_s`.
    """
    if not (order.cluster or order.jobs) and order.most_s is not None:
        raise StudyError(
            "a scenario that takes too long is ended with its process, and this one would be it",
            where="--most-seconds",
            hint="give it a process of its own with --jobs 1, or leave the limit out",
        )
    if not order.cluster:
        return LocalWorkers(order.jobs)
    try:
        # On use only: the cluster is an extra, and half a second to import.
        room = importlib.import_module(CLUSTER_ROOM)
    except ImportError as error:
        raise StudyError(
            "Dask is not installed",
            where="--cluster",
            hint="install depotlib with its extra `cluster`, or run with --jobs",
        ) from error
    return cast("Workers", room.ClusterWorkers(order.cluster))
