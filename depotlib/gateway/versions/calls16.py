"""Our calls of OCPP 1.6 beyond limits and configuration: sessions, availability, tokens."""

from depotlib.gateway.assurance import AssuranceCall, ChangePassword, SendCertificate
from depotlib.gateway.calls import (
    ClearProfiles,
    ReadInventory,
    ReadProfiles,
    ReadTokensVersion,
    Restart,
    SendTokens,
    SetAvailability,
    StartRemotely,
    StopRemotely,
    Unlock,
)
from depotlib.gateway.guard import Payload
from depotlib.gateway.versions.assurance import assurance_parts_16
from depotlib.gateway.versions.version import PURPOSES_16

ServiceCall = (
    AssuranceCall
    | ClearProfiles
    | ReadInventory
    | ReadProfiles
    | ReadTokensVersion
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
        case ClearProfiles():
            return "ClearChargingProfile", clear_payload(command)
        case SendTokens():
            return "SendLocalList", {
                "listVersion": command.list_version,
                "updateType": "Full",
                "localAuthorizationList": [
                    {"idTag": token, "idTagInfo": {"status": "Accepted"}}
                    for token in command.tokens
                ],
            }
        case ReadTokensVersion():
            return "GetLocalListVersion", {}
        case StartRemotely():
            return "RemoteStartTransaction", {
                "connectorId": command.connector,
                "idTag": command.token,
            }
        case StopRemotely():
            return "RemoteStopTransaction", {"transactionId": command.transaction_id}
        case _:
            return _plain_parts(command)


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


def _plain_parts(
    command: AssuranceCall | Restart | SetAvailability | Unlock | ReadProfiles | ReadInventory,
) -> tuple[str, Payload]:
    match command:
        case SendCertificate() | ChangePassword():
            return assurance_parts_16(command)
        case Restart():
            return "Reset", {"type": "Hard" if command.is_hard else "Soft"}
        case SetAvailability():
            return "ChangeAvailability", {
                "connectorId": command.connector,
                "type": "Operative" if command.is_operative else "Inoperative",
            }
        case Unlock():
            return "UnlockConnector", {"connectorId": command.connector}
        case ReadProfiles() | ReadInventory():
            raise AssertionError("1.6 has no way to ask for profiles or inventory: nobody does")
