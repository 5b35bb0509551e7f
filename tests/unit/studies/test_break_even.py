"""Break-even: found where it is, told where there is none, and with few evaluations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depotlib.errors import StudyError
from depotlib.studies.break_even import break_even


def test_two_straight_bills_meet_where_arithmetic_says():
    # 5,000 + 250 kW * price against 9,000: alike at 16 per kW.
    found = break_even(lambda price: 250 * price - 4000, (0.0, 40.0), tolerance=0.01)

    assert found.at_value == pytest.approx(16.0, abs=0.01)
    assert found.better == "changes"
    assert found.evaluations <= 4


@given(
    root=st.floats(0.1, 39.9),
    left=st.floats(1.0, 1e4),
    right=st.floats(1.0, 1e4),
    sign=st.sampled_from((-1, 1)),
)
def test_a_bent_bill_is_met_within_the_tolerance(root, left, right, sign):
    calls = []

    def difference(price):
        calls.append(price)
        return sign * (price - root) * (left if price < root else right)

    found = break_even(difference, (0.0, 40.0), tolerance=0.01)

    assert found.at_value == pytest.approx(root, abs=0.0101)
    assert len(calls) == found.evaluations <= 40
    assert all(0 <= price <= 40 for price in calls)


@pytest.mark.parametrize(("amount", "better"), [(5.0, "first"), (-5.0, "second"), (0.0, "neither")])
def test_where_one_choice_is_better_throughout_it_is_said(amount: float, better: str):
    found = break_even(lambda _: amount, (0.0, 40.0), tolerance=0.01)

    assert (found.at_value, found.better, found.evaluations) == (None, better, 2)


@pytest.mark.parametrize("root", [0.0, 40.0])
def test_a_root_at_the_end_of_the_span_is_one(root: float):
    assert break_even(lambda price: price - root, (0.0, 40.0), tolerance=0.01).at_value == root


@pytest.mark.parametrize(("span", "tolerance"), [((2.0, 1.0), 0.1), ((1.0, 2.0), 0.0)])
def test_a_span_that_is_none_is_refused(span, tolerance):
    with pytest.raises(StudyError, match="tolerance"):
        break_even(lambda price: price, span, tolerance=tolerance)
