"""The facts of a night as they are given to the planner, and the same with one of them changed."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from depotlib.errors import ExplainError
from depotlib.model.calendar import zone
from depotlib.model.depot import ChargingStation, Connector, Depot, Evse
from depotlib.model.dwell import Dwell
from depotlib.model.plan import Occupancy, Plan
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.formulation import relaxed_problem, windowed_problem
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.site_assets import with_assets


@dataclass(frozen=True, slots=True)
class NightFacts:
    """All that a night's plan rests on.

    Parameters
    ----------
    dwells : tuple of Dwell
    depot : Depot
    grid : TimeGrid
        Departures that are moved beyond its end count up to there only.
    prices : PriceTerms
        On the same grid.
    base_load_kw : ndarray
        (intervals,).
    occupancy : {'assigned', 'relaxed'}
    """

    dwells: tuple[Dwell, ...]
    depot: Depot
    grid: TimeGrid
    prices: PriceTerms
    base_load_kw: FloatArray
    occupancy: Occupancy = "assigned"

    @property
    def time_zone(self) -> ZoneInfo:
        """Return the depot's zone, for times in sentences."""
        return zone(self.depot.time_zone)

    def plan(self, *, made_at: datetime) -> Plan:
        """Return the audited optimal plan of these facts.

        Raises
        ------
        PlanningError
            If the facts contradict each other.
        """
        return plan_night(
            self.dwells,
            self.depot,
            grid=self.grid,
            prices=self.prices,
            base_load_kw=self.base_load_kw,
            order=PlanOrder(made_at=made_at, occupancy=self.occupancy),
        )

    def relaxed(self) -> PlanningProblem:
        """Return the problem in which no vehicle waits for a plug."""
        problem = relaxed_problem(
            self.dwells,
            self.depot,
            grid=self.grid,
            prices=self.prices,
            base_load_kw=self.base_load_kw,
        )
        return with_assets(problem, self.depot)

    def decided(self, plan: Plan) -> PlanningProblem:
        """Return the problem that a plan of these facts solved: within its own windows, if any.

        Raises
        ------
        ExplainError
            If the plan was made for another grid.
        """
        if plan.grid != self.grid:
            raise ExplainError(
                f"plan {plan.header.plan_id} was made for {plan.grid.start} to {plan.grid.end}, "
                f"the facts hold from {self.grid.start} to {self.grid.end}",
                where="plan",
                hint="explain a plan with the facts that it was made from",
            )
        if plan.header.occupancy == "relaxed":
            return self.relaxed()
        problem = windowed_problem(
            self.dwells,
            self.depot,
            windows=plan.windows,
            grid=self.grid,
            prices=self.prices,
            base_load_kw=self.base_load_kw,
        )
        return with_assets(problem, self.depot)


def with_operating_limit(facts: NightFacts, limit_kw: float) -> NightFacts:
    """Return the night under another operating limit; at most the service's hard limit [kW]."""
    grid = replace(facts.depot.grid, operating_limit_kw=limit_kw)
    return replace(facts, depot=replace(facts.depot, grid=grid))


def with_departure(facts: NightFacts, dwell: int, *, departure: datetime) -> NightFacts:
    """Return the night in which one stay ends at another time."""
    return with_dwells(facts, {dwell: replace(facts.dwells[dwell], departure=departure)}.items())


def with_dwells(facts: NightFacts, changed: Iterable[tuple[int, Dwell]]) -> NightFacts:
    """Return the night with some stays replaced, by their index."""
    dwells = list(facts.dwells)
    for index, dwell in changed:
        dwells[index] = dwell
    return replace(facts, dwells=tuple(dwells))


def with_point(facts: NightFacts, pool: str) -> NightFacts:
    """Return the night at a depot with one more point: like the most powerful of a pool.

    It hangs on the same circuit, as one station with one plug.

    Raises
    ------
    ExplainError
        If the depot has no such pool.
    """
    model = point_like(facts.depot, pool)
    stations = (*facts.depot.stations, model)
    return replace(facts, depot=replace(facts.depot, stations=stations))


def point_like(depot: Depot, pool: str) -> ChargingStation:
    """Return one more station of a pool: its most powerful plug, under a name of its own.

    Raises
    ------
    ExplainError
        If the depot has no such pool.
    """
    own = [station for station in depot.stations if station.pool == pool]
    if not own:
        raise ExplainError(
            f"the depot has no pool {pool!r}", where="pool", hint="name a pool that it has"
        )
    station, plug = max(
        ((one, plug) for one in own for plug in one.connectors()), key=lambda pair: pair[1].max_kw
    )
    max_kw = min(station.max_kw, plug.max_kw)
    return replace(
        station,
        station_id=_free_name(depot, pool),
        max_kw=max_kw,
        safe_limit_kw=min(station.safe_limit_kw, max_kw),
        evses=(Evse(1, (_plug(plug, connector_id=f"{_free_name(depot, pool)}/1"),)),),
        bay="",
        deratings=(),
    )


def pools_of(depot: Depot) -> tuple[str, ...]:
    """Return the pools of a depot, in the order of its stations."""
    return tuple(dict.fromkeys(station.pool for station in depot.stations))


def later_by(dwell: Dwell, *, intervals: int, grid: TimeGrid) -> datetime:
    """Return a departure some intervals later; not beyond the end of the grid."""
    return max(dwell.departure, min(dwell.departure + intervals * grid.step, grid.end))


def room_for_limit_kw(facts: NightFacts) -> float:
    """Return by how much the operating limit may be raised: the service allows no more [kW]."""
    grid = facts.depot.grid
    room_kw = grid.service_kw - grid.margin_kw - grid.operating_limit_kw
    return max(0.0, room_kw) if math.isfinite(room_kw) else 0.0


def _plug(plug: Connector, *, connector_id: str) -> Connector:
    return replace(plug, connector_id=connector_id, number=1)


def _free_name(depot: Depot, pool: str) -> str:
    taken = {station.station_id for station in depot.stations}
    number = 1
    while (name := f"new {pool} point {number}") in taken:
        number += 1
    return name
