"""Explain a night's plan: why it is as it is, what would change it, who may not be ready."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from depotlib.model.calendar import zone
from depotlib.model.dwell import Dwell
from depotlib.model.plan import Occupancy, Plan
from depotlib.needs.arrival import homecoming, next_duty_of
from depotlib.needs.duty_choice import DutyChange, duty_changes
from depotlib.needs.night import need_before_duty
from depotlib.planning.explain.duties import DutyOption
from depotlib.planning.explain.explanation import ExplainOrder, Explanation, explain_plan
from depotlib.planning.explain.facts import NightFacts
from depotlib.planning.explain.repairs import Repair, ReserveKnob
from depotlib.planning.knobs.frontier import FrontierPlan, frontier
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.solve import solve_problem
from depotlib.settings import Settings
from depotlib.units import SECONDS_PER_MINUTE
from depotlib.workflows.tonight import (
    NO_NIGHT_CHOICES,
    NightChoices,
    Tonight,
    gather_tonight,
    night_of,
    policy_of,
    readings_for,
)

LEAST_RESERVE_SHARE: Final = 0.0


@dataclass(frozen=True, slots=True)
class NightExplained:
    """A night's plan with its explanation.

    Parameters
    ----------
    tonight : Tonight
    plan : Plan
    explanation : Explanation
    """

    tonight: Tonight
    plan: Plan
    explanation: Explanation


def explain_tonight(
    settings: Settings,
    *,
    now: datetime,
    choices: NightChoices = NO_NIGHT_CHOICES,
    occupancy: Occupancy = "assigned",
) -> NightExplained:
    """Return the plan of a night with its explanation; nothing is kept.

    Parameters
    ----------
    settings : Settings
    now : datetime
    choices : NightChoices, optional
    occupancy : {'assigned', 'relaxed'}

    Raises
    ------
    StoreMissingError, RecordMissingError
        If something the night rests on is not there; says what.
    PlanningError
        If the facts contradict each other.
    """
    tonight = gather_tonight(settings, now=now, choices=choices)
    facts = facts_of(tonight, occupancy=occupancy)
    plan = plan_night(
        facts.dwells,
        facts.depot,
        grid=facts.grid,
        prices=facts.prices,
        base_load_kw=facts.base_load_kw,
        order=PlanOrder(made_at=now, occupancy=occupancy, preference=tonight.preference),
    )
    explanation = explain_night(settings, tonight, plan=plan, now=now)
    return NightExplained(tonight=tonight, plan=plan, explanation=explanation)


def explain_night(
    settings: Settings, tonight: Tonight, *, plan: Plan, now: datetime
) -> Explanation:
    """Return the explanation of a plan that has just been made from gathered facts.

    Parameters
    ----------
    settings : Settings
    tonight : Tonight
    plan : Plan
        Of these facts.
    now : datetime

    Raises
    ------
    ExplainError
        If the plan was made from other facts.
    PlanningError
        If something cannot be solved again.
    """
    order = ExplainOrder(
        made_at=now,
        reserve=_reserve_knob(settings, tonight, now=now) if plan.shortfalls else None,
        duty_options=_duty_options(settings, tonight, now=now),
    )
    facts = facts_of(tonight, occupancy=plan.header.occupancy)
    return explain_plan(facts, plan, order=order)


def frontier_of(tonight: Tonight, plan: Plan) -> tuple[FrontierPlan, ...]:
    """Return what slack before departures and battery care cost on a night, plan by plan.

    Within the connector windows of a plan, if it has any.

    Raises
    ------
    ExplainError
        If the plan was made from other facts.
    SolverError
        If a solver fails.
    """
    problem = facts_of(tonight, occupancy=plan.header.occupancy).decided(plan)
    return frontier(problem, solve_problem(problem))


def preference_costs(tonight: Tonight, plan: Plan) -> pl.DataFrame:
    """Return the plans of `frontier_of` as rows: what each costs, its slack, how long energy waits.

    Columns: ``slack_min``, ``care_per_kwh`` (what a kWh that waits an hour is held to cost),
    ``bill_amount``, ``extra_amount``, ``waiting_h``, ``peak_kw``, ``ready``, ``unmet_kwh``,
    ``is_dominated``.

    Raises
    ------
    ExplainError
        If the plan was made from other facts.
    SolverError
        If a solver fails.
    """
    return pl.DataFrame(
        [
            {
                "slack_min": one.slack_s // SECONDS_PER_MINUTE,
                "care_per_kwh": one.preference.waiting_per_kwh,
                "bill_amount": one.outcome.bill_amount,
                "extra_amount": one.extra_amount,
                "waiting_h": one.waiting_h,
                "peak_kw": one.outcome.peak_kw,
                "ready": one.outcome.ready,
                "unmet_kwh": one.outcome.unmet_kwh,
                "is_dominated": one.is_dominated,
            }
            for one in frontier_of(tonight, plan)
        ]
    )


def repaired(tonight: Tonight, repair: Repair) -> Tonight:
    """Return the facts of a night with a repair made, so that its plan can be shown and pushed.

    The vehicles of a duty repair keep their own arithmetic; what changes is their stay.
    """
    needs = tuple(
        replace(need, dwell=dwell)
        for need, dwell in zip(tonight.needs, repair.facts.dwells, strict=True)
    )
    return replace(tonight, needs=needs, depot=repair.facts.depot)


def facts_of(tonight: Tonight, *, occupancy: Occupancy = "assigned") -> NightFacts:
    """Return gathered facts as the planner is given them."""
    return NightFacts(
        dwells=tonight.dwells,
        depot=tonight.depot,
        grid=tonight.grid,
        prices=tonight.prices,
        base_load_kw=np.asarray(tonight.base_load_kw),
        occupancy=occupancy,
    )


def _reserve_knob(settings: Settings, tonight: Tonight, *, now: datetime) -> ReserveKnob:
    policy = policy_of(settings, tonight.depot.depot_id)
    night = night_of(tonight.evening, zone(tonight.depot.time_zone))
    readings = readings_for(settings, night, now=now)
    fleet = tonight.fleet
    leaving = [
        (vehicle, duty)
        for vehicle in fleet.vehicles
        if (duty := next_duty_of(vehicle, tonight.duties, night=night)) is not None
    ]
    # Who comes home when, and how full, is the same under every reserve.
    homes = [
        homecoming(
            vehicle,
            fleet.class_of(vehicle.vehicle_id),
            duties=tonight.duties,
            telematics=readings,
            night=night,
            known=tonight.known,
        )
        for vehicle, _ in leaving
    ]

    def dwells_at(share: float) -> tuple[Dwell, ...]:
        must_share = min(policy.must_reserve_share, share)
        smaller = replace(policy, must_reserve_share=must_share, target_reserve_share=share)
        return tuple(
            need_before_duty(
                vehicle,
                fleet.class_of(vehicle.vehicle_id),
                duty=duty,
                home=home,
                policy=smaller,
                known=tonight.known,
            ).dwell
            for (vehicle, duty), home in zip(leaving, homes, strict=True)
        )

    return ReserveKnob(
        share=policy.target_reserve_share, least_share=LEAST_RESERVE_SHARE, dwells_at=dwells_at
    )


def _duty_options(settings: Settings, tonight: Tonight, *, now: datetime) -> tuple[DutyOption, ...]:
    night = night_of(tonight.evening, zone(tonight.depot.time_zone))
    changes = duty_changes(
        tonight.fleet,
        tonight.duties,
        telematics=readings_for(settings, night, now=now),
        night=night,
        policy=policy_of(settings, tonight.depot.depot_id),
        known=tonight.known,
    )
    index = {dwell.vehicle_id: at for at, dwell in enumerate(tonight.dwells)}
    return tuple(
        _option(change, index=[index[name] for name in change.replaces])
        for change in changes
        if all(name in index for name in change.replaces)
    )


def _option(change: DutyChange, *, index: Sequence[int]) -> DutyOption:
    names = tuple(dict.fromkeys((*change.replaces, *(name for name, _ in change.given))))
    if len(change.given) > 1:
        words = f"with {names[0]} and {names[1]} exchanging their duties"
    else:
        words = f"with the spare {names[1]} taking the duty of {names[0]}"
    return DutyOption(
        kind="exchange" if len(change.given) > 1 else "spare",
        vehicle_ids=names,
        changed=tuple(zip(index, change.dwells, strict=True)),
        words=words,
    )
