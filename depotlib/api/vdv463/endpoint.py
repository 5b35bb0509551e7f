"""The WebSocket of VDV 463: who may connect, its sub-protocol, and the loop that carries texts."""

import asyncio
import base64
import binascii
import time
from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, WebSocket
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect, WebSocketState

from depotlib.api.access import STRANGER, Caller, caller_of, is_still
from depotlib.api.door import Door
from depotlib.api.guard import LOOPBACK_NAMES, MISDIRECTED, TOO_MANY, UNAUTHORISED
from depotlib.api.throttle import Throttle
from depotlib.api.vdv463.conversation import MOST_BAD, READS, WRITES, Conversation
from depotlib.api.vdv463.envelope import MOST_BYTES, SUBPROTOCOL
from depotlib.errors import ApiKeyError, CallRateError

router = APIRouter()

PERIOD_S: Final = 15.0
"""Charging information is told so often."""
LOOK_S: Final = 0.5
"""How soon a connection notices that the server ends."""
SEND_S: Final = 10.0
"""Who does not take a message for so long is gone."""
FORBIDDEN: Final = 403
GOING_AWAY: Final = 1001
PROTOCOL_ERROR: Final = 1002
NO_TEXT: Final = 1003
POLICY: Final = 1008
TOO_BIG: Final = 1009


@router.websocket("/vdv463")
@router.websocket("/vdv463/{_name}")
async def vdv463(websocket: WebSocket) -> None:
    """Hold a conversation with one depot system; who may not have one is told by a status."""
    door, throttle = websocket.app.state.door, websocket.app.state.throttle
    assert isinstance(door, Door)
    assert isinstance(throttle, Throttle)
    caller = _admitted(websocket, door, throttle=throttle)
    if isinstance(caller, int):
        headers = {"WWW-Authenticate": "Basic"} if caller == UNAUTHORISED else None
        await websocket.send_denial_response(Response(status_code=caller, headers=headers))
        return
    if SUBPROTOCOL not in websocket.scope.get("subprotocols", []):
        # The standard: finish the handshake without a protocol, then end.
        await websocket.accept()
        await websocket.close(PROTOCOL_ERROR, f"this door speaks {SUBPROTOCOL}")
        return
    await websocket.accept(subprotocol=SUBPROTOCOL)
    throttle.open_streams += 1
    secret = _secret(websocket.headers.get("authorization", ""))
    try:
        await converse(
            websocket,
            Conversation(door, caller),
            throttle=throttle,
            is_welcome=lambda: is_still(caller, door, given=secret),
            is_ending=websocket.app.state.is_ending,
        )
    except (WebSocketDisconnect, TimeoutError):
        return
    finally:
        throttle.open_streams -= 1


async def converse(
    websocket: WebSocket,
    conversation: Conversation,
    *,
    throttle: Throttle,
    is_welcome: Callable[[], bool],
    is_ending: Callable[[], bool],
    period_s: float = PERIOD_S,
) -> None:
    """Carry texts until one side ends.

    Parameters
    ----------
    websocket : WebSocket
        Accepted.
    conversation : Conversation
    throttle : Throttle
    is_ending : callable
        Whether the server was told to stop.
    period_s : float
        From one charging information to the next [s].
    """
    told_s = float("-inf")
    while not is_ending():
        heard = await _heard(websocket)
        if isinstance(heard, int):
            await _end(websocket, heard)
            return
        if not await asyncio.to_thread(is_welcome) or (
            heard and not _may_speak(conversation, throttle)
        ):
            await _end(websocket, POLICY)
            return
        for answer in await asyncio.to_thread(conversation.hear, heard) if heard else []:
            await _send(websocket, answer)
        if conversation.bad >= MOST_BAD:
            await _end(websocket, POLICY)
            return
        if conversation.has_news or time.monotonic() - told_s >= period_s:
            told = await asyncio.to_thread(conversation.tell)
            if told is not None:
                told_s = time.monotonic()
                await _send(websocket, told)
    await _end(websocket, GOING_AWAY)


def _admitted(websocket: WebSocket, door: Door, *, throttle: Throttle) -> Caller | int:
    """Return who connects, or the status that refuses them."""
    if websocket.url.hostname not in LOOPBACK_NAMES:
        return MISDIRECTED
    secret = _secret(websocket.headers.get("authorization", ""))
    if not secret and "origin" in websocket.headers:
        # A web page from anywhere can connect to loopback; only browsers name their page.
        return FORBIDDEN
    try:
        caller = caller_of(door, secret)
    except ApiKeyError:
        return _counted(throttle, STRANGER) or UNAUTHORISED
    try:
        throttle.require_stream()
    except CallRateError:
        return TOO_MANY
    if not {READS, WRITES} & caller.scopes:
        return FORBIDDEN
    return _counted(throttle, caller.name) or caller


def _secret(header: str) -> str:
    """Return the password of a Basic header; the user's name is the system's own affair."""
    scheme, _, coded = header.partition(" ")
    if scheme.lower() == "bearer":
        return coded.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(coded, validate=True).decode().partition(":")[2] or coded
    except (binascii.Error, UnicodeDecodeError):
        return coded  # nobody's key: refused, and counted as a stranger's


def _counted(throttle: Throttle, caller: str) -> int:
    """Return 0 after a call was counted, or the status of one too many."""
    try:
        throttle.take(caller)
    except CallRateError:
        return TOO_MANY
    return 0


def _may_speak(conversation: Conversation, throttle: Throttle) -> bool:
    return not _counted(throttle, conversation.caller.name)


async def _heard(websocket: WebSocket) -> str | int:
    """Return a text, an empty one where none came in time, or the code to close with."""
    try:
        message = await asyncio.wait_for(websocket.receive(), LOOK_S)
    except TimeoutError:
        return ""
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", GOING_AWAY))
    text = message.get("text")
    if text is None:
        return NO_TEXT
    return text if len(text.encode()) <= MOST_BYTES else TOO_BIG


async def _send(websocket: WebSocket, text: str) -> None:
    await asyncio.wait_for(websocket.send_text(text), SEND_S)


async def _end(websocket: WebSocket, code: int) -> None:
    if websocket.application_state is WebSocketState.CONNECTED:
        await asyncio.wait_for(websocket.close(code), SEND_S)
