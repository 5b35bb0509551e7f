"""Durations from text: hours beyond a day, days before a point, fractions of a second."""

import re
from typing import Final

from depotlib.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

_PATTERN: Final = re.compile(
    r"^\s*(?P<sign>-)?(?:(?P<days>\d{1,6})[.\s])?(?P<hours>\d{1,6}):(?P<minutes>[0-5]\d)"
    r"(?::(?P<seconds>[0-5]\d(?:[.,]\d+)?))?\s*$"
)


def read_duration_s(text: str) -> float | None:
    """Return a duration in seconds, negative where the text is; None where it is none.

    Parameters
    ----------
    text : str
        ``[-][d.]hh:mm[:ss[.fffffff]]``; hours may go past 24 (``47:42:45``), days stand before a
        point as .NET writes them (``1.02:00:05.0000000``).
    """
    match = _PATTERN.match(text)
    if match is None:
        return None
    duration_s = (
        int(match["days"] or 0) * SECONDS_PER_DAY
        + int(match["hours"]) * SECONDS_PER_HOUR
        + int(match["minutes"]) * SECONDS_PER_MINUTE
        + float((match["seconds"] or "0").replace(",", "."))
    )
    return -duration_s if match["sign"] else duration_s
