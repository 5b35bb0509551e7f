"""What the bill would have been without the worst intervals: billed again, not estimated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

import polars as pl

from depotlib.errors import AllocationError
from depotlib.model.attribution import CappedBill
from depotlib.model.bill import Bill, BillLine
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.flat_demand import NAME as FLAT_DEMAND
from depotlib.tariffs.flat_demand import FlatDemand
from depotlib.tariffs.horizon import MONTHS_PER_YEAR
from depotlib.tariffs.tier import Tier

USUAL_COUNTS: Final = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class _Window:
    start: datetime
    mean_kw: float


def bills_without_worst(
    case: BillingCase, counts: Sequence[int] = USUAL_COUNTS, *, component: str | None = None
) -> tuple[CappedBill, ...]:
    """Return the bills with the worst windows of a period capped at the next highest.

    Parameters
    ----------
    case : BillingCase
    counts : sequence of int
        How many windows to cap, each a bill of its own. Counts beyond the period's windows are
        left out.
    component : str, optional
        Name of a demand line: only windows in which it counts are capped. Default: the highest
        windows of the load at any hour.

    Raises
    ------
    AllocationError
        If a count is below 1, or the bill has no such demand line.
    LoadError
        If the load cannot be billed.
    """
    if not counts or min(counts) < 1:
        raise AllocationError(
            f"cannot cap {list(counts)} windows", where="counts", hint="give counts from 1 on"
        )
    as_it_was = case.bill()
    name = FLAT_DEMAND if component is None else component
    ranked_in = _any_hour(case) if component is None else case
    ranked = _ranking(ranked_in, name, count=max(counts) + 1)
    capped: list[CappedBill] = []
    for count in sorted(set(counts)):
        if count < len(ranked):
            cap_kw = ranked[count].mean_kw
            worst = ranked[:count]
            bill = replace(case, load=_capped(case, worst, cap_kw=cap_kw)).bill()
            capped.append(
                CappedBill(
                    count=count,
                    windows=tuple(window.start for window in worst),
                    cap_kw=cap_kw,
                    bill=bill,
                    saving=as_it_was.total - bill.total,
                )
            )
    return tuple(capped)


def _any_hour(case: BillingCase) -> BillingCase:
    # A demand charge at all hours, so that the bill itself names the highest windows.
    charge = FlatDemand(tiers=((Tier(Decimal(1)),),), season_by_month=(0,) * MONTHS_PER_YEAR)
    return replace(case, tariff=replace(case.tariff, components=(charge,)))


def _ranking(case: BillingCase, component: str, *, count: int) -> list[_Window]:
    # The bill is asked which window sets the line; with that one out of the way, asked again.
    # So whatever a component counts (hours, days, seasons), its own windows are ranked.
    ranked: list[_Window] = []
    trial = case
    while len(ranked) < count:
        lines = _peak_lines(trial.bill(), component)
        if not ranked and not lines:
            raise AllocationError(
                f"the bill has no demand line {component!r} that an interval sets",
                where="component",
                hint="name a demand line of the bill",
            )
        window = _window_of(lines, seen={found.start for found in ranked}, case=case)
        if window is None:
            break
        ranked.append(window)
        trial = replace(case, load=_capped(case, ranked, cap_kw=0.0))
    return ranked


def _peak_lines(bill: Bill, component: str) -> list[BillLine]:
    # All tiers of one charge are slices of one peak.
    stem = component.split(", tier ", maxsplit=1)[0]
    return [
        line
        for line in bill.lines
        if line.family == "demand"
        and line.component.split(", tier ", maxsplit=1)[0] == stem
        and line.set_by is not None
    ]


def _window_of(
    lines: Sequence[BillLine], *, seen: set[datetime], case: BillingCase
) -> _Window | None:
    for line in lines:
        start = line.set_by
        if start is not None and start >= case.period.start and start not in seen:
            mean_kw = _mean_kw(case, start)
            return _Window(start=start, mean_kw=mean_kw) if mean_kw > 0 else None
    return None


def _mean_kw(case: BillingCase, start: datetime) -> float:
    inside = pl.col("interval_start").is_between(start, case.window_end(start), closed="left")
    mean_kw = case.load.filter(inside)["power_kw"].mean()
    return mean_kw if isinstance(mean_kw, float) else 0.0


def _capped(case: BillingCase, windows: Sequence[_Window], *, cap_kw: float) -> pl.DataFrame:
    factor = pl.lit(1.0)
    for window in windows:
        inside = pl.col("interval_start").is_between(
            window.start, case.window_end(window.start), closed="left"
        )
        factor = pl.when(inside).then(min(1.0, cap_kw / window.mean_kw)).otherwise(factor)
    return case.load.with_columns(pl.col("power_kw") * factor)
