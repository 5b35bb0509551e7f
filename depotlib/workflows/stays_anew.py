"""The stays of a past planned anew under a tariff, each at a plug of its own."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from depotlib.errors import ProblemError
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.needs.past_stays import PastStays, double_stay, instant_of
from depotlib.planning.budget import Budget
from depotlib.planning.cost import cost_of_site, gap_share_of
from depotlib.planning.own_plugs import own_plugs_problem
from depotlib.planning.problem import FloatArray, Needs
from depotlib.planning.solve import solve_problem
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.terms import price_terms


@dataclass(frozen=True, slots=True)
class LoadAnew:
    """The load of a plan.

    Parameters
    ----------
    load : polars.DataFrame
        `LoadFrame`.
    interval_s : int
    gap_share : float
        By how much it may be dearer than the cheapest plan: more than 0 where the solver's
        time was over before the proof.
    """

    load: pl.DataFrame
    interval_s: int
    gap_share: float


def load_planned_anew(
    tariff: Tariff,
    stays: PastStays,
    *,
    grid: TimeGrid,
    time_zone: ZoneInfo,
    max_kw: float,
    budget: Budget | None = None,
) -> LoadAnew:
    """Return the load of the cheapest plan under a tariff.

    Parameters
    ----------
    tariff : Tariff
    stays : PastStays
        Those without room to choose stand as they happened.
    grid : TimeGrid
        Over all stays; widened to the tariff's demand windows.
    time_zone : ZoneInfo
        The meter's.
    max_kw : float
        Power of a charging vehicle.
    budget : Budget, optional
        Time of the solver; default: as of any plan.

    Raises
    ------
    TariffError
        If the tariff's prices cannot be told by interval.
    PlanningError
        If a vehicle was there twice at once, or no plan can be made.
    """
    interval_s = max(grid.interval_s, tariff.demand_window_s)
    if interval_s != grid.interval_s:
        grid = grid_over(grid.start, grid.end, interval_s=interval_s)
    has_room = stays.has_room(grid, max_kw=max_kw)
    movable = stays.chosen(has_room)
    _refuse_double_stays(movable)
    load_kw = stays.chosen(~has_room).load_kw(grid, max_kw=max_kw)
    problem = own_plugs_problem(
        _needs(movable, grid),
        grid=grid,
        prices=price_terms(tariff, grid, time_zone=time_zone),
        base_load_kw=load_kw,
        max_kw=max_kw,
    )
    solution = solve_problem(problem, budget=budget)
    charging_kw = solution.powers.by_interval_kw()
    gap_share = 0.0
    if not solution.is_proven:
        cost = cost_of_site(problem, charging_kw)
        gap_share = max(0.0, gap_share_of(cost, solution.bound_amount))
    return LoadAnew(_frame(grid, load_kw + charging_kw), interval_s, gap_share)


def _needs(stays: PastStays, grid: TimeGrid) -> Needs:
    first, last = stays.spans(grid)
    return Needs(
        vehicle_ids=stays.vehicle_ids,
        energy_must_kwh=stays.energy_kwh,
        energy_target_kwh=stays.energy_kwh,
        priority=np.zeros(len(stays), dtype=np.int64),
        first=first,
        last=last,
    )


def _refuse_double_stays(stays: PastStays) -> None:
    found = double_stay(stays)
    if found is None:
        return
    one, after = found
    vehicle_id = stays.vehicle_ids[one]
    raise ProblemError(
        f"{vehicle_id!r} arrives at {instant_of(int(stays.arrival_us[after]))} while it is still "
        f"there until {instant_of(int(stays.departure_us[one]))}",
        where=f"stay of {vehicle_id}",
        hint="correct one of its two stays, or give the vehicles different names",
    )


def _frame(grid: TimeGrid, load_kw: FloatArray) -> pl.DataFrame:
    starts = pl.Series("interval_start", grid.starts()).dt.cast_time_unit("us")
    return pl.DataFrame({"interval_start": starts, "power_kw": load_kw})
