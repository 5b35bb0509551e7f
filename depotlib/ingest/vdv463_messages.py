"""Messages of VDV 463: the seven places of their envelope, and what a record of each is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.ingest.json_text import JsonObject, JsonValue, objects_in
from depotlib.ingest.normalise.times import ReadTime, read_time

REQUESTS: Final = "ProvideChargingRequests"
INFORMATION: Final = "ProvideChargingInformation"

_PLACES: Final = 7
_UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Parameters
    ----------
    presystem_id : str
        Whose it is: lists of requests are complete for one of them.
    time_text : str
        As it stands in the message.
    action : str
        Empty for confirmations, errors and what is no message.
    payload : JsonObject
    """

    presystem_id: str
    time_text: str
    action: str
    payload: JsonObject

    @property
    def at(self) -> datetime | None:
        """Return when it was sent; None where the text says no time."""
        read = read_time(self.time_text, order="year_month_day", time_zone=_UTC)
        return read.instant if isinstance(read, ReadTime) else None


def messages_in(log: JsonValue) -> list[Message]:
    """Return the messages of a log: a list of them, or one alone."""
    return (
        list(map(_message, log))
        if isinstance(log, list) and not _is_envelope(log)
        else [_message(log)]
    )


def records_in(message: Message) -> list[JsonObject]:
    """Return the requests, or the charging points, of a message; itself where it has no such list."""
    head: JsonObject = {
        "presystemId": message.presystem_id,
        "timeStamp": message.time_text,
        "action": message.action,
    }
    if message.action == REQUESTS:
        requests = objects_in(message.payload.get("chargingRequestList"))
        return [{**request, **head} for request in requests]
    if message.action == INFORMATION:
        return list(_points(message.payload, head=head))
    return [{**message.payload, **head}]


def _points(payload: JsonObject, *, head: JsonObject) -> Iterator[JsonObject]:
    for depot in objects_in(payload.get("depotInfoList")):
        for station in objects_in(depot.get("chargingStationInfoList")):
            ids: JsonObject = {
                "depotId": depot.get("depotId"),
                "chargingStationId": station.get("chargingStationId"),
            }
            for point in objects_in(station.get("chargingPointInfoList")):
                yield {**point, **ids, **head}


def _is_envelope(value: list[JsonValue]) -> bool:
    return len(value) == _PLACES and isinstance(value[0], int) and isinstance(value[5], str)


def _message(value: JsonValue) -> Message:
    if not isinstance(value, list) or not _is_envelope(value):
        fields: JsonObject = value if isinstance(value, dict) else {"message": value}
        return Message("", "", action="", payload=fields)
    kind, _, presystem_id, time_text, _, action, payload = value
    is_request = kind == 1
    return Message(
        presystem_id=str(presystem_id),
        time_text=str(time_text),
        action=str(action) if is_request else "",
        payload=payload if isinstance(payload, dict) else {"payload": payload},
    )
