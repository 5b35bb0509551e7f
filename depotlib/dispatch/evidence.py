"""How well a vehicle's telematics goes with a session: when it came, where it stands, how it charges.

Each class of evidence is a log-likelihood ratio: how much more likely what was told is if the
vehicle is the one that charges there than if it is any of the fleet anywhere in the yard. 0: it
says nothing. The ratios of a pair add up; they are unrelated facts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from depotlib.dispatch.sightings import Visit
from depotlib.model.depot import Depot
from depotlib.model.fleet import VehicleClass
from depotlib.model.identity import InferredSource
from depotlib.model.news import VehicleReading
from depotlib.model.position import Position

FloatArray = NDArray[np.float64]

NOISE_KM: Final = 0.015
"""Of one satellite position, on each axis."""
BIAS_KM: Final = 0.003
"""What does not average out: reflections, the survey, and where on a vehicle its antenna sits."""
YARD_KM: Final = 0.25
"""Who is further from every bay than this is not in the yard."""
SOC_SIGMA: Final = 0.008
GAIN_SIGMA: Final = 0.06
STATION_SOC_SIGMA: Final = 0.025
AT_ONCE: Final = timedelta(minutes=2)
"""So soon after it has come to stand a vehicle is plugged in, as a rule ..."""
AT_ONCE_SHARE: Final = 0.8
LATER: Final = timedelta(hours=6)
"""... or, where it waits for a place or for a hand, at any time within these hours."""
SPREAD: Final = timedelta(hours=3)
"""Over which a fleet comes home."""
CLOCKS: Final = timedelta(minutes=1)
"""How far the clocks of stations and vehicles may be apart."""
IMPOSSIBLE: Final = -30.0
UNLIKELY: Final = -6.0
LEAST_POINTS: Final = 2
"""Make a line."""
LEAST_RISE_SOC: Final = 0.03
"""A session that has brought less says nothing by its energy."""


class Ground:
    """Where the bays are, on a plane.

    Parameters
    ----------
    bays : mapping of str to Position
        By connector; those that are not surveyed are missing.
    """

    def __init__(self, bays: Mapping[str, Position]) -> None:
        self._origin = next(iter(bays.values()), None)
        self._bays_km = {name: self.plane_km(bay) for name, bay in bays.items()}
        corners = np.array(list(self._bays_km.values()) or [(0.0, 0.0)])
        self._low_km, self._high_km = corners.min(axis=0), corners.max(axis=0)
        spread_km = self._high_km - self._low_km + 4 * NOISE_KM
        self.log_area = math.log(float(spread_km[0] * spread_km[1]))
        """Of the area in which a vehicle of the yard is found, in square kilometres."""

    @classmethod
    def of_depot(cls, depot: Depot) -> Self:
        """Return the ground of a depot's bays."""
        return cls(
            {
                connector.connector_id: connector.position
                for connector in depot.connectors()
                if connector.position is not None
            }
        )

    def plane_km(self, position: Position) -> tuple[float, float]:
        """Return a place on the plane."""
        return (self._origin or position).offset_km(position)

    def bay_km(self, connector_id: str) -> tuple[float, float] | None:
        """Return where a connector's bay is, or None where it was not surveyed."""
        return self._bays_km.get(connector_id)

    def holds(self, place_km: tuple[float, float]) -> bool | None:
        """Return whether a place is in the yard; None where nothing was surveyed."""
        if self._origin is None:
            return None
        place = np.array(place_km)
        return bool(
            np.all(place >= self._low_km - YARD_KM) and np.all(place <= self._high_km + YARD_KM)
        )


@dataclass(frozen=True, slots=True)
class Track:
    """What telematics told of one vehicle, laid out for many comparisons.

    Parameters
    ----------
    soc_at_s, told_soc : ndarray
        States of charge by the second, (readings,).
    placed_at_s : ndarray
        When it was where, (positions,) [s].
    places_km : ndarray
        (positions, 2).
    away_at, here_at : tuple of datetime
        When it was outside the yard, and inside, oldest first.
    stopped_at : datetime or None
        When its last trip ended.
    loose_at : tuple of datetime
        When it said that it was not plugged in.
    """

    soc_at_s: FloatArray
    told_soc: FloatArray
    placed_at_s: FloatArray
    places_km: FloatArray
    away_at: tuple[datetime, ...]
    here_at: tuple[datetime, ...]
    stopped_at: datetime | None
    loose_at: tuple[datetime, ...]


