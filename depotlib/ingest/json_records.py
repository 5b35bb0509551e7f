"""Objects of a JSON export as records, with the fields of inner objects beside their own."""

from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.ingest.json_text import JsonObject, JsonValue, compact, parse_json
from depotlib.ingest.record import RAW_CHARACTERS, FieldReader, Reading, Record
from depotlib.ingest.source import Conventions

UTC_READING: Final = Reading(time_zone=ZoneInfo("UTC"))
"""Times of an API name their offset; where one does not, the APIs mean UTC."""
_DEEPEST: Final = 8


def json_readers(items: Iterable[JsonValue]) -> list[FieldReader]:
    """Return a reader for each item of an export, counted from 1."""
    return [
        FieldReader(json_record(item, row=row), UTC_READING) for row, item in enumerate(items, 1)
    ]


def json_record(item: JsonValue, *, row: int) -> Record:
    """Return an object as a record: ``{"a": {"b": 1}}`` has the field ``a.b``; lists stay whole."""
    fields = _flat(item, depth=0) if isinstance(item, dict) else {}
    return Record(row=row, fields=fields, raw=compact(item)[:RAW_CHARACTERS])


def utc_conventions(readers: Iterable[FieldReader]) -> Conventions:
    """Return how an export was read whose times name their offset."""
    seen = {name for reader in readers for name in reader.record.fields}
    return Conventions("UTC", "offsets in the file", "year_month_day", tuple(sorted(seen)))


def json_documents(text: str, *, file: str) -> list[JsonValue]:
    """Return the replies or objects of a text: the items of a list, its lines, or the only one.

    Parameters
    ----------
    text : str
    file : str
        For messages.

    Raises
    ------
    TruncatedFileError, MalformedFileError, FileTooLargeError
        As `parse_json` does.
    """
    value = parse_json(text, file=file)
    return value if isinstance(value, list) else [value]


def listed(value: JsonValue, *names: str) -> list[JsonValue]:
    """Return the list inside a reply, however deep: ``{"data": [...]}``, ``{"result": {...}}``.

    Parameters
    ----------
    value : JsonValue
    *names : str
        Fields that may hold the list, or what holds it.
    """
    for _ in range(_DEEPEST):
        if not isinstance(value, dict):
            break
        found = next((value[name] for name in names if isinstance(value.get(name), dict | list)),
                     None)  # fmt: skip
        if found is None:
            break
        value = found
    return value if isinstance(value, list) else [value]


def _flat(fields: JsonObject, *, depth: int) -> JsonObject:
    flat: JsonObject = {}
    for name, value in fields.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            inner = _flat(value, depth=depth + 1)
            flat |= {f"{name}.{inside}": within for inside, within in inner.items()}
        else:
            flat[name] = value
    return flat
