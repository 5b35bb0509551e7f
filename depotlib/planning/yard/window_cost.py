"""What a connector window is worth to a stay at guide prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from depotlib.planning.problem import FloatArray
from depotlib.planning.yard.stays import Stay

_SLACK_SHARE: Final = 1e-4
"""Weight of a tight window, as a share of the stay's own cost: it only decides between equals."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How the search puts readiness before swaps and swaps before money.

    Parameters
    ----------
    short_per_kwh : float
        For each kWh of the target that a window cannot give; the must counts twice.
    swap_amount : float
        For each swap.
    """

    short_per_kwh: float
    swap_amount: float


def weights_for(stays: Sequence[Stay], price_per_kwh: FloatArray) -> Weights:
    """Return weights under which no saving outweighs a swap, and no swaps a shortfall."""
    energy_kwh = sum(stay.dwell.energy_target_kwh for stay in stays)
    widest_per_kwh = float(np.ptp(price_per_kwh)) if len(price_per_kwh) else 0.0
    swap_amount = 1.0 + 2.0 * widest_per_kwh * energy_kwh
    return Weights(short_per_kwh=swap_amount * (1 + len(stays)), swap_amount=swap_amount)


class WindowCosts:
    """The cost of every window of every stay, made when first asked for.

    Parameters
    ----------
    price_per_kwh : ndarray
        Guide prices, (intervals,).
    interval_h : float
    weights : Weights
    """

    def __init__(self, price_per_kwh: FloatArray, *, interval_h: float, weights: Weights) -> None:
        self._price_per_kwh = price_per_kwh
        self._interval_h = interval_h
        self.weights = weights
        self._tables: dict[tuple[int, int, float, float, float, int], FloatArray] = {}

    def table(self, stay: Stay, max_kw: float) -> FloatArray:
        """Return the costs of a stay's windows at a power, (length + 1, length + 1).

        Entry [b, e] is for the window from the stay's interval b to its interval e, exclusive;
        infinite where e <= b.
        """
        dwell = stay.dwell
        key = (
            stay.first, stay.last, dwell.energy_must_kwh, dwell.energy_target_kwh, max_kw,
            dwell.priority,
        )  # fmt: skip
        if key not in self._tables:
            self._tables[key] = self._make(stay, max_kw)
        return self._tables[key]

    def without_window(self, stay: Stay) -> float:
        """Return the cost of leaving a stay without connector."""
        return self._short_amount(stay, np.zeros(1))[0] * (1.0 + _SLACK_SHARE)

    def _make(self, stay: Stay, max_kw: float) -> FloatArray:
        length = stay.last - stay.first
        costs = np.full((length + 1, length + 1), np.inf)
        step_kwh = max_kw * self._interval_h
        price_per_kwh = self._price_per_kwh[stay.first : stay.last]
        order = np.argsort(price_per_kwh, kind="stable")
        ends = np.arange(1, length + 1)
        for begin in range(length):
            inside = (order >= begin) & (order < ends[begin:, None])
            most_kwh = np.cumsum(inside, axis=1) * step_kwh
            taken_kwh = np.minimum(most_kwh, stay.dwell.energy_target_kwh)
            part_kwh = np.diff(taken_kwh, axis=1, prepend=0.0)
            total_kwh = taken_kwh[:, -1]
            tight_share = total_kwh / (step_kwh * (ends[begin:] - begin))
            own_amount = part_kwh @ price_per_kwh[order]
            costs[begin, begin + 1 :] = (
                own_amount
                + _SLACK_SHARE * np.abs(own_amount) * tight_share
                + self._short_amount(stay, total_kwh)
            )
        return costs

    def _short_amount(self, stay: Stay, given_kwh: FloatArray) -> FloatArray:
        dwell = stay.dwell
        short_kwh = np.maximum(dwell.energy_target_kwh - given_kwh, 0.0)
        short_must_kwh = np.maximum(dwell.energy_must_kwh - given_kwh, 0.0)
        weight_factor = 1.0 + 0.01 * dwell.priority
        return self.weights.short_per_kwh * weight_factor * (short_kwh + short_must_kwh)
