"""The security desk: signs what stations ask for, gives new passwords, keeps what they report."""

import contextlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from depotlib.errors import CredentialError
from depotlib.gateway.access.certificates import sign_request
from depotlib.gateway.access.vault import Vault
from depotlib.gateway.assurance import (
    AssuranceTold,
    CertificateAsked,
    ChangePassword,
    SecurityTold,
    SendCertificate,
)
from depotlib.gateway.effects import Effects
from depotlib.gateway.messages import AnswerEmpty, AnswerStatus, Command, Event, Replied
from depotlib.model.live import JournalEntry, JournalKind, Scalar

CERTIFICATE: Final = "security-certificate"
PASSWORD: Final = "security-password"  # noqa: S105 - a reference, not a password
SIGNING_PAUSE_S: Final = 60.0
"""A station gets one certificate in this time, however often it asks."""
CLIENT_KINDS: Final = frozenset({"", "ChargingStationCertificate"})
MOST_WORD: Final = 50
MOST_DETAIL: Final = 255


class SecurityDesk:
    """The desk of one gateway.

    Parameters
    ----------
    vault : Vault
    wall_now : callable
        The world's own time, which certificates are dated by, whatever the depot's clock says.
    """

    def __init__(self, vault: Vault, *, wall_now: Callable[[], datetime]) -> None:
        self._vault = vault
        self._wall_now = wall_now
        self._signed_at: dict[str, datetime] = {}

    def concerns(self, event: Event) -> bool:
        """Return whether an event is this desk's."""
        if isinstance(event, Replied):
            return event.reference in {CERTIFICATE, PASSWORD}
        return isinstance(event, AssuranceTold)

    def handle(self, station_id: str, event: Event, *, now: datetime) -> Effects:
        """Return what follows from one of the desk's events."""
        match event:
            case CertificateAsked():
                return self._sign(station_id, event, now=now)
            case SecurityTold():
                return _note_event(station_id, event, now=now)
            case Replied(reference=reference) if reference == CERTIFICATE:
                return self._certificate_answered(station_id, event, now=now)
            case Replied(reference=reference) if reference == PASSWORD:
                return self._password_answered(station_id, event, now=now)
            case _:
                return Effects()

    def rotations(self, connected: Iterable[str]) -> Effects:
        """Return the new passwords to send to stations that are there and were to get one.

        The password is made here and now: it exists in this process and in the station alone.
        """
        commands: list[tuple[str, Command]] = []
        with contextlib.suppress(CredentialError):  # what cannot be kept is not sent
            held = self._vault.credentials()
            for name in connected:
                if name in held and held[name].is_rotation_wanted:
                    password = self._vault.begin_rotation(name)
                    commands.append((name, ChangePassword(PASSWORD, password)))
        return Effects(commands=commands)

    # --- inside ---------------------------------------------------------------------------

    def _sign(self, station_id: str, asked: CertificateAsked, *, now: datetime) -> Effects:
        try:
            chain = self._chain(station_id, asked)
        except CredentialError as error:
            facts: dict[str, Scalar] = {"reason": error.what}
            return Effects(
                journal=[_entry("certificate_refused", station_id, facts=facts, now=now)],
                commands=[(station_id, AnswerStatus(asked.call_id, "SignCertificate", "Rejected"))],
            )
        return Effects(
            commands=[
                (station_id, AnswerStatus(asked.call_id, "SignCertificate", "Accepted")),
                (station_id, SendCertificate(CERTIFICATE, chain)),
            ]
        )

    def _chain(self, station_id: str, asked: CertificateAsked) -> str:
        credential = self._vault.credentials().get(station_id)
        if credential is None:
            raise CredentialError("it never proved who it is", where=station_id)
        if asked.kind not in CLIENT_KINDS:
            raise CredentialError(f"no {asked.kind[:MOST_WORD]} is signed here", where=station_id)
        wall_now = self._wall_now()
        before = self._signed_at.get(station_id)
        if before is not None and (wall_now - before).total_seconds() < SIGNING_PAUSE_S:
            raise CredentialError("it was given one just now", where=station_id)
        chain = sign_request(self._vault, asked.request, serial=credential.serial, now=wall_now)
        self._signed_at[station_id] = wall_now
        return chain

    def _certificate_answered(self, station_id: str, reply: Replied, *, now: datetime) -> Effects:
        facts: dict[str, Scalar] = {"outcome": reply.outcome, "note": reply.note}
        return Effects(journal=[_entry("certificate_signed", station_id, facts=facts, now=now)])

    def _password_answered(self, station_id: str, reply: Replied, *, now: datetime) -> Effects:
        if reply.outcome == "rejected":  # unknown: it may have taken it, so both count
            with contextlib.suppress(CredentialError):  # one that nobody uses does no harm
                self._vault.drop_rotation(station_id)
        facts: dict[str, Scalar] = {"outcome": reply.outcome, "note": reply.note}
        return Effects(journal=[_entry("password_changed", station_id, facts=facts, now=now)])


def _note_event(station_id: str, told: SecurityTold, *, now: datetime) -> Effects:
    facts: dict[str, Scalar] = {
        "event": told.what[:MOST_WORD],
        "told_at": told.at.isoformat() if told.at else "",
        "detail": told.detail[:MOST_DETAIL],
    }
    return Effects(
        journal=[_entry("security_event", station_id, facts=facts, now=now)],
        commands=[(station_id, AnswerEmpty(told.call_id, "SecurityEventNotification"))],
    )


def _entry(
    kind: JournalKind, station_id: str, *, facts: dict[str, Scalar], now: datetime
) -> JournalEntry:
    return JournalEntry(now, kind, station_id, payload=facts)
