"""Bills of European and British charges worked out by hand; the arithmetic stands beside each.

The German figures are SpiceEV's sample price sheet for medium voltage (41.06 EUR/kW a + 3.49 ct and
70.14 EUR/kW a + 2.32 ct); 40.40 EUR/kW a is the Flemish mean of 2023 that Fluvius names.
"""

from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from depotlib.model.calendar import BillingPeriod, local_instant
from depotlib.tariffs.agreed_capacity import AgreedCapacity
from depotlib.tariffs.banded_energy import BandedEnergy, EnergyBand
from depotlib.tariffs.bill import bill_months, bill_period
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.capacity_price import CapacityPrice
from depotlib.tariffs.clock_window import ClockWindow
from depotlib.tariffs.history import BillingHistory, EarlierMonth
from depotlib.tariffs.mean_monthly_peak import MeanMonthlyPeak
from depotlib.tariffs.reactive_excess import ReactiveExcess
from depotlib.tariffs.spot_energy import SpotEnergy
from depotlib.tariffs.top_peaks import TopPeaks
from depotlib.tariffs.value_added_tax import ValueAddedTax
from tests.european_cases import EVENING, MEDIUM_VOLTAGE, market, tariff_of
from tests.tariff_cases import JUNE, JUNE_START, QUARTER_S, QUARTERS_IN_JUNE, STANDARD_TIME, load

BERLIN = ZoneInfo("Europe/Berlin")
YEAR = BillingPeriod(
    start=datetime(2025, 12, 31, 23, tzinfo=UTC), end=datetime(2026, 12, 31, 23, tzinfo=UTC)
)
QUARTERS_IN_2026 = 365 * 96
JUNE_2026 = 2026 * 12 + 5


def a_year(peak_kw, energy_kwh, *, at=20_000):
    """Return a year's load: flat, but for one quarter-hour."""
    rest_kw = (energy_kwh - peak_kw / 4) / (QUARTERS_IN_2026 / 4 - 0.25)
    power_kw = [rest_kw] * QUARTERS_IN_2026
    power_kw[at] = peak_kw
    return load(power_kw, start=YEAR.start)


def yearly(component, frame):
    return bill_period(
        tariff_of(component), frame, period=YEAR, interval_s=QUARTER_S, time_zone=BERLIN
    )


def june(*components, power_kw, inputs=None):
    return bill_period(
        tariff_of(*components),
        load(power_kw),
        period=JUNE,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
        inputs=inputs or BillingInputs(),
    )


@pytest.mark.parametrize(
    ("peak_kw", "total"),
    [
        # 500,000 / 250 = 2,000 h: 250 x 41.06 + 500,000 x 0.0349 = 10,265 + 17,450
        (250.0, "27715.00"),
        # 500,000 / 200 = 2,500 h: 200 x 70.14 + 500,000 x 0.0232 = 14,028 + 11,600
        (200.0, "25628.00"),
    ],
)
def test_hours_of_use_choose_both_prices(peak_kw, total):
    bill = yearly(MEDIUM_VOLTAGE, a_year(peak_kw, 500_000.0))

    assert bill.total == Decimal(total)
    (peak,) = [line for line in bill.lines if line.family == "demand"]
    # 20,000 quarter-hours are 5,000 h: 31 Dec 23:00 UTC + 208 days 8 h.
    assert peak.set_by == datetime(2026, 7, 28, 7, tzinfo=UTC)


@pytest.mark.parametrize("peak_kw", [250.0, 200.0])
def test_the_months_of_a_year_sum_to_the_year(peak_kw):
    frame = a_year(peak_kw, 500_000.0)

    bills = bill_months(
        tariff_of(MEDIUM_VOLTAGE), frame, interval_s=QUARTER_S, time_zone=BERLIN, span=YEAR
    )

    whole = yearly(MEDIUM_VOLTAGE, frame).total
    assert len(bills) == 12
    # Up to three lines a month, each rounded to the cent.
    assert abs(sum(bill.total for bill in bills) - whole) <= Decimal("0.005") * 3 * 12


def test_a_capacity_price_catches_up_when_the_year_has_a_higher_peak():
    # 57 kW until the quarter-hour in July, then 250 kW.
    bills = bill_months(
        tariff_of(CapacityPrice(name="Capacity", price=Decimal("41.06"))),
        a_year(250.0, 500_000.0),
        interval_s=QUARTER_S,
        time_zone=BERLIN,
        span=YEAR,
    )

    # 250 x 41.06, whichever month the peak is in.
    assert abs(sum(bill.total for bill in bills) - Decimal("10265.00")) <= Decimal("0.07")
    # (500,000 - 62.5) / 8,759.75 = 57.0721196... kW; 41.06 x 31 / 365 = 3.487288... a kW.
    assert bills[0].total == Decimal("199.03")
    by_name = {line.component: line.amount for line in bills[6].lines}
    # July: 250 x 41.06 x 31 / 365; (250 - 57.07212) x 41.06 x 181 / 365
    assert by_name == {
        "Capacity": Decimal("871.82"),
        "Capacity, change of the year's peak": Decimal("3928.25"),
    }


