"""Compare two points of a study on the same nights: which costs less, and where they are alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from depotlib.errors import StudyError
from depotlib.studies.break_even import BreakEven, break_even
from depotlib.studies.declaration import SEED, Point
from depotlib.studies.night_row import cases_at, night_order
from depotlib.studies.paired import values_by_seed
from depotlib.studies.row_folder import REASON, RowFolder
from depotlib.studies.runner import Progress, run_cases
from depotlib.studies.stopping import Sureness, Verdict, until_sure
from depotlib.studies.table import study_table
from depotlib.workflows.run_study import StudyOrder, workers_of
from depotlib.workflows.study_file import study_from_file

TOLERANCE_SHARE: Final = 1e-3
"""Of a span: how exactly a break-even is found."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared.

    Parameters
    ----------
    first, second : mapping of str to scalar
        What each point has that the study's base has not.
    measure : str
        Column of the results.
    """

    first: Point
    second: Point
    measure: str = "bill"


def compare_points(
    order: StudyOrder,
    comparison: Comparison,
    *,
    sureness: Sureness,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Verdict:
    """Return which of two points has more of a measure, with as many seeds as that takes.

    Parameters
    ----------
    order : StudyOrder
        Its study gives depot and base; axes and seeds of the file are not used.
    comparison : Comparison
    sureness : Sureness
    on_progress : callable
        Told after every result.

    Raises
    ------
    StudyError
        If a point cannot be, or one of its scenarios cannot be played.
    InputError
        If a file cannot be used.
    """
    with _Played(order, comparison, on_progress=on_progress) as played:
        return until_sure(lambda seeds: played.differences(seeds, turned={}), sureness)


def find_break_even(
    order: StudyOrder,
    comparison: Comparison,
    *,
    turned: str,
    span: tuple[float, float],
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> BreakEven:
    """Return the value of a parameter at which two points have the same mean over the seeds.

    Parameters
    ----------
    order : StudyOrder
        Its study gives depot, base and seeds.
    comparison : Comparison
    turned : str
        Parameter, such as ``demand_price_per_kw``; it is turned at the second point alone, as a
        price of the second tariff is.
    span : tuple of float
        Where to look.
    on_progress : callable
        Told after every result.

    Raises
    ------
    StudyError
        If a point cannot be, one of its scenarios cannot be played, or the span is none.
    InputError
        If a file cannot be used.
    """
    with _Played(order, comparison, on_progress=on_progress) as played:

        def difference(value: float) -> float:
            found = played.differences(played.study.seeds, turned={turned: value})
            return sum(found.values()) / len(found)

        return break_even(difference, span, tolerance=TOLERANCE_SHARE * (span[1] - span[0]))


class _Played:
    """Differences between two points, played as they are asked for."""

    def __init__(
        self,
        order: StudyOrder,
        comparison: Comparison,
        *,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self.study, self._ground = study_from_file(order.path)
        self._order = order
        self._comparison = comparison
        self._on_progress = on_progress
        self._workers = workers_of(order)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._workers.close()

    def differences(self, seeds: Sequence[int], *, turned: Point) -> Mapping[int, float]:
        """Return second less first, by seed, with a parameter turned at the second."""
        first = {**self.study.base, **self._comparison.first}
        second = {**self.study.base, **self._comparison.second, **turned}
        one, other = self._values(first, seeds=seeds), self._values(second, seeds=seeds)
        return {seed: other[seed] - one[seed] for seed in seeds}

    def _values(self, point: Point, *, seeds: Sequence[int]) -> dict[int, float]:
        cases = cases_at(({**point, SEED: seed} for seed in seeds), self._ground)
        folder = RowFolder(self._order.folder)
        run_cases(
            cases,
            folder,
            order=night_order(most_s=self._order.most_s, is_retrying=self._order.is_retrying),
            workers=self._workers,
            on_progress=self._on_progress,
        )
        rows = study_table(cases, folder)
        if rows[REASON].null_count() < rows.height:
            reasons = rows[REASON].drop_nulls().unique().sort().to_list()
            raise StudyError(
                f"{len(reasons)} scenarios at {dict(point)} cannot be played: {reasons[0]}",
                where="comparison",
                hint="a comparison needs every night at both points",
            )
        return values_by_seed(rows, {}, measure=self._comparison.measure)
