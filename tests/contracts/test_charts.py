"""Every chart keeps the contract: words for those who cannot see it, units, colours, few marks."""

import importlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import plotly.graph_objects as go
import polars as pl
import pytest

from depotlib.charts.bill_lines import bill_lines
from depotlib.charts.circuit_tree import circuit_tree
from depotlib.charts.colours import DARK, LIGHT, Colours
from depotlib.charts.cost_comparison import cost_comparison
from depotlib.charts.demand_load import ChargeWindows, demand_load
from depotlib.charts.finish import alt_text
from depotlib.charts.floor_plan import floor_plan
from depotlib.charts.frontier import frontier
from depotlib.charts.gantt import gantt
from depotlib.charts.heat_map import heat_map
from depotlib.charts.live_load import live_load
from depotlib.charts.load_duration import load_duration
from depotlib.charts.past_load import past_load
from depotlib.charts.peak_contributors import peak_contributors
from depotlib.charts.preference_costs import preference_costs
from depotlib.charts.price_map import price_map
from depotlib.charts.readiness import readiness
from depotlib.charts.scenario_comparison import scenario_comparison
from depotlib.charts.site_load import site_load
from depotlib.charts.tariff_comparison import tariff_comparison
from depotlib.charts.time_to_effect import time_to_effect
from depotlib.charts.tornado import tornado
from depotlib.charts.tried_load import tried_load
from depotlib.model.attribution import PeakAttribution, PeakShare
from depotlib.model.position import Position
from depotlib.model.yard import Bay, RowLayout, Yard
from depotlib.workflows.lay_out_yard import in_rows
from tests.places import ROOT
from tests.unit.charts.chart_cases import (
    AMSTERDAM,
    DEPOT,
    DWELLS,
    GRID,
    PRICES,
    START,
    bill,
    load,
    plan,
    steps,
)

