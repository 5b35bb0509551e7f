"""Storage, solar, export and vehicles that feed back: by hand, and against SciPy's HiGHS."""

from dataclasses import replace

import numpy as np
import pytest

from depotlib.errors import ModelError, PathError, ProblemError
from depotlib.model.depot import Circuit, GridConnection
from depotlib.model.dwell import DwellBattery
from depotlib.model.price_terms import ExportTerm
from depotlib.model.storage import Storage
from depotlib.planning.cost import cost_of
from depotlib.planning.lp.path import solve_lp
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.site_assets import with_assets
from depotlib.planning.solution import Solution
from depotlib.planning.solve import solve_problem
from tests.assets_reference import reference_bill
from tests.planning_cases import depot_of, dwell, prices_of, relaxed, station, window, windowed

TWO_PRICES = prices_of([0.1] * 4 + [0.5] * 4)
BATTERY = Storage("battery", 20.0, 8.0, 8.0, efficiency_share=0.9, start_soc=0.0, least_end_soc=0.0)


def solved(problem: PlanningProblem) -> tuple[Solution, float]:
    solution = solve_problem(problem)
    bill = cost_of(problem, solution.task_kw, assets=solution.assets).bill_amount
    assert solution.path == "lp"
    assert solution.bound_amount == pytest.approx(bill, rel=1e-6, abs=1e-4)
    return solution, bill


def test_storage_carries_cheap_energy_into_dear_hours():
    # 4 kWh needed in the dear hour: 4 / 0.9 stored, 4 / 0.81 bought at 0.1 = 0.4938; direct: 2.0.
    depot = replace(depot_of(station("A")), storages=(BATTERY,))
    problem = with_assets(relaxed([dwell("a", 4, 8, 4.0)], depot, TWO_PRICES), depot)

    solution, bill = solved(problem)

    assert bill == pytest.approx(4.0 / 0.81 * 0.1)
    assert solution.assets is not None
    assert solution.assets.storage_kw[0, 4:].sum() * 0.25 == pytest.approx(-4.0)


def test_wear_decides_whether_storage_is_worth_it():
    # Carrying costs 0.1 / 0.81 = 0.1235 a kWh and saves 0.5: worth it up to 0.3765 of wear.
    def bill_at(wear_per_kwh: float) -> float:
        storage = replace(BATTERY, wear_per_kwh=wear_per_kwh)
        depot = replace(depot_of(station("A")), storages=(storage,))
        return solved(with_assets(relaxed([dwell("a", 4, 8, 4.0)], depot, TWO_PRICES), depot))[1]

    assert bill_at(0.3) == pytest.approx(4.0 * (0.1 / 0.81 + 0.3))
    assert bill_at(0.5) == pytest.approx(4.0 * 0.5)


def test_storage_shaves_a_peak_and_lets_a_van_be_ready_that_the_grid_alone_could_not_serve():
    # 10 kWh in one hour and a site of 4 kW: storage, filled in the hour before, gives the other 6.
    storage = replace(BATTERY, efficiency_share=1.0)
    depot = replace(depot_of(station("A"), limit_kw=7.0), storages=(storage,))
    problem = with_assets(relaxed([dwell("a", 4, 8, 10.0)], depot, TWO_PRICES), depot)

    solution, _ = solved(problem)

    assert solution.powers.by_need_kwh(problem) == pytest.approx([10.0])
    assert solution.assets is not None
    site_kw = solution.task_kw.sum(axis=0) + solution.assets.net_kw(np.zeros(8))
    assert site_kw.max() <= 7.0 + 1e-6


def test_storage_below_a_circuit_counts_there():
    # The circuit carries 5 kW; storage below it may charge at 8: 5 kW x 1 h fill it with 5 kWh, and
    # only then can the van have 10 kWh in its hour: 5 from storage, 5 through the circuit.
    storage = replace(BATTERY, efficiency_share=1.0, circuit_id="p")
    depot = depot_of(station("A", circuit="p"), circuits=(Circuit("p", None, 5.0),))
    depot = replace(depot, storages=(storage,))
    plain = windowed([dwell("a", 4, 8, 10.0)], depot, TWO_PRICES, [window("a", "A/1", 4, 8)])

    solution, _ = solved(with_assets(plain, depot))

    assert solution.powers.by_need_kwh(plain) == pytest.approx([10.0])
    elsewhere = replace(depot, storages=(replace(storage, circuit_id=None),))
    less, _ = solved(with_assets(plain, elsewhere))
    assert less.powers.by_need_kwh(plain) == pytest.approx([5.0])