def track_of(readings: Sequence[VehicleReading], *, ground: Ground) -> Track:
    """Return the track of a vehicle.

    Parameters
    ----------
    readings : sequence of VehicleReading
        Oldest first.
    ground : Ground
    """
    told_soc = {one.soc_at or one.at: one.soc for one in readings if one.soc is not None}
    places = {
        one.position_at or one.at: ground.plane_km(one.position)
        for one in readings
        if one.position is not None
    }
    here = {at: ground.holds(place) for at, place in places.items()}
    here |= {one.at: one.is_at_depot for one in readings if one.is_at_depot is not None}
    return Track(
        soc_at_s=np.array([at.timestamp() for at in told_soc]),
        told_soc=np.array(list(told_soc.values()), dtype=np.float64),
        placed_at_s=np.array([at.timestamp() for at in places]),
        places_km=np.array(list(places.values()), dtype=np.float64).reshape(-1, 2),
        away_at=tuple(sorted(at for at, is_here in here.items() if is_here is False)),
        here_at=tuple(sorted(at for at, is_here in here.items() if is_here)),
        stopped_at=max((one.stopped_at for one in readings if one.stopped_at), default=None),
        loose_at=tuple(one.plugged_at or one.at for one in readings if one.is_plugged is False),
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a vehicle on a connector, by class; negative: against it."""

    log_factor: Mapping[InferredSource, float]

    @property
    def total(self) -> float:
        """Return how much in all speaks for it."""
        return sum(self.log_factor.values())

    @property
    def strongest(self) -> InferredSource:
        """Return the class that says most for it."""
        return max(self.log_factor, key=lambda name: self.log_factor[name])


def evidence_for(
    visit: Visit, track: Track, *, vehicle_class: VehicleClass, ground: Ground
) -> Evidence:
    """Return how well what telematics told of a vehicle goes with a session.

    Parameters
    ----------
    visit : Visit
    track : Track
    vehicle_class : VehicleClass
    ground : Ground
    """
    return Evidence(
        {
            "arrival": _arrival(visit, track),
            "position": _position(visit, track, ground=ground),
            "charge": _charge(visit, track, vehicle_class=vehicle_class),
        }
    )


def _arrival(visit: Visit, track: Track) -> float:
    """Return what speaks for it in when the vehicle came to stand, and whether it is plugged in."""
    if any(at >= visit.started_at + AT_ONCE for at in track.loose_at):
        return UNLIKELY
    window = _came_between(visit, track)
    if window is None:
        return 0.0
    after, before = window
    if after > visit.started_at + CLOCKS:
        return IMPOSSIBLE
    span = max(before - after, CLOCKS)
    first = max(after, visit.started_at - AT_ONCE - CLOCKS)
    overlap = max(timedelta(0), min(after + span, visit.started_at + CLOCKS) - first)
    at_once = AT_ONCE_SHARE * (overlap / span) / ((AT_ONCE + 2 * CLOCKS) / SPREAD)
    return math.log(at_once + (1.0 - AT_ONCE_SHARE) * (SPREAD / LATER))


def _came_between(visit: Visit, track: Track) -> tuple[datetime, datetime] | None:
    """Return the last word of it on the road and the first of it in the yard, or None."""
    last_away = track.away_at[-1] if track.away_at else None
    if track.stopped_at is not None and (last_away is None or track.stopped_at >= last_away):
        return track.stopped_at - CLOCKS, track.stopped_at + CLOCKS
    if last_away is None:
        return None
    here = next((at for at in track.here_at if at > last_away), None)
    return last_away, here or max(last_away, visit.started_at) + LATER


def _position(visit: Visit, track: Track, *, ground: Ground) -> float:
    """Return what speaks for it in where the vehicle stands: the mean of all since the plug-in."""
    bay_km = ground.bay_km(visit.connector_id)
    places_km = track.places_km[track.placed_at_s >= (visit.started_at + CLOCKS).timestamp()]
    if bay_km is None or not len(places_km):
        return 0.0
    east_km, north_km = places_km.mean(axis=0) - np.array(bay_km)
    variance = NOISE_KM**2 / len(places_km) + BIAS_KM**2
    off = float(east_km**2 + north_km**2) / (2 * variance)
    return max(IMPOSSIBLE, ground.log_area - math.log(2 * math.pi * variance) - off)


def _charge(visit: Visit, track: Track, *, vehicle_class: VehicleClass) -> float:
    """Return what speaks for it in how its charge rises with the session's meter.

    Its own readings are a line over the metered energy, with the slope of its class give or take
    what batteries differ: the line's start says nothing, as anybody may come with any charge.
    """
    since = track.soc_at_s >= visit.started_at.timestamp()
    times, told_soc = track.soc_at_s[since], track.told_soc[since]
    if not len(times) or not visit.notes:
        return 0.0
    noted_at, noted_kwh = visit.register()
    class_soc = vehicle_class.wall_efficiency_share / vehicle_class.usable_kwh
    risen = np.interp(times, noted_at, noted_kwh) * class_soc
    return _same_rise(told_soc, risen) + _same_soc(visit, times, told_soc=told_soc)


def _same_rise(
    told_soc: FloatArray,
    risen: FloatArray,
) -> float:
    """Return what speaks for it in the rise: nothing on the day of a pause, much after hours."""
    if len(told_soc) < LEAST_POINTS:
        return 0.0
    centred, rise = told_soc - told_soc.mean(), risen - risen.mean()
    # Least squares with the prior that the slope is 1 +- GAIN_SIGMA.
    weight = (SOC_SIGMA / GAIN_SIGMA) ** 2
    slope = (float(rise @ centred) + weight) / (float(rise @ rise) + weight)
    missed = float(((centred - slope * rise) ** 2).sum()) / SOC_SIGMA**2
    off = (missed + ((slope - 1.0) / GAIN_SIGMA) ** 2 - (len(told_soc) - 1)) / 2
    span_soc = float(risen.max() - risen.min())
    return max(IMPOSSIBLE, math.log1p(span_soc / LEAST_RISE_SOC) - max(0.0, off))


def _same_soc(
    visit: Visit,
    times: FloatArray,
    *,
    told_soc: FloatArray,
) -> float:
    """Return what speaks for it in a station and a vehicle that tell the same state of charge."""
    said = [(one.at.timestamp(), one.soc) for one in visit.notes if one.soc is not None]
    if not said:
        return 0.0
    station = np.interp(times, [at for at, _ in said], [soc for _, soc in said])
    off_soc = float(np.median(told_soc - station))
    return max(
        IMPOSSIBLE,
        math.log(1.0 / (STATION_SOC_SIGMA * math.sqrt(2 * math.pi)))
        - (off_soc / STATION_SOC_SIGMA) ** 2 / 2,
    )
