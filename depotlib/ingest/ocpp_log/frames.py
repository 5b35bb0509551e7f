"""The frames of a log, whatever holds them: bare, in an object with station and time, in a column."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from depotlib.errors import MalformedFileError, TruncatedFileError
from depotlib.ingest.content import FileContent
from depotlib.ingest.delimited import read_table
from depotlib.ingest.json_text import JsonObject, JsonValue, compact, parse_json, text_at
from depotlib.ingest.record import RAW_CHARACTERS
from depotlib.model.import_report import Rejection

METERED: Final = ("StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent")
"""The messages that tell of a transaction or of energy: a row of the account each."""
STATUS: Final = "StatusNotification"

_CALL, _RESULT, _ERROR = 2, 3, 4
_LEAST_LENGTH: Final = 3
_CALL_LENGTH: Final = 4
_STATIONS: Final = frozenset(
    {"station", "stationid", "chargepoint", "chargepointid", "chargeboxid", "chargingstation",
     "chargingstationid", "cpid", "identity"}
)  # fmt: skip
_FRAMES: Final = frozenset({"frame", "message", "payload", "ocppmessage", "msg", "raw"})
_FRAME: Final = re.compile(
    r'\[\s*2\s*,\s*"[^"]{1,80}"\s*,\s*"(?:' + "|".join((*METERED, STATUS, "BootNotification"))
    + r')"\s*,'
)  # fmt: skip


@dataclass(slots=True)
class Message:
    """One call of a log, with the answer to it where the log holds that.

    Parameters
    ----------
    row : int
        Line of the log, or place in its list, from 1.
    station_id : str or None
    action : str
    payload : dict
    raw : str
    answer : dict
        Empty where there is none.
    """

    row: int
    station_id: str | None
    action: str
    payload: JsonObject
    raw: str
    answer: JsonObject = field(default_factory=dict[str, JsonValue])

    def reject(self, reason: str, detail: str) -> Rejection:
        """Return the rejection of this message."""
        return Rejection(row=self.row, reason=reason, detail=detail, raw=self.raw)


@dataclass(slots=True)
class Frames:
    """The calls of a log.

    Parameters
    ----------
    metered : list of Message
        Those of `METERED`, in the order of the log.
    states : list of Message
        Status notifications: they say when power flowed, and are no rows.
    rejections : list of Rejection
        Lines that hold no frame.
    others : int
        Calls about anything else, and answers.
    """

    metered: list[Message] = field(default_factory=list[Message])
    states: list[Message] = field(default_factory=list[Message])
    rejections: list[Rejection] = field(default_factory=list[Rejection])
    others: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    row: int
    value: JsonValue
    raw: str
    fault: str = ""


def holds_frames(text: str) -> bool:
    """Return whether a text holds OCPP calls: as they are, as JSON text, or as a quoted field."""
    return bool(_FRAME.search(text.replace('\\"', '"').replace('""', '"')))


def read_frames(content: FileContent) -> Frames:
    """Return the calls of a log, each with its answer.

    Raises
    ------
    TruncatedFileError
        If the log ends in the middle of a frame.
    MalformedFileError
        If a table has no column of frames.
    """
    frames = Frames()
    asked: dict[tuple[str | None, str], Message] = {}
    for entry in _entries(content, frames):
        station_id, frame = _opened(entry.value)
        if entry.fault or not _is_frame(frame):
            detail = entry.fault or "this is no OCPP frame"
            frames.rejections.append(Rejection(entry.row, "bad_frame", detail, entry.raw))
            continue
        _place(frames, asked, entry=entry, station_id=station_id, frame=frame)
    return frames


def _place(
    frames: Frames,
    asked: dict[tuple[str | None, str], Message],
    *,
    entry: _Entry,
    station_id: str | None,
    frame: list[JsonValue],
) -> None:
    """Put a frame where it belongs: a call in its list, an answer to its call."""
    key = (station_id, str(frame[1]))
    if frame[0] != _CALL:
        frames.others += 1
        call = asked.pop(key, None)
        if call is not None and frame[0] == _RESULT and isinstance(frame[2], dict):
            call.answer = frame[2]
        return
    action, payload = frame[2], frame[3]
    assert isinstance(action, str), "checked by _is_frame"
    assert isinstance(payload, dict), "checked by _is_frame"
    message = Message(entry.row, station_id, action, payload, entry.raw)
    asked[key] = message
    if action in METERED:
        frames.metered.append(message)
    elif action == STATUS:
        frames.states.append(message)
    else:
        frames.others += 1


def _is_frame(frame: list[JsonValue]) -> bool:
    if len(frame) < _LEAST_LENGTH or frame[0] not in {_CALL, _RESULT, _ERROR}:
        return False
    if frame[0] != _CALL:
        return True
    is_whole = len(frame) >= _CALL_LENGTH and isinstance(frame[2], str)
    return is_whole and isinstance(frame[3], dict)


def _opened(value: JsonValue) -> tuple[str | None, list[JsonValue]]:
    """Return the station and the frame of an entry; an empty frame where there is none."""
    if isinstance(value, list):
        return None, value
    if not isinstance(value, dict):
        return None, []
    named = {
        name.lower().replace("_", "").replace("-", "").replace(" ", ""): name for name in value
    }
    station = next((text_at(value, named[name]) for name in named if name in _STATIONS), None)
    held = next((value[named[name]] for name in named if name in _FRAMES), None)
    if isinstance(held, str):
        held = _parsed(held)
    return station, held if isinstance(held, list) else []


def _parsed(text: str) -> JsonValue:
    try:
        return parse_json(text, file="frame")
    except (MalformedFileError, TruncatedFileError):
        return None


def _entries(content: FileContent, frames: Frames) -> Iterator[_Entry]:
    text = content.text.lstrip()
    if not text.startswith(("{", "[")):
        yield from _rows(content, frames)
        return
    first, _, rest = text.partition("\n")
    if rest.strip() and _parsed(first) is not None:
        yield from _lines(content)
        return
    value = parse_json(content.text, file=content.file)
    is_list = isinstance(value, list) and not (value and isinstance(value[0], int))
    items = value if isinstance(value, list) and is_list else [value]
    for row, item in enumerate(items, 1):
        yield _Entry(row, item, compact(item)[:RAW_CHARACTERS])


def _lines(content: FileContent) -> Iterator[_Entry]:
    """Yield each line; one that is broken is a fault, a cut last one means the log is not whole."""
    lines = content.text.splitlines()
    last = max(number for number, line in enumerate(lines, 1) if line.strip())
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value, fault = parse_json(line, file=f"{content.file}, line {number}"), ""
        except TruncatedFileError as error:
            if number == last:
                raise
            value, fault = None, error.what
        except MalformedFileError as error:
            value, fault = None, error.what
        yield _Entry(number, value, line[:RAW_CHARACTERS], fault)


def _rows(content: FileContent, frames: Frames) -> Iterator[_Entry]:
    table = read_table(content.text, file=content.file)
    frames.rejections.extend(table.rejections)
    for record in table.records:
        yield _Entry(record.row, dict(record.fields), record.raw)
