"""Zero or at least the minimum: powers that real connectors can be asked for.

A connector gives nothing or at least its minimum (six amperes on AC). From the powers of a solver
that knows no minimum: choose for each task in how many intervals it is on
(``n Pmin Δ <= E <= n Pmax Δ``), keep its intervals of greatest power, and solve once more with the
minimum of those intervals as given load. What the last interval of a need holds may be less: there
the vehicle is full and stops by itself.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.planning.power_steps import STEP_KW, in_whole_steps
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.rest import rest_problem
from depotlib.planning.runs import best_runs_of, can_widen, in_runs, starts_too_often
from depotlib.planning.solution import Solution
from depotlib.planning.solve import solve_problem
from depotlib.planning.spared import with_readiness_of
from depotlib.planning.taper import tapering_needs

BoolArray = NDArray[np.bool_]

_TINY_KW: Final = 1e-6
_TINY_KWH: Final = 1e-4
_ROUNDS: Final = 4


def at_least_minimum(problem: PlanningProblem, solution: Solution) -> FloatArray:
    """Return the powers of a solution, each 0 or at least its minimum and in steps of 0.1 kW.

    A problem with relaxed occupancy has no minimum: its powers are returned as they are.

    Parameters
    ----------
    problem : PlanningProblem
    solution : Solution
        Of the same problem.

    Returns
    -------
    ndarray
        (tasks, intervals). Delivers as much as the solution wherever the limits allow it.
    """
    if problem.is_relaxed:
        return solution.task_kw
    problem = solution.priced or problem
    task_kw = solution.task_kw
    if _is_below(problem, task_kw).any() or starts_too_often(problem, task_kw):
        task_kw = _beside_tapering(problem, task_kw)
    return in_whole_steps(problem, task_kw)


def _beside_tapering(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    """Return powers of 0 or at least the minimum; those that taper and keep it stay as they are."""
    is_tapering = np.isin(problem.tasks.need, tapering_needs(problem))
    is_kept = is_tapering & ~_is_below(problem, task_kw).any(axis=1)
    if not is_kept.any():
        return _with_minimum(problem, task_kw)
    kept_kw = np.where(is_kept[:, None], task_kw, 0.0)
    others = problem.windows_mask() & ~is_kept[:, None]
    rest, origin = rest_problem(problem, others, fixed_kw=kept_kw)
    rest = replace(rest, tasks=replace(rest.tasks, min_kw=problem.tasks.min_kw[origin]))
    np.add.at(kept_kw, origin, _with_minimum(rest, task_kw[origin]))
    return kept_kw


def _is_below(problem: PlanningProblem, task_kw: FloatArray) -> BoolArray:
    return (task_kw > _TINY_KW) & (task_kw < problem.tasks.min_kw[:, None] - _TINY_KW)


def _least_kw(problem: PlanningProblem) -> FloatArray:
    """Return what tasks draw at least while they are on: one that must not pause, a whole step."""
    least_kw = problem.tasks.min_kw.copy()
    traits = problem.needs.traits
    if traits is not None:
        may_not_pause = np.array(traits.most_starts)[problem.tasks.need] > 0
        least_kw[may_not_pause] = np.maximum(least_kw[may_not_pause], STEP_KW)
    return np.minimum(least_kw, problem.tasks.max_kw)


def _with_minimum(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    """Return the best powers over a few choices of intervals: least unmet, as solved.

    What they lose against the solution is looked for by an integer program, few needs at a time.
    """
    wanted_kwh = task_kw.sum(axis=1) * problem.grid.interval_h
    is_on = _chosen(problem, task_kw, wanted_kwh=wanted_kwh)
    best_kw = np.zeros_like(task_kw)
    least_unmet_kwh = np.inf
    for _ in range(_ROUNDS):
        is_on = in_runs(problem, is_on, task_kw=task_kw)
        is_on = _within_limits(problem, is_on, task_kw=task_kw)
        is_on = best_runs_of(problem, is_on, task_kw=task_kw)
        answer_kw = _solved(problem, is_on, wanted_kwh=wanted_kwh)
        unmet_kwh = wanted_kwh - answer_kw.sum(axis=1) * problem.grid.interval_h
        if unmet_kwh.sum() < least_unmet_kwh - _TINY_KWH:
            best_kw, least_unmet_kwh = answer_kw, float(unmet_kwh.sum())
        if unmet_kwh.sum() <= _TINY_KWH:
            break
        is_on = _widened(problem, is_on, answer_kw=answer_kw, unmet_kwh=unmet_kwh)
    return with_readiness_of(problem, best_kw, solved_kw=task_kw, least_kw=_least_kw(problem))


def _chosen(problem: PlanningProblem, task_kw: FloatArray, *, wanted_kwh: FloatArray) -> BoolArray:
    """Return the intervals in which each task is on: those of its greatest power."""
    tasks, interval_h = problem.tasks, problem.grid.interval_h
    is_on = np.zeros(task_kw.shape, dtype=np.bool_)
    price_per_kwh, on_kw = problem.price_per_kwh(), _least_kw(problem)
    for task in np.flatnonzero(wanted_kwh > _TINY_KWH).tolist():
        used = int((task_kw[task] > _TINY_KW).sum())
        least_kwh = max(float(on_kw[task]) * interval_h, _TINY_KWH)
        most_kwh = max(float(tasks.max_kw[task]) * interval_h, _TINY_KWH)
        fewest = int(np.ceil(wanted_kwh[task] / most_kwh - _TINY_KWH))
        count = max(1, fewest, min(used, int(wanted_kwh[task] / least_kwh + _TINY_KWH)))
        order = np.lexsort((price_per_kwh, -task_kw[task]))
        inside = (order >= tasks.first[task]) & (order < tasks.last[task])
        is_on[task, order[inside][:count]] = True
    return is_on


def _fixed_kw(problem: PlanningProblem, is_on: BoolArray, *, wanted_kwh: FloatArray) -> FloatArray:
    """Return what each task draws at least in the intervals in which it is on.

    Where the minima come to more than the energy wanted, the last interval has none.
    """
    fixed_kw = is_on * _least_kw(problem)[:, None]
    surplus_kwh = fixed_kw.sum(axis=1) * problem.grid.interval_h - wanted_kwh
    for task in np.flatnonzero(surplus_kwh > _TINY_KWH).tolist():
        last = int(np.flatnonzero(is_on[task])[-1])
        fixed_kw[task, last] = 0.0
    return fixed_kw


def _within_limits(problem: PlanningProblem, is_on: BoolArray, *, task_kw: FloatArray) -> BoolArray:
    """Return the choice without the weakest tasks where the minima alone exceed a limit."""
    is_on = is_on.copy()
    paths = [problem.tree.path(int(node)) for node in problem.tasks.node]
    for node in range(len(problem.tree.kinds)):
        below = np.array([node in path for path in paths], dtype=np.bool_)
        least_kw = _least_kw(problem) * below
        cap_kw = problem.tree.cap_kw[node]
        for interval in np.flatnonzero(least_kw @ is_on > cap_kw + _TINY_KW).tolist():
            weakest = np.argsort(task_kw[:, interval], kind="stable")
            for task in weakest[is_on[weakest, interval] & below[weakest]].tolist():
                if least_kw @ is_on[:, interval] <= cap_kw[interval] + _TINY_KW:
                    break
                is_on[task, interval] = False
    return is_on


def _solved(problem: PlanningProblem, is_on: BoolArray, *, wanted_kwh: FloatArray) -> FloatArray:
    """Return the best powers when the tasks are on in given intervals only."""
    fixed_kw = _fixed_kw(problem, is_on, wanted_kwh=wanted_kwh)
    rest, origin = rest_problem(problem, is_on, fixed_kw=fixed_kw)
    extra_kw = solve_problem(rest).task_kw
    task_kw = fixed_kw.copy()
    np.add.at(task_kw, origin, extra_kw)
    return task_kw


def _widened(
    problem: PlanningProblem, is_on: BoolArray, *, answer_kw: FloatArray, unmet_kwh: FloatArray
) -> BoolArray:
    """Return the choice with one more interval for each task left short, where there is room."""
    is_on = is_on.copy()
    tasks = problem.tasks
    room_kw = problem.tree.cap_kw[0] - answer_kw.sum(axis=0)
    for task in np.argsort(-unmet_kwh).tolist():
        free = np.flatnonzero(~is_on[task, tasks.first[task] : tasks.last[task]])
        free = free[can_widen(problem, is_on, task=task)[tasks.first[task] + free]]
        if unmet_kwh[task] <= _TINY_KWH or not len(free):
            continue
        at = free + tasks.first[task]
        best = int(at[np.argmax(room_kw[at])])
        is_on[task, best] = True
        room_kw[best] -= tasks.min_kw[task]
    return is_on
