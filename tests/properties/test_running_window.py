"""The running window: whoever follows it keeps the mean, whatever the base load does."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.gateway.window import GAP_S, LAST_S, RunningWindow

LENGTH_S, TARGET_KW = 900.0, 100.0
STEP_S = 2.0
START_S = 1_795_204_800.0  # 2026-11-20 20:00 UTC, the start of a quarter of an hour
powers = st.floats(0.0, 300.0)


def play(base_kw, *, most_kw: float = math.inf) -> tuple[float, float]:
    """Return the mean of one window, and by how much the base load alone forced it up.

    Charging follows at once what the window leaves beside the base load.
    """
    window = RunningWindow(TARGET_KW, LENGTH_S)
    drawn_kws = forced_kws = 0.0
    total_kw = base_kw(0.0)
    for number in range(int(LENGTH_S / STEP_S)):
        at_s, base = START_S + number * STEP_S, base_kw(number * STEP_S)
        window.take(at_s, total_kw)
        allowed_kw = window.allowed_kw(at_s)
        total_kw = max(base, min(allowed_kw, base + most_kw))
        drawn_kws += total_kw * STEP_S
        forced_kws += max(0.0, base - allowed_kw) * STEP_S
    return drawn_kws / LENGTH_S, forced_kws / LENGTH_S


@settings(max_examples=100, deadline=None)
@given(st.lists(powers, min_size=15, max_size=15))
def test_who_follows_passes_the_target_only_by_what_the_base_load_forced(minutes_kw):
    mean_kw, forced_kw = play(lambda second: minutes_kw[int(second // 60)])

    assert mean_kw <= TARGET_KW + forced_kw + 1.0
    assert mean_kw >= TARGET_KW - 1.0


def test_sixty_kilowatts_more_in_the_fifth_minute_stay_within_the_target():
    mean_kw, _ = play(lambda second: 20.0 if second < 300 else 80.0)

    assert TARGET_KW - 1.0 <= mean_kw <= TARGET_KW + 1.0


def test_what_was_not_used_early_may_be_used_late():
    mean_kw, _ = play(lambda _: 0.0, most_kw=110.0)

    assert mean_kw >= TARGET_KW - 1.0


def test_a_short_excess_early_takes_little_from_the_rest():
    window = RunningWindow(TARGET_KW, LENGTH_S)
    for second in range(0, 120, 2):
        window.take(START_S + second, 160.0 if 60 <= second < 80 else 100.0)

    # 60 kW for 20 s are 1200 kWs: over 780 s 1.5 kW.
    assert window.allowed_kw(START_S + 120) == pytest.approx(98.4, abs=0.2)


def test_the_same_excess_late_takes_much():
    window = RunningWindow(TARGET_KW, LENGTH_S)
    for second in range(0, 842, 2):
        window.take(START_S + second, 160.0 if second >= 820 else 100.0)

    # 60 kW for 20 s are 1200 kWs: over the last minute 20 kW, and it goes on until told.
    assert window.allowed_kw(START_S + 840) == pytest.approx(79.0, abs=1.5)


@given(powers, st.floats(0.0, LENGTH_S - 1.0))
def test_what_is_allowed_is_finite_and_never_below_nothing(power_kw, second):
    window = RunningWindow(TARGET_KW, LENGTH_S)
    window.take(START_S, power_kw)
    window.take(START_S + second, power_kw)

    allowed_kw = window.allowed_kw(START_S + second)

    assert 0.0 <= allowed_kw <= TARGET_KW * LENGTH_S / LAST_S


def test_a_window_begins_anew_at_its_boundary_and_shares_the_reading_that_spans_it():
    window = RunningWindow(TARGET_KW, LENGTH_S)
    window.take(START_S + 890, 50.0)
    window.take(START_S + 910, 150.0)

    # From 100 kW at the boundary to 150 kW: 125 kW for 10 s.
    assert window.used_kwh == pytest.approx(125.0 * 10.0 / 3600.0)
    assert window.mean_kw() == pytest.approx(125.0)
    assert window.end_s == START_S + 1800


def test_what_nobody_saw_is_reckoned_at_the_target_or_the_higher_of_its_ends():
    window = RunningWindow(TARGET_KW, LENGTH_S)
    window.take(START_S + 300, 20.0)
    assert window.mean_kw() == pytest.approx(TARGET_KW)

    window.take(START_S + 300 + 2 * GAP_S, 130.0)
    assert window.used_kwh == pytest.approx((300 * 100.0 + 60 * 130.0) / 3600.0)


def test_a_reading_that_is_not_later_changes_nothing():
    window = RunningWindow(TARGET_KW, LENGTH_S)
    window.take(START_S + 10, 100.0)
    used_kwh = window.used_kwh

    window.take(START_S + 10, 500.0)
    window.take(START_S + 5, 500.0)

    assert window.used_kwh == used_kwh


def test_after_its_end_the_target_of_the_next_window_holds():
    window = RunningWindow(TARGET_KW, LENGTH_S)
    assert window.allowed_kw(START_S) == TARGET_KW
    window.take(START_S, 500.0)

    assert window.allowed_kw(START_S + LENGTH_S) == TARGET_KW
