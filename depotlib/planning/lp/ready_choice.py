"""The most vehicles that can get their whole must, under every part of the linear model.

The flow path's search knows the tree of limits only. Where preconditioning, storage, phases or the
hard limit say more, the set is chosen by an integer program: the model, and one whole number for
each vehicle that says whether its must is met.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.errors import SolverError
from depotlib.planning.budget import Budget
from depotlib.planning.linear_program import LinearProgram, Vector, solve_linear
from depotlib.planning.lp.assembler import Model, assemble
from depotlib.planning.lp.claims import Claims
from depotlib.planning.lp.part import Part
from depotlib.planning.problem import PlanningProblem

BoolArray = NDArray[np.bool_]
_TIME_LIMIT_S: Final = 20.0
_MOST_NODES: Final = 2000
_SLACK_SHARE: Final = 1e-6


def chosen_ready(
    problem: PlanningProblem, *, parts: Sequence[Part], budget: Budget
) -> tuple[BoolArray, bool] | None:
    """Return who gets the whole must, and whether no larger set exists; None where none is found.

    A vehicle of a higher priority counts more than all of lower ones.
    """
    musts = Claims(
        rank=np.zeros(len(problem.needs.vehicle_ids), dtype=np.int64),
        need=np.arange(len(problem.needs.vehicle_ids), dtype=np.int64),
        energy_kwh=problem.needs.energy_must_kwh,
    )
    model = assemble(problem, musts, parts=parts)
    first = model.layout.count
    program = _with_choice(model, musts)
    is_proven = True
    chosen = np.zeros(len(musts.need), dtype=np.bool_)
    for priority in sorted(set(map(int, problem.needs.priority)), reverse=True):
        members = np.flatnonzero(problem.needs.priority == priority)
        cost = np.zeros(len(program.cost))
        cost[first + members] = -1.0
        try:
            best = solve_linear(
                replace(program, cost=cost),
                solver="highs",
                time_limit_s=budget.left_s(at_most_s=_TIME_LIMIT_S),
                most_nodes=_MOST_NODES,
                watch=budget.watch,
            )
        except SolverError:
            return None
        is_proven = is_proven and best.is_optimal
        # The last answer holds all classes before it at their counts.
        chosen = best.values[first:] > 0.5  # noqa: PLR2004 - between no and yes
        program = _not_fewer(program, first + members, count=int(chosen[members].sum()))
    return chosen, is_proven


def _with_choice(model: Model, musts: Claims) -> LinearProgram:
    """Return the model with a whole number z for each need: served[i] - must[i] z[i] >= 0."""
    program, count = model.program, len(musts.need)
    served = model.layout.start["energy"] + np.arange(count)
    choice = model.layout.count + np.arange(count)
    rows = len(program.row_lower) + np.arange(count)
    # A must that just fits may miss by the solver's tolerance.
    least_kwh: Vector = musts.energy_kwh * (1.0 - _SLACK_SHARE)
    return LinearProgram(
        cost=np.zeros(model.layout.count + count),
        lower=np.append(program.lower, np.zeros(count)),
        upper=np.append(program.upper, np.ones(count)),
        row_lower=np.append(program.row_lower, np.zeros(count)),
        row_upper=np.append(program.row_upper, np.full(count, np.inf)),
        row=np.concatenate([program.row, rows, rows]),
        column=np.concatenate([program.column, served, choice]),
        value=np.concatenate([program.value, np.ones(count), -least_kwh]),
        whole_columns=choice
        if program.whole_columns is None
        else np.concatenate([program.whole_columns, choice]),
    )


def _not_fewer(program: LinearProgram, columns: NDArray[np.int64], *, count: int) -> LinearProgram:
    row = np.full(len(columns), len(program.row_lower))
    return replace(
        program,
        row_lower=np.append(program.row_lower, float(count)),
        row_upper=np.append(program.row_upper, np.inf),
        row=np.concatenate([program.row, row]),
        column=np.concatenate([program.column, columns]),
        value=np.concatenate([program.value, np.ones(len(columns))]),
    )
