"""The prices of a part of a month, given what the month has drawn so far."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from depotlib.model.price_terms import PriceTerms
from depotlib.planning.month import terms_toward
from depotlib.planning.problem import FloatArray


def terms_ahead(
    prices: PriceTerms,
    span: range,
    *,
    site_kw: FloatArray,
    interval_h: float,
    target_kw: Mapping[str, float],
) -> PriceTerms:
    """Return price terms on some intervals: tiers go on from where they are, peaks so far are paid.

    Parameters
    ----------
    prices : PriceTerms
        Of the whole play.
    span : range
        Intervals to plan.
    site_kw : ndarray
        What was drawn before `span`, (intervals,).
    interval_h : float
    target_kw : mapping of str to float
        Peaks worth paying for, by demand term.
    """
    before = range(span.start)

    def ahead(intervals: Sequence[int]) -> tuple[int, ...]:
        return tuple(at - span.start for at in intervals if at in span)

    def energy_kwh(intervals: Sequence[int]) -> float:
        return interval_h * sum(float(site_kw[at]) for at in intervals if at in before)

    def peak_kw(intervals: Sequence[int]) -> float:
        return max((float(site_kw[at]) for at in intervals if at in before), default=0.0)

    rest = replace(
        prices,
        energy=tuple(
            replace(term, price_per_kwh=term.price_per_kwh[span.start : span.stop])
            for term in prices.energy
        ),
        export=tuple(
            replace(term, price_per_kwh=term.price_per_kwh[span.start : span.stop])
            for term in prices.export
        ),
        peaks=tuple(
            replace(term, intervals=ahead(term.intervals))
            for term in prices.peaks
            if ahead(term.intervals)
        ),
        blocks=tuple(
            replace(
                term,
                intervals=ahead(term.intervals),
                start_kwh=term.start_kwh + energy_kwh(term.intervals),
            )
            for term in prices.blocks
            if ahead(term.intervals)
        ),
        hours_use=tuple(
            replace(
                term,
                intervals=ahead(term.intervals),
                start_kwh=term.start_kwh + energy_kwh(term.intervals),
                paid_kw=max(term.paid_kw, peak_kw(term.intervals)),
            )
            for term in prices.hours_use
            if ahead(term.intervals)
        ),
        fixed_amount=0.0,
        minimum_amount=0.0,
    )
    so_far_kw = {term.name: peak_kw(term.intervals) for term in prices.peaks}
    return terms_toward(rest, target_kw=target_kw, so_far_kw=so_far_kw)
