"""The energy price: every kWh that is bought has the price of its interval."""

from depotlib.planning.linear_program import Vector
from depotlib.planning.lp.part import Layout, Night, Part, zeros
from depotlib.planning.lp.site_load import bought_entries


def cost(night: Night, layout: Layout) -> Vector:
    """interval_h * price_per_kwh[t] * what is bought[t], summed over all intervals."""
    amount = zeros(layout)
    price_per_kwh = night.problem.price_per_kwh() * night.problem.grid.interval_h
    bought = bought_entries(night, layout)
    amount[bought.column] = bought.sign * price_per_kwh[bought.interval]
    return amount


ENERGY_PRICE = Part(name="energy_price", cost=cost)
