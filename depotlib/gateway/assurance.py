"""What a station and the gateway tell each other about certificates, passwords and security."""

from dataclasses import dataclass, field
from datetime import datetime

from depotlib.gateway.ranks import RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class CertificateAsked:
    """SignCertificate: a station has made a key and asks for its certificate.

    Parameters
    ----------
    call_id : str
    request : str
        PKCS #10, PEM.
    kind : str
        In the station's word; empty: for its connection to us.
    """

    call_id: str
    request: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class SecurityTold:
    """SecurityEventNotification.

    Parameters
    ----------
    call_id : str
    what : str
        Type of the event, in the station's word.
    at : datetime or None
    detail : str
    """

    call_id: str
    what: str
    at: datetime | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SendCertificate:
    """CertificateSigned: the chain that was asked for."""

    reference: str
    chain: str
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """A new password for its connection; never shown, logged or journalled."""

    reference: str
    password: str = field(repr=False)
    rank: int = RANK_CONFIGURE


AssuranceTold = CertificateAsked | SecurityTold
AssuranceCall = SendCertificate | ChangePassword
