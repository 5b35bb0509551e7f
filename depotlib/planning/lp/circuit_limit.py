"""No circuit, pool or station below the site draws more than it may, or gives more."""

import numpy as np

from depotlib.planning.linear_program import Vector
from depotlib.planning.lp.part import Block, Layout, Night, Part
from depotlib.planning.lp.site_load import feeding_arcs, has_assets
from depotlib.planning.problem import SITE, IntArray, PlanningProblem


def rows(night: Night, layout: Layout) -> Block:
    """Sum over tasks under n of power[i, t] <= cap_kw[n, t], for every node n below the site.

    Storage under n and what is fed back there count with it; then it may not be less than
    -cap_kw[n, t] either.
    """
    problem, tree = night.problem, night.problem.tree
    count = problem.grid.count
    node, interval, leaf, sign = _leaves(night, layout)
    row: list[IntArray] = [np.zeros(0, dtype=np.int64)]
    entry = row.copy()
    while np.any(node != SITE):
        below = np.flatnonzero(node != SITE)
        row.append((node[below] - 1) * count + interval[below])
        entry.append(below)
        node = np.where(node != SITE, tree.parent[node], SITE)
    chosen = np.concatenate(entry)
    cap_kw = tree.cap_kw[SITE + 1 :].ravel()
    return Block(
        row=np.concatenate(row),
        column=leaf[chosen],
        value=sign[chosen],
        lower=-cap_kw if has_assets(problem) else np.full(len(cap_kw), -np.inf),
        upper=cap_kw,
    )


def _leaves(night: Night, layout: Layout) -> tuple[IntArray, IntArray, IntArray, Vector]:
    """Return node, interval, column and sign of all that draws or gives."""
    problem, count = night.problem, night.problem.grid.count
    node = [problem.tasks.node[night.task]]
    interval = [night.interval]
    column = [layout.start["power"] + np.arange(len(night.task))]
    sign = [np.ones(len(night.task))]
    if has_assets(problem):
        feeding = feeding_arcs(night)
        node.append(problem.tasks.node[night.task[feeding]])
        interval.append(night.interval[feeding])
        column.append(layout.start["feed"] + np.arange(len(feeding)))
        sign.append(np.full(len(feeding), -1.0))
        stored = np.arange(len(problem.storages) * count)
        for name, direction in (("charge", 1.0), ("discharge", -1.0)):
            node.append(np.repeat(np.array(problem.storage_nodes, dtype=np.int64), count))
            interval.append(stored % count)
            column.append(layout.start[name] + stored)
            sign.append(np.full(len(stored), direction))
    return (
        np.concatenate(node),
        np.concatenate(interval),
        np.concatenate(column),
        np.concatenate(sign),
    )


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``circuit_limit[panel-A,12]``."""
    return problem.tree.limit_name(row // problem.grid.count + 1, row % problem.grid.count)


CIRCUIT_LIMIT = Part(name="circuit_limit", rows=rows, row_name=row_name)
