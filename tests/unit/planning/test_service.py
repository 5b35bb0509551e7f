"""What circuits and stations can carry in each interval."""

from datetime import UTC, datetime, timedelta

import pytest

from depotlib.model.depot import Derating
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.service import derated_kw

START = datetime(2026, 11, 2, 18, tzinfo=UTC)
GRID = TimeGrid(start=START, interval_s=900, count=8)


@pytest.mark.parametrize(
    ("begin_min", "end_min", "derated"),
    [
        (-120, -60, []),  # over before the grid begins
        (-120, 0, []),
        (-30, 1, [0]),  # a minute of an interval counts for all of it
        (15, 45, [1, 2]),
        (100, 600, [6, 7]),
        (120, 240, []),  # begins where the grid ends
    ],
)
def test_a_derating_counts_in_the_intervals_that_it_touches_and_in_no_other(
    begin_min: int, end_min: int, derated: list[int]
):
    span = Derating(
        START + timedelta(minutes=begin_min), START + timedelta(minutes=end_min), limit_kw=5.0
    )

    limit_kw = derated_kw(40.0, [span], grid=GRID)

    assert [place for place, kw in enumerate(limit_kw) if kw == 5.0] == derated
    assert set(limit_kw) <= {5.0, 40.0}
