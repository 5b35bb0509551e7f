"""Energy that a stay will draw, learned from session logs: for depots without telematics.

A row is a session that drew energy. Who it was is its vehicle, failing that the account or card
unless that is shared, failing that the station. Known before are the weekday, the hour, how long it was away, and where
departures are announced, how long it stays.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from depotlib.model.dwell import NeedLine
from depotlib.needs.effects import FloatArray, Outcomes
from depotlib.needs.learned import Expected, History, Learned, Question, learned
from depotlib.units import duration_h

ALL: Final = "all"
USUAL_AWAY_H: Final = 24.0
LEAST_AWAY_H: Final = 0.25
MOST_AWAY_H: Final = 168.0
USUAL_STAY_H: Final = 8.0
LEAST_STAY_H: Final = 0.25
MOST_STAY_H: Final = 48.0
DAY_H: Final = 24.0
SHARED_SHARE: Final = 0.1
"""A card of which more stays than this begin while another of its stays lasts is shared."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay to come, as far as it is known.

    Parameters
    ----------
    party : str
        Vehicle, account, card or station.
    arrival : datetime
    departure : datetime or None
        None: not announced.
    last_departure : datetime or None
        End of its stay before.
    group : str
        Its class.
    """

    party: str
    arrival: datetime
    departure: datetime | None = None
    last_departure: datetime | None = None
    group: str = ALL


@dataclass(frozen=True, slots=True)
class LearnedStays:
    """What past sessions teach of the energy of the next ones.

    Parameters
    ----------
    learned : Learned
    time_zone : ZoneInfo
    knows_departure : bool
        Whether it was learned with the length of the stays.
    """

    learned: Learned
    time_zone: ZoneInfo
    knows_departure: bool

    def expected(self, stay: Stay) -> Expected:
        """Return the energy at the wall that a stay is expected to draw, with its 90 % band."""
        local = stay.arrival.astimezone(self.time_zone)
        away_h = (
            duration_h(stay.arrival - stay.last_departure)
            if stay.last_departure is not None
            else USUAL_AWAY_H
        )
        stay_h = (
            duration_h(stay.departure - stay.arrival)
            if stay.departure is not None
            else USUAL_STAY_H
        )
        clock_h = duration_h(local - local.replace(hour=0, minute=0, second=0, microsecond=0))
        facts = _facts_factor(
            np.array([away_h]),
            np.array([clock_h]),
            stay_h=np.array([stay_h]) if self.knows_departure else None,
        )
        return self.learned.expected(
            Question(
                party=stay.party,
                group=stay.group,
                weekday=local.weekday(),
                scale_kwh=1.0,
                facts_factor=tuple(facts[0].tolist()),
            )
        )


def learned_stays(
    sessions: pl.DataFrame,
    *,
    time_zone: ZoneInfo,
    class_of: Mapping[str, str] | None = None,
    knows_departure: bool = False,
) -> LearnedStays | None:
    """Return what sessions teach of the energy of a stay; None where they are too few.

    Parameters
    ----------
    sessions : polars.DataFrame
        `SessionFrame`. Sessions without energy, end or length are plug-ins, not needs: left out.
    time_zone : ZoneInfo
        Of the depot.
    class_of : mapping of str to str, optional
        Class of each vehicle, account or station; default: all are of one.
    knows_departure : bool
        Whether departures are announced, so that a stay's length is known when it begins.
    """
    history = stay_history(
        sessions, time_zone=time_zone, class_of=class_of, knows_departure=knows_departure
    )
    found = learned(history)
    return (
        None
        if found is None
        else LearnedStays(learned=found, time_zone=time_zone, knows_departure=knows_departure)
    )


def stay_history(
    sessions: pl.DataFrame,
    *,
    time_zone: ZoneInfo,
    class_of: Mapping[str, str] | None = None,
    knows_departure: bool = False,
) -> History:
    """Return the sessions as rows to learn from; parameters as of `learned_stays`."""
    stays = party_stays(sessions, time_zone=time_zone)
    parties = tuple(sorted(stays["party"].unique().to_list()))
    classes = {party: (class_of or {}).get(party, ALL) for party in parties}
    groups = tuple(sorted(set(classes.values())))
    code = {party: number for number, party in enumerate(parties)}
    group = {party: groups.index(name) for party, name in classes.items()}
    facts = _facts_factor(
        stays["away_h"].to_numpy(),
        stays["clock_h"].to_numpy(),
        stay_h=stays["stay_h"].to_numpy() if knows_departure else None,
    )
    rows = Outcomes(
        party=np.array([code[one] for one in stays["party"]], dtype=np.int64),
        group=np.array([group[one] for one in stays["party"]], dtype=np.int64),
        weekday=stays["weekday"].to_numpy().astype(np.int64),
        day=stays["day"].to_numpy().astype(np.int64),
        done_day=stays["done_day"].to_numpy().astype(np.int64),
        scale_kwh=np.ones(stays.height),
        facts_factor=facts,
        energy_kwh=stays["energy_wall_kwh"].to_numpy(),
    )
    return History(rows=rows, parties=parties, groups=groups)


def party_stays(sessions: pl.DataFrame, *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return the sessions that drew energy by plug-in, with who, when in local time, and how long.

    Columns: ``party``, ``plug_start``, ``plug_end``, ``energy_wall_kwh``, ``weekday`` (Monday 0),
    ``day`` and ``done_day`` (days since 1970, local), ``clock_h``, ``stay_h``, ``away_h``.

    Parameters
    ----------
    sessions : polars.DataFrame
        `SessionFrame`.
    time_zone : ZoneInfo
    """
    local = pl.col("plug_start").dt.convert_time_zone(time_zone.key)
    card = pl.when(~pl.col("id_tag").is_in(shared_cards(sessions))).then("id_tag")
    away = pl.col("plug_start") - pl.col("plug_end").shift(1).over("party")
    return (
        sessions.filter(
            pl.col("plug_end").is_not_null()
            & (pl.col("plug_end") > pl.col("plug_start"))
            & (pl.col("energy_wall_kwh") > 0)
        )
        .with_columns(party=pl.coalesce("vehicle_id", card, "station_id"))
        .drop_nulls("party")
        .sort("plug_start", "session_key")
        .select(
            "party",
            "plug_start",
            "plug_end",
            "energy_wall_kwh",
            weekday=local.dt.weekday() - 1,
            day=local.dt.date().to_physical(),
            done_day=pl.col("plug_end").dt.convert_time_zone(time_zone.key).dt.date().to_physical(),
            clock_h=(local - local.dt.truncate("1d")) / pl.duration(hours=1),
            stay_h=(pl.col("plug_end") - pl.col("plug_start")) / pl.duration(hours=1),
            away_h=(away / pl.duration(hours=1)).fill_null(USUAL_AWAY_H),
        )
    )


