"""Limits on single phases: who draws on which of the three, and what each may carry.

A vehicle of one phase on a three-phase station loads one phase with all its power. Base load,
storage and solar count on all three alike; only what stations draw is told apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.model.depot import ChargingStation, Depot

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
PHASES: Final = 3
_TINY_KW: Final = 1e-6


@dataclass(frozen=True, slots=True)
class PhaseRoom:
    """What each phase may carry below the site and below circuits.

    Parameters
    ----------
    names : tuple of str
        Circuit of every limit; empty for the site.
    share : ndarray
        Of a task's power on each phase, (tasks, 3).
    is_below : ndarray of bool
        (limits, tasks).
    room_kw : ndarray
        (limits, 3, intervals).
    """

    names: tuple[str, ...]
    share: FloatArray
    is_below: BoolArray
    room_kw: FloatArray

    def left_kw(self, task_kw: FloatArray) -> FloatArray:
        """Return the room that powers leave [kW], (limits, 3, intervals)."""
        drawn_kw = np.einsum("li,ip,it->lpt", self.is_below.astype(np.float64), self.share, task_kw)
        return self.room_kw - drawn_kw

    def holds(self, task_kw: FloatArray) -> bool:
        """Return whether powers keep every limit."""
        return bool(np.all(self.left_kw(task_kw) >= -_TINY_KW))

    def free_kw(self, left_kw: FloatArray, *, task: int) -> FloatArray:
        """Return how much more a task could draw [kW], (intervals,)."""
        below = np.flatnonzero(self.is_below[:, task])
        used = np.flatnonzero(self.share[task] > 0)
        per_phase_kw = left_kw[np.ix_(below, used)] / self.share[task][used][None, :, None]
        return per_phase_kw.min(axis=(0, 1), initial=np.inf)

    def beside(self, fixed_kw: FloatArray, tasks: Sequence[int]) -> "PhaseRoom":
        """Return the room beside fixed powers, for tasks that each continue one of these."""
        at = np.array(tasks, dtype=np.int64)
        return PhaseRoom(
            names=self.names,
            share=self.share[at],
            is_below=self.is_below[:, at],
            room_kw=np.maximum(0.0, self.left_kw(fixed_kw)),
        )


def phase_room(
    depot: Depot,
    *,
    station_ids: Sequence[str],
    ac_phases: Sequence[int],
    base_load_kw: FloatArray,
) -> PhaseRoom | None:
    """Return the limits on phases for tasks at given stations; None where there are none.

    ``room[site, phase, t] = max(0, limit - base_load[t] / 3)``

    Parameters
    ----------
    depot : Depot
    station_ids : sequence of str
        Of every task.
    ac_phases : sequence of int
        Phases of the vehicle of every task; 0: not known.
    base_load_kw : ndarray
        (intervals,).
    """
    stations = {station.station_id: station for station in depot.stations}
    own = [stations[station_id] for station_id in station_ids]
    named = [("", depot.grid.phase_limit_kw)]
    named += [(circuit.circuit_id, circuit.phase_limit_kw) for circuit in depot.circuits]
    limits = [(name, limit_kw) for name, limit_kw in named if limit_kw is not None]
    if not limits:
        return None
    above = [
        {"", *(circuit.circuit_id for circuit in depot.path_to_site(station.circuit_id))}
        for station in own
    ]
    base_kw = base_load_kw / PHASES
    room_kw = np.array(
        [
            np.maximum(0.0, limit_kw - (base_kw if name == "" else np.zeros_like(base_kw)))
            for name, limit_kw in limits
        ]
    )
    return PhaseRoom(
        names=tuple(name for name, _ in limits),
        share=np.array(
            [phase_share(s, phases=p) for s, p in zip(own, ac_phases, strict=True)]
        ).reshape(len(own), PHASES),
        is_below=np.array([[name in path for path in above] for name, _ in limits], dtype=np.bool_),
        room_kw=np.repeat(room_kw[:, None, :], PHASES, axis=1),
    )


def phase_share(station: ChargingStation, *, phases: int) -> list[float]:
    """Return how much of a power each of the depot's phases carries, (3,).

    ``share = 1 / phases used``

    A vehicle uses the first of its station's phases; DC uses all of them.
    """
    if not station.wiring:
        return [1.0 / PHASES] * PHASES
    most = len(station.wiring) if station.current_type == "DC" or phases == 0 else phases
    used = station.wiring[:most]
    return [1.0 / len(used) if phase in used else 0.0 for phase in (1, 2, 3)]
