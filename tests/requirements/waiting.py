"""The requirements that later issues meet, each with its issue and what is missing until then."""

from typing import Final, NamedTuple


class Waiting(NamedTuple):
    """The issue that meets a requirement, and what is missing until then."""

    issue: int
    why: str


WAITING: Final[dict[int, Waiting]] = {
    13: Waiting(7, "swapped vans are all found and corrected; blind execution is not priced"),
    39: Waiting(7, "seven simulated days with five kills"),
    41: Waiting(
        9, "a benchmark prices late returns; readiness and cost are not told as a distribution"
    ),
}
