"""Bills as tables: who caused a peak, what the worst moments cost, who pays, what does not agree."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.allocation import Allocation, PartyCost
from depotlib.model.bill import Bill
from depotlib.model.utility_bill import BillAudit
from depotlib.ui.state import display
from depotlib.ui.tables import without_empty
from depotlib.ui.wording import counted, full_time
from depotlib.workflows.attribute_peak import CappedBill, PeakAttribution
from depotlib.workflows.compare_tariffs import TariffComparison, TariffCost

ONE_DAY = timedelta(days=1)
COMPARED_KINDS = ("energy", "demand", "fixed", "minimum")
COSTS = {
    "name": pl.String,
    "load": pl.String,
    "energy_amount": pl.Float64,
    "demand_amount": pl.Float64,
    "other_amount": pl.Float64,
    "peak_kw": pl.Float64,
}


def days_of(bill: Bill, time_zone: ZoneInfo) -> tuple[date, date]:
    """Return the local days of a bill, the later one exclusive."""
    first = bill.period.start.astimezone(time_zone).date()
    end = bill.period.end.astimezone(time_zone)
    is_midnight = end.time() == end.time().min
    return first, end.date() if is_midnight else end.date() + ONE_DAY


def contributors_table(peak: PeakAttribution, *, currency: str) -> pl.DataFrame:
    """Return who drew how much while a peak was set, and what it cost them."""
    return pl.DataFrame(
        [
            {
                "Who": share.party,
                f"Part of the peak ({peak.unit})": float(share.quantity),
                f"Cost ({currency})": float(share.amount),
                "Drew then (kW)": share.drawn_kw,
            }
            for share in peak.shares
        ]
    )


def capped_table(capped: Sequence[CappedBill], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return what a bill would have been without its worst demand windows."""
    return pl.DataFrame(
        [
            {
                "Without the worst": counted(one.count, "window"),
                "Then the highest is (kW)": one.cap_kw,
                f"Bill ({one.bill.currency})": float(one.bill.total),
                f"Saved ({one.bill.currency})": float(one.saving),
                "The windows from": "; ".join(
                    full_time(start, time_zone) for start in sorted(one.windows)
                ),
            }
            for one in capped
        ]
    )


def split_table(allocation: Allocation) -> pl.DataFrame:
    """Return what each party pays, by kind of charge; the columns sum to the bill."""
    currency = allocation.bill.currency
    families = dict.fromkeys(line.family for line in allocation.lines)
    return without_empty(
        pl.DataFrame(
            [
                {
                    "Who": cost.party,
                    "Energy (kWh)": cost.energy_kwh,
                    **{
                        f"{family.capitalize()} ({currency})": float(
                            cost.amount_by_family.get(family, Decimal(0))
                        )
                        for family in families
                    },
                    f"Total ({currency})": float(cost.total),
                    **_per_distance(cost, currency=currency),
                }
                for cost in allocation.parties
            ]
        )
    )


def _per_distance(cost: PartyCost, *, currency: str) -> dict[str, float | None]:
    if display().distance == "mi":
        return {f"Per mile ({currency})": _known(cost.cost_per_mile)}
    return {f"Per km ({currency})": _known(cost.cost_per_km)}


def rules_table(allocation: Allocation) -> pl.DataFrame:
    """Return by which rule each line of a bill was split."""
    return pl.DataFrame(
        [
            {
                "Line": line.component,
                f"Amount ({allocation.bill.currency})": float(line.amount),
                "Split": line.rule,
            }
            for line in allocation.lines
        ]
    )


def audit_lines(audit: BillAudit) -> pl.DataFrame:
    """Return a utility's bill beside ours, line by line."""
    currency = audit.ours.currency
    return pl.DataFrame(
        [
            {
                "Our line": match.ours.component if match.ours else "none",
                "Their line": match.theirs.name if match.theirs else "none",
                f"Ours ({currency})": float(match.ours.amount) if match.ours else 0.0,
                f"Theirs ({currency})": float(match.theirs.amount) if match.theirs else 0.0,
                f"Difference ({currency})": float(match.difference),
                "Agrees": "yes" if match.agrees else "no",
            }
            for match in audit.matches
        ]
    )


def bill_lines_table(bill: Bill) -> pl.DataFrame:
    """Return a bill as a utility's lines are entered (docs/utility-bill.md)."""
    return pl.DataFrame(
        [
            {
                "kind": line.family if line.family in COMPARED_KINDS else "other",
                "name": line.component,
                "quantity": f"{line.quantity.normalize():f}",
                "unit": line.unit,
                "price": f"{line.unit_price.normalize():f}",
                "amount": f"{line.amount:f}",
            }
            for line in bill.lines
        ]
    )


def comparison_costs(comparison: TariffComparison, *, currency: str) -> pl.DataFrame:
    """Return what `charts.tariff_comparison` draws of the tariffs of one currency."""
    rows: list[dict[str, object]] = []
    for one in comparison.tariffs:
        costs: dict[str, TariffCost | None] = {"as it was": one.past, "planned": one.planned}
        rows.extend(
            {
                "name": one.name,
                "load": load,
                "energy_amount": float(cost.energy_amount),
                "demand_amount": float(cost.demand_amount),
                "other_amount": float(cost.other_amount),
                "peak_kw": cost.peak_kw,
            }
            for load, cost in costs.items()
            if cost is not None and one.currency == currency
        )
    return pl.DataFrame(rows, schema=COSTS)


def comparison_rows(comparison: TariffComparison) -> pl.DataFrame:
    """Return tariffs as a table, the cheapest first."""
    return without_empty(
        pl.DataFrame(
            [
                {
                    "Tariff": one.name,
                    "Currency": one.currency,
                    "As it was": _total(one.past),
                    "Planned": _total(one.planned),
                    "Peak as it was (kW)": one.past.peak_kw if one.past else None,
                    "Peak planned (kW)": one.planned.peak_kw if one.planned else None,
                    "Not possible": one.refusal,
                }
                for one in comparison.tariffs
            ]
        )
    )


def _total(cost: TariffCost | None) -> str:
    return "" if cost is None else f"{cost.total_amount:,.2f}"


def _known(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
