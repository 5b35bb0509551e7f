"""Reading OCPP 2.x: a station's calls as events, leniently; its transactions go by their names."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from depotlib.errors import FrameError
from depotlib.gateway.guard import Frame, Payload
from depotlib.gateway.messages import (
    Booted,
    Event,
    MeterReported,
    NoticeGiven,
    TokenOffered,
    TransactionTold,
)
from depotlib.gateway.negotiation import NeedsTold, ProfilesTold, ScheduleTold
from depotlib.gateway.profiles import ChargingProfile, Purpose
from depotlib.gateway.transactions import number_of
from depotlib.gateway.versions.alike import periods_of, read_heartbeat, read_status, refusal
from depotlib.gateway.versions.assurance import ASSURANCE_READERS
from depotlib.gateway.versions.fields import (
    Fields,
    choice,
    fields_of,
    instant_or_none,
    number_or_none,
    objects,
    place,
    required,
    whole,
    word,
    word_or_empty,
)
from depotlib.gateway.versions.meter201 import samples_of
from depotlib.gateway.versions.reports201 import read_event, read_report
from depotlib.gateway.versions.rules import require_fields

PHASES: Final[dict[str, Literal["started", "updated", "ended"]]] = {
    "Started": "started",
    "Updated": "updated",
    "Ended": "ended",
}
STATUSES: Final = {
    "Charging": "Charging",
    "EVConnected": "Preparing",
    "SuspendedEV": "SuspendedEV",
    "SuspendedEVSE": "SuspendedEVSE",
    "Idle": "Finishing",
}
"""Charging states in the words of 1.6, which everything else speaks."""
CONNECTOR_STATUSES: Final = frozenset(
    {"Available", "Faulted", "Occupied", "Reserved", "Unavailable"}
)
PURPOSES_READ: Final[dict[str, Purpose]] = {
    "ChargingStationMaxProfile": "station_maximum",
    "TxDefaultProfile": "default",
    "TxProfile": "transaction",
}
CONTRACTS: Final = ("certificate", "iso15118CertificateHashData")
"""How a contract certificate is shown: whole, or by what its revocation is asked with."""
HISTORY_AGE_S: Final = 120.0
"""What is said to be history is older than this; two samples of a meter are not."""
UNAUTHORIZED: Final = "NoAuthorization"
"""Type of a token that is none: charging was begun without one (OCPP 2.0.1 C02)."""


def read_station_call(
    frame: Frame,
    now: datetime,
    *,
    version: str,
    notices: dict[str, Payload],
    ours: frozenset[str],
) -> Event:
    """Return what a station's call says.

    Parameters
    ----------
    frame : Frame
    now : datetime
    version : str
    notices : mapping
        Actions of this version that change nothing here, with their answers.
    ours : frozenset of str
        Actions that only a central system makes.

    Raises
    ------
    FrameError
        ``NotImplemented`` for an unknown action, ``NotSupported`` for one that is ours to make,
        a constraint violation for a field that is missing or of the wrong type.
    """
    reader = _READERS.get(frame.action) or ASSURANCE_READERS.get(frame.action)
    if reader is not None:
        return reader(frame, now)
    if frame.action in notices:
        require_fields(frame, version)
        status = word_or_empty(frame.payload, "status")
        return NoticeGiven(frame.unique_id, frame.action, status)
    raise refusal(frame, ours)


def read_profile(fields: Fields, *, connector: int, now: datetime) -> ChargingProfile | None:
    """Return a profile that a station tells of, or None where it is none of our kinds."""
    purpose = PURPOSES_READ.get(word_or_empty(fields, "chargingProfilePurpose"))
    schedules = objects(fields.get("chargingSchedule"))
    number = number_or_none(fields.get("id"))
    if purpose is None or number is None or not schedules:
        return None
    schedule = schedules[0]
    name = word_or_empty(fields, "transactionId")
    return ChargingProfile(
        profile_id=int(number),
        connector=connector,
        purpose=purpose,
        stack_level=int(number_or_none(fields.get("stackLevel")) or 0),
        unit="W" if word_or_empty(schedule, "chargingRateUnit") == "W" else "A",
        phases=_phases(schedule),
        start=instant_or_none(schedule.get("startSchedule")) or now,
        valid_to=instant_or_none(fields.get("validTo")),
        periods=periods_of(schedule),
        transaction_id=number_of(name) if name else None,
        transaction_name=name,
    )


def _phases(schedule: Fields) -> int:
    told = [
        number_or_none(period.get("numberPhases"))
        for period in objects(schedule.get("chargingSchedulePeriod"))
    ]
    return int(told[0]) if told and told[0] is not None else 3


def _read_boot(frame: Frame, _now: datetime) -> Event:
    made = fields_of(frame.payload.get("chargingStation"))
    return Booted(
        call_id=frame.unique_id,
        vendor=word(made, "vendorName", call_id=frame.unique_id),
        model=word(made, "model", call_id=frame.unique_id),
        serial=word_or_empty(made, "serialNumber"),
        firmware=word_or_empty(made, "firmwareVersion"),
    )


def _read_status(frame: Frame, _now: datetime) -> Event:
    place(frame.payload, "evseId", call_id=frame.unique_id)
    choice(frame.payload, "connectorStatus", call_id=frame.unique_id, words=CONNECTOR_STATUSES)
    return read_status(frame, place="evseId", status="connectorStatus")


def _read_authorize(frame: Frame, _now: datetime) -> Event:
    token = _token_of(frame.payload)
    if token is None:
        raise FrameError(
            "idToken is missing", code="OccurenceConstraintViolation", call_id=frame.unique_id
        )
    is_contract = any(frame.payload.get(name) for name in CONTRACTS)
    return TokenOffered(frame.unique_id, token, is_contract=is_contract)


def _read_transaction(frame: Frame, now: datetime) -> Event:
    fields, call_id = frame.payload, frame.unique_id
    phase = PHASES[choice(fields, "eventType", call_id=call_id, words=PHASES)]
    told = fields_of(fields.get("transactionInfo"))
    evse = number_or_none(fields_of(fields.get("evse")).get("id"))
    at = instant_or_none(fields.get("timestamp")) or now
    return TransactionTold(
        call_id=call_id,
        phase=phase,
        name=word(told, "transactionId", call_id=call_id),
        seq=whole(fields, "seqNo", call_id=call_id),
        at=at,
        connector=None if evse is None else int(evse),
        token=_token_of(fields),
        samples=samples_of(fields.get("meterValue"), now=now),
        status=STATUSES.get(word_or_empty(told, "chargingState"), ""),
        # What is fresh is no history, whatever it calls itself: a meter must not slip by so.
        is_offline=fields.get("offline") is True and (now - at).total_seconds() > HISTORY_AGE_S,
        reason=word_or_empty(told, "stoppedReason"),
        trigger=word_or_empty(fields, "triggerReason"),
    )


def _read_meter(frame: Frame, now: datetime) -> Event:
    fields = frame.payload
    if not isinstance(required(fields, "meterValue", call_id=frame.unique_id), list):
        raise FrameError(
            "meterValue is no list", code="TypeConstraintViolation", call_id=frame.unique_id
        )
    return MeterReported(
        call_id=frame.unique_id,
        connector=place(fields, "evseId", call_id=frame.unique_id),
        transaction_id=None,
        samples=samples_of(fields.get("meterValue"), now=now),
    )


def _read_needs(frame: Frame, _now: datetime) -> Event:
    needs = required(frame.payload, "chargingNeeds", call_id=frame.unique_id)
    word(fields_of(needs), "requestedEnergyTransfer", call_id=frame.unique_id)
    return NeedsTold(frame.unique_id, place(frame.payload, "evseId", call_id=frame.unique_id))


def _read_schedule(frame: Frame, now: datetime) -> Event:
    fields = frame.payload
    schedule = fields_of(fields.get("chargingSchedule"))
    begin = instant_or_none(schedule.get("startSchedule"))
    return ScheduleTold(
        call_id=frame.unique_id,
        connector=place(fields, "evseId", call_id=frame.unique_id),
        periods=periods_of(schedule),
        unit="W" if word_or_empty(schedule, "chargingRateUnit") == "W" else "A",
        periods_from=begin or instant_or_none(fields.get("timeBase")) or now,
    )


def _read_profiles(frame: Frame, now: datetime) -> Event:
    fields = frame.payload
    connector = whole(fields, "evseId", call_id=frame.unique_id)
    told = [
        read_profile(one, connector=connector, now=now)
        for one in objects(fields.get("chargingProfile"))
    ]
    return ProfilesTold(
        call_id=frame.unique_id,
        request_id=whole(fields, "requestId", call_id=frame.unique_id),
        connector=connector,
        profiles=tuple(profile for profile in told if profile is not None),
        is_last=fields.get("tbc") is not True,
    )


def _token_of(fields: Fields) -> str | None:
    """Return the token that is offered; empty for one that stands for none, None without any."""
    offered = fields_of(fields.get("idToken"))
    if not offered:
        return None
    return (
        "" if word_or_empty(offered, "type") == UNAUTHORIZED else word_or_empty(offered, "idToken")
    )


_READERS: Final[dict[str, Callable[[Frame, datetime], Event]]] = {
    "Authorize": _read_authorize,
    "BootNotification": _read_boot,
    "Heartbeat": read_heartbeat,
    "MeterValues": _read_meter,
    "NotifyEVChargingNeeds": _read_needs,
    "NotifyEVChargingSchedule": _read_schedule,
    "NotifyEvent": read_event,
    "NotifyReport": read_report,
    "ReportChargingProfiles": _read_profiles,
    "StatusNotification": _read_status,
    "TransactionEvent": _read_transaction,
}
