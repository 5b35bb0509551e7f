"""What a planner may know of a tariff on its grid."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import prod
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.errors import TariffTermsError
from depotlib.model.calendar import BillingPeriod
from depotlib.model.local_time import local_times
from depotlib.model.price_terms import PeakTerm, PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.tariffs.billing_inputs import NO_INPUTS, BillingInputs
from depotlib.tariffs.holiday_calendar import with_tariff_holidays
from depotlib.tariffs.horizon import Horizon, PeriodSoFar, starts_us
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.versions import version_at

NOTHING_SO_FAR: Final = PeriodSoFar()


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
    so_far = PeriodSoFar(nights_per_month=nights_per_month, sunk_kw=sunk_kw, used_kwh=used_kwh)
    return price_terms_given(tariff, grid, time_zone=time_zone, so_far=so_far)


def price_terms_given(
    tariff: Tariff,
    grid: TimeGrid,
    *,
    time_zone: ZoneInfo,
    so_far: PeriodSoFar = NOTHING_SO_FAR,
    inputs: BillingInputs = NO_INPUTS,
) -> PriceTerms:
    """Return the price terms of a tariff on a grid, given what its bill would be given.

    Parameters
    ----------
    tariff : Tariff
    grid : TimeGrid
    time_zone : ZoneInfo
        Zone of the meter.
    so_far : PeriodSoFar, optional
        What the billing period holds already.
    inputs : BillingInputs, optional
        Earlier peaks for ratchets, power factor, holidays.

    Raises
    ------
    TariffTermsError
        As for `price_terms`.
    """
    nights = so_far.nights_per_month
    if nights is not None and nights <= 0:
        raise TariffTermsError(
            f"{nights:g} nights a month", where="nights_per_month", hint="use 1 to 31"
        )
    known = with_tariff_holidays(
        inputs,
        tariff.holiday_region,
        span=BillingPeriod(start=grid.start, end=grid.end),
        time_zone=time_zone,
    )
    return terms_on(
        tariff,
        Horizon(
            grid=grid,
            time_zone=time_zone,
            local=local_times(starts_us(grid), time_zone, holidays=known.holidays),
            window_s=tariff.demand_window_s,
            energy_factor=1.0 if nights is None else nights,
            sunk_kw=so_far.sunk_kw,
            used_kwh=so_far.used_kwh,
            inputs=known,
        ),
    )


def terms_on(tariff: Tariff, horizon: Horizon) -> PriceTerms:
    """Return the price terms of a tariff on a horizon, which may hold all that a bill needs.

    Raises
    ------
    TariffTermsError
        As for `price_terms`.
    """
    _refuse_change(tariff, horizon)
    version = version_at(tariff, horizon.grid.start)
    parts = [component.price_terms(horizon) for component in version.components]
    terms = PriceTerms(
        currency=tariff.currency,
        energy=tuple(term for part in parts for term in part.energy),
        peaks=tuple(term for part in parts for term in part.peaks),
        blocks=tuple(term for part in parts for term in part.blocks),
        hours_use=tuple(term for part in parts for term in part.hours_use),
        export=tuple(term for part in parts for term in part.export),
        fixed_amount=sum(part.fixed_amount for part in parts),
        energy_factor=horizon.energy_factor,
        # Each minimum is of the whole bill: the highest holds.
        minimum_amount=max((part.minimum_amount for part in parts), default=0.0),
    )
    if isinstance(horizon.sunk_kw, Mapping):
        _refuse_unknown_names(horizon.sunk_kw, terms)
    return _with_tax(terms, prod(part.total_factor for part in parts))


def _refuse_change(tariff: Tariff, horizon: Horizon) -> None:
    for version in tariff.versions:
        change = version.valid_from
        if change is not None and horizon.grid.start < change < horizon.grid.end:
            raise TariffTermsError(
                f"the tariff's prices change at {change.isoformat()}, inside the plan",
                where=tariff.tariff_id,
                hint="plan up to the change, or from it on",
            )


def _with_tax(terms: PriceTerms, factor: float) -> PriceTerms:
    """Return terms whose every price and amount is raised by what is due on all of them."""
    if factor == 1.0:
        return terms

    def raised(prices: Iterable[float]) -> tuple[float, ...]:
        return tuple(price * factor for price in prices)

    return replace(
        terms,
        energy=tuple(
            replace(term, price_per_kwh=raised(term.price_per_kwh)) for term in terms.energy
        ),
        peaks=tuple(_peak_with_tax(term, factor) for term in terms.peaks),
        blocks=tuple(
            replace(term, prices_per_kwh=raised(term.prices_per_kwh)) for term in terms.blocks
        ),
        hours_use=tuple(
            replace(
                term,
                prices_per_kwh=raised(term.prices_per_kwh),
                prices_per_kw=raised(term.prices_per_kw),
            )
            for term in terms.hours_use
        ),
        export=tuple(
            replace(term, price_per_kwh=raised(term.price_per_kwh)) for term in terms.export
        ),
        fixed_amount=terms.fixed_amount * factor,
        minimum_amount=terms.minimum_amount * factor,
    )


def _peak_with_tax(term: PeakTerm, factor: float) -> PeakTerm:
    return replace(
        term,
        price_per_kw=term.price_per_kw * factor,
        tiers=tuple(
            replace(
                tier,
                price_per_kw=tier.price_per_kw * factor,
                base_amount=tier.base_amount * factor,
            )
            for tier in term.tiers
        ),
    )


def _refuse_unknown_names(sunk_kw: Mapping[str, float], terms: PriceTerms) -> None:
    names = [term.name for term in (*terms.peaks, *terms.hours_use)]
    unknown = [name for name in sunk_kw if not any(term.startswith(name) for term in names)]
    if unknown:
        raise TariffTermsError(
            f"no peak of this tariff on this grid is called {unknown[0]!r}",
            where="sunk_kw",
            hint=f"the peaks are {', '.join(names)}",
        )
