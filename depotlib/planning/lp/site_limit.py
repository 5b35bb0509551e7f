"""The depot never draws more than its grid connection allows."""

import numpy as np

from depotlib.planning.lp.part import Block, Layout, Night, Part
from depotlib.planning.lp.site_load import site_entries
from depotlib.planning.problem import SITE, PlanningProblem


def rows(night: Night, layout: Layout) -> Block:
    """Sum over tasks of power[i, t] <= operating limit - base_load[t], for every t.

    Storage, solar and what is fed back count with it.
    """
    entries, solar_kw = site_entries(night, layout), night.problem.solar_kw
    cap_kw = night.problem.tree.cap_kw[SITE]
    return Block(
        row=entries.interval,
        column=entries.column,
        value=entries.sign,
        lower=np.full(night.problem.grid.count, -np.inf),
        upper=cap_kw if solar_kw is None else cap_kw + solar_kw,
    )


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``site_limit[37]``."""
    return problem.tree.limit_name(SITE, row)


SITE_LIMIT = Part(name="site_limit", rows=rows, row_name=row_name)
