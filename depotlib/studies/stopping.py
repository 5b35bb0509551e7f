"""When a comparison may stop: the answer is sure enough, or the difference is none that matters.

Looking again and again until a difference seems sure finds one where there is none. So the doubt
that is allowed is spent over all looks together: the ``k``-th look may be wrong in
``doubt / (k (k + 1))`` of cases, and these add up to the whole doubt however long one goes on.

Where all seeds differ by the very same, no distribution is seen: a station that fails in one of
thirty plays has failed in none of four. So "alike" is then an answer only once there are so many
seeds that, were another difference met in one of ten, it would have been: with the doubt that the
looks so far have left over, ``doubt / (k + 1)``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from depotlib.errors import StudyError
from depotlib.studies.band import LEAST_VALUES, SURE_SHARE, Band, student_band

Answer = Literal["less", "more", "alike", "open"]

RARE_SHARE: Final = 0.1
"""Of seeds that may differ otherwise than all that were seen."""
_SAME_FACTOR: Final = 1e-9
"""Differences this near to each other, as a part of them, are the same: sums are rounded."""


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure an answer must be.

    Parameters
    ----------
    indifferent_value : float
        A difference no larger is none, in the unit of the measure.
    share : float
        Of studies whose answer shall be right, 0-1; where no seed differs at all, right but for
        what is met in at most `RARE_SHARE` of seeds.
    batch : int
        Seeds that are played between two looks.
    most_seeds : int
        Where to stop without an answer.

    Raises
    ------
    StudyError
        If a number cannot be.
    """

    indifferent_value: float
    share: float = SURE_SHARE
    batch: int = 4
    most_seeds: int = 64

    def __post_init__(self) -> None:
        if not (
            self.indifferent_value >= 0
            and 0 < self.share < 1
            and LEAST_VALUES <= self.batch <= self.most_seeds
        ):
            raise StudyError(
                f"sure to {self.share:g}, in batches of {self.batch} up to {self.most_seeds} seeds, "
                "cannot be",
                where="sureness",
                hint="give a share between 0 and 1, batches of 2 or more, and room for one batch",
            )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison says.

    Parameters
    ----------
    answer : {'less', 'more', 'alike', 'open'}
        The second is less, is more, differs by less than matters; or it is not sure yet.
    band : Band
        Of the difference, with the doubt of this look.
    looks : int
    """

    answer: Answer
    band: Band
    looks: int


def judged(differences: Sequence[float], sureness: Sureness, *, look: int) -> Verdict:
    """Return what the differences so far say.

    Parameters
    ----------
    differences : sequence of float
        Second less first, one a seed.
    sureness : Sureness
    look : int
        How often one has looked, this time included, from 1.

    Raises
    ------
    StudyError
        If there are fewer than two differences.
    """
    doubt_share = (1 - sureness.share) / (look * (look + 1))
    band = student_band(differences, share=1 - doubt_share)
    answer: Answer = "open"
    if max(abs(band.low_value), abs(band.high_value)) <= sureness.indifferent_value:
        left_share = (1 - sureness.share) / (look + 1)
        answer = "open" if _says_too_little(differences, left_share=left_share) else "alike"
    elif band.excludes(0.0):
        answer = "less" if band.mean_value < 0 else "more"
    return Verdict(answer, band, look)


def _says_too_little(differences: Sequence[float], *, left_share: float) -> bool:
    """Return whether all seeds differ by the same, and are too few for that to mean something."""
    spread, largest = max(differences) - min(differences), max(map(abs, differences))
    if spread > _SAME_FACTOR * largest:
        return False
    return (1 - RARE_SHARE) ** len(differences) > left_share


def until_sure(
    differences: Callable[[Sequence[int]], Mapping[int, float]], sureness: Sureness
) -> Verdict:
    """Return the answer of a comparison that plays batch after batch of seeds until it is sure.

    Parameters
    ----------
    differences : callable
        Plays seeds: second less first, by seed; a seed that failed is left out.
    sureness : Sureness

    Raises
    ------
    StudyError
        If a first batch leaves fewer than two differences.
    """
    known: dict[int, float] = {}
    verdict: Verdict | None = None
    for look, first in enumerate(range(0, sureness.most_seeds, sureness.batch), 1):
        seeds = range(first, min(first + sureness.batch, sureness.most_seeds))
        known |= differences(seeds)
        verdict = judged(list(known.values()), sureness, look=look)
        if verdict.answer != "open":
            return verdict
    assert verdict is not None  # there is room for one batch
    return verdict
