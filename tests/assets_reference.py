"""Storage, solar, feeding back and taper as SciPy's HiGHS would be given them: for tests."""

import numpy as np
from scipy.optimize import LinearConstraint, milp

from depotlib.planning.problem import PlanningProblem


def reference_bill(problem: PlanningProblem) -> float:
    """Return the least bill that serves every target, written from the formulas row by row.

    Prices of buying must be 0 or more and above those of feeding back: then nothing charges and
    discharges at once, and no whole numbers are needed. Only the site's limit is looked at.
    """
    return _Program(problem).least_bill()


class _Program:
    def __init__(self, problem: PlanningProblem) -> None:
        self.problem = problem
        self.h = problem.grid.interval_h
        self.count = problem.grid.count
        self.names: dict[tuple[object, ...], int] = {}
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.cost: list[float] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self.site: list[dict[int, float]] = [{} for _ in range(self.count)]
        assert problem.solar_kw is not None
        self.solar = problem.solar_kw
        self._vehicles()
        self._storages()
        self._grid()

    def column(self, *name: object, upper: float, cost: float = 0.0, lower: float = 0.0) -> int:
        self.names[name] = len(self.cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.cost.append(cost)
        return self.names[name]

    def _vehicles(self) -> None:
        tasks, needs = self.problem.tasks, self.problem.needs
        assert needs.traits is not None
        for i in range(len(tasks.need)):
            need = int(tasks.need[i])
            battery = needs.traits.batteries[need]
            feeds = battery is not None and battery.arrival_soc >= battery.floor_soc
            energy: dict[int, float] = {}
            for t in range(int(tasks.first[i]), int(tasks.last[i])):
                power = self.column("p", i, t, upper=float(tasks.max_kw[i]))
                self.site[t][power] = 1.0
                energy[power] = self.h
                if battery is not None:
                    most = min(battery.discharge_max_kw, float(tasks.max_kw[i])) if feeds else 0.0
                    feed = self.column("f", i, t, upper=most, cost=battery.wear_per_kwh * self.h)
                    self.site[t][feed] = -1.0
                    energy[feed] = -self.h / battery.round_trip_share
                    wall = battery.usable_kwh / battery.wall_efficiency_share
                    low = min(0.0, battery.floor_soc - battery.arrival_soc) * wall
                    self.rows.append((dict(energy), low, (1 - battery.arrival_soc) * wall))
                    if battery.taper_share:
                        most_kw = float(tasks.max_kw[i])
                        slope = most_kw * battery.taper_share / 0.2
                        row = {c: slope * v / wall for c, v in energy.items()}
                        row[power] += 1.0
                        self.rows.append(
                            (row, -np.inf, most_kw - slope * (battery.arrival_soc - 0.8))
                        )
            target = float(needs.energy_target_kwh[need])
            self.rows.append((energy, target, target))

    def _storages(self) -> None:
        for s in self.problem.storages:
            stored: dict[int, float] = {}
            for t in range(self.count):
                charge = self.column("c", s, t, upper=s.max_charge_kw)
                give = self.column(
                    "d", s, t, upper=s.max_discharge_kw, cost=s.wear_per_kwh * self.h
                )
                self.site[t][charge] = 1.0
                self.site[t][give] = -1.0
                stored[charge] = s.efficiency_share * self.h
                stored[give] = -self.h / s.efficiency_share
                start = s.start_soc * s.capacity_kwh
                least = s.floor_soc if t < self.count - 1 else max(s.floor_soc, s.least_end_soc)
                self.rows.append(
                    (dict(stored), least * s.capacity_kwh - start, s.capacity_kwh - start)
                )

    def _grid(self) -> None:
        problem = self.problem
        price = problem.price_per_kwh()
        credit = np.zeros(self.count)
        for term in problem.prices.export:
            credit += np.array(term.price_per_kwh)
        peaks = [
            self.column("P", k, lower=term.paid_kw, upper=np.inf, cost=term.price_per_kw)
            for k, term in enumerate(problem.prices.peaks)
        ]
        for t in range(self.count):
            spill = self.column("w", t, upper=float(self.solar[t]))
            bought = self.column("g", t, upper=np.inf, cost=float(price[t]) * self.h)
            sold = self.column(
                "x", t, upper=problem.export_limit_kw, cost=-float(credit[t]) * self.h
            )
            given = float(problem.base_load_kw[t] - self.solar[t])
            net = dict(self.site[t]) | {spill: 1.0}
            balance = {c: -v for c, v in net.items()} | {bought: 1.0, sold: -1.0}
            self.rows.append((balance, given, given))
            limit = float(problem.tree.cap_kw[0, t] + self.solar[t])
            self.rows.append((net, -np.inf, limit))
            for peak, term in zip(peaks, problem.prices.peaks, strict=True):
                if t in term.intervals:
                    self.rows.append(({c: -v for c, v in net.items()} | {peak: 1.0}, given, np.inf))

    def least_bill(self) -> float:
        matrix = np.zeros((len(self.rows), len(self.cost)))
        for index, (row, _, _) in enumerate(self.rows):
            for column, value in row.items():
                matrix[index, column] = value
        result = milp(
            np.array(self.cost),
            constraints=LinearConstraint(
                matrix, [low for _, low, _ in self.rows], [high for _, _, high in self.rows]
            ),
            bounds=(self.lower, self.upper),
        )
        assert result.status == 0, result.message
        return float(result.fun) + self.problem.prices.fixed_amount
