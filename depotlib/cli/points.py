"""Parameters of a study as words of a command line."""

import tomllib
from collections.abc import Sequence
from typing import cast

from depotlib.model.live import Scalar


def point_of(words: Sequence[str]) -> dict[str, Scalar]:
    """Return a point of words such as ``dc_stations=8``; values are read as TOML reads them."""
    return {name: _value(text) for name, _, text in (word.partition("=") for word in words)}


def axes_of(words: Sequence[str]) -> dict[str, tuple[Scalar, ...]]:
    """Return axes of words such as ``dc_stations=4,6,8``; each value as in `point_of`."""
    return {
        name: tuple(_value(value) for value in text.split(",") if value)
        for name, _, text in (word.partition("=") for word in words)
    }


def _value(text: str) -> Scalar:
    try:
        return cast("Scalar", tomllib.loads(f"value = {text}")["value"])
    except tomllib.TOMLDecodeError:
        return text
