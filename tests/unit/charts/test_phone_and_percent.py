"""Words and axes of charts that a phone or a customer would trip over."""

from datetime import UTC, datetime

import polars as pl
import pytest

from depotlib.charts.bill_lines import bill_lines
from depotlib.charts.frontier import frontier
from depotlib.charts.scenario_comparison import scenario_comparison
from depotlib.charts.tariff_comparison import tariff_comparison
from tests.unit.charts.chart_cases import AMSTERDAM, bill


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


def test_the_words_of_a_tariff_stand_above_its_bar_with_a_name_that_is_cut():
    name = "Pacific Gas & Electric Co: A-10 Medium General Demand Service TOU"
    costs = pl.DataFrame(
        {
            "name": [name, name],
            "load": ["as it was", "planned anew"],
            "energy_amount": [700.0, 600.0],
            "demand_amount": [2800.0, 900.0],
            "other_amount": [389.0, 123.0],
        }
    )

    figure = tariff_comparison(costs, currency="USD")

    words = figure.layout.annotations
    # 40 letters and no more, or the words are longer than a phone is wide.
    assert [one.text for one in words] == [
        "Pacific Gas & Electric Co: A-10 Medium…<br>as it was: 3,889",
        "Pacific Gas & Electric Co: A-10 Medium…<br>planned anew: 1,623",
    ]
    assert {(one.x, one.xanchor, one.yanchor) for one in words} == {(0.0, "left", "bottom")}
    assert figure.layout.yaxis.showticklabels is False


def test_above_the_highest_bill_there_is_room_for_its_words():
    start, end = datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 30, 23, tzinfo=UTC)

    figure = bill_lines([bill(start, end, set_by=start)], time_zone=AMSTERDAM)

    highest = sum(one.y[0] for one in figure.data if one.type == "bar")
    assert figure.layout.yaxis.range[1] > 1.1 * highest


@pytest.mark.parametrize("lowest_percent", [0.0, 94.0, 99.5, 100.0])
def test_no_axis_promises_more_than_all_vans(lowest_percent: float):
    percents = {f"ready_percent{end}": [lowest_percent, 100.0] for end in ("", "_low", "_high")}
    bills = {f"bill{end}": [900.0, 1000.0] for end in ("", "_low", "_high")}
    points = pl.DataFrame({"name": ["a", "b"], "is_best": [True, False], **percents, **bills})

    low, high = frontier(points, currency="USD").layout.yaxis.range

    assert low < lowest_percent
    # The first tick above 100 would be a tenth of the axis away, at the least a twentieth.
    assert 100.0 < high < 100.0 + (high - low) / 20
