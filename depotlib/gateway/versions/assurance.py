"""Certificates, passwords and security events: nearly the same words in OCPP 1.6 and 2.x."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from depotlib.gateway.assurance import (
    AssuranceCall,
    AssuranceTold,
    CertificateAsked,
    ChangePassword,
    SecurityTold,
    SendCertificate,
)
from depotlib.gateway.guard import Frame, Payload
from depotlib.gateway.versions.fields import instant_or_none, word, word_or_empty

CHARGING_STATION_CERTIFICATE: Final = "ChargingStationCertificate"
PASSWORD_KEY_16: Final = "AuthorizationKey"  # noqa: S105 - the name of a key, not a password
PASSWORD_VARIABLE: Final = {
    "component": {"name": "SecurityCtrlr"},
    "variable": {"name": "BasicAuthPassword"},
}


def assurance_parts_16(command: AssuranceCall) -> tuple[str, Payload]:
    """Return action and payload of a call of OCPP 1.6."""
    match command:
        case SendCertificate(chain=chain):
            return "CertificateSigned", {"certificateChain": chain}
        case ChangePassword(password=password):
            return "ChangeConfiguration", {"key": PASSWORD_KEY_16, "value": password}


def assurance_parts_2x(command: AssuranceCall) -> tuple[str, Payload]:
    """Return action and payload of a call of OCPP 2.x."""
    match command:
        case SendCertificate(chain=chain):
            kind = CHARGING_STATION_CERTIFICATE
            return "CertificateSigned", {"certificateChain": chain, "certificateType": kind}
        case ChangePassword(password=password):
            named = {"attributeValue": password, **PASSWORD_VARIABLE}
            return "SetVariables", {"setVariableData": [named]}


def _read_request(frame: Frame, _now: datetime) -> AssuranceTold:
    return CertificateAsked(
        call_id=frame.unique_id,
        request=word(frame.payload, "csr", call_id=frame.unique_id),
        kind=word_or_empty(frame.payload, "certificateType"),
    )


def _read_event(frame: Frame, _now: datetime) -> AssuranceTold:
    return SecurityTold(
        call_id=frame.unique_id,
        what=word(frame.payload, "type", call_id=frame.unique_id),
        at=instant_or_none(frame.payload.get("timestamp")),
        detail=word_or_empty(frame.payload, "techInfo"),
    )


ASSURANCE_READERS: Final[dict[str, Callable[[Frame, datetime], AssuranceTold]]] = {
    "SecurityEventNotification": _read_event,
    "SignCertificate": _read_request,
}
