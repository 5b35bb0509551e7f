"""What is written into a chart is written as the depot writes it, once."""

from datetime import UTC, datetime, timedelta

import plotly.graph_objects as go
import pytest

from depotlib.charts.colours import LIGHT
from depotlib.charts.figure_words import label_in, worded, write_for
from depotlib.charts.finish import alt_text, finished, level_line
from depotlib.charts.time_axis import local_labels, time_axis
from depotlib.model.display import Display
from tests.unit.charts.chart_cases import AMSTERDAM

AMERICAN = Display(dates="month_first")
GERMAN = Display(numbers="1.234,5", dates="iso")
BEGIN = datetime(2026, 11, 2, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("display", "day", "year", "amount"),
    [
        (Display(), "Mon 2 Nov 18:00", "2 Nov 2026", "1,234.5 kW of 12,000"),
        (AMERICAN, "Mon Nov 2 18:00", "Nov 2, 2026", "1,234.5 kW of 12,000"),
        (GERMAN, "Mon 11-02 18:00", "2026-11-02", "1.234,5 kW of 12.000"),
    ],
)
def test_days_and_numbers_within_a_text_are_the_depots(display, day, year, amount):
    assert worded("Mon 2 Nov 18:00", display) == day
    assert worded("2 Nov 2026", display) == year
    assert worded("1,234.5 kW of 12,000", display) == amount


@pytest.mark.parametrize("text", ["AC-01/1", "OCPP2.0.1", "10.0.0.12", "18:00", "van-1.5", "v2.1"])
def test_names_times_and_ids_are_no_numbers(text: str):
    assert worded(text, GERMAN) == text


def night() -> go.Figure:
    instants = [BEGIN + timedelta(hours=hour) for hour in range(3)]
    figure = go.Figure(
        go.Scatter(
            x=[0, 1, 2],
            y=[1000.0, 1500.0, 800.0],
            customdata=local_labels(instants, AMSTERDAM),
            hovertemplate="%{customdata}, %{x|%-d %b %Y}: %{y:,.1f} kW",
        )
    )
    level_line(figure, 1200.0, label="Limit", colour=LIGHT.limit)
    axis = time_axis(instants[0], instants[-1], time_zone=AMSTERDAM)
    return finished(figure, alt="2 Nov: up to 1,500.0 kW", y_title="kW", x_axis=axis, colours=LIGHT)


@pytest.mark.parametrize("times", [1, 2])
def test_a_chart_is_written_once_however_often_it_is_shown(times: int):
    figure = night()

    for _ in range(times):
        write_for(figure, GERMAN)

    # 17:00 UTC is 18:00 in Amsterdam in November.
    assert figure.data[0].customdata[0] == "Mon 11-02 18:00"
    assert figure.data[0].hovertemplate == "%{customdata}, %{x|%Y-%m-%d}: %{y:,.1f} kW"
    assert figure.layout.xaxis.ticktext[0] == "18:00<br>Mon 11-02"
    assert figure.layout.annotations[0].text == "Limit 1.200 kW"
    assert alt_text(figure) == "11-02: up to 1.500,0 kW"


def test_a_chart_of_a_depot_that_writes_as_charts_do_stays_as_it_is():
    figure, before = night(), night()

    write_for(figure, Display())

    assert figure == before


def test_titles_and_legends_are_said_in_another_language_and_names_of_vans_stay():
    german = {"Price (USD/kWh)": "Preis (USD/kWh)", "Plan": "Fahrplan", "Hour": "Stunde"}
    figure = go.Figure(
        [
            go.Heatmap(
                z=[[0.1, 0.2]], name="van-1", colorbar={"title": {"text": "Price (USD/kWh)"}}
            ),
            go.Scatter(y=[1.0], name="Plan", xaxis="x2"),
        ],
        {"xaxis": {"title": {"text": "Hour"}}, "xaxis2": {"title": {"text": "Hour"}}},
    )

    label_in(figure, lambda label: german.get(label, label))

    layout = figure.layout
    assert (layout.xaxis.title.text, layout.xaxis2.title.text) == ("Stunde", "Stunde")
    assert figure.data[0].colorbar.title.text == "Preis (USD/kWh)"
    assert [one.name for one in figure.data] == ["van-1", "Fahrplan"]
    assert layout.title.text is None
