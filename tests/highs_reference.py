"""The planner's problem as SciPy's HiGHS would be given it: an independent program for tests."""

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, lil_matrix

from depotlib.planning.problem import PlanningProblem


def reference_bill(problem: PlanningProblem) -> tuple[float, float]:
    """Return the greatest energy that can be delivered [kWh] and the least bill that does so.

    Two programs, one after the other: most energy, then least bill at that energy. Written from
    the formulas, row by row, without any code of the planner but the problem's arrays.
    """
    program = _Rows(problem)
    served = program.solve(-program.energy_per_column())
    most_kwh = -served
    program.require_energy(most_kwh - 1e-7)
    bill = program.solve(program.costs())
    return most_kwh, bill + _base_amount(problem)


class _Rows:
    def __init__(self, problem: PlanningProblem) -> None:
        self.problem = problem
        tasks = problem.tasks
        self.columns = [
            (i, t)
            for i in range(len(tasks.need))
            for t in range(int(tasks.first[i]), int(tasks.last[i]))
        ]
        self.peaks = problem.prices.peaks
        self.upper_rows: list[dict[int, float]] = []
        self.upper: list[float] = []
        self._limits()
        self._energies()
        self._peak_rows()

    def _limits(self) -> None:
        tree = self.problem.tree
        for node in range(len(tree.kinds)):
            for t in range(self.problem.grid.count):
                row = {
                    c: 1.0
                    for c, (i, at) in enumerate(self.columns)
                    if at == t and self._is_below(int(self.problem.tasks.node[i]), node)
                }
                self._add(row, float(tree.cap_kw[node, t]))

    def _is_below(self, leaf: int, node: int) -> bool:
        while leaf != -1:
            if leaf == node:
                return True
            leaf = int(self.problem.tree.parent[leaf])
        return False

    def _energies(self) -> None:
        h = self.problem.grid.interval_h
        for need, energy in enumerate(self.problem.needs.energy_target_kwh):
            row = {
                c: h for c, (i, _) in enumerate(self.columns) if self.problem.tasks.need[i] == need
            }
            self._add(row, float(energy))

    def _peak_rows(self) -> None:
        for k, term in enumerate(self.peaks):
            for t in term.intervals:
                row = {c: 1.0 for c, (_, at) in enumerate(self.columns) if at == t}
                row[len(self.columns) + k] = -1.0
                self._add(row, -float(self.problem.base_load_kw[t]))

    def _add(self, row: dict[int, float], upper: float) -> None:
        self.upper_rows.append(row)
        self.upper.append(upper)

    def require_energy(self, energy_kwh: float) -> None:
        h = self.problem.grid.interval_h
        self._add(dict.fromkeys(range(len(self.columns)), -h), -energy_kwh)

    def energy_per_column(self) -> np.ndarray:
        energy = np.zeros(len(self.columns) + len(self.peaks))
        energy[: len(self.columns)] = self.problem.grid.interval_h
        return energy

    def costs(self) -> np.ndarray:
        prices = self.problem.prices
        h = self.problem.grid.interval_h
        per_interval = [
            prices.energy_factor * h * sum(term.price_per_kwh[t] for term in prices.energy)
            for t in range(self.problem.grid.count)
        ]
        return np.array(
            [per_interval[t] for _, t in self.columns] + [p.price_per_kw for p in self.peaks]
        )

    def solve(self, cost: np.ndarray) -> float:
        if not len(cost):
            return 0.0
        matrix = lil_matrix((len(self.upper_rows), len(cost)))
        for r, row in enumerate(self.upper_rows):
            for c, value in row.items():
                matrix[r, c] = value
        bounds = [(0.0, float(self.problem.tasks.max_kw[i])) for i, _ in self.columns]
        bounds += [(max(p.sunk_kw, p.floor_kw), None) for p in self.peaks]
        result = linprog(
            cost, A_ub=csr_matrix(matrix), b_ub=self.upper, bounds=bounds, method="highs"
        )
        assert result.status == 0, result.message
        return float(result.fun)


def _base_amount(problem: PlanningProblem) -> float:
    h, factor = problem.grid.interval_h, problem.prices.energy_factor
    return problem.prices.fixed_amount + sum(
        factor * h * term.price_per_kwh[t] * float(problem.base_load_kw[t])
        for term in problem.prices.energy
        for t in range(problem.grid.count)
    )
