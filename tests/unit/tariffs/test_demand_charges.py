"""Demand in other units, every day, under a ratchet, at the system's peak; reactive power."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from depotlib.errors import LoadError, TariffTermsError
from depotlib.model.calendar import zone
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

FLAT_KW = [100.0] * QUARTERS_IN_JUNE
MAY_2026 = 2026 * 12 + 4
RATCHET = {"lookbackpercent": 0.8, "lookbackmonths": [True] * 12}
TOU = {
    "demandratestructure": [[{"rate": 5}], [{"rate": 20}]],
    "demandweekdayschedule": schedule(range(16, 21)),
    "demandweekendschedule": schedule(range(16, 21)),
}
WHOLE_JUNE = grid_over(JUNE.start, JUNE.end, interval_s=QUARTER_S)


def june(tariff_, power_kw=FLAT_KW, *, inputs=NO_INPUTS, frame=None):
    return bill_period(
        tariff_,
        load(power_kw) if frame is None else frame,
        period=JUNE,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
        inputs=inputs,
    )


def with_kvarh(power_kw, reactive_kvarh):
    return load(power_kw).with_columns(pl.Series("reactive_kvarh", reactive_kvarh))


def test_demand_in_kva_follows_from_the_power_factor():
    in_kva = golden(flatdemandunit="kVA")

    at_08 = june(in_kva, inputs=BillingInputs(power_factor_share=0.8))
    at_unity = june(in_kva)

    # 100 kW / 0.8 = 125 kVA
    assert line(at_08, "Flat demand").quantity == Decimal(125)
    assert line(at_08, "Flat demand").unit == "kVA"
    assert at_08.warnings == ()
    assert line(at_unity, "Flat demand").quantity == Decimal(100)
    assert "power factor 1" in at_unity.warnings[0]


def test_metered_reactive_energy_goes_before_the_power_factor():
    # 100 kW with 75 kvar (18.75 kvarh a quarter-hour) is 125 kVA; the one block of 110 kW with
    # no kvar is less.
    power_kw, kvarh = [*FLAT_KW], [18.75] * QUARTERS_IN_JUNE
    power_kw[500], kvarh[500] = 110.0, 0.0

    bill = june(
        golden(flatdemandunit="kVA"),
        frame=with_kvarh(power_kw, kvarh),
        inputs=BillingInputs(power_factor_share=0.5),
    )

    assert line(bill, "Flat demand").quantity == Decimal(125)
    assert line(bill, "Flat demand").set_by == JUNE_START


def test_demand_in_horsepower_has_tiers_in_horsepower():
    # 1 hp = 0.7457 kW: 100 kW = 134.102186 hp, of which 5 cost nothing.
    in_hp = golden(
        flatdemandstructure=[[{"rate": 0, "max": 5}, {"rate": 0.58}]], flatdemandunit="hp"
    )

    charged = line(june(in_hp), "Flat demand, tier 2")

    assert charged.unit == "hp"
    assert charged.quantity == pytest.approx(Decimal("129.102186"), abs=Decimal("0.000001"))
    assert charged.amount == Decimal("74.88")


def test_every_day_has_its_own_peak_and_tiers():
    daily = golden(
        flatdemandstructure=[[{"rate": 0.5, "max": 150}, {"rate": 1}]], flatdemandunit="kW daily"
    )
    power_kw = [*FLAT_KW]
    power_kw[96 * 3 + 40] = 400.0

    bill = june(daily, power_kw)

    # 29 days of 100 kW and one of 150 in the first tier, 250 of that day in the second.
    assert line(bill, "Flat demand, tier 1").quantity == Decimal(29 * 100 + 150)
    assert line(bill, "Flat demand, tier 2").quantity == Decimal(250)
    assert line(bill, "Flat demand, tier 2").set_by == JUNE_START + timedelta(days=3, hours=10)


def test_a_time_of_use_demand_may_be_daily():
    daily = tariff(**TOU, demandrateunit="kW daily")

    bill = june(daily)

    assert line(bill, "TOU demand, period 2").quantity == Decimal(3000)
    assert line(bill, "TOU demand, period 2").unit == "kW-day"


def test_reactive_power_is_that_of_the_power_factor_or_of_the_meter():
    charged = golden(demandreactivepowercharge=0.6)

    by_factor = june(charged, inputs=BillingInputs(power_factor_share=0.8))
    metered = june(charged, frame=with_kvarh(FLAT_KW, [5.0] * QUARTERS_IN_JUNE))

    # tan(acos 0.8) = 0.75: 75 kvar x 0.60; 5 kvarh a quarter-hour are 20 kvar.
    found = line(by_factor, "Reactive power at power factor 0.8")
    assert (found.quantity, found.amount) == (Decimal(75), Decimal("45.00"))
    assert line(metered, "Reactive power").quantity == Decimal(20)


@pytest.mark.parametrize("share", [0.0, -0.9, 1.01])
def test_a_power_factor_that_no_load_has_is_refused(share):
    with pytest.raises(LoadError, match="power factor"):
        BillingInputs(power_factor_share=share)


def test_a_ratchet_counts_the_months_that_the_record_names():
    summer = golden(lookbackpercent=0.8, lookbackmonths=[False] * 5 + [True] * 4 + [False] * 3)
    winter_peak = BillingHistory((EarlierMonth(MAY_2026 - 4, peak_kw=900.0),))
    summer_peak = BillingHistory((EarlierMonth(MAY_2026 - 8, peak_kw=200.0),))

    in_winter = june(summer, inputs=BillingInputs(history=winter_peak))
    in_summer = june(summer, inputs=BillingInputs(history=summer_peak))

    assert line(in_winter, "Flat demand").quantity == Decimal(100)
    # 80 % of September 2025's 200 kW
    assert line(in_summer, "Flat demand").quantity == Decimal(160)
    # July and August 2025 count, too, and are not known; June 2025 lies a year back.
    assert "looks back on 3 months, of 2 of which no peak is known" in in_summer.warnings[0]


def test_a_range_of_months_makes_the_named_months_mute():
    ranged = golden(lookbackpercent=0.8, lookbackmonths=[False] * 12, lookbackrange=2)
    history = BillingHistory(
        (EarlierMonth(MAY_2026 - 2, peak_kw=900.0), EarlierMonth(MAY_2026 - 1, peak_kw=200.0))
    )

    bill = june(ranged, inputs=BillingInputs(history=history))

    assert line(bill, "Flat demand").quantity == Decimal(160)
    assert "looks back on 2 months, of 1 " in bill.warnings[0]


def test_the_older_ratchet_has_a_share_by_month():
    by_month = golden(demandratchetpercentage=[0] * 5 + [50] + [0] * 6)
    history = BillingHistory((EarlierMonth(MAY_2026, peak_kw=300.0),))
    two_months = load([10.0] * (QUARTERS_IN_JUNE + 31 * 96))

    bills = bill_months(
        by_month,
        two_months,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
        inputs=BillingInputs(history=history),
    )

    # June: half of May's 300 kW; July has no ratchet.
    assert [line(bill, "Flat demand").quantity for bill in bills] == [150, 10]
    assert bills[1].warnings == ()


def test_a_ratchet_floor_is_billed_in_the_tiers_that_it_reaches():
    tiered = golden(flatdemandstructure=[[{"rate": 0, "max": 50}, {"rate": 10}]], **RATCHET)
    history = BillingHistory((EarlierMonth(MAY_2026, peak_kw=300.0),))

    bill = june(tiered, inputs=BillingInputs(history=history))

    # 240 kW billed: 50 at 0 and 190 at 10
    assert line(bill, "Flat demand, tier 2").quantity == Decimal(190)


def test_what_a_read_period_leaves_of_its_month_is_earlier_too():
    ratcheted = golden(**RATCHET)
    power_kw = [*FLAT_KW]
    power_kw[96 * 2] = 300.0
    period = type(JUNE)(start=JUNE_START + timedelta(days=16), end=JUNE.end)

    bill = bill_period(
        ratcheted,
        load(power_kw),
        period=period,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
    )

    # 80 % of the 300 kW of 3 June, in the bill that begins on the 17th.
    assert line(bill, "Flat demand").quantity == Decimal(240)
    assert line(bill, "Flat demand").set_by == JUNE_START + timedelta(days=2)


def test_time_of_use_demand_is_ratcheted_only_where_that_is_chosen():
    fields = {"energyratestructure": [[{"rate": 0.1}]], **TOU, **RATCHET}
    power_kw = [*FLAT_KW] + [10.0] * (31 * 96)
    power_kw[96 * 4 + 17 * 4] = 400.0

    def july(scope):
        found = tariff_from_urdb(
            json.dumps(fields), where="record", choices=UrdbChoices(ratchet_scope=scope)
        )
        return bill_months(found, load(power_kw), interval_s=QUARTER_S, time_zone=STANDARD_TIME)[1]

    flat, every = july("flat"), july("all")

    # June's 400 kW fell into period 2, its other hours took 100 kW; 80 % of each.
    assert line(flat, "TOU demand, period 2").quantity == Decimal(10)
    assert any("taken to hold for flat demand" in entry for entry in flat.assumptions)
    assert line(every, "TOU demand, period 2").quantity == Decimal(320)
    assert line(every, "TOU demand, period 1").quantity == Decimal(80)
    assert any("of TOU demand, period 2 looks back" in entry for entry in every.warnings)


def test_the_load_in_the_systems_peak_hour_is_charged():
    coincident = golden(
        coincidentratestructure=[[{"rate": 7.33}], [{"rate": 25.07}]],
        coincidentschedule=schedule(range(12, 18)),
    )
    power_kw = [*FLAT_KW]
    # 11 June, 15:15 local.
    power_kw[10 * 96 + 15 * 4 + 1] = 240.0
    peak_hour = JUNE_START + timedelta(days=10, hours=15, minutes=50)

    bill = june(coincident, power_kw, inputs=BillingInputs(system_peaks=(peak_hour,)))

    # The hour from 15:00: its highest block.
    assert line(bill, "Coincident peak, period 2").quantity == Decimal(240)
    assert line(bill, "Coincident peak, period 2").amount == Decimal("6016.80")


def test_without_the_systems_peak_hour_such_a_tariff_is_not_billed_or_planned():
    coincident = golden(coincidentratestructure=[[{"rate": 7.33}]])

    with pytest.raises(LoadError, match="utility's peak"):
        june(coincident)
    with pytest.raises(TariffTermsError, match="utility's peak"):
        price_terms_given(coincident, WHOLE_JUNE, time_zone=STANDARD_TIME)


def test_a_typical_nights_daily_peak_stands_as_often_as_the_night():
    daily = golden(flatdemandstructure=[[{"rate": 0.5}]], flatdemandunit="kW daily")
    one_day = grid_over(JUNE_START, JUNE_START + timedelta(days=1), interval_s=QUARTER_S)

    terms = price_terms_given(
        daily,
        one_day,
        time_zone=STANDARD_TIME,
        so_far=PeriodSoFar(nights_per_month=22.0),
    )

    (term,) = terms.peaks
    assert term.name == "Flat demand, 2026-06-01"
    assert term.price_per_kw == pytest.approx(11.0)


def test_a_holiday_on_a_weekday_is_billed_as_a_weekend():
    # 0.30 $/kWh on weekdays, 0.10 at weekends; Juneteenth 2026 is a Friday.
    by_day = tariff(
        energyratestructure=[[{"rate": 0.10}], [{"rate": 0.30}]],
        energyweekdayschedule=[[1] * 24] * 12,
        energyweekendschedule=[[0] * 24] * 12,
    )
    juneteenth = frozenset({datetime(2026, 6, 19, tzinfo=UTC).date()})

    off, on = june(by_day), june(by_day, inputs=BillingInputs(holidays=juneteenth))

    # 8 of June's days are Saturdays and Sundays: 8 and 9 days of 2,400 kWh.
    assert line(off, "TOU energy, period 1").quantity == Decimal(8 * 2400)
    assert line(on, "TOU energy, period 1").quantity == Decimal(9 * 2400)
    assert "no day counts as a holiday" in off.assumptions
    assert "billed as a weekend: 1 holiday, 2026-06-19" in on.assumptions


def test_sliding_windows_are_not_cut_by_a_gap():
    power_kw: list[float | None] = [100.0] * 60
    power_kw[30] = None
    power_kw[44] = 400.0

    bill = bill_period(
        golden(),
        load(power_kw, interval_s=60),
        period=type(JUNE)(start=JUNE_START, end=JUNE_START + timedelta(hours=1)),
        interval_s=60,
        time_zone=zone("America/New_York"),
        inputs=BillingInputs(windows="sliding"),
    )

    # The windows over minute 30 are not whole; that from minute 31 on is: (14 x 100 + 400) / 15.
    assert line(bill, "Flat demand").quantity == Decimal(120)
    # Begun at minutes 16 to 29; at minute 30 none begins.
    assert "14 demand windows lack readings and set no peak" in bill.warnings
    assert "demand windows slide: the highest mean from any reading on" in bill.assumptions
