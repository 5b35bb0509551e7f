"""Writing OCPP 2.x: our answers and calls, exactly as they are sent, before the schema looks."""

from collections.abc import Mapping
from typing import Final

from depotlib.gateway.assurance import ChangePassword, SendCertificate
from depotlib.gateway.calls import (
    CancelReservation,
    ClearProfiles,
    ReadInventory,
    ReadProfiles,
    ReadTokensVersion,
    ReadTransaction,
    Report,
    Reserve,
    Restart,
    SendTokens,
    SetAvailability,
    StartRemotely,
    StopRemotely,
    Unlock,
)
from depotlib.gateway.guard import Payload
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
    Call,
    ChangeConfiguration,
    InstallProfile,
    ReadComposite,
    ReadConfiguration,
)
from depotlib.gateway.profiles import ChargingProfile
from depotlib.gateway.versions.alike import boot_answer, schedule_payload, time_text, validity
from depotlib.gateway.versions.assurance import assurance_parts_2x
from depotlib.gateway.versions.calls16 import ServiceCall
from depotlib.gateway.versions.upkeep import upkeep_parts_2x

PURPOSES: Final = {
    "station_maximum": "ChargingStationMaxProfile",
    "default": "TxDefaultProfile",
    "transaction": "TxProfile",
}
VARIABLES: Final = {
    "ChargeProfileMaxStackLevel": ("SmartChargingCtrlr", "ProfileStackLevel"),
    "ChargingScheduleAllowedChargingRateUnit": ("SmartChargingCtrlr", "RateUnit"),
    "ChargingScheduleMaxPeriods": ("SmartChargingCtrlr", "PeriodsPerSchedule"),
    "MaxChargingProfilesInstalled": ("SmartChargingCtrlr", "Entries"),
    "MeterValueSampleInterval": ("SampledDataCtrlr", "TxUpdatedInterval"),
    "TxUpdatedMeasurands": ("SampledDataCtrlr", "TxUpdatedMeasurands"),
    "RetryBackOffWaitMinimum": ("OCPPCommCtrlr", "RetryBackOffWaitMinimum"),
    "RetryBackOffRandomRange": ("OCPPCommCtrlr", "RetryBackOffRandomRange"),
    "RetryBackOffRepeatTimes": ("OCPPCommCtrlr", "RetryBackOffRepeatTimes"),
}
"""Components and variables, by the key that 1.6 (or we, where 1.6 has none) call them."""
INSTANCES: Final = {"Entries": "ChargingProfiles"}
TRIGGERS: Final = {
    "MeterValues": "TransactionEvent",
    "DiagnosticsStatusNotification": "LogStatusNotification",
    "SignCertificate": "SignChargingStationCertificate",
}
"""A TransactionEvent tells the meter and the transaction it belongs to; MeterValues does not."""
REPORTS: Final[dict[Report, str]] = {
    "configuration": "ConfigurationInventory",
    "full": "FullInventory",
    "summary": "SummaryInventory",
}
NO_CERTIFICATE: Final = "NoCertificateAvailable"
UNKNOWN_CONNECTOR: Final = 1
"""Of an EVSE: every EVSE of ours has one."""


def profile_payload(profile: ChargingProfile) -> Payload:
    """Return a SetChargingProfile request: always absolute, one schedule, one layer a level."""
    body: Payload = {
        "id": profile.profile_id,
        "stackLevel": profile.stack_level,
        "chargingProfilePurpose": PURPOSES[profile.purpose],
        "chargingProfileKind": "Absolute",
        **validity(profile),
        "chargingSchedule": [{"id": profile.profile_id, **schedule_payload(profile)}],
    }
    if profile.transaction_id is not None:
        body["transactionId"] = profile.transaction_name or str(profile.transaction_id)
    return {"evseId": profile.connector, "chargingProfile": body}


def variable_name(fields: Mapping[str, object], component: Mapping[str, object]) -> str:
    """Return the key of a variable, or its own name where there is none for it."""
    pair = (str(component.get("name")), str(fields.get("name")))
    return next((key for key, one in VARIABLES.items() if one == pair), pair[1])


