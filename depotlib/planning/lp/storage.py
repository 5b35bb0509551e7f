"""Stationary storage: what is stored follows from what goes in and out (formula 6).

``stored[s, t] = stored[s, t-1] + efficiency x charge x interval_h - discharge x interval_h /
efficiency``. What it must hold at the end yields to vehicles: what is missing has a steep price.
"""

import numpy as np

from depotlib.planning.linear_program import Vector
from depotlib.planning.lp.part import Block, Columns, Layout, Night, Part, zeros
from depotlib.planning.problem import FloatArray, PlanningProblem

_STEEP = 10.0
"""Times the steepest price: no bill is worth an end that holds less than it could."""


def charge_columns(night: Night) -> Columns:
    """Return the bounds of what storage takes: 0 <= charge[s, t] <= most."""
    return _powers(night.problem, [s.max_charge_kw for s in night.problem.storages])


def discharge_columns(night: Night) -> Columns:
    """Return the bounds of what storage gives: 0 <= discharge[s, t] <= most."""
    return _powers(night.problem, [s.max_discharge_kw for s in night.problem.storages])


def stored_columns(night: Night) -> Columns:
    """Return the bounds of what is stored at the end of each interval: floor to capacity.

    ``floor_soc * capacity <= stored[s, t] <= capacity``
    """
    count = night.problem.grid.count
    storages = night.problem.storages
    return Columns(
        lower=np.repeat([s.floor_soc * s.capacity_kwh for s in storages], count),
        upper=np.repeat([s.capacity_kwh for s in storages], count),
    )


def missing_columns(night: Night) -> Columns:
    """Return the bounds of what is missing at the end of all: 0 <= missing[s]."""
    count = len(night.problem.storages)
    return Columns(lower=np.zeros(count), upper=np.full(count, np.inf))


def stored_rows(night: Night, layout: Layout) -> Block:
    """Say stored[s, t] - stored[s, t-1] - in + out = 0, and what it starts with for t = 0."""
    problem = night.problem
    count, interval_h = problem.grid.count, problem.grid.interval_h
    size = len(problem.storages) * count
    row = np.arange(size)
    later = row[row % count > 0] if size else row
    efficiency = np.repeat([s.efficiency_share for s in problem.storages], count)
    start_kwh = np.zeros(size)
    start_kwh[::count] = [s.start_soc * s.capacity_kwh for s in problem.storages]
    stored = layout.start["stored"]
    return Block(
        row=np.concatenate([row, later, row, row]),
        column=np.concatenate(
            [
                stored + row,
                stored + later - 1,
                layout.start["charge"] + row,
                layout.start["discharge"] + row,
            ]
        ),
        value=np.concatenate(
            [
                np.ones(size),
                np.full(len(later), -1.0),
                -efficiency * interval_h,
                interval_h / efficiency,
            ]
        ),
        lower=start_kwh,
        upper=start_kwh,
    )


def missing_rows(night: Night, layout: Layout) -> Block:
    """Say stored[s, last] + missing[s] >= what it must hold at the end."""
    problem = night.problem
    storages, count = problem.storages, problem.grid.count
    row = np.arange(len(storages))
    last = layout.start["stored"] + (row + 1) * count - 1
    return Block(
        row=np.concatenate([row, row]),
        column=np.concatenate([last, layout.start["missing"] + row]),
        value=np.ones(2 * len(storages)),
        lower=np.array([s.least_end_soc * s.capacity_kwh for s in storages], dtype=np.float64),
        upper=np.full(len(storages), np.inf),
    )


def wear_cost(night: Night, layout: Layout) -> Vector:
    """interval_h * wear_per_kwh[s] * discharge[s, t]."""
    problem = night.problem
    amount = zeros(layout)
    size = len(problem.storages) * problem.grid.count
    wear = np.repeat([s.wear_per_kwh for s in problem.storages], problem.grid.count)
    amount[layout.start["discharge"] + np.arange(size)] = (
        wear * problem.grid.interval_h * problem.prices.energy_factor
    )
    return amount


def missing_cost(night: Night, layout: Layout) -> Vector:
    """Return a steep price on what is missing at the end.

    ``10 * (max(1, highest |price_per_kwh|) + Σ_k price_per_kw[k] / interval_h)``
    """
    problem = night.problem
    amount = zeros(layout)
    steepest_per_kwh = float(np.abs(problem.price_per_kwh()).max(initial=1.0)) + sum(
        term.price_per_kw / problem.grid.interval_h for term in problem.prices.peaks
    )
    at = layout.start["missing"] + np.arange(len(problem.storages))
    amount[at] = _STEEP * steepest_per_kwh
    return amount


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``stored[battery,37]``."""
    count = problem.grid.count
    return f"stored[{problem.storages[row // count].storage_id},{row % count}]"


def missing_name(problem: PlanningProblem, row: int) -> str:
    """Return ``missing[battery]``."""
    return f"missing[{problem.storages[row].storage_id}]"


def _powers(problem: PlanningProblem, most_kw: list[float]) -> Columns:
    upper: FloatArray = np.repeat(np.array(most_kw, dtype=np.float64), problem.grid.count)
    return Columns(lower=np.zeros(len(upper)), upper=upper)


CHARGE = Part(name="charge", columns=charge_columns)
DISCHARGE = Part(name="discharge", columns=discharge_columns, cost=wear_cost)
STORED = Part(name="stored", columns=stored_columns, rows=stored_rows, row_name=row_name)
MISSING = Part(
    name="missing", columns=missing_columns, rows=missing_rows, cost=missing_cost,
    row_name=missing_name,
)  # fmt: skip
