"""What the sun gives in a play, and what may be expected of it."""

from typing import Final

import numpy as np

from depotlib.simulation.play_grid import FloatArray, PlayGrid
from depotlib.simulation.scenario import Sun
from depotlib.units import SECONDS_PER_DAY

NEAR_DAYS: Final = 7
"""The mean of so many days before and after is expected of a day."""


def actual_sun_kw(sun: Sun | None, play: PlayGrid) -> FloatArray:
    """Return what the sun gives in every interval of a play [kW], (intervals,).

    Parameters
    ----------
    sun : Sun or None
    play : PlayGrid
    """
    if sun is None:
        return np.zeros(play.grid.count)
    return _of_days(sun, np.asarray(sun.power_share, dtype=np.float64), play=play)


def expected_sun_kw(sun: Sun | None, play: PlayGrid) -> FloatArray:
    """Return what is expected of the sun: the mean of the days around each [kW], (intervals,).

    The sky of a day is known to nobody before it.

    Parameters
    ----------
    sun : Sun or None
    play : PlayGrid
    """
    if sun is None:
        return np.zeros(play.grid.count)
    days = np.asarray(sun.power_share, dtype=np.float64)
    reach = min(NEAR_DAYS, (len(days) - 1) // 2)
    near = [np.roll(days, by, axis=0) for by in range(-reach, reach + 1)]
    return _of_days(sun, np.mean(near, axis=0), play=play)


def _of_days(sun: Sun, days: FloatArray, *, play: PlayGrid) -> FloatArray:
    day = (play.local_day - sun.first.toordinal()) % len(days)
    part = play.second_of_day * days.shape[1] // SECONDS_PER_DAY
    return days[day, part] * sun.peak_kw
