"""Powers in whole steps of 0.1 kW, as stations take them, without losing energy or limits.

Every power is cut down to a whole step; what that takes from a task goes back in whole steps to
its other intervals where limits and billed peaks (up to the next whole step) leave room, the
cheapest first. The remainder of less than a step stays in the last interval that has room for a
step: there the vehicle is full.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.planning.phase_room import PhaseRoom
from depotlib.planning.problem import SITE, FloatArray, IntArray, PlanningProblem
from depotlib.planning.taper import tapering_needs

BoolArray = NDArray[np.bool_]

STEP_KW: Final = 0.1
_TINY_KW: Final = 1e-6
_ROUNDING_SHARE: Final = 1e-4
"""Of a step: what is this close to a whole number of steps is that number."""


@dataclass(slots=True)
class _Room:
    """Whole steps that are free below each limit, each billed peak and the hard limit."""

    node_kw: FloatArray
    paths: list[list[int]]
    hard_kw: FloatArray
    phases: PhaseRoom | None
    phase_kw: FloatArray

    def free_kw(self, task: int) -> FloatArray:
        """Return what a task's limits leave in every interval."""
        free_kw = np.minimum(self.node_kw[self.paths[task]].min(axis=0), self.hard_kw)
        if self.phases is not None:
            free_kw = np.minimum(free_kw, self.phases.free_kw(self.phase_kw, task=task))
        return free_kw

    def take(self, task: int, *, power_kw: FloatArray) -> None:
        """Use some of the room, or give some back, (intervals,)."""
        self.node_kw[self.paths[task]] -= power_kw
        # What a station gives back may be its safe limit's, which is taken anyhow.
        self.hard_kw -= np.maximum(power_kw, 0.0)
        if self.phases is not None:
            below = self.phases.is_below[:, task].astype(np.float64)
            share = self.phases.share[task]
            self.phase_kw -= below[:, None, None] * share[None, :, None] * power_kw


def in_whole_steps(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    """Return powers in steps of 0.1 kW that deliver the same energies.

    A task for which the room does not suffice keeps the powers it had.

    Parameters
    ----------
    problem : PlanningProblem
    task_kw : ndarray
        (tasks, intervals).
    """
    stepped_kw = _floor_kw(task_kw)
    is_low = (stepped_kw > 0) & (stepped_kw < problem.tasks.min_kw[:, None] - _ROUNDING_SHARE)
    stepped_kw[is_low] = _ceil_kw(task_kw)[is_low]
    room = _room(problem, task_kw)
    stepped_kw = np.where(_is_held(problem)[:, None], task_kw, stepped_kw)
    changed = np.flatnonzero(np.abs(stepped_kw - task_kw).max(axis=1, initial=0.0) > _TINY_KW)
    # The tasks with the fewest intervals have the least choice.
    for task in changed[np.argsort((stepped_kw[changed] > 0).sum(axis=1), kind="stable")].tolist():
        _give_back(problem, stepped_kw, room=room, task=task, before_kw=task_kw[task])
    return stepped_kw


def _is_held(problem: PlanningProblem) -> BoolArray:
    """Return whose powers stay as they are: what a tapering battery takes leaves no room to move."""
    return np.isin(problem.tasks.need, tapering_needs(problem))


def _floor_kw(power_kw: FloatArray) -> FloatArray:
    """Return the whole steps below: ``step_kw = 0.1 * floor(power / 0.1 + 10^-4)``."""
    return np.round(np.floor(power_kw / STEP_KW + _ROUNDING_SHARE) * STEP_KW, 6)


def _ceil_kw(power_kw: FloatArray) -> FloatArray:
    return np.round(np.ceil(power_kw / STEP_KW - _ROUNDING_SHARE) * STEP_KW, 6)


def _room(problem: PlanningProblem, before_kw: FloatArray) -> _Room:
    paths = [list(problem.tree.path(int(node))) for node in problem.tasks.node]
    node_kw = problem.tree.cap_kw.copy()
    for task, path in enumerate(paths):
        node_kw[path] -= before_kw[task]
    site_kw = problem.base_load_kw + before_kw.sum(axis=0)
    for term in problem.prices.peaks:
        at = np.array(term.intervals, dtype=np.int64)
        # A peak that is no whole step cannot be kept in whole steps: it may rise to the next.
        billed_kw = max(term.paid_kw, float(_ceil_kw(site_kw[at]).max(initial=0.0)))
        node_kw[SITE, at] = np.minimum(node_kw[SITE, at], billed_kw - site_kw[at])
    hard_kw = np.full(problem.grid.count, np.inf)
    if problem.safe is not None:
        hard_kw = np.maximum(problem.safe.left_kw(before_kw), 0.0)
    phases = problem.phases
    return _Room(
        node_kw=node_kw,
        paths=paths,
        hard_kw=hard_kw,
        phases=phases,
        phase_kw=np.zeros(0) if phases is None else phases.left_kw(before_kw),
    )


def _give_back(
    problem: PlanningProblem,
    stepped_kw: FloatArray,
    *,
    room: _Room,
    task: int,
    before_kw: FloatArray,
) -> None:
    """Put back what flooring took from a task; leave the task as it was where that is impossible.

    What flooring frees is the task's own until it is done, so that it can always be left as it was.
    """
    most_kw = float(problem.tasks.max_kw[task])
    free_kw = room.free_kw(task) + before_kw
    now_kw = stepped_kw[task].copy()
    used = np.flatnonzero(now_kw > 0)
    lost_kw = float(before_kw.sum() - now_kw.sum())
    for interval in used[np.argsort(problem.price_per_kwh()[used], kind="stable")].tolist():
        left_kw = min(float(free_kw[interval]), most_kw) - now_kw[interval]
        given_kw = float(_floor_kw(np.array([min(left_kw, lost_kw)]))[0])
        if given_kw >= STEP_KW - _ROUNDING_SHARE:
            now_kw[interval] = round(now_kw[interval] + given_kw, 6)
            lost_kw -= given_kw
    last = _last_with_room(now_kw, used, free_kw=free_kw - now_kw, most_kw=most_kw)
    limit_kw = now_kw.copy()
    if 0 < lost_kw < STEP_KW and last >= 0:
        now_kw[last] += lost_kw
        limit_kw[last] += STEP_KW  # a station takes whole steps: this one is rounded up
        lost_kw = 0.0
    elif lost_kw < 0 and len(used) and now_kw[used[-1]] + lost_kw > 0:
        now_kw[used[-1]] += lost_kw
        lost_kw = 0.0
    if abs(lost_kw) < _TINY_KW and bool(np.all(limit_kw <= free_kw + _TINY_KW)):
        room.take(task, power_kw=limit_kw - before_kw)
        stepped_kw[task] = now_kw
    else:
        stepped_kw[task] = before_kw


def _last_with_room(
    now_kw: FloatArray, used: IntArray, *, free_kw: FloatArray, most_kw: float
) -> int:
    """Return the last interval in use that could take a whole step, or -1."""
    fits = (now_kw[used] + STEP_KW <= most_kw + _TINY_KW) & (free_kw[used] >= STEP_KW - _TINY_KW)
    return int(used[fits][-1]) if fits.any() else -1
