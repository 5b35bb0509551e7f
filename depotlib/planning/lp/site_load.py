"""What adds to the site's power: the columns of it, for every part that speaks of the site."""

from dataclasses import dataclass

import numpy as np

from depotlib.planning.linear_program import Vector
from depotlib.planning.lp.part import Layout, Night
from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem


@dataclass(frozen=True, slots=True)
class Entries:
    """Columns with their interval and sign.

    Parameters
    ----------
    column, interval : ndarray of int
        (entries,).
    sign : ndarray
        +1 where it draws, -1 where it gives, (entries,).
    """

    column: IntArray
    interval: IntArray
    sign: Vector


def has_assets(problem: PlanningProblem) -> bool:
    """Return whether more than stations is planned: storage, solar, feeding back."""
    return problem.solar_kw is not None


def site_entries(night: Night, layout: Layout) -> Entries:
    """Return all that is planned of the site's power: g[t] - base[t] + solar[t]."""
    column = [layout.start["power"] + np.arange(len(night.task))]
    interval = [night.interval]
    sign = [1.0]
    if has_assets(night.problem):
        at = np.arange(night.problem.grid.count)
        stored = np.tile(at, len(night.problem.storages))
        feeding = feeding_arcs(night)
        for name, when, direction in (
            ("charge", stored, 1.0),
            ("discharge", stored, -1.0),
            ("spill", at, 1.0),
            ("feed", night.interval[feeding], -1.0),
        ):
            column.append(layout.start[name] + np.arange(len(when)))
            interval.append(when)
            sign.append(direction)
    return Entries(
        column=np.concatenate(column),
        interval=np.concatenate(interval),
        sign=np.repeat(np.array(sign), [len(part) for part in column]),
    )


def bought_entries(night: Night, layout: Layout) -> Entries:
    """Return the columns whose energy is bought: all power, or what is imported."""
    if not has_assets(night.problem):
        return site_entries(night, layout)
    at = np.arange(night.problem.grid.count)
    return Entries(layout.start["import"] + at, at, np.ones(len(at)))


def given_load_kw(problem: PlanningProblem) -> FloatArray:
    """Return the site's power before anything is planned: base load less solar [kW]."""
    return (
        problem.base_load_kw
        if problem.solar_kw is None
        else problem.base_load_kw - problem.solar_kw
    )


def bought_anyhow_kw(problem: PlanningProblem) -> FloatArray:
    """Return what is bought beside the columns that are bought [kW], (intervals,)."""
    return np.zeros(problem.grid.count) if has_assets(problem) else problem.base_load_kw


def feeding_arcs(night: Night) -> IntArray:
    """Return the power columns, by position, of vehicles that may feed back."""
    traits = night.problem.needs.traits
    if traits is None or not has_assets(night.problem):
        return np.zeros(0, dtype=np.int64)
    feeds = np.array(
        [
            battery is not None
            and battery.discharge_max_kw > 0
            # Who comes home below its floor has nothing to give.
            and battery.arrival_soc >= battery.floor_soc
            for battery in traits.batteries
        ]
    )
    return np.flatnonzero(feeds[night.problem.tasks.need[night.task]])
