"""Time plans of growing fleets and months, and raw highspy on the same models in the same run.

    python -m benchmarks.plan_sizes [--runs 5] [--without-highspy]

Both sides start from ready arrays and end with the powers read back. Each case runs in a process
of its own, so that its peak memory is its own; HiGHS and OR-Tools cannot share one anyway. Next to
the seconds of the clock stand those of the processor, which others' work disturbs less.
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, get_args

import numpy as np

from benchmarks.inputs.fleet import Pricing, fleet_problem
from benchmarks.inputs.highs_arrays import write_highs_arrays
from depotlib.planning.cost import cost_of_site
from depotlib.planning.flow.path import solve_flow

SIZES: Final = ((60, 1), (200, 7), (2000, 1), (500, 31))
"""Vans and days."""
VAN_STEPS: Final = ((60, 1), (200, 1), (600, 1), (2000, 1))
DAY_STEPS: Final = ((200, 1), (200, 7), (200, 14), (200, 31))
SMALLEST_STAYS: Final = 60
"""Up to here highspy is repeated; above it runs once."""
SMALL_STAYS: Final = 2_000
"""Up to here a case is repeated; above it runs at most twice."""
PEER: Final = Path(__file__).parent / "peers" / "highspy_simplex.py"


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of one case.

    Parameters
    ----------
    wall_s, processor_s : float
    bill_amount, bound_amount : float
    peak_mb : float
    """

    wall_s: float
    processor_s: float
    bill_amount: float
    bound_amount: float
    peak_mb: float


def measure(vans: int, days: int, *, pricing: Pricing, runs: int) -> Figures:
    """Return the figures of the flow path, in this process."""
    problem = fleet_problem(vans, days, pricing=pricing)
    solution = solve_flow(fleet_problem(2, 1, pricing=pricing))  # libraries loaded, not timed
    walls: list[float] = []
    processors: list[float] = []
    for _ in range(runs if vans * days <= SMALL_STAYS else min(runs, 2)):
        wall_s, processor_s = time.perf_counter(), time.process_time()
        solution = solve_flow(problem)
        walls.append(time.perf_counter() - wall_s)
        processors.append(time.process_time() - processor_s)
    charging_kw = solution.powers.by_interval_kw()
    return Figures(
        wall_s=statistics.median(walls),
        processor_s=statistics.median(processors),
        bill_amount=cost_of_site(problem, charging_kw).bill_amount,
        bound_amount=solution.bound_amount,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def measured(vans: int, days: int, *, pricing: Pricing, runs: int) -> Figures:
    """Return the figures of the flow path, in a process of its own."""
    arguments = ["--case", str(vans), str(days), pricing, "--runs", str(runs)]
    answer = subprocess.run(  # noqa: S603 - our own module with our own arguments
        [sys.executable, "-m", "benchmarks.plan_sizes", *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return Figures(**json.loads(answer.stdout))


def highspy_figures(vans: int, days: int, *, pricing: Pricing, runs: int) -> Figures:
    """Return the figures of raw highspy (simplex, one thread) on the same linear program."""
    problem = fleet_problem(vans, days, pricing=pricing)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.npz"
        rest_amount = write_highs_arrays(problem, path)
        answer = subprocess.run(  # noqa: S603 - our own script with our own arguments
            [
                sys.executable,
                str(PEER),
                str(path),
                str(runs if vans * days <= SMALLEST_STAYS else 1),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
    found = json.loads(answer.stdout)
    bill_amount = found["objective"] + rest_amount
    return Figures(
        found["seconds"], found["processor_s"], bill_amount, bill_amount, found["peak_mb"]
    )


def print_sizes(runs: int, *, with_highspy: bool) -> None:
    """Print the table of sizes."""
    print(
        "vans x days  prices   flow: wall, processor [s], MB        highspy          ratio  bills"
    )
    for vans, days in SIZES:
        for pricing in get_args(Pricing):
            ours = measured(vans, days, pricing=pricing, runs=runs)
            gap_share = ours.bill_amount / ours.bound_amount - 1
            line = (
                f"{vans:>5} x {days:<4} {pricing:<5} {ours.wall_s:9.4f} {ours.processor_s:9.4f} "
                f"{ours.peak_mb:6.0f}  gap {gap_share:7.1e}"
            )
            if with_highspy:
                peer = highspy_figures(vans, days, pricing=pricing, runs=runs)
                line += (
                    f"  {peer.wall_s:9.3f} {peer.processor_s:9.3f} {peer.peak_mb:5.0f}  "
                    f"{peer.processor_s / ours.processor_s:6.1f} x"
                    f"  {abs(ours.bill_amount / peer.bill_amount - 1):.0e}"
                )
            print(line, flush=True)


def print_growth(runs: int) -> None:
    """Print by which power of the size the time grows."""
    for name, steps, axis in (("vans", VAN_STEPS, 0), ("days", DAY_STEPS, 1)):
        times_s = [
            measured(vans, days, pricing="tou", runs=runs).processor_s for vans, days in steps
        ]
        sizes = np.log([step[axis] for step in steps])
        exponent = float(np.polyfit(sizes, np.log(times_s), 1)[0])
        print(
            f"time of use, {name} {steps[0][axis]} to {steps[-1][axis]}: time ~ size^{exponent:.2f}"
        )


def main() -> None:
    """Print the tables, or one case as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--without-highspy", action="store_true")
    parser.add_argument("--case", nargs=3)
    asked = parser.parse_args()
    if asked.case:
        vans, days, pricing = asked.case
        figures = measure(int(vans), int(days), pricing=pricing, runs=asked.runs)
        print(json.dumps({name: getattr(figures, name) for name in Figures.__slots__}))
        return
    print(f"{datetime.now(UTC):%Y-%m-%d} {platform.machine()} Python {platform.python_version()}")
    print_sizes(asked.runs, with_highspy=not asked.without_highspy)
    print_growth(asked.runs)


if __name__ == "__main__":
    main()
