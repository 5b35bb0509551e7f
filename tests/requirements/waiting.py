"""The requirements that later issues meet, each with its issue and what is missing until then."""

from typing import Final, NamedTuple


class Waiting(NamedTuple):
    """The issue that meets a requirement, and what is missing until then."""

    issue: int
    why: str


WAITING: Final[dict[int, Waiting]] = {
    39: Waiting(7, "seven simulated days with five kills"),
}
