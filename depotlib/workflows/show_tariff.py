"""What a tariff holds: its charges, its own words, what it left open."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from depotlib.errors import TariffTermsError
from depotlib.ingest.content import read_content
from depotlib.model.calendar import local_instant, zone
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.settings import Settings
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.tariff_file import tariff_from_document, tariff_to_toml
from depotlib.tariffs.terms import price_terms
from depotlib.units import SECONDS_PER_HOUR
from depotlib.workflows.review_demand import stored_tariff

MIDNIGHT: Final = time(0)
FIRST_WEEKEND_DAY: Final = 6
"""As polars counts: Monday is 1."""


@dataclass(frozen=True, slots=True)
class PriceMap:
    """What energy and power cost in each hour of a year.

    Parameters
    ----------
    prices : polars.DataFrame
        month_index (0 to 11), hour (0 to 23), is_weekend, price_per_kwh, price_per_kw: all
        energy charges of the first tier, and all demand charges that count in the hour.
    refusal : str
        Why there is none: the tariff cannot be put in prices by hour.
    """

    prices: pl.DataFrame
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class ShownTariff:
    """A tariff for people to read.

    Parameters
    ----------
    tariff_id, name, utility, currency : str
    demand_window_s : int
    valid_from, valid_to : datetime or None
    comments : tuple of str
        The record's own words.
    assumptions : tuple of str
        What the record left open.
    text : str
        The tariff as a file in our own form.
    """

    tariff_id: str
    name: str
    utility: str
    currency: str
    demand_window_s: int
    valid_from: datetime | None
    valid_to: datetime | None
    comments: tuple[str, ...]
    assumptions: tuple[str, ...]
    text: str


def show_tariff(settings: Settings, named: str) -> ShownTariff:
    """Return a tariff of a file, or of the store where there is no such file.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If it is no file, and there is no store or no such tariff in it.
    TariffError
        If it holds what we cannot bill.
    """
    return _shown(_tariff(settings, named))


def priced_tariff(
    settings: Settings, named: str, *, year: int, time_zone: str
) -> tuple[ShownTariff, PriceMap]:
    """Return a tariff for people to read, and what it charges in each hour of a year; read once.

    Parameters
    ----------
    settings : Settings
    named : str
        As for `show_tariff`.
    year : int
    time_zone : str
        IANA name of the meter's zone.

    Raises
    ------
    StoreMissingError, RecordMissingError, TariffError
        As for `show_tariff`.
    """
    tariff, local = _tariff(settings, named), zone(time_zone)
    grid = grid_over(
        local_instant(date(year, 1, 1), MIDNIGHT, time_zone=local),
        local_instant(date(year + 1, 1, 1), MIDNIGHT, time_zone=local),
        interval_s=max(SECONDS_PER_HOUR, tariff.demand_window_s),
    )
    try:
        return _shown(tariff), PriceMap(_prices(tariff, grid, time_zone=local))
    except TariffTermsError as error:
        return _shown(tariff), PriceMap(pl.DataFrame(), refusal=error.what)


def _shown(tariff: Tariff) -> ShownTariff:
    return ShownTariff(
        tariff_id=tariff.tariff_id,
        name=tariff.name,
        utility=tariff.utility,
        currency=tariff.currency,
        demand_window_s=tariff.demand_window_s,
        valid_from=tariff.valid_from,
        valid_to=tariff.valid_to,
        comments=tariff.comments,
        assumptions=tariff.assumptions,
        text=tariff_to_toml(tariff),
    )


def _tariff(settings: Settings, named: str) -> Tariff:
    path = Path(named)
    if path.is_file():
        return tariff_from_document(read_content(path).data, where=path.name)
    return stored_tariff(settings, named)


def _prices(tariff: Tariff, grid: TimeGrid, *, time_zone: ZoneInfo) -> pl.DataFrame:
    terms = price_terms(tariff, grid, time_zone=time_zone)
    price_per_kwh = np.zeros(grid.count)
    for term in terms.energy:
        price_per_kwh += np.array(term.price_per_kwh)
    price_per_kw = np.zeros(grid.count)
    for peak in terms.peaks:
        price_per_kw[list(peak.intervals)] += peak.price_per_kw
    local = pl.col("start").dt.convert_time_zone(time_zone.key)
    return (
        pl.DataFrame(
            {
                # As polars counts them: a list of a year's instants is looked through one by one.
                "start": pl.datetime_range(
                    grid.start.astimezone(UTC), grid.end, grid.step, closed="left", eager=True
                ),
                "price_per_kwh": price_per_kwh,
                "price_per_kw": price_per_kw,
            }
        )
        .with_columns(
            (local.dt.month() - 1).alias("month_index"),
            local.dt.hour().alias("hour"),
            (local.dt.weekday() >= FIRST_WEEKEND_DAY).alias("is_weekend"),
        )
        .group_by("month_index", "hour", "is_weekend", maintain_order=True)
        .agg(pl.col("price_per_kwh", "price_per_kw").first())
    )
