"""Our calls of OCPP 1.6 beyond limits and configuration: sessions, availability, tokens."""

from depotlib.gateway.assurance import AssuranceCall, ChangePassword, SendCertificate
from depotlib.gateway.calls import (
    CancelReservation,
    ClearProfiles,
    ReadInventory,
    ReadProfiles,
    ReadTokensVersion,
    ReadTransaction,
    Reserve,
    Restart,
    SendTokens,
    SetAvailability,
    StartRemotely,
    StopRemotely,
    Unlock,
)
from depotlib.gateway.guard import Payload
from depotlib.gateway.profiles import ChargingProfile
from depotlib.gateway.upkeep import UpkeepCall
from depotlib.gateway.versions.alike import schedule_payload, time_text, validity
from depotlib.gateway.versions.assurance import assurance_parts_16
from depotlib.gateway.versions.upkeep import upkeep_parts_16
from depotlib.gateway.versions.version import PURPOSES_16

ServiceCall = (
    AssuranceCall
    | UpkeepCall
    | CancelReservation
    | ClearProfiles
    | ReadInventory
    | ReadTransaction
    | ReadProfiles
    | ReadTokensVersion
    | Reserve
    | Restart
    | SendTokens
    | SetAvailability
    | StartRemotely
    | StopRemotely
    | Unlock
)


def service_parts(command: ServiceCall) -> tuple[str, Payload]:
    """Return action and payload of a call."""
    match command:
        case (
            ClearProfiles()
            | SendTokens()
            | ReadTokensVersion()
            | ReadProfiles()
            | ReadInventory()
            | ReadTransaction()
        ):
            return _holding_parts(command)
        case SendCertificate() | ChangePassword():
            return assurance_parts_16(command)
        case Reserve() | CancelReservation():
            return _reservation_parts(command)
        case StartRemotely() | StopRemotely() | Restart() | SetAvailability() | Unlock():
            return _session_parts(command)
        case _:
            return upkeep_parts_16(command)


def profile_fields(profile: ChargingProfile) -> Payload:
    """Return a charging profile as 1.6 writes it."""
    fields: Payload = {
        "chargingProfileId": profile.profile_id,
        "stackLevel": profile.stack_level,
        "chargingProfilePurpose": PURPOSES_16[profile.purpose],
        "chargingProfileKind": "Absolute",
        **validity(profile),
        "chargingSchedule": schedule_payload(profile),
    }
    if profile.transaction_id is not None:
        fields["transactionId"] = profile.transaction_id
    return fields


def clear_payload(command: ClearProfiles) -> Payload:
    """Return a ClearChargingProfile request: an id makes every other field ignored."""
    if command.profile_id is not None:
        return {"id": command.profile_id}
    purpose = None if command.purpose is None else PURPOSES_16[command.purpose]
    fields: Payload = {
        "connectorId": command.connector,
        "chargingProfilePurpose": purpose,
        "stackLevel": command.stack_level,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _holding_parts(
    command: ClearProfiles
    | SendTokens
    | ReadTokensVersion
    | ReadProfiles
    | ReadInventory
    | ReadTransaction,
) -> tuple[str, Payload]:
    match command:
        case ClearProfiles():
            return "ClearChargingProfile", clear_payload(command)
        case SendTokens():
            return "SendLocalList", _tokens_payload(command)
        case ReadTokensVersion():
            return "GetLocalListVersion", {}
        case ReadProfiles() | ReadInventory() | ReadTransaction():
            raise AssertionError("1.6 has no way to ask what a station holds: nobody does")


def _reservation_parts(command: Reserve | CancelReservation) -> tuple[str, Payload]:
    if isinstance(command, CancelReservation):
        return "CancelReservation", {"reservationId": command.reservation_id}
    return "ReserveNow", {
        "connectorId": command.connector,
        "expiryDate": time_text(command.until),
        "idTag": command.token,
        "reservationId": command.reservation_id,
    }


def _session_parts(
    command: Restart | SetAvailability | StartRemotely | StopRemotely | Unlock,
) -> tuple[str, Payload]:
    match command:
        case StartRemotely():
            return "RemoteStartTransaction", _start_payload(command)
        case StopRemotely():
            return "RemoteStopTransaction", {"transactionId": command.transaction_id}
        case Restart():
            return "Reset", {"type": "Hard" if command.is_hard else "Soft"}
        case SetAvailability():
            return "ChangeAvailability", {
                "connectorId": command.connector,
                "type": "Operative" if command.is_operative else "Inoperative",
            }
        case Unlock():
            return "UnlockConnector", {"connectorId": command.connector}


def _start_payload(command: StartRemotely) -> Payload:
    payload: Payload = {"connectorId": command.connector, "idTag": command.token}
    if command.profile is not None:
        payload["chargingProfile"] = profile_fields(command.profile)
    return payload


def _tokens_payload(command: SendTokens) -> Payload:
    kept: list[Payload] = [
        {"idTag": token, "idTagInfo": {"status": "Accepted"}} for token in command.tokens
    ]
    # A tag without its info is taken out of the list (OCPP 1.6 section 7.4).
    gone: list[Payload] = [{"idTag": token} for token in command.removed]
    return {
        "listVersion": command.list_version,
        "updateType": "Full" if command.is_whole else "Differential",
        "localAuthorizationList": [*kept, *gone],
    }
