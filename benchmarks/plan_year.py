"""Plan a year of 500 vans under a ratchet, month by month, and bill it.

    python -m benchmarks.plan_year [--vans 500]

Each month is planned exactly, from noon of its first day to noon of the next month's, with the
peak so far and the ratchet's floor carried over; the whole year's load is then billed by
`tariffs.bill`, and every month's demand line compared with the peak that was planned.
"""

import argparse
import resource
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from benchmarks.inputs.fleet import (
    QUARTERS_PER_DAY,
    FleetNights,
    base_load_kw,
    fleet_nights,
    problem_of_nights,
)
from benchmarks.inputs.ratchet_year import ratchet_tariff
from depotlib.model.bill import Bill
from depotlib.model.calendar import BillingPeriod
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.problem import FloatArray
from depotlib.tariffs.bill import bill_months
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.history import BillingHistory, EarlierMonth, month_number_of
from depotlib.tariffs.horizon import PeriodSoFar
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.terms import price_terms_given

YEAR: Final = 2026
ZONE: Final = ZoneInfo("UTC")
MONTHS: Final = 12
NOON_H: Final = 12
WINTER_SHARE: Final = 0.3
"""By how much more than the year's mean a van needs in January, and less in July."""
TERM: Final = "Flat demand"
ALL_KWH: Final = 0.01
"""All energy is charged, to this."""


def month_starts() -> list[datetime]:
    """Return the first instant of every month of the year and of the next."""
    return [
        datetime(YEAR + month // MONTHS, month % MONTHS + 1, 1, tzinfo=UTC)
        for month in range(MONTHS + 1)
    ]


def month_nights(vans: int, month: int, *, days: int) -> FleetNights:
    """Return the stays of a month; more energy in winter."""
    nights = fleet_nights(vans, days, seed=100 + month)
    season = 1 + WINTER_SHARE * np.cos(month / MONTHS * 2 * np.pi)
    most_kwh = 0.9 * nights.max_kw * (nights.last - nights.first) / 4
    return replace(nights, energy_kwh=np.minimum(nights.energy_kwh * season, most_kwh))


def planned_month(
    tariff: Tariff, vans: int, *, month: int, peaks_kw: dict[int, float], sunk_kw: float
) -> FloatArray:
    """Return the site's power from noon of a month's first day on, (intervals,)."""
    starts = month_starts()
    start, end = (starts[month + step] + timedelta(hours=NOON_H) for step in (0, 1))
    grid = TimeGrid(start=start, interval_s=900, count=(end - start) // timedelta(seconds=900))
    history = BillingHistory(
        tuple(EarlierMonth(number, peak_kw=peak) for number, peak in sorted(peaks_kw.items()))
    )
    prices = price_terms_given(
        tariff,
        grid,
        time_zone=ZONE,
        so_far=PeriodSoFar(sunk_kw=sunk_kw),
        inputs=BillingInputs(history=history),
    )
    nights = month_nights(vans, month, days=grid.count // QUARTERS_PER_DAY)
    problem = problem_of_nights(nights, grid=grid, prices=prices, vans=vans)
    solution = solve_flow(problem)
    assert solution.is_proven
    asked_kwh = float(problem.needs.energy_target_kwh.sum())
    assert abs(float(solution.powers.power_kw.sum()) * grid.interval_h - asked_kwh) < ALL_KWH
    return problem.base_load_kw + solution.powers.by_interval_kw()


def planned_year(tariff: Tariff, vans: int) -> tuple[pl.DataFrame, dict[int, float]]:
    """Return the site's load of the year and the peak of every month [kW]."""
    starts = month_starts()
    number_of = [month_number_of(start, ZONE) for start in starts]
    half_day = NOON_H * 4
    # The year begins with a morning on which nothing charges.
    load = [base_load_kw(2 * half_day, vans)[half_day:]]
    peaks_kw: dict[int, float] = {}
    sunk_kw = float(load[0].max())
    for month in range(MONTHS):
        site_kw = planned_month(tariff, vans, month=month, peaks_kw=peaks_kw, sunk_kw=sunk_kw)
        within, after = site_kw[:-half_day], site_kw[-half_day:]
        peaks_kw[number_of[month]] = max(sunk_kw, float(within.max()))
        sunk_kw = float(after.max())
        load.append(site_kw)
    power_kw = np.concatenate(load)
    begins = pl.datetime_range(
        starts[0],
        starts[0] + timedelta(seconds=900) * len(power_kw),
        interval="15m",
        closed="left",
        time_zone="UTC",
        eager=True,
    )
    return pl.DataFrame({"interval_start": begins, "power_kw": power_kw}), peaks_kw


def demand_kw(bill: Bill) -> float:
    """Return the demand that a bill is reckoned on."""
    return float(max(line.quantity for line in bill.lines if line.component.startswith(TERM)))


def main() -> None:
    """Print the year."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--vans", type=int, default=500)
    vans: int = parser.parse_args().vans
    tariff = ratchet_tariff()
    started_s, processor_s = time.perf_counter(), time.process_time()
    load, peaks_kw = planned_year(tariff, vans)
    planned_s, planned_processor_s = (
        time.perf_counter() - started_s,
        time.process_time() - processor_s,
    )
    starts = month_starts()
    span = BillingPeriod(starts[0], starts[-1])
    bills = bill_months(tariff, load, interval_s=900, time_zone=ZONE, span=span)
    total_s = time.perf_counter() - started_s
    for bill, (number, peak_kw) in zip(bills, sorted(peaks_kw.items()), strict=True):
        billed_kw = demand_kw(bill)
        note = "set by the ratchet" if billed_kw > peak_kw + 1e-3 else ""
        print(
            f"{YEAR}-{number % MONTHS + 1:02d}  peak {peak_kw:8.2f} kW  billed {billed_kw:8.2f} kW  "
            f"bill {bill.total:>12}  {note}"
        )
    total_amount = sum((bill.total for bill in bills), Decimal(0))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{vans} vans, a year: {total_amount} {bills[0].currency}")
    print(
        f"planned in {planned_s:.1f} s (processor {planned_processor_s:.1f} s), "
        f"with the bills {total_s:.1f} s, peak memory {megabytes:.0f} MB"
    )


if __name__ == "__main__":
    main()
