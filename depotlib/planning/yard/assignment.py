"""Connector windows for a depot's dwells, with the drives that they take."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, YardMove
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.formulation import relaxed_problem
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.watch import Watch
from depotlib.planning.yard.bounds import least_swaps_of
from depotlib.planning.yard.draft import (
    Draft,
    Effort,
    Trial,
    Worth,
    YardFrame,
    draft_at,
    problem_within,
    trial_of,
)
from depotlib.planning.yard.guide import guide_price_per_kwh, settled_price_per_kwh
from depotlib.planning.yard.search import Patience
from depotlib.planning.yard.stays import Stay, YardClock, places_of, stays_of

_ENOUGH_SHARE: Final = 2e-4
"""A draft this close to what no yard exceeds is not improved."""
_STEP_SHARE: Final = 0.75
"""How far the guide prices go from those of one draft to those that its windows lead to."""


@dataclass(frozen=True, slots=True)
class YardAssignment:
    """Who has which connector when.

    Parameters
    ----------
    windows : tuple of ConnectorWindow
        One a dwell, or two where that is worth a swap; on whole intervals.
    moves : tuple of YardMove
        Every drive but arrivals and departures, by time.
    swaps : int
        Vehicles that take a connector which another has left.
    unplaced : tuple of (str, str)
        Vehicle and reason, for every dwell without window.
    """

    windows: tuple[ConnectorWindow, ...]
    moves: tuple[YardMove, ...]
    swaps: int
    unplaced: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class YardPolicy:
    """What the search is after, and how long it goes on.

    Parameters
    ----------
    swap_amount : float
        What one swap is worth to the people who make it, each time, in the tariff's currency. A
        vehicle gets a second window where that saves more than the swap it takes; infinite: swaps
        are counted before money, and only readiness buys one.
    effort : Effort
        Counted steps, not time, so that the same input gives the same yard.
    drafts : int
        Whole yards that are made and solved at most; the best of them is kept.
    watch : Watch or None
        Told of every draft; its wish to stop ends the search, and the best draft so far is kept.
    """

    swap_amount: float = math.inf
    effort: Effort = field(default_factory=Effort)
    drafts: int = 5
    watch: Watch | None = field(default=None, compare=False)

    def is_enough(self) -> bool:
        """Return whether somebody wishes that the search be ended."""
        return self.watch is not None and self.watch.is_stop_asked


FEWEST_SWAPS: Final = YardPolicy()
"""Swaps are counted before money."""
SWAPS_FOR_MONEY: Final = YardPolicy(swap_amount=1.0)
"""A swap is made where it saves more than one unit of the tariff's currency, each time."""


def assign_windows(
    dwells: Sequence[Dwell],
    depot: Depot,
    *,
    grid: TimeGrid,
    prices: PriceTerms,
    base_load_kw: FloatArray,
    policy: YardPolicy = FEWEST_SWAPS,
) -> YardAssignment:
    """Return a connector window for each dwell, with least shortfall, then swaps, then cost.

    As many vehicles as there are connectors have one for their whole stay; the others share: one
    vehicle leaves its connector for a waiting bay, and another takes it a changeover later, while
    people are there.

    Parameters
    ----------
    dwells : sequence of Dwell
        Wishes for pool, station and connector are obeyed.
    depot : Depot
        Its changeover, staff hours and time zone hold.
    grid : TimeGrid
    prices : PriceTerms
        On the same grid.
    base_load_kw : ndarray
        Of everything but charging, (intervals,).
    policy : YardPolicy, optional

    Raises
    ------
    ProblemError
        If prices or base load do not fit the grid.
    """
    places = places_of(depot)
    stays = stays_of(dwells, places, grid=grid)
    frame = YardFrame(
        depot=depot,
        places=places,
        stays=stays,
        served=tuple(stay for stay in stays if not _hindrance(stay)),
        clock=YardClock(depot, grid),
        patience=Patience(is_enough=policy.is_enough),
    )
    relaxed = relaxed_problem(
        [stay.dwell for stay in frame.served],
        depot,
        grid=grid,
        prices=prices,
        base_load_kw=base_load_kw,
    )
    return _assignment(_best_draft(relaxed, frame, policy=policy), stays)


