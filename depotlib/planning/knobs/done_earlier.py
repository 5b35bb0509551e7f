"""Done before departure, as far as that costs no readiness.

Whoever is fetched before its time then has what it must have; what it would like besides may come
in its last minutes. A vehicle whose stay leaves no time for that, or that would be short by it, is
planned to the end of its stay like any other.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from depotlib.planning.outcome import delivered_kwh
from depotlib.planning.powers import TaskPowers
from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem
from depotlib.planning.solution import Solution

Decide = Callable[["EarlierProblem"], tuple[FloatArray, Solution]]
"""Powers for such a problem, (tasks, intervals), and the solution that they rest on."""
MOST_ROUNDS: Final = 4
_SAME_KWH: Final = 0.05
"""Limits are whole tenths of a kW: cutting two quarter-hours to them loses as much."""
_SAME_LACKS: Final = 2
"""Of all vehicles together, in the steps of `_lacks`."""
_LEAST_KWH: Final = 1e-6
_SAME_SHARE: Final = 1e-6
"""Of an interval: so much more is the same."""


@dataclass(frozen=True, slots=True)
class EarlierProblem:
    """A problem in which vehicles have what they must have before they leave.

    Parameters
    ----------
    problem : PlanningProblem
        Where a task has an end of less power it is two tasks.
    origin : ndarray of int
        Which task of the first problem each of its tasks is a part of, (tasks,).
    """

    problem: PlanningProblem
    origin: IntArray

    def within_kw(self, task_kw: FloatArray) -> FloatArray:
        """Return powers of the first problem as far as these tasks may draw them."""
        most_kw = self.problem.tasks.max_kw[:, None]
        return np.where(self.problem.windows_mask(), np.minimum(task_kw[self.origin], most_kw), 0.0)

    def summed_kw(self, task_kw: FloatArray, *, tasks: int) -> FloatArray:
        """Return powers of these tasks as powers of the first problem's, (tasks, intervals)."""
        summed_kw = np.zeros((tasks, task_kw.shape[1]))
        np.add.at(summed_kw, self.origin, task_kw)
        return summed_kw

    def summed(self, powers: TaskPowers, *, tasks: int) -> TaskPowers:
        """Return listed powers of these tasks as powers of the first problem's."""
        return replace(powers, task=self.origin[powers.task], tasks=tasks)


def decided_earlier(
    problem: PlanningProblem,
    intervals: int,
    *,
    decide: Decide,
    margin_kwh: FloatArray | float = 0.0,
    wishes_give_way: bool = False,
) -> tuple[EarlierProblem, FloatArray, Solution]:
    """Return the problem in which vehicles are done earlier, and what was decided of it.

    Nobody lacks more than where all stays have their whole length, priority by priority; where
    wishes give way: of what it must have, and of the margin above it.

    Parameters
    ----------
    problem : PlanningProblem
    intervals : int
        How many before its departure a vehicle should have what it must have.
    decide : callable
    margin_kwh : ndarray or float
        Above what it must have, (needs,): what is unsure of it.
    wishes_give_way : bool
        Whether somebody may lack what it only would like, so that others are done earlier.
    """
    wished_kwh = problem.needs.energy_target_kwh
    kept_kwh = surely_kwh(problem, margin_kwh) if wishes_give_way else wished_kwh
    asked = earlier_problem(problem, intervals, margin_kwh=margin_kwh)
    task_kw, solution = decide(asked)
    short_kwh = _short_kwh(asked.problem, task_kw, kept_kwh=kept_kwh)
    if asked.problem is problem or not short_kwh.any():
        return asked, task_kw, solution
    whole = earlier_problem(problem, 0)
    whole_kw, answer = decide(whole)
    least = _lacks(problem, whole_kw, kept_kwh=kept_kwh)
    # Whoever is short is done later, then has its whole stay; then it may be others' turn to be short.
    later = np.zeros(len(short_kwh))
    for _ in range(MOST_ROUNDS):
        if not _is_worse(_lacks(asked.problem, task_kw, kept_kwh=kept_kwh), least):
            return asked, task_kw, solution
        once = 1.0 + _needed(problem, short_kwh)
        later = np.where(short_kwh > 0.0, np.where(later > 0.0, np.inf, once), later)
        asked = earlier_problem(problem, intervals, later=later, margin_kwh=margin_kwh)
        task_kw, solution = decide(asked)
        short_kwh = _short_kwh(asked.problem, task_kw, kept_kwh=kept_kwh)
    if _is_worse(_lacks(asked.problem, task_kw, kept_kwh=kept_kwh), least):
        return whole, whole_kw, answer
    return asked, task_kw, solution


def earlier_problem(
    problem: PlanningProblem,
    intervals: int,
    *,
    later: FloatArray | float = 0.0,
    margin_kwh: FloatArray | float = 0.0,
) -> EarlierProblem:
    """Return the problem in which little is drawn in the last intervals of stays.

    ``earlier[i] = max(0, min(intervals, Σ_tasks (last - first) - needed[i]) - later[i])``

    ``kW in them <= max(0, target - must - margin) / (earlier * interval_h)``

    ``kW in an interval of which a share is of them <= (1 - share) * max_kw + share * that``

    `needed` is the time at full power for the must and the margin, in intervals: who has less time
    than was asked for is done as early as full power allows, and nothing of it is left to be spent
    on a lower bill, plan by plan. Where the little is less than a vehicle's least power, and for
    those that do not wake from a pause, it is nothing. Who preconditions draws in its last minutes
    as it is.

    Parameters
    ----------
    problem : PlanningProblem
    intervals : int
        How many before its departure a vehicle should have what it must have.
    later : ndarray or float
        In intervals, (needs,): by so much less earlier; infinite: not at all.
    margin_kwh : ndarray or float
        (needs,).
    """
    needs, tasks = problem.needs, problem.tasks
    plugged_in = np.zeros(len(needs.vehicle_ids))
    np.add.at(plugged_in, tasks.need, tasks.last - tasks.first)
    spare = plugged_in - _needed(problem, surely_kwh(problem, margin_kwh))
    earlier = np.maximum(0.0, np.clip(spare, 0.0, float(intervals)) - later)
    earlier[[] if needs.traits is None else list(needs.traits.late_needs())] = 0.0
    earlier[earlier < _SAME_SHARE] = 0.0
    if not earlier.any():
        return EarlierProblem(problem, np.arange(len(tasks.need)))
    return _parted(problem, earlier, end_kw=_end_kw(problem, earlier, margin_kwh=margin_kwh))


