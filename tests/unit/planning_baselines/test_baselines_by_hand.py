from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from depotlib.model.price_terms import EnergyTerm, PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.baselines.edf import EDF
from depotlib.planning.baselines.equal import EQUAL
from depotlib.planning.baselines.fcfs import FCFS
from depotlib.planning.baselines.llf import LLF
from depotlib.planning.baselines.price_greedy import PRICE_GREEDY
from depotlib.planning.baselines.uncontrolled import UNCONTROLLED
from depotlib.planning.problem import LimitTree, Needs, PlanningProblem, Tasks
from depotlib.planning.traits import Traits

START = datetime(2026, 11, 2, 18, tzinfo=UTC)


def two_vans(*, site_kw=10.0, energies_kwh=(10.0, 10.0), min_kw=0.0, spans=((0, 4), (1, 3))):
    """Two vans of at most 10 kW on hourly intervals below one site limit."""
    grid = TimeGrid(START, int(timedelta(hours=1).total_seconds()), 4)
    first, last = (np.array(edge, dtype=np.int64) for edge in zip(*spans, strict=True))
    count = len(spans)
    energy_kwh = np.array(energies_kwh)
    return PlanningProblem(
        grid=grid,
        needs=Needs(
            vehicle_ids=tuple(f"van-{i}" for i in range(count)),
            energy_must_kwh=energy_kwh,
            energy_target_kwh=energy_kwh,
            priority=np.zeros(count, dtype=np.int64),
            first=first,
            last=last,
        ),
        tasks=Tasks(
            need=np.arange(count),
            connector_ids=(None,) * count,
            first=first,
            last=last,
            max_kw=np.full(count, 10.0),
            min_kw=np.full(count, min_kw),
            node=np.zeros(count, dtype=np.int64),
        ),
        tree=LimitTree(("site_limit",), ("",), np.array([-1]), np.full((1, 4), site_kw)),
        base_load_kw=np.zeros(4),
        prices=PriceTerms("USD", energy=(EnergyTerm("energy", (0.1,) * 4),)),
    )


def test_uncontrolled_charges_at_full_power_from_plug_in_above_any_limit():
    powers_kw = UNCONTROLLED.setpoints(two_vans(site_kw=12.0, energies_kwh=(15.0, 10.0)))

    # van-0: 10 + 5 kWh from hour 0, van-1: 10 kWh in hour 1; together 15 kW above the 12 kW limit
    assert powers_kw.tolist() == [[10.0, 5.0, 0.0, 0.0], [0.0, 10.0, 0.0, 0.0]]


def test_first_come_first_served_lets_the_second_wait_for_the_first():
    powers_kw = FCFS.setpoints(two_vans(energies_kwh=(15.0, 10.0)))

    # hour 1: van-0 takes its last 5 kWh of 15, van-1 gets the 5 kW that are left, then 5 more
    assert powers_kw.tolist() == [[10.0, 5.0, 0.0, 0.0], [0.0, 5.0, 5.0, 0.0]]


def test_earliest_departure_first_lets_the_first_wait_for_who_leaves_first():
    powers_kw = EDF.setpoints(two_vans(energies_kwh=(15.0, 10.0)))

    # van-1 leaves after hour 2, van-0 after hour 3: in hour 1 van-1 takes all 10 kW
    assert powers_kw.tolist() == [[10.0, 0.0, 5.0, 0.0], [0.0, 10.0, 0.0, 0.0]]


def test_equal_share_halves_what_two_want_and_gives_the_rest_of_a_full_one_to_the_other():
    powers_kw = EQUAL.setpoints(two_vans(energies_kwh=(30.0, 8.0)))

    # hour 1: 5 + 5; hour 2: van-1 needs 3 more, van-0 takes the other 7; hour 3: 8 of 30 are left
    assert powers_kw.tolist() == [[10.0, 5.0, 7.0, 8.0], [0.0, 5.0, 3.0, 0.0]]


def test_a_share_below_the_least_power_lets_the_later_van_wait():
    powers_kw = EQUAL.setpoints(two_vans(energies_kwh=(30.0, 10.0), min_kw=6.0))

    # hours 1 and 2: 5 kW each would be below 6 kW, so van-1, which came later, waits; hour 0 to 2
    # give van-0 its 30 kWh, and van-1 has left by hour 3
    assert powers_kw.tolist() == [[10.0, 10.0, 10.0, 0.0], [0.0, 0.0, 0.0, 0.0]]


def test_a_queue_does_not_start_a_van_below_its_least_power_but_lets_it_finish():
    powers_kw = FCFS.setpoints(two_vans(energies_kwh=(16.0, 6.0), min_kw=5.0))

    # hour 1: van-0 takes 6 kW, the 4 kW left are below van-1's 5 kW; hour 2: it takes its 6 kWh
    assert powers_kw.tolist() == [[10.0, 6.0, 0.0, 0.0], [0.0, 0.0, 6.0, 0.0]]


def test_the_last_of_a_need_may_be_less_than_the_least_power():
    powers_kw = FCFS.setpoints(two_vans(energies_kwh=(12.0, 0.0), min_kw=5.0))

    # 10 kWh in hour 0; the 2 kWh left are 5 kW for a part of hour 1, 2 kW in its mean
    assert powers_kw[0].tolist() == [10.0, 2.0, 0.0, 0.0]


def test_least_laxity_lets_go_first_who_has_no_time_to_spare():
    powers_kw = LLF.setpoints(two_vans(energies_kwh=(30.0, 10.0)))

    # hour 0: van-0 alone. Hour 1: van-0 lacks 20 kWh in 3 h, 1 h to spare, van-1 10 in 2 h, 1 h too:
    # the first task. Hour 2: van-0 lacks 10 in 2 h, van-1 10 in 1 h, none to spare.
    assert powers_kw.tolist() == [[10.0, 10.0, 0.0, 10.0], [0.0, 0.0, 10.0, 0.0]]


def test_cheapest_hours_first_fills_who_leaves_first_and_then_the_others():
    prices = PriceTerms("USD", energy=(EnergyTerm("energy", (0.4, 0.3, 0.1, 0.2)),))
    problem = replace(two_vans(energies_kwh=(18.0, 12.0)), prices=prices)

    powers_kw = PRICE_GREEDY.setpoints(problem)

    # van-1 leaves after hour 2: 10 kWh there at 0.1, 2 in hour 1 - bought whole and given back by
    # the last in time, so 10 in hour 1 and 2 in hour 2. van-0: 8 left at 0.1 and 10 at 0.2.
    assert powers_kw.tolist() == [[0.0, 0.0, 8.0, 10.0], [0.0, 10.0, 2.0, 0.0]]


@pytest.mark.parametrize("baseline", [FCFS, EDF, LLF, EQUAL, PRICE_GREEDY])
def test_preconditioning_is_not_drawn_before_its_time(baseline):
    traits = Traits((4.0, 0.0), (3, 0), (0, 0), (0, 0), (None, None))
    problem = two_vans(energies_kwh=(10.0, 0.0))
    problem = replace(problem, needs=replace(problem.needs, traits=traits))

    powers_kw = baseline.setpoints(problem)

    # 6 of 10 kWh before hour 3, the other 4 in it.
    assert powers_kw[0, :3].sum() == pytest.approx(6.0)
    assert powers_kw[0, 3] == pytest.approx(4.0)
