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
"""What somebody must have is at stake where it has no more time than that beside it at full power."""


def targets_of(
    night: LiveNight, plan: Plan, *, stays: Sequence[Dwell], problem: PlanningProblem
) -> tuple[LimitStep, ...]:
    """Return what billing windows are held to; until the plan begins, what they were held to.

    Whoever gives way gives way by slack, so nobody is held back whose must is at stake, as long as
    all of those fit below the target at full power. Nothing where they do not, and nothing where
    the base load is not forecast: then a planned peak says nothing of what the site will draw.

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
    ahead = window_targets(
        plan,
        problem.prices,
        base_load_kw=problem.base_load_kw,
        limit_kw=grid.operating_limit_kw,
    )
    beside_kw = float(problem.base_load_kw.max(initial=0.0))
    least_kw = min((one.limit_kw for one in ahead), default=0.0)
    if _at_stake_kw(night, stays, start=plan.grid.start) > least_kw - beside_kw:
        return ()
    now_kw = night.current.window_target_at(night.now)
    if not ahead or now_kw is None or ahead[0].start <= night.now:
        return ahead
    return (LimitStep(night.now, now_kw), *ahead)


def _at_stake_kw(night: LiveNight, stays: Sequence[Dwell], *, start: datetime) -> float:
    """Return the full power of those with little time beside what they must have from a start on."""
    least_h, places = AT_STAKE_H + duration_h(start - night.now), places_kw(night)
    return sum(
        min(stay.max_kw, places[stay.vehicle_id])
        for stay in stays
        if stay.vehicle_id in places
        and stay.energy_must_kwh > 0.0
        and spare_h(night, stay, energy_kwh=stay.energy_must_kwh, place_kw=places[stay.vehicle_id])
        < least_h
    )
