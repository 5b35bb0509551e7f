"""The site limit holds at every instant of a bad day, and each defence is found missing when it is.

Deterministic, from seeds. `make test` runs short storms; `python -m benchmarks.gateway_simulation`
runs any number of seeds of any length and prints the figures, `make test-full` 500 of four hours.
"""

import pytest

from tests.chaos.simulated_breaks import BREAKS, Break, broken, day_of
from tests.chaos.simulated_crashes import POINTS, CrashingSite, writes_of
from tests.chaos.simulated_oracle import oracle_kwh
from tests.chaos.simulated_site import SimulatedSite
from tests.chaos.simulated_yard import QUIET, Faults

HOUR_S = 3600
SEEDS = range(6)
SOON = range(12)
CRASH_SEED = 7
CAUGHT_SOON = ("no journal", "present instant only", "unguarded steps", "send all")
"""Those whose lack the first two seeds find; the rarer ones are looked for with full counts."""


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_no_node_is_ever_above_its_hard_limit(seed):
    storm = SimulatedSite(seed, duration_s=HOUR_S // 2).run()

    assert storm.over == []
    # Far more than the nine safe limits of 6 A that are always there: the claim is not about nothing.
    assert storm.energy_kwh() > 30.0


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.parametrize(
    "seeds",
    [range(2), pytest.param(range(2, 40), marks=[pytest.mark.full, pytest.mark.timeout(0)])],
)
def test_what_is_permitted_above_safe_limits_obeys_the_operating_limit(seeds):
    """Without a meter, so that the limit stands still: service less the largest base load."""
    for seed in seeds:
        storm = SimulatedSite(seed, duration_s=HOUR_S // 2, has_meter=False).run()

        assert (seed, storm.over_operating) == (seed, [])


@pytest.mark.chaos
@pytest.mark.slow
def test_steps_that_are_not_guarded_break_the_operating_limit():
    with broken(BREAKS["unguarded steps"]):
        storm = SimulatedSite(
            2, duration_s=HOUR_S // 2, has_meter=False, timing=BREAKS["unguarded steps"].timing
        ).run()

    assert storm.over_operating


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.parametrize("write", range(4, 124, 25))
def test_the_limit_holds_where_the_process_ends_at_a_write(write):
    day = CrashingSite(CRASH_SEED, write=write, point=POINTS[write % len(POINTS)]).run()

    assert (day.crashes, day.over) == (1, [])


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
def test_the_limit_holds_wherever_the_process_ends():
    for write in range(writes_of(CRASH_SEED)):
        for point in POINTS:
            day = CrashingSite(CRASH_SEED, write=write, point=point).run()

            assert (write, point, day.crashes, day.over) == (write, point, 1, [])


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.parametrize("name", ["no journal", "relative schedules", "silence is consent"])
def test_the_shipped_gateway_bears_the_day_that_a_broken_one_does_not(name):
    shipped = Break("nothing is taken away", day=BREAKS[name].day)

    assert day_of(3, shipped, duration_s=HOUR_S // 2).over == []


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.parametrize("name", CAUGHT_SOON)
def test_a_gateway_without_one_of_its_defences_is_caught_soon(name):
    caught = (seed for seed in SOON if day_of(seed, BREAKS[name], duration_s=HOUR_S).over)

    assert next(caught, None) is not None


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", BREAKS)
def test_the_shipped_gateway_bears_twenty_days_of_each_broken_one(name):
    shipped = Break("nothing is taken away", day=BREAKS[name].day)

    for seed in range(20):
        assert (seed, day_of(seed, shipped, duration_s=HOUR_S).over) == (seed, [])


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
def test_without_a_journal_the_limit_does_not_hold_wherever_the_process_ends():
    assert any(
        CrashingSite(CRASH_SEED, write=write, point=1, keeps_journal=False).run().over
        for write in range(writes_of(CRASH_SEED))
    )


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", BREAKS)
def test_every_defence_is_found_missing_within_300_seeds(name):
    caught = (seed for seed in range(300) if day_of(seed, BREAKS[name], duration_s=HOUR_S).over)

    assert next(caught, None) is not None


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
def test_no_node_is_ever_above_its_hard_limit_in_500_long_days():
    for seed in range(500):
        storm = SimulatedSite(seed, duration_s=4 * HOUR_S).run()

        assert (seed, storm.over) == (seed, [])


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
@pytest.mark.parametrize(("faults", "share"), [(QUIET, 0.90), (Faults(), 0.88)])
def test_a_night_delivers_what_an_oracle_does_but_for_a_tenth(faults, share):
    # live.md section 4 and issue 6: 0.90 without faults, 0.88 with.
    got_kwh = best_kwh = 0.0
    for seed in range(10):
        night = SimulatedSite(seed, duration_s=4 * HOUR_S, faults=faults, is_night=True).run()
        got_kwh += night.energy_kwh()
        best_kwh += oracle_kwh(
            night.brief, night.stays, base=night.base, duration_s=night.duration_s
        )

    assert got_kwh >= share * best_kwh


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
def test_two_hours_without_connection_cost_little_energy():
    # Issue 6: at least 85 % of the connected run's energy.
    away = Faults(**{**vars(QUIET), "away": (HOUR_S, 3 * HOUR_S)})
    lost_kwh, kept_kwh = (
        sum(
            SimulatedSite(seed, duration_s=4 * HOUR_S, faults=faults, is_night=True)
            .run()
            .energy_kwh()
            for seed in range(6)
        )
        for faults in (away, QUIET)
    )

    assert lost_kwh >= 0.85 * kept_kwh
