"""Tables as TOML text. The standard library reads TOML but does not write it."""

import json
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import cast

from depotlib.tariffs.table_form import Table, TomlValue

LINE_LENGTH = 100


def toml_text(table: Table, *, sections: Collection[str]) -> str:
    """Return a table as TOML 1.0.

    Numbers keep every digit: ``Decimal`` is written as it stands, never through a float.

    Parameters
    ----------
    table : Table
    sections : collection of str
        Names whose lists of tables become arrays of tables; others are written inline.
    """
    return "\n".join(_lines(table, path=(), sections=sections)) + "\n"


def _lines(table: Table, *, path: tuple[str, ...], sections: Collection[str]) -> Iterator[str]:
    for name, value in table.items():
        if name not in sections:
            yield f"{name} = {_text(value)}"
    for name in (name for name in table if name in sections):
        inner = (*path, name)
        for entry in cast("list[Table]", table[name]):
            yield ""
            yield f"[[{'.'.join(inner)}]]"
            yield from _lines(entry, path=inner, sections=sections)


def _text(value: TomlValue) -> str:
    if isinstance(value, list):
        return _list_text(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_text(each)}" for name, each in value.items()) + "}"
    return _plain_text(value)


def _plain_text(value: str | int | Decimal | date | time) -> str:
    match value:
        case str() | bool():
            # JSON's texts and truths are TOML's, but for DEL.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Decimal():
            return _decimal_text(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case int():
            return str(value)


def _decimal_text(value: Decimal) -> str:
    text = f"{value:f}"
    return text if "." in text else f"{text}.0"


def _list_text(values: list[TomlValue]) -> str:
    entries = [_text(value) for value in values]
    line = f"[{', '.join(entries)}]"
    if len(line) <= LINE_LENGTH:
        return line
    return "[\n" + "".join(f"  {entry},\n" for entry in entries) + "]"
