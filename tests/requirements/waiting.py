"""The requirements that later issues meet, each with its issue and what is missing until then."""

from typing import Final, NamedTuple


class Waiting(NamedTuple):
    """The issue that meets a requirement, and what is missing until then."""

    issue: int
    why: str


WAITING: Final[dict[int, Waiting]] = {
    39: Waiting(
        7,
        "seven short nights of a small yard with five kills lose and double nothing; the week of "
        "the reference fleet has not been played",
    ),
}
