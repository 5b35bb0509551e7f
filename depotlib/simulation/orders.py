"""From a plan to orders: who stands where from when to when, and with what power."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.asset_powers import AssetPowers
from depotlib.planning.formulation import windowed_problem
from depotlib.planning.minimum_power import at_least_minimum
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.site_assets import beside, with_assets
from depotlib.planning.solve import solve_problem
from depotlib.planning.yard.assignment import YardPolicy, assign_windows
from depotlib.simulation.vehicle import TINY_KWH
from depotlib.simulation.yard import Yard
from depotlib.units import duration_h

_QUICK: Final = YardPolicy(drafts=1)
"""A yard is planned many times in a play: one draft, fewest swaps first."""


@dataclass(frozen=True, slots=True)
class Order:
    """One vehicle on one place for a while.

    Parameters
    ----------
    place : int
    plug_from : int
        From here on the place is meant for it, power or not.
    last : int
        Half-open.
    power_kw : dict of int to float
        By interval; none: nothing. Negative: the vehicle feeds back.
    """

    place: int
    plug_from: int
    last: int
    power_kw: dict[int, float]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is to be planned.

    Parameters
    ----------
    dwells : mapping of int to Dwell
        By position among the drawn stays; those at home begin now, and those at a plug name it.
    grid : TimeGrid
        From now on.
    first : int
        The play's interval that is the grid's first.
    depot : Depot
        With the outages that are known.
    prices : PriceTerms
    base_load_kw : ndarray
        (intervals,).
    kept : sequence of ConnectorWindow
        Of an earlier plan of the same yard.
    solar_kw : ndarray or None
        What is expected of the sun, (intervals,); None: the depot has neither sun nor storage.
    """

    dwells: Mapping[int, Dwell]
    grid: TimeGrid
    first: int
    depot: Depot
    prices: PriceTerms
    base_load_kw: FloatArray
    kept: Sequence[ConnectorWindow] = ()
    solar_kw: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class PlanAhead:
    """A plan: orders by position among the drawn stays, windows at the connectors, and storage.

    Parameters
    ----------
    orders : mapping of int to sequence of Order
    windows : tuple of ConnectorWindow
    storage_kw : mapping of int to tuple of float
        By interval of the play: what each storage takes.
    """

    orders: Mapping[int, Sequence[Order]]
    windows: tuple[ConnectorWindow, ...]
    storage_kw: Mapping[int, tuple[float, ...]] = field(
        default_factory=dict[int, tuple[float, ...]]
    )


NO_PLAN: Final = PlanAhead({}, ())


def plan_ahead(ahead: Ahead, yard: Yard) -> PlanAhead:
    """Return the cheapest plan.

    Where there is a plug for everybody, everybody has one for the whole stay; otherwise the yard
    is planned as well, with as few swaps as there can be. Windows of an earlier plan are kept as
    long as everybody can have its energy in them.

    Raises
    ------
    ProblemError, SolverError
        If there is no plan.
    """
    windows = _own_windows(ahead, yard)
    if not windows:
        ahead = _without_idle(ahead)
        if not ahead.dwells:
            return NO_PLAN
        windows = _kept_windows(ahead, yard) or _shared_windows(ahead)
    indices, dwells = list(ahead.dwells), list(ahead.dwells.values())
    problem = windowed_problem(
        dwells,
        ahead.depot,
        windows=windows,
        grid=ahead.grid,
        prices=ahead.prices,
        base_load_kw=ahead.base_load_kw,
    )
    if ahead.solar_kw is not None:
        problem = with_assets(problem, ahead.depot, solar_kw=ahead.solar_kw.tolist())
    # Nothing asks for preconditioning here, so every window is one task.
    (task_kw, assets), tasks = _solved_kw(problem), problem.tasks
    if assets is not None:
        # Both at once, at no price, is the one that remains: it loses less on its way.
        task_kw = task_kw - assets.feed_kw
    meant_from = _meant_from(windows, ahead.grid)
    orders: dict[int, list[Order]] = defaultdict(list)
    for task, need in enumerate(tasks.need.tolist()):
        first, last = int(tasks.first[task]), int(tasks.last[task])
        powers_kw = task_kw[task, first:last].tolist()
        orders[indices[need]].append(
            Order(
                place=yard.place_of(windows[task].connector_id),
                plug_from=ahead.first + min(meant_from[task], first),
                last=ahead.first + last,
                power_kw={
                    ahead.first + first + at: power_kw
                    for at, power_kw in enumerate(powers_kw)
                    if power_kw != 0
                },
            )
        )
    return PlanAhead(orders, tuple(windows), _storage_kw(assets, first=ahead.first))


