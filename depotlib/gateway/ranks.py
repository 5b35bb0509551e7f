"""Ranks of our calls to a station: lower, re-arm, start and stop, raise, configure, verify."""

from typing import Final

RANK_LOWER: Final = 0
RANK_ARM: Final = 1
RANK_SESSION: Final = 2
RANK_RAISE: Final = 3
RANK_CONFIGURE: Final = 4
RANK_VERIFY: Final = 5
