"""One yard at given guide prices, and what it is worth once it is solved."""

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from depotlib.model.depot import Depot
from depotlib.planning.cost import cost_of
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.formulation import windowed_problem
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.yard.bounds import least_swaps_of
from depotlib.planning.yard.pace import paced
from depotlib.planning.yard.relay import relays_worth
from depotlib.planning.yard.search import BAY, PATIENT, Patience, Yard
from depotlib.planning.yard.sharing import Sharing, SharingRules
from depotlib.planning.yard.stays import Place, Stay, YardClock, nights_of
from depotlib.planning.yard.turns import Turns, turns_at
from depotlib.planning.yard.window_cost import WindowCosts, weights_for

_NEGLIGIBLE_KWH = 1e-3


@dataclass(frozen=True, slots=True)
class YardFrame:
    """What all drafts of a yard have in common.

    Parameters
    ----------
    depot : Depot
    places : tuple of Place
    stays : tuple of Stay
        All stays, in the order of the dwells.
    served : tuple of Stay
        Those that can have a window.
    clock : YardClock
    patience : Patience
    """

    depot: Depot
    places: tuple[Place, ...]
    stays: tuple[Stay, ...]
    served: tuple[Stay, ...]
    clock: YardClock
    patience: Patience = PATIENT


@dataclass(frozen=True, slots=True)
class Draft:
    """A yard that can be done.

    Parameters
    ----------
    turns : tuple of Turns
        By place and night.
    waiting : tuple of int
        Indices of the stays without window.
    """

    turns: tuple[Turns, ...]
    waiting: tuple[int, ...]

    @property
    def swaps(self) -> int:
        """Return the number of swaps."""
        return sum(at_place.swaps for at_place in self.turns)


@dataclass(frozen=True, slots=True, order=True)
class Worth:
    """How good a draft is: the less the better, in this order.

    Parameters
    ----------
    unmet_must_kwh, unmet_kwh : float
        Rounded to what matters.
    swaps : int
        0 where swaps have a price: then it stands in the amount.
    amount : float
        Bill and swaps.
    """

    unmet_must_kwh: float
    unmet_kwh: float
    swaps: int
    amount: float


@dataclass(frozen=True, slots=True)
class Effort:
    """How long the search for a draft goes on: counted steps, so that results repeat.

    Parameters
    ----------
    exchanges : int
        Exchanges of stays that may be priced, for each stay of a night.
    kicks : int
        How often some places are emptied and filled anew, a night.
    seed : int
        Of the kicks.
    """

    exchanges: int = 30
    kicks: int = 2
    seed: int = 1

    def at(self, number: int) -> Self:
        """Return the effort for one of several drafts: other kicks each time."""
        return replace(self, seed=self.seed + number)


def draft_at(
    price_per_kwh: FloatArray, frame: YardFrame, *, swap_amount: float, effort: Effort
) -> Draft:
    """Return a yard that is cheap at guide prices.

    Parameters
    ----------
    price_per_kwh : ndarray
        Guide prices, (intervals,).
    frame : YardFrame
    swap_amount : float
        What a swap must save for a vehicle to get a second window; infinite: none does.
    effort : Effort
    """
    costs = WindowCosts(
        price_per_kwh,
        interval_h=frame.clock.grid.interval_h,
        weights=weights_for(frame.served, price_per_kwh, swap_amount=swap_amount),
    )
    turns: list[Turns] = []
    waiting: list[int] = []
    for night in nights_of(frame.served, frame.clock):
        yard = Yard(
            night,
            frame.places,
            rules=SharingRules(frame.clock, costs),
            least=least_swaps_of(night),
            patience=frame.patience,
        )
        yard.fill()
        yard.improve(effort.exchanges * len(night))
        yard.kick(effort.kicks, seed=effort.seed)
        yard.spread(frame.places, frame.depot)
        waiting += [stay.index for stay in yard.members(BAY)]
        found, dropped = _timed(yard, frame, swap_amount=swap_amount)
        waiting += dropped
        turns += [
            turns_at(frame.places[place], sharing.slots, stays=frame.stays, clock=frame.clock)
            for place, sharing in found.items()
        ]
    return Draft(tuple(turns), tuple(waiting))


def _timed(
    yard: Yard, frame: YardFrame, *, swap_amount: float
) -> tuple[dict[int, Sharing], list[int]]:
    """Return the sharings of a night by place, and who has to wait for want of drivers."""
    relays = relays_worth(yard, swap_amount)
    limit = frame.depot.moves_per_hour
    if limit:
        return paced(yard, relays, clock=frame.clock, limit=limit)
    return {**yard.sharings(), **relays}, []


def problem_within(draft: Draft, frame: YardFrame, *, like: PlanningProblem) -> PlanningProblem:
    """Return the problem of the served stays in the windows of a draft.

    Parameters
    ----------
    draft : Draft
    frame : YardFrame
    like : PlanningProblem
        Whose grid, prices and base load hold.
    """
    return windowed_problem(
        [stay.dwell for stay in frame.served],
        frame.depot,
        windows=[window for at_place in draft.turns for window in at_place.windows],
        grid=like.grid,
        prices=like.prices,
        base_load_kw=like.base_load_kw,
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """A problem solved by the flow path.

    Parameters
    ----------
    worth : Worth
    charging_kw : ndarray
        Of all vehicles together, (intervals,).
    bill_amount : float
        Without a price of swaps.
    """

    worth: Worth
    charging_kw: FloatArray
    bill_amount: float


def trial_of(problem: PlanningProblem, swaps: int, *, swap_amount: float) -> Trial:
    """Return what a problem is worth when it is solved by the flow path.

    Tiers that the flow path cannot express are priced as the dispatch meets them.

    Parameters
    ----------
    problem : PlanningProblem
    swaps : int
    swap_amount : float
        Of one swap over the horizon of the price terms; infinite: before all money.
    """
    task_kw = solve_flow(problem).task_kw
    needs = problem.needs
    given_kwh = _given_kwh(problem, task_kw)
    short_must_kwh = float((needs.energy_must_kwh - given_kwh).clip(min=0.0).sum())
    short_kwh = float((needs.energy_target_kwh - given_kwh).clip(min=0.0).sum())
    has_price = swap_amount < math.inf
    bill_amount = cost_of(problem, task_kw).bill_amount
    worth = Worth(
        unmet_must_kwh=_rounded_kwh(short_must_kwh),
        unmet_kwh=_rounded_kwh(short_kwh),
        swaps=0 if has_price else swaps,
        amount=bill_amount + (swaps * swap_amount if has_price else 0.0),
    )
    return Trial(worth, task_kw.sum(axis=0), bill_amount)


def _given_kwh(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    given_kwh = np.zeros(len(problem.needs.vehicle_ids))
    np.add.at(given_kwh, problem.tasks.need, task_kw.sum(axis=1) * problem.grid.interval_h)
    return given_kwh


def _rounded_kwh(energy_kwh: float) -> float:
    """Return an energy in which the solver's rounding to milliwatt-hours does not show."""
    return round(energy_kwh / _NEGLIGIBLE_KWH) * _NEGLIGIBLE_KWH
