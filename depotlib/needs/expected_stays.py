"""The stays of a night where nobody announces duties: who usually comes, when, and for how much."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.calendar import BillingPeriod
from depotlib.model.dwell import Dwell, Need
from depotlib.needs.stay_energy import LearnedStays, Stay, party_stays, stay_lines

LOOK_BACK_WEEKS: Final = 8
COMES_SHARE: Final = 0.5
"""Who came on half of the past nights of this weekday is expected."""
LEAST_NIGHTS: Final = 2
LEAST_STAY: Final = timedelta(minutes=15)


def expected_stays(
    sessions: pl.DataFrame, *, night: BillingPeriod, stays: LearnedStays
) -> tuple[Need, ...]:
    """Return who is expected in a night by the same weekday of past weeks, with its energy.

    Arrival and departure are the medians of those nights, the energy what sessions have taught.
    Must and target are the same: a log says what was drawn, not what was needed.

    Parameters
    ----------
    sessions : polars.DataFrame
        `SessionFrame`; only those that ended before the night begins are looked at.
    night : BillingPeriod
        Arrivals in [start, end) count.
    stays : LearnedStays

    Returns
    -------
    tuple of Need
        By vehicle (or account, card, station).
    """
    past = party_stays(sessions.filter(pl.col("plug_end") < night.start), time_zone=stays.time_zone)
    came = _same_weekday(past, night=night, time_zone=stays.time_zone.key)
    weeks = came["shift"].n_unique()
    usual = (
        # Of several plug-ins in a night the one with the most energy is the stay.
        came.sort("energy_wall_kwh", descending=True)
        .unique(["party", "shift"], keep="first", maintain_order=True)
        .group_by("party")
        .agg(
            pl.len().alias("nights"),
            pl.col("arrival").median(),
            pl.col("departure").median(),
            pl.col("arrival").dt.epoch("s").std().alias("spread_s"),
        )
        .filter(
            (pl.col("nights") >= max(LEAST_NIGHTS, math.ceil(COMES_SHARE * weeks)))
            & (pl.col("departure") >= pl.col("arrival") + LEAST_STAY)
        )
        .sort("party")
    )
    left = dict(past.group_by("party").agg(pl.col("plug_end").max()).iter_rows())
    return tuple(
        _need(
            _Usual(
                party=row["party"],
                arrival=row["arrival"],
                departure=row["departure"],
                spread_s=row["spread_s"] or 0.0,
                nights=row["nights"],
                last_departure=left[row["party"]],
            ),
            stays=stays,
            weeks=weeks,
        )
        for row in usual.iter_rows(named=True)
    )


def _same_weekday(past: pl.DataFrame, *, night: BillingPeriod, time_zone: str) -> pl.DataFrame:
    """Return the stays of the same nights of past weeks, moved to this one on the wall clock."""
    begins, ends = (
        at.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None) for at in (night.start, night.end)
    )
    moved = [
        past.with_columns(
            pl.col("plug_start", "plug_end")
            .dt.convert_time_zone(time_zone)
            .dt.replace_time_zone(None)
            + shift,
            shift=pl.lit(shift),
        ).filter(pl.col("plug_start").is_between(begins, ends, closed="left"))
        for shift in (timedelta(weeks=number) for number in range(1, LOOK_BACK_WEEKS + 1))
    ]
    return (
        pl.concat(moved)
        .with_columns(
            pl.col("plug_start", "plug_end")
            # A wall clock of another week may not exist, or exist twice, in this one.
            .dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
            .dt.convert_time_zone("UTC")
        )
        .rename({"plug_start": "arrival", "plug_end": "departure"})
        .drop_nulls(["arrival", "departure"])
    )


@dataclass(frozen=True, slots=True)
class _Usual:
    """When one party usually comes and leaves in such a night."""

    party: str
    arrival: datetime
    departure: datetime
    spread_s: float
    nights: int
    last_departure: datetime


def _need(usual: _Usual, *, stays: LearnedStays, weeks: int) -> Need:
    expected = stays.expected(
        Stay(
            party=usual.party,
            arrival=usual.arrival,
            departure=usual.departure,
            last_departure=usual.last_departure,
        )
    )
    dwell = Dwell(
        vehicle_id=usual.party,
        arrival=usual.arrival,
        departure=usual.departure,
        energy_must_kwh=expected.energy_kwh,
        energy_target_kwh=expected.energy_kwh,
        energy_sigma_kwh=expected.sigma_kwh,
        arrival_spread_s=usual.spread_s,
    )
    local = usual.arrival.astimezone(stays.time_zone)
    lines = stay_lines(expected)
    return Need(
        dwell=dwell,
        arithmetic=" ".join(
            f"{line.energy_kwh:+.1f} {line.what}" for line in lines if not line.is_total
        )
        + f" = {expected.energy_kwh:.1f} kWh at the wall",
        missing=(
            f"no duty: expected since it came on {usual.nights} of the last {weeks} nights of a "
            f"{local:%A}",
            "no state of charge: its energy is learned from past stays",
        ),
        lines=lines,
    )
