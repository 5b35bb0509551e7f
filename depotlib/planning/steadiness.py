"""Plans that leave alone what is in force: who is on plan keeps its powers where that costs nothing.

Two plans of equal bill may differ in every vehicle's powers. A re-plan that takes another one of
them at each event tells every station something new, for nothing. So a re-plan first keeps all
whose powers in force still serve them, and plans the others beside them; where that is dearer than
the proven least bill or leaves anybody shorter, those too may move that move in the plan nearest
to what is in force, then some more; and only where that does not do either, everybody may.

The law: nobody is less ready than in the plan made from nothing, class by class of priority, and
the bill is at most `STEADY_SHARE` of what charging adds to it above the proven least, or above
that plan's where the least powers of connectors keep that plan from its bound.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.planning.cost import cost_of, cost_of_site
from depotlib.planning.flow.nearest import nearest_kw
from depotlib.planning.minimum_power import at_least_minimum
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.rest import below_nodes_kw, rest_problem
from depotlib.planning.runs import starts_too_often
from depotlib.planning.solution import Solution
from depotlib.planning.solve import solve_problem

BoolArray = NDArray[np.bool_]

STEADY_SHARE: Final = 1e-3
"""Of what charging adds to the bill: so much a plan may cost to change fewer vehicles."""
_WIDER: Final = (2, 4, 8, 12)
"""So many more vehicles may move where few are not enough, before everybody may."""
_FULL_SHARE: Final = 0.99
"""Of the site's most: there it is full."""
_MOVED_KW: Final = 0.05
_SAME_KWH: Final = 1e-3
_TINY_KW: Final = 1e-6
_TINY_AMOUNT: Final = 1e-6


def steady_powers(
    problem: PlanningProblem, solution: Solution, *, held_kw: FloatArray
) -> FloatArray:
    """Return powers as `at_least_minimum` does, of as few vehicles as can be other than in force.

    Parameters
    ----------
    problem : PlanningProblem
        With connectors.
    solution : Solution
        Of the same problem.
    held_kw : ndarray
        In force, 0 where nothing is, (tasks, intervals).

    Returns
    -------
    ndarray
        (tasks, intervals).
    """
    is_kept = served_by(problem, held_kw)
    if not is_kept.any():
        return at_least_minimum(problem, solution)
    most_amount = solution.bound_amount + tolerance_amount(problem, solution.bound_amount)
    ready_kwh = _ready_kwh(problem, solution.task_kw)
    found: list[FloatArray] = []
    for kept in _kept_sets(problem, solution, held_kw=held_kw, is_kept=is_kept):
        task_kw = _beside(problem, held_kw, is_kept=kept)
        if task_kw is None:
            continue
        if _is_within(problem, task_kw, most_amount=most_amount, ready_kwh=ready_kwh):
            return task_kw
        found.append(task_kw)
    # The least powers of connectors may keep every plan from the bound, this one too.
    anew_kw = at_least_minimum(problem, solution)
    bill_amount = cost_of(problem, anew_kw).bill_amount
    most_amount = bill_amount + tolerance_amount(problem, bill_amount)
    ready_kwh = np.minimum(ready_kwh, _ready_kwh(problem, anew_kw))
    for task_kw in found:
        if _is_within(problem, task_kw, most_amount=most_amount, ready_kwh=ready_kwh):
            return task_kw
    return anew_kw


def served_by(problem: PlanningProblem, held_kw: FloatArray) -> BoolArray:
    """Return which needs get their target, no more and no less, by powers in force, (needs,).

    Powers outside a task's span, above its most or below its least serve nobody. The last interval
    of a need may hold less than the least: there it is full.

    Parameters
    ----------
    problem : PlanningProblem
    held_kw : ndarray
        (tasks, intervals).
    """
    tasks, needs = problem.tasks, problem.needs
    last = _last_drawn(held_kw)
    is_low = (held_kw > _TINY_KW) & (held_kw < tasks.min_kw[:, None] - _TINY_KW)
    is_low &= np.arange(problem.grid.count) != last[:, None]
    is_wrong = is_low | ((held_kw > _TINY_KW) & ~problem.windows_mask())
    is_wrong |= held_kw > tasks.max_kw[:, None] + _TINY_KW
    wrong = np.zeros(len(needs.vehicle_ids), dtype=np.bool_)
    wrong[tasks.need[is_wrong.any(axis=1)]] = True
    has_task = np.zeros_like(wrong)
    has_task[tasks.need] = True
    served = np.abs(_given_kwh(problem, held_kw) - needs.energy_target_kwh) <= _SAME_KWH
    return has_task & served & ~wrong


def shiftable_kwh(problem: PlanningProblem, held_kw: FloatArray) -> FloatArray:
    """Return what each need can take from where the site is full to where it is not, (needs,).

    Those make room where there is none; whoever has its power where it is not full makes none.

    Parameters
    ----------
    problem : PlanningProblem
    held_kw : ndarray
        In force, (tasks, intervals).
    """
    site_kw = problem.base_load_kw + held_kw.sum(axis=0)
    is_full = site_kw >= _FULL_SHARE * site_kw.max()
    free_kw = np.where(problem.windows_mask(), problem.tasks.max_kw[:, None] - held_kw, 0.0)
    shiftable_kw = np.minimum(held_kw[:, is_full].sum(axis=1), free_kw[:, ~is_full].sum(axis=1))
    return np.bincount(
        problem.tasks.need,
        weights=np.maximum(0.0, shiftable_kw) * problem.grid.interval_h,
        minlength=len(problem.needs.vehicle_ids),
    ).astype(np.float64)