@pytest.mark.parametrize(
    ("evening_kw", "total"),
    [
        # 150 is 25 % below 200: the windows count alone. 150 x 41.06
        (150.0, "6159.00"),
        # 160 is 20 % below, which is enough: 160 x 41.06
        (160.0, "6569.60"),
        # 170 is 15 % below: not significant, the year's peak counts. 200 x 41.06
        (170.0, "8212.00"),
    ],
)
def test_peak_load_windows_count_alone_where_the_shift_is_significant(evening_kw, total):
    power_kw = [50.0] * QUARTERS_IN_2026
    # Monday 5 January: 4 days of 96, then 12:00 and 17:00 local.
    power_kw[4 * 96 + 48], power_kw[4 * 96 + 68] = 200.0, evening_kw
    charge = CapacityPrice(
        name="Capacity",
        price=Decimal("41.06"),
        windows=(ClockWindow(start=time(16, 30), end=time(20), months=(1, 2, 12)),),
        significance_share=Decimal("0.20"),
    )

    bill = yearly(charge, load(power_kw, start=YEAR.start))

    assert bill.total == Decimal(total)


def test_a_monthly_capacity_price_begins_anew():
    charge = CapacityPrice(name="Capacity", price=Decimal(12), cycle="month")

    bill = june(charge, power_kw=[100.0] * QUARTERS_IN_JUNE)

    # 100 x 12
    assert bill.total == Decimal("1200.00")


FLANDERS = MeanMonthlyPeak(
    name="Capacity tariff",
    price=Decimal("40.40"),
    floor_kw=Decimal("2.5"),
    ceiling=Decimal("0.34"),
)
ELEVEN_MONTHS = BillingHistory(
    tuple(EarlierMonth(JUNE_2026 - back, peak_kw=60.0) for back in range(11, 0, -1))
)


def test_flanders_bills_the_mean_of_twelve_monthly_peaks():
    bill = june(
        FLANDERS, power_kw=[120.0] * QUARTERS_IN_JUNE, inputs=BillingInputs(history=ELEVEN_MONTHS)
    )

    # (11 x 60 + 120) / 12 = 65 kW; 65 x 40.40 x 30 / 365 = 215.8356
    assert bill.lines[0].quantity == Decimal(65)
    assert bill.total == Decimal("215.84")
    assert bill.warnings == ()


def test_flanders_has_a_floor_for_each_month():
    bill = june(replace(FLANDERS, ceiling=None), power_kw=[1.0] * QUARTERS_IN_JUNE)

    # 2.5 x 40.40 x 30 / 365 = 8.3014
    assert bill.total == Decimal("8.30")
    assert bill.warnings == ("Capacity tariff: 11 of the 11 earlier peaks are not known",)


def test_flanders_has_a_ceiling_for_who_takes_little():
    power_kw = [0.0] * QUARTERS_IN_JUNE
    power_kw[100] = 120.0

    bill = june(FLANDERS, power_kw=power_kw, inputs=BillingInputs(history=ELEVEN_MONTHS))

    # 30 kWh x 0.34 = 10.20, instead of 215.84
    assert [line.amount for line in bill.lines] == [Decimal("215.84"), Decimal("-205.64")]
    assert bill.total == Decimal("10.20")


def test_the_nordic_mean_is_over_different_days():
    hours_kw = [20.0] * (30 * 24)
    # 80 and 75 on the 3rd, 70 on the 9th, 60 on the 20th.
    for day, hour, power_kw in ((2, 8, 80.0), (2, 17, 75.0), (8, 8, 70.0), (19, 18, 60.0)):
        hours_kw[day * 24 + hour] = power_kw

    bill = bill_period(
        tariff_of(TopPeaks(name="Power charge", price=Decimal(45)), window_s=3600),
        load(hours_kw, interval_s=3600),
        period=JUNE,
        interval_s=3600,
        time_zone=STANDARD_TIME,
    )

    # (80 + 70 + 60) / 3 = 70 kW; 70 x 45
    (charge,) = bill.lines
    assert charge.quantity == Decimal(70)
    assert charge.amount == Decimal("3150.00")
    assert charge.set_by == datetime(2026, 6, 3, 13, tzinfo=UTC)
    assert charge.also_set_by == (
        datetime(2026, 6, 9, 13, tzinfo=UTC),
        datetime(2026, 6, 20, 23, tzinfo=UTC),
    )


