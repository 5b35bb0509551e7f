"""Errands that keep a station in repair: firmware, logs, authorities, and where it calls."""

from typing import Final, Literal, cast, get_args
from urllib.parse import urlsplit

from depotlib.gateway.errand import (
    Errand,
    choice_of,
    instant_of,
    refused,
    text_of,
    whole_of,
)
from depotlib.gateway.messages import Call
from depotlib.gateway.transactions import number_of
from depotlib.gateway.upkeep import (
    Authority,
    CertificateDigest,
    DeleteAuthority,
    Interface,
    LogKind,
    ReadLog,
    SetNetwork,
    UpdateFirmware,
)

ENCRYPTED_FROM: Final = 2
"""Security profiles from here on are spoken over TLS."""
MOST_URL: Final = 512
ANSWER_S: Final = 30


def update_call(errand: Errand) -> Call:
    """Return what makes a station fetch firmware, signed or not; `StationCallError` for half."""
    certificate = text_of(errand, "certificate", otherwise="")
    signature = text_of(errand, "signature", otherwise="")
    if bool(certificate) != bool(signature):
        hint = "give certificate and signature, or neither"
        raise refused(errand, "half of a signature", hint=hint)
    return UpdateFirmware(
        errand.reference,
        number_of(errand.reference),
        text_of(errand, "location"),
        instant_of(errand, "retrieve_at") or errand.now,
        install_at=instant_of(errand, "install_at"),
        certificate=certificate,
        signature=signature,
    )


def log_call(errand: Errand) -> Call:
    """Return what makes a station put its log somewhere."""
    return ReadLog(
        errand.reference,
        number_of(errand.reference),
        cast("LogKind", choice_of(errand, "kind", choices=get_args(LogKind))),
        text_of(errand, "location"),
        since=instant_of(errand, "since"),
        until=instant_of(errand, "until"),
    )


def authority_of(errand: Errand) -> Authority:
    """Return whom a root certificate speaks for."""
    return cast("Authority", choice_of(errand, "authority", choices=get_args(Authority)))


def delete_call(errand: Errand) -> Call:
    """Return what takes a root certificate out of a station."""
    algorithm = choice_of(errand, "algorithm", choices=("SHA256", "SHA384", "SHA512"))
    return DeleteAuthority(
        errand.reference,
        CertificateDigest(
            cast("Literal['SHA256', 'SHA384', 'SHA512']", algorithm),
            issuer_name=text_of(errand, "issuer_name"),
            issuer_key=text_of(errand, "issuer_key"),
            serial=text_of(errand, "serial"),
        ),
    )


def network_call(errand: Errand) -> Call:
    """Return what tells a station where and how it may call; it uses it when it is told to.

    Another central system keeps no limit of ours: the safe limit stays in the station all the same.

    Raises
    ------
    StationCallError
        If the address is none, or its encryption is not that of the security profile.
    """
    url = text_of(errand, "url")
    security_profile = whole_of(errand, "security_profile", least=1)
    told = _scheme(url)
    wanted = "wss" if security_profile >= ENCRYPTED_FROM else "ws"
    if told not in {"ws", "wss"} or len(url) > MOST_URL:
        raise refused(errand, "url is no address of a central system", hint="wss://HOST/PATH")
    if security_profile not in {1, 2, 3} or told != wanted:
        raise refused(
            errand,
            f"security profile {security_profile} and {told}:// do not go together",
            hint="1 goes with ws://, 2 and 3 with wss://",
        )
    named = errand.facts.get("interface") is not None
    interface = choice_of(errand, "interface", choices=get_args(Interface)) if named else "Wired0"
    return SetNetwork(
        errand.reference,
        whole_of(errand, "slot", least=0),
        url,
        security_profile=security_profile,
        interface=cast("Interface", interface),
        timeout_s=whole_of(errand, "timeout_s", least=1, otherwise=ANSWER_S),
    )


def _scheme(url: str) -> str:
    """Return what an address begins with; empty where it names no host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.scheme if parts.hostname else ""
