"""Time as an argument: one clock for all processes, real or sped up.

`DEPOT_CLOCK` holds ``START,SPEED,ANCHOR``: the depot instant at the anchor, how many depot
seconds pass in one real second (1 to 60), and the real instant at which depot time was START.
Without it the clock is the machine's own. Every timer and timeout asks the clock for the real
seconds that a depot duration takes, so a demo at 60 x keeps the proportions of the night.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from depotlib.errors import SettingsError

MAX_SPEED_FACTOR: Final = 60.0


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that may run faster than the world, and starts where it is told.

    Parameters
    ----------
    start : datetime
        Depot instant at the anchor, aware.
    speed_factor : float
        Depot seconds per real second, 1 to 60.
    anchor : datetime
        Real instant at which depot time was `start`, aware.
    """

    start: datetime
    speed_factor: float
    anchor: datetime

    def __post_init__(self) -> None:
        """Refuse a naive start or anchor and a speed out of range."""
        if self.start.tzinfo is None or self.anchor.tzinfo is None:
            raise SettingsError(
                "the clock's start and anchor need an offset from UTC",
                where="DEPOT_CLOCK",
                hint="write them as 2026-11-02T21:45:00+00:00",
            )
        if not 1.0 <= self.speed_factor <= MAX_SPEED_FACTOR:
            raise SettingsError(
                f"a clock speed of {self.speed_factor:g} is outside 1 to {MAX_SPEED_FACTOR:g}",
                where="DEPOT_CLOCK",
                hint="longer runs belong in the deterministic simulation",
            )

    def now(self) -> datetime:
        """Return the depot's instant, aware, UTC."""
        elapsed = datetime.now(UTC) - self.anchor
        return (self.start + elapsed * self.speed_factor).astimezone(UTC)

    def monotonic_s(self) -> float:
        """Return depot seconds on a clock that never steps back [s]."""
        return time.monotonic() * self.speed_factor

    def real_s(self, duration_s: float) -> float:
        """Return the real seconds that a depot duration takes [s]."""
        return duration_s / self.speed_factor

    def real_s_until(self, instant: datetime) -> float:
        """Return the real seconds until a depot instant, 0 when it has passed [s]."""
        return max(0.0, self.real_s((instant - self.now()) / timedelta(seconds=1)))

    def text(self) -> str:
        """Return the clock as the text that `parse_clock` reads, for a child process."""
        return f"{self.start.isoformat()},{self.speed_factor:g},{self.anchor.isoformat()}"


def real_clock() -> Clock:
    """Return the machine's own clock."""
    now = datetime.now(UTC)
    return Clock(start=now, speed_factor=1.0, anchor=now)


def parse_clock(text: str) -> Clock:
    """Return the clock that a ``START[,SPEED[,ANCHOR]]`` text describes.

    Parameters
    ----------
    text : str
        As in `DEPOT_CLOCK`; empty means the machine's own clock. Without an anchor, depot time
        is START now.

    Raises
    ------
    SettingsError
        If a part cannot be read, or lies outside what `Clock` allows.
    """
    if not text.strip():
        return real_clock()
    start_text, speed_text, anchor_text = ([*text.split(","), "", ""])[:3]
    try:
        start = datetime.fromisoformat(start_text.strip())
        speed_factor = float(speed_text or 1.0)
        anchor = datetime.fromisoformat(anchor_text.strip()) if anchor_text else datetime.now(UTC)
    except ValueError as error:
        raise SettingsError(
            f"cannot read the clock {text!r}",
            where="DEPOT_CLOCK",
            hint="write START,SPEED or START,SPEED,ANCHOR with ISO 8601 instants",
        ) from error
    return Clock(start=start, speed_factor=speed_factor, anchor=anchor)
