"""The rejected records of a file as a file of its own, in the shape that the original has.

Whoever mends them there can import the result as it is. A table keeps what stands above its rows,
and beside each rejected row the sound ones next to it: they show again how long an interval is and
in which order a date is written, and are known already. JSON keeps the objects around its records,
JSON lines stay lines.
"""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast

from depotlib.errors import RejectionsError
from depotlib.ingest.content import FileContent, sample_of
from depotlib.ingest.delimited import table_lines
from depotlib.ingest.json_text import JsonValue, compact, parse_json
from depotlib.ingest.record import RAW_CHARACTERS
from depotlib.model.import_report import Rejection

_BLANK: Final = "blank"
_LEAST_FIELDS: Final = 2
_SOUND_BESIDE: Final = 3
"""On either side: the most frequent distance between readings is then that of the original."""


@dataclass(frozen=True, slots=True)
class RejectedRecords:
    """Rejected records, ready to be mended.

    Parameters
    ----------
    text : str
    suffix : str
        Of a file that holds it.
    count : int
        How many rejected records it holds; empty rows are left out, for nothing in them can be
        mended.
    """

    text: str
    suffix: str
    count: int


def rejected_records(content: FileContent, rejections: Sequence[Rejection]) -> RejectedRecords:
    """Return the rejected records of a file that was read before.

    Parameters
    ----------
    content : FileContent
        As the source read it.
    rejections : sequence of Rejection
        Of this content.

    Raises
    ------
    RejectionsError
        If there is none, or they cannot be taken out of a file of this kind.
    """
    filled = [each for each in rejections if each.reason != _BLANK]
    if not filled:
        raise RejectionsError(
            "no record of this file can be mended: none was rejected but empty rows",
            where=content.file,
            hint="depot store --rejections lists what was rejected of other files",
        )
    is_json = sample_of(content.head).kind == "json"
    found = (
        _json_records(content, filled) if is_json else _rows(content, filled, rejected=rejections)
    )
    if not found.count:
        raise RejectionsError(
            "the rejected records cannot be taken out of a file of this kind",
            where=content.file,
            hint="mend them in the file itself and import it again; what is known is not doubled",
        )
    return found


def _rows(
    content: FileContent, wanted: Sequence[Rejection], *, rejected: Sequence[Rejection]
) -> RejectedRecords:
    above, below = table_lines(content.text, file=content.file)
    raws = {each.row: each.raw for each in wanted}
    faulty = {each.row for each in rejected}
    places = [
        place
        for place, (number, raw) in enumerate(below)
        if raws.get(number) == raw[:RAW_CHARACTERS]
    ]
    sound = [place for place, (number, raw) in enumerate(below) if number not in faulty and raw]
    kept = sorted({*places, *_neighbours(places, sound)})
    text = "".join(f"{line}\n" for line in [*above, *(below[place][1] for place in kept)])
    return RejectedRecords(text, ".csv", count=len(places))


def _neighbours(places: Sequence[int], sound: Sequence[int]) -> Iterator[int]:
    for place in places:
        at = bisect_left(sound, place)
        yield from sound[max(0, at - _SOUND_BESIDE) : at + _SOUND_BESIDE]


def _json_records(content: FileContent, rejections: Sequence[Rejection]) -> RejectedRecords:
    is_rejected = _matcher(rejections)
    value = parse_json(content.text, file=content.file)
    found: list[JsonValue] = []

    def is_wanted(node: JsonValue) -> bool:
        is_found = is_rejected(node)
        if is_found:
            found.append(node)
        return is_found

    if _is_lines(content.text):
        assert isinstance(value, list), "JSON lines are read as a list"
        kept = [_only(each, is_wanted) for each in value]
        lines = [each if isinstance(each, str) else compact(each) for each in kept if each]
        return RejectedRecords("".join(f"{line}\n" for line in lines), ".jsonl", len(found))
    text = json.dumps(_only(value, is_wanted), ensure_ascii=False, indent=1)
    return RejectedRecords(text + "\n", ".json", len(found))


def _matcher(rejections: Sequence[Rejection]) -> Callable[[JsonValue], bool]:
    """Return whether a value of the file is a rejected record, whole or as far as it stands there.

    Some sources join a record from the value itself and from what is around it; the value then is
    an object whose fields the rejected record has all.
    """
    raws = {each.raw for each in rejections}
    nobody: set[str] = set()
    holders: dict[tuple[str, str], set[str]] = {}
    for raw in raws:
        for field in _fields(raw):
            holders.setdefault(field, set()).add(raw)

    def is_rejected(node: JsonValue) -> bool:
        if compact(node)[:RAW_CHARACTERS] in raws:
            return True
        if not isinstance(node, dict) or len(node) < _LEAST_FIELDS:
            return False
        first, *others = (
            holders.get((name, compact(value)), nobody) for name, value in node.items()
        )
        return bool(first.intersection(*others))

    return is_rejected


def _fields(raw: str) -> list[tuple[str, str]]:
    try:
        value = cast("JsonValue", json.loads(raw))
    except ValueError:
        return []  # cut to a sane length, or a line that is no JSON
    if not isinstance(value, dict):
        return []
    return [(name, compact(each)) for name, each in value.items()]


def _only(value: JsonValue, is_wanted: Callable[[JsonValue], bool]) -> JsonValue:
    """Return a value with the wanted records and what is around them; None where there is none."""
    if is_wanted(value):
        return value
    if isinstance(value, list):
        return [only for each in value if (only := _only(each, is_wanted)) is not None] or None
    if not isinstance(value, dict):
        return None
    inner = {
        name: _only(each, is_wanted)
        for name, each in value.items()
        if isinstance(each, dict | list)
    }
    if not any(each is not None for each in inner.values()):
        return None
    # What stands beside the records (a vehicle's name, a unit) belongs to them.
    return {
        name: each if name not in inner or (isinstance(each, dict) and inner[name] is None)
        else inner[name] or []
        for name, each in value.items()
    }  # fmt: skip


def _is_lines(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return True
    return False
