"""What happens in the depot as it happens: server-sent events from one open mailbox a listener."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from depotlib.api.access import AsCaller, is_still, needs, throttle_of
from depotlib.api.answers import SessionsAnswer
from depotlib.api.door import AtDoor, Bearer, Door
from depotlib.api.fleet_view import sessions_now
from depotlib.api.throttle import Throttle
from depotlib.api.wishes import MAX_SEQ
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.live import JournalKind, JournalRecord
from depotlib.model.webhook import KINDS_OF

router = APIRouter(prefix="/v1", tags=["streaming"])

PERIOD_S: Final = 5.0
"""Sessions are told at least so often, changed or not [s]."""
LOOK_S: Final = 0.5
"""How often a stream looks for news [s]."""
LEAST_GAP_S: Final = 1.0
"""Sessions are told at most so often [s]: a depot's meters write all the time."""
MOST_AT_ONCE: Final = 500
TOLD: Final[tuple[JournalKind, ...]] = tuple(
    kind for family, kinds in KINDS_OF.items() if family != "estimate" for kind in kinds
)
"""Kinds of journal records that are told; the estimates stand in `sessions`."""
_SESSIONS: Final = TypeAdapter(SessionsAnswer)
_RECORD: Final = TypeAdapter(JournalRecord)


@dataclass(slots=True)
class Listener:
    """Where one stream stands.

    Parameters
    ----------
    after_seq : int or None
        Newest journal record that was told; None: it wants news from now on.
    told_s : float
        When sessions were last told.
    seen_version : int
        Of the mailbox, when sessions were last told.
    """

    after_seq: int | None
    told_s: float = field(default=float("-inf"))
    seen_version: int = -1

    def news(self, mailbox: Mailbox, door: Door, *, now_s: float) -> list[str]:
        """Return what is to be said now."""
        if self.after_seq is None:
            self.after_seq = mailbox.journal_head().seq
        said: list[str] = []
        for record in mailbox.journal(self.after_seq, MOST_AT_ONCE, kinds=TOLD):
            said.append(_event(record.entry.kind, _RECORD.dump_json(record), seq=record.seq))
            self.after_seq = record.seq
        version, since_s = mailbox.data_version(), now_s - self.told_s
        if since_s >= PERIOD_S or (version != self.seen_version and since_s >= LEAST_GAP_S):
            answer = SessionsAnswer(sessions=sessions_now(mailbox, now=door.clock.now()))
            said.append(_event("sessions", _SESSIONS.dump_json(answer)))
            self.told_s, self.seen_version = now_s, version
        return said


@router.get(
    "/stream",
    dependencies=[needs("stations:read")],
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream(
    request: Request,
    door: AtDoor,
    *,
    caller: AsCaller,
    credentials: Bearer,
    after_seq: Annotated[int | None, Query(ge=0, le=MAX_SEQ)] = None,
    last_event_id: Annotated[str, Header(pattern="^[0-9]{0,18}$")] = "",
) -> StreamingResponse:
    """Return sessions every few seconds, and what befalls them, as server-sent events.

    A listener that comes again names the last event it saw and is told what it missed. The stream
    ends when its key does.
    """
    given = credentials.credentials if credentials else ""
    throttle_of(request).require_stream()
    with door.mailbox():
        pass  # no mailbox: an error now, not a stream that breaks off
    listener = Listener(int(last_event_id) if last_event_id else after_seq)
    return StreamingResponse(
        told(
            door,
            listener,
            throttle=throttle_of(request),
            is_ending=lambda: (
                request.app.state.is_ending() or not is_still(caller, door, given=given)
            ),
        ),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


async def told(
    door: Door, listener: Listener, *, throttle: Throttle, is_ending: Callable[[], bool]
) -> AsyncGenerator[str, None]:
    """Return what a stream says, piece by piece, until it is to end.

    Parameters
    ----------
    door : Door
    listener : Listener
    throttle : Throttle
        Counts the open streams.
    is_ending : callable
        Whether the server was told to stop, or the listener may hear no more.
    """
    throttle.open_streams += 1
    try:
        with door.mailbox() as mailbox:
            while not is_ending():
                for piece in listener.news(mailbox, door, now_s=time.monotonic()):
                    yield piece
                await asyncio.sleep(LOOK_S)
    finally:
        throttle.open_streams -= 1


def _event(kind: str, content: bytes, *, seq: int | None = None) -> str:
    place = f"id: {seq}\n" if seq is not None else ""
    return f"{place}event: {kind}\ndata: {content.decode()}\n\n"