def call_parts(command: Call) -> tuple[str, Payload]:
    """Return action and payload of one of our calls."""
    match command:
        case InstallProfile(profile=profile):
            return "SetChargingProfile", profile_payload(profile)
        case ReadComposite():
            return "GetCompositeSchedule", {
                "evseId": command.connector,
                "duration": command.duration_s,
                "chargingRateUnit": command.unit,
            }
        case ReadConfiguration(keys=keys):
            return "GetVariables", {"getVariableData": [_variable(key) for key in keys]}
        case ChangeConfiguration():
            named = _variable(command.key)
            return "SetVariables", {"setVariableData": [{"attributeValue": command.value, **named}]}
        case AskFor():
            return "TriggerMessage", _trigger_payload(command)
        case _:
            return _service_parts(command)


def answer_parts(answer: Answer, notices: Mapping[str, Payload]) -> tuple[str, Payload]:
    """Return action and payload of an answer."""
    match answer:
        case AnswerBoot():
            return "BootNotification", boot_answer(answer)
        case AnswerHeartbeat(at=at):
            return "Heartbeat", {"currentTime": time_text(at)}
        case AnswerToken():
            # Nothing here can look through a contract certificate: said so, where one is shown.
            shown: Payload = {"certificateStatus": NO_CERTIFICATE} if answer.is_contract else {}
            return "Authorize", {"idTokenInfo": _token_status(answer), **shown}
        case AnswerTransaction(is_accepted=is_accepted):
            told: Payload = {} if is_accepted is None else {"idTokenInfo": _token_status(answer)}
            return "TransactionEvent", told
        case AnswerEmpty(action=action):
            return action, dict(notices.get(action, {}))
        case AnswerStatus(action=action, status=status):
            return action, {"status": status}
        case AnswerStart():
            raise AssertionError("2.x has no StartTransaction to answer")


def _service_parts(command: ServiceCall) -> tuple[str, Payload]:
    match command:
        case (
            ClearProfiles()
            | ReadProfiles()
            | ReadInventory()
            | ReadTokensVersion()
            | ReadTransaction()
        ):
            return _holding_parts(command)
        case SendTokens():
            return "SendLocalList", _tokens_payload(command)
        case SendCertificate() | ChangePassword():
            return assurance_parts_2x(command)
        case Reserve() | CancelReservation():
            return _reservation_parts(command)
        case StartRemotely() | StopRemotely() | Restart() | SetAvailability() | Unlock():
            return _session_parts(command)
        case _:
            return upkeep_parts_2x(command)


def _holding_parts(
    command: ClearProfiles | ReadProfiles | ReadInventory | ReadTokensVersion | ReadTransaction,
) -> tuple[str, Payload]:
    match command:
        case ClearProfiles():
            return "ClearChargingProfile", _clear_payload(command)
        case ReadProfiles():
            return "GetChargingProfiles", _read_profiles_payload(command)
        case ReadInventory():
            return "GetBaseReport", {
                "requestId": command.request_id,
                "reportBase": REPORTS[command.report],
            }
        case ReadTransaction(name=name):
            return "GetTransactionStatus", {"transactionId": name} if name else {}
        case ReadTokensVersion():
            return "GetLocalListVersion", {}


def _reservation_parts(command: Reserve | CancelReservation) -> tuple[str, Payload]:
    if isinstance(command, CancelReservation):
        return "CancelReservation", {"reservationId": command.reservation_id}
    place: Payload = {"evseId": command.connector} if command.connector else {}
    return "ReserveNow", {
        "id": command.reservation_id,
        "expiryDateTime": time_text(command.until),
        "idToken": _token(command.token),
        **place,
    }


