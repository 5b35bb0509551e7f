"""Fleets of any size over any number of days, as planning problems: seeded, feasible, with feeders.

Every night each van comes home in the evening and leaves in the morning. The site has 5 kW a van
and four feeders; demand is billed on all hours and on the evening's, energy by time of use or at
hourly spot prices; a base load stands beside.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

import numpy as np

from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.problem import FloatArray, IntArray, LimitTree, Needs, PlanningProblem, Tasks

Pricing = Literal["tou", "spot"]
START: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""Noon, so that a day of the grid holds a whole night."""
QUARTERS_PER_DAY: Final = 96
QUARTERS_PER_HOUR: Final = 4
SITE_KW_PER_VAN: Final = 5.0
FEEDERS: Final = 4
FEEDER_KW_PER_VAN: Final = 6.5
BASE_KW_PER_VAN: Final = 0.5
DEMAND_PER_KW: Final = 12.0
EVENING_PER_KW: Final = 6.0
_EVENING: Final = (17, 21)
_NIGHT: Final = (22, 6)


@dataclass(frozen=True, slots=True)
class FleetNights:
    """Every stay of a fleet over some days, each array (vans x days,).

    Parameters
    ----------
    first, last : ndarray of int
        Intervals from the grid's start, half-open.
    energy_kwh, max_kw : ndarray
    feeder : ndarray of int
        1 to 4.
    """

    first: IntArray
    last: IntArray
    energy_kwh: FloatArray
    max_kw: FloatArray
    feeder: IntArray


def fleet_nights(vans: int, days: int, *, seed: int = 7) -> FleetNights:
    """Return the stays of a fleet: 16:00 to 21:00 home, 05:00 to 08:30 away, 15 to 65 kWh."""
    rng = np.random.default_rng(seed)
    max_kw = np.tile(rng.choice([7.4, 11.0, 22.0], vans, p=[0.5, 0.35, 0.15]), days)
    feeder = np.tile(1 + np.arange(vans) % FEEDERS, days)
    day = np.repeat(np.arange(days) * QUARTERS_PER_DAY, vans)
    first = day + rng.integers(16, 36, vans * days)
    last = day + rng.integers(68, 82, vans * days)
    energy_kwh = np.round(rng.uniform(15.0, 65.0, vans * days), 2)
    most_kwh = 0.9 * max_kw * (last - first) / QUARTERS_PER_HOUR
    return FleetNights(first, last, np.minimum(energy_kwh, most_kwh), max_kw, feeder)


def fleet_problem(vans: int, days: int, *, pricing: Pricing, seed: int = 7) -> PlanningProblem:
    """Return the planning problem of a fleet with one demand period over all its days."""
    grid = TimeGrid(start=START, interval_s=900, count=days * QUARTERS_PER_DAY)
    prices = PriceTerms(
        currency="EUR",
        energy=(EnergyTerm("Energy", tuple(_price_per_kwh(days, pricing, seed=seed).tolist())),),
        peaks=(
            PeakTerm("Demand", tuple(range(grid.count)), DEMAND_PER_KW),
            PeakTerm("Evening demand", _evening(days), EVENING_PER_KW),
        ),
        fixed_amount=250.0,
    )
    return problem_of_nights(
        fleet_nights(vans, days, seed=seed), grid=grid, prices=prices, vans=vans
    )


def problem_of_nights(
    nights: FleetNights, *, grid: TimeGrid, prices: PriceTerms, vans: int
) -> PlanningProblem:
    """Return the planning problem of some stays under given prices."""
    count = len(nights.first)
    base_kw = base_load_kw(grid.count, vans)
    cap_kw = np.full((FEEDERS + 1, grid.count), FEEDER_KW_PER_VAN * vans / FEEDERS)
    cap_kw[0] = np.maximum(0.0, SITE_KW_PER_VAN * vans - base_kw)
    return PlanningProblem(
        grid=grid,
        needs=Needs(
            vehicle_ids=tuple(f"van-{n % vans}" for n in range(count)),
            energy_must_kwh=nights.energy_kwh,
            energy_target_kwh=nights.energy_kwh,
            priority=np.zeros(count, dtype=np.int64),
            first=nights.first,
            last=nights.last,
        ),
        tasks=Tasks(
            need=np.arange(count),
            connector_ids=(None,) * count,
            first=nights.first,
            last=nights.last,
            max_kw=nights.max_kw,
            min_kw=np.zeros(count),
            node=nights.feeder,
        ),
        tree=LimitTree(
            kinds=("site_limit", *["circuit_limit"] * FEEDERS),
            ids=("", *(f"feeder-{n}" for n in range(1, FEEDERS + 1))),
            parent=np.array([-1, *[0] * FEEDERS]),
            cap_kw=cap_kw,
        ),
        base_load_kw=base_kw,
        prices=prices,
    )


def base_load_kw(count: int, vans: int) -> FloatArray:
    """Return a building's load that peaks in the afternoon, (count,)."""
    hour = hour_of_day(count)
    return BASE_KW_PER_VAN * vans * (0.7 + 0.3 * np.cos((hour - 15) / 24 * 2 * np.pi))


def hour_of_day(count: int) -> FloatArray:
    """Return the hour of the day of every interval, (count,)."""
    return (START.hour + np.arange(count) / QUARTERS_PER_HOUR) % 24


def _evening(days: int) -> tuple[int, ...]:
    hour = hour_of_day(days * QUARTERS_PER_DAY)
    return tuple(np.flatnonzero((hour >= _EVENING[0]) & (hour < _EVENING[1])).tolist())


def _price_per_kwh(days: int, pricing: Pricing, *, seed: int) -> FloatArray:
    hour = hour_of_day(days * QUARTERS_PER_DAY)
    if pricing == "tou":
        night = (hour >= _NIGHT[0]) | (hour < _NIGHT[1])
        evening = (hour >= _EVENING[0]) & (hour < _EVENING[1])
        return np.where(evening, 0.34, np.where(night, 0.11, 0.19))
    rng = np.random.default_rng(seed + 1)
    hourly = 0.12 + 0.05 * np.cos((hour[::QUARTERS_PER_HOUR] - 19) / 24 * 2 * np.pi)
    hourly = np.round(hourly + rng.normal(0.0, 0.03, len(hourly)), 5)
    return np.repeat(hourly, QUARTERS_PER_HOUR)
