"""The law that ties planner and bill, for every kind of charge in the registry and any load.

What a component's own price terms cost is what its bill lines say, on a span whose bill the terms
are of. For two kinds the terms are, on purpose, more than one bill: each says so in its case.
"""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.errors import TariffTermsError
from depotlib.model.calendar import BillingPeriod, local_instant
from depotlib.model.timegrid import grid_over
from depotlib.tariffs.bill import bill_months, bill_period
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.history import BillingHistory, EarlierMonth
from depotlib.tariffs.tariff import COMPONENTS
from depotlib.tariffs.terms import price_terms_given
from depotlib.tariffs.top_peaks import TopPeaks
from depotlib.tariffs.urdb import tariff_from_urdb
from depotlib.tariffs.urdb_document import UrdbChoices
from depotlib.tariffs.utilisation_price import PricePair, UtilisationPrice
from tests.component_cases import HOUR_S, LEVEL_CASES, MONTH_CASES, YEAR_CASES
from tests.european_cases import market, tariff_of
from tests.tariff_cases import load, record, tariff

ZONE = ZoneInfo("America/New_York")
HALF_CENT = 0.005
HISTORY_KW = 240.0

SOME = settings(max_examples=max(settings().max_examples // 3, 5))
FEW = settings(max_examples=max(settings().max_examples // 10, 5))

levels = st.lists(st.integers(0, 500), min_size=1, max_size=50)


def span(start: date, end: date) -> BillingPeriod:
    first, last = (local_instant(day, time(0), time_zone=ZONE) for day in (start, end))
    return BillingPeriod(start=first, end=last)


def month_of_2026(month: int) -> BillingPeriod:
    return span(date(2026, month, 1), date(2026, month + 1, 1))


YEAR = span(date(2026, 1, 1), date(2027, 1, 1))
YEAR_HOURS = 365 * 24
INPUTS = BillingInputs(
    power_factor_share=0.9,
    history=BillingHistory(
        tuple(
            EarlierMonth(2025 * 12 + month, peak_kw=HISTORY_KW, energy_kwh=0.0)
            for month in range(12)
        )
    ),
    system_peaks=tuple(datetime(2026, month, 15, 17, tzinfo=ZONE) for month in range(1, 13)),
    prices=market(
        np.resize([0.09, -0.02, 0.31, 0.05, 0.0], YEAR_HOURS).tolist(),
        start=YEAR.start,
        interval_s=HOUR_S,
        currency="USD",
    ),
)


def cost_of(terms, power_kw) -> float:
    """Return what price terms of an hourly grid cost, written from their definitions alone."""
    taken_kwh, fed_kwh = power_kw.clip(min=0), (-power_kw).clip(min=0)
    total = terms.fixed_amount
    total += sum(taken_kwh @ np.array(term.price_per_kwh) for term in terms.energy)
    total -= sum(fed_kwh @ np.array(term.price_per_kwh) for term in terms.export)
    for term in terms.blocks:
        energy_kwh = taken_kwh[list(term.intervals)].sum()
        total += on_ladder(energy_kwh, term.edges_kwh, term.prices_per_kwh)
    for term in terms.peaks:
        peak_kw = max(taken_kwh[list(term.intervals)].max(), term.floor_kw, term.sunk_kw)
        if not term.tiers:
            total += term.price_per_kw * peak_kw
            continue
        # The last tier that begins below the peak prices all of it.
        reached = [tier for tier in term.tiers if tier.from_kw < peak_kw] or [term.tiers[0]]
        total += reached[-1].base_amount + reached[-1].price_per_kw * peak_kw
    for term in terms.hours_use:
        chosen_kwh = taken_kwh[list(term.intervals)]
        energy_kwh, peak_kw = chosen_kwh.sum(), max(chosen_kwh.max(), term.paid_kw)
        edges_kwh = [hours * peak_kw for hours in term.edges_h]
        if term.is_marginal:
            total += on_ladder(energy_kwh, edges_kwh, term.prices_per_kwh)
        else:
            which = sum(energy_kwh >= edge_kwh for edge_kwh in edges_kwh)
            total += energy_kwh * term.prices_per_kwh[which]
            total += peak_kw * (term.prices_per_kw[which] if term.prices_per_kw else 0.0)
    return max(total, terms.minimum_amount or total)


def on_ladder(energy_kwh, edges_kwh, prices_per_kwh) -> float:
    bounds = np.minimum([0.0, *edges_kwh, np.inf], energy_kwh)
    return float(np.diff(bounds) @ np.array(prices_per_kwh))


def check(found, power_kw, period: BillingPeriod, bills: Callable) -> None:
    grid = grid_over(period.start, period.end, interval_s=HOUR_S)
    frame = load(power_kw.tolist(), start=period.start, interval_s=HOUR_S)

    terms = price_terms_given(found, grid, time_zone=ZONE, inputs=INPUTS)
    billed = bills(found, frame)

    lines = [line for bill in billed for line in bill.lines]
    # Each line is rounded to the cent, and its quantity to a milliwatt-hour.
    slack = HALF_CENT * len(lines) + 0.001
    assert abs(cost_of(terms, power_kw) - float(sum(bill.total for bill in billed))) <= slack


HOURS_OF_USE = [
    {"rate": 0, "max": 200, "unit": "kWh/kW"},
    {"rate": 0.1, "max": 3000, "unit": "kWh"},
    {"rate": 0.05, "unit": "kWh"},
    {"rate": 0.01, "unit": "kWh/kW"},
]
BY_HOURS = [{"rate": 0.1, "max": 200, "unit": "kWh/kW"}, {"rate": 0.05, "unit": "kWh/kW"}]
TIERED = [{"rate": 0.1, "max": 1000}, {"rate": 0.2}]
BY_THE_HOUR = {
    "energyweekdayschedule": [[hour % 2 for hour in range(24)]] * 12,
    "energyweekendschedule": [[0] * 24] * 12,
}
UNTOLD = {
    # What the order of charging would decide, or a choice of the plan itself, no term can say.
    "differ between time-of-use periods": tariff(
        energyratestructure=[TIERED, [{"rate": 0.3}]], **BY_THE_HOUR
    ),
    "inside tiers of hours of use": tariff(energyratestructure=[HOURS_OF_USE]),
    "counted by time-of-use period": tariff_from_urdb(
        json.dumps(record(energyratestructure=[BY_HOURS, BY_HOURS], **BY_THE_HOUR)),
        where="test record",
        choices=UrdbChoices(tier_scope="by period"),
    ),
    "which is not given": tariff(coincidentratestructure=[[{"rate": 5}]]),
    "the mean of 3 days' peaks": tariff_of(TopPeaks(name="Power charge", price=Decimal(45))),
    "the hours of use of all of 2026": tariff_of(
        UtilisationPrice(
            threshold_h=Decimal(2500),
            below=PricePair(Decimal(40), Decimal("0.03")),
            above=PricePair(Decimal(70), Decimal("0.02")),
        )
    ),
}


@pytest.mark.parametrize("reason", UNTOLD)
def test_what_terms_cannot_say_is_refused_with_its_reason(reason):
    june = month_of_2026(6)
    grid = grid_over(june.start, june.end, interval_s=HOUR_S)

    with pytest.raises(TariffTermsError, match=reason):
        price_terms_given(UNTOLD[reason], grid, time_zone=ZONE)


def test_a_grid_finer_than_the_demand_window_has_no_peaks():
    june = month_of_2026(6)
    grid = grid_over(june.start, june.end, interval_s=HOUR_S // 4)
    hourly = tariff(flatdemandstructure=[[{"rate": 15}]], demandwindow=60)

    with pytest.raises(TariffTermsError, match="bills the mean of 3600 s"):
        price_terms_given(hourly, grid, time_zone=ZONE)


def test_every_kind_of_charge_has_its_case():
    cases = {*MONTH_CASES, *YEAR_CASES, *LEVEL_CASES}

    assert cases == {kind.__name__ for kind in COMPONENTS}


@pytest.mark.parametrize("kind", MONTH_CASES)
@SOME
@given(data=st.data(), month=st.integers(1, 11))
def test_the_terms_of_a_charge_cost_what_its_bill_lines_say(kind, data, month):
    case = MONTH_CASES[kind]
    found = data.draw(case.tariffs)
    whole = month_of_2026(month)
    period = span(date(2026, month, 5), date(2026, month, 5 + case.days)) if case.days else whole
    values = data.draw(st.lists(st.integers(case.lowest, 500), min_size=1, max_size=50))
    count = grid_over(period.start, period.end, interval_s=HOUR_S).count

    assert kind in {type(part).__name__ for part in found.components}
    check(
        found,
        np.resize(np.array(values, dtype=float), count),
        period,
        lambda tariff_, frame: [
            bill_period(
                tariff_, frame, period=period, interval_s=HOUR_S, time_zone=ZONE, inputs=INPUTS
            )
        ],
    )


def bills_of_2026(tariff_, frame):
    return bill_months(tariff_, frame, interval_s=HOUR_S, time_zone=ZONE, inputs=INPUTS)


@pytest.mark.parametrize("kind", YEAR_CASES)
@FEW
@given(data=st.data(), values=levels)
def test_the_terms_of_a_yearly_charge_cost_what_the_bills_of_the_year_say(kind, data, values):
    found = data.draw(YEAR_CASES[kind].tariffs)

    assert kind in {type(part).__name__ for part in found.components}
    check(found, np.resize(np.array(values, dtype=float), YEAR_HOURS), YEAR, bills_of_2026)


@pytest.mark.parametrize("kind", LEVEL_CASES)
@FEW
@given(data=st.data(), values=levels)
def test_the_terms_of_a_mean_over_bills_cost_what_equal_months_come_to(kind, data, values):
    found = data.draw(LEVEL_CASES[kind].tariffs)
    # As high in every month as the year before: the first hour of each has the peak.
    power_kw = np.resize(np.array(values, dtype=float).clip(max=HISTORY_KW), YEAR_HOURS)
    for month in range(1, 13):
        first = local_instant(date(2026, month, 1), time(0), time_zone=ZONE)
        power_kw[(first - YEAR.start) // timedelta(seconds=HOUR_S)] = HISTORY_KW

    assert kind in {type(part).__name__ for part in found.components}
    check(found, power_kw, YEAR, bills_of_2026)
