from dataclasses import replace

import numpy as np
import pytest

from depotlib.errors import PathError, PolicyError, SolverError
from depotlib.model.price_terms import BlockTerm, EnergyTerm, PeakTerm, PriceTerms
from depotlib.planning.baselines import BASELINES
from depotlib.planning.cost import cost_of
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.linear_program import LinearProgram, solve_linear
from depotlib.planning.lp import PARTS
from depotlib.planning.lp.assembler import assemble
from depotlib.planning.lp.claims import whole_claims
from depotlib.planning.lp.path import solve_lp
from depotlib.planning.plan import POLICIES
from depotlib.planning.solve import solve_problem
from tests.planning_cases import (
    MADE_AT,
    depot_of,
    dwell,
    plan_of,
    prices_of,
    relaxed,
    station,
)

CHEAP_LATE = prices_of([0.3] * 4 + [0.1] * 4)


def test_the_cheap_hours_are_used_and_of_equal_ones_the_earliest():
    problem = relaxed([dwell("a", 0, 8, 5.0)], depot_of(station("A")), CHEAP_LATE)

    for solve in (solve_flow, solve_lp):
        task_kw = solve(problem).task_kw

        assert task_kw[0] == pytest.approx([0, 0, 0, 0, 10, 10, 0, 0], abs=1e-4)


def test_a_demand_price_is_weighed_against_the_energy_price():
    # 5 kWh in four cheap quarter-hours: 5 kW. A kW more than that moves nothing; a kW less would
    # move 1 kWh to 0.3: dearer by 0.2, saving 0.1 of demand. So the peak is 5 kW.
    prices = prices_of([0.3] * 4 + [0.1] * 4, peak_price=0.1)
    plan = plan_of([dwell("a", 0, 8, 5.0)], depot_of(station("A")), prices, occupancy="relaxed")

    assert plan.header.peak_kw == pytest.approx(5.0)
    assert plan.header.bill_amount == pytest.approx(0.5 + 0.5)


def test_a_high_demand_price_levels_the_load():
    # At 1 a kW the kWh is moved until all eight are level: 5 kWh over 2 h.
    prices = prices_of([0.3] * 4 + [0.1] * 4, peak_price=1.0)

    plan = plan_of([dwell("a", 0, 8, 5.0)], depot_of(station("A")), prices, occupancy="relaxed")

    assert plan.header.peak_kw == pytest.approx(2.5)


def test_a_peak_that_is_paid_already_is_used():
    prices = prices_of([0.3] * 4 + [0.1] * 4, peak_price=50.0, sunk_kw=8.0)

    plan = plan_of([dwell("a", 0, 8, 5.0)], depot_of(station("A")), prices, occupancy="relaxed")

    # All in the cheap hours, at most 8 kW; the sunk peak is billed anyhow.
    assert plan.header.demand_amount == pytest.approx(400.0)
    assert plan.header.energy_amount == pytest.approx(0.5)
    assert plan.header.peak_kw <= 8.0 + 1e-6


def test_bindings_name_the_limit_and_its_worth():
    # The site gives 4 kW: 1 kWh of the cheap hour for 1 kW more, worth 0.2; van a needs 5 kWh and
    # the cheap hour holds 4. A kW more in one quarter-hour moves 0.25 kWh: 0.05.
    problem = relaxed([dwell("a", 0, 8, 5.0)], depot_of(station("A"), limit_kw=4.0), CHEAP_LATE)

    for solve in (solve_flow, solve_lp):
        worth = {b.name: b.price_per_kw for b in solve(problem).bindings}

        assert worth == pytest.approx({f"site_limit[{t}]": 0.05 for t in range(4, 8)})


def test_the_least_peak_comes_first_when_it_is_asked_for():
    plan = plan_of(
        [dwell("a", 0, 8, 5.0), dwell("b", 4, 6, 4.0)],
        depot_of(station("A", plugs=2)),
        CHEAP_LATE,
        occupancy="relaxed",
        objective="peak",
    )

    # b alone needs 8 kW in its half hour; 5 kWh of a fit beside it.
    assert plan.header.peak_kw == pytest.approx(8.0, abs=1e-5)
    assert plan.header.bill_amount == pytest.approx(4 * 0.1 + 4 * 0.1 + 1 * 0.3, abs=1e-4)


