from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depotlib.errors import AllocationError
from depotlib.tariffs.division import divide

CENT = Decimal("0.01")


def test_the_cents_that_are_left_go_to_the_parts_that_lost_most():
    # 1.00 in 1 : 1 : 1 is 0.333 each; one cent is left, for the first of equals.
    assert divide(Decimal("1.00"), [1, 1, 1], step=CENT) == tuple(
        Decimal(part) for part in ("0.34", "0.33", "0.33")
    )
    # 0.10 in 1 : 2 : 4 is 1.43, 2.86, 5.71 cents: both cents that are left go to the last two.
    assert divide(Decimal("0.10"), [1, 2, 4], step=CENT) == tuple(
        Decimal(part) for part in ("0.01", "0.03", "0.06")
    )


@given(
    cents=st.integers(-(10**9), 10**9),
    weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=80).filter(lambda w: sum(w) > 0),
)
def test_parts_sum_exactly_and_none_is_a_step_off_its_share(cents, weights):
    whole = cents * CENT

    parts = divide(whole, weights, step=CENT)

    assert sum(parts) == whole
    total = sum(map(Decimal, weights))
    assert all(
        abs(part - whole * Decimal(weight) / total) <= CENT
        for part, weight in zip(parts, weights, strict=True)
    )


def test_nothing_can_be_divided_among_nobody():
    with pytest.raises(AllocationError):
        divide(Decimal(1), [0.0, 0.0], step=CENT)


def test_a_fraction_of_a_cent_is_not_shared_out():
    with pytest.raises(AllocationError):
        divide(Decimal("0.005"), [1], step=CENT)
