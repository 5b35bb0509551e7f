import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depotlib.gateway.comparison import compared
from depotlib.gateway.steps import line_of

LINES = st.lists(
    st.tuples(st.integers(0, 900), st.floats(0.0, 50.0)),
    min_size=1,
    max_size=8,
    unique_by=lambda pair: pair[0],
).map(lambda pairs: line_of(sorted(pairs)))


def test_what_is_lowered_and_raised_is_a_mean_over_the_span():
    old = line_of([(0, 10.0)])
    new = line_of([(0, 10.0), (150, 6.0), (200, 30.0)])

    means_kw = compared([old], [new], start_s=100, end_s=300).means_kw(100, end_s=300)

    # 50 of 200 s are 4 kW lower, 100 of 200 s are 20 kW higher; the old line is 10 kW throughout.
    assert [kw[0] for kw in means_kw] == pytest.approx([1.0, 10.0, 10.0])


def test_each_line_is_held_against_its_own_one():
    low, high = line_of([(0, 1.0)]), line_of([(0, 5.0)])

    lowered_kw, raised_kw, held_kw = compared(
        [low, high], [high, low], start_s=0, end_s=10
    ).means_kw(0, end_s=10)

    assert (lowered_kw.tolist(), raised_kw.tolist()) == ([0.0, 4.0], [4.0, 0.0])
    assert held_kw.tolist() == [1.0, 5.0]


@given(LINES, LINES, st.integers(0, 500), st.integers(1, 400))
def test_means_are_those_of_every_second(old, new, start_s, span_s):
    end_s = start_s + span_s
    seconds = np.arange(start_s, end_s, dtype=float)  # lines change at whole seconds only
    rise_kw = new.on(seconds) - old.on(seconds)

    means_kw = compared([old], [new], start_s=0, end_s=1000).means_kw(start_s, end_s=end_s)

    expected_kw = [np.maximum(-rise_kw, 0.0), np.maximum(rise_kw, 0.0), old.on(seconds)]
    assert [kw[0] for kw in means_kw] == pytest.approx([kw.mean() for kw in expected_kw], abs=1e-9)