def test_tiers_on_a_part_of_the_night_take_the_linear_path_and_are_weighed():
    # In the first hour the first 1 kWh costs nothing more, the rest 0.5 more; 4 kWh are wanted and
    # the second hour is 0.2 dearer: 1 kWh in the first hour, 3 in the second.
    prices = PriceTerms(
        "USD",
        energy=(EnergyTerm("E", (0.1,) * 4 + (0.3,) * 4),),
        blocks=(BlockTerm("Tiers", (0, 1, 2, 3), (1.0,), (0.0, 0.5)),),
    )
    problem = relaxed([dwell("a", 0, 8, 4.0)], depot_of(station("A")), prices)

    solution = solve_problem(problem)

    assert solution.path == "lp"
    assert solution.task_kw[0, :4].sum() * 0.25 == pytest.approx(1.0, abs=1e-5)
    assert solution.bound_amount == pytest.approx(0.1 + 3 * 0.3)
    with pytest.raises(PathError, match="'Tiers' count only a part of the night"):
        solve_problem(problem, path="flow")


def test_falling_tiers_on_a_part_of_the_night_are_refused():
    prices = replace(CHEAP_LATE, blocks=(BlockTerm("Tiers", (0, 1, 2, 3), (1.0,), (0.5, 0.0)),))

    with pytest.raises(PathError, match="fall from tier to tier"):
        solve_problem(relaxed([dwell("a", 0, 8, 4.0)], depot_of(station("A")), prices))


def test_tiers_on_the_whole_night_stay_on_the_fast_path():
    prices = replace(CHEAP_LATE, blocks=(BlockTerm("Tiers", tuple(range(8)), (1.0,), (0.5, 0.0)),))
    problem = relaxed([dwell("a", 0, 8, 4.0)], depot_of(station("A")), prices)

    solution = solve_problem(problem)

    # One cheap hour holds 10 kWh: 4 at 0.1, and the first of them costs 0.5 more.
    assert solution.path == "flow"
    assert solution.bound_amount == pytest.approx(0.4 + 0.5)


def test_a_minimum_charge_is_the_least_bill():
    plan = plan_of(
        [dwell("a", 0, 8, 4.0)],
        depot_of(station("A")),
        replace(CHEAP_LATE, minimum_amount=25.0),
        occupancy="relaxed",
    )

    assert (plan.header.bill_amount, plan.header.bound_amount) == (25.0, 25.0)
    assert plan.audit.passed


def test_a_peak_term_without_intervals_costs_its_floor():
    prices = PriceTerms("USD", peaks=(PeakTerm("Contract", (), 2.0, floor_kw=30.0),))
    problem = relaxed([], depot_of(station("A")), replace(prices, energy=CHEAP_LATE.energy))

    solution = solve_flow(problem)

    assert solution.bound_amount == pytest.approx(60.0)
    assert cost_of(problem, solution.task_kw).bill_amount == pytest.approx(60.0)


def test_every_policy_makes_an_audited_plan_and_the_optimum_is_the_cheapest():
    dwells = [dwell(f"v{n}", n, 8, 5.0) for n in range(3)]
    depot = depot_of(station("A"), station("B"), station("C"), limit_kw=12.0)
    prices = prices_of([0.3] * 4 + [0.1] * 4, peak_price=0.02)

    plans = {policy: plan_of(dwells, depot, prices, policy=policy) for policy in POLICIES}

    assert set(plans) == {"optimal", *(baseline.name for baseline in BASELINES)}
    for policy, plan in plans.items():
        assert plan.header.path == ("flow" if policy == "optimal" else "baseline")
        assert plan.audit.passed is (policy != "uncontrolled")
        if plan.header.unmet_kwh == 0:
            assert plan.header.bill_amount >= plans["optimal"].header.bill_amount - 1e-9
    assert plans["optimal"].header.status == "optimal"


def test_a_policy_that_leaves_somebody_short_says_so():
    # First come takes all of the 10 kW in the only hour that b has; the optimum lets it wait.
    dwells = [dwell("a", 0, 8, 10.0), dwell("b", 0, 4, 6.0)]

    plan = plan_of(
        dwells, depot_of(station("A"), station("B"), limit_kw=10.0), CHEAP_LATE, policy="fcfs"
    )

    assert plan.header.status == "shortfall"
    assert {one.vehicle_id: one.reason for one in plan.shortfalls} == {
        "b": "the policy fcfs serves others first; a plan could serve it"
    }


