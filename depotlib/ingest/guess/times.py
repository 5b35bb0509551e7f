"""What a sample's times say: the unit of a duration beside them, and whether they tick evenly."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Final

from depotlib.ingest.normalise.quantities import judge_decimal_mark, read_number
from depotlib.ingest.normalise.times import BadTime, judge_date_order, read_time
from depotlib.model.calendar import zone
from depotlib.model.unit import Unit
from depotlib.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

_UNITS: Final[tuple[tuple[Unit, float], ...]] = (
    ("s", 1.0), ("min", SECONDS_PER_MINUTE), ("h", SECONDS_PER_HOUR),
)  # fmt: skip
_NEAR_SHARE: Final = 0.2
"""Stamps to the minute are this far from a duration with seconds, at most, over a column."""
_EVEN_SHARE: Final = 0.8
_FEWEST: Final = 3


def instants_of(texts: Sequence[str]) -> list[datetime | None]:
    """Return the instants of a sample's texts, in UTC for want of a zone; None where none is."""
    order = judge_date_order(texts, assumed="day_month_year").order
    utc = zone("UTC")
    read = (read_time(text, order=order, time_zone=utc) for text in texts)
    return [None if isinstance(one, BadTime) else one.instant for one in read]


def elapsed_unit(durations: Sequence[str], *, starts: Sequence[str], ends: Sequence[str]) -> Unit:
    """Return the unit in which a column counts the time between two others; empty for none."""
    mark = judge_decimal_mark([text for text in durations if text.strip()], delimiter=";")
    ratios: list[float] = []
    spans = zip(durations, instants_of(starts), instants_of(ends), strict=True)
    for text, start, end in spans:
        value = read_number(text, decimal_mark=mark)
        if value and start is not None and end is not None and end > start:
            ratios.append((end - start).total_seconds() / value)
    if len(ratios) < _FEWEST:
        return ""
    middle = median(ratios)
    near: list[Unit] = [unit for unit, one_s in _UNITS if abs(middle / one_s - 1) <= _NEAR_SHARE]
    return near[0] if near else ""


def is_regular(texts: Sequence[str]) -> bool:
    """Return whether a column of times ticks evenly, as a meter's does and a session log's not."""
    instants = [instant for instant in instants_of(texts) if instant is not None]
    steps = [after - before for before, after in pairwise(instants)]
    if len(steps) < _FEWEST:
        return False
    step, times = Counter(steps).most_common(1)[0]
    return bool(step) and times >= _EVEN_SHARE * len(steps)
