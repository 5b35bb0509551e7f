"""One quiet scenario, in which the gateway's process ends once: at any chosen write and point of it."""

from dataclasses import replace

from depotlib.gateway.effects import Effects
from tests.chaos.simulated_site import SimulatedSite
from tests.chaos.simulated_yard import QUIET

POINTS = (0, 1, 2, 3)
"""Before a write, behind it, while its commands are sent, and after them."""
HIGH = replace(QUIET, voltage_share=1.1)
DURATION_S = 1800


class CrashingSite(SimulatedSite):
    """A day without faults but for one end of the process.

    Every record, sending and answer of a lease is a write, so the writes are all the instants
    at which what a new process knows may differ from what the old one had told.
    """

    def __init__(
        self, seed: int, *, write: int | None, point: int = 0, keeps_journal: bool = True
    ) -> None:
        faults = replace(HIGH, keeps_journal=keeps_journal)
        super().__init__(seed, duration_s=DURATION_S, faults=faults, stops_when_over=True)
        self.write, self.point = write, point
        self.writes_of_leases = 0

    def _fatal_point(self, effects: Effects) -> int | None:
        if not effects.leases:
            return None
        self.writes_of_leases += 1
        return self.point if self.writes_of_leases - 1 == self.write else None


def writes_of(seed: int) -> int:
    """Return how many writes the scenario has where nothing ends."""
    return CrashingSite(seed, write=None).run().writes_of_leases