HOUR: Final = timedelta(hours=1)
MOST_MARKS: Final = 10_000
YEAR_OF_QUARTERS: Final = 35_040
MONTH_OF_QUARTERS: Final = 2_976
YEAR: Final = load(START, [float(index % 50) for index in range(YEAR_OF_QUARTERS)])
NOVEMBER: Final = (
    datetime(2026, 10, 31, 23, tzinfo=UTC),
    datetime(2026, 11, 30, 23, tzinfo=UTC),
)
ENERGY: Final = pl.DataFrame(
    {
        "vehicle_id": [f"van-{number}" for number in range(500)],
        "delivered_kwh": [10.0] * 500,
        "must_kwh": [5.0] * 500,
        "target_kwh": [11.0] * 500,
    }
)
BILL: Final = bill(*NOVEMBER, set_by=START)
WINDOWS: Final = [ChargeWindows("TOU demand", tuple((day, day + HOUR) for day in (START,) * 30))]
PEAK: Final = PeakAttribution(
    component="Flat demand",
    quantity=Decimal(250),
    unit="kW",
    amount=Decimal("2500.00"),
    set_by=START,
    set_until=START,
    is_from_earlier=False,
    shares=tuple(
        PeakShare(f"van-{number}", Decimal("0.5"), Decimal("5.00"), 0.5) for number in range(500)
    ),
    sentence="",
)
COSTS: Final = pl.DataFrame(
    {
        "name": ["A", "A", "B", "B"],
        "load": ["as it was", "planned"] * 2,
        "energy_amount": [10.0, 9.0, 12.0, 12.0],
        "demand_amount": [30.0, 3.0, 0.0, 0.0],
        "other_amount": [1.0, 1.0, 2.0, 2.0],
    }
)
PREFERENCES: Final = pl.DataFrame(
    {
        "slack_min": [0, 0, 30],
        "extra_amount": [0.0, 4.0, 2.0],
        "waiting_h": [6.0, 2.0, 6.5],
        "care_per_kwh": [0.0, 0.05, 0.0],
        "unmet_kwh": [0.0, 0.0, 0.0],
    }
)
POINTS: Final = pl.DataFrame(
    {
        "name": [f"{number} AC stations" for number in range(500)],
        "bill": [100.0 + number for number in range(500)],
        "bill_low": [99.0] * 250 + [None] * 250,
        "bill_high": [700.0] * 250 + [None] * 250,
        "ready_percent": [90.0] * 500,
        "ready_percent_low": [89.0] * 250 + [None] * 250,
        "ready_percent_high": [91.0] * 250 + [None] * 250,
        "is_best": [True] + [False] * 499,
    }
)
EFFECTS: Final = pl.DataFrame(
    {
        "axis": ["Late vans", "Late vans", "AC stations"],
        "step": ["0.25 to 0", "0.25 to 0.5", "40 to 44"],
        "mean": [249.0, -374.0, 8.0],
        "low": [200.0, -400.0, 7.0],
        "high": [300.0, -350.0, 10.0],
    }
)
SCENARIOS: Final = pl.DataFrame(
    {
        "name": ["Tonight", "More vans"],
        "energy_amount": [10.0, 14.0],
        "demand_amount": [30.0, 33.0],
        "other_amount": [1.0, -1.0],
        "note": ["60 of 60 ready", "79 of 80 ready"],
    }
)
YEAR_OF_PRICES: Final = pl.DataFrame(
    [
        {
            "month_index": month,
            "hour": hour,
            "is_weekend": is_weekend,
            "price_per_kwh": 0.1 + (0 if is_weekend else hour / 100),
        }
        for is_weekend in (False, True)
        for month in range(12)
        for hour in range(24)
    ]
)
CORNER: Final = Position(52.0, 5.0)
BAYS: Final = tuple(Bay(f"S-{n}/1", f"S-{n}", "ac", "AC") for n in range(500))
YARD: Final = in_rows(
    Yard(CORNER, width_m=160.0, depth_m=80.0, bays=BAYS),
    RowLayout(bays_per_row=50),
    of=[bay.connector_id for bay in BAYS],
)
# Each on as much as a page gives it: a year of load, 500 vehicles.
CHARTS: Final[dict[str, Callable[[Colours], go.Figure]]] = {
    "circuit_tree": lambda c: circuit_tree(DEPOT, colours=c),
    "bill_lines": lambda c: bill_lines([BILL] * 12, time_zone=AMSTERDAM, colours=c),
    "cost_comparison": lambda c: cost_comparison([plan(), plan("edf")], colours=c),
    "demand_load": lambda c: demand_load(
        YEAR, bill=BILL, time_zone=AMSTERDAM, windows=WINDOWS, colours=c
    ),
    "floor_plan": lambda c: floor_plan(YARD, noted={"S-1/1"}, colours=c),
    "frontier": lambda c: frontier(POINTS, currency="EUR", colours=c),
    "scenario_comparison": lambda c: scenario_comparison(SCENARIOS, currency="EUR", colours=c),
    "tornado": lambda c: tornado(EFFECTS, title="the bill", unit="EUR", colours=c),
    "gantt": lambda c: gantt(plan(), depot=DEPOT, dwells=DWELLS, colours=c),
    "heat_map": lambda c: heat_map(YEAR, time_zone=AMSTERDAM, colours=c),
    "live_load": lambda c: live_load(
        steps([20.0] * 200), steps([10.0] * 960), depot=DEPOT, now=START, grid=GRID, colours=c
    ),
    "load_duration": lambda c: load_duration(YEAR, colours=c),
    "past_load": lambda c: past_load(
        plan(),
        happened_kw=[1.0] * GRID.count,
        unmoved_kw=[0.0] * GRID.count,
        prices=PRICES,
        time_zone=AMSTERDAM,
        colours=c,
    ),
    "peak_contributors": lambda c: peak_contributors(PEAK, currency="EUR", colours=c),
    "preference_costs": lambda c: preference_costs(PREFERENCES, currency="EUR", colours=c),
    "price_map": lambda c: price_map(
        YEAR_OF_PRICES, value="price_per_kwh", unit="EUR/kWh", colours=c
    ),
    "readiness": lambda c: readiness(ENERGY, colours=c),
    "site_load": lambda c: site_load(
        [plan(), plan("fcfs")], depot=DEPOT, dwells=DWELLS, prices=PRICES, colours=c
    ),
    "tariff_comparison": lambda c: tariff_comparison(COSTS, currency="EUR", colours=c),
    "time_to_effect": lambda c: time_to_effect([0.2] * 500, [31.0] * 500, colours=c),
    "tried_load": lambda c: tried_load(plan(), plan(), depot=DEPOT, prices=PRICES, colours=c),
}
TREES: Final = {"circuit_tree"}
"""Boxes within boxes have no axes: each says its power itself."""
MEASURES: Final = ("kW", "kWh", "EUR", "%", "Local time", "Local date", "(s)", "(m)")
NAMES: Final = (
    "Van", "Billing month", "Charging policy", "Tariff", "Who drew it", "Number of connectors",
    "Assumption", "Scenario",
)  # fmt: skip
"""Axes of names and of numbers have no unit."""
NO_CHARTS: Final = {"time_axis", "price_windows"}
"""Functions of their module's name that return a part of a chart."""
COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}\b")


