"""Every drill, in the order in which they are played."""

from typing import Final

from depotlib.drills import (
    base_load_jump,
    blackout,
    connection_lost,
    disobedience,
    grid_limit,
    identities,
    killed,
    offline,
    priority,
    simultaneous,
    sleepers,
    slow_firmware,
)
from depotlib.drills.drill import Drill
from depotlib.errors import InputError

DRILLS: Final[tuple[Drill, ...]] = (
    simultaneous.DRILL,
    identities.DRILL,
    offline.DRILL,
    priority.DRILL,
    slow_firmware.DRILL,
    disobedience.DRILL,
    blackout.DRILL,
    killed.DRILL,
    base_load_jump.DRILL,
    connection_lost.DRILL,
    grid_limit.DRILL,
    sleepers.DRILL,
)
ALL: Final = "all"


def drills_named(name: str) -> tuple[Drill, ...]:
    """Return the drill of a name, or every one for ``all``.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    chosen = tuple(one for one in DRILLS if name in {one.name, ALL})
    if not chosen:
        raise InputError(
            f"there is no drill {name!r}",
            where="depot drill",
            hint=f"the drills are {', '.join(one.name for one in DRILLS)}; or all",
        )
    return chosen
