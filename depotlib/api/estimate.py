"""When a session will have its energy, by the limits that are released for it."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.battery import tapered_max_kw
from depotlib.model.live import ConnectorState
from depotlib.model.release import ConnectorSchedule
from depotlib.units import duration_h

FOLLOWS_SHARE: Final = 0.85
"""A vehicle that takes this much of its limit follows it; below, it takes what it can."""
SETTLES: Final = timedelta(minutes=1)
"""So long may a meter's word be of the time before a limit changed."""
TAPER_STEP: Final = timedelta(minutes=2)


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


@dataclass(frozen=True, slots=True)
class Taper:
    """How a battery takes less the fuller it is.

    Parameters
    ----------
    soc : float
        Now.
    soc_per_kwh_share : float
        Share of the battery that a kWh at the wall brings.
    max_kw : float
        The most it takes below the taper, at the wall.
    taper_share : float
        Share of that lost at 100 %.
    """

    soc: float
    soc_per_kwh_share: float
    max_kw: float
    taper_share: float

    def most_kw(self, energy_kwh: float) -> float:
        """Return the most it takes after so much energy from now on."""
        soc = min(1.0, self.soc + energy_kwh * self.soc_per_kwh_share)
        return tapered_max_kw(soc, max_kw=self.max_kw, taper_share=self.taper_share)


def completion_of(
    state: ConnectorState,
    schedule: ConnectorSchedule,
    *,
    remaining_kwh: float,
    now: datetime,
    taper: Taper | None = None,
) -> Completion:
    """Return when a session will have the energy of its stay.

    What it draws now says how it follows: in proportion to its limits where it takes nearly all,
    up to what it draws where it takes clearly less.

    Parameters
    ----------
    state : ConnectorState
        With a session.
    schedule : ConnectorSchedule
    remaining_kwh : float
        Of the stay, at the wall, now.
    now : datetime
    taper : Taper or None
        None: it has none, or nothing is known of its charge.
    """
    if remaining_kwh <= 0.0:
        return Completion(0.0, now)
    share, most_kw = _following(state, schedule, taper=taper)
    starts = [step.start for step in schedule.steps]
    ends = [*starts[1:], schedule.valid_to]
    done_kwh = 0.0
    for step, end in zip(schedule.steps, ends, strict=True):
        begin = max(step.start, now)
        power_kw = min(step.limit_kw * share, most_kw)
        while begin < end and power_kw > 0.0:
            drawn_kw = power_kw if taper is None else min(power_kw, taper.most_kw(done_kwh))
            if drawn_kw <= 0.0:
                return Completion(remaining_kwh, None)
            # Without a taper the power of a step is one; with one it changes as the battery fills.
            until = end if taper is None else min(end, begin + TAPER_STEP)
            step_kwh = drawn_kw * duration_h(until - begin)
            if done_kwh + step_kwh >= remaining_kwh:
                missing_h = (remaining_kwh - done_kwh) / drawn_kw
                return Completion(remaining_kwh, begin + timedelta(hours=1) * missing_h)
            done_kwh += step_kwh
            begin = until
    return Completion(remaining_kwh, None)


def _following(
    state: ConnectorState, schedule: ConnectorSchedule, *, taper: Taper | None
) -> tuple[float, float]:
    """Return the share of its limit that a vehicle takes, and the most it takes [kW]."""
    limit_kw = _answered_kw(state, schedule)
    if state.power_kw <= 0.0 or limit_kw <= 0.0:
        return 1.0, math.inf
    share = state.power_kw / limit_kw
    if share >= FOLLOWS_SHARE:
        return min(1.0, share), math.inf
    if taper is not None and state.power_kw >= FOLLOWS_SHARE * taper.most_kw(0.0):
        return 1.0, math.inf  # its taper, which goes on
    return 1.0, state.power_kw


def _answered_kw(state: ConnectorState, schedule: ConnectorSchedule) -> float:
    """Return the limit that its measured power answers to: not one that was raised since."""
    if state.measured_at is None:
        return state.limit_kw
    before_kw = schedule.limit_at(state.measured_at - SETTLES)
    return state.limit_kw if before_kw is None else min(state.limit_kw, before_kw)
