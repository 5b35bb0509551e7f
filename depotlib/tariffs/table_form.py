"""The file form of a component: its class's fields as a table, and back, by their types.

A table's keys are the fields' names. A field with a default may be left out; a key that no field
has is refused, for it may mean money.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from depotlib.errors import TariffFormatError
from depotlib.tariffs.tier import Tier

TomlValue = (
    str | int | bool | Decimal | datetime | date | time | list["TomlValue"] | dict[str, "TomlValue"]
)
Table = dict[str, TomlValue]
Made = TypeVar("Made")

NAMES_OF_TYPES: Final = {"Tier": Tier}
"""What annotations name ahead of its definition."""


def to_table(value: object) -> Table:
    """Return a dataclass as a table; what is at its default is left out.

    Parameters
    ----------
    value : object
        An instance of a dataclass whose fields are text, numbers, times, dataclasses or tuples.
    """
    assert is_dataclass(value)
    return {
        field.name: _value_of(getattr(value, field.name))
        for field in fields(value)
        if field.init and not _is_default(field, getattr(value, field.name))
    }


def from_table(kind: type[Made], table: Mapping[str, object], *, where: str) -> Made:
    """Return the instance of a dataclass that a table holds.

    Parameters
    ----------
    kind : type
        The dataclass.
    table : mapping of str to object
    where : str
        What to call the table in an error.

    Raises
    ------
    TariffFormatError
        If a field is missing or of another type, or a key is none of the fields.
    """
    hints = get_type_hints(kind, localns=NAMES_OF_TYPES)
    known = {field.name: field for field in fields(cast("Any", kind)) if field.init}
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise TariffFormatError(
            f"{unknown[0]!r} is not known here, and it may mean money",
            where=where,
            hint=f"use {', '.join(known)}",
        )
    missing = [name for name, field in known.items() if name not in table and _is_needed(field)]
    if missing:
        raise TariffFormatError(
            f"{missing[0]!r} is missing", where=where, hint="see docs/tariff-file.md"
        )
    values = {
        name: _made(hints[name], value, where=f"{where}, {name}") for name, value in table.items()
    }
    return kind(**values)


def _made(hint: object, value: object, *, where: str) -> object:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        (inner,) = [each for each in get_args(hint) if each is not type(None)]
        return _made(inner, value, where=where)
    if origin is tuple:
        return _made_tuple(get_args(hint)[0], value, where=where)
    if origin is Literal:
        if value not in get_args(hint):
            raise _not_a(value, f"one of {', '.join(map(str, get_args(hint)))}", where=where)
        return value
    kind = cast("type[object]", hint)
    if not is_dataclass(kind):
        return _made_plain(kind, value, where=where)
    if not isinstance(value, Mapping):
        raise _not_a(value, "a table", where=where)
    return from_table(kind, cast("Mapping[str, object]", value), where=where)


def _made_tuple(inner: object, value: object, *, where: str) -> tuple[object, ...]:
    if isinstance(inner, str):
        inner = NAMES_OF_TYPES[inner]
    if not isinstance(value, list):
        raise _not_a(value, "a list", where=where)
    entries = cast("list[object]", value)
    return tuple(
        _made(inner, entry, where=f"{where}[{position}]")
        for position, entry in enumerate(entries, 1)
    )


def _made_plain(hint: type[object], value: object, *, where: str) -> object:
    wanted, convert = PLAIN[hint]
    is_truth = isinstance(value, bool) and hint is not bool
    if is_truth or not isinstance(value, wanted):
        raise _not_a(value, WORDS[hint], where=where)
    return convert(value)


PLAIN: Final[Mapping[type, tuple[tuple[type, ...], Callable[[Any], object]]]] = {
    str: ((str,), str),
    bool: ((bool,), bool),
    int: ((int,), int),
    Decimal: ((Decimal, int), Decimal),
    float: ((Decimal, int), float),
    datetime: ((datetime,), lambda value: value),
    date: ((date,), lambda value: value),
    time: ((time,), lambda value: value),
}
WORDS: Final[Mapping[type, str]] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    Decimal: "a number",
    float: "a number",
    datetime: "a date with time and offset",
    date: "a date",
    time: "a time such as 16:30:00",
}


def _value_of(value: object) -> TomlValue:
    if isinstance(value, tuple | list | frozenset):
        return [_value_of(entry) for entry in cast("tuple[object, ...]", value)]
    if is_dataclass(value):
        return to_table(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    assert isinstance(value, str | int | bool | Decimal | datetime | date | time), repr(value)
    return value


def _is_default(field: "Field[object]", value: object) -> bool:
    if field.default is not MISSING:
        return bool(field.default == value)
    if field.default_factory is not MISSING:
        return bool(field.default_factory() == value)
    return False


def _is_needed(field: "Field[object]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _not_a(value: object, wanted: str, *, where: str) -> TariffFormatError:
    return TariffFormatError(
        f"{value!r} is not {wanted}", where=where, hint="see docs/tariff-file.md"
    )
