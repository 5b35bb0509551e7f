"""JSON from untrusted text: cut files, wrong files and absurd nesting end in clear errors."""

import json
import re
from typing import Final, TypeAlias, cast

from depotlib.errors import FileTooLargeError, MalformedFileError, TruncatedFileError

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"

_STRING: Final = re.compile(r'"(?:\\.|[^"\\])*(?:"|\Z)', re.DOTALL)
"""A string, or one that the text breaks off: then it keeps no quote at its end."""
MAX_JSON_CHARACTERS: Final = 128 * 1024 * 1024
"""In memory JSON is twenty times its text; no vendor's reply is a tenth of this."""
_LONGEST_CUT_WORD: Final = 24
"""A number or a word such as ``false``, cut in its middle, fails at its start."""


def parse_json(text: str, *, file: str) -> JsonValue:
    """Return the value that a JSON text holds; of JSON lines, the list of their values.

    A line that breaks JSON's rules stands in the list as text, so that a source counts and
    rejects it; places in the list are line numbers.

    Parameters
    ----------
    text : str
    file : str
        For messages.

    Raises
    ------
    TruncatedFileError
        If the text ends before its brackets close.
    MalformedFileError
        If it breaks JSON's rules elsewhere, or is nested too deep to read.
    FileTooLargeError
        If it is larger than JSON may be that is read in one go.
    """
    if len(text) > MAX_JSON_CHARACTERS:
        raise FileTooLargeError(
            f"{len(text):,} characters are more JSON than is read in one go",
            where=file,
            hint="split the export, for example by month",
        )
    try:
        return cast("JsonValue", json.loads(text))
    except RecursionError as error:
        raise MalformedFileError(
            "the JSON is nested too deep to be an export", where=file, hint="export it again"
        ) from error
    except json.JSONDecodeError as error:
        lines = _json_lines(text, error, file=file)
        if lines is not None:
            return lines
        if _is_cut(text, error):
            raise TruncatedFileError(
                f"the JSON ends before its brackets close, in line {error.lineno}",
                where=f"{file}, line {error.lineno}",
                hint="fetch the export again; nothing of it was imported",
            ) from error
        raise MalformedFileError(
            f"this is not JSON: {error.msg} in line {error.lineno}, column {error.colno}",
            where=f"{file}, line {error.lineno}",
            hint="export it again",
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise MalformedFileError(
            f"the JSON cannot be read: {error}", where=file, hint="export it again"
        ) from error


def objects_in(value: JsonValue) -> list[JsonObject]:
    """Return the objects of a list, or a lone object as a list of one."""
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return [item for item in value if isinstance(item, dict)]
    return []


def flattened(fields: JsonObject) -> JsonObject:
    """Return an object with the fields of its inner objects beside its own, as ``outer.inner``."""
    flat: JsonObject = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": inside for inner, inside in value.items()}
        else:
            flat[name] = value
    return flat


def text_at(fields: JsonObject, name: str) -> str | None:
    """Return the text in a field, trimmed; None where it is absent or empty."""
    value = fields.get(name)
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).strip() or None


def compact(value: JsonValue) -> str:
    """Return a value as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _json_lines(text: str, error: json.JSONDecodeError, *, file: str) -> list[JsonValue] | None:
    """Return the values of JSON lines; None where the text is something else.

    The first line must be one value and no more: its end is where reading all as one stops.
    """
    lines = text.rstrip().splitlines()
    if error.msg != "Extra data" or not lines or error.lineno == 1:
        return None
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if error.lineno <= first + 1 or _loaded(lines[first]) is None:
        return None
    values = [_loaded(line) for line in lines]
    if values[-1] is None:
        raise TruncatedFileError(
            "the last line of the JSON lines ends before its brackets close",
            where=f"{file}, line {len(lines)}",
            hint="fetch the export again; nothing of it was imported",
        )
    return [line if value is None else value for line, value in zip(lines, values, strict=True)]


def _loaded(line: str) -> JsonValue:
    try:
        return cast("JsonValue", json.loads(line))
    except (ValueError, RecursionError):
        return None


def _is_cut(text: str, error: json.JSONDecodeError) -> bool:
    """Return whether the text simply stops, so that brackets or a string are open at its end."""
    bare = _STRING.sub("", text)
    is_open = sum(map(bare.count, "{[")) > sum(map(bare.count, "}]"))
    at_end = error.pos >= len(text.rstrip()) - _LONGEST_CUT_WORD
    return error.msg.startswith("Unterminated") or (is_open and at_end)
