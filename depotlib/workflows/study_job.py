"""A study as a job: run in a process of its own, every result kept as soon as it is there."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from depotlib.errors import ProcessError
from depotlib.exchange.job_desk import JobTeller
from depotlib.model.job import Job
from depotlib.model.live import Scalar
from depotlib.studies.runner import Progress
from depotlib.workflows.job_at_hand import JobAtHand, JobEnd
from depotlib.workflows.run_study import StudyOrder, run_study

TOLD_EVERY_S: Final = 0.5


def study_arguments(order: StudyOrder) -> dict[str, Scalar]:
    """Return an order as the arguments of a job."""
    return {
        "file": str(order.path.resolve()),
        "folder": str(order.folder.resolve()),
        "jobs": order.jobs,
        "failed_again": order.is_retrying,
    }


def do_study(at_hand: JobAtHand) -> JobEnd:
    """Return how a study ended that was run as a job; its result is the study's file.

    Parameters
    ----------
    at_hand : JobAtHand

    Raises
    ------
    ProcessError
        If the job does not say which study.
    StudyError, InputError
        As `run_study`.
    """
    order = _order_of(at_hand.job)
    watcher = _Watcher(at_hand.teller)
    ended = run_study(order, on_progress=watcher.tell)
    failed = f"; {ended.failed} failed" if ended.failed else ""
    return JobEnd(f"All {ended.total} scenarios have a result{failed}.", str(order.path))


def progress_words(progress: Progress, *, elapsed_s: float) -> str:
    """Return in words how far a study is, and how long it will take at this pace.

    Parameters
    ----------
    progress : Progress
    elapsed_s : float
        Since it began.
    """
    words = f"{progress.found + progress.done} of {progress.total} scenarios"
    facts = [f"{progress.found} were there"] if progress.found else []
    facts += [f"{progress.failed} failed"] if progress.failed else []
    if facts:
        words += f" ({', '.join(facts)})"
    if progress.done and progress.left:
        words += f", about {elapsed_s / progress.done * progress.left:,.0f} s to go"
    return words


class _Watcher:
    """Writes progress down, but not after every result: there may be a hundred a second."""

    def __init__(self, teller: JobTeller) -> None:
        self._teller = teller
        self._began_s = time.monotonic()
        self._told_s = self._began_s - TOLD_EVERY_S

    def tell(self, progress: Progress) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s < TOLD_EVERY_S and progress.left:
            return
        self._told_s = now_s
        share = (progress.found + progress.done) / max(1, progress.total)
        words = progress_words(progress, elapsed_s=now_s - self._began_s)
        self._teller.tell(share, words, now=datetime.now(UTC))


def _order_of(job: Job) -> StudyOrder:
    told = job.arguments
    file, folder, jobs = told.get("file"), told.get("folder"), told.get("jobs", 1)
    if not (isinstance(file, str) and isinstance(folder, str) and isinstance(jobs, int)):
        raise ProcessError(
            "the job does not say which study", where=f"job {job.job_id}", hint="start it anew"
        )
    return StudyOrder(
        path=Path(file),
        folder=Path(folder),
        jobs=jobs,
        is_retrying=bool(told.get("failed_again", False)),
    )
