"""OCPP 1.6J: frames to neutral words and back. Lenient in what it reads, strict in what it writes."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from depotlib.errors import FrameError
from depotlib.gateway.calls import ReadTokensVersion
from depotlib.gateway.guard import CALL, CALL_RESULT, Frame, Payload
from depotlib.gateway.messages import (
    Answer,
    AnswerBoot,
    AnswerEmpty,
    AnswerHeartbeat,
    AnswerStart,
    AnswerStatus,
    AnswerToken,
    AnswerTransaction,
    AskFor,
    Booted,
    Call,
    ChangeConfiguration,
    Event,
    InstallProfile,
    MeterReported,
    NoticeGiven,
    ReadComposite,
    ReadConfiguration,
    Replied,
    TokenOffered,
    TransactionEnded,
    TransactionStarted,
)
from depotlib.gateway.profiles import ChargingProfile
from depotlib.gateway.upkeep import ReadAuthorities, ReadLog, UpdateFirmware
from depotlib.gateway.versions.alike import (
    boot_answer,
    periods_of,
    read_heartbeat,
    read_status,
    refusal,
    time_text,
)
from depotlib.gateway.versions.assurance import ASSURANCE_READERS
from depotlib.gateway.versions.calls16 import profile_fields, service_parts
from depotlib.gateway.versions.fields import (
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
from depotlib.gateway.versions.meter16 import samples_of
from depotlib.gateway.versions.rules import require_valid
from depotlib.gateway.versions.upkeep import authorities_reply
from depotlib.gateway.versions.version import Version
from depotlib.model.identity import TAG_LENGTH
from depotlib.units import wh_to_kwh

VERSION: Final = "1.6"
STATUSES: Final = frozenset(
    {"Available", "Charging", "Faulted", "Finishing", "Occupied", "Preparing", "Reserved",
     "SuspendedEV", "SuspendedEVSE", "Unavailable"}
)  # fmt: skip
"""Of a connector; ``Occupied`` is of OCPP 1.5, and still said."""
FIRMWARE: Final = frozenset(
    {"Downloaded", "DownloadFailed", "Downloading", "Idle", "InstallationFailed", "Installing",
     "Installed"}
)  # fmt: skip
NOTICES: Final[dict[str, frozenset[str]]] = {
    "DiagnosticsStatusNotification": frozenset({"Idle", "Uploaded", "UploadFailed", "Uploading"}),
    "FirmwareStatusNotification": FIRMWARE,
    "LogStatusNotification": frozenset(
        {"BadMessage", "Idle", "NotSupportedOperation", "PermissionDenied", "Uploaded",
         "UploadFailure", "Uploading"}
    ),
    "SignedFirmwareStatusNotification": FIRMWARE | {
        "DownloadPaused", "DownloadScheduled", "InstallRebooting", "InstallScheduled",
        "InstallVerificationFailed", "InvalidSignature", "SignatureVerified",
    },
}  # fmt: skip
"""Calls that tell how far a firmware or a log has come, with their words."""
PLAIN_ANSWERS: Final[dict[str, Payload]] = {
    "DataTransfer": {"status": "UnknownVendorId"},
    **{action: {} for action in NOTICES},
    "StatusNotification": {},
    "MeterValues": {},
    "StopTransaction": {},
    "SecurityEventNotification": {},
}
OURS: Final = frozenset(
    {"CancelReservation", "CertificateSigned", "ChangeAvailability", "ChangeConfiguration",
     "ClearCache", "ClearChargingProfile", "DeleteCertificate", "ExtendedTriggerMessage",
     "GetCompositeSchedule", "GetConfiguration", "GetDiagnostics", "GetInstalledCertificateIds",
     "GetLocalListVersion", "GetLog", "InstallCertificate", "RemoteStartTransaction",
     "RemoteStopTransaction", "ReserveNow", "Reset", "SendLocalList", "SetChargingProfile",
     "SignedUpdateFirmware", "TriggerMessage", "UnlockConnector", "UpdateFirmware"}
)  # fmt: skip
"""Calls that only a central system makes: known, but not from a station."""
DECIMAL_SCHEMAS: Final = frozenset({"RemoteStartTransaction", "SetChargingProfile"})
TAKEN: Final = frozenset(
    {"Accepted", "AcceptedCanceled", "RebootRequired", "Scheduled", "Unlocked"}
)
"""Each of them is of one action only, so that they need not be told apart by it."""
TELLINGS_EXTENDED: Final = {
    "LogStatusNotification": "LogStatusNotification",
    "SignCertificate": "SignChargePointCertificate",
}
"""What only the security extension can ask for."""


def read_call(frame: Frame, now: datetime) -> Event:
    """Return what a station's call says.

    Raises
    ------
    FrameError
        ``NotImplemented`` for an unknown action, ``NotSupported`` for one that is ours to make,
        a constraint violation for a field that is missing or of the wrong type.
    """
    reader = _READERS.get(frame.action) or ASSURANCE_READERS.get(frame.action)
    if reader is not None:
        return reader(frame, now)
    raise refusal(frame, OURS)


def write_call(command: Call) -> tuple[str, Payload]:
    """Return action and payload of one of our calls, checked against its schema."""
    action, payload = _call_parts(command)
    require_valid(CALL, action, payload=payload, version=VERSION)
    return action, payload


def write_answer(answer: Answer) -> Payload:
    """Return the payload of an answer, checked against its schema."""
    action, payload = _answer_parts(answer)
    require_valid(CALL_RESULT, action, payload=payload, version=VERSION)
    return payload


def read_reply(command: Call, payload: Payload) -> Replied:
    """Return what a station's result means: only a plain acceptance counts as one."""
    status = word_or_empty(payload, "status")
    match command:
        case ReadConfiguration():
            keys = objects(payload.get("configurationKey"))
            facts = {word_or_empty(key, "key"): word_or_empty(key, "value") for key in keys}
            return Replied(command.reference, "accepted", note=f"{len(facts)} keys", facts=facts)
        case ReadComposite():
            return _composite_reply(command, payload, status=status)
        case ReadTokensVersion():
            version = word_or_empty(payload, "listVersion")
            outcome = "accepted" if version else "rejected"
            return Replied(command.reference, outcome, facts={"listVersion": version})
        case ReadAuthorities():
            return authorities_reply(command, payload)
        case UpdateFirmware() | ReadLog() if "status" not in payload:
            # Without a signature the answer is empty, or a file's name: that it came is all it says.
            name = word_or_empty(payload, "fileName")
            return Replied(command.reference, "accepted", note=name, facts={"fileName": name})
        case _:
            outcome = "accepted" if status in TAKEN else "rejected"
            return Replied(command.reference, outcome, note=status or "no status")


