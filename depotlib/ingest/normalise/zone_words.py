"""Offsets from UTC for the zone abbreviations that exports write beside a local time."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OFFSETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "UTC": "+00:00",
        "GMT": "+00:00",
        "WET": "+00:00",
        "WEST": "+01:00",
        "BST": "+01:00",
        "CET": "+01:00",
        "CEST": "+02:00",
        "EET": "+02:00",
        "EEST": "+03:00",
        "AST": "-04:00",
        "ADT": "-03:00",
        "EST": "-05:00",
        "EDT": "-04:00",
        "CST": "-06:00",
        "CDT": "-05:00",
        "MST": "-07:00",
        "MDT": "-06:00",
        "PST": "-08:00",
        "PDT": "-07:00",
        "AKST": "-09:00",
        "AKDT": "-08:00",
        "HST": "-10:00",
    }
)
"""North America's and Europe's. Words that several continents share (IST, and CST or BST outside
these two) are read as these two mean them; a word that is not here has no offset."""


def zone_offset(word: str) -> str | None:
    """Return the offset that a zone abbreviation stands for, as ``-05:00``; None if unknown.

    An abbreviation names the offset, not the place: it tells the two readings of the hour that
    clocks repeat apart, which the name of a zone cannot.
    """
    return OFFSETS.get(word.strip().upper())
