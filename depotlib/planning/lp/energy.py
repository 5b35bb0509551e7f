"""Every vehicle gets what is served to it, and no more is served than was claimed."""

import numpy as np

from depotlib.planning.linear_program import Vector
from depotlib.planning.lp.feed import by_arc
from depotlib.planning.lp.part import Block, Columns, Layout, Night, Part
from depotlib.planning.lp.site_load import feeding_arcs
from depotlib.planning.problem import PlanningProblem


def columns(night: Night) -> Columns:
    """Return the bounds of the energy served to each claim: 0 <= served[c] <= claim[c]."""
    claims = night.claims
    return Columns(lower=np.zeros(len(claims.need)), upper=claims.energy_kwh)


def rows(night: Night, layout: Layout) -> Block:
    """interval_h * sum over t of power[i, t] - sum of served[c of i] = 0, for every need i.

    What is fed back is taken off, with what its way into the battery and out again has lost; what
    a vehicle has to spare it need not take again: then the sum may be as much below 0.
    """
    problem, claims = night.problem, night.claims
    feeding = feeding_arcs(night)
    fed = layout.start["feed"] + np.arange(len(feeding))
    lost = -problem.grid.interval_h / by_arc(night, "round_trip_share")
    power = layout.start["power"] + np.arange(len(night.task))
    served = layout.start["energy"] + np.arange(len(claims.need))
    count = len(problem.needs.vehicle_ids)
    return Block(
        row=np.concatenate(
            [
                problem.tasks.need[night.task],
                claims.need,
                problem.tasks.need[night.task[feeding]],
            ]
        ),
        column=np.concatenate([power, served, fed]),
        value=np.concatenate(
            [np.full(len(power), problem.grid.interval_h), np.full(len(served), -1.0), lost]
        ),
        lower=-_spare_kwh(night),
        upper=np.zeros(count),
    )


def _spare_kwh(night: Night) -> Vector:
    spare_kwh = np.zeros(len(night.problem.needs.vehicle_ids))
    of_arc = night.problem.tasks.need[night.task[feeding_arcs(night)]]
    spare_kwh[of_arc] = by_arc(night, "spare_kwh")
    return spare_kwh


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``energy[van-01]``."""
    return f"energy[{problem.needs.vehicle_ids[row]}]"


ENERGY = Part(name="energy", columns=columns, rows=rows, row_name=row_name)
