"""Battery care with a price: energy that waits in a battery ages it, so it costs by the hour.

A kWh charged in interval t by a vehicle that leaves at d waits d - t. Its departure is given and so
is its energy: ``Σ κ (d_i - t) e_it = κ Σ d_i E_i - κ Σ t e_it``, of which only the second part is a
choice, and it is the same for all vehicles: a price that falls by κ an hour. So care is exact on
the flow path, and no model of its own.
"""

import math
from dataclasses import replace

import numpy as np

from depotlib.errors import KnobError
from depotlib.model.price_terms import EnergyTerm
from depotlib.planning.problem import PlanningProblem

CARE_NAME = "battery care"


def care_problem(problem: PlanningProblem, *, waiting_per_kwh: float) -> PlanningProblem:
    """Return the problem in which a kWh that waits an hour before departure costs something.

    Parameters
    ----------
    problem : PlanningProblem
    waiting_per_kwh : float
        Price of a kWh that waits one hour, in the tariff's currency, 0 or more.

    Raises
    ------
    KnobError
        If the price is negative or no number.
    """
    if not 0 <= waiting_per_kwh < math.inf:
        raise KnobError(
            f"battery care at {waiting_per_kwh} a kWh and hour cannot be",
            where="waiting_per_kwh",
            hint="give a price of 0 or more",
        )
    if waiting_per_kwh == 0:
        return problem
    hours = np.arange(problem.grid.count) * problem.grid.interval_h
    term = EnergyTerm(CARE_NAME, tuple((-waiting_per_kwh * hours).tolist()))
    return replace(problem, prices=replace(problem.prices, energy=(*problem.prices.energy, term)))
