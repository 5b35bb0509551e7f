"""Firmware, logs, caches and root certificates: nearly the same words in OCPP 1.6 and 2.x."""

from typing import Final

from depotlib.gateway.guard import Payload
from depotlib.gateway.messages import Replied
from depotlib.gateway.upkeep import (
    Authority,
    CertificateDigest,
    DeleteAuthority,
    ForgetTokens,
    InstallAuthority,
    LogKind,
    ReadAuthorities,
    ReadLog,
    SetNetwork,
    UpdateFirmware,
    UpkeepCall,
)
from depotlib.gateway.versions.alike import time_text
from depotlib.gateway.versions.fields import fields_of, objects, word_or_empty

LOGS: Final[dict[LogKind, str]] = {"diagnostics": "DiagnosticsLog", "security": "SecurityLog"}
USES_16: Final[dict[Authority, str]] = {
    "central_system": "CentralSystemRootCertificate",
    "manufacturer": "ManufacturerRootCertificate",
}
USES_2X: Final[dict[Authority, str]] = {
    "central_system": "CSMSRootCertificate",
    "manufacturer": "ManufacturerRootCertificate",
}


def upkeep_parts_16(command: UpkeepCall) -> tuple[str, Payload]:
    """Return action and payload of a call of OCPP 1.6; security logs are its security extension."""
    match command:
        case UpdateFirmware(signature="", certificate=""):
            return "UpdateFirmware", {
                "location": command.location,
                "retrieveDate": time_text(command.retrieve_at),
                "retries": command.retry_count,
            }
        case UpdateFirmware():
            return "SignedUpdateFirmware", _firmware_payload(command)
        case ReadLog(kind="diagnostics"):
            return "GetDiagnostics", {
                "location": command.location,
                "retries": command.retry_count,
                **_span(command, since="startTime", until="stopTime"),
            }
        case ReadLog():
            return "GetLog", _log_payload(command)
        case InstallAuthority() | ReadAuthorities():
            return _authority_parts(command, use=USES_16[command.authority])
        case SetNetwork():
            raise AssertionError("1.6 has no such call: nobody asks for it")
        case _:
            return _plain_parts(command)


def upkeep_parts_2x(command: UpkeepCall) -> tuple[str, Payload]:
    """Return action and payload of a call of OCPP 2.x."""
    match command:
        case UpdateFirmware():
            return "UpdateFirmware", _firmware_payload(command)
        case ReadLog():
            return "GetLog", _log_payload(command)
        case ReadAuthorities():
            uses = [USES_2X[command.authority]]
            return "GetInstalledCertificateIds", {"certificateType": uses}
        case InstallAuthority():
            return _authority_parts(command, use=USES_2X[command.authority])
        case SetNetwork():
            return "SetNetworkProfile", _network_payload(command)
        case _:
            return _plain_parts(command)


def digest_payload(digest: CertificateDigest) -> Payload:
    """Return how a certificate is named on the wire."""
    return {
        "hashAlgorithm": digest.algorithm,
        "issuerNameHash": digest.issuer_name,
        "issuerKeyHash": digest.issuer_key,
        "serialNumber": digest.serial,
    }


def authorities_reply(command: ReadAuthorities, payload: Payload) -> Replied:
    """Return which root certificates a station trusts, by serial number.

    2.x wraps each in a chain of which only the root counts here.
    """
    told = objects(payload.get("certificateHashData"))
    chains = objects(payload.get("certificateHashDataChain"))
    told += [fields_of(one.get("certificateHashData")) for one in chains]
    facts = {
        word_or_empty(one, "serialNumber"): " ".join(
            word_or_empty(one, name)
            for name in ("hashAlgorithm", "issuerNameHash", "issuerKeyHash")
        )
        for one in told
    }
    status = word_or_empty(payload, "status")
    outcome = "accepted" if status == "Accepted" else "rejected"
    return Replied(command.reference, outcome, note=status or "no status", facts=facts)


def _network_payload(command: SetNetwork) -> Payload:
    return {
        "configurationSlot": command.slot,
        "connectionData": {
            # There is no word for 2.0.1 of its own: the station speaks what it is offered there.
            "ocppVersion": "OCPP20",
            "ocppTransport": "JSON",
            "ocppCsmsUrl": command.url,
            "messageTimeout": command.timeout_s,
            "securityProfile": command.security_profile,
            "ocppInterface": command.interface,
        },
    }


def _plain_parts(command: ForgetTokens | DeleteAuthority) -> tuple[str, Payload]:
    match command:
        case ForgetTokens():
            return "ClearCache", {}
        case DeleteAuthority(digest=digest):
            return "DeleteCertificate", {"certificateHashData": digest_payload(digest)}


def _authority_parts(
    command: InstallAuthority | ReadAuthorities, *, use: str
) -> tuple[str, Payload]:
    match command:
        case InstallAuthority(certificate=certificate):
            return "InstallCertificate", {"certificateType": use, "certificate": certificate}
        case ReadAuthorities():
            return "GetInstalledCertificateIds", {"certificateType": use}


def _firmware_payload(command: UpdateFirmware) -> Payload:
    firmware: Payload = {
        "location": command.location,
        "retrieveDateTime": time_text(command.retrieve_at),
    }
    if command.install_at is not None:
        firmware["installDateTime"] = time_text(command.install_at)
    if command.certificate or command.signature:
        firmware["signingCertificate"] = command.certificate
        firmware["signature"] = command.signature
    return {
        "requestId": command.request_id,
        "retries": command.retry_count,
        "firmware": firmware,
    }


def _log_payload(command: ReadLog) -> Payload:
    span = _span(command, since="oldestTimestamp", until="latestTimestamp")
    return {
        "logType": LOGS[command.kind],
        "requestId": command.request_id,
        "retries": command.retry_count,
        "log": {"remoteLocation": command.location, **span},
    }


def _span(command: ReadLog, *, since: str, until: str) -> Payload:
    span: Payload = {}
    if command.since is not None:
        span[since] = time_text(command.since)
    if command.until is not None:
        span[until] = time_text(command.until)
    return span
