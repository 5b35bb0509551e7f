"""What is left to decide of a problem beside powers that are given."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from depotlib.planning.problem import FloatArray, LimitTree, PlanningProblem, Tasks
from depotlib.planning.traits import Traits

BoolArray = NDArray[np.bool_]


def rest_problem(
    problem: PlanningProblem, is_on: BoolArray, *, fixed_kw: FloatArray
) -> tuple[PlanningProblem, list[int]]:
    """Return the problem above fixed powers, and the task that each of its runs belongs to.

    Its tasks have no least power: what must be at least so much is in the fixed powers.

    Parameters
    ----------
    problem : PlanningProblem
    is_on : ndarray of bool
        Where a task may draw beside what is fixed, (tasks, intervals).
    fixed_kw : ndarray
        Within every limit, (tasks, intervals).
    """
    tasks, tree = problem.tasks, problem.tree
    edges = np.diff(np.pad(is_on.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    # A run keeps one power range: what stays free where its interval without minimum lies apart.
    runs = [
        run
        for (task, first), (_, last) in zip(starts.tolist(), ends.tolist(), strict=True)
        for run in _even_runs(fixed_kw[task], first, last=last, task=task)
    ]
    origin = [task for task, _, _ in runs]
    at = np.array(origin, dtype=np.int64)
    first = np.array([start for _, start, _ in runs], dtype=np.int64)
    fixed_kwh = np.bincount(
        tasks.need,
        weights=fixed_kw.sum(axis=1) * problem.grid.interval_h,
        minlength=len(problem.needs.vehicle_ids),
    )
    needs = replace(
        problem.needs,
        energy_must_kwh=np.maximum(0.0, problem.needs.energy_must_kwh - fixed_kwh),
        energy_target_kwh=np.maximum(0.0, problem.needs.energy_target_kwh - fixed_kwh),
        traits=_rest_traits(problem, fixed_kw),
    )
    rest = replace(
        problem,
        needs=needs,
        tasks=Tasks(
            need=tasks.need[at],
            connector_ids=tuple(tasks.connector_ids[task] for task in origin),
            first=first,
            last=np.array([end for _, _, end in runs], dtype=np.int64),
            max_kw=np.maximum(0.0, tasks.max_kw[at] - fixed_kw[at, first]),
            min_kw=np.zeros(len(runs)),
            node=tasks.node[at],
        ),
        tree=LimitTree(
            kinds=tree.kinds,
            ids=tree.ids,
            parent=tree.parent,
            cap_kw=np.maximum(0.0, tree.cap_kw - below_nodes_kw(problem, fixed_kw)),
        ),
        base_load_kw=problem.base_load_kw + fixed_kw.sum(axis=0),
        safe=None if problem.safe is None else problem.safe.beside(fixed_kw, origin),
        phases=None if problem.phases is None else problem.phases.beside(fixed_kw, origin),
    )
    return rest, origin


def below_nodes_kw(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    """Return the power of all tasks below each node of the tree [kW], (nodes, intervals)."""
    below_kw = np.zeros_like(problem.tree.cap_kw)
    for task, node in enumerate(problem.tasks.node.tolist()):
        below_kw[list(problem.tree.path(node))] += task_kw[task]
    return below_kw


def _rest_traits(problem: PlanningProblem, fixed_kw: FloatArray) -> Traits | None:
    """Return the traits with what is left of preconditioning above the fixed powers."""
    traits = problem.needs.traits
    if traits is None:
        return None
    late_kwh = np.array(traits.late_kwh)
    is_late = np.arange(problem.grid.count) >= np.array(traits.late_first)[:, None]
    for task, need in enumerate(problem.tasks.need.tolist()):
        late_kwh[need] -= float(fixed_kw[task] @ is_late[need]) * problem.grid.interval_h
    return traits.with_late_kwh(np.maximum(0.0, late_kwh))


def _even_runs(
    fixed_kw: FloatArray, first: int, *, last: int, task: int
) -> list[tuple[int, int, int]]:
    """Return a run of intervals split where its fixed power changes: task, first, last."""
    changes = np.flatnonzero(np.diff(fixed_kw[first:last])) + first + 1
    bounds = [first, *changes.tolist(), last]
    return [(task, start, end) for start, end in pairwise(bounds)]
