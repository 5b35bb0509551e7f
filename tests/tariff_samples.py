"""The sample tariffs of tests/data/tariffs, and three loads of one year to bill under them."""

import csv
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.urdb import tariff_from_urdb
from tests.places import DATA, TEST_DATA

FOLDER: Final = TEST_DATA / "tariffs"
RECORDS: Final = FOLDER / "urdb"
STEEL_PLANT: Final = "steel_plant_2018_15min_kwh.csv"
COMMERCIAL: Final = "ssc_commercial_hourly_kw.csv"
LEEDS: Final = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"

# 2018 begins on a Monday and has no leap day, as the other engine's year. Standard time all year.
YEAR_START: Final = datetime(2018, 1, 1, 5, tzinfo=UTC)
DAYS_IN_MONTH: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAYS: Final = sum(DAYS_IN_MONTH)
QUARTERS_PER_DAY: Final = 96
MINUTES_PER_DAY: Final = 1440
MINUTES_PER_WEEK: Final = 7 * MINUTES_PER_DAY

FloatArray = NDArray[np.float64]


def index_rows() -> list[dict[str, str]]:
    """Return the rows of the index of the 51 records."""
    with (RECORDS / "index.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def document_of(file: str) -> bytes:
    """Return one sample record."""
    return (RECORDS / file).read_bytes()


def tariff_of(file: str) -> Tariff:
    """Return the tariff of one sample record."""
    return tariff_from_urdb(document_of(file), where=file)


def year_kw(file: str) -> FloatArray:
    """Return one of the two sample loads: mean power of each interval of the year [kW]."""
    column = pl.read_csv(FOLDER / file).to_series().cast(pl.Float64).to_numpy()
    return column * 4 if file == STEEL_PLANT else column


def leeds_year_kw(vehicle_kw: float = 7.0) -> FloatArray:
    """Return a year of quarter-hours of charging at depots like Leeds' [kW].

    Every session of the log draws 7 kW from its plug-in until it has its energy. The log's nine
    whole weeks, 27 July to 27 September 2020, follow one another through the year, Monday after
    Monday. Six such depots stand side by side in winter, one in July, so that tiers, seasons and
    ratchets matter.
    """
    log = pl.read_csv(LEEDS).select(
        start=pl.col("Start").str.to_datetime("%d/%m/%Y %H:%M"),
        energy_kwh=pl.col("Total_Energy (kWh)"),
    )
    minute_kw = np.zeros(9 * MINUTES_PER_WEEK)
    for start, energy_kwh in log.rows():
        first = (start - datetime(2020, 7, 27)) // timedelta(minutes=1)
        minutes = round(energy_kwh / vehicle_kw * 60)
        # What lies outside the nine weeks is left out.
        minute_kw[max(first, 0) : max(first + minutes, 0)] += vehicle_kw
    quarters_kw = minute_kw.reshape(-1, 15).mean(axis=1)
    quarters_in_month = np.array(DAYS_IN_MONTH) * QUARTERS_PER_DAY
    depots = np.repeat((6, 6, 5, 4, 3, 2, 1, 2, 3, 4, 5, 6), quarters_in_month)
    return depots * np.resize(quarters_kw, DAYS * QUARTERS_PER_DAY)


def interval_s(power_kw: FloatArray) -> int:
    """Return the length of the intervals of a year of load [s]."""
    return DAYS * 86_400 // power_kw.size


def year_load(power_kw: FloatArray) -> pl.DataFrame:
    """Return a year of load as a frame, from 1 January 2018 at midnight, standard time."""
    step = timedelta(seconds=interval_s(power_kw))
    starts = pl.datetime_range(
        YEAR_START, YEAR_START + step * (power_kw.size - 1), step, time_unit="us", eager=True
    )
    return pl.DataFrame({"interval_start": starts, "power_kw": power_kw})


def month_peaks_kw(power_kw: FloatArray) -> list[float]:
    """Return the highest value of each month of a year of load, January first [kW]."""
    per_day = power_kw.size // DAYS
    ends = np.cumsum(DAYS_IN_MONTH) * per_day
    return [float(part.max()) for part in np.split(power_kw, ends[:-1])]
