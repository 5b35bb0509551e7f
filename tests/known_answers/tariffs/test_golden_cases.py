"""Bills worked out by hand: June 2026, 30 days, 100 kW unless said.

0.10 $/kWh, 15 $/kW on the highest 15-minute block, 100 $/month; the base load is
30 x 24 h x 100 kW = 72,000 kWh. The arithmetic of each case stands beside it.
"""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from depotlib.model.calendar import BillingPeriod, calendar_month, local_instant, zone
from depotlib.tariffs.bill import bill_months, bill_period
from depotlib.tariffs.billing_inputs import NO_INPUTS, BillingInputs
from depotlib.tariffs.history import BillingHistory, EarlierMonth
from tests.tariff_cases import (
    JUNE,
    JUNE_START,
    QUARTER_S,
    QUARTERS_IN_JUNE,
    STANDARD_TIME,
    amounts,
    golden,
    line,
    load,
    schedule,
    tariff,
)

NEW_YORK = zone("America/New_York")
FLAT_KW = [100.0] * QUARTERS_IN_JUNE
MINUTES_IN_JUNE = 30 * 24 * 60


# July 2025 to May 2026, before the June that is billed; only one month had a peak above June's.
PEAK_OF_300 = BillingHistory(
    tuple(
        EarlierMonth(2025 * 12 + 6 + month, peak_kw=300.0 if month == 1 else 90.0)
        for month in range(11)
    )
)
RATCHET = {"lookbackpercent": 0.8, "lookbackmonths": [True] * 12}
HOURS_USE = [
    [{"rate": 0.12, "max": 200, "unit": "kWh/kW"}, {"rate": 0.08, "unit": "kWh/kW"}],
]


def june(tariff_, power_kw, *, interval_s=QUARTER_S, inputs=NO_INPUTS):
    return bill_period(
        tariff_,
        load(power_kw, interval_s=interval_s),
        period=JUNE,
        interval_s=interval_s,
        time_zone=STANDARD_TIME,
        inputs=inputs,
    )


def test_g1_a_constant_load():
    bill = june(golden(), FLAT_KW)

    # 72,000 x 0.10; 100 x 15; 100
    assert amounts(bill) == {
        "energy": Decimal("7200.00"),
        "demand": Decimal("1500.00"),
        "fixed": Decimal("100.00"),
    }
    assert bill.total == Decimal("8800.00")


def test_g2_one_aligned_block_sets_the_peak():
    power_kw = [*FLAT_KW]
    power_kw[1000] = 400.0

    bill = june(golden(), power_kw)

    # 72,000 + 300 kW x 0.25 h = 72,075 kWh; 400 x 15
    assert amounts(bill)["energy"] == Decimal("7207.50")
    assert amounts(bill)["demand"] == Decimal("6000.00")
    assert bill.total == Decimal("13307.50")
    # Block 1000 of the month is 250 h after its start: 11 June, 10:00 local, 15:00 UTC.
    assert line(bill, "Flat demand").set_by == datetime(2026, 6, 11, 15, tzinfo=UTC)


def test_g3_a_burst_within_a_block_is_averaged():
    power_kw = [100.0] * MINUTES_IN_JUNE
    power_kw[15_003] = 400.0

    bill = june(golden(), power_kw, interval_s=60)

    # 300 kW x 1/60 h = 5 kWh more; (14 x 100 + 400) / 15 = 120 kW
    assert amounts(bill)["energy"] == Decimal("7200.50")
    assert line(bill, "Flat demand").quantity == Decimal(120)
    assert bill.total == Decimal("9100.50")


def test_g4_a_burst_across_two_blocks_is_shared_by_them():
    power_kw = [100.0] * MINUTES_IN_JUNE
    first = 15_000 + 15 - 15 // 2
    for minute in range(first, first + 15):
        power_kw[minute] = 400.0
    # 7 min lie in the one block, 8 in the next: (7 x 100 + 8 x 400) / 15 = 260 kW.
    uneven = june(golden(), power_kw, interval_s=60)
    halves_kw = [100.0] * (2 * MINUTES_IN_JUNE)
    for half_minute in range(30_015, 30_045):
        halves_kw[half_minute] = 400.0

    bill = june(golden(), halves_kw, interval_s=30)

    assert line(uneven, "Flat demand").quantity == Decimal(260)
    # 300 kW x 0.25 h = 75 kWh more; 7.5 min in each block: (100 + 400) / 2 = 250 kW x 15
    assert amounts(bill)["energy"] == Decimal("7207.50")
    assert amounts(bill)["demand"] == Decimal("3750.00")
    assert bill.total == Decimal("11057.50")


