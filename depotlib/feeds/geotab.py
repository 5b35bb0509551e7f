"""Geotab: `GetFeed` of status data, states, trips and charge events, each from its own version.

A login gives a session that ends some day, and names the server to speak to; a session that ended
is renewed once a look. GetFeed is allowed once a second for each kind of object; a login ten times
a minute.

References
----------
.. [1] Geotab, "MyGeotab API", GetFeed and Authenticate, https://developers.geotab.com
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from depotlib.errors import FeedCredentialError, FeedDownError
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
from depotlib.ingest.normalise.durations import read_duration_s
from depotlib.units import metres_to_km, percent_to_soc

PAGE: Final = 50_000
"""The most that one call gives."""
BACK: Final = timedelta(hours=24)
"""How far the first look goes back: a vehicle that came home in the afternoon is seen at night."""
PATH: Final = "/apiv1"
THIS_SERVER: Final = "ThisServer"
OVER_LIMIT: Final = "OverLimitException"
NO_SESSION: Final = "InvalidUserException"
LIMIT_WAIT_S: Final = 60.0
"""Waited where Geotab names its limit but no time: its limits count by the minute [s]."""
_CHARGING: Final = frozenset({1.0, 2.0})
_Say = Callable[[JsonObject], list[Sighting] | None]


@dataclass(frozen=True, slots=True)
class GeotabAccount:
    """Who looks, and where.

    Parameters
    ----------
    address : str
        Of the server that logins go to.
    database, user : str
    password : str
    """

    address: str
    database: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Session:
    server: WebServer
    credentials: JsonObject = field(repr=False)


class GeotabFeed:
    """Looks at one database of MyGeotab.

    Parameters
    ----------
    account : GeotabAccount
    page : int
        Most records a call.
    """

    name = "geotab"
    period_s = 15.0
    page_pause_s = 1.1

    def __init__(self, account: GeotabAccount, *, page: int = PAGE) -> None:
        self._account = account
        self._login = WebServer(account.address)
        self._page = page
        self._session: _Session | None = None

    def look(self, marks: Mapping[str, str], *, now: datetime) -> Look:
        """Return what is new of each kind of object."""
        sightings: list[Sighting] = []
        refused, is_more = 0, False
        versions = dict(marks)
        for kind, say in KINDS.items():
            reply = self._page_of(kind, version=marks.get(kind), now=now)
            version = text_in(reply, "toVersion")
            if version is None:
                raise FeedDownError(f"the feed of {kind} names no version", where="geotab")
            versions[kind] = version
            objects = objects_in(at_path(reply, "data"))
            is_more = is_more or len(objects) >= self._page
            for one in objects:
                said = say(one)
                refused += said is None
                sightings += said or []
        return Look(tuple(sightings), versions, is_more=is_more, refused=refused)

    def close(self) -> None:
        """Forget the session."""
        self._session = None

    def _page_of(self, kind: str, *, version: str | None, now: datetime) -> JsonValue:
        wish: JsonObject = {"typeName": kind, "resultsLimit": self._page}
        if version is None and kind not in OF_NOW:
            since = (now - BACK).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            wish["search"] = {"fromDate": since}
        elif version is not None:
            wish["fromVersion"] = version
        session = self._session or self._log_in()
        try:
            return _asked(session, wish)
        except FeedCredentialError:
            # The session has ended, or the database has moved to another server.
            return _asked(self._log_in(), wish)

    def _log_in(self) -> _Session:
        self._session = None
        asked: JsonObject = {
            "database": self._account.database,
            "userName": self._account.user,
            "password": self._account.password,
        }
        result = _result(self._login, "Authenticate", parameters=asked)
        credentials, path = at_path(result, "credentials"), text_in(result, "path")
        if not isinstance(credentials, dict):
            raise FeedDownError("the login gives no credentials", where=self._login.host)
        is_here = path is None or path == THIS_SERVER
        server = self._login if is_here else WebServer(f"https://{path}")
        self._session = _Session(server, credentials)
        return self._session


def _asked(session: _Session, wish: JsonObject) -> JsonValue:
    return _result(
        session.server, "GetFeed", parameters={**wish, "credentials": session.credentials}
    )


def _result(server: WebServer, method: str, *, parameters: JsonObject) -> JsonValue:
    reply = server.call("POST", PATH, body={"method": method, "params": parameters})
    error = at_path(reply, "error")
    if error is None:
        return at_path(reply, "result")
    names = {text_in(error, "name"), text_in(error, "data", "type")}
    names |= {text_in(one, "name") for one in objects_in(at_path(error, "errors"))}
    if NO_SESSION in names:
        raise FeedCredentialError(
            f"Geotab refuses the {'login' if method == 'Authenticate' else 'session'}",
            where=server.host,
            hint="check DEPOT_GEOTAB_DATABASE, DEPOT_GEOTAB_USER and DEPOT_GEOTAB_PASSWORD",
        )
    told = ", ".join(sorted(name for name in names if name)) or "an error without a name"
    down = FeedDownError(
        f"Geotab answers {method} with {told}",
        where=server.host,
        hint="it is asked again by itself",
    )
    down.retry_after_s = LIMIT_WAIT_S if OVER_LIMIT in names else 0.0
    raise down


def _status(one: JsonObject) -> list[Sighting] | None:
    """Return what a status data object says; nothing for a diagnostic that is not used."""
    vendor_id, at = text_in(one, "device", "id"), instant_in(one, "dateTime")
    value, diagnostic = number_in(one, "data"), text_in(one, "diagnostic", "id") or ""
    if vendor_id is None or at is None or value is None:
        return None
    if diagnostic == "DiagnosticStateOfChargeId":
        soc = percent_to_soc(value)
        return [Sighting(vendor_id, at, soc=soc)] if 0.0 <= soc <= 1.0 else None
    if diagnostic in {"DiagnosticOdometerId", "DiagnosticOdometerAdjustmentId"}:
        return [Sighting(vendor_id, at, odometer_km=metres_to_km(value))] if value >= 0 else None
    if diagnostic == "DiagnosticOnBoardChargerAcInputVoltageId":
        return [Sighting(vendor_id, at, is_plugged=value > 0)]
    is_charging_state = diagnostic in {
        "DiagnosticElectricVehicleChargingStateId",
        "DiagnosticElectricVehicleIsChargingId",
    }
    # Not charging says nothing of the plug: a full vehicle may be plugged in.
    return (
        [Sighting(vendor_id, at, is_plugged=True)]
        if is_charging_state and value in _CHARGING
        else []
    )


def _trip(one: JsonObject) -> list[Sighting] | None:
    """Return that a vehicle drove, and its odometer at the end; Geotab gives that in metres."""
    vendor_id, start = text_in(one, "device", "id"), instant_in(one, "start")
    stop, odometer_m = instant_in(one, "stop"), number_in(one, "odometer")
    if vendor_id is None or start is None or (odometer_m or 0.0) < 0:
        return None
    said = [Sighting(vendor_id, start, is_plugged=False)]
    if stop is not None and stop >= start:
        ended = Sighting(
            vendor_id,
            stop,
            odometer_km=None if odometer_m is None else metres_to_km(odometer_m),
            is_plugged=False,
            position=place_in(one.get("stopPoint"), latitude="y", longitude="x"),
            has_stopped=True,
        )
        said.append(ended)
    return said


def _state(one: JsonObject) -> list[Sighting] | None:
    """Return where a vehicle is now; who drives is not plugged in."""
    vendor_id, at = text_in(one, "device", "id"), instant_in(one, "dateTime")
    if vendor_id is None or at is None:
        return None
    place = place_in(one, latitude="latitude", longitude="longitude")
    is_plugged = False if one.get("isDriving") is True else None
    if place is None and is_plugged is None:
        return []
    return [Sighting(vendor_id, at, is_plugged=is_plugged, position=place)]


def _charge(one: JsonObject) -> list[Sighting] | None:
    """Return that charging began, and the state of charge when it ended."""
    vendor_id, start = text_in(one, "device", "id"), instant_in(one, "startTime")
    duration_s = read_duration_s(text_in(one, "duration") or "")
    if vendor_id is None or start is None:
        return None
    socs = [
        None if value is None else percent_to_soc(value)
        for value in (number_in(one, "startStateOfCharge"), number_in(one, "endStateOfCharge"))
    ]
    if any(soc is not None and not 0.0 <= soc <= 1.0 for soc in socs):
        return None
    place = place_in(one.get("location"), latitude="y", longitude="x")
    said = [Sighting(vendor_id, start, soc=socs[0], is_plugged=True, position=place)]
    if duration_s is not None and duration_s >= 0 and socs[1] is not None:
        said.append(Sighting(vendor_id, start + timedelta(seconds=duration_s), soc=socs[1]))
    return said


KINDS: Final[Mapping[str, _Say]] = {
    "StatusData": _status,
    "DeviceStatusInfo": _state,
    "Trip": _trip,
    "ChargeEvent": _charge,
}
OF_NOW: Final = frozenset({"DeviceStatusInfo"})
"""Kinds that tell how it is and not how it was: there is no day to go back."""
