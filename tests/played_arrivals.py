"""Nights on which vans come home: some anonymous, some in the wrong bay, telematics as it is.

Knows nothing of the code that finds out who is where.
"""

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from depotlib.model.battery import soc_after
from depotlib.model.news import VehicleReading
from depotlib.model.position import Position

START = datetime(2026, 11, 2, 16, tzinfo=UTC)
FIRST_HOME, LAST_HOME = START + timedelta(hours=1), START + timedelta(hours=3.75)
END = START + timedelta(hours=13)
CADENCE = timedelta(minutes=5)
YARD = Position(40.70, -74.00)
PITCH_M, ROW_M, ROW = 3.0, 20.0, 30
NOISE_M, VAN_BIAS_M = 15.0, 2.0
MISSING_SHARE, ANONYMOUS_SHARE, WRONG_SHARE, LATE_PLUG_SHARE = 0.1, 0.2, 0.1, 0.1
USABLE_KWH, EFFICIENCY_SHARE = 68.0, 0.9
POWERS_KW = (0.0, 3.0, 5.0, 7.2)


@dataclass(slots=True)
class PlayedStay:
    """One van's evening, as it truly was, and what was said of it."""

    vehicle_id: str
    connector_id: str
    planned_id: str
    is_anonymous: bool
    home_at: datetime
    plugged_at: datetime
    meter: tuple[tuple[datetime, float], ...]
    track: tuple[VehicleReading, ...]

    @property
    def is_wrong(self) -> bool:
        """Return whether it stands in another's bay."""
        return self.connector_id != self.planned_id


def moved(east_m: float, north_m: float) -> Position:
    """Return a place so far from the yard's corner (111.195 km a degree of latitude)."""
    north_degrees = north_m / 111_195.0
    east_degrees = east_m / (111_195.0 * math.cos(math.radians(YARD.latitude_degrees)))
    return Position(YARD.latitude_degrees + north_degrees, YARD.longitude_degrees + east_degrees)


def bay_m(number: int) -> tuple[float, float]:
    return (number % ROW) * PITCH_M, (number // ROW) * ROW_M


def bays(vans: int) -> dict[str, Position]:
    return {f"P-{number:02}/1": moved(*bay_m(number)) for number in range(vans)}


def a_night(seed: int, *, vans: int = 60) -> list[PlayedStay]:
    """Return a night's stays: a tenth of the vans have changed bays, a fifth show no token."""
    draw = random.Random(seed)
    places = list(range(vans))
    strays = draw.sample(places, round(vans * WRONG_SHARE))
    for one, other in zip(strays[::2], strays[1::2], strict=False):
        places[one], places[other] = places[other], places[one]
    anonymous = set(draw.sample(range(vans), round(vans * ANONYMOUS_SHARE)))
    return [
        a_stay(draw, number, place=places[number], is_anonymous=number in anonymous)
        for number in range(vans)
    ]


def a_stay(draw: random.Random, number: int, *, place: int, is_anonymous: bool) -> PlayedStay:
    home_at = FIRST_HOME + (LAST_HOME - FIRST_HOME) * draw.random()
    is_late = draw.random() < LATE_PLUG_SHARE
    minutes = draw.uniform(3, 90) if is_late else draw.uniform(0.3, 1.9)
    plugged_at = home_at + timedelta(minutes=minutes)
    meter, socs = a_charge(draw, plugged_at)
    return PlayedStay(
        vehicle_id=f"van-{number:02}",
        connector_id=f"P-{place:02}/1",
        planned_id=f"P-{number:02}/1",
        is_anonymous=is_anonymous,
        home_at=home_at,
        plugged_at=plugged_at,
        meter=meter,
        track=a_track(draw, f"van-{number:02}", place=place, home_at=home_at, socs=socs),
    )


def a_charge(
    draw: random.Random, plugged_at: datetime
) -> tuple[tuple[tuple[datetime, float], ...], dict[datetime, float]]:
    """Return what the meter says each five minutes, and the charge by minute."""
    usable_kwh = USABLE_KWH * draw.uniform(0.94, 1.0)
    efficiency_share = EFFICIENCY_SHARE * draw.gauss(1.0, 0.02)
    soc, energy_kwh, power_kw = draw.uniform(0.2, 0.5), 0.0, 7.2
    meter: list[tuple[datetime, float]] = []
    socs = {plugged_at: soc}
    minute = 0
    while (now := plugged_at + timedelta(minutes=minute)) < END:
        if minute and minute % 15 == 0:
            power_kw = draw.choice(POWERS_KW)
        drawn_kw = power_kw if soc < 0.95 else 0.0
        soc = soc_after(
            soc,
            power_kw=drawn_kw,
            duration_s=60.0,
            usable_kwh=usable_kwh,
            efficiency_share=efficiency_share,
        )
        energy_kwh += drawn_kw / 60
        minute += 1
        socs[now + timedelta(minutes=1)] = soc
        if minute % 5 == 0:
            meter.append((now + timedelta(minutes=1), round(energy_kwh, 2)))
    return tuple(meter), socs


def a_track(
    draw: random.Random,
    vehicle_id: str,
    *,
    place: int,
    home_at: datetime,
    socs: dict[datetime, float],
) -> tuple[VehicleReading, ...]:
    """Return what telematics says: every five minutes, one in ten missing, positions 15 m off."""
    first = min(socs)
    bias_m = draw.gauss(0.0, VAN_BIAS_M), draw.gauss(0.0, VAN_BIAS_M)
    at = START + CADENCE * draw.random()
    told: list[VehicleReading] = []
    while at < END:
        is_home = at >= home_at
        minutes = max(0, int((at - first) / timedelta(minutes=1)))
        soc = socs.get(first + timedelta(minutes=minutes), socs[max(socs)])
        if at < first:
            soc = socs[first] + (0.0 if is_home else 0.002 * ((home_at - at) / CADENCE))
        east_m, north_m = bay_m(place) if is_home else (draw.uniform(800, 9000), 3000.0)
        position = moved(
            east_m + bias_m[0] + draw.gauss(0.0, NOISE_M),
            north_m + bias_m[1] + draw.gauss(0.0, NOISE_M),
        )
        if draw.random() >= MISSING_SHARE:
            told.append(
                VehicleReading(
                    vehicle_id,
                    at,
                    soc=round(min(1.0, soc + draw.gauss(0.0, 0.004)), 2),
                    odometer_km=None,
                    source="played",
                    position=position,
                )
            )
        at += CADENCE
    return tuple(told)
