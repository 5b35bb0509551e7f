"""Our bills of a year beside another engine's, and what docs/tariffs.md says of the differences."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Final

from depotlib.errors import TariffRefusedError
from depotlib.model.bill import Bill
from depotlib.tariffs.bill import bill_months
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.history import BillingHistory, EarlierMonth
from tests.places import ROOT
from tests.tariff_cases import STANDARD_TIME
from tests.tariff_samples import (
    COMMERCIAL,
    FOLDER,
    STEEL_PLANT,
    FloatArray,
    interval_s,
    month_peaks_kw,
    tariff_of,
    year_kw,
    year_load,
)

Amounts = dict[str, Decimal]

PAGE: Final = ROOT / "docs" / "tariffs.md"
TOLERANCE: Final = Decimal("0.02")
CENT: Final = Decimal("0.01")
LOADS: Final = {STEEL_PLANT: "steel plant", COMMERCIAL: "commercial building"}
LEEDS_NAME: Final = "Leeds"
COLUMN_OF_LINES: Final = {
    "energy": ("energy_usd",),
    "fixed": ("fixed_usd",),
    "demand": ("flat_demand_usd", "tou_demand_usd"),
    "minimum": ("minimum_topup_usd",),
    "total": ("total_usd",),
}
YEAR_BEFORE: Final = 2017 * 12
DAYS_IN_MEAN_MONTH: Final = Decimal(365) / 12


@cache
def our_year(file: str, load: str) -> tuple[Bill, ...]:
    """Return our twelve bills of a sample record for a sample load."""
    return bills_of_year(file, year_kw(load))


def bills_of_year(file: str, power_kw: FloatArray) -> tuple[Bill, ...]:
    """Return our twelve bills of a sample record.

    The year before had the same peaks; the utility's own peak is at 17:00 on the 15th of a month.
    """
    before = [
        EarlierMonth(YEAR_BEFORE + month, peak_kw=peak_kw)
        for month, peak_kw in enumerate(month_peaks_kw(power_kw))
    ]
    return bill_months(
        tariff_of(file),
        year_load(power_kw),
        interval_s=interval_s(power_kw),
        time_zone=STANDARD_TIME,
        inputs=BillingInputs(
            history=BillingHistory(tuple(before)),
            system_peaks=tuple(
                datetime(2018, month, 15, 17, tzinfo=STANDARD_TIME) for month in range(1, 13)
            ),
        ),
    )


def amounts_of(bill: Bill) -> Amounts:
    """Return a bill by kind of line, a charge per day restated to the mean month of 365/12 days."""
    found = {name: bill.family_total(name) for name in COLUMN_OF_LINES}
    for line in bill.lines:
        if line.unit == "day":
            found["fixed"] += line.unit_price * DAYS_IN_MEAN_MONTH - line.amount
    # What a minimum tops up is less where the restated lines above it are more.
    found["total"] = sum(found.values(), Decimal(0))
    return found


@cache
def expected_pairs() -> dict[tuple[str, str], tuple[Mapping[str, str], ...]]:
    """Return the other engine's months by record and load."""
    found: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    with (FOLDER / "pysam_expected_year.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault((row["tariff_file"], row["load"]), []).append(row)
    return {pair: tuple(rows) for pair, rows in found.items()}


def expected_amounts(row: Mapping[str, str]) -> Amounts:
    """Return one month of the other engine by kind of line."""
    return {
        name: sum((Decimal(row[column]) for column in columns), Decimal(0))
        for name, columns in COLUMN_OF_LINES.items()
    }


def differences(bills: Sequence[Bill], expected: Iterable[Amounts]) -> Amounts:
    """Return the largest monthly difference of each kind of line that exceeds the tolerance."""
    largest: Amounts = {}
    for bill, theirs in zip(bills, expected, strict=True):
        for name, ours in amounts_of(bill).items():
            largest[name] = max(largest.get(name, Decimal(0)), abs(ours - theirs[name]))
    return {name: amount.quantize(CENT) for name, amount in largest.items() if amount > TOLERANCE}


def stated_differences(file: str, load: str) -> Amounts:
    """Return what docs/tariffs.md says of a record's differences for a load, by kind of line."""
    label = file.removesuffix(".json")
    return {
        name: Decimal(amount)
        for record, load_name, name, amount, _ in table_under("Where another engine differs")
        if (record, load_name) == (f"`{label}`", load)
    }


def table_under(heading: str) -> list[tuple[str, ...]]:
    """Return the cells of the one table under a heading of docs/tariffs.md, without its head."""
    (section,) = [
        part
        for part in PAGE.read_text(encoding="utf-8").split("\n## ")
        if part.startswith(f"{heading}\n")
    ]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]


def state_of(file: str) -> str:
    """Return whether a sample record is billed, or each field for which it is refused."""
    try:
        tariff_of(file)
    except TariffRefusedError as error:
        return "refused: " + "; ".join(f"{field}: {reason}" for field, reason in error.refusals)
    return "billed"
