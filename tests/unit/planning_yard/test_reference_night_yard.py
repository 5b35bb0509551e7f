"""The reference night with occupancy: 60 vans, 40 AC and 8 DC points, moves at any hour."""

import csv
from dataclasses import replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from depotlib.model.depot import Circuit
from depotlib.model.dwell import Dwell
from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.cost import cost_of
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.formulation import relaxed_problem, windowed_problem
from depotlib.planning.yard.assignment import FEWEST_SWAPS, YardPolicy, assign_windows
from depotlib.planning.yard.bounds import least_swaps
from depotlib.planning.yard.occupancy import occupancy_violations
from tests.places import DATA
from tests.yard_cases import depot_of

ZONE = ZoneInfo("America/New_York")
GRID = TimeGrid(datetime(2026, 11, 2, 16, tzinfo=ZONE), 900, 64)
NIGHTS = 22.0
PRICES = PriceTerms(
    "USD",
    # on-peak 16:00 to 21:00: the first 20 quarter-hours
    energy=(EnergyTerm("energy", (0.3,) * 20 + (0.1,) * 44),),
    peaks=(PeakTerm("demand", tuple(range(64)), 15.0),),
    energy_factor=NIGHTS,
)
REST = {"grid": GRID, "prices": PRICES, "base_load_kw": np.zeros(64)}
RELAXED_AMOUNT = 9476.8421  # data/reference_night/expected.json, price_and_demand


def night_dwells() -> list[Dwell]:
    with (DATA / "reference_night" / "dwells.csv").open() as file:
        return [
            Dwell(
                row["vehicle_id"],
                datetime.fromisoformat(row["arrival_local"]).replace(tzinfo=ZONE),
                datetime.fromisoformat(row["departure_local"]).replace(tzinfo=ZONE),
                float(row["energy_wall_kwh"]),
                float(row["energy_wall_kwh"]),
                pool=row["pool"],
            )
            for row in csv.DictReader(file)
        ]


def night_depot(panel_kw: float | None = None):
    """40 AC points on four panels and 8 DC points; panels of no limit are left out."""
    depot = depot_of(*(7.2,) * 40, *(50.0,) * 8, pools="a" * 40 + "d" * 8)
    stations = tuple(replace(s, pool="ac" if s.pool == "a" else "dc") for s in depot.stations)
    if panel_kw is None:
        return replace(depot, stations=stations)
    panels = tuple(Circuit(f"panel-{n}", None, panel_kw) for n in range(4))
    return replace(
        depot,
        circuits=panels,
        stations=tuple(
            replace(s, circuit_id=f"panel-{n // 10}") if s.pool == "ac" else s
            for n, s in enumerate(stations)
        ),
    )


@cache
def night_yard(*, policy: YardPolicy, panel_kw: float | None = None):
    return assign_windows(night_dwells(), night_depot(panel_kw), policy=policy, **REST)


def bill_amount(yard, depot) -> float:
    problem = windowed_problem(night_dwells(), depot, windows=yard.windows, **REST)
    return cost_of(problem, solve_flow(problem).task_kw).bill_amount


def delivered_kwh(dwells, yard, depot) -> float:
    problem = windowed_problem(dwells, depot, windows=yard.windows, **REST)
    return float(solve_flow(problem).task_kw.sum()) * GRID.interval_h


def test_twelve_swaps_of_two_drives_are_enough_and_the_least():
    yard = night_yard(policy=FEWEST_SWAPS)

    # 12 vans on 8 DC points: 4; 48 on 40 AC points: 8
    assert least_swaps(night_dwells(), night_depot()) == yard.swaps == 12
    assert len(yard.moves) == 24
    assert (len(yard.windows), yard.unplaced) == (60, ())


@pytest.mark.parametrize("panel_kw", [None, 68.0])
def test_twelve_swaps_cost_the_energy_that_eight_pairs_cannot_draw_off_peak(panel_kw):
    yard = night_yard(policy=FEWEST_SWAPS, panel_kw=panel_kw)

    # An AC point has 42 off-peak quarter-hours (21:00 to 07:30), 41 without the changeover, of
    # 1.8 kWh. The second of a pair needs 24 for its 43 kWh, the first gets 17: 30.6 kWh, and
    # draws 12.4 kWh on-peak. Eight pairs: 99.2 kWh on-peak, 2580 - 99.2 = 2480.8 off-peak.
    # From 06:30 on only 24 vans are there, at 7.2 kW; the rest of the 9.5 h before is flat.
    peak_kw = (2480.8 - 24 * 7.2) / 9.5
    by_hand_amount = NIGHTS * (0.3 * 99.2 + 0.1 * 2480.8) + 15.0 * peak_kw
    assert bill_amount(yard, night_depot(panel_kw)) == pytest.approx(by_hand_amount, abs=0.05)
    assert by_hand_amount / RELAXED_AMOUNT - 1 == pytest.approx(0.0295, abs=1e-4)


@pytest.mark.parametrize("panel_kw", [None, 68.0])
def test_eight_more_swaps_at_a_dollar_each_reach_the_relaxed_optimum(panel_kw):
    depot = night_depot(panel_kw)

    yard = night_yard(policy=YardPolicy(swap_amount=1.0), panel_kw=panel_kw)

    # each pair's 12.4 kWh on-peak cost (9756.69 - 9476.84) / 8 = 35 a month, a swap costs 22
    assert yard.swaps == 20
    assert bill_amount(yard, depot) == pytest.approx(RELAXED_AMOUNT, abs=0.05)
    assert occupancy_violations(yard.windows, yard.moves, dwells=night_dwells(), depot=depot) == ()


def test_a_swap_that_costs_more_than_it_saves_is_not_bought():
    # 35 a month is 1.59 a night
    assert night_yard(policy=YardPolicy(swap_amount=1.7)).swaps == 12


def test_vans_that_may_use_any_point_share_the_fast_ones_at_no_extra_cost():
    depot = night_depot()
    dwells = [replace(dwell, pool=None) for dwell in night_dwells()]

    yard = assign_windows(dwells, depot, **REST)

    # 48 points for 60 vans: 12 swaps; on DC points a van needs less than an hour
    relaxed = relaxed_problem(dwells, depot, **REST)
    problem = windowed_problem(dwells, depot, windows=yard.windows, **REST)
    assert yard.swaps == least_swaps(dwells, depot) == 12
    assert delivered_kwh(dwells, yard, depot) == pytest.approx(60 * 43.0)
    bill = cost_of(problem, solve_flow(problem).task_kw).bill_amount
    assert bill == pytest.approx(solve_flow(relaxed).bound_amount, rel=1e-3)


def test_readiness_buys_the_swaps_that_money_does_not():
    # 30 % more: two vans on one AC point need 2 x 55.9 kWh, and 17:00 to 07:30 less a changeover
    # gives 57 x 1.8 = 102.6; with a third van's point everybody has enough
    depot = night_depot()
    energy_kwh = 43.0 * 1.3
    dwells = [
        replace(dwell, energy_must_kwh=energy_kwh, energy_target_kwh=energy_kwh)
        for dwell in night_dwells()
    ]

    yard = assign_windows(dwells, depot, **REST)

    assert yard.swaps == 20
    assert delivered_kwh(dwells, yard, depot) == pytest.approx(60 * energy_kwh)
    assert occupancy_violations(yard.windows, yard.moves, dwells=dwells, depot=depot) == ()
