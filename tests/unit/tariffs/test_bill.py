from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from depotlib.errors import LoadError
from depotlib.model.calendar import BillingPeriod, local_instant, zone
from depotlib.tariffs.bill import bill_months, bill_period, bills_of_parts
from tests.tariff_cases import (
    JUNE,
    JUNE_START,
    QUARTER_S,
    QUARTERS_IN_JUNE,
    STANDARD_TIME,
    golden,
    line,
    load,
    schedule,
    tariff,
)

NEW_YORK = zone("America/New_York")
FLAT_KW: list[float | None] = [100.0] * QUARTERS_IN_JUNE


def bill_june(tariff_, power_kw, *, interval_s=QUARTER_S):
    return bill_period(
        tariff_,
        load(power_kw, interval_s=interval_s),
        period=JUNE,
        interval_s=interval_s,
        time_zone=STANDARD_TIME,
    )


def local_day(day, *, days=1, time_zone=NEW_YORK):
    start, end = (
        datetime.combine(at, datetime.min.time(), tzinfo=time_zone).astimezone(UTC)
        for at in (day, day + timedelta(days=days))
    )
    return BillingPeriod(start=start, end=end)


def test_a_gap_is_counted_and_not_read_as_zero():
    power_kw = [*FLAT_KW]
    power_kw[10:14] = [None] * 4

    bill = bill_june(golden(), power_kw)

    # One hour of 100 kW is missing: 72,000 - 100 kWh.
    assert line(bill, "Energy").quantity == Decimal(71_900)
    assert line(bill, "Flat demand").quantity == Decimal(100)
    assert bill.warnings[0].startswith("4 readings (1 h) are missing")


def test_loads_with_the_same_readings_are_billed_as_each_alone():
    # Three hours of the second day are missing; one load sets its peak before them, one after.
    whole = load(FLAT_KW)
    starts = whole["interval_start"]
    there = whole.filter(
        ~starts.is_between(
            JUNE_START + timedelta(days=1), JUNE_START + timedelta(days=1, hours=3), closed="left"
        )
    )["interval_start"]
    early, late = (
        [peak_kw, *[10.0] * (len(there) - 2), 100.0 - peak_kw] for peak_kw in (60.0, 30.0)
    )

    bills = bills_of_parts(
        golden(),
        pl.DataFrame({"interval_start": there, "early": early, "late": late}),
        period=JUNE,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
    )

    alone = [
        bill_period(
            golden(),
            pl.DataFrame({"interval_start": there, "power_kw": power_kw}),
            period=JUNE,
            interval_s=QUARTER_S,
            time_zone=STANDARD_TIME,
        )
        for power_kw in (early, late)
    ]
    assert list(bills) == alone
    assert [line(bill, "Flat demand").quantity for bill in bills] == [Decimal(60), Decimal(70)]


def test_of_no_load_there_is_no_bill():
    none = load(FLAT_KW).select("interval_start")

    assert (
        bills_of_parts(golden(), none, period=JUNE, interval_s=QUARTER_S, time_zone=STANDARD_TIME)
        == ()
    )


def test_rows_that_are_not_there_are_gaps_too():
    frame = load(FLAT_KW).filter(pl.col("interval_start") != JUNE_START + timedelta(hours=3))

    bill = bill_period(golden(), frame, period=JUNE, interval_s=QUARTER_S, time_zone=STANDARD_TIME)

    assert bill.warnings[0].startswith("1 readings (0.25 h) are missing")


def test_a_period_beyond_the_load_says_what_is_missing():
    bill = bill_june(golden(), FLAT_KW[:-96])

    assert bill.warnings[0].startswith("96 readings (24 h) are missing")


def test_a_window_with_a_gap_sets_no_peak():
    power_kw: list[float | None] = [100.0] * (30 * 24 * 60)
    # 14 minutes of 400 kW are left of the first window: its mean cannot be known.
    power_kw[0:15] = [400.0] * 14 + [None]

    bill = bill_june(golden(), power_kw, interval_s=60)

    assert line(bill, "Flat demand").quantity == Decimal(100)
    assert bill.warnings[1] == "1 demand windows lack readings and set no peak"


def test_load_coarser_than_the_window_is_billed_with_a_warning():
    bill = bill_june(golden(), [100.0] * 720, interval_s=3600)

    assert bill.total == Decimal("8800.00")
    assert bill.warnings == (
        "readings of 60 min are coarser than the demand window of 15 min: the billed peaks are "
        "lower than the utility's",
    )


