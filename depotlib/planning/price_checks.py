"""What price terms must be before anything is solved with them: finite, on the grid, in order."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from depotlib.errors import ProblemError
from depotlib.model.price_terms import BlockTerm, HoursUseTerm, PeakTerm, PriceTerms


def check_prices(prices: PriceTerms, *, count: int) -> None:
    """Refuse price terms that hold no number or do not fit a grid of some intervals.

    Raises
    ------
    ProblemError
        Naming the term.
    """
    for term in (*prices.energy, *prices.export):
        if len(term.price_per_kwh) != count or not np.all(np.isfinite(term.price_per_kwh)):
            raise ProblemError(
                f"the energy price {term.name!r} needs a finite price for each of the {count} "
                "intervals",
                where=term.name,
            )
    for peak in prices.peaks:
        _check_peak(peak)
    for tiers in (*prices.blocks, *prices.hours_use):
        _check_edges(tiers)
    _check_positions(prices, count=count)
    _check_totals(prices)


def _check_positions(prices: PriceTerms, *, count: int) -> None:
    for term in (*prices.peaks, *prices.blocks, *prices.hours_use):
        if term.intervals and not (min(term.intervals) >= 0 and max(term.intervals) < count):
            raise ProblemError(f"{term.name!r} names intervals outside the grid", where=term.name)


def _check_totals(prices: PriceTerms) -> None:
    if not (_are_finite([prices.energy_factor, prices.fixed_amount, prices.minimum_amount])):
        raise ProblemError("energy factor, fixed and minimum amount must be finite", where="prices")
    if prices.energy_factor < 0:
        raise ProblemError(
            f"the grid's energy cannot stand {prices.energy_factor:g} times in a bill",
            where="energy_factor",
        )


def _check_peak(term: PeakTerm) -> None:
    if not (
        0 <= term.price_per_kw < np.inf
        and _are_finite([term.price_per_kw, term.sunk_kw, term.floor_kw])
    ):
        raise ProblemError(
            f"the demand price {term.name!r} is negative or no number", where=term.name
        )
    edges_kw = [tier.from_kw for tier in term.tiers]
    numbers = [number for t in term.tiers for number in (t.price_per_kw, t.base_amount)]
    if term.tiers and not (
        edges_kw[0] == 0
        and all(before < after for before, after in pairwise(edges_kw))
        and _are_finite([*edges_kw, *numbers])
        and min(tier.price_per_kw for tier in term.tiers) >= 0
    ):
        raise ProblemError(
            f"the tiers of {term.name!r} must begin at 0, rise, and have prices of 0 or more",
            where=term.name,
        )


def _check_edges(term: BlockTerm | HoursUseTerm) -> None:
    edges = term.edges_kwh if isinstance(term, BlockTerm) else term.edges_h
    if not (
        _are_finite([*edges, *term.prices_per_kwh, term.start_kwh])
        and all(before < after for before, after in pairwise([0.0, *edges]))
        and len(term.prices_per_kwh) == len(edges) + 1
    ):
        raise ProblemError(
            f"the tiers of {term.name!r} need finite edges that rise from above 0, and a finite "
            "price for each tier",
            where=term.name,
        )


def _are_finite(numbers: Iterable[float]) -> bool:
    return bool(np.all(np.isfinite(np.array(list(numbers), dtype=np.float64))))
