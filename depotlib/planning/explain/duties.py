"""Other vehicles for the same duties, where that saves a departure or money: planned again.

The duals of the plan bound what any exchange can save (a dual solution of the old night is one of
the new night as well), so most of them are refused unsolved, and the refusal is a proof.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

import numpy as np

from depotlib.model.dwell import Dwell
from depotlib.model.plan import Plan
from depotlib.planning.explain.facts import NightFacts, with_dwells
from depotlib.planning.explain.repairs import (
    Draft,
    Repair,
    is_better,
    outcome_stated,
    planned_repair,
)
from depotlib.planning.explain.values import Solved, solved
from depotlib.planning.formulation import relaxed_problem
from depotlib.planning.outcome import Outcome, outcome_of
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.sentence import saving_words
from depotlib.planning.solve import solve_problem

LEAST_SAVED_AMOUNT: Final = 1.0
_NOTICEABLE_KWH: Final = 0.05
_LEAST_AMOUNT: Final = 0.005
_TRIED: Final = 12
_PLANNED: Final = 3


@dataclass(frozen=True, slots=True)
class DutyOption:
    """Duties given to other vehicles.

    Parameters
    ----------
    kind : {'exchange', 'spare'}
        Two vehicles exchange their duties, or a spare vehicle takes one.
    vehicle_ids : tuple of str
        Who is concerned.
    changed : tuple of (int, Dwell)
        Index of each stay that is another one then, and what it is.
    words : str
        Beginning of a sentence.
    """

    kind: Literal["exchange", "spare"]
    vehicle_ids: tuple[str, ...]
    changed: tuple[tuple[int, Dwell], ...]
    words: str


@dataclass(frozen=True, slots=True)
class DutyAdvice:
    """What other vehicles for the same duties could do.

    Parameters
    ----------
    repairs : tuple of Repair
        Those worth it, the best first; each with its audited plan.
    considered : int
        How many options there were.
    most_saved_amount : float
        No option saves more, proven by the duals of the night without plugs.
    most_gained_kwh : float
        The most that any option could add to what its vehicles can take by themselves.
    sentence : str
    """

    repairs: tuple[Repair, ...]
    considered: int
    most_saved_amount: float
    most_gained_kwh: float
    sentence: str


@dataclass(frozen=True, slots=True)
class _Screen:
    """Bounds on what each option can do: energy it could add, money it could save."""

    gained_kwh: FloatArray
    saved_amount: FloatArray


def duty_advice(
    facts: NightFacts,
    plan: Plan,
    *,
    options: Sequence[DutyOption],
    made_at: datetime,
    least_saved_amount: float = LEAST_SAVED_AMOUNT,
) -> DutyAdvice:
    """Return the options that save a departure, missing energy or money.

    Parameters
    ----------
    facts : NightFacts
    plan : Plan
        Of these facts.
    options : sequence of DutyOption
    made_at : datetime
    least_saved_amount : float
        Where nobody is short, an option must save more than this.

    Raises
    ------
    PlanningError
        If a plan cannot be made.
    """
    problem = facts.relaxed()
    start = solved(problem, solve_problem(problem))
    screen = _screened(start, facts, options=options)
    order: list[int] = np.lexsort((-screen.saved_amount, -np.round(screen.gained_kwh, 2))).tolist()
    worth = [
        index
        for index in order
        if screen.gained_kwh[index] > _NOTICEABLE_KWH
        or screen.saved_amount[index] > least_saved_amount
    ][:_TRIED]
    tried = [(options[index], _relaxed_outcome(facts, options[index])) for index in worth]
    ranked = sorted(
        (pair for pair in tried if _is_worth(start.outcome, pair[1], least=least_saved_amount)),
        key=lambda pair: (-pair[1].ready, round(pair[1].unmet_kwh, 2), pair[1].bill_amount),
    )
    before = outcome_stated(plan)
    repairs = [
        planned_repair(
            facts,
            Draft("duty", with_dwells(facts, option.changed), words=option.words),
            before=before,
            made_at=made_at,
        )
        for option, _ in ranked[:_PLANNED]
    ]
    offered = [
        one
        for one in repairs
        if is_better(one)
        or (one.plan.audit.passed and _is_worth(before, one.after, least=least_saved_amount))
    ]
    return _advice(facts, offered, screen=screen)


def _advice(facts: NightFacts, offered: list[Repair], *, screen: _Screen) -> DutyAdvice:
    most_amount = float(screen.saved_amount.max(initial=0.0))
    best = sorted(
        offered, key=lambda one: (-one.after.ready, one.after.unmet_kwh, one.change_amount)
    )
    ways = f"none of {len(screen.saved_amount):,} other ways to give out the duties"
    none = (
        f"{ways} is worth it: the best {saving_words(most_amount, facts.prices.currency)} at the "
        "most"
        if most_amount >= _LEAST_AMOUNT
        else f"{ways} saves anything"
    )
    return DutyAdvice(
        repairs=tuple(best),
        considered=len(screen.saved_amount),
        most_saved_amount=most_amount,
        most_gained_kwh=float(screen.gained_kwh.max(initial=0.0)),
        sentence=best[0].sentence if best else none,
    )


def _relaxed_outcome(facts: NightFacts, option: DutyOption) -> Outcome:
    return outcome_of(with_dwells(facts, option.changed).relaxed())


def _is_worth(before: Outcome, after: Outcome, *, least: float) -> bool:
    """Return whether a departure or energy is saved, or money without any loss of these."""
    if after.ready != before.ready:
        return after.ready > before.ready
    if abs(after.unmet_kwh - before.unmet_kwh) > _NOTICEABLE_KWH:
        return after.unmet_kwh < before.unmet_kwh
    return after.bill_amount < before.bill_amount - least


def _screened(start: Solved, facts: NightFacts, *, options: Sequence[DutyOption]) -> _Screen:
    """Return the bounds of every option: new stays against old ones, each alone at the duals."""
    stays = [dwell for option in options for _, dwell in option.changed]
    old_amount, old_short_kwh = _alone(start.problem, start)
    new_amount, new_short_kwh = _alone(_problem_of(facts, stays), start)
    gained_kwh, saved_amount = np.zeros(len(options)), np.zeros(len(options))
    at = 0
    for index, option in enumerate(options):
        own = [old for old, _ in option.changed]
        new = slice(at, at + len(own))
        gained_kwh[index] = old_short_kwh[own].sum() - new_short_kwh[new].sum()
        saved_amount[index] = old_amount[own].sum() - new_amount[new].sum()
        at += len(own)
    return _Screen(gained_kwh=gained_kwh, saved_amount=saved_amount)


def _problem_of(facts: NightFacts, stays: Sequence[Dwell]) -> PlanningProblem:
    # Each stands alone here, so that one vehicle may stand here many times.
    alone = [replace(stay, vehicle_id=str(number)) for number, stay in enumerate(stays)]
    return relaxed_problem(
        alone,
        facts.depot,
        grid=facts.grid,
        prices=facts.prices,
        base_load_kw=facts.base_load_kw,
    )


def _alone(problem: PlanningProblem, start: Solved) -> tuple[FloatArray, FloatArray]:
    """Return what each stay costs at the duals by itself, and what it cannot take at all.

    Its cheapest intervals at its greatest power: no dual price of its energy is needed.
    """
    tasks, interval_h = problem.tasks, problem.grid.interval_h
    wanted_kwh = problem.needs.energy_target_kwh
    amount, short_kwh = np.zeros(len(wanted_kwh)), np.zeros(len(wanted_kwh))
    price_per_kwh = start.shadow.power_per_kw / interval_h
    for task, need in enumerate(tasks.need.tolist()):
        span = slice(int(tasks.first[task]), int(tasks.last[task]))
        prices = np.sort(price_per_kwh[int(tasks.node[task]), span])
        each_kwh = float(tasks.max_kw[task]) * interval_h
        left_kwh = wanted_kwh[need] - each_kwh * np.arange(len(prices))
        taken_kwh = np.clip(left_kwh, 0.0, each_kwh)
        amount[need] = float(prices @ taken_kwh)
        short_kwh[need] = max(0.0, wanted_kwh[need] - each_kwh * len(prices))
    return amount, short_kwh
