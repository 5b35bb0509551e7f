"""Public holidays by region: the days that a tariff may bill as weekend days.

Off unless a tariff or a person says so: a record's schedules alone say nothing of holidays.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from depotlib.errors import HolidayRegionError
from depotlib.model.calendar import BillingPeriod
from depotlib.tariffs.billing_inputs import BillingInputs

EXAMPLES: Final = "US-NY, DE-BY or GB-ENG"


def holiday_dates(region: str, *, years: Iterable[int]) -> frozenset[date]:
    """Return the public holidays of a region, days observed instead of a weekend's included.

    Parameters
    ----------
    region : str
        ISO 3166 country, and its subdivision where holidays differ: ``US``, ``US-NY``, ``DE-BY``,
        ``GB-ENG``.
    years : iterable of int
        Calendar years that the bill touches.

    Returns
    -------
    frozenset of date
        Local dates. A utility's own list may differ: compare with its sheet.

    Raises
    ------
    HolidayRegionError
        If there is no such country or subdivision.
    """
    country, _, subdivision = region.strip().partition("-")
    try:
        found = holidays.country_holidays(
            country.upper(), subdiv=subdivision.upper() or None, years=sorted(set(years))
        )
    except NotImplementedError as error:
        raise HolidayRegionError(
            f"there is no holiday calendar {region!r}",
            where="holidays",
            hint=_advice(country.upper()),
        ) from error
    return frozenset(found)


def with_tariff_holidays(
    inputs: BillingInputs, region: str, *, span: BillingPeriod, time_zone: ZoneInfo
) -> BillingInputs:
    """Return inputs with the holidays that a tariff names, unless holidays are given.

    Parameters
    ----------
    inputs : BillingInputs
    region : str
        The tariff's; "": it names none.
    span : BillingPeriod
        What is billed or planned.
    time_zone : ZoneInfo
        Zone of the meter.

    Raises
    ------
    HolidayRegionError
        If there is no such region.
    """
    if not region or inputs.holidays or inputs.are_holidays_stated:
        return inputs
    first, last = (instant.astimezone(time_zone).year for instant in (span.start, span.end))
    return replace(inputs, holidays=holiday_dates(region, years=range(first, last + 1)))


def _advice(country: str) -> str:
    subdivisions = holidays.list_supported_countries().get(country)
    if subdivisions:
        known = ", ".join(f"{country}-{each}" for each in subdivisions)
        return f"leave the subdivision out or use one of {known}"
    return f"use a country and, where holidays differ, its subdivision: {EXAMPLES}"
