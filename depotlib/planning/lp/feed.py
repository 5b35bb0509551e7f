"""Vehicles that feed back: what they give, what it wears, and what they take again for it."""

import numpy as np

from depotlib.planning.linear_program import Vector
from depotlib.planning.lp.part import Columns, Layout, Night, Part, zeros
from depotlib.planning.lp.site_load import feeding_arcs
from depotlib.planning.problem import FloatArray


def columns(night: Night) -> Columns:
    """Return the bounds of what is fed back: 0 <= feed[i, t] <= most of vehicle and task."""
    arcs = feeding_arcs(night)
    vehicle_kw = by_arc(night, "discharge_max_kw")
    return Columns(
        lower=np.zeros(len(arcs)),
        upper=np.minimum(vehicle_kw, night.problem.tasks.max_kw[night.task[arcs]]),
    )


def cost(night: Night, layout: Layout) -> Vector:
    """interval_h * wear_per_kwh[i] * feed[i, t]."""
    amount = zeros(layout)
    wear_per_kwh = by_arc(night, "wear_per_kwh")
    at = layout.start["feed"] + np.arange(len(wear_per_kwh))
    problem = night.problem
    amount[at] = wear_per_kwh * problem.grid.interval_h * problem.prices.energy_factor
    return amount


def by_arc(night: Night, fact: str) -> FloatArray:
    """Return one fact of the batteries of all vehicles that feed back, by column."""
    arcs, traits = feeding_arcs(night), night.problem.needs.traits
    if traits is None:
        return np.zeros(0)
    needs: list[int] = night.problem.tasks.need[night.task[arcs]].tolist()
    facts: list[float] = [getattr(traits.batteries[need], fact) for need in needs]
    return np.array(facts, dtype=np.float64)


FEED = Part(name="feed", columns=columns, cost=cost)