def test_g4_sliding_windows_see_the_whole_burst():
    power_kw = [100.0] * MINUTES_IN_JUNE
    for minute in range(15_008, 15_023):
        power_kw[minute] = 400.0

    bill = june(golden(), power_kw, interval_s=60, inputs=BillingInputs(windows="sliding"))

    assert line(bill, "Flat demand").quantity == Decimal(400)
    # Minute 15,008 is 250 h 8 min after the month's start: 11 June, 10:08 local, 15:08 UTC.
    assert line(bill, "Flat demand").set_by == datetime(2026, 6, 11, 15, 8, tzinfo=UTC)


def test_g5_a_ratchet_bills_a_part_of_an_earlier_peak():
    bill = june(golden(**RATCHET), FLAT_KW, inputs=BillingInputs(history=PEAK_OF_300))

    # 80 % of 300 kW is 240; 240 x 15
    assert line(bill, "Flat demand").quantity == Decimal(240)
    assert amounts(bill)["demand"] == Decimal("3600.00")
    assert bill.total == Decimal("10900.00")
    assert line(bill, "Flat demand").note == "ratchet: set by the peak of 2025-08"
    assert not any("ratchet" in warning for warning in bill.warnings)


def test_g6_energy_tiers_count_from_the_start_of_the_period():
    tiered = golden(energyratestructure=[[{"rate": 0.12, "max": 20_000}, {"rate": 0.08}]])

    bill = june(tiered, FLAT_KW)

    # 20,000 x 0.12 + 52,000 x 0.08 = 2,400 + 4,160
    assert line(bill, "Energy, tier 1").amount == Decimal("2400.00")
    assert line(bill, "Energy, tier 2").amount == Decimal("4160.00")
    assert bill.total == Decimal("8160.00")


def test_g7_hours_use_tiers_are_as_wide_as_the_billing_demand():
    bill = june(golden(energyratestructure=HOURS_USE), FLAT_KW)

    # 200 h x 100 kW = 20,000 kWh at 0.12, 52,000 at 0.08
    assert line(bill, "Energy, tier 1").quantity == Decimal(20_000)
    assert amounts(bill)["energy"] == Decimal("6560.00")
    assert bill.total == Decimal("8160.00")


def test_g8_a_ratchet_widens_hours_use_tiers():
    ratcheted = golden(energyratestructure=HOURS_USE, **RATCHET)

    bill = june(ratcheted, FLAT_KW, inputs=BillingInputs(history=PEAK_OF_300))

    # 200 h x 240 kW = 48,000 kWh at 0.12, 24,000 at 0.08: 5,760 + 1,920
    assert line(bill, "Energy, tier 1").quantity == Decimal(48_000)
    assert amounts(bill)["energy"] == Decimal("7680.00")
    assert amounts(bill)["demand"] == Decimal("3600.00")
    assert bill.total == Decimal("11380.00")


def test_g9_daily_demand_is_billed_for_every_day():
    daily = golden(flatdemandstructure=[[{"rate": 0.5}]], flatdemandunit="kW daily")

    bill = june(daily, FLAT_KW)

    # 30 days x 100 kW x 0.50
    assert line(bill, "Flat demand").quantity == Decimal(3000)
    assert line(bill, "Flat demand").unit == "kW-day"
    assert amounts(bill)["demand"] == Decimal("1500.00")
    assert bill.total == Decimal("8800.00")


def test_g10_a_charge_per_day_counts_actual_days():
    bill = june(golden(fixedchargefirstmeter=3, fixedchargeunits="$/day"), FLAT_KW)

    # 30 x 3, not 365/12 x 3
    assert line(bill, "Fixed charge").quantity == 30
    assert bill.total == Decimal("8790.00")


