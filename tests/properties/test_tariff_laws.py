"""Laws of a bill that hold for any load: parts and wholes, order, size, clock changes."""

from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.model.calendar import BillingPeriod, local_instant
from depotlib.tariffs.bill import bill_period
from depotlib.tariffs.billing_inputs import NO_INPUTS, BillingInputs
from tests.tariff_cases import QUARTER_S, load, tariff

ZONES = [
    ZoneInfo(name)
    for name in ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata")
]
NEW_YORK = ZONES[0]
QUARTERS_PER_DAY = 96
ONE_DAY = timedelta(days=1)
# A case of a law bills a month or two in quarter-hours, several times over.
HALF = settings(max_examples=max(settings().max_examples // 2, 5))

prices = st.integers(min_value=1, max_value=30_000).map(lambda tenths: tenths / 10_000)
schedules = st.lists(st.integers(0, 2**24 - 1), min_size=1, max_size=3).map(
    # A day is 24 bits: the period of each hour.
    lambda days: [
        [days[month % len(days)] >> hour & 1 for hour in range(24)] for month in range(12)
    ]
)
fuels = st.lists(prices, min_size=1, max_size=3).map(lambda some: (some * 12)[:12])
levels = st.lists(st.integers(0, 500), min_size=1, max_size=40)
first_days = st.dates(date(2025, 1, 1), date(2027, 12, 1))


@st.composite
def plain_tariffs(draw, *, window_minutes=15, **fields):
    """Return tariffs without tiers: energy and demand by hour and day type, a charge per day."""
    return tariff(
        **{
            "energyratestructure": [[{"rate": draw(prices)}], [{"rate": draw(prices)}]],
            "energyweekdayschedule": draw(schedules),
            "energyweekendschedule": draw(schedules),
            "fueladjustmentsmonthly": draw(fuels),
            "demandratestructure": [[{"rate": draw(prices)}], [{"rate": draw(prices)}]],
            "demandweekdayschedule": draw(schedules),
            "demandweekendschedule": draw(schedules),
            "flatdemandstructure": [[{"rate": draw(prices)}]],
            "flatdemandmonths": [0] * 12,
            "fixedchargefirstmeter": draw(prices),
            "fixedchargeunits": "$/day",
            "demandwindow": window_minutes,
        }
        | fields
    )


@st.composite
def tiered_tariffs(draw):
    """Return tariffs with rising or falling tiers and a minimum, no price below 0.

    All hours share one ladder: where ladders differ, one period's energy can push another's down
    its own.
    """
    ladder = [{"rate": draw(prices), "max": draw(st.integers(1, 50_000))}, {"rate": draw(prices)}]
    peaks = [{"rate": draw(prices), "max": draw(st.integers(1, 400))}, {"rate": draw(prices)}]
    return draw(
        plain_tariffs(
            energyratestructure=[ladder, ladder],
            flatdemandstructure=[peaks],
            mincharge=draw(prices) * 1000,
            minchargeunits="$/month",
        )
    )


def local_days_from(first, days, time_zone=NEW_YORK):
    """Return the period of some whole local days."""
    start, end = (
        local_instant(day, time(0), time_zone=time_zone)
        for day in (first, first + timedelta(days=days))
    )
    return BillingPeriod(start=start, end=end)


def quarters(period):
    return (period.end - period.start) // timedelta(seconds=QUARTER_S)


def repeated(values, count):
    return np.resize(np.array(values, dtype=np.float64), count)


def bill_of(found, power_kw, period, *, time_zone=NEW_YORK, step_s=QUARTER_S):
    return bill_period(
        found,
        load(power_kw.tolist(), start=period.start, interval_s=step_s),
        period=period,
        interval_s=step_s,
        time_zone=time_zone,
    )


def exact(bill, *families):
    """Return the sum of some families of lines before each is rounded to the cent."""
    return sum(
        (line.quantity * line.unit_price for line in bill.lines if line.family in families),
        Decimal(0),
    )


def energy_by_price(bill):
    """Return the energy of a bill by its price [kWh]."""
    found = {}
    for line in bill.lines:
        if line.family == "energy":
            found[line.unit_price] = found.get(line.unit_price, Decimal(0)) + line.quantity
    return found


# Quantities stand on a bill in milliwatt-hours: half of one a line, at 6 a kWh at most.
EXACT_ENOUGH = Decimal("0.0002")


@HALF
@given(found=plain_tariffs(), first=first_days, values=levels, data=st.data())
def test_energy_and_charges_a_day_of_two_parts_are_those_of_the_whole(found, first, values, data):
    days = data.draw(st.integers(2, 40))
    cut = data.draw(st.integers(1, days - 1))
    whole = local_days_from(first, days)
    parts = (
        local_days_from(first, cut),
        local_days_from(first + timedelta(days=cut), days - cut),
    )
    power_kw = repeated(values, quarters(whole))
    ends = (power_kw[: quarters(parts[0])], power_kw[quarters(parts[0]) :])

    together = bill_of(found, power_kw, whole)
    split = [bill_of(found, part_kw, part) for part_kw, part in zip(ends, parts, strict=True)]

    for family in ("energy", "fixed"):
        summed = sum(exact(bill, family) for bill in split)
        assert abs(exact(together, family) - summed) <= 4 * EXACT_ENOUGH
    # A peak is the highest of the whole: never less than in a part.
    assert exact(together, "demand") <= sum(exact(bill, "demand") for bill in split) + EXACT_ENOUGH


@HALF
@given(
    found=plain_tariffs(window_minutes=30),
    first=first_days,
    values=levels,
    seed=st.integers(0, 2**32 - 1),
)
def test_the_order_of_readings_inside_a_demand_window_changes_nothing(found, first, values, seed):
    period = local_days_from(first, 5)
    count = quarters(period) * 3
    power_kw = repeated(values, count)
    shuffled_kw = np.random.default_rng(seed).permuted(power_kw.reshape(-1, 6), axis=1).ravel()

    before, after = (bill_of(found, kw, period, step_s=300) for kw in (power_kw, shuffled_kw))

    assert before.total == after.total
    assert [line.quantity for line in before.lines] == [line.quantity for line in after.lines]


@HALF
@given(
    found=plain_tariffs(window_minutes=60),
    first=first_days,
    values=levels,
    seed=st.integers(0, 2**32 - 1),
)
def test_the_order_of_readings_of_one_hour_and_day_type_changes_only_peaks(
    found, first, values, seed
):
    period = local_days_from(first, 14)
    power_kw = repeated(values, quarters(period))
    shuffled_kw = power_kw.copy()
    local = [
        (period.start + timedelta(seconds=QUARTER_S * step)).astimezone(NEW_YORK)
        for step in range(power_kw.size)
    ]
    cells = np.unique(
        [(at.month * 2 + (at.weekday() >= 5)) * 24 + at.hour for at in local], return_inverse=True
    )[1]
    random = np.random.default_rng(seed)
    for cell in range(cells.max() + 1):
        at = np.flatnonzero(cells == cell)
        shuffled_kw[at] = random.permutation(power_kw[at])

    before, after = (bill_of(found, kw, period) for kw in (power_kw, shuffled_kw))

    assert energy_by_price(before) == energy_by_price(after)
    assert exact(before, "fixed") == exact(after, "fixed")


@HALF
@given(found=plain_tariffs(), first=first_days, values=levels, factor=st.integers(2, 9))
def test_a_load_several_times_as_great_costs_as_many_times_as_much(found, first, values, factor):
    period = local_days_from(first, 7)
    power_kw = repeated(values, quarters(period))

    once, often = (bill_of(found, kw, period) for kw in (power_kw, factor * power_kw))

    for family in ("energy", "demand"):
        assert abs(exact(often, family) - factor * exact(once, family)) <= factor * EXACT_ENOUGH
    assert exact(often, "fixed") == exact(once, "fixed")


@HALF
@given(
    found=tiered_tariffs(),
    first=first_days,
    values=levels,
    more=st.lists(st.integers(0, 300), min_size=1, max_size=30),
)
def test_more_load_is_never_cheaper_where_no_price_is_negative(found, first, values, more):
    period = local_days_from(first, 31)
    power_kw = repeated(values, quarters(period))
    greater_kw = power_kw + repeated(more, power_kw.size)

    less, more_bill = (bill_of(found, kw, period) for kw in (power_kw, greater_kw))

    cents = Decimal("0.005") * (len(less.lines) + len(more_bill.lines))
    assert more_bill.total >= less.total - cents


@cache
def clock_changes(zone_, year):
    """Return the days of a year that have not 96 quarter-hours, and how many they have."""
    days = [date(year, 1, 1) + ONE_DAY * offset for offset in range(365)]
    lengths = [quarters(local_days_from(day, 1, zone_)) for day in days]
    return [
        (day, length)
        for day, length in zip(days, lengths, strict=True)
        if length != QUARTERS_PER_DAY
    ]


@HALF
@given(
    zone_=st.sampled_from(ZONES),
    year=st.integers(2024, 2028),
    power=st.integers(1, 500),
    found=plain_tariffs(),
)
def test_a_day_of_a_clock_change_bills_the_quarter_hours_it_has(zone_, year, power, found):
    changes = clock_changes(zone_, year)
    # New York and Berlin change by an hour, Lord Howe Island by half an hour, India not at all.
    lengths = {"Australia/Lord_Howe": [94, 98], "Asia/Kolkata": []}.get(zone_.key, [92, 100])
    assert sorted(length for _, length in changes) == lengths

    for day, count in changes:
        period = local_days_from(day, 1, zone_)
        bill = bill_of(found, np.full(count, float(power)), period, time_zone=zone_)

        energy_kwh = sum(line.quantity for line in bill.lines if line.family == "energy")
        assert energy_kwh == Decimal(power) * count / 4
        # The hour that comes twice is two hours of the same power, not one of twice as much.
        assert {line.quantity for line in bill.lines if line.unit == "kW"} == {Decimal(power)}
        assert bill.warnings == ()
        assert [line.quantity for line in bill.lines if line.unit == "day"] == [1]


@HALF
@given(found=plain_tariffs(), first=first_days, values=levels, data=st.data())
def test_a_holiday_is_billed_as_a_weekend_and_a_weekend_stays_one(found, first, values, data):
    days = data.draw(st.integers(3, 20))
    holiday = first + timedelta(days=data.draw(st.integers(1, days - 2)))
    whole = local_days_from(first, days)
    power_kw = repeated(values, quarters(whole))
    every_day_a_weekend = BillingInputs(
        holidays=frozenset(first + ONE_DAY * offset for offset in range(days))
    )

    def energy(part, inputs=NO_INPUTS):
        bill = bill_period(
            found,
            load(power_kw.tolist(), start=whole.start),
            period=part,
            interval_s=QUARTER_S,
            time_zone=NEW_YORK,
            inputs=inputs,
        )
        return exact(bill, "energy")

    with_holiday = energy(whole, BillingInputs(holidays=frozenset({holiday})))
    before = BillingPeriod(start=whole.start, end=local_days_from(holiday, 1).start)
    after = BillingPeriod(start=local_days_from(holiday, 1).end, end=whole.end)
    day_alone = energy(local_days_from(holiday, 1), every_day_a_weekend)

    assert abs(with_holiday - energy(before) - day_alone - energy(after)) <= 8 * EXACT_ENOUGH
    if holiday.weekday() >= 5:
        assert with_holiday == energy(whole)
