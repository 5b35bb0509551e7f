"""A run: what is missing is evaluated, failures are rows, shards are the whole."""

from concurrent.futures import BrokenExecutor, Future
from dataclasses import replace
from pathlib import Path

import pytest

from depotlib.errors import StudyError
from depotlib.studies.pool import LocalWorkers
from depotlib.studies.row_folder import REASON, RowFolder
from depotlib.studies.runner import Progress, run_cases, shard_of
from tests.study_scenarios import ADDED, Sum, attempts, case_of, contents, sums


@pytest.fixture
def workers():
    here = LocalWorkers(0)
    yield here
    here.close()


@pytest.fixture
def folder(tmp_path: Path) -> RowFolder:
    return RowFolder(tmp_path / "rows")


def test_every_case_has_its_row(folder: RowFolder, workers: LocalWorkers):
    cases, told = sums(5), []

    ended = run_cases(cases, folder, order=ADDED, workers=workers, on_progress=told.append)

    read = folder.read([case.scenario_id for case in cases])
    assert read["sum_amount"].to_list() == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert ended == Progress(total=5, done=5)
    assert (told[0].left, told[-1]) == (5, ended)


def test_what_is_there_is_not_run_again(tmp_path: Path, folder: RowFolder, workers: LocalWorkers):
    (marks := tmp_path / "marks").mkdir()
    cases = sums(6, marks=str(marks))
    run_cases(cases[:4], folder, order=ADDED, workers=workers)
    damaged = folder.path_of(cases[1].scenario_id)
    damaged.write_bytes(damaged.read_bytes()[:-1])

    ended = run_cases(cases, folder, order=ADDED, workers=workers)

    assert ended == Progress(total=6, found=3, done=3)
    assert attempts(marks) == {0: 1, 1: 2, 2: 1, 3: 1, 4: 1, 5: 1}


def test_a_case_that_stands_twice_is_run_once(folder: RowFolder, workers: LocalWorkers):
    ended = run_cases(sums(2) + sums(2), folder, order=ADDED, workers=workers)

    assert ended == Progress(total=2, done=2)


def test_a_failing_scenario_is_a_row_with_its_reason(folder: RowFolder, workers: LocalWorkers):
    refused, broken = case_of(Sum(7, 1.0, "refuses")), case_of(Sum(8, 1.0, "breaks"))
    cases = (*sums(2), refused, broken)

    ended = run_cases(cases, folder, order=ADDED, workers=workers)
    again = run_cases(cases, folder, order=ADDED, workers=workers)
    retried = run_cases(cases, folder, order=replace(ADDED, is_retrying=True), workers=workers)

    assert ended == Progress(total=4, done=4, failed=2)
    reasons = folder.read([case.scenario_id for case in cases])[REASON].to_list()
    assert reasons == [
        None,
        None,
        "7 is not added [left]; add another",
        "ZeroDivisionError: division by zero",
    ]
    assert again == Progress(total=4, found=4, failed=2)
    assert retried == Progress(total=4, found=2, done=2, failed=2)


class Blaming:
    """Threads that do as a cluster does: of two that die, each is told for itself, and later."""

    is_one_fate, most_deaths, most_in_flight = False, 1, 3

    def __init__(self) -> None:
        self.near: list[Sum] = []

    def submit(self, function, order):
        """Blame whoever is out together with the one that breaks, and that one always."""
        future: Future = Future()
        self.near.append(order.scenario)
        if order.scenario.ordeal or (len(self.near) == 2 and self.near[0].ordeal):
            future.set_exception(BrokenExecutor("killed"))
        else:
            future.set_result(function(order))
        return future

    def is_death(self, error):
        return isinstance(error, BrokenExecutor)

    def renew(self):
        """Nothing is left of those that were out."""
        self.near.append(Sum(0, 0.0))

    def close(self):
        """Nothing to let go."""


def test_who_dies_beside_the_guilty_is_tried_again_alone(folder: RowFolder):
    guilty = case_of(Sum(9, 1.0, "kills"))

    ended = run_cases((guilty, *sums(4)), folder, order=ADDED, workers=Blaming())

    assert ended == Progress(total=5, done=5, failed=1, deaths=ended.deaths)
    assert folder.failed([guilty.scenario_id]) == [guilty.scenario_id]
    assert "one worker after another died" in folder.read([guilty.scenario_id])[REASON][0]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shards_together_are_the_whole_and_share_nothing(
    count: int, tmp_path: Path, workers: LocalWorkers
):
    cases = sums(5)
    whole, parts = RowFolder(tmp_path / "whole"), RowFolder(tmp_path / "parts")
    run_cases(cases, whole, order=ADDED, workers=workers)

    ran = [
        run_cases(shard_of(cases, number=number, count=count), parts, order=ADDED, workers=workers)
        for number in range(1, count + 1)
    ]

    assert [one.found for one in ran] == [0] * count
    assert sum(one.done for one in ran) == 5
    assert contents(parts.path, cases) == contents(whole.path, cases)


@pytest.mark.parametrize("number", [0, 4])
def test_a_shard_that_is_none_is_refused(number: int):
    with pytest.raises(StudyError, match="no shard"):
        shard_of(sums(3), number=number, count=3)