def test_storage_ends_with_what_it_must_hold_where_it_can():
    storage = replace(BATTERY, start_soc=0.5, least_end_soc=0.5)
    depot = replace(depot_of(station("A")), storages=(storage,))
    problem = with_assets(relaxed([dwell("a", 4, 8, 4.0)], depot, TWO_PRICES), depot)

    solution, _ = solved(problem)

    assert solution.assets is not None
    power_kw = solution.assets.storage_kw[0]
    stored = 10.0 + 0.25 * np.where(power_kw > 0, power_kw * 0.9, power_kw / 0.9).sum()
    assert stored == pytest.approx(10.0, abs=1e-6)


def test_an_end_that_storage_cannot_reach_yields():
    storage = replace(BATTERY, least_end_soc=1.0, max_charge_kw=1.0)
    depot = replace(depot_of(station("A")), storages=(storage,))

    solution = solve_problem(
        with_assets(relaxed([dwell("a", 4, 8, 4.0)], depot, TWO_PRICES), depot)
    )

    assert solution.assets is not None
    assert solution.assets.storage_kw[0] == pytest.approx([1.0] * 8)


def test_solar_is_used_first_and_what_is_left_is_fed_back_up_to_the_limit():
    # 6 kW of sun in the dear hour: the van takes 4 kWh of it, 1 kW may be fed back at 0.2, 1 kW not.
    depot = depot_of(station("A"))
    depot = replace(depot, grid=GridConnection(100.0, 100.0, export_limit_kw=1.0))
    prices = replace(TWO_PRICES, export=(ExportTerm("Credit", (0.2,) * 8),))
    problem = relaxed([dwell("a", 4, 8, 4.0)], depot, prices)
    problem = with_assets(problem, depot, solar_kw=[0.0] * 4 + [6.0] * 4)

    solution, bill = solved(problem)

    assert bill == pytest.approx(-0.2)
    assert solution.assets is not None
    assert solution.assets.spill_kw.sum() * 0.25 == pytest.approx(1.0, abs=1e-5)


def test_without_a_right_to_feed_back_nothing_is():
    depot = depot_of(station("A"))
    problem = relaxed([dwell("a", 4, 8, 4.0)], depot, TWO_PRICES)

    solution, bill = solved(with_assets(problem, depot, solar_kw=[6.0] * 8))

    assert bill == pytest.approx(0.0, abs=1e-5)
    assert solution.assets is not None
    assert (solution.task_kw.sum(axis=0) + solution.assets.net_kw(np.full(8, 6.0))).min() >= -1e-6


def test_buying_and_feeding_back_at_once_is_no_business():
    # Feeding back pays 0.9 where buying costs 0.1: both at once would print money. Nothing is there
    # to be fed back, so the bill is 4 kWh x 0.1.
    depot = depot_of(station("A"))
    depot = replace(depot, grid=GridConnection(100.0, 100.0, export_limit_kw=50.0))
    prices = replace(prices_of([0.1] * 8), export=(ExportTerm("Credit", (0.9,) * 8),))
    problem = with_assets(relaxed([dwell("a", 0, 8, 4.0)], depot, prices), depot)

    _, bill = solved(problem)

    assert bill == pytest.approx(0.4)


def test_being_paid_to_draw_does_not_make_storage_burn_energy():
    # At -0.1 storage of 20 kWh fills up: 8 kW for 2 h are 16 kWh x 0.9 stored; no more can be drawn.
    depot = replace(depot_of(station("A")), storages=(BATTERY,))
    problem = with_assets(relaxed([dwell("a", 0, 8, 4.0)], depot, prices_of([-0.1] * 8)), depot)

    solution, bill = solved(problem)

    assert bill == pytest.approx(-0.1 * (16.0 + 4.0))
    assert solution.assets is not None
    assert solution.assets.storage_kw[0] == pytest.approx([8.0] * 8)


V2G = DwellBattery(
    50.0, 0.8, discharge_max_kw=10.0, round_trip_share=0.8, floor_soc=0.7, wear_per_kwh=0.02
)


def test_a_vehicle_feeds_back_what_it_can_take_again_cheaply():
    # Dear first, cheap later. 10 % of 50 kWh above the floor: 5 kWh in the battery, at the wall
    # 5 x 0.8 = 4 kWh to a base load of 10 kW. They save 0.5 each, cost 0.02 of wear and 5 kWh at 0.1.
    depot = depot_of(station("A"))
    prices = prices_of([0.5] * 4 + [0.1] * 4)
    plain = relaxed([dwell("a", 0, 8, 2.0, battery=V2G)], depot, prices, [10.0] * 8)

    solution, bill = solved(with_assets(plain, depot))

    base = 10.0 * (0.5 + 0.1)
    assert bill == pytest.approx(base + 2.0 * 0.1 + 5.0 * 0.1 - 4.0 * (0.5 - 0.02))
    assert solution.assets is not None
    assert solution.assets.feed_kw.sum() * 0.25 == pytest.approx(4.0)