def profile_payload(profile: ChargingProfile) -> Payload:
    """Return a SetChargingProfile request, exactly as it is sent."""
    return {"connectorId": profile.connector, "csChargingProfiles": profile_fields(profile)}


# --- reading ------------------------------------------------------------------------------


def _read_boot(frame: Frame, _now: datetime) -> Event:
    fields = frame.payload
    return Booted(
        call_id=frame.unique_id,
        vendor=word(fields, "chargePointVendor", call_id=frame.unique_id),
        model=word(fields, "chargePointModel", call_id=frame.unique_id),
        serial=word_or_empty(fields, "chargePointSerialNumber"),
        firmware=word_or_empty(fields, "firmwareVersion"),
    )


def _read_status(frame: Frame, _now: datetime) -> Event:
    place(frame.payload, "connectorId", call_id=frame.unique_id)
    choice(frame.payload, "status", call_id=frame.unique_id, words=STATUSES)
    return read_status(frame, place="connectorId", status="status")


def _read_notice(frame: Frame, _now: datetime) -> Event:
    words = NOTICES[frame.action]
    status = choice(frame.payload, "status", call_id=frame.unique_id, words=words)
    return NoticeGiven(frame.unique_id, frame.action, status)


def _read_vendor_data(frame: Frame, _now: datetime) -> Event:
    word(frame.payload, "vendorId", call_id=frame.unique_id)
    return NoticeGiven(frame.unique_id, frame.action)


def _read_authorize(frame: Frame, _now: datetime) -> Event:
    return TokenOffered(frame.unique_id, word(frame.payload, "idTag", call_id=frame.unique_id))


def _read_start(frame: Frame, now: datetime) -> Event:
    fields = frame.payload
    return TransactionStarted(
        call_id=frame.unique_id,
        connector=place(fields, "connectorId", call_id=frame.unique_id),
        # A start without a tag has been seen: it is a session of somebody unknown.
        token=word_or_empty(fields, "idTag"),
        meter_start_kwh=_register_kwh(fields.get("meterStart")),
        at=instant_or_none(fields.get("timestamp")) or now,
    )


