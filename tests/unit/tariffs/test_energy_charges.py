"""Energy tiers in every unit, records that mix them, export, and minima over a year."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from depotlib.errors import TariffFormatError, TariffTermsError
from depotlib.model.timegrid import grid_over
from depotlib.tariffs.bill import bill_months, bill_period
from depotlib.tariffs.billing_inputs import NO_INPUTS, BillingInputs
from depotlib.tariffs.history import BillingHistory, EarlierMonth
from depotlib.tariffs.horizon import PeriodSoFar
from depotlib.tariffs.terms import price_terms_given
from depotlib.tariffs.urdb import tariff_from_urdb
from depotlib.tariffs.urdb_document import UrdbChoices
from tests.tariff_cases import (
    JUNE,
    QUARTER_S,
    QUARTERS_IN_JUNE,
    STANDARD_TIME,
    golden,
    line,
    load,
    record,
    schedule,
    tariff,
)

# 72,000 kWh in June.
FLAT_KW = [100.0] * QUARTERS_IN_JUNE
WHOLE_JUNE = grid_over(JUNE.start, JUNE.end, interval_s=QUARTER_S)
BY_HOUR = {
    "energyweekdayschedule": schedule(range(12)),
    "energyweekendschedule": schedule(range(12)),
}


def june(tariff_, power_kw=FLAT_KW, *, inputs=NO_INPUTS):
    return bill_period(
        tariff_,
        load(power_kw),
        period=JUNE,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
        inputs=inputs,
    )


def quantities(bill):
    return {entry.component: entry.quantity for entry in bill.lines if entry.family == "energy"}


def hours(edge):
    return {"max": edge, "unit": "kWh/kW"}


def test_daily_edges_are_as_many_as_the_days_of_the_period():
    by_day = tariff(
        energyratestructure=[
            [
                {"rate": 0.12, "max": 500, "unit": "kWh daily"},
                {"rate": 0.08, "unit": "kWh daily"},
            ]
        ]
    )

    # 30 days x 500 kWh
    assert quantities(june(by_day)) == {"Energy, tier 1": 15_000, "Energy, tier 2": 57_000}


def test_daily_hours_of_use_are_both():
    by_day = tariff(
        energyratestructure=[
            [
                {"rate": 0.12, "max": 5, "unit": "kWh/kW daily"},
                {"rate": 0.08, "unit": "kWh/kW daily"},
            ]
        ]
    )

    # 5 h a day x 30 days x 100 kW
    assert quantities(june(by_day)) == {"Energy, tier 1": 15_000, "Energy, tier 2": 57_000}


def test_a_heading_in_hours_of_use_holds_the_tiers_below_it():
    # First 200 h: 3,000 kWh at 0.11, the rest at 0.09; next 200 h: 5,000 at 0.06, the rest at
    # 0.05; above: 0.03. At 100 kW the bands end at 20,000 and 40,000 kWh.
    headed = tariff(
        energyratestructure=[
            [
                {"rate": 0, "adj": 0.02, **hours(200)},
                {"rate": 0.11, "max": 3000},
                {"rate": 0.09},
                {"rate": 0, **hours(400)},
                {"rate": 0.06, "max": 5000},
                {"rate": 0.05},
                {"rate": 0.03},
            ]
        ]
    )

    bill = june(headed)

    assert quantities(bill) == {
        "Energy, tier 2": 3000,
        "Energy, tier 3": 17_000,
        "Energy, tier 5": 5000,
        "Energy, tier 6": 15_000,
        "Energy, tier 7": 32_000,
    }
    # 330 + 1,530 + 300 + 750 + 960: the heading's own adjustment is no price.
    assert bill.total == Decimal("3870.00")
    assert any("heading of the tiers in kWh" in entry for entry in bill.assumptions)


def test_a_band_ends_the_tiers_inside_it():
    headed = tariff(
        energyratestructure=[
            [
                {"rate": 0, **hours(20)},
                {"rate": 0.11, "max": 3000},
                {"rate": 0.09},
                {"rate": 0.05, "unit": "kWh/kW"},
            ]
        ]
    )

    # 20 h x 100 kW end the first band before its first 3,000 kWh.
    assert quantities(june(headed)) == {"Energy, tier 2": 2000, "Energy, tier 4": 70_000}


def test_an_open_tier_that_stands_last_closes_the_ladder_it_is_missing_in():
    # As PLS-11 of Georgia Power stands in the database: the tier above 10,000 kWh comes after
    # those of 400 h and more.
    astray = tariff(
        energyratestructure=[
            [
                {"rate": 0, **hours(200)},
                {"rate": 0.10, "max": 3000},
                {"rate": 0.09, "max": 10_000},
                {"rate": 0.02, **hours(400)},
                {"rate": 0.01, "unit": "kWh/kW"},
                {"rate": 0.08},
            ]
        ]
    )

    bill = june(astray)

    assert any("only there an open one is missing" in entry for entry in bill.assumptions)
    # 3,000 + 7,000 + 10,000 up to 200 h; 20,000 up to 400 h; the rest.
    assert [entry.quantity for entry in bill.lines] == [3000, 7000, 10_000, 20_000, 32_000]


def test_tiers_may_count_the_energy_of_their_own_period():
    fields = record(
        energyratestructure=[
            [{"rate": 0.10, "max": 20_000}, {"rate": 0.05}],
            [{"rate": 0.20, "max": 20_000}, {"rate": 0.15}],
        ],
        **BY_HOUR,
    )

    def billed(scope):
        choices = UrdbChoices(tier_scope=scope)
        return june(tariff_from_urdb(json.dumps(fields), where="record", choices=choices))

    # Each half of the day takes 36,000 kWh; the first 20,000 of June end on 9 June, 08:00.
    assert quantities(billed("shared")) == {
        "TOU energy, period 1, tier 1": 8 * 1200,
        "TOU energy, period 1, tier 2": 36_000 - 8 * 1200,
        "TOU energy, period 2, tier 1": 8 * 1200 + 800,
        "TOU energy, period 2, tier 2": 36_000 - 8 * 1200 - 800,
    }
    by_period = billed("by period")
    assert set(quantities(by_period).values()) == {20_000, 16_000}
    assert any("of their own time-of-use period" in entry for entry in by_period.assumptions)


def test_a_negative_price_is_a_credit():
    # Schedule 730 of PacifiCorp (Oregon): 0.00221 delivery, -0.0039037 of adjustments.
    credit = tariff(energyratestructure=[[{"rate": 0.00221, "adj": -0.0039037}]])

    # 72,000 x -0.0016937
    assert june(credit).total == Decimal("-121.95")


def test_hours_of_use_are_one_term_of_energy_and_peak():
    used = tariff(
        energyratestructure=[[{"rate": 0.12, **hours(200)}, {"rate": 0.08, "unit": "kWh/kW"}]]
    )

    terms = price_terms_given(
        used, WHOLE_JUNE, time_zone=STANDARD_TIME, so_far=PeriodSoFar(sunk_kw=30.0)
    )

    (term,) = terms.hours_use
    assert term.is_marginal
    assert term.edges_h == (200.0,)
    assert term.paid_kw == 30.0
    # 20,000 kWh at the first price and 52,000 at 0.04 less.
    assert term.amount_of(72_000.0, peak_kw=100.0) == pytest.approx(-0.04 * 52_000)


@pytest.mark.parametrize(
    ("tiers", "scope"),
    [
        ([{"rate": 0, **hours(200)}, {"rate": 0.1, "max": 9}, {"rate": 0.2}], "shared"),
        ([{"rate": 0.1, **hours(200)}, {"rate": 0.2, "unit": "kWh/kW"}], "by period"),
    ],
)
def test_what_no_term_can_mean_is_billed_but_not_planned(tiers, scope):
    fields = record(energyratestructure=[tiers, tiers], **BY_HOUR)
    found = tariff_from_urdb(
        json.dumps(fields), where="record", choices=UrdbChoices(tier_scope=scope)
    )

    assert june(found).total > 0
    with pytest.raises(TariffTermsError, match="hours of use"):
        price_terms_given(found, WHOLE_JUNE, time_zone=STANDARD_TIME)


# Ten quarter-hours of 8 kW and ten of -4 kW: 20 kWh taken, 10 fed back.
SOLAR_KW = [8.0, -4.0] * 10


@pytest.mark.parametrize(
    ("rule", "taken", "fed"),
    [
        # Each reading by itself.
        ("Net Billing Instantaneous", "20", "10"),
        ("Buy All Sell All", "20", "10"),
        # Each hour takes 4 kWh and feeds back 2.
        ("Net Billing Hourly", "10", None),
        # All of the period's energy.
        ("Net Metering", "10", None),
    ],
)
def test_export_is_netted_by_the_rule_of_the_record(rule, taken, fed):
    solar = tariff(energyratestructure=[[{"rate": 0.10, "sell": 0.04}]], dgrules=rule)

    bill = june(solar, SOLAR_KW)

    credited = [entry for entry in bill.lines if entry.family == "export"]
    billed = sum(entry.quantity for entry in bill.lines if entry.family == "energy")
    assert billed == Decimal(taken)
    assert [entry.quantity for entry in credited] == ([Decimal(fed)] if fed else [])
    assert [entry.amount for entry in credited] == ([Decimal("-0.40")] if fed else [])


def test_net_metering_credits_what_a_period_fed_back_beyond_its_use():
    solar = tariff(
        energyratestructure=[[{"rate": 0.10, "sell": 0.04}], [{"rate": 0.30, "sell": 0.06}]],
        **BY_HOUR,
        dgrules="Net Metering",
    )
    # Midnight to 06:00 local (period 2) feeds back 5 kW and takes nothing; 12:00 to 18:00
    # (period 1) takes 8 kW and feeds back 2.
    power_kw = [-5.0] * 24 + [0.0] * 24 + [8.0, -2.0] * 12 + [0.0] * 24

    bill = june(solar, power_kw)

    # Period 1: 24 - 6 kWh; period 2: 30 kWh at 0.06.
    assert line(bill, "TOU energy, period 1").quantity == Decimal(18)
    assert line(bill, "Export credit, period 2").quantity == Decimal(30)
    assert line(bill, "Export credit, period 2").amount == Decimal("-1.80")
    assert any("6.0 kWh fed back came off the energy" in entry for entry in bill.warnings)


def test_what_a_kwh_fed_back_is_worth_is_a_term():
    solar = tariff(energyratestructure=[[{"rate": 0.10, "sell": 0.04}]])

    (term,) = price_terms_given(solar, WHOLE_JUNE, time_zone=STANDARD_TIME).export

    assert set(term.price_per_kwh) == {0.04}


def year_of(power_kw):
    hours_of_2026 = 365 * 24
    return load(
        [power_kw] * hours_of_2026, start=datetime(2026, 1, 1, 5, tzinfo=UTC), interval_s=3600
    )


@pytest.mark.parametrize(
    "fields", [{"annualmincharge": 1000}, {"mincharge": 1000, "minchargeunits": "$/year"}]
)
def test_a_minimum_over_the_year_is_settled_in_december(fields):
    bills = bill_months(tariff(**fields), year_of(1.0), interval_s=3600, time_zone=STANDARD_TIME)

    # 8,760 kWh x 0.10 = 876.00
    assert sum(bill.total for bill in bills) == Decimal("1000.00")
    assert line(bills[11], "Annual minimum top-up").amount == Decimal("124.00")
    assert all(bill.family_total("minimum") == 0 for bill in bills[:11])


def test_a_year_above_its_minimum_is_not_raised():
    bills = bill_months(
        tariff(annualmincharge=800), year_of(1.0), interval_s=3600, time_zone=STANDARD_TIME
    )

    assert sum(bill.total for bill in bills) == Decimal("876.00")


def test_a_year_that_is_not_known_is_not_settled_and_says_so():
    december = load([1.0] * 31 * 24, start=datetime(2026, 12, 1, 5, tzinfo=UTC), interval_s=3600)
    settled = BillingHistory(
        tuple(EarlierMonth(2026 * 12 + month, amount=Decimal(10)) for month in range(11))
    )
    annual = tariff(annualmincharge=800)

    def bill(inputs):
        (found,) = bill_months(
            annual, december, interval_s=3600, time_zone=STANDARD_TIME, inputs=inputs
        )
        return found

    assert "annual minimum of 800 is not settled" in bill(NO_INPUTS).warnings[0]
    # 110 of earlier bills; December's 744 kWh are 74.40.
    with_history = bill(BillingInputs(history=settled))
    assert line(with_history, "Annual minimum top-up").amount == Decimal("615.60")


def test_the_rest_of_a_years_minimum_is_known_to_a_plan_in_december():
    start, end = (
        datetime(2026 + year, month, 1, 5, tzinfo=UTC) for year, month in ((0, 12), (1, 1))
    )
    settled = BillingHistory(
        tuple(EarlierMonth(2026 * 12 + month, amount=Decimal(10)) for month in range(11))
    )
    grid = grid_over(start, end, interval_s=3600)

    terms = price_terms_given(
        golden(annualmincharge=800, demandwindow=60),
        grid,
        time_zone=STANDARD_TIME,
        inputs=BillingInputs(history=settled),
    )

    assert terms.minimum_amount == 690.0


def test_one_of_several_records_is_chosen_by_its_label_or_name():
    several = json.dumps(
        {
            "items": [
                record(label="one", name="E-19"),
                record(label="two", name="E-20", energyratestructure=[[{"rate": 0.2}]]),
            ]
        }
    )

    by_label = tariff_from_urdb(several, where="file", choices=UrdbChoices(label="two"))
    by_name = tariff_from_urdb(several, where="file", choices=UrdbChoices(label="E-19"))

    assert (by_label.tariff_id, by_name.tariff_id) == ("two", "one")
    with pytest.raises(TariffFormatError, match="holds 2 tariffs") as caught:
        tariff_from_urdb(several, where="file")
    assert "one (E-19" in caught.value.hint
    with pytest.raises(TariffFormatError, match="0 are called 'three'"):
        tariff_from_urdb(several, where="file", choices=UrdbChoices(label="three"))


def test_a_window_is_chosen_only_where_the_record_has_none():
    choices = UrdbChoices(window_s=1800)

    silent = tariff_from_urdb(
        json.dumps(record(demandwindow=0, flatdemandstructure=[[{"rate": 1}]])),
        where="record",
        choices=choices,
    )
    stated = tariff_from_urdb(json.dumps(record()), where="record", choices=choices)

    assert silent.demand_window_s == 1800
    assert "demand window of 30 min: the record has none" in silent.assumptions
    assert stated.demand_window_s == 900
