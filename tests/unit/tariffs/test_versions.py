"""A tariff whose prices change inside a billing period."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from depotlib.errors import TariffTermsError
from depotlib.model.timegrid import TimeGrid
from depotlib.tariffs.bill import bill_months, bill_period
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.spot_energy import SpotEnergy
from depotlib.tariffs.terms import price_terms
from depotlib.tariffs.value_added_tax import ValueAddedTax
from tests.european_cases import market, tariff_of
from tests.tariff_cases import (
    JUNE,
    JUNE_START,
    QUARTER_S,
    QUARTERS_IN_JUNE,
    STANDARD_TIME,
    golden,
    load,
)

# 11 June, 00:00 local: 10 days before, 20 days from then on.
CHANGE = datetime(2026, 6, 11, 5, tzinfo=UTC)
FLAT_KW = [100.0] * QUARTERS_IN_JUNE


def changing(before, after):
    return replace(before, versions=(replace(after, valid_from=CHANGE),))


def june(tariff, power_kw=FLAT_KW, inputs=None):
    return bill_period(
        tariff,
        load(power_kw),
        period=JUNE,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
        inputs=inputs or BillingInputs(),
    )


def amounts(bill):
    return {line.component: line.amount for line in bill.lines}


def test_energy_goes_by_the_reading_and_the_rest_by_days():
    tariff = changing(
        golden(),
        golden(
            energyratestructure=[[{"rate": 0.12}]],
            flatdemandstructure=[[{"rate": 18}]],
            fixedchargefirstmeter=130,
        ),
    )

    bill = june(tariff)

    # 100 kW x 240 h x 0.10, x 480 h x 0.12; 100 kW x 15 x 10/30, x 18 x 20/30; 100 x 10/30,
    # 130 x 20/30 = 86.67
    assert amounts(bill) == {
        "Energy, 2026-06-01 to 2026-06-10": Decimal("2400.00"),
        "Flat demand, 2026-06-01 to 2026-06-10": Decimal("500.00"),
        "Fixed charge, 2026-06-01 to 2026-06-10": Decimal("33.33"),
        "Energy, 2026-06-11 to 2026-06-30": Decimal("5760.00"),
        "Flat demand, 2026-06-11 to 2026-06-30": Decimal("1200.00"),
        "Fixed charge, 2026-06-11 to 2026-06-30": Decimal("86.67"),
    }


def test_the_peak_of_the_whole_period_is_billed_in_both_parts():
    power_kw = [*FLAT_KW]
    power_kw[-1] = 300.0

    bill = june(changing(golden(), golden(flatdemandstructure=[[{"rate": 18}]])), power_kw)

    # 300 x 15 x 10/30; 300 x 18 x 20/30
    demand = [line.amount for line in bill.lines if line.family == "demand"]
    assert demand == [Decimal("1500.00"), Decimal("3600.00")]


def test_tiers_count_on_from_the_start_of_the_period():
    def tiers(first):
        return golden(energyratestructure=[[{"rate": first, "max": 30_000}, {"rate": 0.08}]])

    bill = june(changing(tiers(0.12), tiers(0.15)))

    # 24,000 kWh before the change; of the 48,000 after it 6,000 are left of the first tier.
    energy = [(line.quantity, line.amount) for line in bill.lines if line.family == "energy"]
    assert energy == [
        (Decimal(24_000), Decimal("2880.00")),
        (Decimal(6_000), Decimal("900.00")),
        (Decimal(42_000), Decimal("3360.00")),
    ]


def test_the_same_prices_in_two_versions_cost_what_one_costs():
    tariff = golden(fixedchargeunits="$/day")

    whole, split = june(tariff), june(changing(tariff, tariff))

    assert split.total == whole.total


def test_a_minimum_is_shared_by_days():
    bill = june(changing(golden(mincharge=9_000), golden(mincharge=12_000)))

    # The 8,800 of G1 in 10 days are 2,933.33 of 3,000; in 20 days 5,866.67 of 8,000.
    minimum = [line.amount for line in bill.lines if line.family == "minimum"]
    assert minimum == [Decimal("66.67"), Decimal("2133.33")]


def test_the_market_and_the_tax_are_those_of_each_part():
    # 0.10 a kWh until the change, 0.40 after it.
    prices = market([0.10] * 240 + [0.40] * 480, start=JUNE_START, interval_s=3600)

    def version(tax_share, markup):
        spot = SpotEnergy(series="", currency="EUR", markup=Decimal(markup))
        return tariff_of(spot, ValueAddedTax(tax_share=Decimal(tax_share)))

    tariff = changing(version("0.19", "0.01"), version("0.07", "0.02"))

    bill = june(tariff, inputs=BillingInputs(prices=prices))

    # 24,000 x 0.10 + 24,000 x 0.01 = 2,640, 19 %; 48,000 x 0.40 + 48,000 x 0.02 = 20,160, 7 %
    assert [line.amount for line in bill.lines] == [
        Decimal("2400.00"),
        Decimal("240.00"),
        Decimal("501.60"),
        Decimal("19200.00"),
        Decimal("960.00"),
        Decimal("1411.20"),
    ]
    assert all(
        abs(line.quantity * line.unit_price - line.amount) <= Decimal("0.005")
        for line in bill.lines
    )


def test_a_month_after_the_change_has_the_new_prices_alone():
    july = [100.0] * (31 * 96)
    tariff = changing(golden(), golden(flatdemandstructure=[[{"rate": 18}]]))

    _, bill = bill_months(
        tariff, load(FLAT_KW + july), interval_s=QUARTER_S, time_zone=STANDARD_TIME
    )

    assert amounts(bill)["Flat demand"] == Decimal("1800.00")
    assert bill.warnings == ()


def test_a_version_that_ended_before_the_bill_is_named():
    ended = replace(golden(), valid_to=datetime(2026, 6, 20, tzinfo=UTC))

    bill = june(changing(golden(), ended))

    assert "the tariff ended on 2026-06-20" in bill.warnings[-1]


def test_a_plan_has_the_prices_of_the_version_in_force():
    tariff = changing(golden(), golden(energyratestructure=[[{"rate": 0.12}]]))
    before, after, across = (
        TimeGrid(start=start, interval_s=QUARTER_S, count=96)
        for start in (JUNE_START, CHANGE, datetime(2026, 6, 10, 20, tzinfo=UTC))
    )

    prices = [
        price_terms(tariff, grid, time_zone=STANDARD_TIME).energy[0].price_per_kwh[0]
        for grid in (before, after)
    ]

    assert prices == [0.10, 0.12]
    with pytest.raises(TariffTermsError, match="2026-06-11"):
        price_terms(tariff, across, time_zone=STANDARD_TIME)
