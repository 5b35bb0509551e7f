"""Bills with one error each, made of real tariffs and loads: what the audit has to find.

Nothing of the audit is used here.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.energy import Energy
from depotlib.tariffs.history import BillingHistory, EarlierMonth
from depotlib.tariffs.tariff import Tariff
from tests.bill_seeding import (
    Site,
    family_from,
    lines_of,
    longest,
    period_of,
    printed,
    scaled_load,
    times,
    with_quantity,
)
from tests.tariff_samples import COMMERCIAL, STEEL_PLANT, tariff_of

# URDB labels, tests/data/tariffs/README.md: what each holds that its error needs.
B19 = "5e17b27c5457a3556573e3af.json"  # time-of-use energy and demand, $/day
A10 = "5e1630285457a3d35f73e3af.json"  # time-of-use energy, seasonal demand, $/day
E32 = "5cae17235457a3c8697780e3.json"  # time-of-use energy, demand in tiers
TOU8 = "5ed6917e5457a3a805dd15ad.json"  # weekends and holidays differ
UTAH23 = "5d02ae165457a3d963557795.json"  # energy in tiers of 1,500 kWh, demand in tiers

SCHEDULE_G = "5bb515515457a3f55e68a12b.json"  # a ratchet of 25 %, demand in tiers
DOMINION_KVA = "5d13eb345457a3ff7ade8453.json"  # demand in kVA

PLANT = Site(STEEL_PLANT, "America/Los_Angeles")
SHOP = Site(COMMERCIAL, "America/New_York")
MAY_READS = (date(2018, 5, 3), date(2018, 6, 4))
JULY_READS = (date(2018, 6, 29), date(2018, 7, 31))
JULY = (date(2018, 7, 1), date(2018, 8, 1))
JULY_2018 = 2018 * 12 + 6
MARCH = (date(2018, 3, 1), date(2018, 4, 1))
FEBRUARY_READS = (date(2018, 1, 17), date(2018, 2, 16))
MEMORIAL_DAY, INDEPENDENCE_DAY = date(2018, 5, 28), date(2018, 7, 4)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Sown:
    """A bill with an error, and the facts as they should be."""

    text: str
    case: BillingCase
    former_tariffs: tuple[Tariff, ...] = ()
    public_holidays: frozenset[date] = frozenset()


def later_read(seed):
    case = PLANT.case(tariff_of(B19), MAY_READS)
    wrong = (MAY_READS[0], MAY_READS[1] + ONE_DAY)
    lines = lines_of(replace(case, period=period_of(wrong, case.time_zone)))
    return Sown(printed(lines, MAY_READS, seed=seed), case)


def period_moved_a_day(seed):
    case = SHOP.case(tariff_of(A10), FEBRUARY_READS)
    wrong = tuple(day - ONE_DAY for day in FEBRUARY_READS)
    lines = lines_of(replace(case, period=period_of(wrong, case.time_zone)))
    return Sown(printed(lines, FEBRUARY_READS, seed=seed), case)


def holiday_missed(seed):
    right = BillingInputs(holidays=frozenset({INDEPENDENCE_DAY}))
    case = PLANT.case(tariff_of(TOU8), JULY_READS, inputs=right)
    lines = lines_of(replace(case, inputs=BillingInputs()))
    return Sown(printed(lines, JULY_READS, seed=seed), case)


def holiday_made_up(seed):
    case = SHOP.case(tariff_of(TOU8), JULY_READS)
    wrong = BillingInputs(holidays=frozenset({INDEPENDENCE_DAY}))
    lines = lines_of(replace(case, inputs=wrong))
    return Sown(
        printed(lines, JULY_READS, seed=seed),
        case,
        public_holidays=frozenset({INDEPENDENCE_DAY}),
    )


def estimated_read(seed):
    case = PLANT.case(tariff_of(A10), JULY_READS)
    guessed = family_from("energy", lines_of(scaled_load(case, 0.9137)), rest=lines_of(case))
    return Sown(printed(guessed, JULY_READS, seed=seed, estimated=True), case)


def estimated_read_that_is_not_marked(seed):
    case = SHOP.case(tariff_of(B19), MARCH)
    guessed = family_from("energy", lines_of(scaled_load(case, 1.0713)), rest=lines_of(case))
    return Sown(printed(guessed, MARCH, seed=seed), case)


def half_hour_window(seed):
    case = PLANT.case(tariff_of(B19), MARCH)
    wrong = replace(case, tariff=replace(case.tariff, demand_window_s=1800))
    return Sown(printed(lines_of(wrong), MARCH, seed=seed), case)


def sliding_window(seed):
    right = replace(tariff_of(E32), demand_window_s=3600)
    case = PLANT.case(right, JULY_READS)
    wrong = replace(case, inputs=BillingInputs(windows="sliding"))
    return Sown(printed(lines_of(wrong), JULY_READS, seed=seed), case)


def former_prices(seed):
    right = tariff_of(B19)
    former = replace(
        right,
        tariff_id="the year before",
        components=tuple(
            replace(
                one,
                tiers=tuple(
                    tuple(replace(tier, price=tier.price * Decimal("0.964")) for tier in tiers)
                    for tiers in one.tiers
                ),
            )
            if isinstance(one, Energy)
            else one
            for one in right.components
        ),
    )
    case = PLANT.case(right, FEBRUARY_READS)
    lines = lines_of(replace(case, tariff=former))
    return Sown(
        printed(lines, FEBRUARY_READS, seed=seed), case, former_tariffs=(tariff_of(A10), former)
    )


def first_tier_for_all(seed):
    case = SHOP.case(tariff_of(UTAH23), JULY_READS)
    lines = lines_of(case)
    first, second = [line for line in lines if line.family == "energy"]
    whole = with_quantity(first, first.quantity + second.quantity)
    kept = [line for line in lines if line.family != "energy"]
    return Sown(printed([whole, *kept], JULY_READS, seed=seed), case)


def demand_times_ten(seed):
    case = SHOP.case(tariff_of(A10), MARCH)
    return Sown(printed(times(lines_of(case), "10", family="demand"), MARCH, seed=seed), case)


def wrong_current_transformers(seed):
    case = PLANT.case(tariff_of(E32), MAY_READS)
    # 250:5 transformers read as if they were 200:5.
    return Sown(printed(lines_of(scaled_load(case, 0.8)), MAY_READS, seed=seed), case)


def slip_of_the_pen(seed):
    case = SHOP.case(tariff_of(B19), JULY_READS)
    text = printed(lines_of(case), JULY_READS, seed=seed, spoilt_amount=Decimal("-270.00"))
    return Sown(text, case)


def line_left_out(seed):
    case = PLANT.case(tariff_of(TOU8), FEBRUARY_READS)
    lines = lines_of(case)
    gone = longest(lines, "demand")
    return Sown(
        printed([line for line in lines if line is not gone], FEBRUARY_READS, seed=seed), case
    )


def line_twice(seed):
    case = SHOP.case(tariff_of(TOU8), MARCH)
    lines = lines_of(case)
    return Sown(printed([*lines, longest(lines, "energy")], MARCH, seed=seed), case)


def clock_on_standard_time(seed):
    case = PLANT.case(tariff_of(B19), JULY_READS)
    wrong = lines_of(replace(case, time_zone=ZoneInfo("Etc/GMT+8")))
    kept = [line for line in lines_of(case) if line.family == "fixed"]
    lines = [*(line for line in wrong if line.family != "fixed"), *kept]
    return Sown(printed(lines, JULY_READS, seed=seed), case)


def weekends_as_working_days(seed):
    right = tariff_of(TOU8)
    wrong = replace(
        right,
        components=tuple(
            replace(one, schedule=replace(one.schedule, weekend=one.schedule.weekday))
            if hasattr(one, "schedule")
            else one
            for one in right.components
        ),
    )
    case = PLANT.case(right, JULY_READS)
    return Sown(printed(lines_of(replace(case, tariff=wrong)), JULY_READS, seed=seed), case)


def prices_swapped(seed):
    case = SHOP.case(tariff_of(A10), JULY_READS)
    lines = lines_of(case)
    one, other = sorted(
        (line for line in lines if line.family == "energy"), key=lambda line: line.amount
    )[-2:]
    swapped = [
        with_quantity(replace(line, unit_price=price), line.quantity)
        for line, price in ((one, other.unit_price), (other, one.unit_price))
    ]
    kept = [line for line in lines if line not in {one, other}]
    return Sown(printed([*kept, *swapped], JULY_READS, seed=seed), case)


def thirty_days_of_a_longer_period(seed):
    case = PLANT.case(tariff_of(B19), MAY_READS)
    lines = [
        with_quantity(line, Decimal(30)) if line.unit == "day" else line for line in lines_of(case)
    ]
    return Sown(printed(lines, MAY_READS, seed=seed), case)


def power_factor_twice(seed):
    case = PLANT.case(tariff_of(A10), MARCH, inputs=BillingInputs(power_factor_share=0.92))
    lines = times(lines_of(case), str(1 / Decimal("0.92")), family="demand")
    return Sown(printed(lines, MARCH, seed=seed), case)


def with_history(*peaks_kw):
    """Return inputs whose earlier months, the newest first, had these peaks."""
    months = [
        EarlierMonth(JULY_2018 - 1 - age, peak_kw=peak_kw) for age, peak_kw in enumerate(peaks_kw)
    ]
    return BillingInputs(history=BillingHistory(tuple(reversed(months))))


def within_the_month(case):
    """Return a bill without load before the period: its history is stated alone."""
    return replace(case, load=case.load.filter(pl.col("interval_start") >= case.period.start))


def ratchet_carried_too_long(seed):
    # Fourteen months ago 3,605.2 kW, 25 % of it 901.3; the year since had 2,400 kW at most.
    months = (2400.0, 2010.0, *[1560.0] * 10, 1580.0, 3605.2)
    case = within_the_month(PLANT.case(tariff_of(SCHEDULE_G), JULY, inputs=with_history(*months)))
    wrong = replace(case, inputs=with_history(3605.2, *months[1:12]))
    return Sown(printed(lines_of(wrong), JULY, seed=seed), case)


def ratchet_of_another_share(seed):
    months = (2400.0, 2700.6, *[1560.0] * 10)
    case = within_the_month(PLANT.case(tariff_of(SCHEDULE_G), JULY, inputs=with_history(*months)))
    # 60 % instead of the tariff's 25 %.
    raised = with_history(*(peak_kw * 0.60 / 0.25 for peak_kw in months))
    return Sown(printed(lines_of(replace(case, inputs=raised)), JULY, seed=seed), case)


def ratchet_left_out(seed):
    case = within_the_month(
        PLANT.case(tariff_of(SCHEDULE_G), JULY, inputs=with_history(2412.5, 2790.0))
    )
    lines = lines_of(replace(case, inputs=BillingInputs()))
    return Sown(printed(lines, JULY, seed=seed), case)


def apparent_power_twice_over(seed):
    inputs = BillingInputs(power_factor_share=0.9)
    case = SHOP.case(tariff_of(DOMINION_KVA), MARCH, inputs=inputs)
    lines = times(lines_of(case), str(1 / Decimal("0.9")), family="demand")
    return Sown(printed(lines, MARCH, seed=seed), case)


SOWN = (
    (later_read, "wrong_period"),
    (period_moved_a_day, "wrong_period"),
    (holiday_missed, "holiday"),
    (holiday_made_up, "holiday"),
    (estimated_read, "estimated_read"),
    (estimated_read_that_is_not_marked, "estimated_read"),
    (half_hour_window, "wrong_window"),
    (sliding_window, "wrong_window"),
    (former_prices, "wrong_tariff"),
    (first_tier_for_all, "wrong_tier"),
    (demand_times_ten, "wrong_multiplier"),
    (wrong_current_transformers, "wrong_multiplier"),
    (slip_of_the_pen, "arithmetic"),
    (line_left_out, "missing_line"),
    (line_twice, "doubled_line"),
    (clock_on_standard_time, "clock_shift"),
    (weekends_as_working_days, "wrong_time_of_use"),
    (prices_swapped, "wrong_time_of_use"),
    (thirty_days_of_a_longer_period, "wrong_days"),
    (power_factor_twice, "power_factor"),
    (apparent_power_twice_over, "power_factor"),
    (ratchet_carried_too_long, "ratchet"),
    (ratchet_of_another_share, "ratchet"),
    (ratchet_left_out, "ratchet"),
)

CLEAN = [
    (PLANT, B19, MARCH),
    (PLANT, B19, JULY_READS),
    (PLANT, A10, MAY_READS),
    (PLANT, A10, FEBRUARY_READS),
    (PLANT, E32, MARCH),
    (PLANT, E32, JULY_READS),
    (PLANT, TOU8, MAY_READS),
    (PLANT, TOU8, FEBRUARY_READS),
    (PLANT, UTAH23, MARCH),
    (PLANT, UTAH23, JULY_READS),
    (SHOP, B19, MAY_READS),
    (SHOP, B19, FEBRUARY_READS),
    (SHOP, A10, MARCH),
    (SHOP, A10, JULY_READS),
    (SHOP, E32, MAY_READS),
    (SHOP, E32, FEBRUARY_READS),
    (SHOP, TOU8, MARCH),
    (SHOP, TOU8, JULY_READS),
    (SHOP, UTAH23, MAY_READS),
    (SHOP, UTAH23, FEBRUARY_READS),
]
