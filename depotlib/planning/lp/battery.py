"""What a vehicle's battery has taken since it came, where that limits it: taper and feeding back.

``level[i, t]`` is what it holds more than on arrival at the end of t, in kWh at the wall. A power
is held to what the battery takes at the end of its interval (formula 2), so that the vehicle can
follow it to the end.
"""

import numpy as np

from depotlib.model.battery import TAPER_START_SOC
from depotlib.model.dwell import DwellBattery
from depotlib.planning.lp.feed import by_arc
from depotlib.planning.lp.part import Block, Columns, Layout, Night, Part
from depotlib.planning.lp.site_load import feeding_arcs
from depotlib.planning.problem import IntArray, PlanningProblem


def tracked_needs(problem: PlanningProblem) -> list[int]:
    """Return the needs whose level is part of the model: those that taper, and that feed back."""
    traits = problem.needs.traits
    if traits is None:
        return []
    feeds = {
        need
        for need, battery in enumerate(traits.batteries)
        if problem.solar_kw is not None and battery is not None and battery.discharge_max_kw > 0
    }
    return sorted(feeds | set(problem.tapered))


def columns(night: Night) -> Columns:
    """Return the bounds of levels: floor to full, at the wall.

    ``min(0, floor_soc - arrival_soc) <= level[i, t] * efficiency / usable_kwh <= 1 - arrival_soc``
    """
    needs = _need_of_cell(night.problem)
    lower, upper = np.zeros(len(needs)), np.zeros(len(needs))
    for need in tracked_needs(night.problem):
        battery = _battery(night.problem, need)
        wall_kwh = battery.usable_kwh / battery.wall_efficiency_share
        own = needs == need
        lower[own] = min(0.0, battery.floor_soc - battery.arrival_soc) * wall_kwh
        upper[own] = (1.0 - battery.arrival_soc) * wall_kwh
    return Columns(lower=lower, upper=upper)


def rows(night: Night, layout: Layout) -> Block:
    """level[i, t] - level[i, t-1] - interval_h * power[i, t] + interval_h / share * feed[i, t] = 0.

    The share is that of the round trip: all its losses are counted when energy is fed back.
    """
    problem, interval_h = night.problem, night.problem.grid.interval_h
    cell_of, size = _cell_of(problem), len(_need_of_cell(problem))
    at = np.arange(size)
    need_of_cell = _need_of_cell(problem)
    later = at[1:][need_of_cell[1:] == need_of_cell[:-1]] if size else at
    power_cell = cell_of[problem.tasks.need[night.task], night.interval]
    arc = np.flatnonzero(power_cell >= 0)
    feeding = feeding_arcs(night)
    level = layout.start["level"]
    return Block(
        row=np.concatenate([at, later, power_cell[arc], power_cell[feeding]]),
        column=np.concatenate(
            [
                level + at,
                level + later - 1,
                layout.start["power"] + arc,
                layout.start["feed"] + np.arange(len(feeding)),
            ]
        ),
        value=np.concatenate(
            [
                np.ones(size),
                np.full(len(later), -1.0),
                np.full(len(arc), -interval_h),
                interval_h / by_arc(night, "round_trip_share"),
            ]
        ),
        lower=np.zeros(size),
        upper=np.zeros(size),
    )


def taper_rows(night: Night, layout: Layout) -> Block:
    """power[i, t] + slope[i] * level[i, t] <= what it takes at its state of charge on arrival.

    ``slope[i] = max_kw[i] * taper_share[i] / 0.2 * efficiency[i] / usable_kwh[i]``
    """
    problem = night.problem
    tapered = np.isin(problem.tasks.need[night.task], problem.tapered)
    arc = np.flatnonzero(tapered)
    need = problem.tasks.need[night.task[arc]]
    max_kw = problem.tasks.max_kw[night.task[arc]]
    batteries = [_battery(problem, one) for one in need.tolist()]
    fall = np.array([b.taper_share for b in batteries]) / (1.0 - TAPER_START_SOC)
    soc_per_kwh = np.array([b.wall_efficiency_share / b.usable_kwh for b in batteries])
    above_share = np.array([b.arrival_soc for b in batteries]) - TAPER_START_SOC
    row = np.arange(len(arc))
    cell = _cell_of(problem)[need, night.interval[arc]]
    return Block(
        row=np.concatenate([row, row]),
        column=np.concatenate([layout.start["power"] + arc, layout.start["level"] + cell]),
        value=np.concatenate([np.ones(len(arc)), max_kw * fall * soc_per_kwh]),
        lower=np.full(len(arc), -np.inf),
        upper=max_kw * (1.0 - fall * above_share),
    )


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``level[van-01,row]``."""
    return f"level[{problem.needs.vehicle_ids[int(_need_of_cell(problem)[row])]},{row}]"


def taper_name(problem: PlanningProblem, row: int) -> str:  # noqa: ARG001 - the families' signature
    """Return ``taper[row]``."""
    return f"taper[{row}]"


def _battery(problem: PlanningProblem, need: int) -> DwellBattery:
    traits = problem.needs.traits
    battery = None if traits is None else traits.batteries[need]
    assert battery is not None, "only needs with a battery are tracked"
    return battery


def _need_of_cell(problem: PlanningProblem) -> IntArray:
    """Return the need of every level, by need and time."""
    needs = problem.needs
    tracked = np.array(tracked_needs(problem), dtype=np.int64)
    return np.repeat(tracked, needs.last[tracked] - needs.first[tracked])


def _cell_of(problem: PlanningProblem) -> IntArray:
    """Return the place of a level among all, -1 where there is none, (needs, intervals)."""
    cell_of = np.full((len(problem.needs.vehicle_ids), problem.grid.count), -1, dtype=np.int64)
    start = 0
    for need in tracked_needs(problem):
        first, last = int(problem.needs.first[need]), int(problem.needs.last[need])
        cell_of[need, first:last] = start + np.arange(last - first)
        start += last - first
    return cell_of


LEVEL = Part(name="level", columns=columns, rows=rows, row_name=row_name)
TAPER = Part(name="taper", rows=taper_rows, row_name=taper_name)
