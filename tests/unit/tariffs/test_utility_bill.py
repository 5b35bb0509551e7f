from datetime import date
from decimal import Decimal

import pytest

from depotlib.errors import UtilityBillError
from depotlib.tariffs.utility_bill import utility_bill_from_csv, utility_bill_from_toml

BILL = """
[bill]
from = 2026-06-01
to = 2026-07-01
total = 8800.00
currency = "USD"

[[line]]
kind = "energy"
name = "Usage"
quantity = 72000
unit = "kWh"
price = 0.10
amount = 7200.00

[[line]]
kind = "fixed"
name = "Customer charge"
amount = 100

[[read]]
register = "kWh"
previous = 1000
current = 1720
multiplier = 100
estimated = true
"""
ROWS = """kind,name,quantity,unit,price,amount
energy,Usage,"72,000",kWh,0.10,$7200.00
Fixed,Customer charge,,,,100
total,,,,,7300.00
"""
JUNE = {"first_day": date(2026, 6, 1), "end_day": date(2026, 7, 1)}


def test_a_bill_is_read_from_toml_with_the_decimals_that_it_prints():
    bill = utility_bill_from_toml(BILL, where="june.toml")

    assert (bill.first_day, bill.end_day, bill.total) == (
        date(2026, 6, 1),
        date(2026, 7, 1),
        Decimal("8800.00"),
    )
    # 0.10 is printed to the cent: the zero counts.
    assert str(bill.lines[0].price) == "0.10"
    assert (bill.lines[1].quantity, bill.lines[1].amount) == (None, 100)
    # (1720 - 1000) x 100
    assert bill.reads[0].quantity == 72_000
    assert bill.says_estimated
    assert bill.line_sum == 7300


def test_a_bill_is_read_from_a_table():
    bill = utility_bill_from_csv(ROWS, where="june.csv", **JUNE)

    assert [(line.kind, line.quantity, line.amount) for line in bill.lines] == [
        ("energy", 72_000, 7200),
        ("fixed", None, 100),
    ]
    assert bill.total == 7300
    assert not bill.says_estimated


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[bill]", "[bill", "not TOML"),
        ("2026-07-01", "2026-06-01", "is empty"),
        ('"energy"', '"power"', "line.0.kind"),
        ("amount = 100\n", "", "line.1.amount"),
        ("total = 8800.00", "sum = 8800.00", "bill.sum"),
        ("amount = 100\n", "amount = nan\n", "line.1.amount"),
    ],
)
def test_what_is_no_bill_is_refused_in_words(old, new, words):
    with pytest.raises(UtilityBillError, match=words):
        utility_bill_from_toml(BILL.replace(old, new), where="june.toml")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("price,", "", "june.csv, line 1"),
        ("energy,", "power,", "june.csv, line 2"),
        ("0.10", "ten", "june.csv, line 2"),
        (",,,,100", ",,,,", "june.csv, line 3"),
        (",,,,100", ",,,,inf", "june.csv, line 3"),
    ],
)
def test_a_row_that_is_no_line_is_named(old, new, where):
    with pytest.raises(UtilityBillError) as caught:
        utility_bill_from_csv(ROWS.replace(old, new), where="june.csv", **JUNE)

    assert caught.value.where == where


def test_a_table_without_lines_is_no_bill():
    with pytest.raises(UtilityBillError, match="no lines"):
        utility_bill_from_csv(ROWS.splitlines()[0], where="june.csv", **JUNE)
