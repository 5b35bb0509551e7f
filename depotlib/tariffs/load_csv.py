"""A load as text: ``interval_start, power_kw`` or ``energy_kwh``, local or with an offset.

A further column ``reactive_kvarh`` is the metered reactive energy of each interval.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.errors import LoadError, TimeZoneNeededError
from depotlib.model.calendar import zone
from depotlib.model.frames import LoadFrame
from depotlib.tariffs.metered import REACTIVE_COLUMN
from depotlib.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE, mean_power_kw

Stamps = Literal["start", "end"]

VALUE_COLUMNS: Final = ("power_kw", "energy_kwh")
OFFSET: Final = r"(?i)(Z|[+-]\d{2}:?\d{2})$"
FIRST_ROW: Final = 2
"""Line of the first reading: the header is line 1."""


@dataclass(frozen=True, slots=True)
class LoadReading:
    """A load as its file tells it.

    Parameters
    ----------
    load : polars.DataFrame
        `LoadFrame`, in time order; an empty value is a null. With reactive_kvarh, where the
        document has it.
    interval_s : int
        Length of every interval [s].
    time_zone : ZoneInfo
        Zone of the meter.
    assumptions : tuple of str
        What the file left open.
    """

    load: pl.DataFrame
    interval_s: int
    time_zone: ZoneInfo
    assumptions: tuple[str, ...] = ()


def load_from_csv(
    document: bytes,
    *,
    where: str,
    time_zone: ZoneInfo | None = None,
    interval_s: int | None = None,
    stamps: Stamps = "start",
) -> LoadReading:
    """Return the load that a CSV document holds.

    Parameters
    ----------
    document : bytes
        UTF-8, with a header: interval_start and one of power_kw [kW], energy_kwh [kWh], export
        negative; reactive_kvarh [kvarh] where it is metered. Times are ISO 8601, all with an
        offset or all local.
    where : str
        What to call the document in an error.
    time_zone : ZoneInfo, optional
        Zone of the meter; needed for local times and where offsets change.
    interval_s : int, optional
        Length of every interval [s]; default: the most frequent distance of two readings.
    stamps : {'start', 'end'}
        Whether a time names its interval's start or its end.

    Raises
    ------
    LoadError
        If the document is not such a table, or one of its values cannot be read; names the line.
    TimeZoneNeededError
        If the times do not tell the zone and `time_zone` is not given.
    """
    table = _table(document, where)
    column = _value_column(table, where)
    values = _numbers(table[column], where)
    instants, found_zone, assumptions = _instants(table["interval_start"], time_zone, where=where)
    step_s = interval_s if interval_s is not None else _usual_step_s(instants, where)
    if stamps == "end":
        instants = instants - timedelta(seconds=step_s)
    to_kw = 1.0 if column == "power_kw" else mean_power_kw(1.0, step_s)
    frame = pl.DataFrame({"interval_start": instants, "power_kw": values * to_kw})
    load = LoadFrame.validate(frame, cast=True)
    if REACTIVE_COLUMN in table.columns:
        load = load.with_columns(_numbers(table[REACTIVE_COLUMN], where).alias(REACTIVE_COLUMN))
    return LoadReading(
        load=load.sort("interval_start"),
        interval_s=step_s,
        time_zone=found_zone,
        assumptions=assumptions,
    )


def _table(document: bytes, where: str) -> pl.DataFrame:
    try:
        text = document.decode("utf-8-sig")
        table = pl.read_csv(io.StringIO(text), infer_schema=False)
    except (UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise LoadError(
            f"this is not a table of a load: {error}",
            where=where,
            hint="give a CSV in UTF-8 with the columns interval_start and power_kw",
        ) from error
    table = table.rename({name: name.strip().lower() for name in table.columns})
    if "interval_start" not in table.columns or table.height == 0:
        raise LoadError(
            "the load has no readings under interval_start",
            where=where,
            hint=f"its columns are {', '.join(table.columns)}; give interval_start and power_kw",
        )
    return table


def _value_column(table: pl.DataFrame, where: str) -> str:
    found = [name for name in VALUE_COLUMNS if name in table.columns]
    if len(found) != 1:
        raise LoadError(
            f"the load has {len(found)} of the columns power_kw and energy_kwh",
            where=where,
            hint="give one of the two",
        )
    return found[0]


def _numbers(column: pl.Series, where: str) -> pl.Series:
    text = column.str.strip_chars()
    numbers = text.cast(pl.Float64, strict=False)
    is_number = numbers.is_finite() | numbers.is_nan()
    unreadable = (~is_number.fill_null(value=False) & (text.fill_null("") != "")).arg_true()
    if len(unreadable):
        line = unreadable[0]
        raise LoadError(
            f"{text[line]!r} is not a number",
            where=f"{where}, line {line + FIRST_ROW}",
            hint="leave a missing reading empty",
        )
    return numbers.fill_nan(None)


def _instants(
    column: pl.Series, time_zone: ZoneInfo | None, *, where: str
) -> tuple[pl.Series, ZoneInfo, tuple[str, ...]]:
    text = column.str.strip_chars()
    offset = text.str.extract(OFFSET)
    naive = _naive(text, where)
    if offset.null_count() == len(offset):
        if time_zone is None:
            raise TimeZoneNeededError(
                "the times of the load are local, and their zone is not given",
                where=where,
                hint="add --time-zone, such as America/New_York",
            )
        return _from_local(naive, time_zone, where=where), time_zone, ()
    if offset.null_count():
        raise LoadError(
            "some times have an offset from UTC and some have none",
            where=where,
            hint="write all of them the same way",
        )
    offset_s = _offset_s(offset)
    instants = (naive - offset_s * timedelta(seconds=1)).dt.replace_time_zone("UTC")
    if time_zone is not None:
        return instants, time_zone, ()
    fixed = _fixed_zone(offset_s, where)
    return instants, fixed, (f"the tariff's hours are those of {fixed.key}: no time zone is given",)


def _naive(text: pl.Series, where: str) -> pl.Series:
    bare = text.str.replace(OFFSET, "").str.strip_chars().str.replace(" ", "T")
    minutes = bare.str.to_datetime("%Y-%m-%dT%H:%M", time_unit="us", strict=False)
    seconds = bare.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    naive = minutes.fill_null(seconds)
    if naive.null_count():
        line = naive.is_null().arg_true()[0]
        raise LoadError(
            f"{text[line]!r} is not a time",
            where=f"{where}, line {line + FIRST_ROW}",
            hint="write times as 2026-11-02T17:00, with or without an offset",
        )
    return naive


def _from_local(naive: pl.Series, time_zone: ZoneInfo, *, where: str) -> pl.Series:
    # Of two equal times in the hour that comes twice, the first in the file is the earlier.
    resolved = pl.DataFrame({"naive": naive}).select(
        pl.col("naive").dt.replace_time_zone(
            time_zone.key,
            ambiguous=pl.when(pl.col("naive").cum_count().over("naive") > 1)
            .then(pl.lit("latest"))
            .otherwise(pl.lit("earliest")),
            non_existent="null",
        )
    )["naive"]
    if resolved.null_count():
        line = resolved.is_null().arg_true()[0]
        never: datetime = naive[line]
        raise LoadError(
            f"{never.isoformat()} does not exist in {time_zone.key}: the clocks go forward",
            where=f"{where}, line {line + FIRST_ROW}",
            hint="if the meter keeps standard time, give a fixed zone such as Etc/GMT+5",
        )
    return resolved.dt.convert_time_zone("UTC")


def _offset_s(offset: pl.Series) -> pl.Series:
    digits = offset.str.replace(":", "").str.slice(1)
    hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = digits.str.slice(2, 2).cast(pl.Int64, strict=False).fill_null(0)
    sign = offset.str.starts_with("-").cast(pl.Int64) * -2 + 1
    return sign * (hours * SECONDS_PER_HOUR + minutes * SECONDS_PER_MINUTE)


def _fixed_zone(offset_s: pl.Series, where: str) -> ZoneInfo:
    offsets: list[int] = offset_s.unique().to_list()
    if len(offsets) > 1 or offsets[0] % SECONDS_PER_HOUR:
        raise TimeZoneNeededError(
            "the offsets of the times do not tell the meter's zone",
            where=where,
            hint="add --time-zone, such as America/New_York",
        )
    # The zone database counts its fixed zones westward.
    return zone(f"Etc/GMT{-offsets[0] // SECONDS_PER_HOUR:+d}" if offsets[0] else "UTC")


def _usual_step_s(instants: pl.Series, where: str) -> int:
    steps = instants.unique().sort().diff().drop_nulls().dt.total_seconds()
    usual: list[int] = steps.filter(steps > 0).mode().sort().to_list()
    if not usual:
        raise LoadError(
            "one reading does not tell the length of its interval",
            where=where,
            hint="add --interval-minutes",
        )
    return usual[0]