def _without_idle(ahead: Ahead) -> Ahead:
    """Return what is to be planned without those who need nothing and could only feed back.

    Where plugs are scarce, they are for those who need them.
    """
    dwells = {
        index: one
        for index, one in ahead.dwells.items()
        if one.energy_target_kwh > TINY_KWH
        or one.battery is None
        or not one.battery.discharge_max_kw
    }
    return replace(ahead, dwells=dwells)


def _solved_kw(problem: PlanningProblem) -> tuple[FloatArray, AssetPowers | None]:
    """Return the powers of the best plan; steps and minima only where a minimum asks for them."""
    solution = solve_problem(problem)
    if not bool((problem.tasks.min_kw > 0).any()):
        return solution.task_kw, solution.assets
    if solution.assets is None:
        return at_least_minimum(problem, solution), None
    plain = beside(solution.priced or problem, solution.assets)
    return at_least_minimum(plain, replace(solution, priced=None)), solution.assets


def _storage_kw(assets: AssetPowers | None, *, first: int) -> dict[int, tuple[float, ...]]:
    if assets is None:
        return {}
    return {first + at: tuple(column) for at, column in enumerate(assets.storage_kw.T.tolist())}


def _own_windows(ahead: Ahead, yard: Yard) -> list[ConnectorWindow]:
    """Return a plug for everybody's whole stay; empty where there is not one for everybody."""
    busy_until = {
        place: vehicle.dwell.departure + yard.changeover
        for place, vehicle in enumerate(yard.occupant)
        if vehicle is not None
    }
    windows: list[ConnectorWindow] = []
    stays = list(ahead.dwells.values())
    for dwell in sorted(stays, key=lambda one: (one.connector_id is None, one.arrival)):
        free = [
            place
            for place in yard.fits(dwell)
            if dwell.connector_id is not None
            or place not in busy_until
            or busy_until[place] <= dwell.arrival
        ]
        if not free:
            return []
        dead = _dead_places(ahead, yard, at=dwell.arrival)
        place = next((one for one in free if one not in dead), free[0])
        busy_until[place] = dwell.departure + yard.changeover
        windows.append(
            ConnectorWindow(
                dwell.vehicle_id,
                yard.fits(dwell)[place].connector.connector_id,
                dwell.arrival,
                dwell.departure,
            )
        )
    return windows


def _dead_places(ahead: Ahead, yard: Yard, *, at: datetime) -> frozenset[int]:
    """Return the places whose station is known to be out of service at an instant."""
    return frozenset(
        yard.place_of(connector.connector_id)
        for station in ahead.depot.stations
        if any(one.limit_kw == 0 and one.start <= at < one.end for one in station.deratings)
        for connector in station.connectors()
    )


def _kept_windows(ahead: Ahead, yard: Yard) -> list[ConnectorWindow]:
    """Return the windows of an earlier plan; empty where they do not serve everybody any more."""
    kept: list[ConnectorWindow] = []
    for dwell in ahead.dwells.values():
        own = [
            one
            for one in ahead.kept
            if one.vehicle_id == dwell.vehicle_id
            and one.start < dwell.departure
            and dwell.arrival < one.end
        ]
        held_kwh = sum(_held_kwh(one, dwell, yard=yard) for one in own)
        if held_kwh < dwell.energy_target_kwh:
            return []
        kept += own
    return kept


def _held_kwh(window: ConnectorWindow, dwell: Dwell, *, yard: Yard) -> float:
    """Return the most that a vehicle can take in what is left of a window [kWh]."""
    found = yard.fits(replace(dwell, connector_id=None)).get(yard.place_of(window.connector_id))
    if found is None:
        return 0.0
    span = min(window.end, dwell.departure) - max(window.start, dwell.arrival)
    return found.max_kw * duration_h(span)


def _shared_windows(ahead: Ahead) -> list[ConnectorWindow]:
    """Return who has which plug when, with as few swaps as there can be."""
    assignment = assign_windows(
        list(ahead.dwells.values()),
        ahead.depot,
        grid=ahead.grid,
        prices=ahead.prices,
        base_load_kw=ahead.base_load_kw,
        policy=_QUICK,
    )
    return list(assignment.windows)


def _meant_from(windows: Sequence[ConnectorWindow], grid: TimeGrid) -> list[int]:
    """Return from when on each window's place is meant for it: since the one before has ended."""
    meant_from = [0] * len(windows)
    ended: dict[str, int] = {}
    for position in sorted(range(len(windows)), key=lambda one: windows[one].start):
        window = windows[position]
        meant_from[position] = ended.get(window.connector_id, 0)
        ended[window.connector_id] = max(0, grid.first_whole_interval(window.end))
    return meant_from
