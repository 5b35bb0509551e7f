"""Small depots, nights and random problems for tests of planning."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from depotlib.model.depot import (
    ChargingStation,
    Circuit,
    Connector,
    Depot,
    Evse,
    GridConnection,
)
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, Plan
from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.formulation import relaxed_problem, windowed_problem
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.problem import (
    FloatArray,
    LimitTree,
    Needs,
    PlanningProblem,
    Tasks,
)

START: Final = datetime(2026, 11, 2, 18, tzinfo=UTC)
QUARTER: Final = timedelta(minutes=15)
MADE_AT: Final = datetime(2026, 11, 2, 12, tzinfo=UTC)


def at(interval: float) -> datetime:
    """Return the start of an interval; halves are in its middle."""
    return START + interval * QUARTER


def grid_of(count: int) -> TimeGrid:
    """Return a grid of quarter-hours."""
    return TimeGrid(start=START, interval_s=900, count=count)


def station(
    name: str,
    *,
    max_kw: float = 10.0,
    min_kw: float = 0.0,
    plugs: int = 1,
    station_kw: float | None = None,
    circuit: str | None = None,
    pool: str = "ac",
    safe_kw: float = 0.0,
) -> ChargingStation:
    """Return a station whose plugs each charge a vehicle of their own."""
    return ChargingStation(
        station_id=name,
        circuit_id=circuit,
        pool=pool,
        current_type="AC",
        max_kw=plugs * max_kw if station_kw is None else station_kw,
        safe_limit_kw=safe_kw,
        evses=tuple(
            Evse(n, (Connector(f"{name}/{n}", n, max_kw, min_kw),)) for n in range(1, plugs + 1)
        ),
    )


def depot_of(
    *stations: ChargingStation,
    limit_kw: float = 100.0,
    service_kw: float | None = None,
    circuits: tuple[Circuit, ...] = (),
) -> Depot:
    """Return a depot with people there at all times."""
    return Depot(
        depot_id="d",
        name="D",
        time_zone="UTC",
        currency="USD",
        grid=GridConnection(service_kw or limit_kw, limit_kw),
        circuits=circuits,
        stations=stations,
    )


def dwell(vehicle_id: str, first: float, last: float, kwh: float, **more: object) -> Dwell:
    """Return a stay from one interval to another; the must is the target unless it is said."""
    return Dwell(
        vehicle_id=vehicle_id,
        arrival=at(first),
        departure=at(last),
        **({"energy_must_kwh": kwh, "energy_target_kwh": kwh} | more),
    )


def prices_of(
    price_per_kwh: list[float], *, peak_price: float = 0.0, sunk_kw: float = 0.0
) -> PriceTerms:
    """Return an energy price and, where it costs anything, one demand price on all intervals."""
    every = tuple(range(len(price_per_kwh)))
    return PriceTerms(
        currency="USD",
        energy=(EnergyTerm("Energy", tuple(price_per_kwh)),),
        peaks=(PeakTerm("Demand", every, peak_price, sunk_kw=sunk_kw),) if peak_price else (),
    )


def relaxed(
    dwells: list[Dwell], depot: Depot, prices: PriceTerms, load_kw: list[float] | None = None
) -> PlanningProblem:
    """Return the relaxed problem on the prices' own grid."""
    count = len(prices.energy[0].price_per_kwh)
    return relaxed_problem(
        dwells,
        depot,
        grid=grid_of(count),
        prices=prices,
        base_load_kw=np.array(load_kw or [0.0] * count),
    )


def windowed(
    dwells: list[Dwell], depot: Depot, prices: PriceTerms, windows: list[ConnectorWindow]
) -> PlanningProblem:
    """Return the problem within given windows on the prices' own grid."""
    count = len(prices.energy[0].price_per_kwh)
    return windowed_problem(
        dwells,
        depot,
        windows=windows,
        grid=grid_of(count),
        prices=prices,
        base_load_kw=np.zeros(count),
    )


def window(vehicle_id: str, connector_id: str, first: float, last: float) -> ConnectorWindow:
    """Return a window from one interval to another."""
    return ConnectorWindow(vehicle_id, connector_id, at(first), at(last))


def plan_of(dwells: list[Dwell], depot: Depot, prices: PriceTerms, **order: object) -> Plan:
    """Return a plan whose timer stands still."""
    count = len(prices.energy[0].price_per_kwh)
    return plan_night(
        dwells,
        depot,
        grid=grid_of(count),
        prices=prices,
        base_load_kw=np.zeros(count),
        order=PlanOrder(made_at=MADE_AT, timer=lambda: 0.0, **order),
    )


