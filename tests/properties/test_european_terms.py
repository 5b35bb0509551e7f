"""What a planner sees of European and British charges costs what the bill says."""

from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depotlib.errors import SpotPriceError, TariffTermsError
from depotlib.model.calendar import BillingPeriod, local_instant
from depotlib.model.local_time import local_times
from depotlib.model.timegrid import grid_over
from depotlib.tariffs.agreed_capacity import AgreedCapacity
from depotlib.tariffs.banded_energy import BandedEnergy, EnergyBand
from depotlib.tariffs.bill import bill_months, bill_period
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.capacity_price import CapacityPrice
from depotlib.tariffs.horizon import Horizon, starts_us
from depotlib.tariffs.mean_monthly_peak import MeanMonthlyPeak
from depotlib.tariffs.reactive_excess import ReactiveExcess
from depotlib.tariffs.spot_energy import SpotEnergy
from depotlib.tariffs.terms import terms_on
from depotlib.tariffs.top_peaks import TopPeaks
from depotlib.tariffs.value_added_tax import ValueAddedTax
from tests.european_cases import EVENING, MEDIUM_VOLTAGE, market, tariff_of
from tests.tariff_cases import load

BERLIN = ZoneInfo("Europe/Berlin")
HOUR_S = 3600
HALF_CENT = 0.005
loads = st.lists(st.integers(0, 500), min_size=1, max_size=50)
shares = st.integers(0, 100).map(lambda hundredths: Decimal(hundredths) / 100)
prices = st.integers(1, 9_000).map(lambda tenths: Decimal(tenths) / 10_000)


