"""What a translator of one OCPP version can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from depotlib.gateway.guard import Frame, Payload
from depotlib.gateway.messages import Answer, Call, Event, Replied

PURPOSES_16: Final = {
    "station_maximum": "ChargePointMaxProfile",
    "default": "TxDefaultProfile",
    "transaction": "TxProfile",
}


@dataclass(frozen=True, slots=True)
class Version:
    """A translator: four pure functions.

    Parameters
    ----------
    name : str
        ``1.6``.
    subprotocol : str
        As the WebSocket handshake names it.
    read_call : callable
        A station's call as an event; raises `FrameError` with the code to answer.
    write_call : callable
        One of our calls as action and payload, checked against the schema.
    write_answer : callable
        An answer's payload, checked against the schema.
    read_reply : callable
        What a station's result to one of our calls means.
    error_codes : mapping of str to str
        Codes that this version writes otherwise than 1.6.
    has_one_way : bool
        Whether it knows messages that nobody answers (2.1).
    """

    name: str
    subprotocol: str
    read_call: Callable[[Frame, datetime], Event]
    write_call: Callable[[Call], tuple[str, Payload]]
    write_answer: Callable[[Answer], Payload]
    read_reply: Callable[[Call, Payload], Replied]
    error_codes: Mapping[str, str] = field(default_factory=dict[str, str])
    has_one_way: bool = False
