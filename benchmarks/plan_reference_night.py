"""Time the plan of the reference night, occupancy relaxed: 60 vans x 64 quarter-hours.

    python -m benchmarks.plan_reference_night [--runs 20]

Prints medians of our paths with the model built each time, and in the same run SciPy's HiGHS on
the same linear program (also with its matrix built each time) as the reference.
"""

import argparse
import csv
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from depotlib.model.depot import ChargingStation, Connector, Depot, Evse, GridConnection
from depotlib.model.dwell import Dwell
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.cost import cost_of
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.formulation import relaxed_problem
from depotlib.planning.lp import PARTS
from depotlib.planning.lp.assembler import assemble
from depotlib.planning.lp.claims import whole_claims
from depotlib.planning.lp.path import solve_lp
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.problem import PlanningProblem
from depotlib.tariffs.terms import price_terms
from depotlib.tariffs.urdb import tariff_from_urdb

NIGHT = Path(__file__).resolve().parent.parent / "data" / "reference_night"
ZONE = ZoneInfo("America/New_York")
# Two quarter-hours of margin around the stays: 16:00 to 08:00.
GRID = TimeGrid(start=datetime(2026, 11, 2, 16, tzinfo=ZONE), interval_s=900, count=64)


def night_dwells() -> list[Dwell]:
    """Return the stays of the reference night."""
    with (NIGHT / "dwells.csv").open() as file:
        return [
            Dwell(
                vehicle_id=row["vehicle_id"],
                arrival=datetime.fromisoformat(row["arrival_local"]).replace(tzinfo=ZONE),
                departure=datetime.fromisoformat(row["departure_local"]).replace(tzinfo=ZONE),
                energy_must_kwh=float(row["energy_wall_kwh"]),
                energy_target_kwh=float(row["energy_wall_kwh"]),
                pool=row["pool"],
            )
            for row in csv.DictReader(file)
        ]


def night_depot() -> Depot:
    """Return the depot of the reference night: 350 kW service, 300 kW limit."""
    with (NIGHT / "stations.csv").open() as file:
        stations = tuple(
            ChargingStation(
                station_id=row["station_id"],
                circuit_id=None,
                pool=row["pool"],
                current_type="DC" if row["pool"] == "dc" else "AC",
                max_kw=float(row["max_kw"]),
                safe_limit_kw=0.0,
                evses=(
                    Evse(
                        1,
                        (
                            Connector(
                                f"{row['station_id']}/1",
                                1,
                                float(row["max_kw"]),
                                float(row["min_kw"]),
                            ),
                        ),
                    ),
                ),
            )
            for row in csv.DictReader(file)
        )
    return Depot(
        depot_id="reference",
        name="Reference night",
        time_zone=ZONE.key,
        currency="USD",
        grid=GridConnection(service_kw=350.0, operating_limit_kw=300.0),
        circuits=(),
        stations=stations,
    )


def median_ms(task: Callable[[], float], runs: int) -> tuple[float, float]:
    """Return the median time of some runs [ms] and what the last one returned."""
    times: list[float] = []
    result = task()
    for _ in range(runs):
        start = time.perf_counter()
        result = task()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times), result


def highs_bill(problem: PlanningProblem) -> float:
    """Return the bill by SciPy's HiGHS on the same program, its matrix built from the blocks."""
    needs = problem.needs
    claims = whole_claims(problem)
    program = assemble(problem, claims, parts=PARTS).program
    shape = (len(program.row_lower), len(program.cost))
    matrix = csr_matrix((program.value, (program.row, program.column)), shape=shape)
    is_equal = program.row_lower == program.row_upper
    upper = np.isfinite(program.row_upper) & ~is_equal
    lower = np.isfinite(program.row_lower) & ~is_equal
    # Everything fits on this night: what is claimed is served.
    column_lower = program.lower.copy()
    served = slice(shape[1] - len(needs.vehicle_ids) - len(problem.prices.peaks), None)
    column_lower[served][: len(needs.vehicle_ids)] = needs.energy_target_kwh
    result = linprog(
        program.cost,
        A_ub=_stacked(matrix[upper], -matrix[lower]),
        b_ub=np.concatenate([program.row_upper[upper], -program.row_lower[lower]]),
        A_eq=matrix[is_equal],
        b_eq=program.row_upper[is_equal],
        bounds=np.column_stack([column_lower, program.upper]),
        method="highs-ds",
    )
    return float(result.fun)


def _stacked(above: csr_matrix, below: csr_matrix) -> csr_matrix:
    data = np.concatenate([above.data, below.data])
    indices = np.concatenate([above.indices, below.indices])
    indptr = np.concatenate([above.indptr, below.indptr[1:] + above.indptr[-1]])
    return csr_matrix(
        (data, indices, indptr), shape=(above.shape[0] + below.shape[0], above.shape[1])
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    runs: int = parser.parse_args().runs
    dwells, depot = night_dwells(), night_depot()
    tariff = tariff_from_urdb((NIGHT / "tariff.json").read_bytes(), where="tariff.json")
    prices = price_terms(tariff, GRID, time_zone=ZONE, nights_per_month=22)
    no_load_kw = np.zeros(GRID.count)

    def built() -> PlanningProblem:
        return relaxed_problem(dwells, depot, grid=GRID, prices=prices, base_load_kw=no_load_kw)

    def flow() -> float:
        problem = built()
        return cost_of(problem, solve_flow(problem).task_kw).bill_amount

    def linear() -> float:
        problem = built()
        return cost_of(problem, solve_lp(problem).task_kw).bill_amount

    def whole() -> float:
        order = PlanOrder(made_at=datetime.now(UTC), occupancy="relaxed")
        plan = plan_night(
            dwells, depot, grid=GRID, prices=prices, base_load_kw=no_load_kw, order=order
        )
        assert plan.audit.passed
        return plan.header.bill_amount

    print(f"{datetime.now(UTC):%Y-%m-%d} {platform.machine()} Python {platform.python_version()}")
    print(f"{len(dwells)} vans x {GRID.count} intervals, occupancy relaxed, median of {runs} runs")
    for name, task in [
        ("flow path: build, solve, dispatch", flow),
        ("flow path: and statement, bindings, audit", whole),
        ("linear path (GLOP, three stages): build, solve", linear),
        ("SciPy HiGHS dual simplex: build, solve", lambda: highs_bill(built())),
    ]:
        took_ms, bill = median_ms(task, runs)
        print(f"{name:<50} {took_ms:8.1f} ms   bill {bill:10.4f}")


if __name__ == "__main__":
    main()
