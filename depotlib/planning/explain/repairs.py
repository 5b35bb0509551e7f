"""Repairs of a night in which not everything fits: each is planned again before it is offered.

A repair is the least change of one fact that delivers more: the search runs on the problem within
the plan's own windows, the figures are those of an audited plan of the changed facts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import numpy as np

from depotlib.model.dwell import Dwell
from depotlib.model.plan import Plan
from depotlib.planning.changes import with_energies, with_limit, with_stay
from depotlib.planning.explain.facts import (
    NightFacts,
    later_by,
    pools_of,
    room_for_limit_kw,
    with_departure,
    with_dwells,
    with_operating_limit,
    with_point,
)
from depotlib.planning.outcome import Outcome, delivered_kwh, outcome_of, outcome_of_plan
from depotlib.planning.problem import SITE, PlanningProblem
from depotlib.planning.sentence import (
    change_words,
    clock_words,
    duration_words,
    percent_words,
)
from depotlib.planning.solve import solve_problem

RepairKind = Literal["site_power", "departure", "reserve", "point", "duty"]
MOST_LATER_INTERVALS: Final = 8
_MOST_DEPARTURES: Final = 4
_NOTICEABLE_KWH: Final = 0.05
_PERCENT: Final = 0.01


@dataclass(frozen=True, slots=True)
class Repair:
    """One change of one fact, with what it delivers: figures of an audited plan.

    Parameters
    ----------
    kind : {'site_power', 'departure', 'reserve', 'point', 'duty'}
    facts : NightFacts
        With the change made: plan them, and get these figures.
    plan : Plan
        Of these facts.
    before, after : Outcome
    cures : bool
        Whether nobody is short any more.
    change_amount : float
        What the bill changes by; with more energy delivered it rises with that, too.
    sentence : str
    """

    kind: RepairKind
    facts: NightFacts
    plan: Plan
    before: Outcome
    after: Outcome
    cures: bool
    change_amount: float
    sentence: str


@dataclass(frozen=True, slots=True)
class ReserveKnob:
    """How the stays change when a smaller reserve is enough.

    Parameters
    ----------
    share : float
        Reserve of the target now, as a share of the battery.
    least_share : float
        The smallest that may be offered.
    dwells_at : callable
        The stays at another share: same vehicles, same order.
    """

    share: float
    least_share: float
    dwells_at: Callable[[float], tuple[Dwell, ...]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that is still to be planned.

    Parameters
    ----------
    kind : str
    facts : NightFacts
    words : str
        What changes, as the beginning of a sentence.
    """

    kind: RepairKind
    facts: NightFacts
    words: str


def repairs_of(
    facts: NightFacts, plan: Plan, *, made_at: datetime, reserve: ReserveKnob | None = None
) -> tuple[Repair, ...]:
    """Return repairs of a plan that falls short: those that cure first, then the cheapest.

    More power for the site, a later departure of one vehicle that is short, a smaller reserve, one
    more point of each pool; each only if its plan delivers more than the plan that falls short.

    Parameters
    ----------
    facts : NightFacts
    plan : Plan
        Of these facts; without shortfall there is nothing to repair.
    made_at : datetime
    reserve : ReserveKnob, optional
        Without it no smaller reserve is offered.

    Raises
    ------
    PlanningError
        If a plan cannot be made.
    """
    if not plan.shortfalls:
        return ()
    drafts = [
        *_site_power(facts, plan),
        *_departures(facts, plan),
        *_reserves(facts, plan, reserve=reserve),
        *(
            Draft("point", with_point(facts, pool), words=f"with one more {pool.upper()} point")
            for pool in pools_of(facts.depot)
        ),
    ]
    return planned_repairs(facts, plan, drafts=drafts, made_at=made_at)


def planned_repairs(
    facts: NightFacts, plan: Plan, *, drafts: Sequence[Draft], made_at: datetime
) -> tuple[Repair, ...]:
    """Return drafts with their plans, where these deliver more; the best first.

    Parameters
    ----------
    facts : NightFacts
    plan : Plan
        Before any change.
    drafts : sequence of Draft
    made_at : datetime

    Raises
    ------
    PlanningError
        If a plan cannot be made.
    """
    before = outcome_stated(plan)
    offered = [
        repair
        for draft in drafts
        if is_better(repair := planned_repair(facts, draft, before=before, made_at=made_at))
    ]
    return tuple(
        sorted(
            offered,
            key=lambda one: (
                -one.after.ready,
                not one.cures,
                one.after.unmet_kwh,
                one.change_amount,
            ),
        )
    )


def planned_repair(
    facts: NightFacts, draft: Draft, *, before: Outcome, made_at: datetime
) -> Repair:
    """Return a draft with the audited plan of its facts.

    Raises
    ------
    PlanningError
        If the plan cannot be made.
    """
    plan = draft.facts.plan(made_at=made_at)
    after = outcome_stated(plan)
    change_amount = after.bill_amount - before.bill_amount
    return Repair(
        kind=draft.kind,
        facts=draft.facts,
        plan=plan,
        before=before,
        after=after,
        cures=not after.is_short,
        change_amount=change_amount,
        sentence=(
            f"{draft.words}, {_ready_words(before, after)}; "
            f"{change_words(change_amount, facts.prices.currency)}"
        ),
    )


