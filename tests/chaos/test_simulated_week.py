"""A week as it really goes: late and early vans, nobody's tokens, bad stations, killed processes.

Deterministic, from seeds. `make test` plays one short night of a small yard; with full counts it is
the week of the reference fleet. What could have been is told by SciPy's HiGHS with hindsight.
"""

from pathlib import Path

import pytest

from tests.chaos.simulated_week import Pace, SimulatedWeek
from tests.chaos.week_judge import Verdict, judged
from tests.chaos.week_world import WEEK, Extent, world_of

SHORT = Extent(nights=1, vans=4, points=(3, 0), shrink=0.15)
"""Four vans on three points, so that one makes room, in a night of two hours."""
UNHURRIED = Pace(tick_s=30.0, look_s=15.0)


def assert_as_it_ought_to_be(verdict: Verdict) -> None:
    # Requirement 39 and issue 7: none that it could have made ready, 0 kW s, none lost or doubled.
    assert verdict.ready >= verdict.hindsight.ready, verdict.missed
    assert verdict.over_kws == {}
    assert (verdict.lost, verdict.doubled, verdict.unended) == ([], [], 0)
    assert verdict.wrong_kwh == []
    assert verdict.journal == ""


@pytest.mark.chaos
def test_in_a_short_night_with_kills_nobody_is_missed_that_could_be_ready(tmp_path: Path):
    world = world_of(1, SHORT)

    week = SimulatedWeek(world, tmp_path, seed=1, kills=2, pace=UNHURRIED).run()

    assert week.tally.gateway_kills == week.tally.dispatch_kills == 2
    # Each gateway knew every session that had been told to the one before it.
    assert all(known >= told for known, told in week.tally.known_after)
    assert_as_it_ought_to_be(judged(week.played()))


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
def test_in_a_week_of_the_reference_fleet_nobody_is_missed_that_could_be_ready(tmp_path: Path):
    week = SimulatedWeek(world_of(0, WEEK), tmp_path, seed=0, kills=5).run()

    verdict = judged(week.played())
    assert week.tally.gateway_kills == week.tally.dispatch_kills == 5
    assert all(known >= told for known, told in week.tally.known_after)
    assert_as_it_ought_to_be(verdict)
    # Issue 7 aims at 5 % above the bill of hindsight.
    assert verdict.regret <= 0.05
