"""When a comparison may stop: the answer is sure enough, or the difference is none that matters.

Looking again and again until a difference seems sure finds one where there is none. So the doubt
that is allowed is spent over all looks together: the ``k``-th look may be wrong in
``doubt / (k (k + 1))`` of cases, and these add up to the whole doubt however long one goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from depotlib.errors import StudyError
from depotlib.studies.band import LEAST_VALUES, SURE_SHARE, Band, student_band

Answer = Literal["less", "more", "alike", "open"]


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure an answer must be.

    Parameters
    ----------
    indifferent_value : float
        A difference no larger is none, in the unit of the measure.
    share : float
        Of studies whose answer shall be right, 0-1.
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
        answer = "alike"
    elif band.excludes(0.0):
        answer = "less" if band.mean_value < 0 else "more"
    return Verdict(answer, band, look)


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