def month_of(month, *, year=2026):
    return span(datetime(year, month, 1), datetime(year + month // 12, month % 12 + 1, 1))


def span(first, last):
    return BillingPeriod(
        *(local_instant(each.date(), time(0), time_zone=BERLIN) for each in (first, last))
    )


def terms_of(tariff, period, **more):
    grid = grid_over(period.start, period.end, interval_s=HOUR_S)
    horizon = Horizon(
        grid=grid,
        time_zone=BERLIN,
        local=local_times(starts_us(grid), BERLIN),
        window_s=tariff.demand_window_s,
        **{"energy_factor": 1.0, "sunk_kw": 0.0, "used_kwh": 0.0} | more,
    )
    return terms_on(tariff, horizon)


def bill_of(tariff, power_kw, *, period, inputs=None):
    return bill_period(
        tariff,
        load(power_kw, start=period.start, interval_s=HOUR_S),
        period=period,
        interval_s=HOUR_S,
        time_zone=BERLIN,
        inputs=inputs or BillingInputs(),
    )


def cost_of(terms, power_kw):
    """Return what price terms cost over hours, from their definitions."""
    hourly = np.array(power_kw)
    total = terms.fixed_amount
    total += sum(float(hourly @ np.array(term.price_per_kwh)) for term in terms.energy)
    for term in terms.peaks:
        total += term.amount_of(max(power_kw[at] for at in term.intervals))
    for term in terms.hours_use:
        taken = hourly[list(term.intervals)]
        total += term.amount_of(float(taken.sum()) + term.start_kwh, peak_kw=float(taken.max()))
    return total


def repeated(levels, period):
    count = grid_over(period.start, period.end, interval_s=HOUR_S).count
    return [float(levels[step % len(levels)]) for step in range(count)]


@given(
    levels=loads,
    month=st.integers(1, 12),
    first=prices,
    second=prices,
    tax_share=shares,
    power_factor_share=st.integers(60, 100).map(lambda percent: percent / 100),
)
def test_charges_of_a_month_cost_what_the_bill_says(
    levels, month, first, second, tax_share, power_factor_share
):
    period = month_of(month)
    power_kw = repeated(levels, period)
    hours = [float(step % 7 - 2) * float(first) / 5 for step in range(len(power_kw))]
    inputs = BillingInputs(
        power_factor_share=power_factor_share,
        prices=market(hours, start=period.start, interval_s=HOUR_S),
    )
    tariff = tariff_of(
        SpotEnergy(series="", currency="EUR", loss_factor=1 + tax_share, markup=second),
        BandedEnergy(
            name="Network", bands=(EnergyBand("red", first, (EVENING,)), EnergyBand("green", second))
        ),
        ReactiveExcess(name="Reactive", price=second, free_share=Decimal("0.33"), windows=(EVENING,)),
        CapacityPrice(name="Capacity", price=first * 50, cycle="month", windows=(EVENING,)),
        AgreedCapacity(agreed_kva=Decimal(200), price=second, excess_price=first),
        ValueAddedTax(tax_share=tax_share),
        window_s=HOUR_S,
    )  # fmt: skip

    terms = terms_of(tariff, period, inputs=inputs)
    bill = bill_of(tariff, power_kw, period=period, inputs=inputs)

    # Each line is rounded to the cent, and taxed.
    slack = HALF_CENT * len(bill.lines) * (1 + float(tax_share)) + 0.01
    assert abs(cost_of(terms, power_kw) - float(bill.total)) <= slack


@given(levels=loads, first_day=st.integers(1, 28))
def test_three_days_have_the_mean_of_their_peaks(levels, first_day):
    period = span(datetime(2026, 1, first_day), datetime(2026, 1, first_day + 3))
    power_kw = repeated(levels, period)
    tariff = tariff_of(TopPeaks(name="Power", price=Decimal(45)), window_s=HOUR_S)

    terms = terms_of(tariff, period)
    bill = bill_of(tariff, power_kw, period=period)

    assert abs(cost_of(terms, power_kw) - float(bill.total)) <= HALF_CENT + 0.001


def test_a_day_counts_beside_the_peaks_already_recorded():
    # Three days of 60 kW before; the fourth has 90: (90 + 60 + 60) / 3 = 70, x 45.
    tariff = tariff_of(TopPeaks(name="Power", price=Decimal(45)), window_s=HOUR_S)
    day = span(datetime(2026, 1, 10), datetime(2026, 1, 11))

    terms = terms_of(tariff, day, sunk_kw=60.0)

    assert cost_of(terms, [90.0] * 24) == pytest.approx(70 * 45)
    assert cost_of(terms, [10.0] * 24) == pytest.approx(60 * 45)


def test_more_days_than_count_are_refused():
    tariff = tariff_of(TopPeaks(name="Power", price=Decimal(45)), window_s=HOUR_S)

    with pytest.raises(TariffTermsError, match="4 days"):
        terms_of(tariff, span(datetime(2026, 1, 1), datetime(2026, 1, 5)))


@pytest.mark.parametrize("levels", [[100, 20], [300] + [30] * 23, [57.0]])
@pytest.mark.parametrize(
    "charge",
    [MEDIUM_VOLTAGE, CapacityPrice(name="Capacity", price=Decimal("41.06"), windows=(EVENING,))],
    ids=["hours of use", "yearly peak"],
)
def test_a_whole_year_costs_what_the_bill_says(charge, levels):
    period = span(datetime(2026, 1, 1), datetime(2027, 1, 1))
    power_kw = repeated(levels, period)
    tariff = tariff_of(charge, window_s=HOUR_S)

    cost = cost_of(terms_of(tariff, period), power_kw)

    assert abs(cost - float(bill_of(tariff, power_kw, period=period).total)) <= 0.02


def test_a_higher_peak_costs_a_planner_the_whole_year():
    # May at 100 kW after a January to April of 80: 20 kW more for the year.
    tariff = tariff_of(CapacityPrice(name="Capacity", price=Decimal("36.50")), window_s=HOUR_S)
    may = month_of(5)

    terms = terms_of(tariff, may, sunk_kw=80.0)

    hours = len(repeated([1], may))
    # While no peak is higher: 80 x 36.50 x 31 / 365 = 248.00, as on May's bill.
    assert cost_of(terms, [80.0] * hours) == pytest.approx(248.00)
    assert cost_of(terms, [100.0] * hours) - cost_of(terms, [80.0] * hours) == pytest.approx(730.0)


def test_hours_of_use_of_a_part_of_a_year_need_an_expectation():
    tariff = tariff_of(MEDIUM_VOLTAGE, window_s=HOUR_S)

    with pytest.raises(TariffTermsError, match="expected_h"):
        terms_of(tariff, month_of(5))


@pytest.mark.parametrize(
    ("expected_h", "per_kwh", "per_kw"), [(2499, 0.0349, 41.06), (2500, 0.0232, 70.14)]
)
def test_hours_of_use_that_are_expected_choose_the_prices(expected_h, per_kwh, per_kw):
    charge = replace(MEDIUM_VOLTAGE, expected_h=Decimal(expected_h))

    terms = terms_of(tariff_of(charge, window_s=HOUR_S), month_of(5))

    assert set(terms.energy[0].price_per_kwh) == {per_kwh}
    assert [term.price_per_kw for term in terms.peaks] == [per_kw]


def test_a_month_in_the_mean_costs_what_it_adds_to_twelve_bills():
    tariff = tariff_of(
        MeanMonthlyPeak(name="Capacity tariff", price=Decimal("36.00")), window_s=HOUR_S
    )
    years = span(datetime(2025, 1, 1), datetime(2027, 1, 1))
    grid = grid_over(years.start, years.end, interval_s=HOUR_S)
    flat_kw = [50.0] * grid.count
    january = grid.interval_of(datetime(2026, 1, 15, 12, tzinfo=UTC))
    peak_kw = [*flat_kw]
    peak_kw[january] = 110.0

    without, with_peak = (
        sum(
            bill.total
            for bill in bill_months(
                tariff,
                load(power_kw, start=years.start, interval_s=HOUR_S),
                interval_s=HOUR_S,
                time_zone=BERLIN,
            )
        )
        for power_kw in (flat_kw, peak_kw)
    )
    terms = terms_of(tariff, month_of(1))

    # 60 kW x 36 / 12 = 180, over the twelve bills of 2026; each is rounded to the cent.
    assert abs(with_peak - without - 180) <= Decimal("0.12")
    assert [term.price_per_kw * 60 for term in terms.peaks] == [180.0]


def test_a_gap_in_the_market_prices_is_named_and_not_read_as_zero():
    period = month_of(5)
    tariff = tariff_of(SpotEnergy(series="", currency="EUR"), window_s=HOUR_S)
    inputs = BillingInputs(prices=market([0.1] * 24, start=period.start, interval_s=HOUR_S))

    # May has 744 h; its 2nd begins at 22:00 UTC on the 1st.
    with pytest.raises(SpotPriceError, match=r"720 intervals .* 2026-05-01T22:00"):
        bill_of(tariff, repeated([1], period), period=period, inputs=inputs)
    with pytest.raises(SpotPriceError, match="none are given"):
        bill_of(tariff, repeated([1], period), period=period)
    with pytest.raises(TariffTermsError, match="none are given"):
        terms_of(tariff, period)
    with pytest.raises(SpotPriceError, match="in EUR, the tariff is in USD"):
        bill_of(
            tariff_of(SpotEnergy(series="", currency="USD")),
            repeated([1], period),
            period=period,
            inputs=inputs,
        )
