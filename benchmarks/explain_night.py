"""Time the explanation of the demo night: 60 vans on 48 connectors, by its parts.

    python -m benchmarks.explain_night [--runs 5] [--short-kw 165]

Prints medians of the whole explanation (wall and CPU) and of its parts, for the night as it is and
for the same night under a limit that leaves vans short; occupancy relaxed for the latter, so that
the repairs' plans, not their yards, are what is timed.
"""

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from depotlib.model.plan import Occupancy
from depotlib.planning.explain.explanation import Explanation
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.settings import Settings
from depotlib.workflows.explain_plan import explain_night, facts_of, frontier_of
from depotlib.workflows.load_demo import load_demo
from depotlib.workflows.tonight import NightChoices, gather_tonight

NOW = datetime(2026, 11, 2, 21, 45, tzinfo=UTC)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--short-kw", type=float, default=165.0)
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, median of {given.runs} runs after one warm-up")
    print(
        "| night | wall s | CPU s | sentences | repairs | frontier wall s |\n|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home")
        load_demo(settings, now=NOW)
        _row(settings, NightChoices(), occupancy="assigned", runs=given.runs)
        short = NightChoices(operating_limit_kw=given.short_kw)
        _row(settings, short, occupancy="relaxed", runs=given.runs)


def _row(settings: Settings, choices: NightChoices, *, occupancy: Occupancy, runs: int) -> None:
    tonight = gather_tonight(settings, now=NOW, choices=choices)
    facts = facts_of(tonight, occupancy=occupancy)
    plan = plan_night(
        facts.dwells,
        facts.depot,
        grid=facts.grid,
        prices=facts.prices,
        base_load_kw=facts.base_load_kw,
        order=PlanOrder(made_at=NOW, occupancy=occupancy),
    )

    def explained() -> Explanation:
        return explain_night(settings, tonight, plan=plan, now=NOW)

    told = explained()
    wall_s, cpu_s = _medians(explained, runs=runs)
    frontier_s, _ = _medians(lambda: frontier_of(tonight, plan), runs=runs)
    missing = f"{plan.header.unmet_kwh:.0f} kWh missing"
    name = f"{plan.header.ready} of {plan.header.vehicles} ready, {missing}, {occupancy}"
    print(
        f"| {name} | {wall_s:.2f} | {cpu_s:.2f} | {len(told.sentences())} "
        f"| {len(told.repairs)} | {frontier_s:.2f} |"
    )


def _medians(work: Callable[[], object], *, runs: int) -> tuple[float, float]:
    """Return the median wall and CPU time of some work [s]."""
    walls_s: list[float] = []
    cpus_s: list[float] = []
    for _ in range(runs):
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        work()
        walls_s.append(time.perf_counter() - wall_s)
        cpus_s.append(time.process_time() - cpu_s)
    return statistics.median(walls_s), statistics.median(cpus_s)


if __name__ == "__main__":
    main()
