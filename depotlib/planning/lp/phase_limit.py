"""No phase carries more than it may, below the site and below circuits."""

import numpy as np

from depotlib.planning.lp.part import Block, Layout, Night, Part
from depotlib.planning.phase_room import PHASES
from depotlib.planning.problem import PlanningProblem


def rows(night: Night, layout: Layout) -> Block:
    """Sum of share[i, phase] * power[i, t] <= room[limit, phase, t], over tasks below a limit."""
    phases, count = night.problem.phases, night.problem.grid.count
    none = np.zeros(0, dtype=np.int64)
    if phases is None:
        return Block(none, none, np.zeros(0), lower=np.zeros(0), upper=np.zeros(0))
    weight = phases.is_below[:, None, :] * phases.share.T[None, :, :]
    limit, phase, arc = np.nonzero(weight[:, :, night.task])
    return Block(
        row=(limit * PHASES + phase) * count + night.interval[arc],
        column=layout.start["power"] + arc,
        value=weight[limit, phase, night.task[arc]],
        lower=np.full(phases.room_kw.size, -np.inf),
        upper=phases.room_kw.ravel(),
    )


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``phase_limit[panel-A,L2,12]``."""
    assert problem.phases is not None, "no limit, no row"
    limit, rest = divmod(row, PHASES * problem.grid.count)
    phase, interval = divmod(rest, problem.grid.count)
    name = problem.phases.names[limit]
    return f"phase_limit[{name + ',' if name else ''}L{phase + 1},{interval}]"


PHASE_LIMIT = Part(name="phase_limit", rows=rows, row_name=row_name)
