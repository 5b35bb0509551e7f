"""What the limits that bind are worth: the dual, a kW more and a kW less, each solved again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from depotlib.model.plan import Binding
from depotlib.planning.binding import limit_noun
from depotlib.planning.changes import with_limit, with_power
from depotlib.planning.outcome import Outcome, outcome_of, outcome_of_solution
from depotlib.planning.problem import SITE, PlanningProblem
from depotlib.planning.sentence import Span, saving_words, span_words, spans_of
from depotlib.planning.solution import Solution

STEP_KW: Final = 1.0
_SAME_SHARE: Final = 1e-3
_LEAST_AMOUNT: Final = 0.005


@dataclass(frozen=True, slots=True)
class LimitValue:
    """A limit that binds, with its price.

    Parameters
    ----------
    name : str
        ``site_limit``, ``circuit_limit[panel-A]`` or ``connector_limit[van-07,AC-03/1]``.
    noun : str
        The same in words.
    spans : tuple of Span
        Hours in which it binds.
    step_kw : float
        By how much it was changed for the figures below, in all of these hours.
    price_per_kw : float
        Sum of the duals of these hours: a slope between the two differences.
    saved_by_more_amount : float
        What the bill falls by with one step more, solved again.
    lost_by_less_amount : float
        What the bill rises by with one step less, solved again.
    short_by_less_kwh : float
        Energy that is missing with one step less, beyond what is missing now.
    sentence : str
    """

    name: str
    noun: str
    spans: tuple[Span, ...]
    step_kw: float
    price_per_kw: float
    saved_by_more_amount: float
    lost_by_less_amount: float
    short_by_less_kwh: float
    sentence: str

    @property
    def is_degenerate(self) -> bool:
        """Return whether a kW more saves noticeably less than a kW less costs.

        ``lost by a kW less - saved by a kW more``
        """
        apart_amount = self.lost_by_less_amount - self.saved_by_more_amount
        return self.short_by_less_kwh > 0 or apart_amount > max(
            _LEAST_AMOUNT, _SAME_SHARE * abs(self.lost_by_less_amount)
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """One limit of the tree, or one task's own power, and where it binds."""

    name: str
    noun: str
    node: int | None
    task: int | None
    intervals: tuple[int, ...]
    price_per_kw: float


def limit_values(
    problem: PlanningProblem,
    solution: Solution,
    *,
    time_zone: ZoneInfo,
    most: int = 6,
    step_kw: float = STEP_KW,
) -> tuple[LimitValue, ...]:
    """Return the dearest limits of a solved problem with what a step of each is worth.

    Parameters
    ----------
    problem : PlanningProblem
    solution : Solution
        Of the same problem.
    time_zone : ZoneInfo
        For the hours in sentences.
    most : int
        How many limits are solved again, twice each.
    step_kw : float

    Raises
    ------
    SolverError
        If a solver fails.
    """
    places = sorted(_places(problem, solution.bindings), key=lambda p: (-p.price_per_kw, p.name))
    now = outcome_of_solution(problem, solution)
    return tuple(
        _value(problem, place, now=now, step_kw=step_kw, time_zone=time_zone)
        for place in places[:most]
    )


def more_site_power(
    problem: PlanningProblem, solution: Solution, *, steps_kw: Iterable[float]
) -> tuple[tuple[float, Outcome], ...]:
    """Return the outcome with so much more, or less, power for the site in every interval.

    Returns
    -------
    tuple of (float, Outcome)
        The step and what it comes to, in the order given.
    """
    every = np.arange(problem.grid.count)
    now = outcome_of_solution(problem, solution)
    return tuple(
        (
            step_kw,
            now
            if step_kw == 0
            else outcome_of(with_limit(problem, SITE, intervals=every, by_kw=step_kw)),
        )
        for step_kw in steps_kw
    )


