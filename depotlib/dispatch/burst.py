"""Events that wait for a re-plan: the first after a calm is answered at once, a burst as one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.live import JournalKind

QUIET: Final = timedelta(seconds=0.2)
"""A burst of events is one event once it has been quiet for so long ..."""
PATIENCE: Final = timedelta(seconds=1)
"""... or has gone on for so long."""
FOLLOWED: Final[frozenset[JournalKind]] = frozenset(
    {"identity_resolved", "disobedience", "vehicle_asleep"}
)
"""What the gateway, or somebody else, acts upon a moment later than that is journalled."""


@dataclass(slots=True)
class Burst:
    """Events that wait to be answered by one re-plan.

    Parameters
    ----------
    reason : str
        The kind of the first.
    first_at, last_at : datetime
    count : int
    is_after_calm : bool
        Whether nothing had happened for a while: there is nothing to wait for.
    """

    reason: str
    first_at: datetime
    last_at: datetime
    count: int
    is_after_calm: bool = False

    def is_over(self, now: datetime) -> bool:
        """Return whether the re-plan is due."""
        is_quiet = now - self.last_at >= QUIET or now - self.first_at >= PATIENCE
        return self.is_after_calm or is_quiet


class Calm:
    """How long nothing has happened, as somebody sees who does not always look."""

    def __init__(self) -> None:
        self._since: datetime | None = None

    def is_long(self, now: datetime) -> bool:
        """Return whether somebody has looked for long enough and nothing has happened."""
        return self._since is not None and now - self._since >= QUIET

    def end(self, now: datetime) -> None:
        """Note that something happens now."""
        self._since = now

    def look_away(self) -> None:
        """Note that from now on nobody looks: what the next look finds may be old."""
        self._since = None

    def look(self, now: datetime) -> None:
        """Note that somebody looks again."""
        self._since = self._since or now
