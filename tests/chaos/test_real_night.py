"""One night of the simulated week in real processes, killed at random, at up to 60 times the speed."""

from pathlib import Path

import pytest

from tests.chaos.real_night import NightInProcesses
from tests.chaos.week_judge import judged
from tests.chaos.week_world import Extent, world_of

NIGHT = Extent(nights=1, vans=6, points=(4, 1), shrink=0.25)
"""Six vans on four AC points and a DC one, in a night of four hours."""
SPEED_FACTOR = 40.0


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
def test_in_a_night_of_real_processes_nobody_is_missed_that_could_be_ready(tmp_path: Path):
    night = NightInProcesses(
        world_of(5, NIGHT), tmp_path / "home", seed=5, speed_factor=SPEED_FACTOR, kills=2
    )

    played = night.run()

    assert night.kills == {"gateway": 2, "dispatch": 2}
    verdict = judged(played)
    # Issue 7: none that it could have made ready, 0 kW s, no session lost or doubled.
    assert verdict.ready >= verdict.hindsight.ready, verdict.missed
    assert verdict.over_kws == {}
    assert (verdict.lost, verdict.doubled, verdict.unended) == ([], [], 0)
    assert verdict.journal == ""
