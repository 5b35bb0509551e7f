"""Connector windows with time to spare before departure.

Who shares a connector gets no more time there than it needs, unless somebody asks for more: windows
are looked for as if everybody left earlier, and end with the stay all the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Final

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow
from depotlib.planning.yard.assignment import YardAssignment
from depotlib.units import energy_kwh

_SAME_KWH: Final = 1e-3


def spared_windows(
    dwells: Sequence[Dwell],
    depot: Depot,
    *,
    step: timedelta,
    intervals: int,
    assign: Callable[[Sequence[Dwell]], YardAssignment],
) -> YardAssignment:
    """Return windows in which everybody has time to spare; those without where somebody has none.

    Parameters
    ----------
    dwells : sequence of Dwell
    depot : Depot
    step : timedelta
        Of the grid that windows lie on.
    intervals : int
        How many before its departure a vehicle should be done.
    assign : callable
        Returns a window for each of some dwells.
    """
    if intervals <= 0:
        return assign(dwells)
    earlier = [_leaving_earlier(dwell, intervals * step) for dwell in dwells]
    yard = assign(earlier)
    windows = tuple(
        replace(window, end=window.end + intervals * step)
        if any(_ends_with(window, one, step=step) for one in _changed(earlier, dwells))
        else window
        for window in yard.windows
    )
    if yard.unplaced or _collide(windows) or not _suffice(windows, earlier, depot=depot):
        return assign(dwells)
    return replace(yard, windows=windows)


def _leaving_earlier(dwell: Dwell, slack: timedelta) -> Dwell:
    """Return a stay without its last time; preconditioning is done in that, so such a stay stays."""
    if dwell.precondition_kwh > 0 or dwell.departure - slack <= dwell.arrival:
        return dwell
    return replace(dwell, departure=dwell.departure - slack)


def _changed(earlier: Sequence[Dwell], dwells: Sequence[Dwell]) -> Iterator[Dwell]:
    return (one for one, dwell in zip(earlier, dwells, strict=True) if one is not dwell)


def _ends_with(window: ConnectorWindow, dwell: Dwell, *, step: timedelta) -> bool:
    """Return whether a window lasts to the last whole interval of a stay."""
    is_own = window.vehicle_id == dwell.vehicle_id and window.start >= dwell.arrival - step
    return is_own and timedelta(0) <= dwell.departure - window.end < step


def _collide(windows: Sequence[ConnectorWindow]) -> bool:
    ordered = sorted(windows, key=lambda one: (one.connector_id, one.start))
    return any(
        one.connector_id == other.connector_id and other.start < one.end
        for one, other in pairwise(ordered)
    )


def _suffice(windows: Sequence[ConnectorWindow], dwells: Sequence[Dwell], *, depot: Depot) -> bool:
    """Return whether everybody could have its target before the end of its shortened stay."""
    places_kw = {one.connector_id: one.max_kw for one in depot.connectors()}
    for dwell in dwells:
        spans_kwh = (
            energy_kwh(
                min(dwell.max_kw, places_kw[window.connector_id]),
                (min(window.end, dwell.departure) - window.start).total_seconds(),
            )
            for window in windows
            if window.vehicle_id == dwell.vehicle_id and window.start < dwell.departure
        )
        if sum(spans_kwh) < dwell.energy_target_kwh - _SAME_KWH:
            return False
    return True
