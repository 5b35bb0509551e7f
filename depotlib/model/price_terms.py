"""All that an optimiser may know of a tariff, free of any tariff's own words."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EnergyTerm:
    """A price on every kWh imported, by interval.

    Parameters
    ----------
    name : str
        Bill line it stands for.
    price_per_kwh : tuple of float
        (intervals,), in the tariff's currency.
    """

    name: str
    price_per_kwh: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PeakTier:
    """What a peak costs from some power on: ``base_amount + price_per_kw x peak``.

    Parameters
    ----------
    from_kw : float
        The tier holds for peaks above it, up to and including the next tier's.
    price_per_kw : float
        Per kW of the whole peak.
    base_amount : float
        Due whatever the peak: makes tiers on slices meet at their edges; a jump is a cliff.
    """

    from_kw: float
    price_per_kw: float
    base_amount: float = 0.0


@dataclass(frozen=True, slots=True)
class PeakTerm:
    """A price on the highest mean power in a set of intervals.

    Parameters
    ----------
    name : str
        Bill line it stands for.
    intervals : tuple of int
        Grid intervals in which demand counts.
    price_per_kw : float
        Per kW of the billed peak.
    sunk_kw : float
        Peak already recorded in the billing period: costs nothing more.
    floor_kw : float
        Ratchet or contract floor: billed anyhow.
    tiers : tuple of PeakTier
        The first from 0, rising; empty: `price_per_kw` holds for every kW. Where there are tiers
        they alone say what a peak costs, and `price_per_kw` is the highest of theirs.
    """

    name: str
    intervals: tuple[int, ...]
    price_per_kw: float
    sunk_kw: float = 0.0
    floor_kw: float = 0.0
    tiers: tuple[PeakTier, ...] = ()

    @property
    def paid_kw(self) -> float:
        """Return the peak that is billed whatever happens [kW]."""
        return max(self.sunk_kw, self.floor_kw)

    def amount_of(self, peak_kw: float) -> float:
        """Return what a peak costs; less than `paid_kw` costs what that costs.

        ``base_amount[j] + price_per_kw[j] * max(peak, sunk, floor), j the tier that it reaches``
        """
        billed_kw = max(peak_kw, self.paid_kw)
        amount = self.price_per_kw * billed_kw
        for tier in self.tiers:
            if billed_kw > tier.from_kw or tier is self.tiers[0]:
                amount = tier.base_amount + tier.price_per_kw * billed_kw
        return amount


@dataclass(frozen=True, slots=True)
class HoursUseTerm:
    """Prices that depend on the hours of use: the energy of a period over its peak.

    Parameters
    ----------
    name : str
        Bill line it stands for.
    intervals : tuple of int
        Grid intervals whose energy and whose peak count.
    edges_h : tuple of float
        Hours of use at which the next class begins, rising.
    prices_per_kwh : tuple of float
        By class, one more than the edges.
    prices_per_kw : tuple of float
        By class, of the peak; empty: the peak has no price here.
    is_marginal : bool
        Each kWh has the price of the class that it falls into (tiers of ``kWh/kW``); otherwise
        the class of the whole period prices all of it (the 2,500-hour rule).
    start_kwh : float
        Energy already counted in the period.
    paid_kw : float
        Peak already recorded, or billed anyhow.
    """

    name: str
    intervals: tuple[int, ...]
    edges_h: tuple[float, ...]
    prices_per_kwh: tuple[float, ...]
    prices_per_kw: tuple[float, ...] = ()
    is_marginal: bool = False
    start_kwh: float = 0.0
    paid_kw: float = 0.0

    def amount_of(self, energy_kwh: float, *, peak_kw: float) -> float:
        """Return what an energy taken with a peak costs.

        Parameters
        ----------
        energy_kwh : float
            Of the whole period, what was already counted included.
        peak_kw : float
        """
        billed_kw = max(peak_kw, self.paid_kw)
        at_kwh = [hours * billed_kw for hours in self.edges_h]
        if not self.is_marginal:
            index = sum(energy_kwh >= edge_kwh for edge_kwh in at_kwh)
            demand_per_kw = self.prices_per_kw[index] if self.prices_per_kw else 0.0
            return self.prices_per_kwh[index] * energy_kwh + demand_per_kw * billed_kw
        upper_kwh = [min(energy_kwh, edge_kwh) for edge_kwh in at_kwh] + [energy_kwh]
        lower_kwh = [0.0, *upper_kwh[:-1]]
        return sum(
            price * (upper - lower)
            for price, upper, lower in zip(self.prices_per_kwh, upper_kwh, lower_kwh, strict=True)
        )


@dataclass(frozen=True, slots=True)
class ExportTerm:
    """A credit on every kWh fed back into the grid, by interval.

    Parameters
    ----------
    name : str
        Bill line it stands for.
    price_per_kwh : tuple of float
        (intervals,); negative: feeding in costs.
    """

    name: str
    price_per_kwh: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BlockTerm:
    """A price on an energy total that changes at edges (tiers).

    Parameters
    ----------
    name : str
        Bill line it stands for.
    intervals : tuple of int
        Grid intervals whose energy counts.
    edges_kwh : tuple of float
        Upper edges of all blocks but the last, rising.
    prices_per_kwh : tuple of float
        One more than the edges.
    start_kwh : float
        Energy already counted in the billing period.
    """

    name: str
    intervals: tuple[int, ...]
    edges_kwh: tuple[float, ...]
    prices_per_kwh: tuple[float, ...]
    start_kwh: float = 0.0


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """The terms of one tariff on one grid.

    Parameters
    ----------
    currency : str
    energy : tuple of EnergyTerm
    peaks : tuple of PeakTerm
    blocks : tuple of BlockTerm
    fixed_amount : float
        What is due whatever happens, over the same horizon as the rest.
    energy_factor : float
        How many times the grid's energy stands in the bill (for one typical night: nights a
        month).
    minimum_amount : float
        A bill is not less than this over the same horizon: the greater of it and all the rest is
        due. It changes no choice between plans, only what they cost. 0: there is none, and a bill
        may be a credit.
    hours_use : tuple of HoursUseTerm
    export : tuple of ExportTerm
    """

    currency: str
    energy: tuple[EnergyTerm, ...] = ()
    peaks: tuple[PeakTerm, ...] = ()
    blocks: tuple[BlockTerm, ...] = ()
    fixed_amount: float = 0.0
    energy_factor: float = 1.0
    minimum_amount: float = 0.0
    hours_use: tuple[HoursUseTerm, ...] = ()
    export: tuple[ExportTerm, ...] = ()

    @property
    def least_amount(self) -> float:
        """Return what a bill is at least; without a minimum, anything."""
        return self.minimum_amount if self.minimum_amount > 0 else -math.inf
