"""No circuit, pool or station below the site draws more than it may."""

import numpy as np

from depotlib.planning.lp.part import Block, Layout, Night, Part
from depotlib.planning.problem import SITE, PlanningProblem


def rows(night: Night, layout: Layout) -> Block:
    """Sum over tasks under n of power[i, t] <= cap_kw[n, t], for every node n below the site."""
    problem, tree = night.problem, night.problem.tree
    count = problem.grid.count
    row: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = [np.zeros(0, dtype=np.int64)]
    column = row.copy()
    node = problem.tasks.node[night.task]
    while np.any(node != SITE):
        below = np.flatnonzero(node != SITE)
        row.append((node[below] - 1) * count + night.interval[below])
        column.append(layout.start["power"] + below)
        node = np.where(node != SITE, tree.parent[node], SITE)
    entries = np.concatenate(row)
    return Block(
        row=entries,
        column=np.concatenate(column),
        value=np.ones(len(entries)),
        lower=np.full((len(tree.kinds) - 1) * count, -np.inf),
        upper=tree.cap_kw[SITE + 1 :].ravel(),
    )


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``circuit_limit[panel-A,12]``."""
    return problem.tree.limit_name(row // problem.grid.count + 1, row % problem.grid.count)


CIRCUIT_LIMIT = Part(name="circuit_limit", rows=rows, row_name=row_name)
