"""JSON from untrusted text: cut files, wrong files and absurd nesting end in clear errors."""

import json
import re
from typing import Final, TypeAlias, cast

from depotlib.errors import MalformedFileError, TruncatedFileError

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"

_STRING: Final = re.compile(r'"(?:\\.|[^"\\])*"')
_LONGEST_CUT_WORD: Final = 24
"""A number or a word such as ``false``, cut in its middle, fails at its start."""


def parse_json(text: str, *, file: str) -> JsonValue:
    """Return the value that a JSON text holds.

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
    """
    try:
        return cast("JsonValue", json.loads(text))
    except RecursionError as error:
        raise MalformedFileError(
            "the JSON is nested too deep to be an export", where=file, hint="export it again"
        ) from error
    except json.JSONDecodeError as error:
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


def _is_cut(text: str, error: json.JSONDecodeError) -> bool:
    """Return whether the text simply stops, so that brackets or a string are open at its end."""
    bare = _STRING.sub("", text)
    is_open = '"' in bare or sum(map(bare.count, "{[")) > sum(map(bare.count, "}]"))
    at_end = error.pos >= len(text.rstrip()) - _LONGEST_CUT_WORD
    return is_open and (at_end or error.msg.startswith("Unterminated"))
