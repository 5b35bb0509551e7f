"""The policies by name, each ready to control a setting."""

import numpy as np

from depotlib.simulation.greedy import PriceGreedy
from depotlib.simulation.planned import Planned, bound_of
from depotlib.simulation.policies import Policy, queued
from depotlib.simulation.rules import RULES
from depotlib.simulation.setting import Setting
from depotlib.tariffs.terms import price_terms


def policy_of(setting: Setting) -> tuple[Policy, float | None]:
    """Return the policy of a setting's scenario, and the bound that hindsight proves.

    Raises
    ------
    TariffTermsError
        If a policy looks at prices and cannot know them.
    SolverError
        If hindsight finds no plan.
    """
    name = setting.scenario.policy
    if name in RULES:
        return queued(name, setting.yard), None
    grid = setting.play.grid
    prices = price_terms(setting.scenario.tariff, grid, time_zone=setting.play.time_zone)
    if name == "price_greedy":
        price_per_kwh = np.zeros(grid.count)
        for term in prices.energy:
            price_per_kwh += np.asarray(term.price_per_kwh)
        return PriceGreedy(price_per_kwh, site=setting.site, yard=setting.yard), None
    if name == "hindsight":
        return Planned(setting, "hindsight", prices=prices), bound_of(setting, prices)
    return Planned(setting, "blind" if name == "blind" else "replanned", prices=prices), None
