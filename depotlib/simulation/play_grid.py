"""The grid of a play: its intervals, its noons, who is there, and what the day brings by the hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from depotlib.errors import ModelError
from depotlib.model.calendar import local_instant, zone
from depotlib.model.depot import Depot
from depotlib.model.local_time import EPOCH_ORDINAL, local_times
from depotlib.model.timegrid import TimeGrid
from depotlib.simulation.scenario import Scenario
from depotlib.tariffs.horizon import starts_us
from depotlib.units import (
    MINUTES_PER_HOUR,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    SECONDS_PER_MINUTE,
)

FloatArray = NDArray[np.float64]
NOON: Final = time(12)
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlayGrid:
    """The intervals of a play, from the first noon to the last departure.

    Parameters
    ----------
    grid : TimeGrid
    time_zone : ZoneInfo
    noons : tuple of int
        The interval that begins at each night's noon, (nights + 1,); the last is the end of the
        grid: who stays longer than the last night still belongs to it.
    second_of_day : ndarray of int
        Local, of each interval's start, (intervals,).
    local_day : ndarray of int
        Local date of each interval's start as its ordinal, (intervals,).
    staffed : tuple of bool
        Whether people can move vehicles for a whole changeover from each interval's start on.
    """

    grid: TimeGrid
    time_zone: ZoneInfo
    noons: tuple[int, ...]
    second_of_day: NDArray[np.int64]
    local_day: NDArray[np.int64]
    staffed: tuple[bool, ...]

    def by_day(self, values: Sequence[float]) -> FloatArray:
        """Return what a local day brings, in every interval, (intervals,).

        Parameters
        ----------
        values : sequence of float
            Of equal parts of a local day from midnight; empty: 0.
        """
        if not values:
            return np.zeros(self.grid.count)
        return np.asarray(values, dtype=np.float64)[
            self.second_of_day * len(values) // SECONDS_PER_DAY
        ]


def play_grid(scenario: Scenario, *, last_departure: datetime | None = None) -> PlayGrid:
    """Return the grid of a scenario.

    Parameters
    ----------
    scenario : Scenario
    last_departure : datetime, optional
        The grid goes on until then, if it is after the last noon.

    Raises
    ------
    ModelError
        If intervals are no part of an hour.
    """
    if scenario.interval_s <= 0 or SECONDS_PER_HOUR % scenario.interval_s:
        raise ModelError(
            f"intervals of {scenario.interval_s} s are no part of an hour",
            where="interval_s",
            hint="900 is a quarter-hour",
        )
    time_zone = zone(scenario.depot.time_zone)
    noons = [
        local_instant(scenario.first + day * ONE_DAY, NOON, time_zone=time_zone)
        for day in range(scenario.days + 1)
    ]
    step = timedelta(seconds=scenario.interval_s)
    end = max(noons[-1], last_departure or noons[-1])
    grid = TimeGrid(
        start=noons[0], interval_s=scenario.interval_s, count=-((noons[0] - end) // step)
    )
    starts_s = int(grid.start.timestamp()) + grid.interval_s * np.arange(grid.count)
    local = local_times(starts_us(grid), time_zone)
    days, second_of_day = np.divmod(starts_s + local.offset_s, SECONDS_PER_DAY)
    return PlayGrid(
        grid=grid,
        time_zone=time_zone,
        noons=(*(grid.interval_of(noon) for noon in noons[:-1]), grid.count),
        second_of_day=second_of_day,
        local_day=days + EPOCH_ORDINAL,
        staffed=_staffed(scenario.depot, second_of_day),
    )


def _staffed(depot: Depot, second_of_day: NDArray[np.int64]) -> tuple[bool, ...]:
    """Return whether somebody is there from each start on, until a changeover is over."""
    staff, last_s = depot.staff_hours, max(0, depot.changeover_s - 1)
    known: dict[int, bool] = {}
    for second in np.unique(second_of_day).tolist():
        ends = (second + last_s) % SECONDS_PER_DAY
        known[second] = all(staff.covers(_clock(at)) for at in (second, ends))
    return tuple(known[second] for second in second_of_day.tolist())


def _clock(second_of_day: int) -> time:
    minutes, second = divmod(second_of_day, SECONDS_PER_MINUTE)
    return time(*divmod(minutes, MINUTES_PER_HOUR), second)