def shared_cards(sessions: pl.DataFrame) -> list[str]:
    """Return the cards and accounts that several vehicles use at once, sorted.

    Parameters
    ----------
    sessions : polars.DataFrame
        `SessionFrame`.
    """
    until = pl.col("plug_end").cum_max().shift(1).over("id_tag", order_by="plug_start")
    found = (
        sessions.filter(pl.col("id_tag").is_not_null() & pl.col("plug_end").is_not_null())
        .sort("plug_start")
        .with_columns(is_at_once=(pl.col("plug_start") < until).fill_null(value=False))
        .group_by("id_tag")
        .agg(share=pl.col("is_at_once").mean())
        .filter(pl.col("share") > SHARED_SHARE)
    )
    return sorted(found["id_tag"].to_list())


def stay_lines(expected: Expected) -> tuple[NeedLine, ...]:
    """Return the arithmetic of a learned energy, line by line."""
    seen = f"learned from {expected.own_rows} stays" if expected.own_rows else "never seen"
    sum_kwh = expected.class_kwh + expected.party_kwh + expected.weekday_kwh + expected.facts_kwh
    floor = (
        (NeedLine("never less than nothing", -sum_kwh, "", ""),)
        if expected.energy_kwh > sum_kwh
        else ()
    )
    return (
        NeedLine("mean of its class", expected.class_kwh, "a stay", "past sessions"),
        NeedLine("itself", expected.party_kwh, "beside its class", seen),
        NeedLine("weekday", expected.weekday_kwh, "beside other days", "past sessions"),
        NeedLine(
            "hour, time away, length of stay", expected.facts_kwh, "beside usual", "past sessions"
        ),
        *floor,
        NeedLine(
            "at the wall",
            expected.energy_kwh,
            f"90 of 100 between {expected.low_kwh:.1f} and {expected.high_kwh:.1f} kWh",
            "errors on held-out days",
            is_total=True,
        ),
    )


def _facts_factor(
    away_h: FloatArray, clock_h: FloatArray, *, stay_h: FloatArray | None
) -> FloatArray:
    away = np.log(np.clip(away_h, LEAST_AWAY_H, MOST_AWAY_H) / USUAL_AWAY_H)
    angle = 2 * math.pi * clock_h / DAY_H
    facts = [away, away**2, np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)]
    if stay_h is not None:
        stay = np.log(np.clip(stay_h, LEAST_STAY_H, MOST_STAY_H) / USUAL_STAY_H)
        facts += [stay, stay**2]
    return np.stack(facts, axis=1)
