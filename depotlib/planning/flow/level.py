"""Price levels of a night, and the cuts that bound what flows at each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from depotlib.planning.flow.network import FlowSolver
from depotlib.planning.flow.site_room import PeakLimits
from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem
from depotlib.units import MWH_PER_KWH, mwh_to_kwh

CUT_TOLERANCE_KWH = 2e-6


@dataclass(frozen=True, slots=True)
class Cut:
    """An affine upper bound of one ``F_k``: constant + coefficients · P, with its arcs.

    Parameters
    ----------
    constant_kwh : float
    coefficient_h : ndarray
        (peaks,).
    limit_arcs : ndarray of int
        Arcs of tasks, tree and sink in the cut whose limit is no peak.
    """

    constant_kwh: float
    coefficient_h: FloatArray
    limit_arcs: IntArray


@dataclass(frozen=True, slots=True)
class Level:
    """One ``F_k`` of one night in the program.

    Parameters
    ----------
    solver : FlowSolver
    open_intervals : ndarray of bool
        Intervals of the night with a price of at most the level's.
    value_per_kwh : float
        What a kWh at this level saves against the next, or 0 at the highest level.
    must_flow : bool
        Whether all of the night's energy must flow: at the highest level.
    cuts : list of Cut
        Learned so far.
    """

    solver: FlowSolver
    open_intervals: np.ndarray[tuple[int], np.dtype[np.bool_]]
    value_per_kwh: float
    must_flow: bool
    cuts: list[Cut] = field(default_factory=list[Cut])


def levels_of(price_per_kwh: FloatArray, solver: FlowSolver) -> list[Level]:
    """Return the price levels of a night, the lowest first.

    ``value_k = c_{k+1} - c_k, and 0 for the highest, at which all must flow``

    Parameters
    ----------
    price_per_kwh : ndarray
        Of the problem, (intervals,).
    solver : FlowSolver
        Of the night.
    """
    night = solver.network.night
    price_per_kwh = price_per_kwh[night.first : night.last]
    prices = np.unique(price_per_kwh)
    steps = np.append(np.diff(prices), 0.0)
    return [
        Level(
            solver=solver,
            open_intervals=price_per_kwh <= price,
            value_per_kwh=float(step),
            must_flow=index == len(prices) - 1,
        )
        for index, (price, step) in enumerate(zip(prices, steps, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class Flowed:
    """What was found of a level's flow.

    Parameters
    ----------
    at_least_kwh : float
        It flows.
    arcs : ndarray of int or None
        Of a cut that holds less than what the program assumes, if there is one.
    """

    at_least_kwh: float
    arcs: IntArray | None


def flowed(level: Level, room_mwh: IntArray, *, assumed_kwh: float) -> Flowed:
    """Return a level's flow, and the cut that refutes what the program assumes, if one does."""
    solver = level.solver
    room_mwh = np.where(level.open_intervals, room_mwh, 0)
    flow_kwh = mwh_to_kwh(solver.value_mwh(room_mwh))
    is_enough = flow_kwh >= assumed_kwh - CUT_TOLERANCE_KWH
    return Flowed(flow_kwh, None if is_enough else solver.cut().cut)


def held_kwh(levels: Sequence[Level], room_mwh: IntArray) -> FloatArray:
    """Return what the open intervals of each level hold, whatever could flow to them, (levels,).

    ``F_k(P) <= Σ_{t open at k} room_t``
    """
    return _opened(levels) @ room_mwh.astype(np.float64) / MWH_PER_KWH


def held_cuts(
    problem: PlanningProblem, levels: Sequence[Level], *, deciding: IntArray, limits: PeakLimits
) -> list[Cut]:
    """Return the cut through the open intervals of each level of a night, all at a stroke.

    The same as `cut_of` for the sink arcs: no flow is needed to see it.
    """
    network, sink = levels[0].solver.network, levels[0].solver.arcs.sink
    night = network.night
    opened, by_site = _opened(levels), deciding < 0
    base_kwh = problem.base_load_kw[night.first : night.last] * network.interval_h
    constant_kwh = opened @ np.where(by_site, network.site_mwh / MWH_PER_KWH, -base_kwh)
    decides = deciding[:, None] == np.arange(len(limits.names))
    coefficient_h = opened @ decides.astype(np.float64) * network.interval_h
    return [
        Cut(
            constant_kwh=float(constant),
            coefficient_h=coefficients,
            limit_arcs=np.flatnonzero(level.open_intervals & by_site) + sink,
        )
        for level, constant, coefficients in zip(levels, constant_kwh, coefficient_h, strict=True)
    ]


def _opened(levels: Sequence[Level]) -> FloatArray:
    return np.array([level.open_intervals for level in levels], dtype=np.float64)


def cut_of(
    problem: PlanningProblem,
    level: Level,
    *,
    arcs: IntArray,
    deciding: IntArray,
    limits: PeakLimits,
) -> Cut:
    """Return a cut as an affine bound, with the peaks that decide the open intervals now.

    ``F_k(P) <= constant + interval_h * Σ_j n_j P_j``
    """
    solver = level.solver
    night, interval_h = solver.network.night, solver.network.interval_h
    sink = arcs[arcs >= solver.arcs.sink] - solver.arcs.sink
    sink = sink[level.open_intervals[sink]]
    by_peak = sink[deciding[sink] >= 0]
    by_site = sink[deciding[sink] < 0]
    inner = arcs[arcs < solver.arcs.sink]
    constant_mwh = solver.arcs.cap_mwh[inner].sum() + solver.network.site_mwh[by_site].sum()
    base_kwh = problem.base_load_kw[night.first + by_peak].sum() * interval_h
    return Cut(
        constant_kwh=float(constant_mwh) / MWH_PER_KWH - float(base_kwh),
        coefficient_h=np.bincount(deciding[by_peak], minlength=len(limits.names)).astype(np.float64)
        * interval_h,
        limit_arcs=np.concatenate([inner[inner >= solver.arcs.tasks], by_site + solver.arcs.sink]),
    )