def test_the_window_does_not_matter_where_no_peak_is_billed():
    assert bill_june(tariff(), [100.0] * 720, interval_s=3600).warnings == ()


@pytest.mark.parametrize(
    ("day", "quarter_hours"),
    [(date(2026, 3, 8), 92), (date(2026, 6, 1), 96), (date(2026, 11, 1), 100)],
)
def test_a_day_has_as_many_quarter_hours_as_the_clock_gives_it(day, quarter_hours):
    period = local_day(day)

    bill = bill_period(
        tariff(),
        load([4.0] * 200, start=period.start),
        period=period,
        interval_s=QUARTER_S,
        time_zone=NEW_YORK,
    )

    # 4 kW x 0.25 h = 1 kWh each
    assert line(bill, "Energy").quantity == quarter_hours
    assert bill.warnings == ()


def test_the_hour_that_comes_twice_keeps_its_own_windows():
    period = local_day(date(2026, 11, 1))
    power_kw = [0.0] * 100
    # 01:00 to 01:15 comes twice, an hour apart: 300 kW in the second one only.
    power_kw[8] = 300.0

    bill = bill_period(
        tariff(flatdemandstructure=[[{"rate": 1}]]),
        load(power_kw, start=period.start),
        period=period,
        interval_s=QUARTER_S,
        time_zone=NEW_YORK,
    )

    assert line(bill, "Flat demand").quantity == Decimal(300)
    assert line(bill, "Flat demand").set_by == datetime(2026, 11, 1, 6, tzinfo=UTC)


def test_windows_follow_the_local_clock_where_its_offset_is_no_whole_hour():
    # Kathmandu is 5 h 45 min ahead: the local hour begins at a quarter past in UTC.
    kathmandu = zone("Asia/Kathmandu")
    period = local_day(date(2026, 6, 1), time_zone=kathmandu)
    power_kw = [0.0] * 96
    power_kw[4:8] = [200.0] * 4

    bill = bill_period(
        tariff(demandwindow=60, flatdemandstructure=[[{"rate": 1}]]),
        load(power_kw, start=period.start),
        period=period,
        interval_s=QUARTER_S,
        time_zone=kathmandu,
    )

    assert line(bill, "Flat demand").quantity == Decimal(200)


def test_prices_follow_the_wall_clock_of_the_meter():
    evening = tariff(
        energyratestructure=[[{"rate": 0.1}], [{"rate": 0.3}]],
        energyweekdayschedule=schedule(range(16, 21)),
        energyweekendschedule=schedule(range(16, 21)),
    )
    period = local_day(date(2026, 3, 7), days=2)

    bill = bill_period(
        evening,
        load([4.0] * 188, start=period.start),
        period=period,
        interval_s=QUARTER_S,
        time_zone=NEW_YORK,
    )

    # 5 h on both days, whatever the clock change: 2 x 20 kWh; the other 188 - 40 = 148.
    assert line(bill, "TOU energy, period 2").quantity == 40
    assert line(bill, "TOU energy, period 1").quantity == 148


def test_a_read_period_has_one_peak_and_each_months_prices():
    fuel = [0.0] * 12
    fuel[1] = 0.05
    period = local_day(date(2026, 1, 17), days=30, time_zone=STANDARD_TIME)
    power_kw = [10.0] * (30 * 96)
    power_kw[5], power_kw[2000] = 90.0, 80.0

    bill = bill_period(
        golden(fueladjustmentsmonthly=fuel),
        load(power_kw, start=period.start),
        period=period,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
    )

    # 17 to 31 January: 15 days x 240 kWh + 80 kW x 0.25 h; 1 to 15 February the same + 70 x 0.25.
    assert line(bill, "Energy, fuel adjustment 0.0").quantity == Decimal(3620)
    assert line(bill, "Energy, fuel adjustment 0.05").amount == Decimal("542.63")
    assert line(bill, "Flat demand").quantity == Decimal(90)
    assert line(bill, "Fixed charge").amount == Decimal("100.00")


def test_a_seasonal_demand_price_is_that_of_the_peaks_month():
    seasonal = tariff(
        flatdemandstructure=[[{"rate": 5}], [{"rate": 20}]],
        flatdemandmonths=[0, 1] + [0] * 10,
    )
    period = local_day(date(2026, 1, 17), days=30, time_zone=STANDARD_TIME)
    power_kw = [10.0] * (30 * 96)
    power_kw[2000] = 80.0

    bill = bill_period(
        seasonal,
        load(power_kw, start=period.start),
        period=period,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
    )

    assert line(bill, "Flat demand").amount == Decimal("1600.00")


