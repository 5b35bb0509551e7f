"""The site limit holds at every second of a bad day, and each defence is found missing when it is.

Deterministic, from seeds; `make test-full` runs more and longer days.
"""

import pytest

from depotlib.gateway.ledger import Timing
from tests.chaos.simulated_plans import SAFE_KW, STATIONS
from tests.chaos.simulated_site import Faults, SimulatedSite

HOUR_S = 3600
SEEDS = range(30)
BLOCKS = [SEEDS[n : n + 5] for n in range(0, len(SEEDS), 5)]
BROKEN = {
    # No journal: a gateway that died has forgotten what it permitted.
    "no journal": {"faults": Faults(keeps_journal=False)},
    # No settle time: room is given away while a vehicle still draws it.
    "no settle time": {"timing": Timing(settle_s=0.0)},
    # Unguarded steps: a reduction here and a raise there at the same instant of two clocks.
    "unguarded steps": {"timing": Timing(clock_error_s=0.0, lag_s=0.0)},
}


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.parametrize("seeds", BLOCKS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_no_node_is_ever_above_its_hard_limit_and_leases_obey_the_operating_limit(seeds):
    for seed in seeds:
        day = SimulatedSite(seed).run(HOUR_S // 2)

        assert (seed, day.over_hard) == (seed, [])
        assert (seed, day.over_operating) == (seed, [])


@pytest.mark.chaos
@pytest.mark.slow
def test_the_leases_deliver_far_more_than_the_safe_limits_would():
    quiet = Faults(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)

    day = SimulatedSite(1, faults=quiet).run(HOUR_S)

    # All stations at their safe limit for the whole hour would be 10 x 4.14 kWh.
    assert day.energy_kwh() > 1.5 * STATIONS * SAFE_KW


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_a_gateway_without_one_of_its_defences_is_caught(name):
    caught = (
        seed
        for seed in range(12)
        if (day := SimulatedSite(seed, **BROKEN[name]).run(HOUR_S * 3 // 4)).over_hard
        or day.over_operating
    )

    assert next(caught, None) is not None


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
def test_no_node_is_ever_above_its_hard_limit_in_500_long_days():
    for seed in range(500):
        day = SimulatedSite(seed).run(4 * HOUR_S)

        assert (seed, day.over_hard, day.over_operating) == (seed, [], [])
