"""What each figure draws, against sums that can be done by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from depotlib.charts.bill_lines import bill_lines, bill_name
from depotlib.charts.circuit_tree import circuit_boxes, circuit_tree
from depotlib.charts.colours import LIGHT
from depotlib.charts.cost_comparison import cost_comparison
from depotlib.charts.demand_load import demand_load
from depotlib.charts.finish import alt_text
from depotlib.charts.gantt import gantt
from depotlib.charts.heat_map import heat_map
from depotlib.charts.live_load import live_load
from depotlib.charts.load_duration import MOST_POINTS, load_duration
from depotlib.charts.preference_costs import preference_costs
from depotlib.charts.price_windows import peak_spans, price_windows
from depotlib.charts.readiness import readiness
from depotlib.charts.site_load import power_by_pool, site_load
from depotlib.charts.time_to_effect import counts, time_to_effect
from depotlib.model.price_terms import PriceTerms
from depotlib.model.site_file import site_from_toml
from tests.unit.charts.chart_cases import (
    AMSTERDAM,
    DEPOT,
    DWELLS,
    GRID,
    PRICES,
    QUARTER,
    START,
    bill,
    load,
    plan,
    steps,
)

NOVEMBER = (datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 30, 23, tzinfo=UTC))


def trace(figure, name):
    (found,) = [one for one in figure.data if one.name == name]
    return found


@pytest.mark.parametrize("occupancy", ["assigned", "relaxed"])
def test_power_is_stacked_by_the_pool_of_the_connector_or_of_the_stay(occupancy):
    layers = power_by_pool(plan(occupancy=occupancy), DEPOT, dwells=DWELLS)

    # chart_cases.plan: van-1 (ac) 10 kW in the first hour, van-2 (dc) 20 kW in the second.
    assert layers == {"AC stations": [10.0] * 4 + [0.0] * 4, "DC stations": [0.0] * 4 + [20.0] * 4}


def test_the_site_load_holds_its_last_value_to_the_end_of_the_night():
    figure = site_load([plan(), plan("fcfs")], depot=DEPOT, dwells=DWELLS, prices=PRICES)

    # From 18:00 to 20:00 in Amsterdam, which is 17:00 to 19:00 UTC.
    assert trace(figure, "DC stations").x[-1] == "2026-11-02T19:00:00"
    assert list(trace(figure, "DC stations").y[-2:]) == [20.0, 20.0]
    assert sum(trace(figure, "First come, first served").y[:-1]) == 4 * 10.0 + 4 * 20.0
    assert "Highest 20.0 kW, operating limit 50 kW" in alt_text(figure)


def test_a_building_that_draws_power_lies_below_the_stations():
    figure = site_load(
        [plan()], depot=DEPOT, dwells=DWELLS, prices=PRICES, base_load_kw=[3.0] * GRID.count
    )

    assert [one.name for one in figure.data] == ["Building", "AC stations", "DC stations"]


def test_prices_are_cut_where_they_change_and_demand_windows_where_they_count():
    cheap, dear = price_windows(PRICES, GRID)

    assert (cheap.start, cheap.end, cheap.price_per_kwh) == (START, START + 4 * QUARTER, 0.2)
    assert (dear.start, dear.end, dear.price_per_kwh) == (START + 4 * QUARTER, GRID.end, 0.4)
    assert peak_spans((0, 1, 3), GRID) == (
        (START, START + 2 * QUARTER),
        (START + 3 * QUARTER, START + 4 * QUARTER),
    )


def test_energy_terms_that_hold_together_are_added():
    two = PriceTerms(currency="EUR", energy=(*PRICES.energy, *PRICES.energy))

    assert [one.price_per_kwh for one in price_windows(two, GRID)] == [0.4, 0.8]
    assert price_windows(PriceTerms(currency="EUR"), GRID) == ()


def test_only_a_demand_charge_that_does_not_always_count_is_marked():
    figure = site_load([plan()], depot=DEPOT, dwells=DWELLS, prices=PRICES)

    texts = [one.text for one in figure.layout.annotations]
    assert any(text.startswith("peak of the evening: 5 EUR/kW") for text in texts)
    assert not any("peak all night" in text for text in texts)


def test_the_yard_has_a_row_a_connector_and_shares_of_its_full_power():
    figure = gantt(plan(), depot=DEPOT, dwells=DWELLS)

    power = trace(figure, "Power")
    # AC-1/1 gives 10 of its 10 kW, DC-1/1 20 of its 40 kW.
    assert list(power.y) == ["AC-1/1", "DC-1/1"]
    assert power.z[0][0] == 1.0
    assert power.z[1][-1] == 0.5
    assert list(trace(figure, "Stay").text) == ["van-1", "van-2"]
    # One hour is 3.6 million milliseconds.
    assert list(trace(figure, "Stay").x) == [3.6e6, 7.2e6]
    assert trace(figure, "Move a vehicle").text[0] == "van-1 from AC-1/1 to the waiting bays"


def test_a_plan_that_is_older_than_its_depot_has_rows_for_all_it_names():
    # DC-1 was taken down since; nobody remembers who stayed in the relaxed night.
    smaller = replace(DEPOT, stations=DEPOT.stations[:1])

    assigned = trace(gantt(plan(), depot=smaller, dwells=DWELLS), "Power")
    relaxed = trace(gantt(plan(occupancy="relaxed"), depot=smaller, dwells=()), "Power")

    assert list(assigned.y) == ["AC-1/1", "DC-1/1"]
    # Of its own highest power.
    assert assigned.z[1][-1] == 1.0
    assert list(relaxed.y) == ["van-1", "van-2"]


def test_a_relaxed_night_has_a_row_a_vehicle():
    figure = gantt(plan(occupancy="relaxed"), depot=DEPOT, dwells=DWELLS)

    assert list(trace(figure, "Power").y) == ["van-1", "van-2"]
    assert "One row a vehicle" in alt_text(figure)


def test_a_vehicle_below_its_must_is_told_apart():
    energy = pl.DataFrame(
        {
            "vehicle_id": ["a", "b"],
            "delivered_kwh": [5.0, 4.0],
            "must_kwh": [5.0, 5.0],
            "target_kwh": [6.0, 6.0],
        }
    )

    figure = readiness(energy)

    assert list(trace(figure, "Has its must").x) == ["a"]
    assert list(trace(figure, "Falls short of its must").x) == ["b"]
    assert "1 have less" in alt_text(figure)


def test_the_interval_that_set_a_charge_is_marked_at_its_height():
    set_by = datetime(2026, 11, 12, 9, 15, tzinfo=UTC)
    figure = demand_load(
        load(NOVEMBER[0], [1.0] * 96), bill=bill(*NOVEMBER, set_by=set_by), time_zone=AMSTERDAM
    )

    mark = trace(figure, "Demand: 300.00 EUR")
    assert (list(mark.x), list(mark.y)) == (["2026-11-12T09:15:00"], [30.0])
    # 09:15 UTC is 10:15 in Amsterdam in winter.
    assert "Thu 12 Nov 10:15" in alt_text(figure)


def test_a_load_outside_the_bills_period_is_not_drawn():
    before = NOVEMBER[0] - timedelta(hours=1)
    figure = demand_load(
        load(before, [9.0] * 4 + [1.0] * 4),
        bill=bill(*NOVEMBER, set_by=NOVEMBER[0]),
        time_zone=AMSTERDAM,
    )

    # Four quarter-hours, and the end of the last one.
    assert list(trace(figure, "Load").y) == [1.0] * 5


def test_a_single_quarter_hour_is_a_line():
    figures = (
        demand_load(load(START, [7.2]), bill=bill(*NOVEMBER, set_by=START), time_zone=AMSTERDAM),
        load_duration(load(START, [7.2])),
    )

    assert [list(figure.data[0].y) for figure in figures] == [[7.2, 7.2]] * 2
    # It lasts from 17:00 to 17:15 UTC, and that is all of the time.
    assert [list(figure.data[0].x) for figure in figures] == [
        ["2026-11-02T17:00:00", "2026-11-02T17:15:00"],
        [0.0, 1.0],
    ]


def test_a_missing_interval_stays_a_gap():
    figure = demand_load(
        load(NOVEMBER[0], [1.0, None, 2.0]),
        bill=bill(*NOVEMBER, set_by=NOVEMBER[0]),
        time_zone=AMSTERDAM,
    )

    assert list(trace(figure, "Load").y) == [1.0, None, 2.0, 2.0]
    assert trace(figure, "Load").connectgaps is False


def test_the_duration_curve_falls_and_keeps_its_peak_when_it_is_thinned():
    powers = [float(index % 97) for index in range(3 * MOST_POINTS)]

    figure = load_duration(load(START, [*powers, None]))

    drawn = list(figure.data[0].y)
    assert len(drawn) <= MOST_POINTS
    assert drawn[0] == 96.0
    assert drawn == sorted(drawn, reverse=True)


def test_an_empty_load_has_a_curve_without_points():
    assert "0 intervals" in alt_text(load_duration(load(START, [])))


def test_the_heat_map_shows_the_highest_quarter_of_each_hour():
    figure = heat_map(load(START, [1.0, 7.0, 2.0, 3.0, 4.0]), time_zone=AMSTERDAM)

    power = figure.data[0]
    # 17:00 UTC is 18:00 in Amsterdam.
    assert list(power.x) == ["2026-11-02"]
    assert (power.z[18][0], power.z[19][0], power.z[20][0]) == (7.0, 4.0, None)


def test_the_repeated_hour_of_autumn_shows_the_higher_of_its_two():
    # 02:00 in Amsterdam happens at 00:00 and at 01:00 UTC on 25 October 2026.
    clocks_back = datetime(2026, 10, 25, 0, tzinfo=UTC)
    figure = heat_map(load(clocks_back, [1.0] * 4 + [9.0] * 4), time_zone=AMSTERDAM)

    assert figure.data[0].z[2][0] == 9.0
    assert figure.data[0].z[3][0] is None


def test_a_bill_is_cut_into_its_families():
    figure = bill_lines([bill(*NOVEMBER, set_by=START)], time_zone=AMSTERDAM)

    assert {one.name: one.y[0] for one in figure.data} == {
        "Demand charges": 300.0,
        "Energy": 2.0,
        "Fixed charges": 5.0,
        "Total": 307.0,
    }


def test_every_family_of_lines_has_its_bar():
    one = bill(*NOVEMBER, set_by=START)
    kinds = ("energy", "demand", "fixed", "minimum", "export", "tax")
    lines = tuple(replace(one.lines[0], family=kind) for kind in kinds)

    figure = bill_lines([replace(one, lines=lines)], time_zone=AMSTERDAM)

    # Six families and their total: no line of a bill is missing from its picture.
    assert len(figure.data) == len(kinds) + 1
    assert len({bar.marker.color for bar in figure.data[:-1]}) == len(kinds)


def test_a_bill_of_part_of_a_month_says_so():
    part = bill(NOVEMBER[0] + timedelta(days=3), NOVEMBER[1], set_by=START)
    december = bill(NOVEMBER[1], datetime(2026, 12, 31, 23, tzinfo=UTC), set_by=START)

    assert bill_name(bill(*NOVEMBER, set_by=START), AMSTERDAM) == "November 2026"
    assert bill_name(part, AMSTERDAM) == "November 2026 (part)"
    assert bill_name(december, AMSTERDAM) == "December 2026"


def test_costs_are_cut_into_energy_demand_and_the_rest():
    figure = cost_comparison([plan(), plan("equal")])

    # chart_cases.header: 300 = 60 energy + 200 demand + 40 fixed.
    assert list(trace(figure, "Fixed charges").x) == [40.0, 40.0]
    assert list(trace(figure, "Energy").y) == ["This plan", "Equal share"]
    assert figure.layout.shapes[0].x0 == 290.0


def test_each_slack_is_a_line_of_what_it_costs_and_how_long_energy_waits():
    rows = pl.DataFrame(
        {
            "slack_min": [30, 0, 0],
            "extra_amount": [12.5, 0.0, 3.0],
            "waiting_h": [6.0, 7.0, 2.0],
            "care_per_kwh": [0.0, 0.0, 0.05],
            "unmet_kwh": [0.0, 0.0, 0.0],
        }
    )

    figure = preference_costs(rows, currency="USD")

    assert list(trace(figure, "done by the departure").x) == [3.0, 0.0]
    assert list(trace(figure, "done 30 min before leaving").y) == [6.0]
    assert "done 30 min before leaving from 12.50 USD" in alt_text(figure)


def test_a_policy_without_a_name_keeps_its_own():
    figure = cost_comparison([plan("a new policy")])

    assert list(trace(figure, "Energy").y) == ["a new policy"]


def test_the_live_load_spans_the_night_and_the_hour_to_come():
    late = GRID.end + timedelta(hours=3)

    figure = live_load(steps([20.0, 10.0]), steps([12.0]), depot=DEPOT, now=late, grid=GRID)

    assert list(figure.layout.xaxis.range) == ["2026-11-02T17:00:00", "2026-11-02T23:00:00"]
    assert list(trace(figure, "Measured").y) == [12.0]


def test_before_anything_is_planned_or_measured_the_limits_stand_alone():
    figure = live_load(steps([]), steps([]), depot=DEPOT, now=START, colours=LIGHT)

    assert len(figure.data) == 0
    assert "0.0 kW measured, operating limit 50 kW" in alt_text(figure)


def test_every_time_to_effect_is_counted_once_in_its_class():
    # Classes end at 0.5, 1, 2, 5, 10, 30, 60, 120 and 300 s; the end belongs to the class.
    assert counts([0.0, 0.5, 0.6, 61.0, 301.0]) == [2, 1, 0, 0, 0, 0, 0, 1, 0, 1]


def test_of_meters_nothing_is_said_where_nobody_drew_power_when_it_was_pushed():
    alone, both = time_to_effect([0.2, 0.4, 0.9], []), time_to_effect([0.2], [30.0])

    assert alt_text(alone) == "3 answered: half within 0.4 s, all within 0.9 s."
    assert [one.name for one in alone.data] == ["Answered"]
    assert [one.name for one in both.data] == ["Answered", "Seen in the meter"]


NARROW = """
[depot]
depot_id = "yard"
name = "Yard"
time_zone = "Europe/Amsterdam"
[grid]
service_kw = 99.0
operating_limit_kw = 90.0
[[circuit]]
circuit_id = "wide"
limit_kw = 99.0
[[circuit]]
circuit_id = "narrow"
parent_id = "wide"
limit_kw = 11.0
[[station]]
station_id = "A"
circuit_id = "narrow"
max_kw = 11.0
safe_limit_kw = 0.0
[[station]]
station_id = "B"
circuit_id = "narrow"
max_kw = 11.0
safe_limit_kw = 0.0
"""


def test_the_circuit_tree_frames_what_is_narrower_than_the_stations_below_it():
    depot = site_from_toml(NARROW, where="site").depot

    (boxes,) = circuit_tree(depot).data

    # Two stations of 11 kW below a circuit of 11 kW, in one of 99 kW.
    assert dict(zip(boxes.ids, boxes.values, strict=True)) == {
        "Service": 22.0,
        "wide": 22.0,
        "narrow": 22.0,
        "narrow: 2 × AC 11 kW": 22.0,
    }
    assert list(boxes.parents) == ["", "Service", "wide", "narrow"]
    assert [width > 0 for width in boxes.marker.line.width] == [
        False,
        False,
        True,
        False,
    ]
    assert "narrow" in alt_text(circuit_tree(depot))
    assert circuit_boxes(depot)["Limit (kW)"].to_list()[1:3] == [99.0, 11.0]
