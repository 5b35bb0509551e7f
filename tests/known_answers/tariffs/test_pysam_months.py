"""Real tariffs on a real load, against another engine's bills (see the README beside the data)."""

from decimal import Decimal

import polars as pl
import pytest

from depotlib.tariffs.bill import bill_months
from depotlib.tariffs.load_csv import load_from_csv
from depotlib.tariffs.urdb import tariff_from_urdb
from tests.places import DATA, TEST_DATA
from tests.tariff_cases import STANDARD_TIME

FOLDER = TEST_DATA / "tariffs"
EXPECTED = pl.read_csv(FOLDER / "pysam_expected_bills.csv")
COLUMN_OF_FAMILY = {
    "energy": ("energy_usd",),
    "demand": ("flat_demand_usd", "tou_demand_usd"),
    "fixed": ("fixed_usd",),
}
# Each line is rounded to the cent here, the sum there: half a cent for each of up to four lines.
TOLERANCE = Decimal("0.02")


@pytest.fixture(scope="module")
def load_by_month():
    reading = load_from_csv(
        (FOLDER / "steel_plant_2018_01_and_07.csv").read_bytes(),
        where="steel plant",
        time_zone=STANDARD_TIME,
    )
    # 2018-07-01 00:00 local is 05:00 UTC.
    is_winter = pl.col("interval_start").dt.month() < 4
    return {1: reading.load.filter(is_winter), 7: reading.load.filter(~is_winter)}


def restated_to_mean_days(bill):
    """Return the bill's amounts by family, with a charge per day over 365/12 days."""
    found = {family: bill.family_total(family) for family in COLUMN_OF_FAMILY}
    for line in bill.lines:
        if line.unit == "day":
            found["fixed"] += line.unit_price * 365 / 12 - line.amount
    return found


@pytest.mark.parametrize(
    "row", EXPECTED.to_dicts(), ids=lambda row: f"{row['tariff_file']}-{row['month']}"
)
def test_a_month_costs_what_the_other_engine_says(row, load_by_month):
    document = (DATA / "tariffs" / row["tariff_file"]).read_bytes()
    tariff = tariff_from_urdb(document, where=row["tariff_file"])

    (bill,) = bill_months(
        tariff, load_by_month[row["month"]], interval_s=900, time_zone=STANDARD_TIME
    )

    found = restated_to_mean_days(bill)
    for family, columns in COLUMN_OF_FAMILY.items():
        expected = sum(Decimal(str(row[column])) for column in columns)
        assert abs(found[family] - expected) <= TOLERANCE, family
    assert abs(sum(found.values()) - Decimal(str(row["total_usd"]))) <= TOLERANCE
    peaks = [line.quantity for line in bill.lines if line.component == "Flat demand"]
    assert peaks in ([], [Decimal(str(row["peak_kw"]))])
