"""Long work in a process of its own: done, cancelled with what it has done, died and told so."""

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from depotlib.errors import ProcessError, UnknownRecordError
from depotlib.exchange.job_desk import (
    FOLDER,
    LOG,
    JobTeller,
    ask_to_cancel,
    is_done_by_somebody,
    job_box,
    new_job,
    take_lock,
    watch_job,
)
from depotlib.settings import Settings
from depotlib.studies.row_folder import RowFolder
from depotlib.studies.runner import Progress
from depotlib.workflows.background_job import (
    cancel_job,
    do_job,
    latest_jobs,
    seen_job,
    start_job,
)
from depotlib.workflows.run_study import StudyOrder, show_study
from depotlib.workflows.study_job import progress_words, study_arguments
from tests.study_files import STUDY, write_study

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def order(tmp_path: Path) -> StudyOrder:
    return StudyOrder(path=write_study(tmp_path), folder=tmp_path / "rows", jobs=0)


def put(settings: Settings, order: StudyOrder, *, job_id: str = "j1") -> str:
    return new_job(
        settings.home, job_id, kind="study", arguments=study_arguments(order), now=NOW
    ).job_id


def test_a_study_is_done_as_a_job_and_its_rows_are_there(settings: Settings, order: StudyOrder):
    put(settings, order)

    ended = do_job(settings, "j1")

    # Two numbers of stations, two limits, two seeds.
    assert (ended.state, ended.progress_share) == ("finished", 1.0)
    assert ended.note == "All 8 scenarios have a result."
    assert ended.result_id == str(order.path)
    assert show_study(order.path, order.folder).found == 8
    assert seen_job(settings, "j1").job == ended
    with pytest.raises(ProcessError, match="is finished"):
        do_job(settings, "j1")


# The wish may come between the opening of a file and its `with`: Python then closes it by itself, and
# says so. That no row is half written is asserted below.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO")
def test_a_job_that_was_cancelled_keeps_what_it_has_done(settings: Settings, order: StudyOrder):
    # So many seeds that the wish comes while they are played, on any machine.
    write_study(order.path.parent, text=STUDY.replace("seeds = 2", "seeds = 600"))
    put(settings, order)
    rows = order.folder

    def cancel_once_something_is_there() -> None:
        while not list(rows.glob("*/*.parquet")):
            threading.Event().wait(0.01)
        ask_to_cancel(settings.home, "j1")

    asker = threading.Thread(target=cancel_once_something_is_there, daemon=True)
    # As OR-Tools leaves it after a solve: the next SIGINT would end this very process.
    interrupt = signal.signal(signal.SIGINT, signal.SIG_DFL)
    asker.start()
    ended = do_job(settings, "j1")
    signal.signal(signal.SIGINT, interrupt)

    assert ended.state == "cancelled"
    assert ended.note.startswith("Stopped: ")
    kept = [path.stem for path in rows.glob("*/*.parquet")]
    assert kept
    assert all(RowFolder(rows).is_whole(one) for one in kept)


def test_a_study_that_cannot_be_is_a_failed_job_with_its_reason(
    settings: Settings, order: StudyOrder
):
    write_study(order.path.parent, text=STUDY.replace('"fcfs"', '"fcfs"\nnonsense = 1'))
    put(settings, order)

    ended = do_job(settings, "j1")

    assert ended.state == "failed"
    assert "nonsense" in ended.note


def test_a_job_whose_process_died_is_told_as_such_with_its_last_words(
    settings: Settings, order: StudyOrder
):
    put(settings, order)
    dying = (
        "import os, sys; from pathlib import Path;"
        "from datetime import UTC, datetime;"
        "from depotlib.exchange.job_desk import JobTeller, job_box, take_lock;"
        "home = Path(sys.argv[1]); take_lock(home, 'j1');"
        "box = job_box(home); teller = JobTeller(box.__enter__(), 'j1');"
        "teller.begin(datetime.now(UTC)); os.kill(os.getpid(), 9)"
    )

    subprocess.run([sys.executable, "-c", dying, str(settings.home)], check=False)
    (settings.home / FOLDER / "j1" / LOG).write_text("Killed for want of memory\n")
    seen = seen_job(settings, "j1")

    assert (seen.job.state, seen.is_alive, seen.has_died) == ("running", False, True)
    assert seen.last_words == "Killed for want of memory"
    # It can be done after all.
    assert do_job(settings, "j1").state == "finished"


def test_while_a_process_does_a_job_it_lives_and_nobody_else_may(
    settings: Settings, order: StudyOrder
):
    put(settings, order)
    lock = take_lock(settings.home, "j1")

    seen = watch_job(settings.home, "j1")

    assert seen is not None
    assert (seen.is_open, seen.has_died) == (True, False)
    with pytest.raises(ProcessError, match="another process"):
        do_job(settings, "j1")
    os.close(lock)
    assert not is_done_by_somebody(settings.home, "j1")


def test_a_page_starts_a_process_that_outlives_the_call_and_the_same_work_is_not_begun_twice(
    settings: Settings, order: StudyOrder
):
    write_study(order.path.parent, text=STUDY.replace("seeds = 2", "seeds = 600"))

    first = start_job(settings, "study", arguments=study_arguments(order))
    second = start_job(settings, "study", arguments=study_arguments(order))
    assert seen_job(settings, first.job_id).is_open
    cancel_job(settings, first.job_id)
    deadline = threading.Event()
    while seen_job(settings, first.job_id).is_alive:
        assert not deadline.wait(0.05)
    seen = seen_job(settings, first.job_id)

    assert second.job_id == first.job_id
    assert (seen.job.state, seen.has_died) == ("cancelled", False)
    assert [one.job.job_id for one in latest_jobs(settings, kind="study")] == [first.job_id]


def test_a_bound_and_what_was_found_stand_in_the_row(settings: Settings, order: StudyOrder):
    put(settings, order)

    with job_box(settings.home) as mailbox:
        teller = JobTeller(mailbox, "j1")
        teller.tell_amounts(90.0, 95.5, now=NOW)
        teller.tell(0.25, "2 of 8 scenarios", now=NOW)

    job = seen_job(settings, "j1").job
    assert (job.bound_amount, job.incumbent_amount, job.progress_share) == (90.0, 95.5, 0.25)


@pytest.mark.parametrize("job_id", ["j2", "../../etc", ""])
def test_a_job_that_nobody_knows_is_refused(settings: Settings, order: StudyOrder, job_id: str):
    put(settings, order)

    with pytest.raises(UnknownRecordError):
        seen_job(settings, job_id)


def test_work_of_no_kind_is_refused(settings: Settings):
    with pytest.raises(ProcessError, match="no work of kind"):
        start_job(settings, "dance", arguments={})


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(total=8), "0 of 8 scenarios"),
        # 3 in 6 s: 2 s each, 4 are left.
        (
            Progress(total=8, found=1, done=3, failed=2),
            "4 of 8 scenarios (1 were there, 2 failed), about 8 s to go",
        ),
        (Progress(total=8, done=8), "8 of 8 scenarios"),
    ],
)
def test_progress_is_told_in_words(progress: Progress, words: str):
    assert progress_words(progress, elapsed_s=6.0) == words