def outcome_stated(plan: Plan) -> Outcome:
    """Return what an audited plan comes to."""
    unmet_must_kwh = sum(shortfall.unmet_must_kwh for shortfall in plan.shortfalls)
    return outcome_of_plan(plan.header, unmet_must_kwh=unmet_must_kwh)


def is_better(repair: Repair) -> bool:
    """Return whether a repair's plan passed its audit and delivers more, nobody else paying."""
    before, after = repair.before, repair.after
    return (
        repair.plan.audit.passed
        and after.ready >= before.ready
        and (after.ready > before.ready or after.unmet_kwh < before.unmet_kwh - _NOTICEABLE_KWH)
    )


def _ready_words(before: Outcome, after: Outcome) -> str:
    ready = f"{after.ready} of {after.vehicles} vehicles are ready"
    if after.ready != before.ready:
        ready += f" instead of {before.ready}"
    if after.is_short:
        return (
            f"{ready} and {after.unmet_kwh:.1f} kWh instead of {before.unmet_kwh:.1f} are missing"
        )
    return f"{ready} and nothing is missing"


def _site_power(facts: NightFacts, plan: Plan) -> Iterator[Draft]:
    """Yield the least whole kW more that deliver all that more site power can deliver."""
    most_kw = int(room_for_limit_kw(facts))
    if most_kw < 1:
        return
    problem = facts.decided(plan)
    every = np.arange(problem.grid.count)

    def unmet_kwh(by_kw: int) -> float:
        return _unmet_kwh(with_limit(problem, SITE, intervals=every, by_kw=float(by_kw)))

    by_kw = _least(unmet_kwh, most=most_kw)
    if by_kw:
        limit_kw = facts.depot.grid.operating_limit_kw + by_kw
        yield Draft(
            "site_power",
            with_operating_limit(facts, limit_kw),
            words=f"with {by_kw} kW more for the site tonight ({limit_kw:g} kW)",
        )


def _departures(facts: NightFacts, plan: Plan) -> Iterator[Draft]:
    """Yield the least delay of each of those most short that gives them all a delay can give."""
    problem = facts.decided(plan)
    gap = -(-facts.depot.changeover_s // facts.grid.interval_s)
    for need in _most_short(problem):

        def unmet_kwh(intervals: int, need: int = need) -> float:
            return _unmet_kwh(with_stay(problem, need, intervals=intervals, gap=gap))

        intervals = _least(unmet_kwh, most=MOST_LATER_INTERVALS)
        dwell = facts.dwells[need]
        later = later_by(dwell, intervals=intervals, grid=facts.grid)
        if not intervals or later <= dwell.departure:
            continue
        zone = facts.time_zone
        yield Draft(
            "departure",
            with_departure(facts, need, departure=later),
            words=(
                f"with {dwell.vehicle_id} leaving at {clock_words(later, zone)} instead of "
                f"{clock_words(dwell.departure, zone)} "
                f"({duration_words(later - dwell.departure)} later)"
            ),
        )


def _reserves(facts: NightFacts, plan: Plan, *, reserve: ReserveKnob | None) -> Iterator[Draft]:
    """Yield the largest whole percent of reserve below today's that leaves least missing."""
    if reserve is None:
        return
    problem = facts.decided(plan)
    steps = int((reserve.share - reserve.least_share) / _PERCENT + _PERCENT)

    def unmet_kwh(step: int) -> float:
        dwells = reserve.dwells_at(reserve.share - step * _PERCENT)
        return _unmet_kwh(
            with_energies(
                problem,
                must_kwh=np.array([dwell.energy_must_kwh for dwell in dwells]),
                target_kwh=np.array([dwell.energy_target_kwh for dwell in dwells]),
            )
        )

    step = _least(unmet_kwh, most=steps)
    if step:
        share = reserve.share - step * _PERCENT
        yield Draft(
            "reserve",
            with_dwells(facts, enumerate(reserve.dwells_at(share))),
            words=f"with a reserve of {percent_words(share)} instead of "
            f"{percent_words(reserve.share)}",
        )


def _most_short(problem: PlanningProblem) -> list[int]:
    """Return the needs that a plan leaves short, the one short of most of its must first."""
    given_kwh = delivered_kwh(problem, solve_problem(problem).task_kw)
    must_kwh = np.maximum(0.0, problem.needs.energy_must_kwh - given_kwh)
    target_kwh = np.maximum(0.0, problem.needs.energy_target_kwh - given_kwh)
    order = np.lexsort((-target_kwh, -must_kwh)).tolist()
    return [need for need in order if target_kwh[need] > _NOTICEABLE_KWH][:_MOST_DEPARTURES]


def _unmet_kwh(problem: PlanningProblem) -> float:
    """Return what is missing, a missing must weighing more than any target."""
    outcome = outcome_of(problem)
    return outcome.unmet_kwh + outcome.unmet_must_kwh


def _least(unmet_kwh: Callable[[int], float], *, most: int) -> int:
    """Return the least step of those that leave as little missing as the greatest; 0: none helps.

    To change more never leaves more missing.
    """
    if most < 1:
        return 0
    best_kwh = unmet_kwh(most)
    if best_kwh >= unmet_kwh(0) - _NOTICEABLE_KWH:
        return 0
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if unmet_kwh(middle) <= best_kwh + _NOTICEABLE_KWH:
            high = middle
        else:
            low = middle
    return high
