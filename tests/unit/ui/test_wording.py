"""Numbers with units and facts in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from depotlib.model.order import OrderKind, OrderState
from depotlib.ui.wording import (
    ORDER_KINDS,
    ORDER_STATES,
    ago,
    clock_words,
    counted,
    hours_words,
    kw,
    listed,
    local_time,
    money,
    percent,
    plain,
    proof_sentence,
    result_words,
)
from tests.unit.charts.chart_cases import header

NOW = datetime(2026, 11, 2, 21, 45, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
HEADER = header("optimal", occupancy="assigned")


def test_numbers_have_their_units():
    assert kw(1234.56) == "1,234.6 kW"
    assert money(Decimal("6764.94"), "USD") == "6,764.94 USD"
    assert percent(0.0123) == "1.2%"


@pytest.mark.parametrize(("number", "text"), [(0, "0 vans"), (1, "1 van"), (1200, "1,200 vans")])
def test_a_noun_stands_in_the_number_it_counts(number, text):
    assert counted(number, "van") == text


@pytest.mark.parametrize(
    ("names", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (list("abc"), "a, b and c")],
)
def test_names_are_listed_as_in_a_sentence(names, text):
    assert listed(names) == text


def test_an_instant_is_told_on_the_depots_clock():
    # 21:45 UTC is 16:45 in New York, the day after the clocks went back.
    assert local_time(NOW, NEW_YORK) == "Mon 2 Nov 16:45"
    assert clock_words(NOW, NEW_YORK) == "Mon 2 Nov 2026, 16:45:00 (UTC-05:00)"


@pytest.mark.parametrize(
    ("hours", "text"),
    [(1.5, "1 h 30 min"), (-0.25, "-0 h 15 min"), (0.0, "0 h 00 min"), (-0.001, "0 h 00 min")],
)
def test_hours_are_told_with_their_minutes(hours, text):
    assert hours_words(hours) == text


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [
        (timedelta(seconds=-3), "0 s ago"),
        (timedelta(seconds=90), "90 s ago"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3, minutes=4), "3 h 04 min ago"),
    ],
)
def test_how_long_ago_something_was_is_told_in_the_unit_that_fits(elapsed, text):
    assert ago(NOW - elapsed, NOW) == text


def test_what_never_was_is_told_so():
    assert ago(None, NOW) == "never"


def test_markup_in_a_text_is_shown_and_not_obeyed():
    assert plain("a_b* [x](y) $1$") == r"a\_b\* \[x\]\(y\) \$1\$"


def test_a_proven_optimum_and_a_proven_gap_are_told_apart():
    # 300 against a bound of 290: 10 above, 10 / 290 = 3.448 %.
    assert result_words(HEADER) == "Within 3.448%"
    assert "at most 10.00 EUR a month" in proof_sentence(HEADER)

    optimal = replace(HEADER, gap_share=0.0, bound_amount=300.0)

    assert result_words(optimal) == "Optimal"
    assert proof_sentence(optimal).startswith("Proven optimal")


def test_every_order_and_every_state_of_one_has_words():
    assert set(ORDER_KINDS) == set(get_args(OrderKind))
    assert set(ORDER_STATES) == set(get_args(OrderState))


def test_a_plan_that_was_stopped_early_says_so_with_its_gap():
    stopped = replace(HEADER, is_stopped_early=True)

    assert result_words(stopped) == "Stopped early"
    assert proof_sentence(stopped).startswith("Stopped early: this is the best plan so far. Proven")
    assert "at most 10.00 EUR a month" in proof_sentence(stopped)


def test_a_plan_that_falls_short_says_by_how_much():
    short = replace(HEADER, status="shortfall", unmet_kwh=12.34)

    assert result_words(short) == "Falls short"
    assert "12.3 kWh" in proof_sentence(short)
