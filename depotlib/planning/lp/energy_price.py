"""The energy price: every kWh has the price of its interval."""

import numpy as np

from depotlib.planning.linear_program import Vector
from depotlib.planning.lp.part import Layout, Night, Part, zeros


def cost(night: Night, layout: Layout) -> Vector:
    """interval_h * price_per_kwh[t] * power[i, t], summed over all tasks and intervals."""
    amount = zeros(layout)
    price_per_kwh = night.problem.price_per_kwh() * night.problem.grid.interval_h
    amount[layout.start["power"] + np.arange(len(night.task))] = price_per_kwh[night.interval]
    return amount


ENERGY_PRICE = Part(name="energy_price", cost=cost)
