"""The depot never draws more than its grid connection allows."""

import numpy as np

from depotlib.planning.lp.part import Block, Layout, Night, Part
from depotlib.planning.problem import SITE, PlanningProblem


def rows(night: Night, layout: Layout) -> Block:
    """Sum over tasks of power[i, t] <= operating limit - base_load[t], for every t."""
    count = night.problem.grid.count
    return Block(
        row=night.interval,
        column=layout.start["power"] + np.arange(len(night.task)),
        value=np.ones(len(night.task)),
        lower=np.full(count, -np.inf),
        upper=night.problem.tree.cap_kw[SITE],
    )


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``site_limit[37]``."""
    return problem.tree.limit_name(SITE, row)


SITE_LIMIT = Part(name="site_limit", rows=rows, row_name=row_name)
