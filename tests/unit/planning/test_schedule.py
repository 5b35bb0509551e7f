"""What is pushed: whole steps that follow the plan and keep every limit."""

import numpy as np
import pytest

from depotlib.errors import PlanNotPushableError
from depotlib.model.depot import Circuit, Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import Plan
from depotlib.model.release import ConnectorSchedule
from depotlib.planning.schedule import schedules_of_plan
from tests.planning_cases import at, depot_of, dwell, plan_of, prices_of, station

CHEAP_LATE = prices_of([0.3] * 4 + [0.1] * 4)


def schedules_of(plan: Plan, dwells: list[Dwell], depot: Depot) -> tuple[ConnectorSchedule, ...]:
    no_load_kw = np.zeros(plan.grid.count)
    return schedules_of_plan(plan, dwells, depot=depot, base_load_kw=no_load_kw)


def test_schedules_follow_each_other_on_a_connector_and_keep_the_energy():
    # One plug, two vans, changeover of 10 minutes: both charge, one after the other.
    dwells = [dwell("a", 0, 12, 5.0), dwell("b", 0, 12, 5.0)]
    depot = depot_of(station("A"))
    plan = plan_of(dwells, depot, prices_of([0.1] * 12))

    first, second = schedules_of(plan, dwells, depot)

    assert plan.header.pushable
    assert first.valid_to <= second.steps[0].start
    assert first.steps[0].start == at(0)
    for schedule in (first, second):
        energy_kwh = sum(0.25 * (schedule.limit_at(at(t)) or 0.0) for t in range(12))
        assert energy_kwh == pytest.approx(5.0)
        assert schedule.energy_target_kwh == pytest.approx(5.0)


def test_a_van_that_comes_between_two_intervals_waits_at_zero():
    dwells = [dwell("a", 0.4, 8, 5.0)]
    depot = depot_of(station("A"))
    plan = plan_of(dwells, depot, prices_of([0.1] * 8))

    (schedule,) = schedules_of(plan, dwells, depot)

    assert (schedule.steps[0].start, schedule.steps[0].limit_kw) == (dwells[0].arrival, 0.0)
    assert schedule.limit_at(at(1)) == 10.0


def test_the_interval_that_fills_the_vehicle_has_the_next_whole_limit():
    # 0.262 kWh: one step of 1.0 kW is 0.25 kWh, the rest asks for the step above.
    dwells = [dwell("a", 0, 1, 0.262)]
    depot = depot_of(station("A"))
    plan = plan_of(dwells, depot, prices_of([0.1] * 8))

    (schedule,) = schedules_of(plan, dwells, depot)

    assert schedule.limit_at(at(0)) == 1.1
    assert schedule.energy_target_kwh == pytest.approx(0.262)


@pytest.mark.parametrize(
    ("limit_kw", "circuit_kw", "most_kw"),
    [(5.05, 50.0, 5.0), (50.0, 5.05, 5.0), (50.0, 5.1, 5.1)],
)
def test_no_limit_is_exceeded_where_a_vehicle_is_full(
    limit_kw: float, circuit_kw: float, most_kw: float
):
    # 5.05 kW for one quarter-hour is all that the limit allows and all that is asked: a limit of
    # 5.1 kW would be above the site's or the circuit's.
    dwells = [dwell("a", 0, 1, 5.05 * 0.25)]
    depot = depot_of(
        station("A", circuit="c"),
        limit_kw=limit_kw,
        circuits=(Circuit("c", None, circuit_kw),),
    )
    plan = plan_of(dwells, depot, prices_of([0.1] * 4))

    (schedule,) = schedules_of(plan, dwells, depot)

    assert plan.setpoints["power_kw"].to_list() == pytest.approx([5.05], abs=1e-4)
    assert schedule.limit_at(at(0)) == most_kw


@pytest.mark.parametrize("seed", range(12))
def test_what_is_pushed_keeps_every_limit_of_the_site(seed: int):
    # Odd limits and energies, so that almost no power is a whole step.
    rng = np.random.default_rng(seed)
    limit_kw = float(np.round(rng.uniform(8, 25), 3))
    dwells = [
        dwell(f"v{n}", int(rng.integers(0, 4)), int(rng.integers(9, 16)), float(rng.uniform(2, 9)))
        for n in range(4)
    ]
    depot = depot_of(*(station(f"S{n}", min_kw=1.4) for n in range(4)), limit_kw=limit_kw)
    plan = plan_of(dwells, depot, prices_of(rng.uniform(0.1, 0.3, 16).tolist(), peak_price=3.0))

    schedules = schedules_of(plan, dwells, depot)

    pushed_kw = [sum(one.limit_at(at(t)) or 0.0 for one in schedules) for t in range(16)]
    planned_kwh = float(plan.setpoints["power_kw"].sum()) * 0.25
    assert max(pushed_kw) <= limit_kw + 1e-9
    # A vehicle loses less than one step of one interval: 0.025 kWh.
    assert sum(pushed_kw) * 0.25 >= planned_kwh - 4 * 0.025


def test_a_relaxed_plan_has_no_schedules():
    dwells = [dwell("a", 0, 8, 5.0)]
    depot = depot_of(station("A"))
    plan = plan_of(dwells, depot, CHEAP_LATE, occupancy="relaxed")

    with pytest.raises(PlanNotPushableError, match="cannot be pushed"):
        schedules_of(plan, dwells, depot)


def test_schedules_for_other_stays_are_refused():
    depot = depot_of(station("A"))
    plan = plan_of([dwell("a", 0, 8, 5.0)], depot, CHEAP_LATE)

    with pytest.raises(PlanNotPushableError, match="no stay that holds its window"):
        schedules_of(plan, [dwell("a", 4, 8, 1.0)], depot)
