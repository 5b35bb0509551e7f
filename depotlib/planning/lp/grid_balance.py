"""What is bought and what is fed back, where both can be: import - export = the site's power.

A site cannot do both at once. Where that would pay (feeding back above the price of buying), a
whole number says which of the two it does.
"""

import numpy as np

from depotlib.planning.linear_program import Vector
from depotlib.planning.lp.part import Block, Columns, Layout, Night, Part, zeros
from depotlib.planning.lp.site_load import given_load_kw, has_assets, site_entries
from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem


def export_per_kwh(problem: PlanningProblem) -> FloatArray:
    """Return what one more kWh fed back in each interval takes off the bill, (intervals,)."""
    total_per_kwh = np.zeros(problem.grid.count)
    for term in problem.prices.export:
        total_per_kwh += np.asarray(term.price_per_kwh, dtype=np.float64)
    return total_per_kwh * problem.prices.energy_factor


def import_columns(night: Night) -> Columns:
    """Return the bounds of what is bought: 0 <= import[t]."""
    count = night.problem.grid.count if has_assets(night.problem) else 0
    return Columns(lower=np.zeros(count), upper=np.full(count, np.inf))


def export_columns(night: Night) -> Columns:
    """Return the bounds of what is fed back: 0 <= export[t] <= the limit."""
    problem = night.problem
    if not has_assets(problem):
        return Columns(lower=np.zeros(0), upper=np.zeros(0))
    # A base load that feeds back by itself is no choice of a plan.
    given_kw = np.maximum(0.0, -problem.base_load_kw)
    return Columns(
        lower=np.zeros(problem.grid.count),
        upper=np.maximum(problem.export_limit_kw, given_kw),
    )


def rows(night: Night, layout: Layout) -> Block:
    """import[t] - export[t] - what is planned[t] = base[t] - solar[t], for every t."""
    if not has_assets(night.problem):
        none = np.zeros(0, dtype=np.int64)
        return Block(none, none, np.zeros(0), lower=np.zeros(0), upper=np.zeros(0))
    entries, at = site_entries(night, layout), np.arange(night.problem.grid.count)
    given_kw = given_load_kw(night.problem)
    return Block(
        row=np.concatenate([at, at, entries.interval]),
        column=np.concatenate(
            [layout.start["import"] + at, layout.start["export"] + at, entries.column]
        ),
        value=np.concatenate([np.ones(len(at)), np.full(len(at), -1.0), -entries.sign]),
        lower=given_kw,
        upper=given_kw,
    )


def cost(night: Night, layout: Layout) -> Vector:
    """- interval_h * export price[t] * export[t]; what is bought has the energy price."""
    amount = zeros(layout)
    if has_assets(night.problem):
        at = layout.start["export"] + np.arange(night.problem.grid.count)
        amount[at] = -export_per_kwh(night.problem) * night.problem.grid.interval_h
    return amount


def either_columns(night: Night) -> Columns:
    """Return the bounds of the choice between buying and feeding back, where it is needed.

    ``buys[t] is 0 or 1``
    """
    count = len(either_intervals(night.problem))
    return Columns(lower=np.zeros(count), upper=np.ones(count))


def either_rows(night: Night, layout: Layout) -> Block:
    """import[t] <= most x buys[t] and export[t] <= limit x (1 - buys[t]), where it is needed."""
    problem = night.problem
    at = either_intervals(problem)
    most_kw = _most_import_kw(problem)[at]
    limit_kw = export_columns(night).upper[at] if len(at) else np.zeros(0)
    buys = layout.start["either"] + np.arange(len(at))
    row = np.arange(len(at))
    return Block(
        row=np.concatenate([row, row, row + len(at), row + len(at)]),
        column=np.concatenate(
            [layout.start["import"] + at, buys, layout.start["export"] + at, buys]
        ),
        value=np.concatenate([np.ones(len(at)), -most_kw, np.ones(len(at)), limit_kw]),
        lower=np.full(2 * len(at), -np.inf),
        upper=np.concatenate([np.zeros(len(at)), limit_kw]),
    )


def either_intervals(problem: PlanningProblem) -> IntArray:
    """Return the intervals in which buying and feeding back at once would pay."""
    if not has_assets(problem):
        return np.zeros(0, dtype=np.int64)
    may_feed = np.maximum(problem.export_limit_kw, -problem.base_load_kw) > 0
    return np.flatnonzero(may_feed & (export_per_kwh(problem) > problem.price_per_kwh()))


def _most_import_kw(problem: PlanningProblem) -> FloatArray:
    """Return more than can ever be bought [kW], (intervals,)."""
    tasks_kw = float(problem.tasks.max_kw.sum())
    storages_kw = sum(storage.max_charge_kw for storage in problem.storages)
    return np.maximum(0.0, problem.base_load_kw) + tasks_kw + storages_kw


def row_name(problem: PlanningProblem, row: int) -> str:  # noqa: ARG001 - the families' signature
    """Return ``balance[37]``."""
    return f"balance[{row}]"


def either_name(problem: PlanningProblem, row: int) -> str:
    """Return ``either[37]``."""
    at = either_intervals(problem)
    return f"either[{at[row % len(at)]}]"


IMPORT = Part(name="import", columns=import_columns)
EXPORT = Part(name="export", columns=export_columns, rows=rows, cost=cost, row_name=row_name)
EITHER = Part(
    name="either", columns=either_columns, rows=either_rows, row_name=either_name, is_whole=True
)
