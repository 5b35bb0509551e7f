"""What limits, hours, energy and points are worth, by arithmetic."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from depotlib.planning.explain.conflict import conflicts_of, missing_kwh, without_facts
from depotlib.planning.explain.explanation import ExplainOrder, explain_plan
from depotlib.planning.explain.facts import NightFacts
from depotlib.planning.explain.limits import limit_values
from depotlib.planning.explain.peak_cut import peak_cuts
from depotlib.planning.explain.values import departure_values, energy_values, point_values, solved
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.solve import solve_problem
from tests.planning_cases import MADE_AT, at, depot_of, dwell, grid_of, prices_of, relaxed, station

UTC = ZoneInfo("UTC")
CHEAP_LATE = prices_of([0.3] * 4 + [0.1] * 4)
LEVEL = prices_of([0.1] * 8, peak_price=4.0)


def night(*dwells, prices=LEVEL, limit_kw: float = 100.0) -> NightFacts:
    return NightFacts(
        dwells=dwells,
        depot=depot_of(station("A", plugs=3), limit_kw=limit_kw),
        grid=grid_of(len(prices.energy[0].price_per_kwh)),
        prices=prices,
        base_load_kw=np.zeros(len(prices.energy[0].price_per_kwh)),
        occupancy="relaxed",
    )


def start_of(facts: NightFacts):
    problem = facts.relaxed()
    return solved(problem, solve_problem(problem))


def test_a_limit_is_worth_what_it_moves_to_cheap_hours_and_its_hours_stand_together():
    # 4 kW in the cheap hour, 5 kWh wanted: a kW more in all four moves 1 kWh, worth 0.2; a kW
    # less moves one back.
    problem = relaxed([dwell("a", 0, 8, 5.0)], depot_of(station("A"), limit_kw=4.0), CHEAP_LATE)

    (value,) = limit_values(problem, solve_problem(problem), time_zone=UTC)

    assert value.name == "site_limit"
    assert [(span.start, span.end) for span in value.spans] == [(at(4), at(8))]
    assert value.price_per_kw == pytest.approx(0.2, abs=1e-6)
    assert value.saved_by_more_amount == pytest.approx(0.2, abs=1e-4)
    assert value.lost_by_less_amount == pytest.approx(0.2, abs=1e-4)
    assert not value.is_degenerate
    assert "from 19:00 to 20:00: 1 kW more saves 0.20 USD; 1 kW less costs 0.20 USD" in (
        value.sentence
    )


def test_a_degenerate_limit_says_both_sides():
    # 5 kW in the cheap hour by the site and by the plug alike, 8 kWh wanted: a kW more for one of
    # them saves nothing, a kW less costs 1 kWh x 0.2. The dual lies between: never one price for
    # both.
    problem = relaxed(
        [dwell("a", 0, 8, 8.0)], depot_of(station("A", max_kw=5.0), limit_kw=5.0), CHEAP_LATE
    )

    (value,) = limit_values(problem, solve_problem(problem), time_zone=UTC)

    assert value.saved_by_more_amount == pytest.approx(0.0, abs=1e-4)
    assert value.lost_by_less_amount == pytest.approx(0.2, abs=1e-4)
    assert value.is_degenerate
    assert -1e-6 <= value.price_per_kw <= 0.2 + 1e-6
    assert "1 kW more saves nothing; 1 kW less costs 0.20 USD" in value.sentence


def test_a_peak_is_set_by_the_vehicles_that_have_no_other_hours():
    # a and b need 6 kWh in one hour, c 2 kWh in two: c stays away from them, 6 kW are forced.
    problem = relaxed(
        [dwell("a", 0, 4, 3.0), dwell("b", 0, 4, 3.0), dwell("c", 0, 8, 2.0)],
        depot_of(station("A", plugs=3)),
        LEVEL,
    )
    solution = solve_problem(problem)

    (cut,) = peak_cuts(problem, solution.task_kw, time_zone=UTC)

    # Closed form: energy that must fall into the hours over their length = 6 kWh / 1 h.
    assert cut.peak_kw == pytest.approx(6.0, abs=1e-4)
    assert cut.is_forced
    assert cut.vehicle_ids == ("a", "b")
    assert [(span.start, span.end) for span in cut.spans] == [(at(0), at(4))]
    assert cut.energy_kwh == pytest.approx(6.0, abs=1e-3)
    assert "a and b fill the hours from 18:00 to 19:00 (6 kWh)" in cut.sentence


def test_a_peak_that_money_sets_names_what_a_lower_one_would_move():
    # 5 kWh in the cheap hour at 5 kW: a kW less would move 1 kWh, dearer by 0.2, to save 0.1.
    prices = prices_of([0.3] * 4 + [0.1] * 4, peak_price=0.1)
    problem = relaxed([dwell("a", 0, 8, 5.0)], depot_of(station("A")), prices)

    (cut,) = peak_cuts(problem, solve_problem(problem).task_kw, time_zone=UTC)

    assert not cut.is_forced
    assert cut.moved_per_kw_amount == pytest.approx(0.2, abs=1e-3)
    assert [(span.start, span.end) for span in cut.spans] == [(at(4), at(8))]


def test_a_peak_that_was_paid_before_is_set_by_nobody():
    prices = prices_of([0.1] * 8, peak_price=4.0, sunk_kw=50.0)
    problem = relaxed([dwell("a", 0, 8, 5.0)], depot_of(station("A")), prices)

    assert peak_cuts(problem, solve_problem(problem).task_kw, time_zone=UTC) == ()


def test_an_hour_more_is_worth_the_peak_that_it_levels():
    # 6 kWh in one hour: 6 kW at 4.0. In two hours 3 kW: 12.0 saved.
    facts = night(dwell("a", 0, 4, 6.0), dwell("b", 0, 8, 0.0))

    (value,) = departure_values(start_of(facts), facts)

    assert (value.vehicle_id, value.departure, value.later) == ("a", at(4), at(8))
    assert value.saved_amount == pytest.approx(12.0, abs=1e-3)
    assert "a leaving at 20:00 instead of 19:00, an hour later, saves 12.00 USD" in value.sentence


def test_an_hour_more_gives_what_is_missing():
    facts = night(dwell("a", 0, 4, 12.0), dwell("b", 0, 8, 0.0))

    (value,) = departure_values(start_of(facts), facts)

    # 10 kW for an hour; the rest takes twelve minutes of the next.
    assert value.gained_kwh == pytest.approx(2.0, abs=1e-3)
    assert "delivers 2.0 kWh that are missing now" in value.sentence


def test_a_kilowatt_hour_costs_its_price_and_its_part_of_the_peak():
    # One more kWh in two hours: half a kW at 4.0, and 0.1.
    facts = night(dwell("a", 0, 8, 6.0))

    (value,) = energy_values(start_of(facts))

    assert value.price_per_kwh == pytest.approx(2.1, abs=1e-4)
    assert value.saved_by_less_amount == pytest.approx(2.1, abs=1e-3)
    assert value.lost_by_more_amount == pytest.approx(2.1, abs=1e-3)


def test_one_more_point_is_worth_nothing_where_no_plug_and_no_power_is_short():
    facts = night(dwell("a", 0, 8, 6.0))

    (value,) = point_values(start_of(facts), facts, made_at=MADE_AT)

    assert value.is_bound
    assert (value.saved_amount, value.gained_kwh, value.swaps_saved) == (0.0, 0.0, 0)
    assert value.sentence == "one more AC point of 10 kW saves nothing"


def test_one_more_point_spares_a_wait_for_a_plug():
    # One plug, two vehicles of 10 kWh in the same hour: the second is short of all.
    facts = replace(
        night(dwell("a", 0, 4, 10.0), dwell("b", 0, 4, 10.0), prices=prices_of([0.1] * 4)),
        depot=depot_of(station("A")),
        occupancy="assigned",
    )
    plan = facts.plan(made_at=MADE_AT)
    problem = facts.decided(plan)

    (value,) = point_values(solved(problem, solve_problem(problem)), facts, made_at=MADE_AT)

    assert not value.is_bound
    assert value.gained_kwh == pytest.approx(10.0, abs=1e-2)
    assert value.swaps_saved == 1


def short_night() -> PlanningProblem:
    """Return 18 kWh wanted in one hour at 15 kW; c has hours of its own."""
    return relaxed(
        [dwell("a", 0, 4, 9.0), dwell("b", 0, 4, 9.0), dwell("c", 4, 8, 5.0)],
        depot_of(station("A", plugs=3), limit_kw=15.0),
        LEVEL,
    )


def test_a_conflict_names_vehicles_hours_and_limit_and_nobody_else():
    problem = short_night()

    (conflict,) = conflicts_of(problem, time_zone=UTC)

    assert conflict.vehicle_ids == ("a", "b")
    assert [(span.start, span.end) for span in conflict.spans] == [(at(0), at(4))]
    assert {fact.kind for fact in conflict.facts} == {"need", "stay", "limit"}
    assert conflict.missing_kwh == pytest.approx(3.0, abs=1e-3)
    assert "the site's operating limit leaves at most 15.0 kW from 18:00 to 19:00" in (
        conflict.sentence
    )


def test_without_any_fact_of_a_conflict_everything_fits():
    problem = short_night()
    (conflict,) = conflicts_of(problem, time_zone=UTC)

    for fact in conflict.facts:
        assert missing_kwh(without_facts(problem, [fact])) <= 1e-4
        assert fact.is_enough


def test_two_places_have_two_conflicts():
    stays = [dwell(f"{pool}{n}", 0, 4, 9.0, pool=pool) for pool in "xy" for n in range(2)]
    depot = depot_of(
        station("A", plugs=2, station_kw=15.0, pool="x"),
        station("B", plugs=2, station_kw=15.0, pool="y"),
    )

    conflicts = conflicts_of(relaxed(stays, depot, LEVEL), time_zone=UTC)

    assert sorted(conflict.vehicle_ids for conflict in conflicts) == [("x0", "x1"), ("y0", "y1")]
    # Neither alone makes the night fit.
    assert not any(fact.is_enough for conflict in conflicts for fact in conflict.facts)


def test_a_vehicle_that_stays_too_short_conflicts_with_itself():
    problem = relaxed([dwell("a", 0, 4, 12.0)], depot_of(station("A")), LEVEL)

    (conflict,) = conflicts_of(problem, time_zone=UTC)

    assert {fact.kind for fact in conflict.facts} == {"need", "stay", "power"}
    assert "a draws at most 10 kW" in conflict.sentence
    assert "a can charge from 18:00 to 19:00 only" in conflict.sentence


def test_a_wish_that_does_not_fit_is_told_where_all_musts_do():
    stay = dwell("a", 0, 4, 12.0, energy_must_kwh=5.0)

    (conflict,) = conflicts_of(relaxed([stay], depot_of(station("A")), LEVEL), time_zone=UTC)

    assert conflict.energy == "target"


def test_a_stay_of_no_whole_interval_is_its_own_conflict():
    problem = relaxed([dwell("a", 0.2, 0.8, 1.0)], depot_of(station("A")), LEVEL)

    (conflict,) = conflicts_of(problem, time_zone=UTC)

    assert "the stay of a holds no whole interval" in conflict.sentence


def test_an_explanation_tells_the_urgent_first():
    facts = replace(
        night(dwell("a", 0, 4, 9.0), dwell("b", 0, 4, 9.0)),
        depot=depot_of(station("A", plugs=3), limit_kw=15.0, service_kw=30.0),
    )
    plan = facts.plan(made_at=MADE_AT)

    explanation = explain_plan(facts, plan, order=ExplainOrder(made_at=MADE_AT))

    sentences = explanation.sentences()
    assert sentences[0] == explanation.conflicts[0].sentence
    assert sentences[1] == explanation.repairs[0].sentence
    assert {repair.kind for repair in explanation.repairs} >= {"site_power", "departure"}
    assert explanation.duties is None
    assert [step.step_kw for step in explanation.site_steps] == [-10.0, 10.0]
    # 18 kWh in the hour need 18 kW: 10 kW more deliver the 3 kWh that are missing.
    assert "10 kW more for the site all night delivers 3.0 kWh that are missing now" in sentences
