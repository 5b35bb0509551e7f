"""Price-greedy: one vehicle after the other takes the cheapest energy that the others have left it.

It looks at energy prices only, not at demand: everyone meets in the same cheap hours, as far as
limits let them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from depotlib.planning.baselines.policy import Baseline
from depotlib.planning.problem import FloatArray, PlanningProblem

_TINY_KW = 1e-9
_Cell = tuple[int, int]
"""Task and interval."""


def setpoints(problem: PlanningProblem) -> FloatArray:
    """Return the setpoints of cheapest energy first, by departure, within all limits.

    A task runs at no less than its minimum power, unless less finishes its need.
    """
    purse = _Purse(
        problem=problem,
        room_kw=problem.tree.cap_kw.copy(),
        task_kw=np.zeros((len(problem.tasks.need), problem.grid.count)),
        paths=[list(problem.tree.path(int(node))) for node in problem.tasks.node],
    )
    for need in np.argsort(problem.needs.last, kind="stable").tolist():
        early, late, late_kwh = _spans(problem, need)
        target_kwh = float(problem.needs.energy_target_kwh[need])
        given_kwh = purse.buy(early, target_kwh - late_kwh)
        purse.buy(late, target_kwh - given_kwh)
    return purse.task_kw


@dataclass(frozen=True, slots=True)
class _Purse:
    """What is still free below every limit, and what everybody has bought."""

    problem: PlanningProblem
    room_kw: FloatArray
    task_kw: FloatArray
    paths: list[list[int]]

    def buy(self, cells: Sequence[_Cell], wish_kwh: float) -> float:
        """Take an energy from cells, the cheapest first; return what was taken [kWh].

        The dearest cell is taken in full and the last in time gives back what is too much: there
        the vehicle becomes full.
        """
        interval_h, tasks = self.problem.grid.interval_h, self.problem.tasks
        taken: list[_Cell] = []
        missing_kw = wish_kwh / interval_h
        for task, interval in cells:
            if missing_kw <= _TINY_KW:
                break
            free_kw = float(self.room_kw[self.paths[task], interval].min())
            power_kw = min(float(tasks.max_kw[task]), free_kw)
            if power_kw <= _TINY_KW or power_kw < tasks.min_kw[task] - _TINY_KW:
                continue
            self._change(task, interval, power_kw=power_kw)
            taken.append((task, interval))
            missing_kw -= power_kw
        excess_kw = max(0.0, -missing_kw)
        for task, interval in sorted(taken, key=lambda cell: -cell[1]):
            back_kw = min(excess_kw, float(self.task_kw[task, interval]))
            self._change(task, interval, power_kw=-back_kw)
            excess_kw -= back_kw
        return wish_kwh - max(0.0, missing_kw) * interval_h

    def _change(self, task: int, interval: int, *, power_kw: float) -> None:
        self.task_kw[task, interval] += power_kw
        self.room_kw[self.paths[task], interval] -= power_kw


def _spans(problem: PlanningProblem, need: int) -> tuple[list[_Cell], list[_Cell], float]:
    """Return the cells before and in preconditioning, cheapest first, and what the latter holds."""
    price_per_kwh, tasks = problem.price_per_kwh(), problem.tasks
    cells = [
        (int(task), interval)
        for task in np.flatnonzero(tasks.need == need)
        for interval in range(int(tasks.first[task]), int(tasks.last[task]))
    ]
    cells.sort(key=lambda cell: (price_per_kwh[cell[1]], cell[1]))
    traits = problem.needs.traits
    if traits is None or not traits.late_kwh[need]:
        return cells, [], 0.0
    late_first = traits.late_first[need]
    early = [cell for cell in cells if cell[1] < late_first]
    return early, [cell for cell in cells if cell[1] >= late_first], traits.late_kwh[need]


PRICE_GREEDY: Final = Baseline(
    name="price_greedy", title="Cheapest hours first", obeys_limits=True, setpoints=setpoints
)
