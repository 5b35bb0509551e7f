"""Who is ready when some leave before their time, and how evenly what there is was shared."""

import numpy as np
import pytest

from depotlib.errors import ProblemError
from depotlib.planning.early_leaving import EarlyLeaving, chances_if_some_leave_early
from depotlib.planning.evenness import jain_share, met_shares, slack_shares
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.ready_chance import sigmas_kwh
from depotlib.planning.solve import solve_problem
from tests.planning_cases import depot_of, dwell, prices_of, relaxed, station

NIGHTS = 20_000
FOUR_SIGMA = 4.0


def late_charged(*sigma_kwh: float) -> tuple[PlanningProblem, FloatArray, FloatArray]:
    """Vans of must 8 and target 10 kWh, two hours at 10 kW: charged in the cheap second hour."""
    dwells = [
        dwell(f"v{n}", 0, 8, 10.0, energy_must_kwh=8.0, energy_sigma_kwh=sigma)
        for n, sigma in enumerate(sigma_kwh)
    ]
    depot = depot_of(station("A", plugs=len(dwells)))
    problem = relaxed(dwells, depot, prices_of([0.5] * 4 + [0.1] * 4))
    return problem, solve_problem(problem).task_kw, sigmas_kwh(dwells)


def test_chances_are_those_of_nights_in_which_some_are_fetched_early():
    problem, task_kw, sigma_kwh = late_charged(0.5, 2.0)
    early = EarlyLeaving(share=0.3, early_s=20 * 60)

    chances = chances_if_some_leave_early(problem, task_kw, sigma_kwh=sigma_kwh, early=early)

    # Nights played one by one; 20 minutes before the end of the cheap hour 40 of its 60 are over.
    random = np.random.default_rng(42)
    is_early = random.random((NIGHTS, 2)) < early.share
    given_kwh = np.where(is_early, 10.0 * 40 / 60, 10.0)
    need_kwh = np.maximum(0.0, 8.0 + random.standard_normal((NIGHTS, 2)) * sigma_kwh)
    seen = np.mean(given_kwh >= need_kwh, axis=0)
    error = np.sqrt(chances * (1 - chances) / NIGHTS)
    assert np.all(np.abs(seen - chances) <= FOUR_SIGMA * error + 1e-3)


def test_a_certain_need_is_ready_unless_it_is_fetched_too_early():
    problem, task_kw, sigma_kwh = late_charged(0.0)

    # 8 of the 10 kWh are there after 48 minutes of the cheap hour.
    for early_minutes, chance in ((0, 1.0), (12, 1.0), (13, 0.9), (240, 0.9)):
        early = EarlyLeaving(share=0.1, early_s=early_minutes * 60)
        chances = chances_if_some_leave_early(problem, task_kw, sigma_kwh=sigma_kwh, early=early)
        assert chances.tolist() == [chance]


@pytest.mark.parametrize(
    ("share", "early_s"), [(-0.1, 60.0), (1.1, 60.0), (0.1, -1.0), (float("nan"), 60.0)]
)
def test_what_is_no_share_or_no_time_is_refused(share: float, early_s: float):
    with pytest.raises(ProblemError, match="cannot leave"):
        EarlyLeaving(share=share, early_s=early_s)


def test_ten_percent_and_45_minutes_are_said_in_words():
    assert EarlyLeaving().words == "10% leave 45 min early"


def test_evenness_is_jains_index():
    # Jain, Chiu, Hawe 1984: 1 for equal parts, k / n when k of n share evenly and the rest get none.
    assert jain_share(np.array([0.7, 0.7, 0.7])) == pytest.approx(1.0)
    assert jain_share(np.array([1.0, 1.0, 0.0, 0.0])) == pytest.approx(0.5)
    assert jain_share(np.array([1.0, 0.5])) == pytest.approx(2.25 / 2.5)
    assert jain_share(np.zeros(3)) == 1.0


def test_a_van_gets_its_part_and_spares_what_it_does_not_need_of_its_stay():
    problem, task_kw, _ = late_charged(1.0)

    # 10 kWh at 10 kW take one of the two hours.
    assert slack_shares(problem).tolist() == pytest.approx([0.5])
    assert met_shares(problem, task_kw).tolist() == pytest.approx([1.0])
    assert met_shares(problem, task_kw / 4).tolist() == pytest.approx([0.25])
