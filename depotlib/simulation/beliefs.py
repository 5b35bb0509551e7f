"""What is expected of a night before it happens: means over other draws of the same source.

Who is on duty tonight and when each leaves is known; when it comes, with what need, and whether it
comes at all, is not. A vehicle that is not home yet is planned at its mean: paddings of single
vehicles add up (`planning.month`, requirement 41 of the field's guides).
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from depotlib.model.calendar import local_instant, zone
from depotlib.model.dwell import Dwell
from depotlib.simulation.sampling import NOON, DrawnNights, drawn_nights, with_energy
from depotlib.simulation.scenario import Scenario
from depotlib.units import duration_h

BELIEF_SEED: Final = 2_000_000
"""Beliefs come from other draws than what happens."""
BELIEF_PLAYS: Final = 5
BELIEF_DAYS: Final = 7
LEAST_STAY: Final = timedelta(minutes=30)
"""Who has not come so shortly before it leaves is not expected any more."""
SATURDAY: Final = 5
_Kind = tuple[str, bool]
"""Vehicle, and whether the evening is one of a weekend."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What other draws say of a vehicle.

    Parameters
    ----------
    arrivals_h : ndarray
        Since noon, rising.
    target_kwh : float
        Mean of what it wished.
    """

    arrivals_h: np.ndarray[tuple[int], np.dtype[np.float64]]
    target_kwh: float

    def arrival_h(self, now_h: float) -> float:
        """Return the mean of the arrivals that are still possible [h since noon]."""
        later_h = self.arrivals_h[self.arrivals_h > now_h]
        return float(later_h.mean()) if len(later_h) else now_h + duration_h(LEAST_STAY)


class Beliefs:
    """What is expected of the stays of a play.

    Parameters
    ----------
    scenario : Scenario
    drawn : DrawnNights
        What happens; read for who is on duty and when it leaves, and nothing else.
    """

    def __init__(self, scenario: Scenario, drawn: DrawnNights) -> None:
        self._drawn = drawn
        self._zone = zone(scenario.depot.time_zone)
        arrivals_h: dict[_Kind, list[float]] = defaultdict(list)
        targets_kwh: dict[_Kind, list[float]] = defaultdict(list)
        week = replace(scenario, days=BELIEF_DAYS)
        for number in range(BELIEF_PLAYS):
            other = drawn_nights(week, seed=BELIEF_SEED + number)
            for index, stay in enumerate(other.stays):
                if stay.comes:
                    kind = self._kind(other, index)
                    came = stay.dwell.arrival - self._noon(other, stay.night)
                    arrivals_h[kind].append(duration_h(came))
                    targets_kwh[kind].append(stay.dwell.energy_target_kwh)
        self._known = {
            kind: Belief(np.sort(np.array(arrivals_h[kind])), float(np.mean(targets_kwh[kind])))
            for kind in arrivals_h
        }

    def expected(self, index: int, now: datetime) -> Dwell | None:
        """Return a stay as it is expected at an instant before it begins.

        None where nothing like it is known, or it is too late for it.

        Parameters
        ----------
        index : int
            Position among the drawn stays.
        now : datetime
        """
        stay = self._drawn.stays[index].dwell
        belief = self._known.get(self._kind(self._drawn, index))
        if belief is None:
            return None
        noon = self._noon(self._drawn, self._drawn.stays[index].night)
        arrival = noon + timedelta(hours=belief.arrival_h(duration_h(now - noon)))
        if stay.departure - arrival < LEAST_STAY:
            return None
        factor = belief.target_kwh / stay.energy_target_kwh if stay.energy_target_kwh else 1.0
        return replace(with_energy(stay, factor), arrival=arrival)

    def _kind(self, nights: DrawnNights, index: int) -> _Kind:
        stay = nights.stays[index]
        return stay.dwell.vehicle_id, nights.nights[stay.night].evening.weekday() >= SATURDAY

    def _noon(self, nights: DrawnNights, night: int) -> datetime:
        return local_instant(nights.nights[night].evening, NOON, time_zone=self._zone)