def test_g11_each_period_has_its_own_peak():
    afternoons = tariff(
        demandratestructure=[[{"rate": 5}], [{"rate": 20}]],
        demandweekdayschedule=schedule(range(16, 21)),
        demandweekendschedule=schedule(range(0)),
    )
    # 1 June 2026 is a Monday: days 5 and 6 of each week are the weekend.
    power_kw = [
        50.0 if (quarter // 96) % 7 < 5 and 16 <= quarter % 96 // 4 < 21 else 150.0
        for quarter in range(QUARTERS_IN_JUNE)
    ]

    bill = june(afternoons, power_kw)

    # 150 x 5 + 50 x 20
    assert line(bill, "TOU demand, period 1").amount == Decimal("750.00")
    assert line(bill, "TOU demand, period 2").amount == Decimal("1000.00")
    assert amounts(bill)["demand"] == Decimal("1750.00")


def test_g12_a_bill_below_the_minimum_is_raised_to_it():
    bill = june(golden(mincharge=9000, minchargeunits="$/month"), FLAT_KW)

    # 9,000 - 8,800
    assert line(bill, "Minimum charge top-up").amount == Decimal("200.00")
    assert bill.total == Decimal("9000.00")


def test_a_published_answer_for_monthly_tiers_holds():
    # NREL/REopt.jl, test/runtests.jl, "Tiered Energy" (Apache-2.0): 24,000 kWh a year, flat;
    # 0-1,000 kWh a month at 0.07531 + 0.0119, above at 0.09613 + 0.0119: 2,342.88 $ a year.
    tiered = tariff(
        energyratestructure=[
            [{"rate": 0.07531, "adj": 0.0119, "max": 1000}, {"rate": 0.09613, "adj": 0.0119}]
        ]
    )
    hours_in_2026 = 365 * 24
    year = load(
        [24_000 / hours_in_2026] * hours_in_2026,
        start=datetime(2026, 1, 1, 5, tzinfo=UTC),
        interval_s=3600,
    )

    bills = bill_months(tiered, year, interval_s=3600, time_zone=STANDARD_TIME)

    assert len(bills) == 12
    # Each month is rounded to the cent: half a cent a line at most.
    assert abs(sum(bill.total for bill in bills) - Decimal("2342.88")) <= Decimal("0.05")
    assert bills[5].period.start == JUNE_START


def test_a_published_answer_for_a_ratchet_holds():
    # NREL/REopt.jl, test/runtests.jl, "Lookback Demand Charges" 1 (Apache-2.0): 1 kW in every
    # hour of 2022 but 100 kW in hour 8 of 1 January; 10.50 $/kW in January to April, November and
    # December, 11.50 $/kW from May to October; a ratchet of 35 %: 5,302.50 $ a year.
    # 100 x 10.50 + 35 x (5 x 10.50 + 6 x 11.50) = 1,050 + 4,252.50
    seasonal = tariff(
        energyratestructure=[],
        flatdemandstructure=[[{"rate": 10.5}], [{"rate": 11.5}]],
        flatdemandmonths=[0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0],
        lookbackpercent=0.35,
        lookbackmonths=[True] * 12,
        demandwindow=60,
    )
    power_kw = [1.0] * (365 * 24)
    power_kw[7] = 100.0
    year = load(power_kw, start=datetime(2022, 1, 1, 5, tzinfo=UTC), interval_s=3600)

    bills = bill_months(seasonal, year, interval_s=3600, time_zone=STANDARD_TIME)

    assert [line(bill, "Flat demand").quantity for bill in bills] == [100] + [35] * 11
    assert sum(bill.total for bill in bills) == Decimal("5302.50")
    # The load holds the window that set the floor: the eighth hour, 07:00 local.
    assert line(bills[11], "Flat demand").set_by == datetime(2022, 1, 1, 12, tzinfo=UTC)
    assert any("looks back on 11 months" in warning for warning in bills[0].warnings)
    assert not any("looks back" in warning for warning in bills[11].warnings)


# The cases beside the table: 100 kW throughout, at the golden prices, by quarter-hours.


def constant_load(start, end):
    quarters = int((end - start).total_seconds()) // QUARTER_S
    return load([100.0] * quarters, start=start)


@pytest.mark.parametrize(
    ("month", "hours"),
    [
        # 31 days less the hour of 8 March; 30 days and the hour of 1 November; a leap February.
        ((2026, 3), 743),
        ((2026, 11), 721),
        ((2028, 2), 29 * 24),
    ],
)
def test_a_month_has_the_hours_that_the_clock_gives_it(month, hours):
    year, number = month
    whole = calendar_month(datetime(year, number, 15, tzinfo=UTC), NEW_YORK)
    daily = golden(fixedchargefirstmeter=3, fixedchargeunits="$/day")

    (bill,) = bill_months(
        daily,
        constant_load(whole.start, whole.end),
        interval_s=QUARTER_S,
        time_zone=NEW_YORK,
    )

    # Hours x 100 kW x 0.10; 100 x 15; days x 3
    days = {3: 31, 11: 30, 2: 29}[number]
    assert amounts(bill) == {
        "energy": Decimal(hours * 10),
        "demand": Decimal("1500.00"),
        "fixed": Decimal(days * 3),
    }
    assert bill.warnings == ()


def test_a_read_period_is_one_bill_of_its_own_days():
    period = BillingPeriod(
        start=local_instant(date(2026, 1, 17), time(0), time_zone=NEW_YORK),
        end=local_instant(date(2026, 2, 16), time(0), time_zone=NEW_YORK),
    )

    bill = bill_period(
        golden(),
        constant_load(period.start, period.end),
        period=period,
        interval_s=QUARTER_S,
        time_zone=NEW_YORK,
    )

    # 15 days of January and 15 of February: 30 x 24 x 100 kWh, as G1.
    assert bill.total == Decimal("8800.00")


def test_a_window_without_all_its_readings_sets_no_peak_and_is_not_read_as_zero():
    power_kw: list[float | None] = [100.0] * MINUTES_IN_JUNE
    # A burst whose block lacks one minute, and a lesser one that is whole.
    power_kw[15_000:15_015] = [400.0] * 15
    power_kw[15_007] = None
    power_kw[20_010:20_025] = [250.0] * 15

    bill = june(golden(), power_kw, interval_s=60)

    # 72,000 kWh + 14 min x 300 kW + 15 min x 150 kW - 1 min x 100 kW = 72,105.833333 kWh
    assert line(bill, "Energy").quantity == Decimal("72105.833333")
    assert line(bill, "Flat demand").quantity == Decimal(250)
    assert bill.warnings == (
        "1 readings (0.0166667 h) are missing: their energy and their peaks are not in this bill, "
        "and none is read as zero",
        "1 demand windows lack readings and set no peak",
    )


def test_a_holiday_on_a_weekday_has_the_weekends_prices_and_peaks():
    # 20 $/kW and 0.20 $/kWh on weekdays, 5 and 0.10 at weekends; Juneteenth 2026 is a Friday.
    by_day = tariff(
        energyratestructure=[[{"rate": 0.10}], [{"rate": 0.20}]],
        energyweekdayschedule=[[1] * 24] * 12,
        energyweekendschedule=[[0] * 24] * 12,
        demandratestructure=[[{"rate": 5}], [{"rate": 20}]],
        demandweekdayschedule=[[1] * 24] * 12,
        demandweekendschedule=[[0] * 24] * 12,
    )
    power_kw = [*FLAT_KW]
    power_kw[18 * 96 + 48] = 500.0

    workday = june(by_day, power_kw)
    holiday = june(by_day, power_kw, inputs=BillingInputs(holidays=frozenset({date(2026, 6, 19)})))

    # 22 weekdays and 8 weekend days; 100 kWh more on the 19th: 52,900 x 0.20 + 19,200 x 0.10
    assert amounts(workday) == {"energy": Decimal("12500.00"), "demand": Decimal("10500.00")}
    # 21 and 9: 50,400 x 0.20 + 21,700 x 0.10; 100 x 20 + 500 x 5
    assert amounts(holiday) == {"energy": Decimal("12250.00"), "demand": Decimal("4500.00")}
