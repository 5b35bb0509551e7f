"""Reading a station's fields leniently: stations send texts for numbers, and odd clocks."""

import math
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import cast

from depotlib.errors import FrameError

Fields = Mapping[str, object]


def required(fields: Fields, name: str, *, call_id: str) -> object:
    """Return a field that must be there.

    Raises
    ------
    FrameError
        If it is missing (``OccurenceConstraintViolation``, spelled as OCPP 1.6 spells it).
    """
    value = fields.get(name)
    if value is None:
        raise FrameError(f"{name} is missing", code="OccurenceConstraintViolation", call_id=call_id)
    return value


def whole(fields: Fields, name: str, *, call_id: str) -> int:
    """Return a whole number that must be there; a text or a float of one is taken too.

    Raises
    ------
    FrameError
        If it is missing or no number (``TypeConstraintViolation``).
    """
    number = number_or_none(required(fields, name, call_id=call_id))
    if number is None:
        raise FrameError(f"{name} is no number", code="TypeConstraintViolation", call_id=call_id)
    return int(number)


def word(fields: Fields, name: str, *, call_id: str) -> str:
    """Return a text that must be there; a number is taken as its text.

    Raises
    ------
    FrameError
        If it is missing or an object or list (``TypeConstraintViolation``).
    """
    value = required(fields, name, call_id=call_id)
    if not isinstance(value, str | int | float):
        raise FrameError(f"{name} is no text", code="TypeConstraintViolation", call_id=call_id)
    return str(value)


def word_or_empty(fields: Fields, name: str) -> str:
    """Return a text, or an empty one."""
    value = fields.get(name)
    return str(value) if isinstance(value, str | int | float) else ""


def place(fields: Fields, name: str, *, call_id: str) -> int:
    """Return the number of a connector; 0 is the whole station.

    Raises
    ------
    FrameError
        As `whole`, and ``PropertyConstraintViolation`` below 0.
    """
    number = whole(fields, name, call_id=call_id)
    if number < 0:
        raise FrameError(f"{name} is below 0", code="PropertyConstraintViolation", call_id=call_id)
    return number


def choice(fields: Fields, name: str, *, call_id: str, words: Collection[str]) -> str:
    """Return a text that must be one of some words.

    Raises
    ------
    FrameError
        As `word`, and ``PropertyConstraintViolation`` for another one.
    """
    told = word(fields, name, call_id=call_id)
    if told not in words:
        raise FrameError(
            f"{name} is no word of the protocol",
            code="PropertyConstraintViolation",
            call_id=call_id,
        )
    return told


def number_or_none(value: object) -> float | None:
    """Return a finite number, also from its text (decimal comma included), or None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value.strip().replace(",", ".")) if isinstance(value, str) else float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def instant_or_none(value: object) -> datetime | None:
    """Return an instant, read as UTC where it has no offset, or None where it cannot be read."""
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value.strip())
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def objects(value: object) -> list[Fields]:
    """Return the objects of a list; anything else in it, or no list at all, is left out."""
    if not isinstance(value, list):
        return []
    members = cast("list[object]", value)
    return [cast("Fields", member) for member in members if isinstance(member, dict)]


def fields_of(value: object) -> Fields:
    """Return an object's fields; of anything else none."""
    return cast("Fields", value) if isinstance(value, dict) else {}
