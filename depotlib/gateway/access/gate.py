"""The gate: whether a caller is the station it says it is, judged before anything is served.

Nothing here does I/O but the vault's own reading. What is taken from a station is fixed: its
security profile can rise, never fall, whatever the port it calls at.
"""

import base64
import binascii
import ipaddress
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from depotlib.errors import CredentialError
from depotlib.gateway.access.certificates import operator_name
from depotlib.gateway.access.failures import MOST_FAILURES, WINDOW_S, Failures
from depotlib.gateway.access.vault import Credential, Vault

NO_PROOF: Final = 0
PASSWORD: Final = 1
ENCRYPTED_PASSWORD: Final = 2
CERTIFICATE: Final = 3
MOST_NEWS: Final = 60
"""Refusals a minute that the journal hears of: a flood from many sources must not fill it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a client certificate names, after TLS has verified its chain and dates."""

    operator: str
    common_name: str
    serial_number: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who wants to connect.

    Parameters
    ----------
    station_id : str
        As the URL names it.
    source : str
        Its address.
    authorization : str
        The header; never shown.
    is_encrypted : bool
    subject : Subject or None
        Of its certificate.
    """

    station_id: str
    source: str
    authorization: str = ""
    is_encrypted: bool = False
    subject: Subject | None = None

    def __repr__(self) -> str:
        """Return who calls, without what it said to prove it."""
        return f"Caller({self.station_id!r} from {self.source!r})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a caller may come in.

    Parameters
    ----------
    status : HTTPStatus
        ``OK``: it may.
    reason : str
        For the journal; the caller is only told the status.
    profile : int
        Security profile it has shown.
    is_news : bool
        Whether the journal should hear of it: not of each try of a flood.
    """

    status: HTTPStatus
    reason: str = ""
    profile: int = NO_PROOF
    is_news: bool = True

    @property
    def is_admitted(self) -> bool:
        """Return whether it may come in."""
        return self.status is HTTPStatus.OK


class Gate:
    """The gate of one gateway.

    Parameters
    ----------
    vault : Vault
    is_open : bool
        Whether stations without any proof may call from elsewhere than this machine.
    monotonic_s : callable
        The clock that failures are counted by [s].
    """

    def __init__(self, vault: Vault, *, is_open: bool, monotonic_s: Callable[[], float]) -> None:
        self.vault = vault
        self.site_profile = NO_PROOF
        self._is_open = is_open
        self._monotonic_s = monotonic_s
        self._failures = Failures()
        self._told_s: deque[float] = deque(maxlen=MOST_NEWS)

    def judge(self, caller: Caller, *, stations: Collection[str]) -> Verdict:
        """Return whether a caller may come in as the station it says it is."""
        now_s = self._monotonic_s()
        is_known = caller.station_id in stations
        # Names that nobody has share one count: guessing names is one attack, not many.
        counted_as = caller.station_id if is_known else ""
        if self._failures.is_barred(caller.source, counted_as, now_s=now_s):
            return Verdict(HTTPStatus.TOO_MANY_REQUESTS, "too many failures", is_news=False)
        try:
            reason, profile = self._look_at(caller) if is_known else ("no such station", NO_PROOF)
        except CredentialError as error:
            reason, profile = error.what, NO_PROOF
        if not reason:
            return Verdict(HTTPStatus.OK, profile=profile)
        count = self._failures.note(caller.source, counted_as, now_s=now_s)
        return Verdict(
            HTTPStatus.UNAUTHORIZED if is_known else HTTPStatus.NOT_FOUND,
            f"{reason}; {MOST_FAILURES} times: barred for a minute"
            if count == MOST_FAILURES
            else reason,
            is_news=count in {1, MOST_FAILURES} and self._has_room_for_news(now_s),
        )

    def is_still_welcome(self, caller: Caller) -> bool:
        """Return whether a connection may stay after the vault or the site has changed.

        Its password is not looked at again: one that was replaced counts until it comes anew.
        """
        try:
            credential = self.vault.credentials().get(caller.station_id)
            if credential is None:
                return not self._without_credential(caller)[0]
            if _offered(caller) < max(self.site_profile, credential.profile):
                return False
            subject = caller.subject
            return subject is None or not self._against_certificate(subject, credential)
        except CredentialError:
            return True  # a damaged file lets nobody in, and throws nobody out

    def _has_room_for_news(self, now_s: float) -> bool:
        """Return whether the journal can bear one more refusal in this minute."""
        if len(self._told_s) == MOST_NEWS and self._told_s[0] > now_s - WINDOW_S:
            return False
        self._told_s.append(now_s)
        return True

    def _look_at(self, caller: Caller) -> tuple[str, int]:
        """Return why a caller is refused (or an empty text), and the profile it has shown."""
        credential = self.vault.credentials().get(caller.station_id)
        if credential is None:
            return self._without_credential(caller)
        floor = max(self.site_profile, credential.profile)
        offered = _offered(caller)
        if offered < floor:
            return f"security profile {offered} where {floor} is needed", NO_PROOF
        if caller.subject is not None:
            reason = self._against_certificate(caller.subject, credential)
            if reason:
                return reason, NO_PROOF
        if offered < CERTIFICATE:
            reason = self._against_password(caller, credential)
            if reason:
                return reason, NO_PROOF
        if offered > credential.profile:
            self.vault.raise_profile(caller.station_id, offered)
        return "", offered

    def _without_credential(self, caller: Caller) -> tuple[str, int]:
        if self.site_profile > NO_PROOF:
            return "no credential was ever made for it", NO_PROOF
        if self._is_open or is_loopback(caller.source):
            return "", NO_PROOF
        return "it has no credential, and is not on this machine", NO_PROOF

    def _against_certificate(self, subject: Subject, credential: Credential) -> str:
        operator = operator_name(self.vault)
        if not operator or subject.operator != operator:
            return "its certificate names another operator"
        if subject.common_name != credential.serial:
            return "its certificate is another station's"
        if not self.vault.is_current(subject.serial_number):
            return "its certificate was revoked"
        return ""

    def _against_password(self, caller: Caller, credential: Credential) -> str:
        if not caller.authorization:
            return "it gave no password"
        password = _password_of(caller)
        if password is None:
            return "it gave another station's name, or no name"
        if self.vault.proves(password, credential.password_mac):
            return ""
        if self.vault.proves(password, credential.next_mac):
            self.vault.end_rotation(caller.station_id)
            return ""
        return "its password is wrong"


def is_loopback(address: str) -> bool:
    """Return whether an address is this machine itself."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _offered(caller: Caller) -> int:
    if not caller.is_encrypted:
        return PASSWORD if caller.authorization else NO_PROOF
    return CERTIFICATE if caller.subject is not None else ENCRYPTED_PASSWORD


def _password_of(caller: Caller) -> bytes | None:
    """Return the password of a Basic header whose user is the station itself, or None.

    A password may hold any byte, and an OCPP 1.6 identity a colon: the user is known, so it is
    taken off by its length.
    """
    scheme, _, encoded = caller.authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    user = f"{caller.station_id}:".encode()
    return text[len(user) :] if text.startswith(user) else None
