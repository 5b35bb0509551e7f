"""Words and axes of charts that a phone or a customer would trip over."""

import polars as pl
import pytest

from depotlib.charts.frontier import frontier
from depotlib.charts.scenario_comparison import scenario_comparison


def test_the_words_of_a_bar_stand_above_it_from_its_beginning_on():
    costs = pl.DataFrame(
        {
            "name": ["as planned", "20 more vans"],
            "energy_amount": [4000.0, 5000.0],
            "demand_amount": [5000.0, 7000.0],
            "other_amount": [123.0, 123.0],
            "note": ["60 of 60 ready", "77 of 80 ready"],
        }
    )

    figure = scenario_comparison(costs, currency="USD")

    # Behind the end of a bar there is no room on a screen of 390 px.
    words = figure.layout.annotations
    assert [one.text for one in words] == ["9,123, 60 of 60 ready", "12,123, 77 of 80 ready"]
    assert {(one.x, one.xanchor) for one in words} == {(0.0, "left")}
    assert all(one.yshift > 0 for one in words)


@pytest.mark.parametrize("lowest_percent", [0.0, 94.0, 99.5, 100.0])
def test_no_axis_promises_more_than_all_vans(lowest_percent: float):
    percents = {f"ready_percent{end}": [lowest_percent, 100.0] for end in ("", "_low", "_high")}
    bills = {f"bill{end}": [900.0, 1000.0] for end in ("", "_low", "_high")}
    points = pl.DataFrame({"name": ["a", "b"], "is_best": [True, False], **percents, **bills})

    low, high = frontier(points, currency="USD").layout.yaxis.range

    assert low < lowest_percent
    # The first tick above 100 would be a tenth of the axis away, at the least a twentieth.
    assert 100.0 < high < 100.0 + (high - low) / 20
