"""What stands before the rest of the gateway: a frame is read, or refused, never trusted.

Sizes, depth, numbers and shape are checked before anything looks at the content, and each station
has a budget of messages and bytes, so that one of them cannot slow down the others.
"""

import json
import math
import re
from dataclasses import dataclass, field
from typing import Final, cast

from depotlib.errors import FrameError

MAX_DEPTH: Final = 24
MAX_DIGITS: Final = 18
MAX_ID_LENGTH: Final = 36
MAX_FRAME_BYTES: Final = 1_048_576
"""A night's StopTransaction can carry all its samples."""
MESSAGES_PER_S: Final = 20.0
MESSAGES_BURST: Final = 200.0
BYTES_PER_S: Final = 65_536.0
BYTES_BURST: Final = 4_194_304.0
MOST_BAD_FRAMES: Final = 20

CALL: Final = 2
CALL_RESULT: Final = 3
CALL_ERROR: Final = 4
CALL_RESULT_ERROR: Final = 5
"""Our answer could not be used (OCPP 2.1)."""
SEND: Final = 6
"""Said without wanting an answer (OCPP 2.1)."""
ONE_WAY: Final = frozenset({CALL_RESULT_ERROR, SEND})
_ARITY: Final = {CALL: {4}, CALL_RESULT: {3}, CALL_ERROR: {4, 5}, CALL_RESULT_ERROR: {5}, SEND: {4}}

_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(sorted(set(range(256)) - set(b"[]{}")))

_BLANK: Final = re.compile(r":\s*[,}]")
_BLANK_OUTSIDE_TEXTS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|:\s*(?=[,}])')

Payload = dict[str, object]


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame in OCPP-J's shape.

    Parameters
    ----------
    kind : int
        2 call, 3 result, 4 error; in 2.1 also 5, an error of our result, and 6, sent one way.
    unique_id : str
    action : str
        Of a call and of what is sent; of an error its code.
    payload : dict
    """

    kind: int
    unique_id: str
    action: str
    payload: Payload


@dataclass(slots=True)
class Budget:
    """How much a station may say: tokens that refill with time, and bad frames that do not.

    Parameters
    ----------
    at_s : float
        Monotonic instant of the last look [s].
    """

    at_s: float
    messages_factor: float = field(default=1.0)
    _messages_count: float = MESSAGES_BURST
    _bytes_count: float = BYTES_BURST
    bad_frames: int = 0

    def spend(self, size_bytes: int, *, now_s: float) -> bool:
        """Return whether a frame of a size is within the budget.

        Parameters
        ----------
        size_bytes : int
        now_s : float
            Monotonic real seconds; the factor scales what a sped-up depot says in one.
        """
        elapsed_s = max(0.0, now_s - self.at_s) * self.messages_factor
        self.at_s = now_s
        self._messages_count = min(
            MESSAGES_BURST, self._messages_count + elapsed_s * MESSAGES_PER_S
        )
        self._bytes_count = min(BYTES_BURST, self._bytes_count + elapsed_s * BYTES_PER_S)
        self._messages_count -= 1.0
        self._bytes_count -= size_bytes
        return self._messages_count >= 0.0 and self._bytes_count >= 0.0

    def note_bad_frame(self) -> bool:
        """Return whether this bad frame was one too many."""
        self.bad_frames += 1
        return self.bad_frames >= MOST_BAD_FRAMES


def read_frame(text: str | bytes) -> Frame:
    """Return the frame that a text holds.

    Raises
    ------
    FrameError
        If it is not JSON, too deep, holds numbers that are none, keys twice, or is not a frame
        of OCPP-J; with the call's id and an error code where the station can be answered.
    """
    if isinstance(text, bytes):
        raise FrameError("a binary frame")
    _check_depth(text)
    try:
        frame = _read_json(text)
    except ValueError as error:
        raise FrameError(f"not JSON: {error}") from error
    if not isinstance(frame, list):
        raise FrameError("not a list")
    return _frame_of(cast("list[object]", frame))


def _read_json(text: str) -> object:
    try:
        return _parsed(text)
    except json.JSONDecodeError:
        if not _BLANK.search(text):
            raise
        # Stations have been seen to write `"transactionId":,` where they know no number.
        return _parsed(_BLANK_OUTSIDE_TEXTS.sub(_filled, text))


def _parsed(text: str) -> object:
    return json.loads(
        text,
        object_pairs_hook=_unique_keys,
        parse_int=_short_int,
        parse_float=_finite,
        parse_constant=_refuse_constant,
    )


def _filled(found: re.Match[str]) -> str:
    """Return a text as it is, and a blank value as null."""
    return found[0] if found[0].startswith('"') else ":null"


def _frame_of(parts: list[object]) -> Frame:
    kind = parts[0] if parts else None
    if type(kind) is not int or kind not in _ARITY:
        raise FrameError(f"a message type of {kind!r}"[:80])
    unique_id = parts[1] if len(parts) > 1 else None
    if not isinstance(unique_id, str) or not 0 < len(unique_id) <= MAX_ID_LENGTH:
        raise FrameError("a unique id that is not a text of 1 to 36 characters")
    answerable = unique_id if kind == CALL else ""
    if len(parts) not in _ARITY[kind]:
        raise _malformed(f"{len(parts)} elements", call_id=answerable)
    payload = parts[-1]
    if kind == CALL_ERROR and len(parts) == min(_ARITY[CALL_ERROR]):
        payload = {}
    if not isinstance(payload, dict):
        raise _malformed("a payload that is no object", call_id=answerable)
    action = "" if kind == CALL_RESULT else parts[2]
    if not isinstance(action, str):
        raise _malformed("an action that is no text", call_id=answerable)
    return Frame(kind, unique_id, action, cast("Payload", payload))


def _malformed(what: str, *, call_id: str) -> FrameError:
    return FrameError(what, code="FormationViolation" if call_id else "", call_id=call_id)


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    if "\\" in text:
        # Pairs from left to right, so that a quote behind an escaped backslash still ends its text.
        text = text.replace("\\\\", "").replace('\\"', "")
    outside = "".join(text.split('"')[::2]).encode("ascii", "ignore")
    brackets = outside.translate(_ONE_KIND, _NO_BRACKETS)
    # A night's StopTransaction has thousands: closed pairs go level by level, at the speed of C.
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return
    raise FrameError(f"nested deeper than {MAX_DEPTH}, or its brackets do not match")


def _unique_keys(pairs: list[tuple[str, object]]) -> Payload:
    payload = dict(pairs)
    if len(payload) < len(pairs):
        raise ValueError("a key twice")
    return payload


def _short_int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError("an integer of more than 18 digits")
    return int(text)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number that is not finite")
    return value


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")
