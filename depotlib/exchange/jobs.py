"""Jobs: long work that a worker does while pages show how far it is."""

from dataclasses import replace

from depotlib.errors import RecordConflictError, UnknownRecordError
from depotlib.exchange.codec import JOB
from depotlib.exchange.database import Database, Value
from depotlib.model.job import Job


class Jobs:
    """The jobs of one mailbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, job: Job) -> None:
        """Write a new job.

        Raises
        ------
        RecordConflictError
            If there is one of that id already.
        """
        with self._database.transaction():
            if self.get(job.job_id) is not None:
                raise RecordConflictError(
                    f"there is a job {job.job_id!r} already",
                    where=f"job {job.job_id}",
                    hint="give each job its own id",
                )
            self._database.write(
                "INSERT INTO job (job_id, body, state) VALUES (?, ?, ?)",
                (job.job_id, JOB.text(job), job.state),
            )

    def get(self, job_id: str) -> Job | None:
        """Return a job as its worker last wrote it, or None."""
        row = self._database.row(
            "SELECT body, is_cancel_asked FROM job WHERE job_id = ?", (job_id,)
        )
        return _job(row) if row else None

    def newest(self, limit: int) -> list[Job]:
        """Return jobs, the newest first."""
        rows = self._database.rows(
            "SELECT body, is_cancel_asked FROM job ORDER BY place DESC LIMIT ?", (limit,)
        )
        return [_job(row) for row in rows]

    def set(self, job: Job) -> Job:
        """Return a job after its worker has written how far it is, a wish to cancel kept.

        Raises
        ------
        UnknownRecordError
            If there is none of that id.
        """
        with self._database.transaction():
            self._database.write(
                "UPDATE job SET body = ?, state = ? WHERE job_id = ?",
                (JOB.text(job), job.state, job.job_id),
            )
            held = self.get(job.job_id)
        return _known(held, job.job_id)

    def cancel(self, job_id: str) -> Job:
        """Return a job that is asked to stop at its next step.

        Raises
        ------
        UnknownRecordError
            If there is none of that id.
        """
        with self._database.transaction():
            self._database.write("UPDATE job SET is_cancel_asked = 1 WHERE job_id = ?", (job_id,))
            held = self.get(job_id)
        return _known(held, job_id)


def _job(row: tuple[Value, ...]) -> Job:
    return replace(JOB.record(str(row[0])), is_cancel_asked=bool(row[1]))


def _known(job: Job | None, job_id: str) -> Job:
    if job is None:
        raise UnknownRecordError(f"there is no job {job_id!r}", where=f"job {job_id}")
    return job