def _read_meter(frame: Frame, now: datetime) -> Event:
    fields = frame.payload
    transaction = number_or_none(fields.get("transactionId"))
    if transaction is None or fields.get("connectorId") is not None:
        connector = place(fields, "connectorId", call_id=frame.unique_id)
    else:
        connector = 0  # left out, and known by its transaction all the same
    if not isinstance(required(fields, "meterValue", call_id=frame.unique_id), list):
        raise FrameError(
            "meterValue is no list", code="TypeConstraintViolation", call_id=frame.unique_id
        )
    return MeterReported(
        call_id=frame.unique_id,
        connector=connector,
        transaction_id=None if transaction is None else int(transaction),
        samples=samples_of(fields.get("meterValue"), now=now),
    )


def _read_stop(frame: Frame, now: datetime) -> Event:
    fields = frame.payload
    return TransactionEnded(
        call_id=frame.unique_id,
        transaction_id=whole(fields, "transactionId", call_id=frame.unique_id),
        meter_stop_kwh=_register_kwh(fields.get("meterStop")),
        at=instant_or_none(fields.get("timestamp")) or now,
        reason=word_or_empty(fields, "reason") or "Local",
    )


def _register_kwh(told: object) -> float | None:
    register = number_or_none(told)
    return None if register is None else wh_to_kwh(register)


_READERS: Final[dict[str, Callable[[Frame, datetime], Event]]] = {
    **dict.fromkeys(NOTICES, _read_notice),
    "Authorize": _read_authorize,
    "BootNotification": _read_boot,
    "DataTransfer": _read_vendor_data,
    "Heartbeat": read_heartbeat,
    "MeterValues": _read_meter,
    "StartTransaction": _read_start,
    "StatusNotification": _read_status,
    "StopTransaction": _read_stop,
}


def _composite_reply(command: ReadComposite, payload: Payload, *, status: str) -> Replied:
    schedule = fields_of(payload.get("chargingSchedule"))
    periods = periods_of(schedule)
    is_told = status == "Accepted" and bool(periods)
    return Replied(
        command.reference,
        "accepted" if is_told else "rejected",
        note=status if periods or status != "Accepted" else "Accepted without a schedule",
        periods=periods if is_told else (),
        unit=word_or_empty(schedule, "chargingRateUnit") or command.unit,
        periods_from=instant_or_none(payload.get("scheduleStart"))
        or instant_or_none(schedule.get("startSchedule")),
    )


# --- writing ------------------------------------------------------------------------------


def _call_parts(command: Call) -> tuple[str, Payload]:
    match command:
        case InstallProfile(profile=profile):
            return "SetChargingProfile", profile_payload(profile)
        case ReadComposite():
            return "GetCompositeSchedule", {
                "connectorId": command.connector,
                "duration": command.duration_s,
                "chargingRateUnit": command.unit,
            }
        case ReadConfiguration(keys=keys):
            return "GetConfiguration", {"key": list(keys)}
        case ChangeConfiguration():
            return "ChangeConfiguration", {"key": command.key, "value": command.value}
        case AskFor(message=message, connector=connector):
            place: Payload = {"connectorId": connector} if connector else {}
            action = "ExtendedTriggerMessage" if message in TELLINGS_EXTENDED else "TriggerMessage"
            wanted = TELLINGS_EXTENDED.get(message, message)
            return action, {"requestedMessage": wanted, **place}
        case _:
            return service_parts(command)


def _answer_parts(answer: Answer) -> tuple[str, Payload]:
    match answer:
        case AnswerBoot():
            return "BootNotification", boot_answer(answer)
        case AnswerHeartbeat(at=at):
            return "Heartbeat", {"currentTime": time_text(at)}
        case AnswerToken():
            return "Authorize", {"idTagInfo": _tag_status(answer)}
        case AnswerStart():
            return "StartTransaction", {
                "transactionId": answer.transaction_id,
                "idTagInfo": _tag_status(answer),
            }
        case AnswerEmpty(action=action):
            return action, dict(PLAIN_ANSWERS.get(action, {}))
        case AnswerStatus(action=action, status=status):
            return action, {"status": status}
        case AnswerTransaction():
            raise AssertionError("1.6 has no TransactionEvent to answer")


def _tag_status(answer: AnswerToken | AnswerStart) -> Payload:
    status = "Accepted" if answer.is_accepted else answer.refusal.capitalize()
    parent: Payload = {"parentIdTag": answer.parent[:TAG_LENGTH]} if answer.parent else {}
    return {"status": status, **parent}


OCPP16: Final = Version(
    name=VERSION,
    subprotocol="ocpp1.6",
    read_call=read_call,
    write_call=write_call,
    write_answer=write_answer,
    read_reply=read_reply,
)
