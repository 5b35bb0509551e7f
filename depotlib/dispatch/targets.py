"""What billing windows are held to while a release is in force: readiness comes before the bill."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.slack import places_kw, spare_h
from depotlib.model.dwell import Dwell
from depotlib.model.plan import Plan
from depotlib.model.release import LimitStep
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.window_targets import window_targets
from depotlib.units import duration_h

AT_STAKE_H: Final = 1.0
"""Who has no more time than that beside what it must have at full power is not held back [h]."""


def targets_of(
    night: LiveNight, plan: Plan, *, stays: Sequence[Dwell], problem: PlanningProblem
) -> tuple[LimitStep, ...]:
    """Return what billing windows are held to; until the plan begins, what they were held to.

    Nothing where what somebody must have is at stake, and nothing where the base load is not
    forecast: then a planned peak says nothing of what the site will draw.

    Parameters
    ----------
    night : LiveNight
    plan : Plan
    stays : sequence of Dwell
        That the plan is for.
    problem : PlanningProblem
        That it answers.
    """
    grid = night.brief.depot.grid
    if not grid.is_forecast(night.brief.base_load_kw):
        return ()
    if _is_at_stake(night, stays, start=plan.grid.start):
        return ()
    ahead = window_targets(
        plan,
        problem.prices,
        base_load_kw=problem.base_load_kw,
        limit_kw=grid.operating_limit_kw,
    )
    now_kw = night.current.window_target_at(night.now)
    if not ahead or now_kw is None or ahead[0].start <= night.now:
        return ahead
    return (LimitStep(night.now, now_kw), *ahead)


def _is_at_stake(night: LiveNight, stays: Sequence[Dwell], *, start: datetime) -> bool:
    """Return whether somebody plugged in has little time beside what it must have from a start on."""
    least_h, places = AT_STAKE_H + duration_h(start - night.now), places_kw(night)
    return any(
        stay.vehicle_id in places
        and stay.energy_must_kwh > 0.0
        and spare_h(night, stay, energy_kwh=stay.energy_must_kwh, place_kw=places[stay.vehicle_id])
        < least_h
        for stay in stays
    )
