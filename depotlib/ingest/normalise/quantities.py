"""Numbers and their scales, judged over a whole column."""

import math
import re
from collections.abc import Sequence
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
    bare = text.strip().replace("\u00a0", "")
    if decimal_mark == ",":
        bare = bare.replace(".", "").replace(",", ".") if "," in bare else bare
    elif _GROUPED.match(bare):
        bare = bare.replace(",", "")
    if not _NUMBER.match(bare):
        return None
    value = float(bare)
    return value if math.isfinite(value) else None


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
    charged = sorted(value for value in values if value > 0)
    if not charged:
        return documented
    high = charged[int(_JUDGED_SHARE * (len(charged) - 1))]
    middle = charged[len(charged) // 2]
    for scale, full in _FULL:
        if scale == documented:
            break
        if high <= full and (scale != "fraction" or not all(map(float.is_integer, charged))):
            return scale
    for scale, full in _FULL:
        if full >= max(dict(_FULL)[documented], middle):
            return scale
    return documented


def soc_share(value: float, *, scale: SocScale) -> float | None:
    """Return a state of charge as a fraction 0-1, or None where it is beyond empty or full."""
    if not 0 <= value <= dict(_FULL)[scale]:
        return None
    if scale == "milli_percent":
        return millipercent_to_soc(value)
    return percent_to_soc(value) if scale == "percent" else value