def _session_parts(
    command: Restart | SetAvailability | StartRemotely | StopRemotely | Unlock,
) -> tuple[str, Payload]:
    match command:
        case StartRemotely():
            return "RequestStartTransaction", _start_payload(command)
        case StopRemotely():
            name = command.name or str(command.transaction_id)
            return "RequestStopTransaction", {"transactionId": name}
        case Restart():
            alone: Payload = {"evseId": command.connector} if command.connector else {}
            return "Reset", {"type": "Immediate" if command.is_hard else "OnIdle", **alone}
        case SetAvailability():
            word = "Operative" if command.is_operative else "Inoperative"
            return "ChangeAvailability", {"operationalStatus": word, **_evse(command)}
        case Unlock():
            return "UnlockConnector", {
                "evseId": command.connector,
                "connectorId": UNKNOWN_CONNECTOR,
            }


def _evse(command: SetAvailability) -> Payload:
    if not command.connector:
        return {}
    own: Payload = {"connectorId": UNKNOWN_CONNECTOR} if command.is_connector else {}
    return {"evse": {"id": command.connector, **own}}


def _start_payload(command: StartRemotely) -> Payload:
    payload: Payload = {
        "evseId": command.connector,
        "remoteStartId": command.request_id,
        "idToken": _token(command.token),
    }
    if command.profile is not None:
        payload["chargingProfile"] = profile_payload(command.profile)["chargingProfile"]
    return payload


def _tokens_payload(command: SendTokens) -> Payload:
    kept: list[Payload] = [
        {"idToken": _token(token), "idTokenInfo": {"status": "Accepted"}}
        for token in command.tokens
    ]
    # A token without its info is taken out of the list (D01.FR.16).
    gone: list[Payload] = [{"idToken": _token(token)} for token in command.removed]
    # An empty list is said by leaving it out (D01.FR.04).
    listed: Payload = {"localAuthorizationList": [*kept, *gone]} if kept or gone else {}
    return {
        "versionNumber": command.list_version,
        "updateType": "Full" if command.is_whole else "Differential",
        **listed,
    }


def _clear_payload(command: ClearProfiles) -> Payload:
    if command.profile_id is not None:
        return {"chargingProfileId": command.profile_id}
    fields: Payload = {
        "evseId": command.connector,
        "chargingProfilePurpose": command.purpose and PURPOSES[command.purpose],
        "stackLevel": command.stack_level,
    }
    criteria = {name: value for name, value in fields.items() if value is not None}
    return {"chargingProfileCriteria": criteria}


def _read_profiles_payload(command: ReadProfiles) -> Payload:
    place: Payload = {} if command.connector is None else {"evseId": command.connector}
    fields: Payload = {
        "chargingProfilePurpose": command.purpose and PURPOSES[command.purpose],
        "stackLevel": command.stack_level,
    }
    if command.profile_id is not None:
        fields = {"chargingProfileId": [command.profile_id]}
    wanted = {name: value for name, value in fields.items() if value is not None}
    # Ours are all that a central system may install (K01.FR.22), so its own source is enough.
    wanted = wanted or {"chargingLimitSource": ["CSO"]}
    return {"requestId": command.request_id, "chargingProfile": wanted, **place}


def _trigger_payload(command: AskFor) -> Payload:
    message = TRIGGERS.get(command.message, command.message)
    place: Payload = {}
    if command.connector:
        place["evse"] = {"id": command.connector}
    if command.connector and message == "StatusNotification":
        # A status belongs to a connector (F06.FR.12).
        place["evse"] = {"id": command.connector, "connectorId": UNKNOWN_CONNECTOR}
    return {"requestedMessage": message, **place}


def _variable(key: str) -> Payload:
    known = VARIABLES.get(key)
    if known is None:
        # A variable of any component can be named with it, as people write them.
        component, _, variable = key.rpartition(".")
        known = (component or "ChargingStation", variable)
    component, variable = known
    named: Payload = {"name": variable}
    if variable in INSTANCES:
        named["instance"] = INSTANCES[variable]
    return {"component": {"name": component}, "variable": named}


def _token(token: str) -> Payload:
    return {"idToken": token, "type": "Central"}


def _token_status(answer: AnswerToken | AnswerTransaction) -> Payload:
    status = "Accepted" if answer.is_accepted else answer.refusal.capitalize()
    parent = answer.parent if isinstance(answer, AnswerToken) else ""
    group: Payload = {"groupIdToken": _token(parent)} if parent else {}
    return {"status": status, **group}
