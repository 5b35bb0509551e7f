"""A study run to its end: what is missing is given out, what comes back is kept, deaths survived."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from depotlib.errors import StudyError
from depotlib.studies.declaration import Point
from depotlib.studies.evaluation import Evaluated, Evaluation, evaluated, failure
from depotlib.studies.pool import Workers
from depotlib.studies.row_folder import Row, RowFolder

ScenarioT = TypeVar("ScenarioT")


@dataclass(frozen=True, slots=True)
class Case(Generic[ScenarioT]):
    """One scenario of a study.

    Parameters
    ----------
    scenario_id : str
    point : mapping of str to scalar
        Where in the study it stands.
    scenario : object
        All that its result depends on.
    """

    scenario_id: str
    point: Point
    scenario: ScenarioT


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Parameters
    ----------
    total, found, done, failed, deaths : int
        Scenarios asked for; of them there before this run; run in it; failed, in it or before;
        workers that died in it.
    """

    total: int
    found: int = 0
    done: int = 0
    failed: int = 0
    deaths: int = 0

    @property
    def left(self) -> int:
        """Return how many scenarios have no result yet."""
        return self.total - self.found - self.done


@dataclass(frozen=True, slots=True)
class RunOrder(Generic[ScenarioT]):
    """How scenarios are evaluated.

    Parameters
    ----------
    evaluate : callable
        A pure function of a scenario, found by its name in every process.
    most_s : float or None
        How long a scenario may take; None: as long as it takes.
    is_retrying : bool
        Whether scenarios that failed before are run again.
    """

    evaluate: Callable[[ScenarioT], Row]
    most_s: float | None = None
    is_retrying: bool = False


def run_cases(
    cases: Sequence[Case[ScenarioT]],
    folder: RowFolder,
    *,
    order: RunOrder[ScenarioT],
    workers: Workers,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """Return how a run ended; every scenario that was asked for has a result then.

    What has a result is not run again. A scenario that raises is a row with its reason. When a
    worker dies, what was out is given out again, one at a time: only who takes workers
    along without company, as often as `Workers.most_deaths`, is written off.

    Parameters
    ----------
    cases : sequence of Case
    folder : RowFolder
    order : RunOrder
    workers : Workers
        Not closed here.
    on_progress : callable
        Told after every result.

    Raises
    ------
    StudyError
        If the workers' cluster went away; what was done is kept.
    """
    if order.is_retrying:
        for scenario_id in folder.failed(case.scenario_id for case in cases):
            folder.remove(scenario_id)
    by_id = {case.scenario_id: case for case in cases}
    run = _Run(folder, order, workers=workers, by_id=by_id)
    run.to_the_end(on_progress)
    return run.progress()


def shard_of(
    cases: Sequence[Case[ScenarioT]], *, number: int, count: int
) -> tuple[Case[ScenarioT], ...]:
    """Return one of several parts of a study that together are the whole.

    Scenarios are dealt out in the order of their names, which is a random one: no part gets all
    the slow ones.

    Parameters
    ----------
    cases : sequence of Case
    number, count : int
        The part, from 1, and how many there are.

    Raises
    ------
    StudyError
        If there is no such part.
    """
    if not 1 <= number <= count:
        raise StudyError(
            f"there is no shard {number} of {count}", where="--shard", hint="write 1/4 to 4/4"
        )
    dealt = sorted(cases, key=lambda case: case.scenario_id)[number - 1 :: count]
    mine = {case.scenario_id for case in dealt}
    return tuple(case for case in cases if case.scenario_id in mine)


class _Run(Generic[ScenarioT]):
    """A run: what waits, what is out, and what was out at a death."""

    def __init__(
        self,
        folder: RowFolder,
        order: RunOrder[ScenarioT],
        *,
        workers: Workers,
        by_id: Mapping[str, Case[ScenarioT]],
    ) -> None:
        self._folder = folder
        self._order = order
        self._workers = workers
        self._waiting = deque(case for name, case in by_id.items() if not folder.is_whole(name))
        self._suspects: deque[Case[ScenarioT]] = deque()
        self._out: dict[Future[Evaluated], Case[ScenarioT]] = {}
        self._deaths: Counter[str] = Counter()
        # Of what was given out: who had company for a while, and may have died of it.
        self._accompanied: set[str] = set()
        self._total, self._found = len(by_id), len(by_id) - len(self._waiting)
        self._done = self._died = 0
        # What failed in an earlier run is as little known as what fails in this one.
        self._failed = len(folder.failed(by_id))

    def progress(self) -> Progress:
        return Progress(
            total=self._total,
            found=self._found,
            done=self._done,
            failed=self._failed,
            deaths=self._died,
        )

    def to_the_end(self, on_progress: Callable[[Progress], None]) -> None:
        on_progress(self.progress())
        while self._waiting or self._suspects or self._out:
            self._give_out()
            ended, _ = wait(self._out, return_when=FIRST_COMPLETED)
            lost = [case for future in ended if (case := self._take_back(future)) is not None]
            if lost:
                self._count_death(lost)
            on_progress(self.progress())

    def _give_out(self) -> None:
        if self._suspects:
            # Alone: if its worker dies again, nobody else did it.
            if not self._out:
                self._submit(self._suspects.popleft())
            return
        while self._waiting and len(self._out) < self._workers.most_in_flight:
            self._submit(self._waiting.popleft())

    def _submit(self, case: Case[ScenarioT]) -> None:
        if self._out:
            self._accompanied |= {
                case.scenario_id,
                *(one.scenario_id for one in self._out.values()),
            }
        else:
            self._accompanied.clear()
        sent = Evaluation(case.scenario_id, case.scenario, self._order.evaluate, self._order.most_s)
        self._out[self._workers.submit(evaluated, sent)] = case

    def _take_back(self, future: Future[Evaluated]) -> Case[ScenarioT] | None:
        """Keep what came back; return the case if it was lost with its worker."""
        case = self._out.pop(future)
        error = CancelledError() if future.cancelled() else future.exception()
        if error is None:
            self._keep(case, future.result())
            return None
        if self._workers.is_death(error):
            return case
        self._keep(case, failure(case.scenario_id, f"{type(error).__name__}: {error}"))
        return None

    def _keep(self, case: Case[ScenarioT], result: Evaluated) -> None:
        self._folder.write(case.scenario_id, result.content)
        self._done += 1
        self._failed += result.is_failure

    def _count_death(self, lost: list[Case[ScenarioT]]) -> None:
        if self._workers.is_one_fate:
            # All that was out is gone, also what has not been looked at yet.
            lost += self._out.values()
            self._out.clear()
        self._workers.renew()
        self._died += 1
        for case in reversed(lost):
            self._deaths[case.scenario_id] += case.scenario_id not in self._accompanied
            deaths = self._deaths[case.scenario_id]
            if deaths >= self._workers.most_deaths:
                self._keep(case, failure(case.scenario_id, _death(deaths, self._order)))
            else:
                self._suspects.appendleft(case)


def _death(deaths: int, order: RunOrder[ScenarioT]) -> str:
    patience = "" if order.most_s is None else f", or it took longer than {order.most_s:g} s"
    died = (
        "one worker after another died of it" if deaths == 1 else f"its worker died {deaths} times"
    )
    return f"{died}: it was killed, ran out of memory{patience}"
