"""Which vehicles and which hours set a peak: the minimum cut when the peak is a little lower."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from depotlib.model.price_terms import PeakTerm
from depotlib.planning.flow.network import (
    FlowSolver,
    MaxFlow,
    limit_mwh,
    need_mwh,
    network_of,
    plain_supply,
)
from depotlib.planning.flow.night import nights_of
from depotlib.planning.flow.path import flow_refusal
from depotlib.planning.general import general_reason
from depotlib.planning.outcome import delivered_kwh
from depotlib.planning.problem import SITE, FloatArray, IntArray, PlanningProblem
from depotlib.planning.sentence import Span, names_words, span_words, spans_of
from depotlib.units import mwh_to_kwh

_STEP_KW: Final = 0.01
_TOLERANCE_KW: Final = 1e-3
_LEAST_MWH: Final = 100
"""Flows of a night differ by less through rounding alone: some milliwatt-hours an interval."""


@dataclass(frozen=True, slots=True)
class PeakCut:
    """What keeps a billed peak from being lower, in one night.

    Parameters
    ----------
    name : str
        Of the demand term.
    peak_kw, price_per_kw : float
    is_forced : bool
        Whether no plan that delivers as much has a lower peak, the other peaks being as they are;
        otherwise a lower one would move energy to dearer hours.
    spans : tuple of Span
        Hours at the peak that the vehicles cannot do without.
    vehicle_ids : tuple of str
        Those that would want more in these hours.
    energy_kwh : float
        What the site draws in these hours at the peak, base load included.
    moved_per_kw_amount : float or None
        What a kW less would add to the energy bill; None where it is forced.
    sentence : str
    """

    name: str
    peak_kw: float
    price_per_kw: float
    is_forced: bool
    spans: tuple[Span, ...]
    vehicle_ids: tuple[str, ...]
    energy_kwh: float
    moved_per_kw_amount: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class _Room:
    """What the site may draw for charging: at the peaks, and with one of them a step lower."""

    now_kw: FloatArray
    lower_kw: FloatArray


@dataclass(frozen=True, slots=True)
class _Drop:
    """A price level whose flow falls when a peak is lower."""

    flow: MaxFlow
    intervals: IntArray
    is_forced: bool
    amount: float


def peak_cuts(
    problem: PlanningProblem, task_kw: FloatArray, *, time_zone: ZoneInfo
) -> tuple[PeakCut, ...]:
    """Return what sets each billed peak of a plan, night by night.

    A peak that was paid before, or that the base load sets alone, is not in it; nor is anything
    where the problem is no flow.

    Parameters
    ----------
    problem : PlanningProblem
        With plain prices: in the tiers that were chosen.
    task_kw : ndarray
        Of an optimal plan, (tasks, intervals).
    time_zone : ZoneInfo
        For the hours in sentences.
    """
    if general_reason(problem) or flow_refusal(problem):
        return ()
    given_mwh = need_mwh(delivered_kwh(problem, task_kw))
    site_kw = problem.base_load_kw + task_kw.sum(axis=0)
    return tuple(
        cut
        for term in problem.prices.peaks
        if _is_set_here(problem, term, site_kw=site_kw)
        for cut in _cuts_of(problem, term, site_kw=site_kw, given_mwh=given_mwh, zone=time_zone)
    )


def _is_set_here(problem: PlanningProblem, term: PeakTerm, *, site_kw: FloatArray) -> bool:
    if not term.intervals or term.price_per_kw <= 0:
        return False
    at = list(term.intervals)
    paid_kw = max(term.paid_kw, float(problem.base_load_kw[at].max()))
    return float(site_kw[at].max()) > paid_kw + _TOLERANCE_KW


def _cuts_of(
    problem: PlanningProblem,
    term: PeakTerm,
    *,
    site_kw: FloatArray,
    given_mwh: IntArray,
    zone: ZoneInfo,
) -> Iterator[PeakCut]:
    room = _room(problem, term, site_kw=site_kw)
    peak_kw = float(site_kw[list(term.intervals)].max())
    for night in nights_of(problem):
        solver = FlowSolver(network_of(problem, night), plain_supply(given_mwh[night.needs]))
        drops = list(_drops(problem, solver, room=room))
        if not drops:
            continue
        forced = next((drop for drop in drops if drop.is_forced), None)
        told = forced or max(drops, key=lambda drop: drop.amount)
        moved_amount = sum(drop.amount for drop in drops) / _STEP_KW
        energy_kwh = peak_kw * len(told.intervals) * problem.grid.interval_h
        cut = PeakCut(
            name=term.name,
            peak_kw=peak_kw,
            price_per_kw=term.price_per_kw,
            is_forced=forced is not None,
            spans=spans_of(told.intervals, problem.grid),
            vehicle_ids=_vehicles(problem, solver, flow=told.flow),
            energy_kwh=energy_kwh,
            moved_per_kw_amount=None if forced else moved_amount,
            sentence="",
        )
        yield replace(cut, sentence=_sentence(cut, problem.prices.currency, zone=zone))


def _room(problem: PlanningProblem, term: PeakTerm, *, site_kw: FloatArray) -> _Room:
    """Return the room under all peaks as they are, and with this one a step lower."""
    now_kw = problem.tree.cap_kw[SITE].copy()
    for other in problem.prices.peaks:
        at = np.array(other.intervals, dtype=np.int64)
        if len(at) and other.price_per_kw > 0:
            peak_kw = max(other.paid_kw, float(site_kw[at].max()))
            now_kw[at] = np.minimum(now_kw[at], peak_kw - problem.base_load_kw[at])
    lower_kw = now_kw.copy()
    at = np.array(term.intervals, dtype=np.int64)
    below_kw = float(site_kw[at].max()) - _STEP_KW - problem.base_load_kw[at]
    lower_kw[at] = np.minimum(lower_kw[at], below_kw)
    return _Room(now_kw=np.maximum(0.0, now_kw), lower_kw=np.maximum(0.0, lower_kw))


def _drops(problem: PlanningProblem, solver: FlowSolver, *, room: _Room) -> Iterator[_Drop]:
    """Yield the price levels of a night whose greatest flow is less under the lower peak.

    ``(c_{k+1} - c_k) * (F_k(P) - F_k(P - step))``
    """
    night = solver.network.night
    span = slice(night.first, night.last)
    price_per_kwh = problem.price_per_kwh()[span]
    levels = np.unique(price_per_kwh)
    now_mwh, lower_mwh = (
        limit_mwh(kw[span] * solver.network.interval_h) for kw in (room.now_kw, room.lower_kw)
    )
    for level, price in enumerate(levels.tolist()):
        is_open = price_per_kwh <= price
        is_last = level == len(levels) - 1
        before_mwh = solver.solve(np.where(is_open, now_mwh, 0)).value_mwh
        flow = solver.solve(np.where(is_open, lower_mwh, 0))
        dropped_mwh = before_mwh - flow.value_mwh
        if dropped_mwh <= _LEAST_MWH:
            continue
        step_per_kwh = 0.0 if is_last else float(levels[level + 1]) - price
        full = flow.cut[flow.cut >= solver.arcs.sink] - solver.arcs.sink
        # A closed hour has no room in either, and is in every cut.
        full = full[is_open[full] & (lower_mwh[full] < now_mwh[full])]
        yield _Drop(
            flow,
            intervals=night.first + full,
            is_forced=is_last,
            amount=step_per_kwh * mwh_to_kwh(dropped_mwh),
        )


def _vehicles(problem: PlanningProblem, solver: FlowSolver, *, flow: MaxFlow) -> tuple[str, ...]:
    near = np.flatnonzero(flow.reached[solver.arcs.need_base : solver.arcs.cell_base])
    needs: list[int] = solver.network.night.needs[near].tolist()
    return tuple(problem.needs.vehicle_ids[need] for need in needs)


def _sentence(cut: PeakCut, currency: str, *, zone: ZoneInfo) -> str:
    if cut.moved_per_kw_amount is None:
        why = "no plan that delivers as much draws less"
    else:
        why = (
            f"a kW less would move energy to hours dearer by {cut.moved_per_kw_amount:.2f} "
            f"{currency}, more than the {cut.price_per_kw:.2f} {currency} that it saves"
        )
    return (
        f"{cut.name} is billed on {cut.peak_kw:.1f} kW: {names_words(cut.vehicle_ids)} fill the "
        f"hours {span_words(cut.spans, zone)} ({cut.energy_kwh:,.0f} kWh); {why}"
    )
