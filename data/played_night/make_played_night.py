"""Play the night that notebooks 07 and 08 look back on, and keep its mailbox.

    python -m data.played_night.make_played_night

Twelve vans of the demo fleet on seven AC and two DC points, 2 November 2026, seed 1: shipped
gateway, dispatch and planner, virtual stations, simulated clock and wires
(`tests/chaos/simulated_week.py` says what goes wrong). About 150 s of a processor.
"""

import gzip
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Final

from tests.chaos.simulated_week import SimulatedWeek
from tests.chaos.week_world import Extent, world_of

FILE: Final = Path(__file__).parent / "exchange.sqlite.gz"
SEED: Final = 1
EXTENT: Final = Extent(nights=1, vans=12, points=(7, 2))


def main() -> None:
    """Write the mailbox of the night beside this script."""
    with tempfile.TemporaryDirectory() as folder:
        week = SimulatedWeek(world_of(SEED, EXTENT), Path(folder), seed=SEED, kills=1).run()
        whole = Path(folder, "whole.sqlite")
        with sqlite3.connect(week.office.path) as connection:
            connection.execute("VACUUM INTO ?", (str(whole),))
        with whole.open("rb") as told, gzip.GzipFile(FILE, "wb", mtime=0) as kept:
            shutil.copyfileobj(told, kept)


if __name__ == "__main__":
    main()