def _end_kw(
    problem: PlanningProblem, earlier: FloatArray, *, margin_kwh: FloatArray | float
) -> FloatArray:
    """Return what each need may draw in its last intervals, (needs,)."""
    needs = problem.needs
    wished_kwh = np.maximum(0.0, needs.energy_target_kwh - needs.energy_must_kwh - margin_kwh)
    end_kw = wished_kwh / (np.maximum(earlier, _SAME_SHARE) * problem.grid.interval_h)
    if needs.traits is not None:
        end_kw[np.array(needs.traits.most_starts) > 0] = 0.0
    return end_kw


def _parted(problem: PlanningProblem, earlier: FloatArray, *, end_kw: FloatArray) -> EarlierProblem:
    """Return the problem whose tasks are parted where the ends of their needs begin."""
    tasks = problem.tasks
    full = np.floor(earlier + _SAME_SHARE)
    share = np.where(earlier - full > _SAME_SHARE, earlier - full, 0.0)[tasks.need]
    begins = (problem.needs.last - full.astype(np.int64))[tasks.need]
    cut = np.clip(begins, tasks.first, tasks.last)
    mixed_from = np.clip(begins - (share > 0.0), tasks.first, tasks.last)
    most_kw = np.minimum(tasks.max_kw, end_kw[tasks.need])
    most_kw[most_kw < np.maximum(tasks.min_kw, _LEAST_KWH)] = 0.0
    mixed_kw = np.maximum(tasks.min_kw, (1.0 - share) * tasks.max_kw + share * most_kw)
    whole: IntArray = np.arange(len(tasks.need), dtype=np.int64)
    mixed, ending = whole[mixed_from < cut], whole[(cut < tasks.last) & (most_kw > 0.0)]
    origin: IntArray = np.concatenate([whole, mixed, ending])
    no_kw = np.zeros((len(whole), problem.grid.count))
    parts = replace(
        tasks,
        need=tasks.need[origin],
        connector_ids=tuple(tasks.connector_ids[int(task)] for task in origin),
        first=np.concatenate([tasks.first, mixed_from[mixed], cut[ending]]),
        last=np.concatenate([mixed_from, cut[mixed], tasks.last[ending]]),
        max_kw=np.concatenate([tasks.max_kw, mixed_kw[mixed], most_kw[ending]]),
        min_kw=tasks.min_kw[origin],
        node=tasks.node[origin],
    )
    parted = replace(
        problem,
        tasks=parts,
        safe=None if problem.safe is None else problem.safe.beside(no_kw, origin.tolist()),
        phases=None if problem.phases is None else problem.phases.beside(no_kw, origin.tolist()),
    )
    return EarlierProblem(parted, origin)


def surely_kwh(problem: PlanningProblem, margin_kwh: FloatArray | float) -> FloatArray:
    """Return what each vehicle must have and what is unsure of it, (needs,)."""
    needs = problem.needs
    return np.minimum(needs.energy_target_kwh, needs.energy_must_kwh + margin_kwh)


def _needed(problem: PlanningProblem, wanted_kwh: FloatArray) -> FloatArray:
    """Return how long an energy takes at the most power of each need's best task, in intervals."""
    most_kw = np.zeros(len(problem.needs.vehicle_ids))
    np.maximum.at(most_kw, problem.tasks.need, problem.tasks.max_kw)
    interval_kwh = np.maximum(most_kw * problem.grid.interval_h, _LEAST_KWH)
    return np.minimum(wanted_kwh / interval_kwh, problem.grid.count)


def _short_kwh(
    problem: PlanningProblem, task_kw: FloatArray, *, kept_kwh: FloatArray
) -> FloatArray:
    """Return what each vehicle lacks, (needs,); 0 where it is not worth a word."""
    short_kwh = kept_kwh - delivered_kwh(problem, task_kw)
    return np.where(short_kwh > _SAME_KWH, short_kwh, 0.0)


def _is_worse(lacks: tuple[int, ...], least: tuple[int, ...]) -> bool:
    """Return whether the first that is not the same, but for cut limits, is more."""
    apart = [one - other for one, other in zip(lacks, least, strict=True)]
    return next((part > 0 for part in apart if abs(part) > _SAME_LACKS), False)


def _lacks(
    problem: PlanningProblem, task_kw: FloatArray, *, kept_kwh: FloatArray
) -> tuple[int, ...]:
    """Return what is missing, musts first and whoever matters most first, in whole 0.05 kWh."""
    needs, given_kwh = problem.needs, delivered_kwh(problem, task_kw)
    lacks: list[int] = []
    for wanted_kwh in (needs.energy_must_kwh, kept_kwh):
        short_kwh = wanted_kwh - given_kwh
        missing_kwh = np.where(short_kwh > _SAME_KWH, short_kwh, 0.0)
        lacks += [
            round(float(missing_kwh[needs.priority == level].sum()) / _SAME_KWH)
            for level in sorted(set(needs.priority.tolist()), reverse=True)
        ]
    return tuple(lacks)
