"""When a session will have its energy, by the limits that are released for it."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.live import ConnectorState
from depotlib.model.release import ConnectorSchedule
from depotlib.units import duration_h

FOLLOWS_SHARE: Final = 0.85
"""A vehicle that takes this much of its limit follows it; below, it takes what it can."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What is missing to a session, and when it will be there.

    Parameters
    ----------
    remaining_kwh : float
        At the wall.
    completes_at : datetime or None
        None: not with the limits that are released.
    """

    remaining_kwh: float
    completes_at: datetime | None


def completion_of(
    state: ConnectorState, schedule: ConnectorSchedule, *, wanted_kwh: float, now: datetime
) -> Completion:
    """Return when a session will have the energy of its stay.

    What it draws now says how it follows: in proportion to its limits where it takes nearly all,
    up to what it draws where it takes clearly less (its own maximum, or its taper).

    Parameters
    ----------
    state : ConnectorState
        With a session.
    schedule : ConnectorSchedule
    wanted_kwh : float
        Of the whole stay [kWh].
    now : datetime
    """
    remaining_kwh = max(0.0, wanted_kwh - state.energy_kwh)
    if remaining_kwh == 0.0:
        return Completion(0.0, now)
    share, most_kw = _following(state)
    starts = [step.start for step in schedule.steps]
    ends = [*starts[1:], schedule.valid_to]
    missing_kwh = remaining_kwh
    for step, end in zip(schedule.steps, ends, strict=True):
        begin = max(step.start, now)
        power_kw = min(step.limit_kw * share, most_kw)
        if end <= begin or power_kw <= 0.0:
            continue
        step_kwh = power_kw * duration_h(end - begin)
        if step_kwh >= missing_kwh:
            return Completion(remaining_kwh, begin + timedelta(hours=1) * (missing_kwh / power_kw))
        missing_kwh -= step_kwh
    return Completion(remaining_kwh, None)


def _following(state: ConnectorState) -> tuple[float, float]:
    """Return the share of its limit that a vehicle takes, and the most it takes [kW]."""
    if state.power_kw <= 0.0 or state.limit_kw <= 0.0:
        return 1.0, math.inf
    share = state.power_kw / state.limit_kw
    if share < FOLLOWS_SHARE:
        return 1.0, state.power_kw
    return min(1.0, share), math.inf
