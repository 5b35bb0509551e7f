"""What a feed says of one vehicle at one instant, and how sightings become its latest state."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from depotlib.feeds.signal import Signal
from depotlib.ingest.json_text import JsonValue
from depotlib.model.news import VehicleReading
from depotlib.model.position import HALF_TURN_DEGREES, POLE_DEGREES, Position

PLUG_HOLDS: Final = timedelta(minutes=2)
"""A plug that was seen goes on to be seen beside newer news for so long, and no longer: the
gateway takes a plug of this age as evidence of who has plugged in."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing that a vendor says; None: it does not say.

    Parameters
    ----------
    vendor_id : str
        What the vendor calls the vehicle.
    at : datetime
        When it was true.
    soc : float or None
    odometer_km : float or None
    is_plugged : bool or None
    position : Position or None
    has_stopped : bool
        Whether a trip ended then.
    """

    vendor_id: str
    at: datetime
    soc: float | None = None
    odometer_km: float | None = None
    is_plugged: bool | None = None
    position: Position | None = None
    has_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a feed brought.

    Parameters
    ----------
    sightings : tuple of Sighting
    marks : mapping of str to str
        Where to go on from; kept together with what was seen, or neither is.
    departures : mapping of str to datetime
        By the vendor's id: scheduled departures that are new or have moved.
    is_more : bool
        Whether the vendor has more right now.
    refused : int
        Records that said what cannot be.
    note : str
        What a person should know.
    signal : Signal or None
        What a grid signal limits; None: this look brought nothing of that.
    """

    sightings: tuple[Sighting, ...]
    marks: Mapping[str, str]
    departures: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    is_more: bool = False
    refused: int = 0
    note: str = ""
    signal: Signal | None = None


class Feed(Protocol):
    """One vendor or folder. To add one: a file in `feeds` and a line in `feeds.registry`."""

    @property
    def name(self) -> str:
        """Return the name, which begins the vehicles' `telematics_ids`: ``geotab:b2A``."""
        ...

    @property
    def period_s(self) -> float:
        """Return how long to wait after a look that brought everything [s]."""
        ...

    @property
    def page_pause_s(self) -> float:
        """Return how long to wait at the least between two looks [s]."""
        ...

    def look(self, marks: Mapping[str, str], *, now: datetime) -> Look:
        """Return what is new since the marks of the last look; there are none at first."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


def laid_over(
    held: VehicleReading | None, seen: Sighting, *, vehicle_id: str, source: str
) -> VehicleReading:
    """Return the latest state of a vehicle after a sighting; what is older changes nothing newer.

    Parameters
    ----------
    held : VehicleReading or None
        The latest so far.
    seen : Sighting
    vehicle_id : str
    source : str
        The feed.
    """
    if held is None:
        held = VehicleReading(vehicle_id, seen.at, soc=None, odometer_km=None, source=source)
    at = max(held.at, seen.at)
    soc, soc_at = held.soc, (held.soc_at or held.at) if held.soc is not None else None
    if seen.soc is not None and (soc_at is None or seen.at >= soc_at):
        soc, soc_at = seen.soc, seen.at
    plug, plugged_at = held.is_plugged, held.plugged_at or held.at
    if seen.is_plugged is not None and (plug is None or seen.at >= plugged_at):
        plug, plugged_at = seen.is_plugged, seen.at
    holds = plug is not None and at - plugged_at <= PLUG_HOLDS
    is_news = seen.at >= held.at or held.odometer_km is None
    takes_odometer = seen.odometer_km is not None and is_news
    # What was said of its place was true then, not at the time of this sighting.
    place, placed_at = held.position, held.position_at or held.at
    if seen.position is not None and (place is None or seen.at >= placed_at):
        place, placed_at = seen.position, seen.at
    stops = [one for one in (held.stopped_at, seen.at if seen.has_stopped else None) if one]
    return replace(
        held,
        at=at,
        soc=soc,
        soc_at=soc_at,
        odometer_km=seen.odometer_km if takes_odometer else held.odometer_km,
        is_plugged=plug if holds else None,
        plugged_at=plugged_at if holds else None,
        is_at_depot=held.is_at_depot if seen.at <= held.at else None,
        position=place,
        position_at=placed_at if place is not None else None,
        stopped_at=max(stops, default=None),
        source=source if seen.at >= held.at else held.source,
    )


def at_path(value: JsonValue, *names: str) -> JsonValue:
    """Return what lies in an object under these names, one in another; None where nothing does."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text_in(value: JsonValue, *names: str) -> str | None:
    """Return the text under these names, None where there is none."""
    found = at_path(value, *names)
    return found if isinstance(found, str) and found else None


def number_in(value: JsonValue, *names: str) -> float | None:
    """Return the number under these names, None where there is none."""
    found = at_path(value, *names)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if math.isfinite(found) else None


def place_in(value: JsonValue, *, latitude: str, longitude: str) -> Position | None:
    """Return the place that two numbers name, in degrees; None where they name none.

    Nought and nought, off Africa, is what a receiver without a fix tells.
    """
    north, east = number_in(value, latitude), number_in(value, longitude)
    if north is None or east is None or (north == 0.0 and east == 0.0):
        return None
    is_on_globe = abs(north) <= POLE_DEGREES and abs(east) <= HALF_TURN_DEGREES
    return Position(north, east) if is_on_globe else None


def instant_in(value: JsonValue, *names: str) -> datetime | None:
    """Return the instant under these names, None where there is none or it names no zone."""
    text = text_in(value, *names)
    try:
        instant = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo is not None else None
