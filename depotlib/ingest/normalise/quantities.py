"""Numbers and their scales, judged over a whole column."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from depotlib.units import millipercent_to_soc, percent_to_soc

DecimalMark = Literal[".", ","]
SocScale = Literal["fraction", "percent", "milli_percent"]

_FULL: Final[tuple[tuple[SocScale, float], ...]] = (
    ("fraction", 1.0),
    ("percent", 100.0),
    ("milli_percent", 100_000.0),
)
"""From small to large."""
_JUDGED_SHARE: Final = 0.9
"""A smaller scale must hold nine tenths of a column, so a few wild values do not hide it."""
_COMMA_ONLY: Final = re.compile(r"^[+-]?\d+,\d+$")
_GROUPED: Final = re.compile(r"^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$")
_NUMBER: Final = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")


def judge_decimal_mark(texts: Sequence[str], *, delimiter: str) -> DecimalMark:
    """Return the decimal mark of a column of numbers.

    Parameters
    ----------
    texts : sequence of str
    delimiter : str
        Of the table: where every comma could also group thousands (``1,234``), a table cut by
        semicolons writes decimal commas.
    """
    with_comma = [text.strip() for text in texts if "," in text]
    if not with_comma or any("." in text.split(",")[-1] for text in with_comma):
        return "."
    if all(_GROUPED.match(text) for text in with_comma):
        return "," if delimiter == ";" else "."
    return ","


def read_number(text: str, *, decimal_mark: DecimalMark = ".") -> float | None:
    """Return the finite number that a text holds, or None.

    Grouped thousands are read where they are unmistakable for the decimal mark.
    """
    bare = text.strip().replace("\u00a0", "").replace("\u202f", "")
    if decimal_mark == ",":
        bare = bare.replace(".", "").replace(",", ".") if "," in bare else bare
    elif _GROUPED.match(bare):
        bare = bare.replace(",", "")
    if not _NUMBER.match(bare):
        return None
    value = float(bare)
    return value if math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class SocTally:
    """How many values of a column are positive, whole, and within each scale.

    Parameters
    ----------
    positive, whole : int
        Values above 0, and those of them that are whole numbers.
    within : tuple of int
        Values above 0 and at most 1, at most 100 and at most 100,000.
    """

    positive: int = 0
    whole: int = 0
    within: tuple[int, ...] = (0,) * len(_FULL)

    def __add__(self, other: "SocTally") -> "SocTally":
        """Return the tally of two columns as one."""
        within = tuple(map(sum, zip(self.within, other.within, strict=True)))
        return SocTally(self.positive + other.positive, self.whole + other.whole, within)

    def scale(self, documented: SocScale) -> SocScale:
        """Return the scale that the column is in; see `judge_soc_scale`."""
        if not self.positive:
            return documented
        most = math.ceil(_JUDGED_SHARE * self.positive)
        half = self.positive // 2 + 1
        for (scale, _), count in zip(_FULL, self.within, strict=True):
            if scale == documented:
                break
            if count >= most and (scale != "fraction" or self.whole < self.positive):
                return scale
        for (scale, full), count in zip(_FULL, self.within, strict=True):
            if full >= dict(_FULL)[documented] and count >= half:
                return scale
        return documented


def soc_tally(values: Sequence[float]) -> SocTally:
    """Return the tally of a column."""
    positive = [value for value in values if value > 0]
    within = tuple(sum(value <= full for value in positive) for _, full in _FULL)
    return SocTally(len(positive), sum(map(float.is_integer, positive)), within)


def judge_soc_scale(values: Sequence[float], *, documented: SocScale) -> SocScale:
    """Return the scale in which a column states the charge of batteries.

    Parameters
    ----------
    values : sequence of float
        The whole column.
    documented : SocScale
        What the vendor says: kept unless nine tenths of the column fit a smaller scale, or most
        of it is beyond what the documented one calls full. A column of whole numbers is never a
        column of fractions: 1 is one percent there, not a full battery.
    """
    return soc_tally(values).scale(documented)


def full_soc(scale: SocScale) -> float:
    """Return what a scale calls full."""
    return dict(_FULL)[scale]


def soc_share(value: float, *, scale: SocScale) -> float | None:
    """Return a state of charge as a fraction 0-1, or None where it is beyond empty or full."""
    if not 0 <= value <= dict(_FULL)[scale]:
        return None
    if scale == "milli_percent":
        return millipercent_to_soc(value)
    return percent_to_soc(value) if scale == "percent" else value
