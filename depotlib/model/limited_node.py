"""What a limit from outside can be on, and in whose name it stands."""

from typing import Final, Literal

GridLimitSource = Literal["utility", "operator", "enwg_14a"]

SITE_NODE: Final = "site"
CHARGING_NODE: Final = "charging"
"""Everything that charges, the base load left out: what a §14a group is limited as."""
