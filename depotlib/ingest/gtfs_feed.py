"""Timetables in GTFS: the days a service runs, and where and when each trip begins and ends."""

import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import FileContent
from depotlib.ingest.normalise.times import FIRST_YEAR, LAST_YEAR
from depotlib.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

_DATE_FORM: Final = "%Y%m%d"
_WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_ADDED: Final = "1"
_REMOVED: Final = "2"
_LONGEST_TOLD: Final = 1e8
"""Farther than any trip, in any unit."""
EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius (IUGG)."""


def text_table(
    files: Mapping[str, FileContent], name: str, *, needed: Iterable[str]
) -> pl.DataFrame:
    """Return a table of a feed as trimmed texts; an absent or empty file has no rows.

    Parameters
    ----------
    files : mapping of str to FileContent
        By bare names.
    name : str
    needed : iterable of str
        Columns that the table must have.

    Raises
    ------
    MalformedFileError
        If it is no table or a column is not there.
    """
    columns = tuple(needed)
    content = files.get(name)
    if content is None or not content.text.strip():
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    try:
        table = pl.read_csv(io.StringIO(content.text), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise MalformedFileError(
            f"{name} is no table: {error}", where=content.file, hint="fetch the feed again"
        ) from error
    table = table.rename({column: column.strip() for column in table.columns})
    lacking = [column for column in columns if column not in table.columns]
    if lacking:
        raise MalformedFileError(
            f"{name} has no column {lacking[0]}", where=content.file, hint="fetch the feed again"
        )
    return table.with_columns(pl.all().str.strip_chars().replace("", None))


def service_days(files: Mapping[str, FileContent]) -> dict[str, set[date]]:
    """Return the days on which each service runs: the week's pattern, and its exceptions."""
    calendar = text_table(
        files, "calendar.txt", needed=("service_id", "start_date", "end_date", *_WEEKDAYS)
    )
    exceptions = text_table(
        files, "calendar_dates.txt", needed=("service_id", "date", "exception_type")
    )
    days: dict[str, set[date]] = {}
    for row in calendar.iter_rows(named=True):
        first, last = _date(row["start_date"]), _date(row["end_date"])
        if row["service_id"] and first and last:
            runs = days.setdefault(row["service_id"], set())
            runs |= {
                day
                for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
                if row[_WEEKDAYS[day.weekday()]] == "1"
            }
    for row in exceptions.iter_rows(named=True):
        day = _date(row["date"])
        if day is None or not row["service_id"]:
            continue
        runs = days.setdefault(row["service_id"], set())
        if row["exception_type"] == _ADDED:
            runs.add(day)
        elif row["exception_type"] == _REMOVED:
            runs.discard(day)
    return days


def trip_ends(files: Mapping[str, FileContent]) -> pl.DataFrame:
    """Return each trip's first departure and last arrival, its stops and its length.

    Returns
    -------
    polars.DataFrame
        ``trip_id``, ``start_s`` and ``end_s`` (seconds of the service day; may go past a day),
        ``told`` (what the feed calls the distance, in its own unit), ``straight_km`` (from stop to
        stop on the great circle), and latitude and longitude of both ends.
    """
    needed = ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence")
    times = text_table(files, "stop_times.txt", needed=needed)
    stops = text_table(files, "stops.txt", needed=("stop_id", "stop_lat", "stop_lon"))
    if "shape_dist_traveled" not in times.columns:
        times = times.with_columns(shape_dist_traveled=pl.lit(None, dtype=pl.String))
    places = stops.unique("stop_id").select(
        "stop_id",
        latitude=_within("stop_lat", 90.0),
        longitude=_within("stop_lon", 180.0),
    )
    calls = (
        times.select(
            "trip_id",
            "stop_id",
            order=pl.col("stop_sequence").cast(pl.Int64, strict=False),
            arrival_s=_service_second("arrival_time"),
            departure_s=_service_second("departure_time"),
            told=_within("shape_dist_traveled", _LONGEST_TOLD),
        )
        .join(places, on="stop_id", how="left")
        .sort("trip_id", "order")
    )
    return (
        calls.with_columns(leg_km=_leg_km())
        .group_by("trip_id", maintain_order=True)
        .agg(
            start_s=pl.coalesce("departure_s", "arrival_s").drop_nulls().first(),
            end_s=pl.coalesce("arrival_s", "departure_s").drop_nulls().last(),
            told=pl.col("told").max() - pl.col("told").min(),
            straight_km=pl.col("leg_km").sum(),
            first_latitude=pl.col("latitude").first(),
            first_longitude=pl.col("longitude").first(),
            last_latitude=pl.col("latitude").last(),
            last_longitude=pl.col("longitude").last(),
        )
    )


def _within(column: str, most: float) -> pl.Expr:
    """Return a column as numbers; null where it is none or beyond what can be."""
    number = pl.col(column).cast(pl.Float64, strict=False)
    return pl.when(number.is_finite() & (number.abs() <= most)).then(number)


def _leg_km() -> pl.Expr:
    """Return the great circle from the stop before to this one [km] (haversine)."""
    phi, lam = pl.col("latitude").radians(), pl.col("longitude").radians()
    before_phi, before_lam = (angle.shift().over("trip_id") for angle in (phi, lam))
    half = ((phi - before_phi) / 2).sin() ** 2 + before_phi.cos() * phi.cos() * (
        ((lam - before_lam) / 2).sin() ** 2
    )
    return 2 * EARTH_RADIUS_KM * half.clip(0, 1).sqrt().arcsin()


def _service_second(column: str) -> pl.Expr:
    """Return the second of the service day that a text such as 25:10:00 names."""
    parts = pl.col(column).str.extract_groups(r"^(\d{1,3}):([0-5]\d):([0-5]\d)$")
    hour, minute, second = (parts.struct.field(name).cast(pl.Int64) for name in "123")
    return hour * SECONDS_PER_HOUR + minute * SECONDS_PER_MINUTE + second


def _date(text: str | None) -> date | None:
    try:
        day = datetime.strptime(text or "", _DATE_FORM).date()  # noqa: DTZ007 - a day of the feed
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
