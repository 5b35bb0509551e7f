"""Whoever waits for a plan is told how far it is, and may have the best so far."""

import threading

import numpy as np
import pytest

from depotlib.errors import SolverTimeError
from depotlib.planning.budget import budget_of
from depotlib.planning.linear_program import LinearProgram, solve_linear
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.watch import GRACE_S, PlanProgress, Watch
from depotlib.planning.yard.assignment import SWAPS_FOR_MONEY
from tests.planning_cases import MADE_AT
from tests.yard_cases import START, TimeGrid, depot_of, prices_of, stay

# Sixteen quarter-hours; the cheap ones in the middle are wanted by all.
PRICES = prices_of(*[0.4] * 5, *[0.1] * 5, *[0.3] * 6, peak_per_kw=2.0)
DEPOT = depot_of(11.0, 11.0, 7.4)
VANS = [stay(f"v{n}", n % 4, 16 - n % 3, 6.0 + n) for n in range(7)]


class Clock:
    """Seconds that pass when a test says so."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def plan_of(watch: Watch):
    return plan_night(
        VANS,
        DEPOT,
        grid=TimeGrid(START, 900, 16),
        prices=PRICES,
        base_load_kw=np.zeros(16),
        order=PlanOrder(
            made_at=MADE_AT, timer=lambda: 0.0, watch=watch, yard_policy=SWAPS_FOR_MONEY
        ),
    )


def test_nobody_hurries_a_budget_until_somebody_wishes_an_end():
    clock = Clock()
    watch = Watch(timer=clock)
    budget = budget_of(100.0, timer=clock, watch=watch)

    assert (budget.left_s(), budget.is_spent) == (100.0, False)
    watch.ask_to_stop()
    assert (budget.left_s(), budget.is_spent) == (GRACE_S, False)
    clock.now_s = GRACE_S
    assert budget.is_spent
    # A solver that is called at all is given a moment.
    assert budget.left_s() == 0.05


def test_each_stage_that_is_left_has_its_own_seconds_after_a_wish():
    clock = Clock()
    watch = Watch(timer=clock)
    watch.tell(PlanProgress("windows"))
    watch.ask_to_stop()
    clock.now_s = 2 * GRACE_S

    assert watch.is_over
    watch.tell(PlanProgress("powers"))

    assert watch.left_s == GRACE_S


def test_a_solver_is_interrupted_once_its_seconds_are_over_and_not_before():
    clock, interrupted = Clock(), []
    watch = Watch(timer=clock)

    with watch.interrupting(lambda: interrupted.append(clock.now_s)):
        watch.ask_to_stop()
        watch.ask_to_stop()
        clock.now_s = GRACE_S
        watch.ask_to_stop()
    watch.ask_to_stop()

    assert interrupted == [GRACE_S]


def test_whoever_wants_no_plan_any_more_interrupts_at_once():
    clock, interrupted = Clock(), []
    watch = Watch(timer=clock)

    with watch.interrupting(lambda: interrupted.append(clock.now_s)):
        watch.give_up()

    assert interrupted == [0.0]
    assert watch.is_over


def test_the_stages_are_told_in_order_with_a_bound_that_every_plan_so_far_keeps():
    told: list[PlanProgress] = []

    header = plan_of(Watch(told.append)).header

    stages = list(dict.fromkeys(one.stage for one in told))
    assert stages == ["bound", "windows", "powers", "audit"]
    assert {one.bound_amount for one in told[1:]} == {header.bound_amount}
    found = [one for one in told if one.incumbent_amount is not None]
    assert [one.drafts for one in found if one.stage == "windows"] == list(
        range(1, found[-1].drafts + 1)
    )
    # 1e-3: the bill in the drafts' own search is rounded to milliwatt-hours.
    assert all(
        one.incumbent_amount >= header.bound_amount - 1e-3 for one in found if not one.unmet_kwh
    )
    assert not header.is_stopped_early


def test_a_wish_while_places_are_looked_for_leaves_a_plan_that_says_so_with_its_true_gap():
    told: list[PlanProgress] = []

    def stop_there(progress: PlanProgress) -> None:
        told.append(progress)
        if progress.stage == "windows":
            watch.ask_to_stop()

    watch = Watch(stop_there, timer=lambda: 0.0)
    stopped, whole = plan_of(watch), plan_of(Watch())

    assert max(one.drafts for one in told) == 1
    assert stopped.audit.passed, stopped.audit.violations[:3]
    assert stopped.header.bound_amount == pytest.approx(whole.header.bound_amount)
    gap = (stopped.header.bill_amount - whole.header.bound_amount) / whole.header.bound_amount
    assert stopped.header.gap_share == pytest.approx(gap)
    # What is proven the cheapest is called so; all else says that it was stopped.
    assert stopped.header.is_stopped_early == (stopped.header.status != "optimal")


def dense_program(size: int) -> LinearProgram:
    """Return a dense program with whole numbers, of which a solver finds no end in a moment."""
    rng = np.random.default_rng(3)
    return LinearProgram(
        cost=-rng.uniform(50, 100, size),
        lower=np.zeros(size),
        upper=np.ones(size),
        row_lower=np.full(size, -np.inf),
        row_upper=np.full(size, 12.0 * size),
        row=np.repeat(np.arange(size), size),
        column=np.tile(np.arange(size), size),
        value=rng.uniform(1, 100, size * size),
        whole_columns=np.arange(size),
    )


def test_a_solver_that_cannot_be_interrupted_is_left_alone():
    watch = Watch()
    watch.give_up()

    with pytest.raises(SolverTimeError, match="left before its end"):
        solve_linear(dense_program(40), solver="highs", time_limit_s=2.0, watch=watch)

    # It ends by its own limit: a process that ended before it would end with a complaint of it.
    left = [one for one in threading.enumerate() if one.name == "solver"]
    for one in left:
        one.join(timeout=20.0)
    assert not any(one.is_alive() for one in left)


def test_a_solver_that_is_watched_says_the_same():
    program = dense_program(6)

    watched = solve_linear(program, solver="highs", watch=Watch())

    assert watched.objective_amount == pytest.approx(
        solve_linear(program, solver="highs").objective_amount
    )
