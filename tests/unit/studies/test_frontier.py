"""The frontier: nobody on it is beaten, everybody off it is."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depotlib.errors import StudyError
from depotlib.studies.frontier import frontier, point_means

GOALS = {"stations": "least", "bill": "least", "ready_share": "most"}


def test_a_point_that_is_worse_in_everything_is_left_out():
    points = pl.DataFrame(
        {
            "stations": [40, 44, 48, 44, 44],
            "bill": [10.0, 9.0, 8.0, 9.5, 9.0],
            "ready_share": [0.9, 1.0, 1.0, 1.0, None],
        }
    )

    # 44 at 9.5 is beaten by 44 at 9.0; a point of unknown readiness is no answer.
    assert frontier(points, GOALS)["bill"].to_list() == [10.0, 9.0, 8.0]


def test_nobody_picks_the_weather():
    points = pl.DataFrame(
        {
            "is_mild": [True, True, False, False],
            "stations": [40, 44, 40, 44],
            "bill": [8.0, 9.0, 10.0, 11.0],
            "ready_share": [1.0, 1.0, 0.9, 0.95],
        }
    )

    kept = frontier(points, GOALS, under=["is_mild"])

    # In mild nights 40 beat 44; in hard ones neither beats the other, and no mild night beats them.
    assert kept.rows() == [points.row(0), points.row(2), points.row(3)]
    assert frontier(points, GOALS).rows() == [points.row(0)]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_whoever_is_out_is_beaten_by_somebody_who_is_in(triples):
    points = pl.DataFrame(triples, schema=[(name, pl.Int64) for name in GOALS], orient="row")

    kept = frontier(points, GOALS).rows()

    def beats(one, other):
        gains = (other[0] - one[0], other[1] - one[1], one[2] - other[2])
        return min(gains) >= 0 and max(gains) > 0

    assert all(not beats(one, other) for one in triples for other in kept)
    assert all(row in kept or any(beats(one, row) for one in kept) for row in triples)


def test_means_of_points_stand_with_their_bands():
    rows = pl.DataFrame(
        {
            "stations": [40, 40, 40, 44, 44],
            "seed": [0, 1, 2, 0, 1],
            "bill": [10.0, 12.0, 14.0, 9.0, None],
        }
    )

    means = point_means(rows, ["stations"], measures=["bill"])

    assert means["bill"].to_list() == [12.0, 9.0]
    assert means["seeds"].to_list() == [3, 2]
    # Student's quantile for 2 degrees of freedom and 90 % is 2.919986; the deviation is 2.
    half = 2.919986 * 2 / math.sqrt(3)
    assert means["bill_low"][0] == pytest.approx(12 - half, rel=1e-6)
    assert means["bill_high"][0] == pytest.approx(12 + half, rel=1e-6)
    # One value is left for 44 stations: no band.
    assert means["bill_low"][1] is None


def test_a_study_without_parameters_is_one_point():
    rows = pl.DataFrame({"seed": [0, 1], "bill": [10.0, 12.0]})

    means = point_means(rows, [], measures=["bill"])

    assert (means.height, means["seeds"][0], means["bill"][0]) == (1, 2, 11.0)


def test_goals_that_are_no_columns_are_refused():
    with pytest.raises(StudyError, match="stations"):
        frontier(pl.DataFrame({"bill": [1.0]}), GOALS)
    with pytest.raises(StudyError):
        frontier(pl.DataFrame({"bill": [1.0]}), {})
    with pytest.raises(StudyError, match="no column ready_share"):
        point_means(pl.DataFrame({"seed": [1], "n": [1]}), ["n"], measures=["ready_share"])
