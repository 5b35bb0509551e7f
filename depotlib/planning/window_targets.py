"""What the mean of each billing window is held to, so that a plan's bill stays what it was."""

from typing import Final

import numpy as np

from depotlib.model.plan import Plan
from depotlib.model.price_terms import PriceTerms
from depotlib.model.release import LimitStep
from depotlib.planning.power_steps import STEP_KW
from depotlib.planning.problem import FloatArray

_ROUNDING_SHARE: Final = 1e-4


def window_targets(
    plan: Plan, prices: PriceTerms, *, base_load_kw: FloatArray, limit_kw: float
) -> tuple[LimitStep, ...]:
    """Return the mean power of the whole site that costs nothing more, as steps over a plan's grid.

    In every interval the least level of the demand charges that count it, a level being the peak
    that the plan has there or the one that is billed anyhow; nothing above the limit. Empty where
    no demand is priced.

    Parameters
    ----------
    plan : Plan
    prices : PriceTerms
        On the plan's grid.
    base_load_kw : ndarray
        As the plan was made for, (intervals,).
    limit_kw : float
        Operating limit of the site.
    """
    priced = [one for one in prices.peaks if one.intervals and (one.price_per_kw or one.tiers)]
    if not priced:
        return ()
    site_kw = base_load_kw + _charging_kw(plan) + _assets_kw(plan)
    target_kw = np.full(plan.grid.count, limit_kw)
    for term in priced:
        at = list(term.intervals)
        level_kw = max(term.paid_kw, _whole_steps_kw(float(site_kw[at].max())))
        target_kw[at] = np.minimum(target_kw[at], level_kw)
    steps: list[LimitStep] = []
    for at, power_kw in enumerate(np.maximum(0.0, target_kw).tolist()):
        if not steps or steps[-1].limit_kw != power_kw:
            steps.append(LimitStep(plan.grid.start + at * plan.grid.step, power_kw))
    return tuple(steps)


def _charging_kw(plan: Plan) -> FloatArray:
    charging_kw = np.zeros(plan.grid.count)
    np.add.at(charging_kw, list(plan.intervals()), plan.setpoints["power_kw"].to_numpy())
    return charging_kw


def _assets_kw(plan: Plan) -> FloatArray:
    """Return what batteries and solar add to the site's power, (intervals,): what they give is less."""
    assets_kw = np.zeros(plan.grid.count)
    for asset in plan.assets:
        assets_kw += np.asarray(asset.power_kw)
    return assets_kw


def _whole_steps_kw(power_kw: float) -> float:
    """Return a power in whole steps, as schedules round it up."""
    return float(np.ceil(power_kw / STEP_KW - _ROUNDING_SHARE)) * STEP_KW