def tolerance_amount(problem: PlanningProblem, bill_amount: float) -> float:
    """Return what fewer changes may cost: a share of what charging adds to the bill.

    ``STEADY_SHARE * max(0, bill - bill without charging)``
    """
    idle_amount = cost_of_site(problem, np.zeros(problem.grid.count)).bill_amount
    return STEADY_SHARE * max(0.0, bill_amount - idle_amount) + _TINY_AMOUNT


def _kept_sets(
    problem: PlanningProblem, solution: Solution, *, held_kw: FloatArray, is_kept: BoolArray
) -> Iterator[BoolArray]:
    """Yield who keeps its powers, more and more of them free.

    All that can; those that the nearest plan leaves alone; and without some more, those who can make
    most room, since connectors that give nothing or a least power leave too little choice where few
    may move.
    """
    yield is_kept
    # Who has most to draw moves first: one of them makes room for many.
    order = np.argsort(-_given_kwh(problem, held_kw), kind="stable")
    kept = is_kept
    if solution.path == "flow" and solution.priced is None:
        turn = np.zeros(len(is_kept), dtype=np.int64)
        turn[order[is_kept[order]]] = np.arange(1, int(is_kept.sum()) + 1)
        near_kw = nearest_kw(problem, solution.powers, held_kw=held_kw, turn=turn)
        is_moved = np.abs(near_kw - held_kw).max(axis=1, initial=0.0) > _MOVED_KW
        kept = is_kept.copy()
        kept[problem.tasks.need[is_moved]] = False
        if (kept != is_kept).any():
            yield kept
    able = np.argsort(-shiftable_kwh(problem, held_kw), kind="stable")
    for more in _WIDER:
        fewer = kept.copy()
        fewer[able[kept[able]][:more]] = False
        if fewer.any():
            yield fewer


def _beside(
    problem: PlanningProblem, held_kw: FloatArray, *, is_kept: BoolArray
) -> FloatArray | None:
    """Return the best powers of the others beside those kept; None: those alone break a rule."""
    is_own = is_kept[problem.tasks.need, None]
    kept_kw = np.where(is_own, held_kw, 0.0)
    if not _holds(problem, kept_kw) or starts_too_often(problem, kept_kw):
        return None
    others = problem.windows_mask() & ~is_own
    if not others.any():
        return kept_kw
    rest, origin = rest_problem(problem, others, fixed_kw=kept_kw)
    rest = replace(rest, tasks=replace(rest.tasks, min_kw=problem.tasks.min_kw[origin]))
    np.add.at(kept_kw, origin, at_least_minimum(rest, solve_problem(rest)))
    return kept_kw


def _holds(problem: PlanningProblem, task_kw: FloatArray) -> bool:
    """Return whether powers keep every limit."""
    below_kw = below_nodes_kw(problem, task_kw)
    return (
        bool(np.all(below_kw <= problem.tree.cap_kw + _TINY_KW))
        and (problem.safe is None or problem.safe.holds(task_kw))
        and (problem.phases is None or problem.phases.holds(task_kw))
    )


def _is_within(
    problem: PlanningProblem,
    task_kw: FloatArray,
    *,
    most_amount: float,
    ready_kwh: FloatArray,
) -> bool:
    return cost_of(problem, task_kw).bill_amount <= most_amount and bool(
        np.all(_ready_kwh(problem, task_kw) >= ready_kwh - _SAME_KWH)
    )


def _ready_kwh(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    """Return what counts for readiness, the most important first.

    How many have their must; then of every class of priority, the more important ones included,
    what all together have of their musts, then of their targets.
    """
    needs, given_kwh = problem.needs, _given_kwh(problem, task_kw)
    must_kwh = np.minimum(given_kwh, needs.energy_must_kwh)
    target_kwh = np.minimum(given_kwh, needs.energy_target_kwh)
    ready = float((given_kwh >= needs.energy_must_kwh - _SAME_KWH).sum())
    classes = [needs.priority >= rank for rank in np.unique(needs.priority)[::-1]]
    sums_kwh = [float(part[of].sum()) for part in (must_kwh, target_kwh) for of in classes]
    return np.array([ready, *sums_kwh])


def _given_kwh(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    return np.bincount(
        problem.tasks.need,
        weights=task_kw.sum(axis=1) * problem.grid.interval_h,
        minlength=len(problem.needs.vehicle_ids),
    ).astype(np.float64)


def _last_drawn(task_kw: FloatArray) -> NDArray[np.int64]:
    """Return the last interval in which each task draws, -1 for none, (tasks,)."""
    drawn = task_kw > _TINY_KW
    last = task_kw.shape[1] - 1 - np.argmax(drawn[:, ::-1], axis=1)
    return np.where(drawn.any(axis=1), last, -1).astype(np.int64)
