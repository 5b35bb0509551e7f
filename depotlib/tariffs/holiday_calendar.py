"""Public holidays by region: the days that a tariff may bill as weekend days.

Off unless a tariff or a person says so: a record's schedules alone say nothing of holidays.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

import holidays

from depotlib.errors import HolidayRegionError

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


def _advice(country: str) -> str:
    subdivisions = holidays.list_supported_countries().get(country)
    if subdivisions:
        known = ", ".join(f"{country}-{each}" for each in subdivisions)
        return f"leave the subdivision out or use one of {known}"
    return f"use a country and, where holidays differ, its subdivision: {EXAMPLES}"