@pytest.mark.parametrize(
    ("stay", "reason"),
    [
        (dwell("a", 0.1, 0.9, 1.0), "its stay holds no whole interval of the plan"),
        (
            dwell("a", 0, 4, 20.0),
            "its own power and stay: at most 10 kW for 1 h give 10.0 kWh",
        ),
    ],
)
def test_a_stay_that_is_too_short_is_a_shortfall_with_its_reason(stay, reason: str):
    plan = plan_of([stay], depot_of(station("A")), CHEAP_LATE, occupancy="relaxed")

    assert [one.reason for one in plan.shortfalls] == [reason]
    assert plan.header.status == "shortfall"
    assert plan.audit.passed


def test_a_vehicle_without_connector_is_a_shortfall_with_the_yards_reason():
    dwells = [dwell("a", 0, 8, 10.0), dwell("b", 0, 8, 10.0, min_kw=20.0, max_kw=30.0)]

    plan = plan_of(dwells, depot_of(station("A")), CHEAP_LATE)

    assert [(one.vehicle_id, one.unmet_kwh) for one in plan.shortfalls] == [("b", 10.0)]
    assert "no connector that fits" in plan.shortfalls[0].reason
    assert plan.audit.passed


def test_plan_ids_are_digests_of_what_was_decided():
    one, other = (
        plan_of([dwell("a", 0, 8, 5.0)], depot_of(station("A")), CHEAP_LATE) for _ in "12"
    )
    more = plan_of([dwell("a", 0, 8, 5.5)], depot_of(station("A")), CHEAP_LATE)

    assert one.header.plan_id == other.header.plan_id != more.header.plan_id
    assert one.header.made_at == MADE_AT


def test_an_unknown_policy_is_refused_with_those_there_are():
    with pytest.raises(PolicyError, match="no policy 'newest'") as caught:
        plan_of([], depot_of(station("A")), CHEAP_LATE, policy="newest")

    assert "uncontrolled, fcfs, edf, llf, equal, price_greedy" in caught.value.hint


def test_rows_of_the_linear_model_have_names_with_their_indices():
    depot = depot_of(station("A"), limit_kw=5.0)
    prices = replace(
        prices_of([0.1] * 4, peak_price=2.0),
        blocks=(BlockTerm("Tiers", (0,), (1.0,), (0.0, 0.5)),),
    )
    problem = relaxed([dwell("a", 0, 4, 1.0, pool="ac")], depot, prices)
    claims = replace(whole_claims(problem), granted_kwh=(1.0,))

    model = assemble(problem, claims, parts=PARTS)
    names = {model.row_name(row) for row in range(len(model.program.row_lower))}

    assert {
        "energy[a]",
        "readiness[0]",
        "site_limit[3]",
        "pool_limit[ac,2]",
        "peak[Demand,1]",
        "tier[Tiers]",
    } <= names


def program(**changes: np.ndarray) -> LinearProgram:
    # maximise x with x <= 1
    parts = {
        "cost": np.array([-1.0]),
        "lower": np.array([0.0]),
        "upper": np.array([np.inf]),
        "row_lower": np.array([-np.inf]),
        "row_upper": np.array([1.0]),
        "row": np.array([0]),
        "column": np.array([0]),
        "value": np.array([1.0]),
    }
    return LinearProgram(**(parts | changes))


@pytest.mark.parametrize("solver", ["glop", "highs"])
def test_a_linear_program_is_solved_with_its_duals(solver):
    solution = solve_linear(program(), solver=solver)

    assert (solution.objective_amount, solution.values.tolist()) == (-1.0, [1.0])
    assert solution.row_duals.tolist() == [-1.0]


def test_a_linear_program_without_solution_is_an_error_with_the_solvers_word():
    with pytest.raises(SolverError, match="infeasible"):
        solve_linear(program(row_upper=np.array([-1.0])))


def test_a_linear_program_that_the_solver_refuses_shows_the_solvers_own_message():
    with pytest.raises(SolverError, match="refuses the program"):
        solve_linear(program(value=np.array([np.nan])))
