"""What an account of missing energy must keep, whatever the night: exact, fair, nothing from nothing."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.model.reconciliation import CAUSES
from depotlib.reconciliation.attribution import attribute_gap, shapley_kwh, whole_shares
from depotlib.reconciliation.replay import causes_of, replayed_kwh
from depotlib.reconciliation.stay import Minute, Stay

POWERS = st.floats(0.0, 50.0, allow_nan=False)
FEW = st.sampled_from(("late_plug_in", "limit", "override", "communication"))


@st.composite
def minutes(draw):
    wanted_kw = draw(POWERS)
    caps = draw(st.dictionaries(FEW, POWERS, max_size=3))
    drawn_kw = min([wanted_kw, *caps.values()])
    return Minute(wanted_kw=wanted_kw, drawn_kw=drawn_kw, caps_kw=caps, wider_kw=wanted_kw)


@st.composite
def stays(draw):
    night = tuple(draw(st.lists(minutes(), min_size=1, max_size=40)))
    planned_kwh = sum(one.wanted_kw for one in night) / 60
    delivered_kwh = sum(one.drawn_kw for one in night) / 60
    return Stay(target_kwh=planned_kwh, delivered_kwh=delivered_kwh, minutes=night)


def gap_wh(stay):
    return round(1000 * stay.target_kwh) - round(1000 * stay.delivered_kwh)


@settings(max_examples=60, deadline=None)
@given(stays())
def test_the_shares_are_exactly_the_gap(stay):
    shares, unexplained_wh = attribute_gap(stay, gap_wh=gap_wh(stay))

    assert sum(shares.values()) + unexplained_wh == max(0, gap_wh(stay))
    assert all(share >= 0 for share in shares.values())
    # with every cap corrected the plan is met: nothing is left but what is too small to be a cause
    assert 0 <= unexplained_wh <= 21 * len(CAUSES)


@settings(max_examples=40, deadline=None)
@given(stays())
def test_the_replay_of_the_night_itself_is_the_night(stay):
    assert replayed_kwh(stay, frozenset()) == pytest.approx(stay.delivered_kwh)
    assert replayed_kwh(stay, frozenset(causes_of(stay))) == pytest.approx(stay.target_kwh)


@given(stays())
def test_where_nothing_is_missing_nothing_has_a_cause(stay):
    assert attribute_gap(stay, gap_wh=0) == ({}, 0)
    assert attribute_gap(stay, gap_wh=-5) == ({}, 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(POWERS, POWERS), min_size=1, max_size=40))
def test_two_facts_that_did_the_same_take_the_same(pairs):
    night = tuple(
        Minute(
            wanted_kw=max(pair),
            drawn_kw=min(pair),
            caps_kw={"limit": min(pair), "override": min(pair)},
            wider_kw=max(pair),
        )
        for pair in pairs
    )
    target_kwh = sum(one.wanted_kw for one in night) / 60
    stay = Stay(target_kwh, sum(one.drawn_kw for one in night) / 60, minutes=night)

    shares = shapley_kwh(causes_of(stay), lambda corrected: replayed_kwh(stay, corrected))

    assert shares.get("limit", 0.0) == pytest.approx(shares.get("override", 0.0))


@given(st.dictionaries(FEW, st.floats(0.0, 1e3), max_size=4), st.integers(0, 10**6))
def test_whole_watt_hours_make_up_the_total(shares_kwh, total_wh):
    whole = whole_shares(shares_kwh, total_wh=total_wh)

    assert sum(whole.values()) == (total_wh if sum(shares_kwh.values()) > 0 else 0)


@given(st.data())
def test_the_value_is_the_mean_over_all_orders(data):
    """By the definition: what a player brings, averaged over every order of joining."""
    players = ("a", "b", "c")
    worths = {
        some: data.draw(st.floats(-10, 10))
        for some in map(frozenset, ["", "a", "b", "c", "ab", "ac", "bc", "abc"])
    }
    expected = dict.fromkeys(players, 0.0)
    for order in permutations(players):
        for place, player in enumerate(order):
            before = frozenset(order[:place])
            expected[player] += (worths[before | {player}] - worths[before]) / 6

    assert shapley_kwh(players, worths.__getitem__) == pytest.approx(expected, abs=1e-9)


def test_of_a_pair_of_gloves_the_scarce_one_is_worth_four_times():
    # Shapley's glove game: one left, two right gloves; a pair is worth 1: 2/3, 1/6, 1/6
    def worth(hands):
        return 1.0 if "left" in hands and hands & {"right", "other"} else 0.0

    assert shapley_kwh(("left", "right", "other"), worth) == pytest.approx(
        {"left": 2 / 3, "right": 1 / 6, "other": 1 / 6}
    )
