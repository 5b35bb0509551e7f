"""A billed peak: the window that sets it, its lines by tier, and its terms for a planner."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np

from depotlib.errors import TariffTermsError
from depotlib.model.bill import BillLine
from depotlib.model.local_time import BoolArray
from depotlib.model.price_terms import PeakTerm
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.horizon import MONTHS_PER_YEAR, Horizon
from depotlib.tariffs.metered import MeteredPeriod, instant_of
from depotlib.tariffs.tier import Tiers, costs_nothing, slices, tier_label


def highest_window(metered: MeteredPeriod, chosen: BoolArray) -> int | None:
    """Return the position of the highest of the chosen windows, the first of equals."""
    positions = np.flatnonzero(chosen)
    if positions.size == 0:
        return None
    return int(positions[np.argmax(metered.window_kw[positions])])


def peak_lines(
    name: str, tiers: Tiers, *, metered: MeteredPeriod, window: int | None
) -> tuple[BillLine, ...]:
    """Return one line for each tier that a peak reaches; none where nothing has a price.

    Parameters
    ----------
    name : str
        Of the component, as it stands on the bill.
    tiers : tuple of Tier
        Prices per kW.
    metered : MeteredPeriod
    window : int or None
        Position of the window that sets the peak.
    """
    if window is None or costs_nothing(tiers):
        return ()
    peak = quantity_of(float(metered.window_kw[window]))
    set_by = instant_of(int(metered.window_start_us[window]))
    return tuple(
        _line(tier_label(name, number, count=len(tiers)), part, price=tier.price, set_by=set_by)
        for number, part, tier in slices(peak, tiers)
    )


def peak_terms(
    name: str, tiers_by_month: Sequence[Tiers], *, chosen: BoolArray, horizon: Horizon
) -> ComponentTerms:
    """Return the peak terms of one demand charge, a set for each month of the grid.

    A price that rises with the peak is a sum of prices that each count from an edge: the step
    above an edge is a term whose floor is the edge, less what that floor would cost.

    Parameters
    ----------
    name : str
        Of the component, as it stands on the bill.
    tiers_by_month : sequence of tiers
        Prices per kW in each month, January first, (12,).
    chosen : ndarray of bool
        (count,), the intervals in which demand counts.
    horizon : Horizon

    Raises
    ------
    TariffTermsError
        If a later tier is cheaper: such a charge is not a sum of peak terms.
    """
    terms: list[PeakTerm] = []
    for month_number in horizon.months():
        in_month = chosen & (horizon.local.month_number == month_number)
        if in_month.any():
            label = horizon.name_in_month(name, month_number)
            tiers = tiers_by_month[month_number % MONTHS_PER_YEAR]
            intervals = horizon.demand_intervals(in_month)
            for term_name, price, edge in _steps(label, tiers):
                sunk_kw = max(horizon.sunk_of(key, month_number) for key in (term_name, label))
                terms.append(
                    PeakTerm(
                        name=term_name,
                        intervals=intervals,
                        price_per_kw=float(price),
                        sunk_kw=sunk_kw,
                        floor_kw=float(edge),
                    )
                )
    return ComponentTerms(
        peaks=tuple(terms),
        fixed_amount=-sum(term.price_per_kw * term.floor_kw for term in terms),
    )


def _steps(label: str, tiers: Tiers) -> list[tuple[str, Decimal, Decimal]]:
    steps: list[tuple[str, Decimal, Decimal]] = []
    price, edge = Decimal(0), Decimal(0)
    for number, tier in enumerate(tiers, 1):
        if tier.price < price:
            raise TariffTermsError(
                f"the price of {label} falls from {price} to {tier.price} above {edge} kW",
                where=label,
                hint="plan under a tariff whose demand price rises, or bill the load instead",
            )
        if tier.price > price:
            name = tier_label(label, number, count=len(tiers))
            steps.append((name, tier.price - price, edge))
        price, edge = tier.price, tier.upper or edge
    return steps


def _line(name: str, quantity: Decimal, *, price: Decimal, set_by: datetime) -> BillLine:
    return BillLine(
        component=name,
        quantity=quantity,
        unit="kW",
        unit_price=price,
        amount=amount_of(quantity, price),
        set_by=set_by,
        family="demand",
    )