def test_demand_tiers_are_slices_of_the_peak():
    tiered = tariff(flatdemandstructure=[[{"rate": 0, "max": 15}, {"rate": 8.89401}]])

    bill = bill_june(tiered, FLAT_KW)

    assert line(bill, "Flat demand, tier 1").quantity == Decimal(15)
    assert line(bill, "Flat demand, tier 1").amount == 0
    # 85 x 8.89401 = 755.99085
    assert line(bill, "Flat demand, tier 2").amount == Decimal("755.99")


def test_the_bills_of_a_year_hold_one_year_and_its_days():
    hours = 366 * 24
    year = load([1.0] * hours, start=datetime(2024, 1, 1, 5, tzinfo=UTC), interval_s=3600)

    yearly, daily = (
        bill_months(
            tariff(fixedchargefirstmeter=1200, fixedchargeunits=unit),
            year,
            interval_s=3600,
            time_zone=STANDARD_TIME,
        )
        for unit in ("$/year", "$/day")
    )

    # 1,200 x days of the month / 366, each to the cent; 2024 has a 29 February.
    assert sum(line(bill, "Fixed charge").amount for bill in yearly) == Decimal("1200.00")
    assert [line(bill, "Fixed charge").quantity for bill in daily][1] == 29


def test_a_part_of_a_month_is_billed_as_such():
    bills = bill_months(
        golden(), load(FLAT_KW[:960]), interval_s=QUARTER_S, time_zone=STANDARD_TIME
    )

    assert len(bills) == 1
    assert bills[0].warnings[0].startswith("the load covers 10 of the month's 30 days")


def test_a_month_that_lacks_some_hours_only_is_not_said_to_lack_days():
    bills = bill_months(golden(), load(FLAT_KW[:-1]), interval_s=QUARTER_S, time_zone=STANDARD_TIME)

    (sentence,) = bills[0].warnings
    assert sentence.startswith("the load covers the month but for some hours of its first or last")


def test_reactive_power_stands_on_the_bill_as_assumed():
    bill = bill_june(golden(demandreactivepowercharge=0.6), FLAT_KW)

    assert bill.total == Decimal("8800.00")
    assert line(bill, "Reactive power at power factor 1").unit_price == Decimal("0.6")
    assert any("power factor 1" in entry for entry in bill.assumptions)


@pytest.mark.parametrize(
    ("dates", "word"),
    [({"startdate": 1_893_456_000}, "in force from 2030-01-01"), ({"enddate": 1}, "1970-01-01")],
)
def test_a_bill_outside_the_tariffs_validity_says_so(dates, word):
    (warning,) = bill_june(golden(**dates), FLAT_KW).warnings

    assert word in warning


def test_further_meters_are_named_but_not_billed():
    bill = bill_june(golden(fixedchargeeaaddl=7), FLAT_KW)

    assert bill.total == Decimal("8800.00")
    assert "one meter; every further one costs 7 a month" in bill.assumptions


@pytest.mark.parametrize(
    ("frame", "interval_s", "word"),
    [
        (load([]), QUARTER_S, "holds no reading"),
        (load([1.0, 1.0], interval_s=600), QUARTER_S, "grid of 15 min"),
        (pl.concat([load([1.0]), load([1.0])]), QUARTER_S, "twice"),
        (load([1.0] * 9, interval_s=600), 600, "do not fill a demand window"),
        (load([None, None]), QUARTER_S, "no reading from"),
        (load([1.0] * 2, interval_s=60), 60, "complete"),
    ],
)
def test_a_load_that_cannot_be_billed_is_refused(frame, interval_s, word):
    with pytest.raises(LoadError, match=word):
        bill_months(golden(), frame, interval_s=interval_s, time_zone=STANDARD_TIME)


def test_the_first_of_equal_peaks_sets_the_line():
    bill = bill_june(golden(), FLAT_KW)

    assert line(bill, "Flat demand").set_by == local_instant(
        date(2026, 6, 1), datetime.min.time(), time_zone=STANDARD_TIME
    )


def test_export_is_no_negative_import_and_a_tariff_without_credit_says_so():
    bill = bill_period(
        golden(),
        load([1.0, -0.5]),
        period=JUNE,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
    )

    # 1 kW for a quarter-hour; 0.5 kW fed back for another.
    assert line(bill, "Energy").quantity == Decimal("0.25")
    assert "0.1 kWh were exported, and no money is credited for them" in bill.warnings
