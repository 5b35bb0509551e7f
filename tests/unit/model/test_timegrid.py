"""Grids of half-open intervals."""

from datetime import UTC, datetime, timedelta

import pytest

from depotlib.errors import ModelError
from depotlib.model.timegrid import TimeGrid, grid_over

START = datetime(2026, 11, 2, 22, 0, tzinfo=UTC)


def test_a_grid_covers_its_span_from_aligned_starts():
    grid = grid_over(START + timedelta(minutes=7), START + timedelta(minutes=31), interval_s=900)

    assert (grid.start, grid.count) == (START, 3)
    assert grid.starts()[-1] + grid.step == grid.end


def test_the_first_whole_interval_begins_at_or_after_an_instant():
    grid = TimeGrid(start=START, interval_s=900, count=4)

    assert grid.first_whole_interval(START) == 0
    assert grid.first_whole_interval(START + timedelta(seconds=1)) == 1
    assert grid.first_whole_interval(START - timedelta(seconds=1)) == 0
    assert grid.first_whole_interval(grid.end) == 4


def test_an_instant_lies_in_the_interval_that_has_begun():
    grid = TimeGrid(start=START, interval_s=900, count=4)

    assert grid.interval_of(START + timedelta(minutes=14, seconds=59)) == 0
    assert grid.interval_of(START + timedelta(minutes=15)) == 1


@pytest.mark.parametrize(("interval_s", "count"), [(0, 4), (900, 0), (-900, 4)])
def test_a_grid_without_time_is_refused(interval_s: int, count: int):
    with pytest.raises(ModelError, match="holds no time"):
        TimeGrid(start=START, interval_s=interval_s, count=count)


def test_a_grid_needs_an_offset():
    with pytest.raises(ModelError, match="offset"):
        TimeGrid(start=datetime(2026, 11, 2), interval_s=900, count=4)


def test_an_empty_span_has_no_grid():
    with pytest.raises(ModelError):
        grid_over(START, START, interval_s=900)