def _value(
    problem: PlanningProblem, place: _Place, *, now: Outcome, step_kw: float, time_zone: ZoneInfo
) -> LimitValue:
    more = outcome_of(_moved(problem, place, by_kw=step_kw))
    less = outcome_of(_moved(problem, place, by_kw=-step_kw))
    spans = spans_of(place.intervals, problem.grid)
    short_kwh = max(0.0, less.unmet_kwh - now.unmet_kwh)
    saved_amount = now.bill_amount - more.bill_amount
    value = LimitValue(
        name=place.name,
        noun=place.noun,
        spans=spans,
        step_kw=step_kw,
        price_per_kw=place.price_per_kw,
        saved_by_more_amount=saved_amount,
        lost_by_less_amount=less.bill_amount - now.bill_amount,
        short_by_less_kwh=short_kwh if short_kwh > _LEAST_AMOUNT else 0.0,
        sentence="",
    )
    gained_kwh = max(0.0, now.unmet_kwh - more.unmet_kwh)
    return _with_sentence(
        value,
        gained_kwh=gained_kwh if gained_kwh > _LEAST_AMOUNT else 0.0,
        currency=problem.prices.currency,
        time_zone=time_zone,
    )


def _with_sentence(
    value: LimitValue, *, gained_kwh: float, currency: str, time_zone: ZoneInfo
) -> LimitValue:
    hours = f" {span_words(value.spans, time_zone)}" if value.spans else ""
    step = f"{value.step_kw:g} kW"
    more = f"{step} more {saving_words(value.saved_by_more_amount, currency)}"
    if gained_kwh:
        more = f"{step} more gives {gained_kwh:.1f} kWh more to those who are short"
    less = f"{step} less {saving_words(-value.lost_by_less_amount, currency)}"
    if value.short_by_less_kwh:
        less = f"{step} less leaves {value.short_by_less_kwh:.1f} kWh undelivered"
    return replace(value, sentence=f"{value.noun} is used up{hours}: {more}; {less}")


def _moved(problem: PlanningProblem, place: _Place, *, by_kw: float) -> PlanningProblem:
    if place.task is not None:
        return with_power(problem, place.task, by_kw=by_kw)
    assert place.node is not None
    intervals = np.array(place.intervals, dtype=np.int64)
    return with_limit(problem, place.node, intervals=intervals, by_kw=by_kw)


def _places(problem: PlanningProblem, bindings: Iterable[Binding]) -> list[_Place]:
    """Return the limits that bindings speak of, the intervals of one limit together."""
    limits = {
        problem.tree.limit_name(node, interval): (node, interval)
        for node in range(len(problem.tree.kinds))
        for interval in range(problem.grid.count)
    }
    tasks = {_task_name(problem, task): task for task in range(len(problem.tasks.need))}
    by_node: dict[int, dict[int, float]] = defaultdict(dict)
    places: list[_Place] = []
    for binding in bindings:
        if binding.name in limits:
            node, interval = limits[binding.name]
            by_node[node][interval] = binding.price_per_kw
        elif binding.name in tasks:
            places.append(_task_place(problem, tasks[binding.name], binding=binding))
    return places + [_node_place(problem, node, priced=priced) for node, priced in by_node.items()]


def _task_name(problem: PlanningProblem, task: int) -> str:
    connector_id = problem.tasks.connector_ids[task]
    vehicle_id = problem.needs.vehicle_ids[int(problem.tasks.need[task])]
    return f"connector_limit[{vehicle_id}{',' + connector_id if connector_id else ''}]"


def _task_place(problem: PlanningProblem, task: int, *, binding: Binding) -> _Place:
    vehicle_id = problem.needs.vehicle_ids[int(problem.tasks.need[task])]
    connector_id = problem.tasks.connector_ids[task]
    place = f" on {connector_id}" if connector_id else ""
    return _Place(
        name=binding.name,
        noun=f"the {problem.tasks.max_kw[task]:g} kW of {vehicle_id}{place}",
        node=None,
        task=task,
        intervals=(),
        price_per_kw=binding.price_per_kw,
    )


def _node_place(problem: PlanningProblem, node: int, *, priced: dict[int, float]) -> _Place:
    node_id = problem.tree.ids[node]
    return _Place(
        name=problem.tree.kinds[node] + (f"[{node_id}]" if node_id else ""),
        noun=limit_noun(problem, node),
        node=node,
        task=None,
        intervals=tuple(sorted(priced)),
        price_per_kw=sum(priced.values()),
    )
