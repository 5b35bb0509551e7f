"""One depot system's conversation by VDV 463: message in, answers out; information when it is due.

Knows no socket: the endpoint carries texts, the door's mailbox holds what is asked and told.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import uuid4

from depotlib.api.access import Caller
from depotlib.api.door import Door
from depotlib.api.vdv463.asks import asked_by, desk_name, note_complaint, take_requests
from depotlib.api.vdv463.envelope import (
    FAULT,
    LONGEST,
    REQUEST,
    SOURCE,
    Envelope,
    read_envelope,
    stray_fault,
)
from depotlib.api.vdv463.information import information
from depotlib.api.vdv463.requests import BootNotification, ChargingRequests, read_payload
from depotlib.errors import DepotError, ExchangeError
from depotlib.exchange.api_keys import Scope

READS: Final[Scope] = "stations:read"
WRITES: Final[Scope] = "fleet:write"
MOST_BAD: Final = 20
"""Messages that cannot be read, before the connection is closed."""
INFORMATION: Final = "ProvideChargingInformation"


@dataclass(slots=True)
class Conversation:
    """What one connection has said so far.

    Parameters
    ----------
    door : Door
    caller : Caller
    """

    door: Door
    caller: Caller
    presystem_id: str = field(default="", init=False)
    bad: int = field(default=0, init=False)
    has_news: bool = field(default=False, init=False)
    """Whether the next charging information is due now: a system has come, or asked."""

    def hear(self, text: str) -> list[str]:
        """Return the answers to a message."""
        now = self.door.clock.now()
        message = read_envelope(text)
        if isinstance(message, str):
            self.bad += 1
            return [stray_fault(message, at=now).text()]
        if message.message_type != REQUEST:
            self._take_answer(message, now=now)
            return []
        if self.presystem_id and message.presystem_id != self.presystem_id:
            why = f"this connection is that of presystemId {self.presystem_id!r}"
            return [message.refused(why, at=now).text()]
        answer = self._answer(message, now=now)
        if answer.message_type == FAULT:
            return [answer.text()]
        self.presystem_id = message.presystem_id
        self.has_news = True
        return [answer.text()]

    def tell(self) -> str | None:
        """Return the charging information of now; None: nobody may read it, or there is none."""
        self.has_news = False
        if not self.presystem_id or READS not in self.caller.scopes:
            return None
        now = self.door.clock.now()
        try:
            with self.door.mailbox() as mailbox:
                asked = asked_by(mailbox, self._desk)
                payload = information(mailbox, asked=asked, presystem_id=self.presystem_id, now=now)
        except ExchangeError:
            return None  # the next one may find the mailbox again
        if payload is None:
            return None
        told = Envelope(REQUEST, SOURCE, self.presystem_id, now, str(uuid4()), INFORMATION, payload)
        return told.text()

    @property
    def _desk(self) -> str:
        return desk_name(self.caller.name, self.presystem_id)

    def _take_answer(self, message: Envelope, *, now: datetime) -> None:
        """Keep what a system says against our information, for people; confirmations say nothing."""
        if message.message_type != FAULT or not self.presystem_id:
            return
        complaint = str(message.payload.get("errorMessage", ""))[:LONGEST]
        try:
            with self.door.mailbox() as mailbox:
                note_complaint(mailbox, self._desk, complaint=complaint, now=now)
        except ExchangeError:
            return  # it will say so again

    def _answer(self, message: Envelope, *, now: datetime) -> Envelope:
        if message.action == "BootNotification":
            boot = read_payload(message.payload, BootNotification)
            if isinstance(boot, str):
                return message.refused(boot, at=now)
            return message.confirmed({"status": "Accepted"}, at=now)
        why = self._why_not_taken(message, now=now)
        return message.refused(why, at=now) if why else message.confirmed({}, at=now)

    def _why_not_taken(self, message: Envelope, *, now: datetime) -> str:
        """Return why a list of requests is refused; empty: it was taken."""
        if message.action == INFORMATION:
            return "only the charging side tells charging information"
        if WRITES not in self.caller.scopes:
            return f"it takes a key with the scope {WRITES}"
        asked = read_payload(message.payload, ChargingRequests)
        if isinstance(asked, str):
            return asked
        name = desk_name(self.caller.name, message.presystem_id)
        try:
            with self.door.mailbox() as mailbox:
                take_requests(mailbox, asked, name=name, sent_at=message.at, now=now)
        except DepotError as error:
            return str(error)
        return ""
