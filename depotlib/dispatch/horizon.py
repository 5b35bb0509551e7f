"""The rest of the night on the grid of its prices, from the next whole interval on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.model.brief import Brief
from depotlib.model.price_terms import PriceTerms
from depotlib.model.release import ConnectorSchedule
from depotlib.model.timegrid import TimeGrid, grid_over

PLAIN_INTERVAL_S: Final = 900
"""Where the brief has no grid [s]. Finer intervals would lose more than they win: every step up
and down costs some 25 s of guard."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """What a re-plan may decide about, and what is given there.

    Parameters
    ----------
    grid : TimeGrid
        Its start is the first moment that can still be changed.
    prices : PriceTerms
    base_load_kw : ndarray
        (intervals,).
    """

    grid: TimeGrid
    prices: PriceTerms
    base_load_kw: NDArray[np.float64]


def horizon_of(
    brief: Brief, *, now: datetime, until: datetime, site_kw: Mapping[int, float]
) -> Horizon | None:
    """Return the rest of a night, or None where nothing of it is left.

    Parameters
    ----------
    brief : Brief
        Without prices only readiness counts.
    now, until : datetime
    site_kw : mapping of int to float
        Mean charging power of the intervals that are over, by index in the brief's grid: a peak
        that has happened costs nothing more.
    """
    if until <= now:
        return None
    if brief.grid is None or brief.prices is None:
        grid = grid_over(now, until, interval_s=PLAIN_INTERVAL_S)
        prices = PriceTerms(currency=brief.depot.currency)
    else:
        grid, prices = brief.grid, brief.prices
    first = max(0, grid.first_whole_interval(now))
    last = min(grid.count, grid.first_whole_interval(until))
    if last <= first:
        return None
    base_load_kw = np.array(brief.base_load_kw or (0.0,) * grid.count, dtype=np.float64)
    happened_kw = {
        at: mean_kw + float(base_load_kw[at])
        for at, mean_kw in site_kw.items()
        if 0 <= at < min(first, grid.count)
    }
    return Horizon(
        grid=TimeGrid(
            start=grid.start + first * grid.step, interval_s=grid.interval_s, count=last - first
        ),
        prices=_terms_on(prices, span=range(first, last), happened_kw=happened_kw),
        base_load_kw=base_load_kw[first:last],
    )


def power_line_kw(schedule: ConnectorSchedule, grid: TimeGrid) -> NDArray[np.float64]:
    """Return the most a schedule permits within each interval, (intervals,) [kW]."""
    line_kw = np.zeros(grid.count)
    ends = [step.start for step in schedule.steps[1:]] + [schedule.valid_to]
    for step, end in zip(schedule.steps, ends, strict=True):
        first = max(0, grid.interval_of(step.start))
        last = min(grid.count, grid.first_whole_interval(end))
        if last > first:
            line_kw[first:last] = np.maximum(line_kw[first:last], step.limit_kw)
    return line_kw


def _terms_on(prices: PriceTerms, *, span: range, happened_kw: Mapping[int, float]) -> PriceTerms:
    """Return price terms on a span of their grid, with peaks that have happened as sunk."""

    def moved(intervals: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(at - span.start for at in intervals if at in span)

    return replace(
        prices,
        energy=tuple(
            replace(term, price_per_kwh=term.price_per_kwh[span.start : span.stop])
            for term in prices.energy
        ),
        peaks=tuple(
            replace(
                term,
                intervals=moved(term.intervals),
                sunk_kw=max(
                    [term.sunk_kw, *(happened_kw[at] for at in term.intervals if at in happened_kw)]
                ),
            )
            for term in prices.peaks
        ),
        blocks=tuple(replace(term, intervals=moved(term.intervals)) for term in prices.blocks),
    )
