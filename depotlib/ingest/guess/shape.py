"""What the values of a column look like, judged over a sample of its rows."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from depotlib.ingest.guess.vocabulary import UNKNOWN_TEXTS, ZONE_OFFSETS
from depotlib.ingest.normalise.durations import read_duration_s
from depotlib.ingest.normalise.quantities import judge_decimal_mark, read_number
from depotlib.ingest.normalise.times import BadTime, judge_date_order, read_time
from depotlib.model.calendar import zone

Shape = Literal[
    "empty", "instant", "date", "clock", "duration", "number", "epoch", "flag", "zone", "text"
]

Bounds = tuple[float, float]
"""Least and greatest of numbers whose unit is still to be found out."""

_MOST: Final = 0.9
"""Nine tenths of the filled values decide what a column is."""
_CLOCK: Final = re.compile(r"^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_JAVASCRIPT: Final = re.compile(r"^[A-Z][a-z]{2} [A-Z][a-z]{2} \d{2} \d{4} \d{2}:\d{2}:\d{2} GMT")
_FLAGS: Final = frozenset(
    {"0", "1", "true", "false", "yes", "no", "y", "n", "ja", "nein", "oui", "non", "on", "off"}
)
_EPOCHS: Final = ((1e9, 4.2e9, "s-epoch"), (1e12, 4.2e12, "ms-epoch"))
_HOURS_OF_A_CLOCK: Final = 24


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """What a column's values look like.

    Parameters
    ----------
    shape : Shape
    filled_share, distinct_share : float
        Of all rows that hold a value; of the filled ones that differ.
    bounds : tuple of (float, float) or None
        Least and greatest of a column of numbers.
    is_whole : bool
        Whether every number is a whole one.
    unit : str
        ``s-epoch``, ``ms-epoch`` or ``javascript`` for instants written so.
    """

    shape: Shape
    filled_share: float = 0.0
    distinct_share: float = 0.0
    bounds: Bounds | None = None
    is_whole: bool = False
    unit: Literal["", "s-epoch", "ms-epoch", "javascript"] = ""

    @property
    def is_time(self) -> bool:
        """Return whether it says when, alone or with a time of day in another column."""
        return self.shape in {"instant", "date", "epoch"}


def shape_of(texts: Sequence[str]) -> ColumnShape:
    """Return what a column's values look like.

    Parameters
    ----------
    texts : sequence of str
        Of a sample of rows, blank ones left out.
    """
    trimmed = [text.strip() for text in texts]
    filled = [text for text in trimmed if text and text.lower() not in UNKNOWN_TEXTS]
    if not filled:
        return ColumnShape("empty")
    numbers = _numbers(filled)
    shape, unit = _kind(filled, numbers)
    return ColumnShape(
        shape=shape,
        filled_share=len(filled) / len(texts),
        distinct_share=len(set(filled)) / len(filled),
        bounds=(min(numbers), max(numbers)) if shape == "number" else None,
        is_whole=shape == "number" and all(map(float.is_integer, numbers)),
        unit=unit,
    )


def _kind(
    filled: Sequence[str], numbers: Sequence[float]
) -> tuple[Shape, Literal["", "s-epoch", "ms-epoch", "javascript"]]:
    if _are(filled, _JAVASCRIPT.match):
        return "instant", "javascript"
    if {text.upper() for text in filled} <= set(ZONE_OFFSETS):
        return "zone", ""
    if {text.lower() for text in filled} <= _FLAGS:
        return "flag", ""
    if len(numbers) >= _MOST * len(filled):
        for low, high, name in _EPOCHS:
            if all(low <= number < high for number in numbers):
                return "epoch", "s-epoch" if name == "s-epoch" else "ms-epoch"
        return "number", ""
    return _text_kind(filled), ""


def _text_kind(filled: Sequence[str]) -> Shape:
    if _are(filled, _CLOCK.match) and all(int(text.split(":")[0]) < _HOURS_OF_A_CLOCK
                                          for text in filled if _CLOCK.match(text)):  # fmt: skip
        return "clock"
    if _are(filled, lambda text: read_duration_s(text) is not None):
        return "duration"
    order = judge_date_order(filled, assumed="day_month_year").order
    utc = zone("UTC")
    if _are(
        filled, lambda text: not isinstance(read_time(text, order=order, time_zone=utc), BadTime)
    ):
        return (
            "instant" if any(":" in text and not _is_midnight(text) for text in filled) else "date"
        )
    return "text"


def _is_midnight(text: str) -> bool:
    return re.search(r"[T ]0?0:00(:00(\.0+)?)?", text) is not None


def _are(filled: Sequence[str], claim: Callable[[str], object]) -> bool:
    return sum(map(bool, map(claim, filled))) >= _MOST * len(filled)


def _numbers(filled: Sequence[str]) -> list[float]:
    mark = judge_decimal_mark(filled, delimiter=";")
    return [
        number for text in filled if (number := read_number(text, decimal_mark=mark)) is not None
    ]