def test_a_british_site_pays_for_the_capacity_that_it_exceeds():
    charge = AgreedCapacity(
        agreed_kva=Decimal(500), price=Decimal("0.05"), excess_price=Decimal("0.12")
    )
    power_kw = [100.0] * QUARTERS_IN_JUNE
    power_kw[1000] = 570.0

    bill = june(charge, power_kw=power_kw, inputs=BillingInputs(power_factor_share=0.95))

    # 570 / 0.95 = 600 kVA. 500 kVA x 30 days x 0.05; (600 - 500) x 30 x 0.12
    assert [line.amount for line in bill.lines] == [Decimal("750.00"), Decimal("360.00")]


def test_british_bands_and_reactive_energy():
    bands = BandedEnergy(
        name="Distribution",
        bands=(
            EnergyBand("red", Decimal("0.12"), (EVENING,)),
            EnergyBand(
                "amber",
                Decimal("0.02"),
                (ClockWindow(start=time(7), end=time(22), days="weekday"),),
            ),
            EnergyBand("green", Decimal("0.002")),
        ),
    )
    reactive = ReactiveExcess(
        name="Reactive energy", price=Decimal("0.005"), free_share=Decimal("0.33")
    )

    bill = june(
        bands,
        reactive,
        power_kw=[100.0] * QUARTERS_IN_JUNE,
        inputs=BillingInputs(power_factor_share=0.8),
    )

    # June 2026 has 22 weekdays. Red 3.5 h, amber 15 - 3.5 = 11.5 h a weekday, green the rest of 720:
    # 22 x 3.5 = 77; 22 x 11.5 = 253; 390 h at 100 kW. At power factor 0.8 a kWh has 0.6 / 0.8 =
    # 0.75 kvarh: 72,000 x (0.75 - 0.33) = 30,240 kvarh above the free ones.
    assert [(line.quantity, line.amount) for line in bill.lines] == [
        (Decimal(7_700), Decimal("924.00")),
        (Decimal(25_300), Decimal("506.00")),
        (Decimal(39_000), Decimal("78.00")),
        (Decimal(30_240), Decimal("151.20")),
    ]


@pytest.mark.parametrize(
    ("hourly_per_kwh", "amounts", "total"),
    [
        # 100 kWh an hour: (5 - 2 + 3 + 0) x 1.05 = 6.30; 400 x 0.005; 400 x 0.0205;
        # 19 % of 16.50 = 3.135
        ([0.05, -0.02, 0.03, 0.0], ["6.30", "2.00", "8.20", "3.14"], "19.64"),
        # A negative price credits energy, levies stay: -8 x 1.05 = -8.40; 19 % of 1.80 = 0.342
        ([-0.02] * 4, ["-8.40", "2.00", "8.20", "0.34"], "2.14"),
    ],
)
def test_the_market_price_comes_before_levies_and_tax(hourly_per_kwh, amounts, total):
    period = BillingPeriod(start=JUNE_START, end=JUNE_START.replace(hour=9))
    components = (
        SpotEnergy(
            series="market", currency="EUR", loss_factor=Decimal("1.05"), markup=Decimal("0.005")
        ),
        BandedEnergy(name="Electricity tax", bands=(EnergyBand("", Decimal("0.0205")),)),
        ValueAddedTax(tax_share=Decimal("0.19")),
    )

    bill = bill_period(
        tariff_of(*components),
        load([100.0] * 16),
        period=period,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
        inputs=BillingInputs(prices=market(hourly_per_kwh, start=JUNE_START, interval_s=3600)),
    )

    assert [line.amount for line in bill.lines] == [Decimal(amount) for amount in amounts]
    assert bill.total == Decimal(total)


def test_a_year_of_a_read_period_across_new_year_is_two_years():
    # 16 December to 15 January: 16 days of 2025 at 100 kW, 15 of 2026 at 300 kW.
    start, end = (
        local_instant(day, time(0), time_zone=BERLIN)
        for day in (datetime(2025, 12, 16).date(), datetime(2026, 1, 16).date())
    )
    power_kw = [100.0] * (16 * 96) + [300.0] * (15 * 96)

    bill = bill_period(
        tariff_of(CapacityPrice(name="Capacity", price=Decimal(73))),
        load(power_kw, start=start),
        period=BillingPeriod(start=start, end=end),
        interval_s=QUARTER_S,
        time_zone=BERLIN,
    )

    # 100 x 73 x 16 / 365 = 320.00; 300 x 73 x 15 / 365 = 900.00
    assert [line.amount for line in bill.lines] == [Decimal("320.00"), Decimal("900.00")]
    assert "11 earlier months of 2025 are not known" in bill.warnings[0]
