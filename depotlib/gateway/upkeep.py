"""Our calls that keep a station in repair: firmware, logs, its cache, whom it trusts and calls."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from depotlib.gateway.ranks import RANK_CONFIGURE

LogKind = Literal["diagnostics", "security"]
Authority = Literal["central_system", "manufacturer"]
"""Whom a root certificate speaks for: us, or who signs the station's firmware."""


Interface = Literal[
    "Wired0", "Wired1", "Wired2", "Wired3", "Wireless0", "Wireless1", "Wireless2", "Wireless3"
]


@dataclass(frozen=True, slots=True)
class UpdateFirmware:
    """UpdateFirmware; with a signature SignedUpdateFirmware.

    Parameters
    ----------
    reference : str
    request_id : int
    location : str
        Where the station fetches it.
    retrieve_at : datetime
        Not before.
    install_at : datetime or None
        Not before; None: at once.
    certificate, signature : str
        Of whoever signed it; both empty: unsigned.
    retry_count : int
    rank : int
    """

    reference: str
    request_id: int
    location: str
    retrieve_at: datetime
    install_at: datetime | None = None
    certificate: str = ""
    signature: str = ""
    retry_count: int = 1
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class ReadLog:
    """GetDiagnostics, GetLog: the station puts its log somewhere.

    Parameters
    ----------
    reference : str
    request_id : int
    kind : {'diagnostics', 'security'}
    location : str
        Where it puts it.
    since, until : datetime or None
        Half-open; None is open.
    retry_count : int
    rank : int
    """

    reference: str
    request_id: int
    kind: LogKind
    location: str
    since: datetime | None = None
    until: datetime | None = None
    retry_count: int = 1
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class ForgetTokens:
    """ClearCache: tokens it has learned; those of the list it was sent stay."""

    reference: str
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class InstallAuthority:
    """InstallCertificate: a root certificate (PEM) that it shall trust."""

    reference: str
    authority: Authority
    certificate: str
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class ReadAuthorities:
    """GetInstalledCertificateIds: which root certificates it trusts."""

    reference: str
    authority: Authority
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class CertificateDigest:
    """How OCPP names a certificate.

    Parameters
    ----------
    algorithm : {'SHA256', 'SHA384', 'SHA512'}
    issuer_name, issuer_key : str
        Digests, hexadecimal.
    serial : str
        Hexadecimal.
    """

    algorithm: Literal["SHA256", "SHA384", "SHA512"]
    issuer_name: str
    issuer_key: str
    serial: str


@dataclass(frozen=True, slots=True)
class DeleteAuthority:
    """DeleteCertificate: a root certificate that it shall no longer trust."""

    reference: str
    digest: CertificateDigest
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class SetNetwork:
    """SetNetworkProfile (2.x): a place that the station may call, by the slot it is kept in.

    Parameters
    ----------
    reference : str
    slot : int
    url : str
        Of the central system, without the station's identity.
    security_profile : {1, 2, 3}
    interface : Interface
    timeout_s : int
        How long the station waits for an answer there.
    rank : int
    """

    reference: str
    slot: int
    url: str
    security_profile: int
    interface: Interface
    timeout_s: int
    rank: int = RANK_CONFIGURE


UpkeepCall = (
    UpdateFirmware
    | ReadLog
    | ForgetTokens
    | InstallAuthority
    | ReadAuthorities
    | DeleteAuthority
    | SetNetwork
)
