"""Nothing charges and discharges at once, where being paid to burn energy would make it pay.

At prices of 0 or more it never pays; below, a whole number says which of the two happens.
"""

import numpy as np

from depotlib.planning.lp.part import Block, Columns, Layout, Night, Part
from depotlib.planning.lp.site_load import feeding_arcs, has_assets
from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem


def columns(night: Night) -> Columns:
    """Return the bounds of the choices: 0 or 1.

    ``choice[x] is 0 or 1``
    """
    into, _ = _pairs(night)
    return Columns(lower=np.zeros(len(into)), upper=np.ones(len(into)))


def rows(night: Night, layout: Layout) -> Block:
    """into[x] <= most_in[x] * choice[x] and out[x] <= most_out[x] * (1 - choice[x])."""
    into, out = _pairs(night)
    names = ("power", "charge"), ("feed", "discharge")
    columns_in = np.array([layout.start[names[0][kind]] + at for kind, at, _ in into], np.int64)
    columns_out = np.array([layout.start[names[1][kind]] + at for kind, at, _ in out], np.int64)
    most_in: FloatArray = np.array([most for _, _, most in into], dtype=np.float64)
    most_out: FloatArray = np.array([most for _, _, most in out], dtype=np.float64)
    row = np.arange(len(into))
    choice = layout.start["one_way"] + row
    return Block(
        row=np.concatenate([row, row, row + len(into), row + len(into)]),
        column=np.concatenate([columns_in, choice, columns_out, choice]),
        value=np.concatenate([np.ones(len(into)), -most_in, np.ones(len(into)), most_out]),
        lower=np.full(2 * len(into), -np.inf),
        upper=np.concatenate([np.zeros(len(into)), most_out]),
    )


def row_name(problem: PlanningProblem, row: int) -> str:  # noqa: ARG001 - the families' signature
    """Return ``one_way[row]``."""
    return f"one_way[{row}]"


_Side = list[tuple[int, int, float]]
"""Kind (0: vehicle, 1: storage), place among its columns, most [kW]."""


def _pairs(night: Night) -> tuple[_Side, _Side]:
    problem = night.problem
    if not has_assets(problem):
        return [], []
    count = problem.grid.count
    is_paid = problem.price_per_kwh() < 0
    into: _Side = []
    out: _Side = []
    arcs: IntArray = feeding_arcs(night)
    for place, arc in enumerate(arcs.tolist()):
        if is_paid[night.interval[arc]]:
            most_kw = float(problem.tasks.max_kw[night.task[arc]])
            into.append((0, arc, most_kw))
            out.append((0, place, most_kw))
    for index, storage in enumerate(problem.storages):
        for interval in np.flatnonzero(is_paid).tolist():
            into.append((1, index * count + interval, storage.max_charge_kw))
            out.append((1, index * count + interval, storage.max_discharge_kw))
    return into, out


ONE_WAY = Part(name="one_way", columns=columns, rows=rows, row_name=row_name, is_whole=True)
