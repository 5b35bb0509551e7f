from dataclasses import replace
from decimal import Decimal

import pytest

from depotlib.tariffs.bill_audit import audit_bill
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.history import BillingHistory, EarlierMonth
from depotlib.tariffs.utility_bill import utility_bill_from_toml
from tests.tariff_cases import golden
from tests.use_cases import june_case, june_kw

JANUARY_2025 = 2025 * 12
"""Month numbers count from the year 0, January as 0."""
HEAD = "[bill]\nfrom = 2026-06-01\nto = 2026-07-01\n"


def bill(*lines, head=HEAD):
    rows = "".join(
        f'[[line]]\nkind = "{kind}"\nname = "{kind}"\nquantity = {quantity}\nprice = {price}\n'
        f"amount = {amount}\n"
        for kind, quantity, price, amount in lines
    )
    return utility_bill_from_toml(head + rows, where="test")


# The golden case G1 of the tariffs' reference: 100 kW all June.
CASE = june_case(golden(), june_kw(rest=100.0))
ENERGY = ("energy", 72000, "0.10", "7200.00")
DEMAND = ("demand", "100.0", "15.00", "1500.00")
FIXED = ("fixed", 1, "100.00", "100.00")


def kinds(audit):
    return [cause.kind for cause in audit.causes]


def test_a_right_bill_is_clean():
    audit = audit_bill(bill(ENERGY, DEMAND, FIXED), CASE)

    assert audit.is_clean
    assert (audit.variance, audit.unexplained, audit.causes) == (0, 0, ())


def test_lines_stand_beside_each_other_with_their_difference():
    audit = audit_bill(bill(("demand", "104.0", "15.00", "1560.00"), FIXED, ENERGY), CASE)

    assert [(match.ours.component, match.theirs.name) for match in audit.matches] == [
        ("Energy", "energy"),
        ("Flat demand", "demand"),
        ("Fixed charge", "fixed"),
    ]
    assert [match.difference for match in audit.matches] == [0, 60, 0]
    # No suspicion makes 104 kW of a load that is always 100.
    assert audit.causes == ()
    assert audit.unexplained == 60


def test_rounding_of_what_is_printed_is_no_variance():
    case = june_case(golden(), june_kw(100.04, rest=100.0))

    # 100.04 kW x 15 = 1,500.60; printed to a tenth, with the amount of either.
    for amount in ("1500.60", "1500.00"):
        assert audit_bill(bill(ENERGY, ("demand", "100.0", "15.00", amount), FIXED), case).is_clean
    assert not audit_bill(
        bill(ENERGY, ("demand", "100.0", "15.00", "1501.10"), FIXED), case
    ).is_clean


def test_taxes_are_added_up_and_not_compared():
    audit = audit_bill(bill(ENERGY, DEMAND, FIXED, ("other", 1, "440.00", "440.00")), CASE)

    assert audit.is_clean
    assert audit.not_compared == 440


def test_lines_of_a_total_that_does_not_add_up_are_found():
    audit = audit_bill(bill(ENERGY, DEMAND, FIXED, head=HEAD + "total = 8900.00\n"), CASE)

    assert not audit.is_clean
    assert audit.findings == ("the lines sum to 8800.00, the bill says 8900.00",)


@pytest.mark.parametrize(("current", "count"), [(1720, 0), (1735, 1)])
def test_reads_that_are_not_what_is_billed_are_found(current, count):
    read = f'[[read]]\nregister = "kWh"\nprevious = 1000\ncurrent = {current}\nmultiplier = 100\n'
    theirs = bill(ENERGY, DEMAND, FIXED, head=HEAD + read)

    assert len(audit_bill(theirs, CASE).findings) == count


def test_a_line_finds_the_component_that_the_user_names():
    named = HEAD + (
        '[[line]]\nkind = "fixed"\nname = "A"\namount = 100.00\ncomponent = "Fixed charge"\n'
    )

    audit = audit_bill(bill(ENERGY, DEMAND, head=named), CASE)

    assert audit.is_clean


def test_a_price_that_is_in_no_tariff_is_the_last_thing_that_is_thought_of():
    audit = audit_bill(bill(("energy", 72000, "0.11", "7920.00"), DEMAND, FIXED), CASE)

    assert kinds(audit) == ["wrong_price"]
    assert audit.causes[0].amount == 720


def test_a_share_of_an_earlier_peak_is_recognised_where_the_tariff_has_no_ratchet():
    earlier = BillingHistory((EarlierMonth(JANUARY_2025 + 7, peak_kw=310.0),))
    case = replace(CASE, inputs=BillingInputs(history=earlier))

    # 80 % of August's 310 kW.
    audit = audit_bill(bill(ENERGY, ("demand", "248.0", "15.00", "3720.00"), FIXED), case)

    assert kinds(audit) == ["ratchet"]
    assert "80" in audit.causes[0].sentence
    assert "2025-08 (310 kW)" in audit.causes[0].sentence


def test_two_errors_at_once_are_not_pinned_on_one_cause():
    wrong = bill(("energy", 72000, "0.10", "7300.00"), ("demand", "130.0", "15.00", "1950.00"))

    audit = audit_bill(wrong, CASE)

    assert audit.causes == ()
    # 100 of energy, 450 of demand, and 100 of the fixed charge that is not there.
    assert audit.unexplained == 650
    assert audit.variance == Decimal(450)
