"""What a change of one fact is worth: an hour more, a kWh less, one more point. Each solved again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from depotlib.model.plan import Plan
from depotlib.planning.changes import with_energy, with_stay
from depotlib.planning.explain.facts import NightFacts, later_by, pools_of, with_point
from depotlib.planning.explain.shadow import ShadowPrices, shadow_prices
from depotlib.planning.outcome import (
    Outcome,
    delivered_kwh,
    outcome_of,
    outcome_of_solution,
)
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.sentence import clock_words, duration_words, saving_words
from depotlib.planning.solution import Solution
from depotlib.planning.yard.bounds import least_swaps
from depotlib.units import SECONDS_PER_HOUR

STEP_KWH: Final = 1.0
_LEAST_AMOUNT: Final = 0.005
_LEAST_KWH: Final = 0.01


@dataclass(frozen=True, slots=True)
class DepartureValue:
    """What it is worth that a vehicle leaves later.

    Parameters
    ----------
    vehicle_id : str
    departure, later : datetime
    saved_amount : float
        What the bill falls by, solved again.
    gained_kwh : float
        Energy that is no longer missing, of all vehicles.
    sentence : str
    """

    vehicle_id: str
    departure: datetime
    later: datetime
    saved_amount: float
    gained_kwh: float
    sentence: str


@dataclass(frozen=True, slots=True)
class EnergyValue:
    """What a kWh less for one vehicle is worth, and one more costs.

    Parameters
    ----------
    vehicle_id : str
    price_per_kwh : float
        Dual of its energy: a slope between the two differences.
    step_kwh : float
    saved_by_less_amount : float
        What the bill falls by with one step less, solved again.
    lost_by_more_amount : float
        What the bill rises by with one step more, solved again.
    short_by_more_kwh : float
        Of one step more, what nobody can deliver.
    sentence : str
    """

    vehicle_id: str
    price_per_kwh: float
    step_kwh: float
    saved_by_less_amount: float
    lost_by_more_amount: float
    short_by_more_kwh: float
    sentence: str


@dataclass(frozen=True, slots=True)
class PointValue:
    """What one more point of a pool is worth.

    Parameters
    ----------
    pool : str
    max_kw : float
    saved_amount : float
        What the bill falls by, planned again with new connector windows.
    gained_kwh : float
        Energy that is no longer missing.
    swaps_saved : int
        By how many the least number of swaps falls, by counting.
    is_bound : bool
        Whether the saving needed no new plan: even without any wait for a plug nothing is saved.
    sentence : str
    """

    pool: str
    max_kw: float
    saved_amount: float
    gained_kwh: float
    swaps_saved: int
    is_bound: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Solved:
    """A problem with its solution, its outcome and its duals.

    Parameters
    ----------
    problem : PlanningProblem
    solution : Solution
    outcome : Outcome
    shadow : ShadowPrices
    """

    problem: PlanningProblem
    solution: Solution
    outcome: Outcome
    shadow: ShadowPrices


def solved(problem: PlanningProblem, solution: Solution) -> Solved:
    """Return a solution with what all values start from.

    Raises
    ------
    SolverError
        If the duals cannot be found.
    """
    return Solved(
        problem=problem,
        solution=solution,
        outcome=outcome_of_solution(problem, solution),
        shadow=shadow_prices(solution.priced or problem, delivered_kwh(problem, solution.task_kw)),
    )


def departure_values(
    solved: Solved,
    facts: NightFacts,
    *,
    later_s: int = SECONDS_PER_HOUR,
    most: int = 6,
) -> tuple[DepartureValue, ...]:
    """Return the vehicles for which a later departure is worth most, the best first.

    Duals say for every vehicle how much it could save at the most; those with the most are solved
    again, and only those that save or gain something are told.

    Parameters
    ----------
    solved : Solved
    facts : NightFacts
    later_s : int
        By how much they leave later [s]; up to the end of the grid.
    most : int
        How many are solved again.

    Raises
    ------
    SolverError
        If a solver fails.
    """
    problem, intervals = solved.problem, later_s // facts.grid.interval_s
    gap = -(-facts.depot.changeover_s // facts.grid.interval_s)
    values = [
        _departure_value(solved, facts, need=need, intervals=intervals, gap=gap)
        for need in _worth_waiting(solved, intervals)[:most]
        if problem.needs.last[need] < problem.grid.count
    ]
    told = [
        one for one in values if one.saved_amount > _LEAST_AMOUNT or one.gained_kwh > _LEAST_KWH
    ]
    return tuple(sorted(told, key=lambda one: (-one.gained_kwh, -one.saved_amount, one.vehicle_id)))


def energy_values(
    solved: Solved, *, needs: Sequence[int] | None = None, most: int = 4, step_kwh: float = STEP_KWH
) -> tuple[EnergyValue, ...]:
    """Return the vehicles whose energy is dearest, with what a kWh of it is worth.

    Parameters
    ----------
    solved : Solved
    needs : sequence of int, optional
        These; default: the `most` of the greatest dual.
    most : int
    step_kwh : float

    Raises
    ------
    SolverError
        If a solver fails.
    """
    if needs is None:
        order = np.argsort(-solved.shadow.energy_per_kwh, kind="stable").tolist()
        wanted = solved.problem.needs.energy_target_kwh
        needs = [need for need in order if wanted[need] >= step_kwh][:most]
    return tuple(_energy_value(solved, need, step_kwh=step_kwh) for need in needs)


def point_values(solved: Solved, facts: NightFacts, *, made_at: datetime) -> tuple[PointValue, ...]:
    """Return what one more point of each pool is worth.

    Raises
    ------
    PlanningError
        If a plan cannot be made.
    """
    return tuple(
        _point_value(solved, facts, pool=pool, made_at=made_at) for pool in pools_of(facts.depot)
    )


def _worth_waiting(solved: Solved, intervals: int) -> list[int]:
    """Return the needs that could gain by leaving later: the short first, then by the most saved."""
    problem = solved.problem
    given_kwh = delivered_kwh(problem, solved.solution.task_kw)
    short_kwh = problem.needs.energy_target_kwh - given_kwh
    most_amount = np.array(
        [
            solved.shadow.most_saved_amount(
                problem, need, first=int(last), last=int(last) + intervals
            )
            for need, last in enumerate(problem.needs.last)
        ]
    )
    order = np.lexsort((-most_amount, -np.where(short_kwh > _LEAST_KWH, short_kwh, 0.0)))
    return [
        need
        for need in order.tolist()
        if short_kwh[need] > _LEAST_KWH or most_amount[need] > _LEAST_AMOUNT
    ]


def _departure_value(
    solved: Solved, facts: NightFacts, *, need: int, intervals: int, gap: int
) -> DepartureValue:
    dwell = facts.dwells[need]
    then = outcome_of(with_stay(solved.problem, need, intervals=intervals, gap=gap))
    later = later_by(dwell, intervals=intervals, grid=facts.grid)
    saved_amount = solved.outcome.bill_amount - then.bill_amount
    gained_kwh = max(0.0, solved.outcome.unmet_kwh - then.unmet_kwh)
    result = saving_words(saved_amount, facts.prices.currency)
    if gained_kwh > _LEAST_KWH:
        result = f"delivers {gained_kwh:.1f} kWh that are missing now"
    zone = facts.time_zone
    return DepartureValue(
        vehicle_id=dwell.vehicle_id,
        departure=dwell.departure,
        later=later,
        saved_amount=saved_amount,
        gained_kwh=gained_kwh,
        sentence=(
            f"{dwell.vehicle_id} leaving at {clock_words(later, zone)} instead of "
            f"{clock_words(dwell.departure, zone)}, "
            f"{duration_words(later - dwell.departure)} later, {result}"
        ),
    )


def _energy_value(solved: Solved, need: int, *, step_kwh: float) -> EnergyValue:
    problem, now = solved.problem, solved.outcome
    less = outcome_of(with_energy(problem, need, by_kwh=-step_kwh))
    more = outcome_of(with_energy(problem, need, by_kwh=step_kwh))
    vehicle_id, currency = problem.needs.vehicle_ids[need], problem.prices.currency
    saved_amount = now.bill_amount - less.bill_amount
    lost_amount = more.bill_amount - now.bill_amount
    short_kwh = max(0.0, more.unmet_kwh - now.unmet_kwh)
    more_words = saving_words(-lost_amount, currency)
    if short_kwh > _LEAST_KWH:
        more_words = f"leaves {short_kwh:.1f} kWh undelivered"
    return EnergyValue(
        vehicle_id=vehicle_id,
        price_per_kwh=float(solved.shadow.energy_per_kwh[need]),
        step_kwh=step_kwh,
        saved_by_less_amount=saved_amount,
        lost_by_more_amount=lost_amount,
        short_by_more_kwh=short_kwh if short_kwh > _LEAST_KWH else 0.0,
        sentence=(
            f"{step_kwh:g} kWh less for {vehicle_id} {saving_words(saved_amount, currency)}; "
            f"{step_kwh:g} kWh more {more_words}"
        ),
    )


def _point_value(solved: Solved, facts: NightFacts, *, pool: str, made_at: datetime) -> PointValue:
    richer = with_point(facts, pool)
    max_kw = richer.depot.stations[-1].max_kw
    swaps = least_swaps(facts.dwells, facts.depot) - least_swaps(richer.dwells, richer.depot)
    # No plan is better than the one in which nobody waits for a plug: often that says it all.
    best = outcome_of(richer.relaxed())
    now = solved.outcome
    is_bound = not (
        best.unmet_kwh < now.unmet_kwh - _LEAST_KWH
        or best.bill_amount < now.bill_amount - _LEAST_AMOUNT
    )
    if is_bound or facts.occupancy == "relaxed":
        then = now if is_bound else best
    else:
        then = _outcome_planned(richer, richer.plan(made_at=made_at))
    saved_amount = now.bill_amount - then.bill_amount
    gained_kwh = max(0.0, now.unmet_kwh - then.unmet_kwh)
    result = saving_words(saved_amount, facts.prices.currency)
    if gained_kwh > _LEAST_KWH:
        result = f"delivers {gained_kwh:.1f} kWh that are missing now"
    spared = f" and spares {swaps} swap{'s' if swaps > 1 else ''} a night" if swaps else ""
    return PointValue(
        pool=pool,
        max_kw=max_kw,
        saved_amount=saved_amount,
        gained_kwh=gained_kwh,
        swaps_saved=swaps,
        is_bound=is_bound,
        sentence=f"one more {pool.upper()} point of {max_kw:g} kW {result}{spared}",
    )


def _outcome_planned(facts: NightFacts, plan: Plan) -> Outcome:
    """Return the outcome within a plan's windows: as free of least powers as what it is held to."""
    return outcome_of(facts.decided(plan))
