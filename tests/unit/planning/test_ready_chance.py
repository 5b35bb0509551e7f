"""P(ready) is calibrated: what is said to happen in p of the nights happens in p of the nights."""

from dataclasses import replace

import numpy as np
import pytest

from depotlib.errors import ProblemError
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.ready_chance import ready_chances, sigmas_kwh
from depotlib.planning.solve import solve_problem
from tests.highs_reference import reference_bill
from tests.planning_cases import depot_of, dwell, prices_of, relaxed, station

NIGHTS = 4000
FOUR_SIGMA = 4.0


def night(*sigma_kwh: float, limit_kw: float = 100.0) -> tuple[PlanningProblem, FloatArray]:
    """Return vans of must 8 and target 10 kWh, two hours at 10 kW each, and their deviations."""
    dwells = [
        dwell(f"v{n}", 0, 8, 10.0, energy_must_kwh=8.0, energy_sigma_kwh=sigma)
        for n, sigma in enumerate(sigma_kwh)
    ]
    depot = depot_of(station("A", plugs=len(dwells)), limit_kw=limit_kw)
    return relaxed(dwells, depot, prices_of([0.1] * 8)), sigmas_kwh(dwells)


def test_a_plan_that_is_followed_is_as_likely_ready_as_played_nights_say():
    problem, sigma_kwh = night(0.5, 1.0, 2.0, 4.0)
    task_kw = solve_problem(problem).task_kw

    chances = ready_chances(problem, task_kw, sigma_kwh=sigma_kwh, samples=1)

    # Nights played one by one: the van charges along its setpoints until it has what it needs.
    random = np.random.default_rng(7)
    seen = np.zeros(4)
    for _ in range(NIGHTS):
        need_kwh = np.maximum(0.0, 8.0 + random.standard_normal(4) * sigma_kwh)
        for van in range(4):
            battery_kwh = 0.0
            for power_kw in task_kw[van]:
                battery_kwh += min(power_kw * 0.25, max(0.0, need_kwh[van] - battery_kwh))
            seen[van] += battery_kwh >= need_kwh[van] - 1e-4
    for chance, share in zip(chances, seen / NIGHTS, strict=True):
        error = np.sqrt(chance.as_planned_share * (1 - chance.as_planned_share) / NIGHTS)
        assert abs(share - chance.as_planned_share) <= FOUR_SIGMA * error + 1e-3
    # Phi(2 / sigma) for sigma 0.5, 1, 2, 4: a table of the normal distribution.
    assert [c.as_planned_share for c in chances] == pytest.approx(
        [0.99997, 0.97725, 0.84134, 0.69146], abs=1e-4
    )


def test_a_night_planned_again_is_as_likely_ready_as_another_solver_finds():
    # 16 kWh for two vans of 8 and 2 kWh of deviation each: both are ready when their needs come to
    # 16 kWh at most, in half of the nights; one always is.
    problem, sigma_kwh = night(2.0, 2.0, limit_kw=8.0)
    task_kw = solve_problem(problem).task_kw

    chances = ready_chances(problem, task_kw, sigma_kwh=sigma_kwh, samples=120, seed=11)

    # The same nights, drawn by the stated method from the stated seed, judged by HiGHS.
    ready = 0
    for deviation in np.random.default_rng(11).standard_normal((120, 2)):
        need_kwh = np.maximum(0.0, 8.0 + deviation * 2.0)
        needs = replace(problem.needs, energy_target_kwh=need_kwh, energy_must_kwh=np.zeros(2))
        most_kwh = reference_bill(replace(problem, needs=needs))[0]
        ready += 2 if most_kwh >= need_kwh.sum() - 1e-4 else 1
    expected = sum(chance.planned_again_share for chance in chances)
    assert expected == pytest.approx(ready / 120, abs=1e-9)
    assert expected == pytest.approx(1.5, abs=FOUR_SIGMA * np.sqrt(0.25 / 120))


def test_what_is_said_of_many_vans_holds_in_every_class_of_chance():
    random = np.random.default_rng(5)
    sigma_kwh = random.uniform(0.3, 6.0, 60)
    problem, _ = night(*sigma_kwh.tolist(), limit_kw=600.0)
    task_kw = solve_problem(problem).task_kw

    chances = ready_chances(problem, task_kw, sigma_kwh=sigma_kwh, samples=1)

    said = np.array([chance.as_planned_share for chance in chances])
    need_kwh = np.maximum(0.0, 8.0 + random.standard_normal((500, 60)) * sigma_kwh)
    came_true = (need_kwh <= 10.0).mean(axis=0)
    for low, high in ((0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.001)):
        inside = (said >= low) & (said < high)
        assert inside.any()
        error = np.sqrt(0.25 / (500 * inside.sum()))
        assert came_true[inside].mean() == pytest.approx(
            said[inside].mean(), abs=FOUR_SIGMA * error
        )


def test_planning_again_is_never_less_likely_to_make_the_fleet_ready():
    problem, sigma_kwh = night(1.0, 3.0, 3.0, limit_kw=15.0)

    chances = ready_chances(problem, solve_problem(problem).task_kw, sigma_kwh=sigma_kwh)

    again = sum(chance.planned_again_share for chance in chances)
    as_planned = sum(chance.as_planned_share for chance in chances)
    assert again >= as_planned - sum(chance.half_width_share for chance in chances)


def test_a_certain_need_is_ready_or_not_and_nothing_between():
    problem, sigma_kwh = night(0.0, 0.0, limit_kw=4.0)

    chances = ready_chances(problem, solve_problem(problem).task_kw, sigma_kwh=sigma_kwh)

    # 4 kW for two hours are 8 kWh: one van's must.
    assert sorted(chance.as_planned_share for chance in chances) == [0.0, 1.0]
    assert sum(chance.planned_again_share for chance in chances) == 1.0
    assert {chance.half_width_share for chance in chances} == {0.0}


def test_the_same_seed_draws_the_same_nights():
    problem, sigma_kwh = night(2.0, 2.0, limit_kw=8.0)
    task_kw = solve_problem(problem).task_kw

    one, other = (
        ready_chances(problem, task_kw, sigma_kwh=sigma_kwh, samples=20, seed=3) for _ in range(2)
    )

    assert one == other


def test_a_need_without_deviation_is_refused():
    problem, _ = night(1.0, 1.0)

    for wrong in (np.array([1.0]), np.array([1.0, -1.0]), np.array([1.0, np.nan])):
        with pytest.raises(ProblemError, match="standard deviation"):
            ready_chances(problem, np.zeros((2, 8)), sigma_kwh=wrong)
