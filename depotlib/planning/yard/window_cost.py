"""What a connector window is worth to a stay at guide prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from depotlib.planning.problem import FloatArray
from depotlib.planning.yard.stays import Stay

_SLACK_SHARE: Final = 1e-4
"""Weight of a tight window, as a share of the stay's own cost: it only decides between equals."""
_CUBE_UP_TO: Final = 160
"""Intervals up to which the sums of all spans are kept at once (33 MB)."""


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


def weights_for(stays: Sequence[Stay], price_per_kwh: FloatArray, *, swap_amount: float) -> Weights:
    """Return weights under which no swaps outweigh a shortfall, nor any saving a swap.

    ``short_per_kwh = (1 + 2 (highest price - lowest) Σ_i E_i) (1 + stays)``

    Parameters
    ----------
    stays : sequence of Stay
    price_per_kwh : ndarray
        Guide prices, (intervals,).
    swap_amount : float
        What a swap costs; infinite: more than all that could be saved.
    """
    energy_kwh = sum(stay.dwell.energy_target_kwh for stay in stays)
    widest_per_kwh = float(np.ptp(price_per_kwh)) if len(price_per_kwh) else 0.0
    most_amount = 1.0 + 2.0 * widest_per_kwh * energy_kwh
    return Weights(
        short_per_kwh=most_amount * (1 + len(stays)), swap_amount=min(swap_amount, most_amount)
    )


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
        self._edges = len(price_per_kwh) + 1
        self._cube: FloatArray | None = None

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
        step_kwh = max_kw * self._interval_h
        wanted_count = min(stay.dwell.energy_target_kwh / step_kwh, float(length))
        own_amount = step_kwh * self._cheapest(stay.first, stay.last, wanted_count=wanted_count)
        edges = np.arange(length + 1)
        width = edges[None, :] - edges[:, None]
        total_kwh = np.minimum(stay.dwell.energy_target_kwh, step_kwh * width.clip(min=0))
        tight_share = total_kwh / (step_kwh * width.clip(min=1))
        costs = (
            own_amount
            + _SLACK_SHARE * np.abs(own_amount) * tight_share
            + self._short_amount(stay, total_kwh)
        )
        return np.where(width > 0, costs, np.inf)

    def _cheapest(self, first: int, last: int, *, wanted_count: float) -> FloatArray:
        """Return the sum of so many lowest prices of every span of a stay, (edges, edges).

        ``low + (wanted - floor(wanted)) * (high - low), of the sums of the lowest prices``

        A part of an interval counts with that part of its price; a span shorter than that with
        all of its prices.
        """
        lower, upper = int(wanted_count), min(int(wanted_count) + 1, last - first)
        if len(self._price_per_kwh) <= _CUBE_UP_TO:
            if self._cube is None:
                rows = [_lowest_sums(self._price_per_kwh, begin) for begin in range(self._edges)]
                self._cube = np.stack(rows)
            edges = slice(first, last + 1)
            low, high = self._cube[edges, edges, lower], self._cube[edges, edges, upper]
        else:
            price_per_kwh = self._price_per_kwh[first:last]
            rows = [
                _lowest_sums(price_per_kwh, begin)[:, [lower, upper]]
                for begin in range(last - first + 1)
            ]
            low, high = np.moveaxis(np.stack(rows), 2, 0)
        return low + (wanted_count - lower) * (high - low)

    def _short_amount(self, stay: Stay, given_kwh: FloatArray) -> FloatArray:
        """Return ``short_per_kwh * (1 + 0.01 priority) * ((target - given)+ + (must - given)+)``."""
        dwell = stay.dwell
        short_kwh = np.maximum(dwell.energy_target_kwh - given_kwh, 0.0)
        short_must_kwh = np.maximum(dwell.energy_must_kwh - given_kwh, 0.0)
        weight_factor = 1.0 + 0.01 * dwell.priority
        return self.weights.short_per_kwh * weight_factor * (short_kwh + short_must_kwh)


def _lowest_sums(price_per_kwh: FloatArray, begin: int) -> FloatArray:
    """Return the sum of the k lowest prices of every span from an edge on, (edges, edges).

    Entry [e, k] is for the span [begin, e); where it is shorter than k, the sum of all its prices.
    """
    order = np.argsort(price_per_kwh, kind="stable")
    ends = np.arange(len(price_per_kwh) + 1)
    edge, place = np.nonzero((order >= begin) & (order < ends[:, None]))
    # Spans hold one price more with every edge: the place of a price in its span's own order.
    rank = np.arange(1, len(edge) + 1) - np.searchsorted(edge, edge)
    sums = np.zeros((len(ends), len(ends)))
    sums[edge, rank] = price_per_kwh[order[place]]
    return np.cumsum(sums, axis=1)
