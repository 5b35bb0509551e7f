"""Jobs as people and workers see them: what is asked for, how far it is, and whether it still lives.

They stand in a mailbox file of their own: a study that tells of itself every second must never
make the gateway wait. The process that does a job holds a lock on its folder, from the instant at
which it is started on: whoever looks sees by it whether the process lives, however it died.
"""

import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from depotlib.errors import ProcessError, UnknownRecordError
from depotlib.exchange.locks import is_held, is_taken
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.job import Job, JobState
from depotlib.model.live import Scalar

FILE: Final = "jobs.sqlite"
FOLDER: Final = "jobs"
LOCK: Final = "doing.lock"
LOG: Final = "words.log"
OPEN: Final[tuple[JobState, ...]] = ("queued", "running")
NEWEST: Final = 200
"""So many jobs are looked through; older ones are known by their id."""
KEPT_WORDS: Final = 600
JOB_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
"""What an id looks like: it comes from an address bar, and names a folder."""


@dataclass(frozen=True, slots=True)
class WatchedJob:
    """A job, and whether a process does it.

    Parameters
    ----------
    job : Job
    is_alive : bool
        Whether its process lives.
    last_words : str
        What the process said, if it died before it could write how it ended.
    """

    job: Job
    is_alive: bool
    last_words: str = ""

    @property
    def has_died(self) -> bool:
        """Return whether it is not done and nobody does it."""
        return self.job.state in OPEN and not self.is_alive

    @property
    def is_open(self) -> bool:
        """Return whether it is still to be done, by somebody."""
        return self.job.state in OPEN and self.is_alive


def job_folder(home: Path, job_id: str) -> Path:
    """Return where a job keeps its lock and its words."""
    return home / FOLDER / job_id


@contextmanager
def job_box(home: Path) -> Generator[Mailbox]:
    """Hold the file of a depot's jobs open."""
    with open_mailbox(home / FILE) as mailbox:
        yield mailbox


def new_job(
    home: Path, job_id: str, *, kind: str, arguments: Mapping[str, Scalar], now: datetime
) -> Job:
    """Return a job that is written down and waits for its process.

    Raises
    ------
    RecordConflictError
        If there is one of that id already.
    """
    job = Job(job_id=job_id, kind=kind, arguments=arguments, made_at=now, changed_at=now)
    with job_box(home) as mailbox:
        mailbox.add_job(job)
    return job


def watch_job(home: Path, job_id: str) -> WatchedJob | None:
    """Return a job and whether it lives, or None if there is none of that id."""
    if JOB_ID.fullmatch(job_id) is None or not (home / FILE).is_file():
        return None
    # In this order: a process writes how it ended before it lets go of the lock.
    is_alive = is_done_by_somebody(home, job_id)
    with job_box(home) as mailbox:
        job = mailbox.job(job_id)
    return None if job is None else _watched(home, job, is_alive=is_alive)


def newest_jobs(home: Path, *, kind: str, limit: int) -> tuple[WatchedJob, ...]:
    """Return jobs of a kind, the newest first."""
    if not (home / FILE).is_file():
        return ()
    with job_box(home) as mailbox:
        held = [job for job in mailbox.jobs(NEWEST) if job.kind == kind][:limit]
    return tuple(seen for job in held if (seen := watch_job(home, job.job_id)) is not None)


def newest_job_of(home: Path, kind: str, *, arguments: Mapping[str, Scalar]) -> WatchedJob | None:
    """Return the newest job that was to do this very work, or None."""
    if not (home / FILE).is_file():
        return None
    with job_box(home) as mailbox:
        found = next(
            (
                job.job_id
                for job in mailbox.jobs(NEWEST)
                if job.kind == kind and dict(job.arguments) == dict(arguments)
            ),
            None,
        )
    return None if found is None else watch_job(home, found)


def ask_to_cancel(home: Path, job_id: str) -> Job:
    """Return a job that was asked to stop; what it has done by then is kept.

    Raises
    ------
    UnknownRecordError
        If there is none of that id.
    """
    with job_box(home) as mailbox:
        return mailbox.cancel_job(job_id)


def is_done_by_somebody(home: Path, job_id: str) -> bool:
    """Return whether a process holds the lock of a job."""
    return is_held(job_folder(home, job_id) / LOCK)


def take_lock(home: Path, job_id: str) -> int:
    """Return the open lock of a job as a file's number; a process that inherits it holds it.

    Raises
    ------
    ProcessError
        If another process does the job.
    """
    folder = job_folder(home, job_id)
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    if is_taken(lock):
        return lock
    os.close(lock)
    raise ProcessError(
        f"another process does the job {job_id!r}",
        where=f"job {job_id}",
        hint="wait for its end, or cancel it first",
    )


class JobTeller:
    """How far a job is, written down by the process that does it.

    Parameters
    ----------
    mailbox : Mailbox
        Of jobs, opened by the thread that tells.
    job_id : str

    Raises
    ------
    UnknownRecordError
        If there is none of that id.
    """

    def __init__(self, mailbox: Mailbox, job_id: str) -> None:
        job = mailbox.job(job_id)
        if job is None:
            raise UnknownRecordError(f"there is no job {job_id!r}", where=f"job {job_id}")
        self.job = job
        self._mailbox = mailbox

    def begin(self, now: datetime) -> None:
        """Write that the work begins."""
        self._write(replace(self.job, state="running", changed_at=now))

    def tell(self, progress_share: float, note: str, *, now: datetime) -> None:
        """Write how far the work is."""
        share = min(1.0, max(0.0, progress_share))
        self._write(replace(self.job, progress_share=share, note=note, changed_at=now))

    def tell_amounts(
        self, bound_amount: float | None, incumbent_amount: float | None, *, now: datetime
    ) -> None:
        """Write what an optimisation has proven, and what it has found."""
        self._write(
            replace(
                self.job,
                bound_amount=bound_amount,
                incumbent_amount=incumbent_amount,
                changed_at=now,
            )
        )

    def end(self, state: JobState, *, note: str, result_id: str | None, now: datetime) -> Job:
        """Return the job after it was written how it ended."""
        share = 1.0 if state == "finished" else self.job.progress_share
        self._write(
            replace(
                self.job,
                state=state,
                note=note,
                result_id=result_id,
                progress_share=share,
                changed_at=now,
            )
        )
        return self.job

    def _write(self, job: Job) -> None:
        self.job = self._mailbox.set_job(job)


def _watched(home: Path, job: Job, *, is_alive: bool) -> WatchedJob:
    has_died = job.state in OPEN and not is_alive
    return WatchedJob(job, is_alive, _last_words(home, job.job_id) if has_died else "")


def _last_words(home: Path, job_id: str) -> str:
    path = job_folder(home, job_id) / LOG
    if not path.exists():
        return ""
    return path.read_text(encoding="utf-8", errors="replace")[-KEPT_WORDS:].strip()
