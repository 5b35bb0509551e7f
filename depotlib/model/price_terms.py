"""All that an optimiser may know of a tariff, free of any tariff's own words."""

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
    """

    name: str
    intervals: tuple[int, ...]
    price_per_kw: float
    sunk_kw: float = 0.0
    floor_kw: float = 0.0

    @property
    def paid_kw(self) -> float:
        """Return the peak that is billed whatever happens [kW]."""
        return max(self.sunk_kw, self.floor_kw)


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
        due. It changes no choice between plans, only what they cost.
    """

    currency: str
    energy: tuple[EnergyTerm, ...] = ()
    peaks: tuple[PeakTerm, ...] = ()
    blocks: tuple[BlockTerm, ...] = ()
    fixed_amount: float = 0.0
    energy_factor: float = 1.0
    minimum_amount: float = 0.0