def test_a_vehicle_below_its_floor_gives_nothing():
    depot = depot_of(station("A"))
    low = replace(V2G, arrival_soc=0.5)
    plain = relaxed(
        [dwell("a", 0, 8, 2.0, battery=low)], depot, prices_of([0.5] * 4 + [0.1] * 4), [10.0] * 8
    )

    solution, _ = solved(with_assets(plain, depot))

    assert solution.assets is not None
    assert solution.assets.feed_kw.sum() == 0.0


@pytest.mark.parametrize("seed", range(12))
def test_random_depots_agree_with_scipy(seed: int):
    problem = random_depot(seed)

    solution = solve_lp(problem)

    bill = cost_of(problem, solution.task_kw, assets=solution.assets).bill_amount
    expected = reference_bill(problem)
    assert bill == pytest.approx(expected, rel=1e-6, abs=2e-4)
    assert solution.bound_amount == pytest.approx(expected, rel=1e-6, abs=2e-4)


def random_depot(seed: int) -> PlanningProblem:
    """Return a night with storage, sun, a right to feed back and vans that can."""
    rng = np.random.default_rng(seed)
    count = 12
    storages = tuple(
        Storage(
            f"battery-{n}",
            float(rng.uniform(5, 40)),
            float(rng.uniform(2, 20)),
            float(rng.uniform(2, 20)),
            efficiency_share=float(rng.uniform(0.85, 1.0)),
            wear_per_kwh=float(rng.choice([0.0, 0.05])),
            start_soc=0.4,
            least_end_soc=0.3,
            floor_soc=0.1,
        )
        for n in range(int(rng.integers(0, 3)))
    )
    depot = depot_of(station("A", plugs=4), limit_kw=80.0)
    depot = replace(
        depot,
        storages=storages,
        grid=GridConnection(80.0, 80.0, export_limit_kw=float(rng.choice([0.0, 15.0]))),
    )
    dwells = [
        dwell(
            f"v{n}",
            int(rng.integers(0, 4)),
            int(rng.integers(8, 13)),
            float(rng.uniform(0.5, 5.0)),
            battery=DwellBattery(
                40.0, float(rng.uniform(0.3, 0.7)), 0.9,
                discharge_max_kw=float(rng.choice([0.0, 7.0])),
                round_trip_share=0.85, floor_soc=0.3, wear_per_kwh=0.03,
            ),
        )
        for n in range(3)
    ]  # fmt: skip
    price = rng.uniform(0.1, 0.6, count).tolist()
    prices = replace(
        prices_of(price, peak_price=float(rng.choice([0.0, 2.0])), sunk_kw=3.0),
        export=(ExportTerm("Credit", (0.08,) * count),),
    )
    problem = relaxed(dwells, depot, prices, rng.uniform(0, 20, count).tolist())
    return with_assets(problem, depot, solar_kw=rng.uniform(0, 25, count).tolist())


def test_the_flow_path_says_that_it_cannot_plan_storage():
    depot = replace(depot_of(station("A")), storages=(BATTERY,))
    problem = with_assets(relaxed([dwell("a", 4, 8, 4.0)], depot, TWO_PRICES), depot)

    with pytest.raises(PathError, match="storage"):
        solve_problem(problem, path="flow")


@pytest.mark.parametrize("solar_kw", [[1.0], [-1.0] * 8, [float("nan")] * 8])
def test_a_forecast_that_no_sun_gives_is_refused(solar_kw: list[float]):
    depot = depot_of(station("A"))

    with pytest.raises(ProblemError):
        with_assets(relaxed([dwell("a", 4, 8, 4.0)], depot, TWO_PRICES), depot, solar_kw=solar_kw)


@pytest.mark.parametrize(
    "change",
    [{"capacity_kwh": 0.0}, {"efficiency_share": 0.0}, {"start_soc": 1.5}, {"floor_soc": 0.9}],
)
def test_storage_that_cannot_exist_is_refused(change: dict[str, float]):
    with pytest.raises(ModelError):
        replace(BATTERY, **change)


@pytest.mark.parametrize(
    "change", [{"usable_kwh": 0.0}, {"arrival_soc": 1.2}, {"round_trip_share": 0.0}]
)
def test_a_battery_that_cannot_exist_is_refused(change: dict[str, float]):
    with pytest.raises(ModelError):
        replace(V2G, **change)
