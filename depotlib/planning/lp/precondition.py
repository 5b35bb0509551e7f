"""What warms battery and cabin before departure is not drawn earlier."""

import numpy as np

from depotlib.planning.lp.part import Block, Layout, Night, Part
from depotlib.planning.problem import PlanningProblem


def rows(night: Night, layout: Layout) -> Block:
    """interval_h * sum of power[i, t before late_first of i] <= target - late_kwh, for i that do."""
    problem, traits = night.problem, night.problem.needs.traits
    needs = [] if traits is None else traits.late_needs()
    row_of_need = np.full(len(problem.needs.vehicle_ids), -1, dtype=np.int64)
    row_of_need[needs] = np.arange(len(needs))
    late_first = np.zeros(len(row_of_need), dtype=np.int64)
    late_kwh = np.zeros(len(row_of_need))
    if traits is not None:
        late_first[:] = traits.late_first
        late_kwh[:] = traits.late_kwh
    need = problem.tasks.need[night.task]
    early = np.flatnonzero((row_of_need[need] >= 0) & (night.interval < late_first[need]))
    return Block(
        row=row_of_need[need[early]],
        column=layout.start["power"] + early,
        value=np.full(len(early), problem.grid.interval_h),
        lower=np.full(len(needs), -np.inf),
        upper=np.maximum(0.0, problem.needs.energy_target_kwh - late_kwh)[needs],
    )


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``precondition[van-01]``."""
    traits = problem.needs.traits
    assert traits is not None, "no trait, no row"
    return f"precondition[{problem.needs.vehicle_ids[traits.late_needs()[row]]}]"


PRECONDITION = Part(name="precondition", rows=rows, row_name=row_name)
