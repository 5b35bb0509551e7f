"""What the journal says of a station's safe limit: taken or refused."""

from datetime import datetime

from depotlib.gateway.arming import Arming, is_of_arming
from depotlib.gateway.messages import Replied
from depotlib.model.depot import ChargingStation
from depotlib.model.live import JournalEntry, Scalar


def notes_of_safe_limit(
    station: ChargingStation, arming: Arming, *, event: Replied, now: datetime
) -> list[JournalEntry]:
    """Return what is to be noted of an answer; nothing where it is not about the safe limit.

    Parameters
    ----------
    station : ChargingStation
    arming : Arming
        That has taken in the answer.
    event : Replied
    now : datetime
    """
    if is_of_arming(event.reference):
        return [_note_of_arming(station, arming, event=event, now=now)]
    return []


def _note_of_arming(
    station: ChargingStation, arming: Arming, *, event: Replied, now: datetime
) -> JournalEntry:
    facts: dict[str, Scalar] = {
        "answer": event.note,
        "outcome": event.outcome,
        "latency_s": event.latency_s,
    }
    if event.outcome == "accepted" and arming.is_armed:
        armed = {"safe_limit_kw": station.safe_limit_kw, **facts}
        return JournalEntry(now, "fallback_armed", station.station_id, None, armed)
    refused = {"what": "safe limit", **facts}
    return JournalEntry(now, "limit_answered", station.station_id, None, refused)
