"""The law that ties planner and bill: a component's own price terms cost what its lines say."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from depotlib.model.calendar import BillingPeriod, local_instant, zone
from depotlib.model.timegrid import grid_over
from depotlib.tariffs.bill import bill_period
from depotlib.tariffs.terms import price_terms
from tests.tariff_cases import load, tariff

NEW_YORK = zone("America/New_York")
HALF_CENT = 0.005
HOURLY_S = 3600

prices = st.integers(min_value=1, max_value=30_000).map(lambda tenths: tenths / 10_000)
schedules = st.lists(st.integers(0, 2**24 - 1), min_size=1, max_size=3).map(
    lambda days: [
        # A day is 24 bits: the period of each hour.
        [days[month % len(days)] >> hour & 1 for hour in range(24)]
        for month in range(12)
    ]
)


@st.composite
def rising_tiers(draw, *, edge_unit):
    first, step = draw(prices), draw(prices)
    if not draw(st.booleans()):
        return [{"rate": first}]
    edge = draw(st.integers(1, 400)) * edge_unit
    return [{"rate": first, "max": edge}, {"rate": first, "adj": step}]


@st.composite
def tariffs(draw):
    step, edge = draw(prices), draw(st.integers(1, 60)) * 1000
    energy = [
        # Every period steps alike: what terms can say (otherwise they refuse).
        [{"rate": price, "max": edge}, {"rate": price, "adj": -step}]
        for price in (draw(prices), draw(prices))
    ]
    return tariff(
        energyratestructure=energy,
        energyweekdayschedule=draw(schedules),
        energyweekendschedule=draw(schedules),
        fueladjustmentsmonthly=draw(st.lists(prices, min_size=12, max_size=12)),
        demandratestructure=[draw(rising_tiers(edge_unit=1)) for _ in range(2)],
        demandweekdayschedule=draw(schedules),
        demandweekendschedule=draw(schedules),
        flatdemandstructure=[draw(rising_tiers(edge_unit=1)) for _ in range(2)],
        flatdemandmonths=draw(st.lists(st.integers(0, 1), min_size=12, max_size=12)),
        fixedchargefirstmeter=draw(prices),
        fixedchargeunits=draw(st.sampled_from(["$/day", "$/month", "$/year"])),
    )


def month_of_2026(month):
    first, following = (
        local_instant(np.datetime64(text, "D").item(), MIDNIGHT, time_zone=NEW_YORK)
        for text in (f"2026-{month:02d}-01", f"2026-{month + 1:02d}-01")
    )
    return BillingPeriod(start=first, end=following)


MIDNIGHT = np.datetime64("2026-01-01T00:00", "m").item().time()


def cost_of(terms, power_kw, *, interval_h):
    """Return what price terms cost, written from their definitions alone."""
    energy_kwh = np.array(power_kw) * interval_h
    total = terms.fixed_amount
    for term in terms.energy:
        total += float(energy_kwh @ np.array(term.price_per_kwh))
    for block in terms.blocks:
        left_kwh, lower_kwh = float(energy_kwh[list(block.intervals)].sum()), 0.0
        for edge_kwh, price in zip(
            [*block.edges_kwh, float("inf")], block.prices_per_kwh, strict=True
        ):
            part_kwh = min(left_kwh, edge_kwh - lower_kwh)
            total += part_kwh * price
            left_kwh, lower_kwh = left_kwh - part_kwh, edge_kwh
    for peak in terms.peaks:
        highest_kw = max(power_kw[at] for at in peak.intervals)
        total += peak.price_per_kw * max(highest_kw, peak.paid_kw)
    return total


@given(
    found=tariffs(),
    month=st.integers(1, 11),
    levels=st.lists(st.integers(0, 500), min_size=1, max_size=50),
)
def test_price_terms_cost_what_the_bill_says(found, month, levels):
    period = month_of_2026(month)
    grid = grid_over(period.start, period.end, interval_s=HOURLY_S)
    power_kw = [float(levels[step % len(levels)]) for step in range(grid.count)]

    terms = price_terms(found, grid, time_zone=NEW_YORK)
    bill = bill_period(
        found,
        load(power_kw, start=period.start, interval_s=HOURLY_S),
        period=period,
        interval_s=HOURLY_S,
        time_zone=NEW_YORK,
    )

    # Each line of a bill is rounded to the cent, and its quantity to a milliwatt-hour.
    slack = HALF_CENT * len(bill.lines) + 0.001
    assert abs(cost_of(terms, power_kw, interval_h=1.0) - float(bill.total)) <= slack


@given(
    found=tariffs(),
    sunk_kw=st.integers(0, 600),
    levels=st.lists(st.integers(0, 500), min_size=1, max_size=50),
)
def test_a_peak_already_recorded_costs_as_if_it_were_in_the_load(found, sunk_kw, levels):
    # Raising every reading to the recorded peak raises each peak to it, and no more.
    period = month_of_2026(6)
    grid = grid_over(period.start, period.end, interval_s=HOURLY_S)
    power_kw = [float(levels[step % len(levels)]) for step in range(grid.count)]
    raised_kw = [max(power, float(sunk_kw)) for power in power_kw]

    with_sunk = price_terms(found, grid, time_zone=NEW_YORK, sunk_kw=float(sunk_kw))
    without = price_terms(found, grid, time_zone=NEW_YORK)

    assert abs(peaks_of(with_sunk, power_kw) - peaks_of(without, raised_kw)) <= 1e-6


def peaks_of(terms, power_kw):
    return sum(
        term.price_per_kw * max(term.paid_kw, *(power_kw[at] for at in term.intervals))
        for term in terms.peaks
    )


@given(
    found=tariffs(),
    levels=st.lists(st.integers(0, 500), min_size=1, max_size=50),
    cut_day=st.integers(2, 27),
)
def test_energy_and_daily_charges_of_two_parts_are_those_of_the_whole(found, levels, cut_day):
    period = month_of_2026(6)
    grid = grid_over(period.start, period.end, interval_s=HOURLY_S)
    power_kw = [float(levels[step % len(levels)]) for step in range(grid.count)]
    frame = load(power_kw, start=period.start, interval_s=HOURLY_S)
    cut = local_instant(
        np.datetime64(f"2026-06-{cut_day:02d}", "D").item(), MIDNIGHT, time_zone=NEW_YORK
    )

    whole, first, second = (
        bill_period(found, frame, period=part, interval_s=HOURLY_S, time_zone=NEW_YORK)
        for part in (
            period,
            BillingPeriod(start=period.start, end=cut),
            BillingPeriod(start=cut, end=period.end),
        )
    )

    def energy_kwh(bill):
        return sum(line.quantity for line in bill.lines if line.family == "energy")

    def days(bill):
        return sum(line.quantity for line in bill.lines if line.unit == "day")

    assert abs(energy_kwh(whole) - energy_kwh(first) - energy_kwh(second)) <= 1e-4
    assert days(whole) == days(first) + days(second)