def _best_draft(relaxed: PlanningProblem, frame: YardFrame, *, policy: YardPolicy) -> Draft:
    """Return the best of a few drafts, each guided by what the ones before it left scarce."""
    swap_amount = policy.swap_amount * max(relaxed.prices.energy_factor, 0.0)
    free = trial_of(relaxed, 0, swap_amount=swap_amount)
    ideal = _ideal(free.worth, least_swaps_of(frame.served), swap_amount=swap_amount)
    price_per_kwh = settled_price_per_kwh(relaxed, free.charging_kw)
    found: list[tuple[Trial, Draft]] = []
    for number in range(max(1, policy.drafts)):
        draft = draft_at(
            price_per_kwh, frame, swap_amount=swap_amount, effort=policy.effort.at(number)
        )
        if found and policy.is_enough():
            break
        problem = problem_within(draft, frame, like=relaxed)
        trial = trial_of(problem, draft.swaps, swap_amount=swap_amount)
        is_settled = number > 0 and trial.worth == found[-1][0].worth
        found.append((trial, draft))
        best = min(found, key=_worth)[0]
        if policy.watch is not None:
            policy.watch.found(best.bill_amount, unmet_kwh=best.worth.unmet_kwh, drafts=len(found))
        if is_settled or _is_as_good(trial.worth, ideal) or policy.is_enough():
            break
        frame = replace(frame, patience=Patience(policy.is_enough, is_dropped=policy.is_enough))
        if number == 0:
            price_per_kwh = guide_price_per_kwh(relaxed)
        else:
            price_per_kwh += _STEP_SHARE * (guide_price_per_kwh(problem) - price_per_kwh)
    return min(found, key=_worth)[1]


def _ideal(free: Worth, least: int, *, swap_amount: float) -> Worth:
    """Return a worth that no yard exceeds: nobody waits for a plug, and only counted swaps."""
    if swap_amount < math.inf:
        return replace(free, amount=free.amount + least * swap_amount)
    return replace(free, swaps=least)


def _worth(one: tuple[Trial, Draft]) -> Worth:
    return one[0].worth


def _is_as_good(worth: Worth, other: Worth) -> bool:
    """Return whether a draft delivers as much as another, for about as much money."""
    return (
        worth.unmet_kwh <= other.unmet_kwh
        and worth.swaps <= other.swaps
        and worth.amount <= other.amount + _ENOUGH_SHARE * abs(other.amount)
    )


def _assignment(draft: Draft, stays: Sequence[Stay]) -> YardAssignment:
    reasons = {stay.index: reason for stay in stays if (reason := _hindrance(stay))}
    reasons |= dict.fromkeys(
        draft.waiting,
        "no connector it may use is free long enough while people are there to move it",
    )
    moves = [move for at_place in draft.turns for move in at_place.moves]
    return YardAssignment(
        windows=tuple(window for at_place in draft.turns for window in at_place.windows),
        moves=tuple(
            sorted(moves, key=lambda m: (m.at, m.to_connector_id is not None, m.vehicle_id))
        ),
        swaps=draft.swaps,
        unplaced=tuple(
            (stays[index].dwell.vehicle_id, reason) for index, reason in sorted(reasons.items())
        ),
    )


def _hindrance(stay: Stay) -> str:
    """Return why a stay cannot have a window whatever the others do; empty if it can."""
    if stay.dwell.energy_target_kwh <= 0:
        return "it needs no energy"
    if not stay.eligible:
        return "the depot has no connector that fits its pool, station, connector and powers"
    if stay.first >= stay.last:
        return "its stay holds no whole interval of the plan"
    return ""
