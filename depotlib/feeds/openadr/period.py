"""Instants and durations as OpenADR 3 writes them.

References
----------
.. [1] OpenADR Alliance, "OpenADR 3.1.0 User Guide", 7.3 (event and interval timing).
"""

import re
from datetime import datetime, timedelta
from typing import Final

from depotlib.ingest.json_text import JsonValue
from depotlib.units import h_to_s, minutes_to_s

UNENDING: Final = timedelta(days=36_500)
"""What ``P9999Y`` means: no end. Nobody waits for it."""
LONG_YEARS: Final = 100
_DURATION: Final = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,4})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})W)?(?:([0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,9}(?:\.[0-9]+)?)S)?)?"
)
_BEGINNING: Final = "0001-01-01"
"""Of time: now, or straight after the interval before."""


def duration_in(value: JsonValue) -> timedelta | None:
    """Return a duration, or None where none is written.

    Raises
    ------
    ValueError
        If it is no duration, negative, or in months or years, whose length nobody knows.
    """
    if value is None:
        return None
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is no duration")
    years, months, weeks, days, hours, minutes, seconds = (
        float(part or 0) for part in found.groups()
    )
    if years >= LONG_YEARS:
        return UNENDING
    if years or months:
        raise ValueError(f"{value!r} is counted in months or years")
    clock_s = h_to_s(hours) + minutes_to_s(minutes) + seconds
    return min(UNENDING, timedelta(weeks=weeks, days=days, seconds=clock_s))


def instant_in(value: JsonValue) -> datetime | None:
    """Return an instant, or None where none is written or it is the beginning of time.

    Raises
    ------
    ValueError
        If it is no instant with an offset from UTC.
    """
    if value is None or (isinstance(value, str) and value.startswith(_BEGINNING)):
        return None
    instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    if instant is None or instant.tzinfo is None:
        raise ValueError(f"{value!r} is no instant with an offset from UTC")
    return instant
