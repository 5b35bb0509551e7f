"""OCPP 2.0.1: frames to neutral words and back; what it shares with 2.1 is told apart by tables."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from depotlib.gateway.assurance import ChangePassword
from depotlib.gateway.calls import ReadTokensVersion, ReadTransaction, Unlock
from depotlib.gateway.guard import CALL, CALL_RESULT, Frame, Payload
from depotlib.gateway.messages import (
    Answer,
    Call,
    ChangeConfiguration,
    Event,
    ReadComposite,
    ReadConfiguration,
    Replied,
)
from depotlib.gateway.upkeep import ReadAuthorities
from depotlib.gateway.versions.alike import periods_of
from depotlib.gateway.versions.fields import (
    fields_of,
    instant_or_none,
    objects,
    word_or_empty,
)
from depotlib.gateway.versions.read201 import read_station_call
from depotlib.gateway.versions.rules import require_valid
from depotlib.gateway.versions.upkeep import authorities_reply
from depotlib.gateway.versions.version import Version
from depotlib.gateway.versions.write201 import answer_parts, call_parts, variable_name

NOTICES: Final[dict[str, Payload]] = {
    "ClearedChargingLimit": {},
    "DataTransfer": {"status": "UnknownVendorId"},
    "FirmwareStatusNotification": {},
    # No contract certificates and no revocation service here: said so, as the schema wants it.
    "Get15118EVCertificate": {"status": "Failed", "exiResponse": ""},
    "GetCertificateStatus": {"status": "Failed"},
    "LogStatusNotification": {},
    "NotifyChargingLimit": {},
    "NotifyCustomerInformation": {},
    "NotifyDisplayMessages": {},
    "NotifyEvent": {},
    "NotifyMonitoringReport": {},
    "NotifyReport": {},
    "PublishFirmwareStatusNotification": {},
    "ReservationStatusUpdate": {},
}
"""Calls that change nothing here, with what they are answered."""
OURS: Final = frozenset(
    {"CancelReservation", "CertificateSigned", "ChangeAvailability", "ClearCache",
     "ClearChargingProfile", "ClearDisplayMessage", "ClearVariableMonitoring", "CostUpdated",
     "CustomerInformation", "DeleteCertificate", "GetBaseReport", "GetChargingProfiles",
     "GetCompositeSchedule", "GetDisplayMessages", "GetInstalledCertificateIds",
     "GetLocalListVersion", "GetLog", "GetMonitoringReport", "GetReport", "GetTransactionStatus",
     "GetVariables", "InstallCertificate", "PublishFirmware", "RequestStartTransaction",
     "RequestStopTransaction", "ReserveNow", "Reset", "SendLocalList", "SetChargingProfile",
     "SetDisplayMessage", "SetMonitoringBase", "SetMonitoringLevel", "SetNetworkProfile",
     "SetVariableMonitoring", "SetVariables", "TriggerMessage", "UnlockConnector",
     "UnpublishFirmware", "UpdateFirmware"}
)  # fmt: skip
"""Calls that only a central system makes: known, but not from a station."""
TAKEN: Final = frozenset({"Accepted", "AcceptedCanceled", "RebootRequired", "Scheduled"})
ERROR_CODES: Final = {
    "OccurenceConstraintViolation": "OccurrenceConstraintViolation",
    "FormationViolation": "FormatViolation",
}
"""Two codes that 1.6 spells or names otherwise."""


def station_reader(
    version: str, notices: dict[str, Payload], *, ours: frozenset[str]
) -> Callable[[Frame, datetime], Event]:
    """Return what reads the calls of a version's stations."""

    def read_call(frame: Frame, now: datetime) -> Event:
        return read_station_call(frame, now, version=version, notices=notices, ours=ours)

    return read_call


def call_writer(
    version: str, parts: Callable[[Call], tuple[str, Payload]]
) -> Callable[[Call], tuple[str, Payload]]:
    """Return what writes our calls in a version, checked against its schemas."""

    def write_call(command: Call) -> tuple[str, Payload]:
        action, payload = parts(command)
        require_valid(CALL, action, payload=payload, version=version)
        return action, payload

    return write_call


def answer_writer(version: str, notices: Mapping[str, Payload]) -> Callable[[Answer], Payload]:
    """Return what writes our answers in a version, checked against its schemas."""

    def write_answer(answer: Answer) -> Payload:
        action, payload = answer_parts(answer, notices)
        require_valid(CALL_RESULT, action, payload=payload, version=version)
        return payload

    return write_answer


def read_reply(command: Call, payload: Payload) -> Replied:
    """Return what a station's result means: only a plain acceptance counts as one."""
    match command:
        case ReadConfiguration():
            return _variables_reply(command, payload)
        case ChangeConfiguration() | ChangePassword():
            results = objects(payload.get("setVariableResult"))
            status = word_or_empty(results[0], "attributeStatus") if results else ""
        case ReadComposite():
            return _composite_reply(command, payload)
        case Unlock():
            unlocked = word_or_empty(payload, "status")
            status = "Accepted" if unlocked == "Unlocked" else unlocked
        case ReadAuthorities():
            return authorities_reply(command, payload)
        case ReadTransaction():
            return _transaction_reply(command, payload)
        case ReadTokensVersion():
            version = word_or_empty(payload, "versionNumber")
            return Replied(command.reference, "accepted", facts={"listVersion": version})
        case _:
            status = word_or_empty(payload, "status")
    outcome = "accepted" if status in TAKEN else "rejected"
    why = word_or_empty(fields_of(payload.get("statusInfo")), "reasonCode")
    note = f"{status or 'no status'} {why}".strip()
    return Replied(command.reference, outcome, note=note)


def _transaction_reply(command: ReadTransaction, payload: Payload) -> Replied:
    """Return whether a transaction runs; without its name a station tells of none (E14.FR.06)."""
    words = {"ongoingIndicator": "is running", "messagesInQueue": "more to be told"}
    facts = {
        words[name]: "yes" if told else "no"
        for name in words
        if isinstance(told := payload.get(name), bool)
    }
    is_told = words["messagesInQueue"] in facts
    return Replied(command.reference, "accepted" if is_told else "rejected", facts=facts)


def _variables_reply(command: ReadConfiguration, payload: Payload) -> Replied:
    results = objects(payload.get("getVariableResult"))
    facts = {
        variable_name(fields_of(one.get("variable")), fields_of(one.get("component"))):
            word_or_empty(one, "attributeValue")
        for one in results
        if word_or_empty(one, "attributeStatus") == "Accepted"
    }  # fmt: skip
    outcome = "accepted" if facts else "rejected"
    return Replied(command.reference, outcome, note=f"{len(facts)} variables", facts=facts)


def _composite_reply(command: ReadComposite, payload: Payload) -> Replied:
    status = word_or_empty(payload, "status")
    schedule = fields_of(payload.get("schedule"))
    periods = periods_of(schedule)
    is_told = status == "Accepted" and bool(periods)
    return Replied(
        command.reference,
        "accepted" if is_told else "rejected",
        note=status if periods or status != "Accepted" else "Accepted without a schedule",
        periods=periods if is_told else (),
        unit=word_or_empty(schedule, "chargingRateUnit") or command.unit,
        periods_from=instant_or_none(schedule.get("scheduleStart")),
    )


OCPP201: Final = Version(
    name="2.0.1",
    subprotocol="ocpp2.0.1",
    read_call=station_reader("2.0.1", NOTICES, ours=OURS),
    write_call=call_writer("2.0.1", call_parts),
    write_answer=answer_writer("2.0.1", NOTICES),
    read_reply=read_reply,
    error_codes=ERROR_CODES,
)
