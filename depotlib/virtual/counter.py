"""What a virtual station is asked to keep beside its limits: tokens, reservations, availability."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counter:
    """The books of one station; they survive a lost connection.

    Parameters
    ----------
    tokens : set of str
        That may charge while there is no connection.
    list_version : int
        0: it has no list.
    reservations : dict
        Connector by the reservation's number; 0: any.
    idle : set of int
        Connectors that are out of service; 0: the station.
    """

    tokens: set[str] = field(default_factory=set[str])
    list_version: int = 0
    reservations: dict[int, int] = field(default_factory=dict[int, int])
    idle: set[int] = field(default_factory=set[int])

    def take_list(
        self, version: int, *, kept: Iterable[str], gone: Iterable[str], is_whole: bool
    ) -> bool:
        """Return whether a list of tokens was taken: a part of one must be newer than the last.

        Parameters
        ----------
        version : int
        kept, gone : iterable of str
        is_whole : bool
        """
        if not is_whole and version <= self.list_version:
            return False
        self.tokens = (set() if is_whole else self.tokens - set(gone)) | set(kept)
        self.list_version = version
        return True

    def is_idle(self, connector: int) -> bool:
        """Return whether a connector is out of service."""
        return bool(self.idle & {0, connector})

    def set_availability(self, connector: int, *, is_operative: bool) -> None:
        """Take a connector, or the station (0), out of service or back into it."""
        if is_operative:
            self.idle.discard(connector)
        else:
            self.idle.add(connector)

    def reserve(self, number: int, *, connector: int) -> None:
        """Keep a connector; the same number again is the same reservation, moved."""
        self.reservations[number] = connector

    def release(self, number: int) -> bool:
        """Return whether there was such a reservation; there is none any more."""
        return self.reservations.pop(number, None) is not None
