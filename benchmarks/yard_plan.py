"""Time the yard plan and print its proven gap: 60 vans on fewer and fewer connectors.

    python -m benchmarks.yard_plan [--seeds 3]

The reference night first, with swaps counted before money and with a dollar a swap; then nights
drawn from seeds, on 40 AC + 8 DC points and on tighter yards. The bound is the bill of a depot in
which nobody waits for a plug, plus the price of the swaps that counting proves: the gap is never
too small, and on tight yards includes what the bound leaves out.
"""

import argparse
import platform
import time
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from benchmarks.plan_reference_night import GRID, night_depot, night_dwells
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from depotlib.planning.cost import cost_of
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.formulation import relaxed_problem, windowed_problem
from depotlib.planning.yard.assignment import FEWEST_SWAPS, YardPolicy, assign_windows
from depotlib.planning.yard.bounds import least_swaps
from depotlib.planning.yard.occupancy import occupancy_violations

PRICES = PriceTerms(
    "USD",
    energy=(EnergyTerm("energy", (0.3,) * 20 + (0.1,) * (GRID.count - 20)),),
    peaks=(PeakTerm("demand", tuple(range(GRID.count)), 15.0),),
    energy_factor=22.0,
)
YARDS = ((40, 8), (24, 8), (24, 6), (20, 8))
VANS = 60
SWAP_AMOUNT = 1.0


def drawn_dwells(seed: int) -> list[Dwell]:
    """Return 60 stays that may use any point: arrivals 17:00 to 20:45, 20 to 60 kWh."""
    random = np.random.default_rng(seed)
    dwells: list[Dwell] = []
    for number in range(VANS):
        arrival, departure = int(random.integers(4, 20)), int(random.choice([54, 58, 62]))
        energy_kwh = float(random.uniform(20.0, 60.0))
        dwells.append(
            Dwell(
                f"van-{number + 1:02d}",
                GRID.start + arrival * GRID.step,
                GRID.start + departure * GRID.step,
                energy_kwh,
                energy_kwh,
            )
        )
    return dwells


def yard_depot(ac_count: int, dc_count: int) -> Depot:
    """Return the reference depot with so many of its AC and DC points."""
    depot = night_depot()
    ac = [station for station in depot.stations if station.pool == "ac"][:ac_count]
    dc = [station for station in depot.stations if station.pool == "dc"][:dc_count]
    return replace(depot, stations=(*ac, *dc))


def measure(name: str, dwells: list[Dwell], *, depot: Depot, policy: YardPolicy) -> None:
    """Print one yard's time, gap and swaps."""
    rest = {"grid": GRID, "prices": PRICES, "base_load_kw": np.zeros(GRID.count)}
    bound_amount = solve_flow(relaxed_problem(dwells, depot, **rest)).bound_amount
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    yard = assign_windows(dwells, depot, policy=policy, **rest)
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    problem = windowed_problem(dwells, depot, windows=yard.windows, **rest)
    task_kw = solve_flow(problem).task_kw
    bill_amount = cost_of(problem, task_kw).bill_amount
    short_kwh = sum(d.energy_target_kwh for d in dwells) - task_kw.sum() * GRID.interval_h
    broken = occupancy_violations(yard.windows, yard.moves, dwells=dwells, depot=depot)
    assert not broken, broken
    print(
        f"{name:<34} gap {bill_amount / bound_amount - 1:8.4%}  short {short_kwh:6.2f} kWh  "
        f"swaps {yard.swaps:>2} (least {least_swaps(dwells, depot)})  "
        f"{wall_s:6.2f} s, {cpu_s:6.2f} s of CPU"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    seeds: int = parser.parse_args().seeds
    priced = YardPolicy(swap_amount=SWAP_AMOUNT)
    print(f"{datetime.now(UTC):%Y-%m-%d} {platform.machine()} Python {platform.python_version()}")
    for name, policy in (("swaps before money", FEWEST_SWAPS), ("a dollar a swap", priced)):
        measure(f"reference night, {name}", night_dwells(), depot=night_depot(), policy=policy)
    for ac_count, dc_count in YARDS:
        for seed in range(seeds):
            measure(
                f"{ac_count} + {dc_count}, seed {seed}",
                drawn_dwells(seed),
                depot=yard_depot(ac_count, dc_count),
                policy=priced,
            )


if __name__ == "__main__":
    main()
