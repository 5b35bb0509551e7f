"""Print what a simulated week comes to: ``python -m benchmarks.simulated_week --nights 7``.

``--only 3`` plays the fourth of its nights alone: a night a process, where several are at hand.
``--keep`` leaves the mailbox behind and names it: why a van was missed stands in its journal.
"""

import argparse
import tempfile
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from tests.chaos.simulated_week import Pace, SimulatedWeek
from tests.chaos.week_judge import judged
from tests.chaos.week_world import Extent, world_of


def main() -> None:
    """Play the week in a folder of its own, and print its figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--nights", type=int, default=7)
    parser.add_argument("--only", type=int, help="of these nights, from 0: this one alone")
    parser.add_argument("--vans", type=int, default=60)
    parser.add_argument("--points", default="40,8", help="AC and DC points")
    parser.add_argument("--shrink", type=float, default=1.0, help="of a night's times and energies")
    parser.add_argument("--kills", type=int, default=5, help="of gateway and dispatch each")
    parser.add_argument("--tick", type=float, default=10.0, help="of the gateway [s]")
    parser.add_argument("--look", type=float, default=5.0, help="of dispatch [s]")
    parser.add_argument("--folder", type=Path, help="for the mailbox, best in memory")
    parser.add_argument("--keep", action="store_true", help="leave the mailbox, and name it")
    given = parser.parse_args()
    ac, dc = (int(count) for count in given.points.split(","))
    world = world_of(given.seed, Extent(given.nights, given.vans, (ac, dc), given.shrink))
    if given.only is not None:
        world = replace(world, nights=(world.nights[given.only],))
    with (
        nullcontext(tempfile.mkdtemp(prefix="week-", dir=given.folder))
        if given.keep
        else tempfile.TemporaryDirectory(dir=given.folder)
    ) as folder:
        begun_s = time.process_time()
        week = SimulatedWeek(
            world,
            Path(folder),
            seed=given.seed,
            kills=given.kills,
            pace=Pace(tick_s=given.tick, look_s=given.look),
        ).run()
        played_s = time.process_time() - begun_s
        verdict = judged(week.played())
    print("\n".join(verdict.lines()))
    if given.keep:
        print(f"kept: {folder}")
    tally = week.tally
    print(
        f"killed: gateway {tally.gateway_kills} times, dispatch {tally.dispatch_kills}; re-plans "
        f"{tally.replans}; {week.wires.frames} frames; {played_s:.0f} s of the processor"
    )


if __name__ == "__main__":
    main()
