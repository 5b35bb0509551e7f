"""What a month costs more because a demand charge is monthly and a night is planned alone.

    python -m benchmarks.month_regret [--months 12]

Each night of random months is planned with full knowledge of itself, under four ways to price its
peak; the bill of the month is held against the cheapest plan of the whole month at once. Targets
come from 20 other months than those that are billed. All seeds are fixed.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from benchmarks.reference_month import (
    Fleet,
    RunningMonth,
    foresight_amount,
    month_problem,
    night_grid,
    problem_of,
    reference_fleet,
    terms_of_night,
)
from depotlib.model.dwell import Dwell
from depotlib.model.price_terms import PriceTerms
from depotlib.planning.month import PeakTarget, peak_targets, terms_toward
from depotlib.planning.solve import solve_problem

SAMPLE_SEEDS: Final = range(1000, 1020)
DAYS: Final = 31
Pricing = Callable[[PriceTerms, Mapping[str, float]], PriceTerms]


def targets_of(fleet: Fleet) -> tuple[PeakTarget, ...]:
    """Return the targets that twenty sampled months give."""
    return peak_targets(month_problem(fleet, fleet.month(seed)) for seed in SAMPLE_SEEDS)


def pricings(targets_kw: Mapping[str, float]) -> dict[str, Pricing]:
    """Return the ways to price a night's peak."""

    def toward(terms: PriceTerms, so_far_kw: Mapping[str, float]) -> PriceTerms:
        return terms_toward(terms, target_kw=targets_kw, so_far_kw=so_far_kw)

    def above_so_far(terms: PriceTerms, so_far_kw: Mapping[str, float]) -> PriceTerms:
        return terms_toward(terms, target_kw={}, so_far_kw=so_far_kw)

    def shared_out(terms: PriceTerms, _: Mapping[str, float]) -> PriceTerms:
        peaks = tuple(replace(one, price_per_kw=one.price_per_kw / DAYS) for one in terms.peaks)
        return replace(terms, peaks=peaks)

    def energy_only(terms: PriceTerms, _: Mapping[str, float]) -> PriceTerms:
        return replace(terms, peaks=())

    return {
        "nothing up to max(so far, target)": toward,
        "nothing up to the peak so far": above_so_far,
        "the price / 31 every night": shared_out,
        "energy only": energy_only,
    }


def amount_by_nights(fleet: Fleet, nights: Sequence[Sequence[Dwell]], *, pricing: Pricing) -> float:
    """Return the bill of a month whose nights are planned one by one."""
    month = RunningMonth(fleet.prices, [])
    for number, stays in enumerate(nights):
        terms = pricing(terms_of_night(fleet.prices, number), month.so_far_kw())
        solution = solve_problem(problem_of(stays, grid=night_grid(number), prices=terms))
        month.drawn_kw.append(solution.powers.by_interval_kw())
    return month.bill_amount()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--months", type=int, default=12)
    count: int = parser.parse_args().months
    fleet = reference_fleet()

    started_s = time.perf_counter()
    targets = targets_of(fleet)
    took_s = time.perf_counter() - started_s
    print(f"{len(SAMPLE_SEEDS)} sampled months of {len(fleet.dwells)} vans: {took_s:.2f} s")
    for one in targets:
        low_kw, high_kw = one.sampled_kw[0], one.sampled_kw[-1]
        print(f"  {one.name}: target {one.target_kw:.1f} kW of {low_kw:.1f} to {high_kw:.1f}")

    months = [fleet.month(seed) for seed in range(count)]
    times_s: list[float] = []
    best: list[float] = []
    for nights in months:
        started_s = time.perf_counter()
        best.append(foresight_amount(fleet, nights))
        times_s.append(time.perf_counter() - started_s)
    print(
        f"\n{count} months at once: median {statistics.median(times_s):.3f} s, "
        f"mean bill {statistics.mean(best):,.2f}; nights planned one by one:"
    )
    for name, pricing in pricings({one.name: one.target_kw for one in targets}).items():
        regrets = [
            amount_by_nights(fleet, nights, pricing=pricing) / amount - 1
            for nights, amount in zip(months, best, strict=True)
        ]
        print(f"  {name:<36} mean regret {statistics.mean(regrets):7.2%}")


if __name__ == "__main__":
    main()
