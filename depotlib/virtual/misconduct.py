"""What misbehaving stations say and refuse, alike in every version of OCPP."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Final

from depotlib.virtual.charging_profiles import StoredProfile
from depotlib.virtual.station import Message, VirtualStation

CALL_BEGINS: Final = "[2"


def is_refusing(
    station: VirtualStation, profile: StoredProfile, *, unit: str, at: datetime
) -> bool:
    """Return whether a station refuses a profile that it ought to take.

    Parameters
    ----------
    station : VirtualStation
    profile : StoredProfile
    unit : str
        ``A`` or ``W``, in which the profile came.
    at : datetime
    """
    is_permitting = any(period.limit_kw > 0 for period in profile.periods)
    return (
        (is_permitting and station.misbehaves("rejects", at) is not None)
        or (unit == "W" and station.misbehaves("amperes", at) is not None)
        or (unit == "A" and station.misbehaves("watts", at) is not None)
    )


def told_units(station: VirtualStation, *, at: datetime) -> str:
    """Return the units a station says that it takes, in the words of OCPP 1.6."""
    if station.misbehaves("amperes", at):
        return "Current"
    return "Power" if station.misbehaves("watts", at) else "Current,Power"


def is_heard(station: VirtualStation, frame: str, *, at: datetime) -> bool:
    """Return whether a station takes a frame in: a mute one answers no call."""
    return not frame.lstrip().startswith(CALL_BEGINS) or not station.misbehaves("mute", at)


def nameless(message: Message) -> Message:
    """Return what a station says of a transaction whose number it does not know: -1."""
    if message.kind == "start" or message.transaction is None:
        return message
    return replace(message, transaction=replace(message.transaction, transaction_id=None))


def garbled_meter(message: Message, *, place: str) -> str:
    """Return MeterValues without the number of its transaction, which is no JSON any more.

    Parameters
    ----------
    message : Message
    place : str
        ``connectorId`` or ``evseId``.
    """
    sample = {"value": str(message.register_wh), "measurand": "Energy.Active.Import.Register"}
    values = [{"timestamp": message.at.isoformat(), "sampledValue": [sample]}]
    unique_id = f"g{message.connector}-{message.at:%Y%m%dT%H%M%S}"
    return (
        f'[2,"{unique_id}","MeterValues",{{"{place}":{message.connector},"transactionId":,'
        f'"meterValue":{json.dumps(values)}}}]'
    )
