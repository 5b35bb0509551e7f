"""The rules of a play beside the baselines of planning, which know the whole night."""

from dataclasses import replace

import numpy as np
import pytest

from depotlib.model.depot import Circuit
from depotlib.model.plan import ConnectorWindow
from depotlib.model.price_terms import PriceTerms
from depotlib.planning.baselines import BASELINES
from depotlib.planning.formulation import windowed_problem
from depotlib.simulation.rules import RULES
from tests.planning_cases import depot_of, station
from tests.simulation_cases import TOU, fleet, played, plugs, scenario, stay

VANS = 7


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("policy", RULES)
def test_where_everybody_has_a_plug_a_rule_gives_what_its_baseline_gives(policy: str, seed: int):
    rng = np.random.default_rng(seed)
    stations = [
        station(
            f"S{n}",
            max_kw=float(rng.choice([3.7, 7.2, 11.0])),
            min_kw=1.4,
            circuit=str(rng.choice(["a", "b"])),
        )
        for n in range(VANS)
    ]
    circuits = (Circuit("a", None, 16.0), Circuit("b", None, 20.0))
    depot = depot_of(*stations, limit_kw=25.0, circuits=circuits)
    stays = sorted(
        (replace(one, connector_id=f"S{n}/1") for n, one in enumerate(fleet(seed, VANS))),
        key=lambda one: one.arrival,
    )

    setting = played(scenario(stays, depot, policy))

    grid = setting.play.grid
    problem = windowed_problem(
        stays,
        depot,
        windows=[
            ConnectorWindow(one.vehicle_id, one.connector_id, one.arrival, one.departure)
            for one in stays
        ],
        grid=grid,
        prices=PriceTerms("USD"),
        base_load_kw=np.zeros(grid.count),
    )
    baseline = next(one for one in BASELINES if one.name == policy)
    task_kw = baseline.setpoints(problem)
    assert setting.charging_kw == pytest.approx(task_kw.sum(axis=0), abs=1e-6)
    charged_kwh = [setting.vehicles[n].charged_kwh for n in range(VANS)]
    assert charged_kwh == pytest.approx(task_kw.sum(axis=1) / 4, abs=1e-6)


def test_cheapest_hours_are_booked_when_a_vehicle_is_plugged_in():
    # Home at 18:00, cheap from 22:00 on: 20 kWh at 10 kW are two hours, 22:00 to 24:00.
    setting = played(scenario([stay("van", 24, 72, 20.0)], plugs(1), "price_greedy", tariff=TOU))

    assert np.flatnonzero(setting.charging_kw).tolist() == list(range(40, 48))


def test_who_comes_later_finds_the_cheap_hours_booked_up_to_the_limit():
    # One plug's power for two: the first takes 22:00 to 24:00, the second the two hours after.
    stays = [stay("first", 24, 72, 20.0), stay("second", 28, 72, 20.0)]

    setting = played(scenario(stays, plugs(2, limit_kw=10.0), "price_greedy", tariff=TOU))

    assert np.flatnonzero(setting.charging_kw).tolist() == list(range(40, 56))
    assert setting.charging_kw.max() == 10.0


def test_a_vehicle_waits_below_six_amperes_and_the_next_in_the_queue_goes_on():
    # 11 kW for two of 10 kW, which need at least 1.4 kW: the second waits for the first.
    stays = [stay("first", 24, 72, 10.0), stay("second", 25, 72, 10.0)]

    setting = played(scenario(stays, plugs(2, limit_kw=11.0, min_kw=1.4)))

    # From 18:15 on 1 kW is left, which is too little; at 19:00 the first is full.
    assert setting.charging_kw[24:33].tolist() == [10.0] * 8 + [0.0]
