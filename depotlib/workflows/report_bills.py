"""Reports about bills: what power cost, which tariff is cheapest, what a utility's bill has wrong."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

import polars as pl

from depotlib.charts.bill_lines import bill_name
from depotlib.model.bill import Bill
from depotlib.model.calendar import zone
from depotlib.model.utility_bill import BillAudit
from depotlib.reports.report import Chart, Column, Figure, Report, Table, Value
from depotlib.workflows.attribute_peak import PeakReview
from depotlib.workflows.audit_bill import AuditedBill
from depotlib.workflows.compare_tariffs import ComparedTariff, TariffComparison, TariffCost
from depotlib.workflows.review_demand import DemandReview

MONTH: Final = "Month"
FROM: Final = "From"
MEAN: Final = "Mean of 15 minutes (kW)"
BESIDE: Final = "Line by line"
TOTALS: Final = "What each costs"
LOADS: Final = {"as it was": "As it was", "planned": "Planned anew"}
MOST_BARS: Final = 80
"""More parties than these are a table, not a picture; so is one alone."""


def demand_report(review: DemandReview, *, peaks: PeakReview | None = None) -> Report:
    """Return the demand-charge report: every bill line by line, and who caused one bill's peaks.

    Parameters
    ----------
    review : DemandReview
    peaks : PeakReview, optional
        Of one of the bills.
    """
    currency = review.currency
    months = _months("Bills", review.bills, time_zone=review.time_zone)
    causers = () if peaks is None else tuple(_causers(peaks))
    load = () if peaks is None else (_load(review, peaks.bill),)
    return Report(
        title=f"Demand charges, {review.tariff_name}",
        question="What did power cost, and which moments set the price?",
        figures=(
            Figure("All bills", review.total_amount, currency),
            Figure("Demand charges", review.demand_amount, currency),
            Figure("Energy", review.energy_amount, currency),
            Figure("Highest 15-minute mean", review.peak_kw, "kW"),
            Figure("It began", review.peak_at),
        ),
        tables=(
            months,
            _lines("Lines", review.bills, time_zone=review.time_zone),
            *causers,
            *load,
        ),
        notes=_once(
            review.assumption,
            *(text for bill in review.bills for text in (*bill.assumptions, *bill.warnings)),
        ),
        time_zone=review.time_zone,
        charts=(
            Chart(
                "What each month's bill is made of",
                months.name,
                MONTH,
                # The first column is the month's name, the last the total.
                months.headings[1:-1],
                currency,
                "stacked bars",
            ),
            *(Chart(one.name, one.name, FROM, (MEAN,), "kW", "line") for one in load),
            *(
                Chart(one.name, one.name, "Who", (one.headings[2],), currency)
                for one in causers
                if 1 < len(one.rows) <= MOST_BARS
            ),
        ),
    )


def comparison_report(comparison: TariffComparison, *, time_zone: str) -> Report:
    """Return tariffs beside each other, the cheapest first, with their bills by month."""
    cheapest = next(iter(comparison.tariffs))
    cost = cheapest.planned or cheapest.past
    # Amounts of several currencies are no one picture.
    totals = {one.currency: _totals(comparison, one.currency) for one in comparison.tariffs}
    return Report(
        title="Tariff comparison",
        question="Which tariff is the cheapest for what was charged?",
        figures=(
            Figure("Cheapest", cheapest.name),
            Figure("It costs", None if cost is None else cost.total_amount, cheapest.currency),
            Figure("Tariffs compared", len(comparison.tariffs)),
            Figure("From", comparison.start),
            Figure("To", comparison.end),
        ),
        tables=(
            *totals.values(),
            _tariffs(comparison),
            _tariff_months(comparison, time_zone=time_zone),
        ),
        notes=comparison.notes,
        time_zone=time_zone,
        charts=tuple(
            Chart(
                "What the same charging costs under each tariff",
                one.name,
                "Tariff",
                one.headings[1:],
                currency,
            )
            for currency, one in totals.items()
        ),
    )


def audit_report(audited: AuditedBill) -> Report:
    """Return the bill audit pack: both bills line by line, the likely causes, and what they cost."""
    audit = audited.audit
    currency = audit.ours.currency
    return Report(
        title=f"Bill audit, {audit.theirs.first_day} to {audit.theirs.end_day}",
        question="Is the utility's bill right, and if not, why?",
        figures=(
            Figure("The utility's bill", audit.theirs.line_sum, currency),
            Figure("Ours", audit.ours.total, currency),
            Figure("Too much, where above 0", audit.variance, currency),
            Figure("Not compared (taxes and riders)", audit.not_compared, currency),
            Figure("Not explained", audit.unexplained, currency),
        ),
        tables=(
            _beside(audit),
            Table(
                "Likely causes",
                (Column("Cause"), Column(f"It costs ({currency})", "money")),
                tuple((cause.sentence, cause.amount) for cause in audit.causes),
            ),
            _lines("Our bill", [audit.ours], time_zone=audited.time_zone),
            _printed(audited),
        ),
        notes=_once(*audit.findings, *audited.assumptions, *audit.ours.warnings),
        time_zone=audited.time_zone,
        charts=(
            Chart(
                "Both bills, line by line",
                BESIDE,
                "Their line",
                (f"Ours ({currency})", f"Theirs ({currency})"),
                currency,
            ),
        ),
    )


def _beside(audit: BillAudit) -> Table:
    currency = audit.ours.currency
    ours, theirs = f"Ours ({currency})", f"Theirs ({currency})"
    return Table(
        BESIDE,
        (
            Column("Our line"),
            Column("Their line"),
            Column(ours, "money", is_summed=True),
            Column(theirs, "money", is_summed=True),
            Column(f"Difference ({currency})", "money", is_summed=True, less=(theirs, ours)),
            Column("Agrees"),
        ),
        tuple(
            (
                match.ours.component if match.ours else "none",
                match.theirs.name if match.theirs else "none",
                match.ours.amount if match.ours else Decimal(0),
                match.theirs.amount if match.theirs else Decimal(0),
                match.difference,
                "yes" if match.agrees else "no",
            )
            for match in audit.matches
        ),
    )


def _months(name: str, bills: Sequence[Bill], *, time_zone: str) -> Table:
    families = list(dict.fromkeys(line.family for bill in bills for line in bill.lines))
    currency = bills[0].currency if bills else ""
    return Table(
        name,
        (
            Column(MONTH),
            *(
                Column(f"{one.capitalize()} ({currency})", "money", is_summed=True)
                for one in families
            ),
            Column(f"Total ({currency})", "money", is_summed=True),
        ),
        tuple(
            (
                bill_name(bill, zone(time_zone)),
                *(bill.family_total(family) for family in families),
                bill.total,
            )
            for bill in bills
        ),
    )


def _lines(name: str, bills: Sequence[Bill], *, time_zone: str) -> Table:
    currency = bills[0].currency if bills else ""
    return Table(
        name,
        (
            Column("Month"),
            Column("Line"),
            Column("Quantity", "price"),
            Column("Unit"),
            Column(f"Price ({currency} per unit)", "price"),
            Column(f"Amount ({currency})", "money", is_summed=True),
            Column("Set by the interval from", "instant"),
        ),
        tuple(
            (
                bill_name(bill, zone(time_zone)),
                line.component,
                line.quantity,
                line.unit,
                line.unit_price,
                line.amount,
                line.set_by,
            )
            for bill in bills
            for line in bill.lines
        ),
    )


def _printed(audited: AuditedBill) -> Table:
    currency = audited.audit.theirs.currency
    rows: list[tuple[Value, ...]] = [
        (line.kind, line.name, line.quantity, line.unit, line.price, line.amount)
        for line in audited.audit.theirs.lines
    ]
    return Table(
        "The utility's bill as printed",
        (
            Column("Kind"),
            Column("Line"),
            Column("Quantity", "price"),
            Column("Unit"),
            Column("Price per unit", "price"),
            Column(f"Amount ({currency})", "money", is_summed=True),
        ),
        tuple(rows),
    )


def _causers(peaks: PeakReview) -> Iterable[Table]:
    currency = peaks.bill.currency
    month = bill_name(peaks.bill, zone(peaks.time_zone))
    for by, peak in [
        *(("vehicle", one) for one in peaks.by_vehicle),
        *(("station", one) for one in peaks.by_station),
    ]:
        yield Table(
            f"{peak.component} by {by}, {month}",
            (
                Column("Who"),
                Column(f"Part of the peak ({peak.unit})", "energy", is_summed=True),
                Column(f"Cost ({currency})", "money", is_summed=True),
                Column("Drew then (kW)", "number", is_summed=True),
            ),
            tuple(
                (share.party, share.quantity, share.amount, share.drawn_kw) for share in peak.shares
            ),
        )


def _load(review: DemandReview, bill: Bill) -> Table:
    within = review.load.filter(
        pl.col("interval_start").is_between(bill.period.start, bill.period.end, closed="left")
    )
    rows: list[tuple[Value, ...]] = within.select("interval_start", "power_kw").rows()
    return Table(
        f"Load, {bill_name(bill, zone(review.time_zone))}",
        (Column(FROM, "instant"), Column(MEAN, "number")),
        tuple(rows),
        is_printed=False,
    )


def _totals(comparison: TariffComparison, currency: str) -> Table:
    return Table(
        f"{TOTALS} ({currency})",
        (Column("Tariff"), *(Column(f"{one} ({currency})", "money") for one in LOADS.values())),
        tuple(
            (one.name, *(dict(_totals_of(one)).get(load) for load in LOADS))
            for one in comparison.tariffs
            if one.currency == currency
        ),
    )


def _totals_of(one: ComparedTariff) -> list[tuple[str, Decimal]]:
    return [(load, cost.total_amount) for load, cost in _costs(one)]


def _tariffs(comparison: TariffComparison) -> Table:
    return Table(
        "Tariffs",
        (
            Column("Tariff"),
            Column("Currency"),
            Column("Load"),
            Column("Total", "money"),
            Column("Energy", "money"),
            Column("Demand", "money"),
            Column("Other", "money"),
            Column("Peak (kW)", "number"),
            Column("Not possible"),
        ),
        tuple(row for one in comparison.tariffs for row in _cost_rows(one)),
    )


def _tariff_months(comparison: TariffComparison, *, time_zone: str) -> Table:
    return Table(
        "Bills by month",
        (
            Column("Tariff"),
            Column("Currency"),
            Column("Load"),
            Column("Month"),
            Column("Total", "money"),
        ),
        tuple(
            (one.name, one.currency, load, bill_name(bill, zone(time_zone)), bill.total)
            for one in comparison.tariffs
            for load, cost in _costs(one)
            for bill in cost.bills
        ),
    )


def _costs(tariff: ComparedTariff) -> list[tuple[str, TariffCost]]:
    costs = (("as it was", tariff.past), ("planned", tariff.planned))
    return [(load, cost) for load, cost in costs if cost is not None]


def _cost_rows(one: ComparedTariff) -> list[tuple[Value, ...]]:
    rows: list[tuple[Value, ...]] = [
        (
            one.name,
            one.currency,
            load,
            cost.total_amount,
            cost.energy_amount,
            cost.demand_amount,
            cost.other_amount,
            cost.peak_kw,
            one.refusal,
        )
        for load, cost in _costs(one)
    ]
    return rows or [(one.name, one.currency, *([None] * 6), one.refusal)]


def _once(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in texts if one))
