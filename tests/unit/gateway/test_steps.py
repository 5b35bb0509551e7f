import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from depotlib.gateway.steps import line_of, narrowed, rows_of, until, widened

LINES = st.lists(
    st.tuples(st.floats(0.5, 120.0), st.floats(0.0, 50.0)), min_size=1, max_size=12
).map(
    lambda pairs: line_of(
        (sum(gap for gap, _ in pairs[: n + 1]), kw) for n, (_, kw) in enumerate(pairs)
    )
)


def test_a_widened_line_holds_its_most_from_before_until_after():
    line = line_of([(0, 5.0), (100, 10.0), (200, 3.0)])

    wide = widened(line, before_s=15, after_s=10)

    # The 10 kW of [100, 200) reach 10 s ahead and 15 s back: [90, 215).
    assert [wide.at(t) for t in (89.9, 90, 214.9, 215)] == [5.0, 10.0, 10.0, 3.0]


def test_a_narrowed_line_raises_late_and_lowers_early():
    line = line_of([(0, 5.0), (100, 10.0), (200, 3.0)])

    narrow = narrowed(line, before_s=10, after_s=15)

    assert [narrow.at(t) for t in (109.9, 110, 184.9, 185)] == [5.0, 10.0, 10.0, 3.0]


@given(LINES)
def test_what_is_narrowed_and_then_widened_never_exceeds_the_line(line):
    back = widened(narrowed(line, before_s=10, after_s=15), before_s=15, after_s=10)

    grid = np.linspace(-50, 1600, 3000)
    assert np.all(back.on(grid) <= line.on(grid) + 1e-9)


@given(LINES, st.floats(0.0, 1500.0))
def test_widening_covers_every_instant_of_the_window(line, instant):
    wide = widened(line, before_s=15, after_s=10)

    window = np.linspace(instant - 14.999, instant + 9.999, 200)
    assert wide.at(instant) >= line.on(window).max() - 1e-9


def test_a_line_ends_in_what_follows_it():
    line = until(line_of([(0, 5.0), (100, 10.0)]), 50.0, after_kw=1.0)

    assert [line.at(t) for t in (49.9, 50, 120)] == [5.0, 1.0, 1.0]


@given(
    st.lists(LINES, min_size=1, max_size=5),
    st.lists(st.floats(0.0, 1600.0), min_size=1, max_size=30, unique=True).map(sorted),
)
def test_many_lines_at_once_are_the_same_as_one_after_the_other(lines, instants):
    grid = np.array([*instants, lines[0].starts_s[-1] + 1600.0])

    rows = rows_of(lines, grid)

    assert rows.tolist() == [line.on(grid).tolist() for line in lines]


def test_before_its_first_start_a_line_is_its_first_value_in_rows_too():
    rows = rows_of([line_of([(50, 7.0), (60, 9.0)]), line_of([(0, 1.0)])], np.array([10.0, 55.0]))

    assert rows.tolist() == [[7.0, 7.0], [1.0, 1.0]]
