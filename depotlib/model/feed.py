"""How far a feed has come, and how it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

MAY_LIMIT: Final = frozenset(
    {
        "unreadable",
        "value",
        "units",
        "level_not_mapped",
        "no_controllable_device",
        "no_programme",
        "impossible",
    }
)
"""Reasons for which a grid signal was not taken although it may have meant a limit."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """A feed after its last look.

    Parameters
    ----------
    feed : str
        ``geotab``, ``samsara``, ``folder`` or ``openadr``; ``vdv463`` and a system's name.
    at : datetime
        When it last looked, with or without success.
    marks : mapping of str to str
        Where to go on from: versions, cursors, files that were read.
    failing_since : datetime or None
        First of the looks that have failed in a row since; None: the last one worked.
    failures : int
        How many they are.
    note : str
        Why, or what a person should know.
    unknown_ids : tuple of str
        Whom the vendor told of and the fleet does not know.
    refused : int
        Records of the last look that said what cannot be.
    reasons : mapping of str to int
        Of grid signals: what the last look did not take, by reason.
    """

    feed: str
    at: datetime
    marks: Mapping[str, str] = field(default_factory=dict[str, str])
    failing_since: datetime | None = None
    failures: int = 0
    note: str = ""
    unknown_ids: tuple[str, ...] = ()
    refused: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict[str, int])

    def not_understood(self) -> tuple[str, ...]:
        """Return the reasons of the last look for which a limit may have been missed."""
        return tuple(sorted(MAY_LIMIT & set(self.reasons)))
