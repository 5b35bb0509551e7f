"""Samsara: the stats feed on from its cursor, and departures from the scheduled routes.

References
----------
.. [1] Samsara, "API reference", vehicle stats feed and routes,
   https://developers.samsara.com/reference
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from depotlib.errors import FeedDownError
from depotlib.feeds.sighting import (
    Look,
    Sighting,
    at_path,
    instant_in,
    number_in,
    place_in,
    text_in,
)
from depotlib.feeds.web import WebServer
from depotlib.ingest.json_text import JsonObject, JsonValue, objects_in
from depotlib.units import metres_to_km, millipercent_to_soc

SOC: Final = "evStateOfChargeMilliPercent"
STATUS: Final = "evChargingStatus"
ODOMETER: Final = "obdOdometerMeters"
PLACE: Final = "gps"
FEEDS: Final = {"stats": (SOC, STATUS, ODOMETER), "places": (PLACE,)}
"""Cursor, and what it is of: a call takes three kinds at the most."""
CHARGING: Final = 2.0
"""1 is not charging, which says nothing of the plug; 0 is unknown, 3 and 4 are named nowhere."""
ROUTES_AT: Final = "routes_at"
ROUTE: Final = "route:"
ROUTES_EVERY: Final = timedelta(minutes=1)
AHEAD: Final = timedelta(hours=24)
MOST_PAGES: Final = 50
OVER: Final = frozenset({"arrived", "departed", "skipped"})


@dataclass(frozen=True, slots=True)
class _Page:
    """What one call brought, and where to go on from."""

    sightings: tuple[Sighting, ...]
    end: str
    is_more: bool


class SamsaraFeed:
    """Looks at one organisation of Samsara.

    Parameters
    ----------
    address : str
        Of the API: it differs by region.
    token : str
    """

    name = "samsara"
    period_s = 5.0
    page_pause_s = 0.2

    def __init__(self, address: str, token: str) -> None:
        self._server = WebServer(address)
        self._headers = {"Authorization": f"Bearer {token}"}

    def look(self, marks: Mapping[str, str], *, now: datetime) -> Look:
        """Return a page of what is new, and each minute the departures that have moved."""
        pages = {cursor: self._page_of(cursor, after=marks.get(cursor)) for cursor in FEEDS}
        sightings = [said for page in pages.values() for said in page.sightings]
        kept = {**marks, **{cursor: page.end for cursor, page in pages.items()}}
        moved: dict[str, datetime] = {}
        if _is_due(marks, now=now):
            scheduled = self._departures(now)
            moved = {vendor_id: at for vendor_id, at in scheduled.items()
                     if marks.get(ROUTE + vendor_id) != at.isoformat()}  # fmt: skip
            kept = {name: mark for name, mark in kept.items() if not name.startswith(ROUTE)}
            kept |= {ROUTE + vendor_id: at.isoformat() for vendor_id, at in scheduled.items()}
            kept[ROUTES_AT] = now.isoformat()
        return Look(
            tuple(one for one in sightings if one.vendor_id),
            kept,
            departures=moved,
            is_more=any(page.is_more for page in pages.values()),
            refused=sum(not one.vendor_id for one in sightings),
        )

    def close(self) -> None:
        """Do nothing: each call is a connection of its own."""

    def _page_of(self, cursor: str, *, after: str | None) -> "_Page":
        wish = {"types": ",".join(FEEDS[cursor])}
        if after:
            wish["after"] = after
        reply = self._get("/fleet/vehicles/stats/feed", wish)
        end = text_in(reply, "pagination", "endCursor")
        if end is None:
            raise FeedDownError(f"the feed of {cursor} names no cursor", where=self._server.host)
        sightings = [
            said
            for vendor_id, stat, reading in _readings(reply, stats=FEEDS[cursor])
            if (said := _said(reading, stat=stat, vendor_id=vendor_id)) is not None
        ]
        is_more = at_path(reply, "pagination", "hasNextPage") is True
        return _Page(tuple(sightings), end, is_more)

    def _departures(self, now: datetime) -> dict[str, datetime]:
        """Return the next scheduled departure of each vehicle that has a route ahead."""
        wish = {"startTime": _stamp(now), "endTime": _stamp(now + AHEAD), "limit": "512"}
        found: dict[str, datetime] = {}
        for _ in range(MOST_PAGES):
            reply = self._get("/fleet/routes", wish)
            for route in objects_in(at_path(reply, "data")):
                vendor_id = text_in(route, "vehicle", "id")
                at = instant_in(route, "scheduledRouteStartTime")
                if vendor_id and at and at > now and not _has_begun(route):
                    found[vendor_id] = min(at, found.get(vendor_id, at))
            cursor = text_in(reply, "pagination", "endCursor")
            if at_path(reply, "pagination", "hasNextPage") is not True or cursor is None:
                break
            wish["after"] = cursor
        return found

    def _get(self, path: str, wish: Mapping[str, str]) -> JsonValue:
        return self._server.call("GET", f"{path}?{urlencode(wish)}", headers=self._headers)


def _readings(
    reply: JsonValue, *, stats: Sequence[str]
) -> Iterator[tuple[str | None, str, JsonObject]]:
    """Yield vehicle, stat and reading; a snapshot holds one object where the feed holds a list."""
    for vehicle in objects_in(at_path(reply, "data")):
        for stat in stats:
            for reading in objects_in(vehicle.get(stat)):
                yield text_in(vehicle, "id"), stat, reading


def _said(reading: JsonObject, *, stat: str, vendor_id: str | None) -> Sighting | None:
    """Return what a reading says; without vendor's id where it says what cannot be."""
    at, value = instant_in(reading, "time"), number_in(reading, "value")
    impossible = Sighting("", datetime.min.replace(tzinfo=UTC))
    if vendor_id is not None and at is not None and stat == PLACE:
        place = place_in(reading, latitude="latitude", longitude="longitude")
        return Sighting(vendor_id, at, position=place) if place is not None else impossible
    if vendor_id is None or at is None or value is None:
        return impossible
    if stat == STATUS:
        return Sighting(vendor_id, at, is_plugged=True) if value == CHARGING else None
    if stat == ODOMETER:
        return (
            Sighting(vendor_id, at, odometer_km=metres_to_km(value)) if value >= 0 else impossible
        )
    soc = millipercent_to_soc(value)
    return Sighting(vendor_id, at, soc=soc) if 0.0 <= soc <= 1.0 else impossible


def _has_begun(route: JsonObject) -> bool:
    first = next(iter(objects_in(route.get("stops"))), None)
    return first is not None and text_in(first, "state") in OVER


def _is_due(marks: Mapping[str, str], *, now: datetime) -> bool:
    looked_at = instant_in({ROUTES_AT: marks.get(ROUTES_AT)}, ROUTES_AT)
    return looked_at is None or not looked_at <= now < looked_at + ROUTES_EVERY


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