def own_colours(colours: Colours) -> set[str]:
    return {*colours.series, *colours.ramp, colours.text, colours.faint, colours.background}


def used_colours(figure: go.Figure) -> set[str]:
    drawn = figure.to_dict()
    drawn["layout"].pop("template", None)
    return set(COLOUR.findall(str(drawn)))


def marks(figure: go.Figure) -> int:
    """Return how many marks a browser draws; a heat map is one picture."""
    traces = [one for one in figure.data if one.type != "heatmap"]
    points = sum(
        len(one.ids) if one.type == "icicle" else max(len(one.x), len(one.y)) for one in traces
    )
    return points + len(figure.layout.shapes) + len(figure.layout.annotations)


def charts_of_the_room() -> set[str]:
    """Return the modules that hold a chart: a function of their own name."""
    stems = [path.stem for path in (ROOT / "depotlib" / "charts").glob("[!_]*.py")]
    return {
        stem for stem in stems if hasattr(importlib.import_module(f"depotlib.charts.{stem}"), stem)
    }


def test_every_chart_of_the_room_is_held_to_the_contract():
    assert charts_of_the_room() - NO_CHARTS == set(CHARTS)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_says_in_words_what_it_shows(name):
    sentence = alt_text(CHARTS[name](LIGHT))

    assert len(sentence) > 30
    assert sentence.endswith(".")
    assert "nan" not in sentence.lower()


@pytest.mark.parametrize("name", sorted(set(CHARTS) - TREES))
def test_every_axis_names_what_it_measures_and_its_unit(name):
    layout = CHARTS[name](LIGHT).layout

    for title in (layout.xaxis.title.text, layout.yaxis.title.text):
        assert any(unit in title for unit in MEASURES) or title in NAMES, title


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_uses_no_colour_but_the_themes(name, colours):
    assert used_colours(CHARTS[name](colours)) <= own_colours(colours)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_draws_no_more_marks_than_a_browser_bears(name):
    assert marks(CHARTS[name](LIGHT)) <= MOST_MARKS


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_of_the_same_facts_is_the_same_chart(name):
    assert CHARTS[name](LIGHT).to_json() == CHARTS[name](LIGHT).to_json()


@pytest.mark.parametrize("name", sorted(TREES))
def test_every_box_of_a_tree_says_its_power(name):
    (boxes,) = CHARTS[name](LIGHT).data

    assert boxes.text
    assert all("kW" in text for text in boxes.text)