def delivered_kwh(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    """Return what every need gets."""
    return np.bincount(
        problem.tasks.need,
        weights=task_kw.sum(axis=1) * problem.grid.interval_h,
        minlength=len(problem.needs.vehicle_ids),
    )


def random_problem(seed: int, *, tightness: float = 1.0) -> PlanningProblem:
    """Return a problem with a tree of limits, several peaks, time-of-use or spot prices, base load.

    Parameters
    ----------
    tightness : float
        Limits are divided by it: above 1 many problems are infeasible.
    """
    rng = np.random.default_rng(seed)
    count, needs = int(rng.integers(6, 25)), int(rng.integers(1, 9))
    tree = _random_tree(rng, count, tightness=tightness)
    needs_first = rng.integers(0, count - 2, needs)
    needs_last = np.minimum(count, needs_first + rng.integers(1, count, needs))
    max_kw = rng.choice([3.7, 7.2, 11.0, 22.0, 50.0], needs)
    most_kwh = max_kw * (needs_last - needs_first) * 0.25
    target_kwh = np.round(most_kwh * rng.uniform(0.1, 0.9, needs), 3)
    must_kwh = np.round(target_kwh * rng.choice([1.0, 1.0, 0.6, 0.0], needs), 3)
    base_kw = np.round(rng.uniform(0, 20, count), 2) if rng.random() < 0.6 else np.zeros(count)
    return PlanningProblem(
        grid=grid_of(count),
        needs=Needs(
            vehicle_ids=tuple(f"van-{n}" for n in range(needs)),
            energy_must_kwh=np.minimum(must_kwh, target_kwh),
            energy_target_kwh=target_kwh,
            priority=rng.integers(0, 3, needs),
            first=needs_first,
            last=needs_last,
        ),
        tasks=Tasks(
            need=np.arange(needs),
            connector_ids=(None,) * needs,
            first=needs_first,
            last=needs_last,
            max_kw=max_kw,
            min_kw=np.zeros(needs),
            node=rng.integers(0, len(tree.kinds), needs),
        ),
        tree=tree,
        base_load_kw=base_kw,
        prices=_random_prices(rng, count),
    )


def scaled_limits(problem: PlanningProblem, factor: float) -> PlanningProblem:
    """Return the problem with all limits and powers times a factor."""
    tree = replace(problem.tree, cap_kw=problem.tree.cap_kw * factor)
    tasks = replace(problem.tasks, max_kw=problem.tasks.max_kw * factor)
    return replace(problem, tree=tree, tasks=tasks)


def _random_tree(rng: np.random.Generator, count: int, *, tightness: float) -> LimitTree:
    nodes = int(rng.integers(1, 5))
    parent = np.array([-1, *(int(rng.integers(0, n)) for n in range(1, nodes))])
    cap_kw = rng.uniform(20, 90, nodes)[:, None] * np.ones(count) / tightness
    if rng.random() < 0.3:
        cap_kw *= rng.uniform(0.5, 1.0, (nodes, count))
    return LimitTree(
        kinds=("site_limit", *["circuit_limit"] * (nodes - 1)),
        ids=("", *(f"c{n}" for n in range(1, nodes))),
        parent=parent,
        cap_kw=np.round(cap_kw, 2),
    )


def _random_prices(rng: np.random.Generator, count: int) -> PriceTerms:
    if rng.random() < 0.5:
        start = int(rng.integers(0, count))
        price = np.where((np.arange(count) - start) % count < count // 3, 0.3, 0.1)
    else:
        price = np.round(rng.normal(0.12, 0.1, count), 4)
    peaks = [
        PeakTerm(
            name=f"Demand {n}",
            intervals=tuple(np.flatnonzero(rng.random(count) < 0.7).tolist()) if n else
            tuple(range(count)),
            price_per_kw=float(rng.choice([2.0, 8.0, 15.0])),
            sunk_kw=float(rng.choice([0.0, 0.0, 25.0])),
            floor_kw=float(rng.choice([0.0, 0.0, 10.0])),
        )
        for n in range(int(rng.integers(0, 4)))
    ]  # fmt: skip
    return PriceTerms(
        currency="USD",
        energy=(EnergyTerm("Energy", tuple(price.tolist())),),
        peaks=tuple(peaks),
        fixed_amount=100.0,
        energy_factor=float(rng.choice([1.0, 22.0])),
    )
