"""Who is plugged in and would not wake from a pause is not paused: at its least power, or above.

A start is spent once it has been used: to a problem of the rest of a night whoever draws power
already looks like a vehicle that may still wait, and stations give a little from the plug-in on.
So its least power is given first, from the first interval on for as long as its energy lasts at
that; what it needs above that, and all the others, are planned beside it.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import numpy as np

from depotlib.planning.power_steps import STEP_KW
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.rest import below_nodes_kw, rest_problem
from depotlib.planning.solution import Solution
from depotlib.planning.solve import solve_problem
from depotlib.planning.steadiness import steady_powers
from depotlib.planning.traits import Traits

_TINY_KW: Final = 1e-6
_TINY_KWH: Final = 1e-6
_SAME_SHARE: Final = 1e-4


def unpaused_powers(
    problem: PlanningProblem, *, held_kw: FloatArray, plugged_in: Collection[str]
) -> tuple[FloatArray, Solution]:
    """Return steady powers in which nobody is paused who would not wake, and what they rest on.

    Parameters
    ----------
    problem : PlanningProblem
        With connectors.
    held_kw : ndarray
        In force, 0 where nothing is, (tasks, intervals).
    plugged_in : collection of str
        Vehicles that stand where they have a task from the first interval on; those of them count
        that may start only so often.
    """
    floor_kw = going_on_kw(problem, plugged_in)
    if not floor_kw.any():
        solution = solve_problem(problem)
        return steady_powers(problem, solution, held_kw=held_kw), solution
    rest, origin = rest_problem(problem, problem.windows_mask(), fixed_kw=floor_kw)
    floors_kw = floor_kw[origin, rest.tasks.first]
    rest = replace(
        rest,
        needs=replace(rest.needs, traits=_may_start(rest, floor_kw, problem=problem)),
        tasks=replace(
            rest.tasks, min_kw=np.where(floors_kw > 0.0, 0.0, problem.tasks.min_kw[origin])
        ),
    )
    solution = solve_problem(rest)
    above_kw = np.where(rest.windows_mask(), np.maximum(0.0, held_kw - floor_kw)[origin], 0.0)
    task_kw = floor_kw.copy()
    np.add.at(task_kw, origin, steady_powers(rest, solution, held_kw=above_kw))
    return task_kw, solution


def going_on_kw(problem: PlanningProblem, plugged_in: Collection[str]) -> FloatArray:
    """Return the least powers of those who must not be paused, (tasks, intervals).

    Where all of them together do not fit into a limit they have none: a limit is a limit.
    """
    traits, tasks, interval_h = problem.needs.traits, problem.tasks, problem.grid.interval_h
    floor_kw = np.zeros((len(tasks.need), problem.grid.count))
    if traits is None:
        return floor_kw
    for task in np.flatnonzero(tasks.first == 0).tolist():
        need = int(tasks.need[task])
        least_kw = _whole_steps_kw(float(tasks.min_kw[task]))
        is_meant = problem.needs.vehicle_ids[need] in plugged_in and traits.most_starts[need] > 0
        if not is_meant or least_kw > tasks.max_kw[task] + _TINY_KW:
            continue
        left_kwh = float(problem.needs.energy_target_kwh[need])
        for at in range(int(tasks.last[task])):
            if left_kwh <= _TINY_KWH:
                break
            floor_kw[task, at] = min(least_kw, left_kwh / interval_h)
            left_kwh -= least_kw * interval_h
    below_kw = below_nodes_kw(problem, floor_kw)
    is_beyond = (below_kw > problem.tree.cap_kw + _TINY_KW).any(axis=0)
    floor_kw[:, is_beyond] = 0.0
    is_held = (problem.safe is None or problem.safe.holds(floor_kw)) and (
        problem.phases is None or problem.phases.holds(floor_kw)
    )
    return floor_kw if is_held else np.zeros_like(floor_kw)


def _whole_steps_kw(least_kw: float) -> float:
    """Return the least power in whole steps, at least one."""
    return max(1.0, float(np.ceil(least_kw / STEP_KW - _SAME_SHARE))) * STEP_KW


def _may_start(
    rest: PlanningProblem, floor_kw: FloatArray, *, problem: PlanningProblem
) -> Traits | None:
    """Return the traits of the rest, in which those that go on may start and stop above it."""
    traits = rest.needs.traits
    if traits is None:
        return None
    going_on = set(problem.tasks.need[floor_kw.any(axis=1)].tolist())
    starts = (0 if need in going_on else most for need, most in enumerate(traits.most_starts))
    return replace(traits, most_starts=tuple(starts))
