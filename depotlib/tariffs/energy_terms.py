"""Energy prices with tiers as a planner may know them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from depotlib.errors import TariffTermsError
from depotlib.model.local_time import FloatArray, IntArray
from depotlib.model.price_terms import BlockTerm, EnergyTerm, HoursUseTerm
from depotlib.tariffs.component import ComponentTerms
from depotlib.tariffs.energy_ladder import counts_hours_of_use, first_price, has_bands, ladder
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.ratchet import Ratchet
from depotlib.tariffs.tier import Tiers
from depotlib.tariffs.urdb_record import TierScope

WHERE: Final = "energy tiers"
BILLING_DEMAND: Final = "Billing demand"
"""Name under which a peak already recorded counts for hours of use."""


@dataclass(frozen=True, slots=True)
class TieredEnergy:
    """An energy charge on a grid.

    Parameters
    ----------
    name : str
        As it stands on the bill.
    tou_period : ndarray of int
        (count,), time-of-use period of each interval.
    tiers : tuple of tiers
        By period.
    fuel_by_month : tuple of Decimal
        Added to every price, January first, per kWh.
    tier_scope : {'shared', 'by period'}
    ratchet : Ratchet or None
        Floor of the billing demand.
    """

    name: str
    tou_period: IntArray
    tiers: tuple[Tiers, ...]
    fuel_by_month: tuple[Decimal, ...]
    tier_scope: TierScope
    ratchet: Ratchet | None


@dataclass(frozen=True, slots=True)
class _Steps:
    """What tiers change in a price: edges, and each tier's price less the first one's.

    Where hours of use are counted, the edges are those of a billing demand of 1 kW.
    """

    edges_kwh: tuple[float, ...]
    prices_per_kwh: tuple[float, ...]
    counts_hours: bool


def energy_terms(energy: TieredEnergy, horizon: Horizon) -> ComponentTerms:
    """Return one price an interval, and a term a month where tiers change it.

    Raises
    ------
    TariffTermsError
        If a tier's step depends on the time-of-use period, or tiers stand inside hours of use.
    """
    first_tier = np.array([float(first_price(tiers)) for tiers in energy.tiers])
    fuel = np.array([float(price) for price in energy.fuel_by_month])
    price_per_kwh: FloatArray = first_tier[energy.tou_period] + fuel[horizon.local.month_index]
    blocks: list[BlockTerm] = []
    hours_use: list[HoursUseTerm] = []
    for number in horizon.months():
        for positions in _groups(energy, horizon.positions(number)):
            steps = _steps_met(energy, positions, days=horizon.days_in(number))
            if not any(steps.prices_per_kwh):
                continue
            if steps.counts_hours:
                hours_use.append(_hours_use(energy, steps, horizon=horizon, month_number=number))
            else:
                blocks.append(_block(steps, positions, horizon=horizon, month_number=number))
    return ComponentTerms(
        energy=(EnergyTerm(name=energy.name, price_per_kwh=tuple(price_per_kwh.tolist())),),
        blocks=tuple(blocks),
        hours_use=tuple(hours_use),
    )


def _groups(energy: TieredEnergy, positions: IntArray) -> Iterator[IntArray]:
    """Yield the intervals of a month whose energy is counted together."""
    if energy.tier_scope == "shared":
        yield positions
        return
    period = energy.tou_period[positions]
    for which in np.unique(period).tolist():
        yield positions[period == which]


def _steps_met(energy: TieredEnergy, positions: IntArray, *, days: int) -> _Steps:
    met: list[int] = np.unique(energy.tou_period[positions]).tolist()
    found = {_steps(energy.tiers[which], days=days) for which in met}
    if len(found) > 1:
        raise TariffTermsError(
            "the energy tiers differ between time-of-use periods of one month",
            where=WHERE,
            hint="plan under a tariff whose tiers step alike in all periods",
        )
    return found.pop()


def _steps(tiers: Tiers, *, days: int) -> _Steps:
    if has_bands(tiers):
        raise TariffTermsError(
            "tiers of energy stand inside tiers of hours of use",
            where=WHERE,
            hint="plan under a tariff whose tiers count either kWh or kWh/kW, and bill this one",
        )
    # Hours of use are energy at a billing demand of 1 kW.
    rungs = ladder(tiers, billing_kw=1.0, days=days)
    first = tiers[0].price
    return _Steps(
        edges_kwh=tuple(rung.upper_kwh for rung in rungs[:-1]),
        prices_per_kwh=tuple(float(tiers[rung.tier].price - first) for rung in rungs),
        counts_hours=counts_hours_of_use(tiers),
    )


def _block(steps: _Steps, positions: IntArray, *, horizon: Horizon, month_number: int) -> BlockTerm:
    is_first = month_number == horizon.months()[0]
    return BlockTerm(
        name=horizon.name_in_month("Energy tiers", month_number),
        intervals=tuple(int(position) for position in positions),
        edges_kwh=steps.edges_kwh,
        prices_per_kwh=steps.prices_per_kwh,
        start_kwh=horizon.used_kwh if is_first else 0.0,
    )


def _hours_use(
    energy: TieredEnergy, steps: _Steps, *, horizon: Horizon, month_number: int
) -> HoursUseTerm:
    if energy.tier_scope == "by period" and len(energy.tiers) > 1:
        raise TariffTermsError(
            "hours of use are counted by time-of-use period, against the peak of all hours",
            where=WHERE,
            hint="plan with tiers that count all energy",
        )
    floor_kw = 0.0
    if energy.ratchet is not None:
        floor_kw = energy.ratchet.floor(horizon.inputs.history, month_number).floor_kw
    name = horizon.name_in_month(BILLING_DEMAND, month_number)
    in_month = horizon.local.month_number == month_number
    is_first = month_number == horizon.months()[0]
    return HoursUseTerm(
        name=name,
        intervals=horizon.demand_intervals(in_month),
        edges_h=steps.edges_kwh,
        prices_per_kwh=steps.prices_per_kwh,
        is_marginal=True,
        start_kwh=horizon.used_kwh if is_first else 0.0,
        paid_kw=max(floor_kw, horizon.sunk_of(name, month_number)),
    )
