"""What a planner may know of a tariff on its grid."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import numpy as np

from depotlib.errors import TariffTermsError
from depotlib.model.local_time import local_times
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import EPOCH, MICROSECOND
from depotlib.tariffs.tariff import Tariff


def price_terms(
    tariff: Tariff,
    grid: TimeGrid,
    *,
    time_zone: ZoneInfo,
    nights_per_month: float | None = None,
    sunk_kw: Mapping[str, float] | float = 0.0,
    used_kwh: float = 0.0,
) -> PriceTerms:
    """Return the price terms of a tariff on a grid.

    Energy has the price of each interval's own month. Every calendar month on the grid has its
    own peak terms (a demand charge begins anew with the month; where the grid holds more than one,
    the month stands in the term's name). Fixed charges are those of the month of the grid's start
    and of every other month that the grid covers whole.

    Parameters
    ----------
    tariff : Tariff
    grid : TimeGrid
        Its intervals must not be finer than the tariff's demand window, where peaks are billed.
    time_zone : ZoneInfo
        Zone of the meter.
    nights_per_month : float, optional
        How many times the grid's energy stands in the month's bill; default once.
    sunk_kw : mapping of str to float, or float
        Peak already recorded in the billing period [kW]: one for every term of the first month,
        or by the term's name. What it costs is part of the terms.
    used_kwh : float
        Energy already taken in the billing period [kWh], for tiers.

    Returns
    -------
    PriceTerms
        Minimising them is minimising the bill.

    Raises
    ------
    TariffTermsError
        If the tariff cannot be put in terms that mean the same as its bill, or `sunk_kw` names a
        term that is not there.
    """
    if nights_per_month is not None and nights_per_month <= 0:
        raise TariffTermsError(
            f"{nights_per_month:g} nights a month", where="nights_per_month", hint="use 1 to 31"
        )
    horizon = Horizon(
        grid=grid,
        time_zone=time_zone,
        local=local_times(_starts_us(grid), time_zone),
        window_s=tariff.demand_window_s,
        energy_factor=1.0 if nights_per_month is None else nights_per_month,
        sunk_kw=sunk_kw,
        used_kwh=used_kwh,
    )
    parts = [component.price_terms(horizon) for component in tariff.components]
    terms = PriceTerms(
        currency=tariff.currency,
        energy=tuple(term for part in parts for term in part.energy),
        peaks=tuple(term for part in parts for term in part.peaks),
        blocks=tuple(term for part in parts for term in part.blocks),
        hours_use=tuple(term for part in parts for term in part.hours_use),
        export=tuple(term for part in parts for term in part.export),
        fixed_amount=sum(part.fixed_amount for part in parts),
        energy_factor=horizon.energy_factor,
        minimum_amount=sum(part.minimum_amount for part in parts),
    )
    if isinstance(sunk_kw, Mapping):
        _refuse_unknown_names(sunk_kw, terms)
    return terms


def _starts_us(grid: TimeGrid) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    first_us = (grid.start - EPOCH) // MICROSECOND
    return first_us + np.arange(grid.count, dtype=np.int64) * (grid.step // MICROSECOND)


def _refuse_unknown_names(sunk_kw: Mapping[str, float], terms: PriceTerms) -> None:
    names = [term.name for term in terms.peaks]
    unknown = [name for name in sunk_kw if not any(term.startswith(name) for term in names)]
    if unknown:
        raise TariffTermsError(
            f"no peak of this tariff on this grid is called {unknown[0]!r}",
            where="sunk_kw",
            hint=f"the peaks are {', '.join(names)}",
        )
