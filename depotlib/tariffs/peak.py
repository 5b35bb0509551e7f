"""A billed peak: the window that sets it, its lines by tier, and its terms for a planner."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

import numpy as np

from depotlib.model.bill import BillLine
from depotlib.model.local_time import BoolArray, FloatArray, IntArray
from depotlib.model.price_terms import PeakTerm, PeakTier
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.demand_unit import DemandUnit
from depotlib.tariffs.history import BillingHistory, month_runs
from depotlib.tariffs.horizon import MONTHS_PER_YEAR, Horizon
from depotlib.tariffs.load_grid import EPOCH, instant_of
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.ratchet import Ratchet, RatchetFloor
from depotlib.tariffs.tier import Tiers, costs_nothing, slices, tier_label

NOT_COUNTED: Final = float("-inf")
"""Stands for a window in which demand does not count: below every peak."""


@dataclass(frozen=True, slots=True)
class PeakCharge:
    """One demand line of a tariff, before it meets a load.

    Parameters
    ----------
    name : str
        As it stands on the bill.
    tiers_by_month : tuple of tiers
        Prices per unit in each month, January first, (12,).
    unit : DemandUnit
    ratchet : Ratchet or None
        Floor under the billed peak.
    ratchet_line : str or None
        Demand line whose earlier peaks the ratchet counts; None: the peaks at any hour.
    """

    name: str
    tiers_by_month: tuple[Tiers, ...]
    unit: DemandUnit = field(default_factory=DemandUnit)
    ratchet: Ratchet | None = None
    ratchet_line: str | None = None


def peak_lines(
    charge: PeakCharge, *, metered: MeteredPeriod, chosen: BoolArray | None = None
) -> tuple[BillLine, ...]:
    """Return one line for each tier that a peak reaches; none where nothing has a price.

    Parameters
    ----------
    charge : PeakCharge
    metered : MeteredPeriod
    chosen : ndarray of bool, optional
        (w,), the windows in which demand counts; default: all.
    """
    windows = charge.unit.windows(metered)
    if chosen is not None:
        windows = np.where(chosen, windows, NOT_COUNTED)
    if windows.max(initial=NOT_COUNTED) == NOT_COUNTED:
        return ()
    if charge.unit.is_daily:
        positions = np.flatnonzero(windows != NOT_COUNTED)
        return _daily_lines(charge, windows, positions=positions, metered=metered)
    window = int(windows.argmax())
    tiers = charge.tiers_by_month[metered.window_local.month_index_at(window)]
    if costs_nothing(tiers):
        return ()
    peak = quantity_of(float(windows[window]))
    set_by, note = instant_of(int(metered.window_start_us[window])), ""
    if charge.ratchet is not None:
        floor = _floor(charge, metered.history, month_number=metered.month_number)
        raised = quantity_of(floor.floor_kw * charge.unit.per_kw(metered.inputs))
        if floor.month is not None and raised > peak:
            peak, set_by = raised, _earlier_instant(metered, floor.month.month_number)
            year, index = divmod(floor.month.month_number, MONTHS_PER_YEAR)
            note = f"ratchet: set by the peak of {year}-{index + 1:02d}"
    return tuple(
        _line(charge, number, quantity=part, tiers=tiers, set_by=set_by, note=note)
        for number, part, _ in slices(peak, tiers)
    )


def peak_terms(charge: PeakCharge, *, chosen: BoolArray, horizon: Horizon) -> ComponentTerms:
    """Return the peak terms of one demand charge, a set for each month of the grid.

    A price that rises with the peak is a sum of prices that each count from an edge: the step
    above an edge is a term whose floor is the edge, less what that floor would cost. A price that
    falls is one term with tiers.

    Parameters
    ----------
    charge : PeakCharge
    chosen : ndarray of bool
        (count,), the intervals in which demand counts.
    horizon : Horizon
    """
    parts = [
        part
        for month_number in horizon.months()
        for part in _month_terms(charge, chosen, horizon=horizon, month_number=month_number)
    ]
    return ComponentTerms(
        peaks=tuple(term for part in parts for term in part.peaks),
        fixed_amount=sum(part.fixed_amount for part in parts),
    )


def _month_terms(
    charge: PeakCharge, chosen: BoolArray, *, horizon: Horizon, month_number: int
) -> list[ComponentTerms]:
    in_month = chosen & (horizon.local.month_number == month_number)
    tiers = charge.tiers_by_month[month_number % MONTHS_PER_YEAR]
    if not in_month.any() or costs_nothing(tiers):
        return []
    label = horizon.name_in_month(charge.name, month_number)
    per_kw = charge.unit.per_kw(horizon.inputs)
    if charge.unit.is_daily:
        # A typical night that stands for many sets each of their days' peaks.
        tiers = tuple(
            replace(tier, price=tier.price * Decimal(repr(horizon.energy_factor))) for tier in tiers
        )
        days: list[int] = np.unique(horizon.local.day_number[in_month]).tolist()
        terms = [
            PeakTerm(
                name=f"{label}, {EPOCH.date() + timedelta(days=day)}",
                intervals=horizon.demand_intervals(in_month & (horizon.local.day_number == day)),
                price_per_kw=per_kw,
            )
            for day in days
        ]
        return [_priced(term, tiers, sunk_kw=_no_peak) for term in terms]
    floor_kw = _floor(charge, horizon.inputs.history, month_number=month_number).floor_kw
    term = PeakTerm(
        name=label,
        intervals=horizon.demand_intervals(in_month),
        price_per_kw=per_kw,
        floor_kw=floor_kw,
    )
    return [_priced(term, tiers, sunk_kw=lambda name: horizon.sunk_of(name, month_number))]


def _priced(
    unit_term: PeakTerm, tiers: Tiers, *, sunk_kw: Callable[[str], float]
) -> ComponentTerms:
    """Return the terms of tiers, from a term whose price is how many billed units one kW is."""
    per_kw = unit_term.price_per_kw
    if any(later.price < earlier.price for earlier, later in pairwise(tiers)):
        return ComponentTerms(peaks=(_falling(unit_term, tiers, sunk_kw=sunk_kw(unit_term.name)),))
    terms: list[PeakTerm] = []
    fixed_amount = 0.0
    for name, price, edge in _steps(unit_term.name, tiers):
        terms.append(
            replace(
                unit_term,
                name=name,
                price_per_kw=float(price) * per_kw,
                sunk_kw=max(sunk_kw(key) for key in (name, unit_term.name)),
                floor_kw=max(unit_term.floor_kw, float(edge) / per_kw),
            )
        )
        fixed_amount -= float(price * edge)
    return ComponentTerms(peaks=tuple(terms), fixed_amount=fixed_amount)


def _falling(unit_term: PeakTerm, tiers: Tiers, *, sunk_kw: float) -> PeakTerm:
    per_kw = unit_term.price_per_kw
    below_amount = edge = Decimal(0)
    parts: list[PeakTier] = []
    for tier in tiers:
        parts.append(
            PeakTier(
                from_kw=float(edge) / per_kw,
                price_per_kw=float(tier.price) * per_kw,
                base_amount=float(below_amount - tier.price * edge),
            )
        )
        upper = edge if tier.upper is None else tier.upper
        below_amount, edge = below_amount + tier.price * (upper - edge), upper
    return replace(
        unit_term,
        price_per_kw=max(part.price_per_kw for part in parts),
        sunk_kw=sunk_kw,
        tiers=tuple(parts),
    )


def _steps(label: str, tiers: Tiers) -> list[tuple[str, Decimal, Decimal]]:
    steps: list[tuple[str, Decimal, Decimal]] = []
    price = edge = Decimal(0)
    for number, tier in enumerate(tiers, 1):
        if tier.price != price:
            name = tier_label(label, number, count=len(tiers))
            steps.append((name, tier.price - price, edge))
        price, edge = tier.price, tier.upper or edge
    return steps


def _no_peak(name: str) -> float:
    del name
    return 0.0


def _floor(charge: PeakCharge, history: BillingHistory, *, month_number: int) -> RatchetFloor:
    if charge.ratchet is None:
        return RatchetFloor()
    return charge.ratchet.floor(history, month_number, line=charge.ratchet_line)


def _earlier_instant(metered: MeteredPeriod, month_number: int) -> datetime | None:
    earlier = metered.earlier
    in_month = earlier.local.month_number.clip(max=metered.month_number - 1) == month_number
    positions = np.flatnonzero(in_month)
    if positions.size == 0:
        return None
    return instant_of(int(earlier.start_us[positions[np.argmax(earlier.mean_kw[positions])]]))


def _daily_lines(
    charge: PeakCharge, windows: FloatArray, *, positions: IntArray, metered: MeteredPeriod
) -> tuple[BillLine, ...]:
    """Return one line for each tier: the sum over the days of the part of their peaks in it."""
    local = metered.window_local
    days = np.split(positions, month_runs(local.day_number[positions])[1:])
    highest = [int(day[np.argmax(windows[day])]) for day in days]
    sums: dict[tuple[Tiers, int], Decimal] = {}
    for window in highest:
        tiers = charge.tiers_by_month[local.month_index_at(window)]
        for number, part, _ in slices(quantity_of(float(windows[window])), tiers):
            sums[tiers, number] = sums.get((tiers, number), Decimal(0)) + part
    top = max(highest, key=lambda window: float(windows[window]))
    set_by = instant_of(int(metered.window_start_us[top]))
    return tuple(
        _line(charge, number, quantity=quantity, tiers=tiers, set_by=set_by)
        for (tiers, number), quantity in sums.items()
        if not costs_nothing(tiers)
    )


def _line(
    charge: PeakCharge,
    number: int,
    *,
    quantity: Decimal,
    tiers: Tiers,
    set_by: datetime | None,
    note: str = "",
) -> BillLine:
    price = tiers[number - 1].price
    return BillLine(
        component=tier_label(charge.name, number, count=len(tiers)),
        quantity=quantity,
        unit=charge.unit.bill_unit,
        unit_price=price,
        amount=amount_of(quantity, price),
        set_by=set_by,
        family="demand",
        note=note,
    )
