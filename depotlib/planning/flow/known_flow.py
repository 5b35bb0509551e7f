"""What is known of greatest flows from peaks that were tried before."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from depotlib.planning.flow.level import Level
from depotlib.planning.problem import FloatArray, IntArray
from depotlib.units import MWH_PER_KWH


class KnownFlow:
    """Flows of all price levels at the peaks tried so far.

    Each ``F_k`` grows with the peaks and is concave in them, so that flows at two points bound it
    from below between them; and where the site leaves less room, no more than that is lost.

    Parameters
    ----------
    levels : sequence of Level
    """

    def __init__(self, levels: Sequence[Level]) -> None:
        opened = [
            level.solver.network.night.first + np.flatnonzero(level.open_intervals)
            for level in levels
        ]
        none = np.zeros(0, dtype=np.int64)
        self._interval: IntArray = np.concatenate([none, *opened])
        self._level: IntArray = np.repeat(np.arange(len(levels)), [len(one) for one in opened])
        self._levels = len(levels)
        self._tried: list[_Tried] = []

    def add(self, peak_kw: FloatArray, *, room_mwh: IntArray, flow_kwh: FloatArray) -> None:
        """Note the flows of all levels at some peaks, or what they are at least.

        Parameters
        ----------
        peak_kw : ndarray
        room_mwh : ndarray of int
            What the site has left, (intervals,).
        flow_kwh : ndarray
            (levels,).
        """
        self._tried.append(_Tried(peak_kw, room_mwh, flow_kwh))

    def least_kwh(self, peak_kw: FloatArray, *, room_mwh: IntArray) -> FloatArray:
        """Return what each level's flow is at least at some peaks, to rounding, (levels,).

        ``F_k(P) >= F_k(A) - Σ_{t open at k} max(0, room_A[t] - room_P[t])``, and
        ``F_k(P) >= s F_k(A) + (1 - s) F_k(B) where s A + (1 - s) B <= P``
        """
        least_kwh = np.zeros(self._levels)
        for tried in self._tried:
            lost_mwh = np.maximum(0, tried.room_mwh - room_mwh)[self._interval]
            lost = np.bincount(self._level, weights=lost_mwh, minlength=self._levels)
            least_kwh = np.maximum(least_kwh, tried.flow_kwh - lost / MWH_PER_KWH)
        for one, other in combinations(self._tried, 2):
            for share in _shares(one.peak_kw, other.peak_kw, peak_kw=peak_kw):
                between_kwh = share * one.flow_kwh + (1 - share) * other.flow_kwh
                least_kwh = np.maximum(least_kwh, between_kwh)
        return least_kwh


@dataclass(frozen=True, slots=True)
class _Tried:
    peak_kw: FloatArray
    room_mwh: IntArray
    flow_kwh: FloatArray


def _shares(one_kw: FloatArray, other_kw: FloatArray, *, peak_kw: FloatArray) -> tuple[float, ...]:
    """Return the least and the greatest share of one point that keeps a mixture below peaks."""
    step_kw, room_kw = one_kw - other_kw, peak_kw - other_kw
    if np.any((step_kw == 0) & (room_kw < 0)):
        return ()
    up, down = step_kw > 0, step_kw < 0
    greatest = min(1.0, float((room_kw[up] / step_kw[up]).min(initial=1.0)))
    least = max(0.0, float((room_kw[down] / step_kw[down]).max(initial=0.0)))
    return (least, greatest) if least <= greatest else ()
