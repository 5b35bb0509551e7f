"""The hard limit with idle stations: what is drawn, or the safe limit, whichever is more.

``Σ_s max(p_s, F_s) + largest base load <= service - margin`` over all stations s, idle ones
included. A plan may use a station's safe limit F_s freely: it is taken anyhow. What it takes above
shares the room that is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depotlib.model.depot import Depot

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_TINY_KW = 1e-6


@dataclass(frozen=True, slots=True)
class SafeRoom:
    """What a plan may draw above safe limits.

    Parameters
    ----------
    station : ndarray of int
        Of every task, (tasks,).
    safe_kw : ndarray
        What is free at every station, (stations, intervals).
    room_kw : ndarray
        What all stations together may draw above that, 0 or more, (intervals,).
    """

    station: IntArray
    safe_kw: FloatArray
    room_kw: FloatArray

    def drawn_kw(self, task_kw: FloatArray) -> FloatArray:
        """Return the power of every station [kW], (stations, intervals)."""
        drawn_kw = np.zeros_like(self.safe_kw)
        np.add.at(drawn_kw, self.station, task_kw)
        return drawn_kw

    def above_kw(self, task_kw: FloatArray) -> FloatArray:
        """Return what tasks draw above safe limits [kW], (intervals,).

        ``Σ_s max(0, p_s - F_s)``
        """
        return np.maximum(self.drawn_kw(task_kw) - self.safe_kw, 0.0).sum(axis=0)

    def left_kw(self, task_kw: FloatArray) -> FloatArray:
        """Return the room that powers leave [kW], negative where they break it, (intervals,)."""
        return self.room_kw - self.above_kw(task_kw)

    def holds(self, task_kw: FloatArray) -> bool:
        """Return whether powers leave the hard limit unbroken."""
        return bool(np.all(self.left_kw(task_kw) >= -_TINY_KW))

    def beside(self, fixed_kw: FloatArray, tasks: Sequence[int]) -> "SafeRoom":
        """Return the room beside fixed powers.

        Parameters
        ----------
        fixed_kw : ndarray
            (tasks, intervals).
        tasks : sequence of int
            Which of these tasks each of the others continues.
        """
        return SafeRoom(
            station=self.station[np.array(tasks, dtype=np.int64)],
            safe_kw=np.maximum(self.safe_kw - self.drawn_kw(fixed_kw), 0.0),
            room_kw=np.maximum(self.left_kw(fixed_kw), 0.0),
        )


def safe_room(
    depot: Depot, *, station_ids: Sequence[str], base_load_kw: FloatArray
) -> SafeRoom | None:
    """Return what tasks at given stations may draw above safe limits; None: it never binds.

    ``room[t] = max(0, service - margin - max(base_load[t], base_load_max) - Σ_s F_s)``

    Parameters
    ----------
    depot : Depot
    station_ids : sequence of str
        Of every task.
    base_load_kw : ndarray
        (intervals,).
    """
    safe_kw = np.array([station.safe_limit_kw for station in depot.stations])
    worst_kw = np.maximum(base_load_kw, depot.grid.base_load_max_kw)
    room_kw = depot.grid.service_kw - depot.grid.margin_kw - worst_kw - safe_kw.sum()
    # No more than the operating limit less the base load is ever drawn above safe limits.
    if np.all(room_kw >= np.maximum(0.0, depot.grid.operating_limit_kw - base_load_kw)):
        return None
    number = {station.station_id: index for index, station in enumerate(depot.stations)}
    return SafeRoom(
        station=np.array([number[station_id] for station_id in station_ids], dtype=np.int64),
        safe_kw=np.repeat(safe_kw[:, None], len(base_load_kw), axis=1),
        room_kw=np.maximum(room_kw, 0.0),
    )
