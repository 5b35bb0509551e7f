"""A look that is taken again and again in a process of its own, whatever fails."""

import threading
from collections.abc import Callable

from depotlib.errors import DepotError


def keep_looking(
    look: Callable[[], object],
    *,
    name: str,
    every_s: float,
    stop: threading.Event,
    tell: Callable[[str], None],
) -> None:
    """Look until told to stop; what fails is told once for as long as it fails alike.

    Parameters
    ----------
    look : callable
    name : str
        Begins what is told.
    every_s : float
        Between two looks, on the machine's clock [s].
    stop : threading.Event
    tell : callable
        Takes a sentence for a person.
    """
    told = ""
    while not stop.is_set():
        try:
            look()
            told = ""
        except DepotError as error:
            if str(error) != told:
                tell(f"{name}: {error}")
            told = str(error)
        stop.wait(every_s)
