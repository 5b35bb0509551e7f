"""Connector windows for a depot's dwells, with the drives that they take."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, YardMove
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.formulation import relaxed_problem
from depotlib.planning.problem import FloatArray
from depotlib.planning.yard.guide import guide_price_per_kwh
from depotlib.planning.yard.relay import relays_worth
from depotlib.planning.yard.search import BAY, Yard
from depotlib.planning.yard.sharing import SharingRules
from depotlib.planning.yard.stays import Stay, YardClock, nights_of, places_of, stays_of
from depotlib.planning.yard.turns import Turns, turns_at
from depotlib.planning.yard.window_cost import WindowCosts, weights_for


@dataclass(frozen=True, slots=True)
class YardAssignment:
    """Who has which connector when.

    Parameters
    ----------
    windows : tuple of ConnectorWindow
        At most one a dwell, or two where the policy buys a swap for it; on whole intervals.
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
        What one swap a night costs over the horizon of the price terms. A vehicle gets a second
        window where that saves more than the swap it takes; infinite: never.
    sharings : int
        Sharings of one place that the search may price, a night: counted steps, not time, so that
        the same input gives the same yard.
    """

    swap_amount: float = math.inf
    sharings: int = 6000


FEWEST_SWAPS: Final = YardPolicy()


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
    clock = YardClock(depot, grid)
    served = [stay for stay in stays if not _hindrance(stay)]
    problem = relaxed_problem(
        [stay.dwell for stay in served],
        depot,
        grid=grid,
        prices=prices,
        base_load_kw=base_load_kw,
    )
    price_per_kwh = guide_price_per_kwh(problem)
    costs = WindowCosts(
        price_per_kwh, interval_h=grid.interval_h, weights=weights_for(served, price_per_kwh)
    )
    turns: list[Turns] = []
    waiting: list[int] = []
    for night in nights_of(served, clock):
        yard = Yard(night, places, rules=SharingRules(clock, costs))
        yard.fill()
        yard.improve(policy.sharings)
        yard.spread(places, depot)
        waiting += yard.at[BAY]
        relays = relays_worth(yard, policy.swap_amount) if policy.swap_amount < math.inf else {}
        turns += [
            turns_at(places[place], sharing.slots, stays=stays, clock=clock)
            for place, sharing in ({**yard.sharings(), **relays}).items()
        ]
    return _assignment(turns, stays, waiting=waiting)


def _assignment(
    turns: Sequence[Turns], stays: Sequence[Stay], *, waiting: Sequence[int]
) -> YardAssignment:
    reasons = {stay.index: reason for stay in stays if (reason := _hindrance(stay))}
    reasons |= dict.fromkeys(
        waiting, "no connector it may use is free long enough while people are there to move it"
    )
    moves = [move for at_place in turns for move in at_place.moves]
    return YardAssignment(
        windows=tuple(window for at_place in turns for window in at_place.windows),
        moves=tuple(
            sorted(moves, key=lambda m: (m.at, m.to_connector_id is not None, m.vehicle_id))
        ),
        swaps=sum(at_place.swaps for at_place in turns),
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
