"""A month's nights are dispatched by stages of price: the same energy at each price, for less work."""

import numpy as np
import pytest

from depotlib.planning.flow.dispatch import dispatch_mwh
from depotlib.planning.flow.network import FlowSolver, network_of
from depotlib.planning.flow.night import nights_of
from depotlib.planning.flow.readiness import readiness_of
from tests.planning_cases import random_problem


def by_interval_mwh(solver: FlowSolver, energy_mwh: np.ndarray) -> np.ndarray:
    network = solver.network
    return np.bincount(network.task_head % network.span, weights=energy_mwh, minlength=network.span)


@pytest.mark.parametrize("prices", [1, 2, 3, 6])
@pytest.mark.parametrize("seed", range(6))
def test_stages_charge_as_much_at_each_price_as_a_cheapest_flow(seed: int, prices: int):
    problem = random_problem(seed, tightness=1.5)
    rng = np.random.default_rng(seed)
    for night in nights_of(problem):
        network = network_of(problem, night)
        solver = FlowSolver(network, readiness_of(problem, network).supply)
        price_per_kwh = rng.integers(prices, size=network.span) / 10 - 0.1

        cheapest, staged = (
            by_interval_mwh(
                solver,
                dispatch_mwh(solver, network.site_mwh, price_per_kwh=price_per_kwh, nights=nights),
            )
            for nights in (1, 7)
        )

        # The reference is OR-Tools' minimum-cost flow, another algorithm on the same network.
        for price in np.unique(price_per_kwh):
            at_price = price_per_kwh == price
            assert staged[at_price].sum() == cheapest[at_price].sum()


@pytest.mark.parametrize("seed", range(6))
def test_what_stages_charge_keeps_every_limit(seed: int):
    problem = random_problem(seed, tightness=1.5)
    for night in nights_of(problem):
        network = network_of(problem, night)
        solver = FlowSolver(network, readiness_of(problem, network).supply)
        price_per_kwh = np.arange(network.span) % 3 / 10

        energy_mwh = dispatch_mwh(solver, network.site_mwh, price_per_kwh=price_per_kwh, nights=7)

        assert np.all((energy_mwh >= 0) & (energy_mwh <= network.task_mwh))
        assert np.all(by_interval_mwh(solver, energy_mwh) <= network.site_mwh)
        cell_mwh = np.bincount(network.task_head, weights=energy_mwh, minlength=network.cells)
        # A child's arcs stand before its parent's where nodes are numbered from the root: go up.
        for arc in np.argsort(-network.tree_tail, kind="stable"):
            assert cell_mwh[network.tree_tail[arc]] <= network.tree_mwh[arc]
            cell_mwh[network.tree_head[arc]] += cell_mwh[network.tree_tail[arc]]
