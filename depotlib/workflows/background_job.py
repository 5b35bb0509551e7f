"""Long work in a process of its own: started, watched, cancelled, and found again by its id."""

import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final

from depotlib.errors import DepotError, ProcessError, UnknownRecordError
from depotlib.exchange.job_desk import (
    LOG,
    JobTeller,
    WatchedJob,
    ask_to_cancel,
    job_box,
    job_folder,
    new_job,
    newest_jobs,
    take_lock,
    watch_job,
)
from depotlib.model.job import Job
from depotlib.model.live import Scalar
from depotlib.settings import Settings
from depotlib.workflows.comparison_job import do_comparison
from depotlib.workflows.job_at_hand import WISHED, JobAtHand, JobEnd, StopWish
from depotlib.workflows.plan_job import do_plan
from depotlib.workflows.study_job import do_study

ROOT: Final = Path(__file__).resolve().parents[2]
KINDS: Final[Mapping[str, Callable[[JobAtHand], JobEnd]]] = {
    "study": do_study,
    "plan": do_plan,
    "comparison": do_comparison,
}
"""What can be done in a process of its own."""
LOOK_EVERY_S: Final = 0.5
STOPPING: Final = (signal.SIGTERM, WISHED)
LATEST: Final = 20
ID_BYTES: Final = 5


def start_job(settings: Settings, kind: str, *, arguments: Mapping[str, Scalar]) -> Job:
    """Return a job that a new process does; if one does the very same, that one.

    Parameters
    ----------
    settings : Settings
    kind : str
        One of `KINDS`.
    arguments : mapping of str to scalar

    Raises
    ------
    ProcessError
        If there is no such kind of work.
    """
    if kind not in KINDS:
        raise ProcessError(
            f"there is no work of kind {kind!r}", where="job", hint=f"there is {', '.join(KINDS)}"
        )
    for seen in newest_jobs(settings.home, kind=kind, limit=LATEST):
        if seen.is_open and dict(seen.job.arguments) == dict(arguments):
            return seen.job
    now = datetime.now(UTC)
    job_id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(ID_BYTES)}"
    # Held before anybody can know of the job, and inherited: there is no instant at which a job
    # that is being started looks dead.
    lock = take_lock(settings.home, job_id)
    try:
        job = new_job(settings.home, job_id, kind=kind, arguments=arguments, now=now)
        _spawn(settings, job_id, lock=lock)
    finally:
        os.close(lock)
    return job


def seen_job(settings: Settings, job_id: str) -> WatchedJob:
    """Return a job, how far it is, and whether it lives.

    Raises
    ------
    UnknownRecordError
        If there is none of that id.
    """
    seen = watch_job(settings.home, job_id)
    if seen is None:
        raise UnknownRecordError(
            f"there is no job {job_id!r} here", where="job", hint="depot work --list names them"
        )
    return seen


def latest_jobs(settings: Settings, *, kind: str, limit: int = LATEST) -> tuple[WatchedJob, ...]:
    """Return jobs of a kind, the newest first."""
    return newest_jobs(settings.home, kind=kind, limit=limit)


def cancel_job(settings: Settings, job_id: str) -> WatchedJob:
    """Return a job that was asked to stop; what it has done is kept.

    Raises
    ------
    UnknownRecordError
        If there is none of that id.
    """
    ask_to_cancel(settings.home, job_id)
    return seen_job(settings, job_id)


def do_job(settings: Settings, job_id: str, *, held_lock: int | None = None) -> Job:
    """Return a job after this process has done it, or stopped when it was asked to.

    To be called in the main thread: a wish to stop comes as an interrupt.

    Parameters
    ----------
    settings : Settings
    job_id : str
    held_lock : int or None
        The job's lock, inherited from the process that started this one; None: it is taken here.

    Raises
    ------
    UnknownRecordError
        If there is none of that id.
    ProcessError
        If another process does it, or it is done.
    """
    seen = seen_job(settings, job_id)
    if seen.job.state not in ("queued", "running"):
        raise ProcessError(
            f"the job {job_id!r} is {seen.job.state}",
            where=f"job {job_id}",
            hint="start another one: what is done is not done twice",
        )
    if held_lock is None:
        held_lock = take_lock(settings.home, job_id)
    try:
        with job_box(settings.home) as mailbox:
            return _done(settings, JobTeller(mailbox, job_id))
    finally:
        os.close(held_lock)


def _done(settings: Settings, teller: JobTeller) -> Job:
    work = KINDS[teller.job.kind]
    teller.begin(datetime.now(UTC))
    at_hand = JobAtHand(settings, teller.job, teller, wish=StopWish())
    look = _WishToStop(at_hand)
    before = [(one, signal.signal(one, _interrupt)) for one in STOPPING]
    try:
        try:
            look.start()
            end = work(at_hand)
        finally:
            look.end()
    except KeyboardInterrupt:
        note = f"Stopped: {teller.job.note}" if teller.job.note else "Stopped before it began."
        return teller.end("cancelled", note=note, result_id=None, now=datetime.now(UTC))
    except DepotError as error:
        return teller.end("failed", note=str(error), result_id=None, now=datetime.now(UTC))
    finally:
        for one, handler in before:
            signal.signal(one, handler)
    return teller.end(
        "cancelled" if end.is_stopped else "finished",
        note=end.note,
        result_id=end.result_id,
        now=datetime.now(UTC),
    )


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class _WishToStop:
    """Looks for a wish to stop beside the work, and tells it: a scenario may take minutes."""

    def __init__(self, at_hand: JobAtHand) -> None:
        self._at_hand = at_hand
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="wish to stop", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        wish = self._at_hand.wish
        with job_box(self._at_hand.settings.home) as mailbox:
            while not wish.is_interrupting and not self._over.wait(LOOK_EVERY_S):
                job = mailbox.job(self._at_hand.job.job_id)
                if job is not None and job.is_cancel_asked:
                    wish.come()


def _spawn(settings: Settings, job_id: str, *, lock: int) -> None:
    environment = {**os.environ, "DEPOT_HOME": str(settings.home), "PYTHONPATH": str(ROOT)}
    with (job_folder(settings.home, job_id) / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-m", "depotlib", "work", job_id, "--held-lock", str(lock)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
        )
    # Nobody waits for it; the one who started it has to take note of its end all the same.
    threading.Thread(target=process.wait, name=f"job {job_id}", daemon=True).start()
