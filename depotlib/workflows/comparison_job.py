"""A comparison of tariffs as a job: a long past planned anew under each, and kept tariff by tariff.

Whoever asks about the same tariff and the same past later gets what was kept, and waits for
nothing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from depotlib.errors import ProcessError
from depotlib.exchange.job_desk import WatchedJob, newest_job_of
from depotlib.model.job import Job
from depotlib.model.live import Scalar
from depotlib.planning.budget import budget_of
from depotlib.settings import Settings
from depotlib.studies.identity import code_digest
from depotlib.workflows.compare_tariffs import (
    ComparedTariff,
    History,
    Past,
    compare_one,
    past_of,
)
from depotlib.workflows.job_at_hand import JobAtHand, JobEnd
from depotlib.workflows.review_demand import stored_tariff

KIND: Final = "comparison"
FOLDER: Final = "comparisons"
TIME_LIMIT_S: Final = 600.0
"""Of a tariff's plan: nobody sits before it, and a year of 500 vehicles takes its time."""
READING: Final = "Reading the sessions"


@dataclass(frozen=True, slots=True)
class ComparisonQuestion:
    """What is to be compared.

    Parameters
    ----------
    history : History
    tariff_ids : tuple of str
    """

    history: History
    tariff_ids: tuple[str, ...]


_QUESTION: Final = TypeAdapter(ComparisonQuestion)
_COMPARED: Final = TypeAdapter(ComparedTariff)


def comparison_arguments(question: ComparisonQuestion) -> dict[str, Scalar]:
    """Return a question as the arguments of a job."""
    return {"question": _QUESTION.dump_json(question).decode(), "time_limit_s": TIME_LIMIT_S}


def do_comparison(at_hand: JobAtHand) -> JobEnd:
    """Return how a comparison ended that was made as a job; what it finds is kept tariff by tariff.

    Parameters
    ----------
    at_hand : JobAtHand

    Raises
    ------
    ProcessError
        If the job does not say what is to be compared.
    StoreError, TariffError
        As `compare_stored`.
    """
    question = _question_of(at_hand.job)
    settings, teller = at_hand.settings, at_hand.teller
    teller.tell(0.0, READING, now=datetime.now(UTC))
    past = past_of(settings, question.history)
    count = len(question.tariff_ids)
    for number, tariff_id in enumerate(question.tariff_ids):
        words = f"Planning the sessions anew: tariff {number + 1} of {count}"
        teller.tell(number / count, words, now=datetime.now(UTC))
        path = _path(settings, tariff_id, past=past)
        if _read(path) is None:
            budget = budget_of(TIME_LIMIT_S)
            _keep(path, compare_one(settings, tariff_id, past=past, budget=budget))
    tariffs = "1 tariff" if count == 1 else f"{count} tariffs"
    return JobEnd(f"The sessions are planned anew under {tariffs}.", past.digest)


def job_of_comparison(settings: Settings, question: ComparisonQuestion) -> WatchedJob | None:
    """Return the newest job that was asked this question; None: there is none."""
    return newest_job_of(settings.home, KIND, arguments=comparison_arguments(question))


def kept_tariff(settings: Settings, tariff_id: str, *, past: Past) -> ComparedTariff | None:
    """Return what a job has found of a tariff, as it is now, on this very past; None: nothing.

    Raises
    ------
    StoreError, TariffError
        If there is no such tariff, or it cannot be read.
    """
    return _read(_path(settings, tariff_id, past=past))


def _question_of(job: Job) -> ComparisonQuestion:
    try:
        return _QUESTION.validate_json(str(job.arguments.get("question", "")))
    except ValidationError as error:
        raise ProcessError(
            "the job does not say what to compare", where=f"job {job.job_id}", hint="start it anew"
        ) from error


def _path(settings: Settings, tariff_id: str, *, past: Past) -> Path:
    """Return where a tariff's answer is or will be: what other code has found is another answer."""
    tariff = stored_tariff(settings, tariff_id)
    said = f"{code_digest()} {tariff_id} {tariff.source_digest} {past.digest}"
    return settings.home / FOLDER / f"{sha256(said.encode()).hexdigest()}.json"


def _read(path: Path) -> ComparedTariff | None:
    try:
        return _COMPARED.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _keep(path: Path, found: ComparedTariff) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_bytes(_COMPARED.dump_json(found))
    beside.replace(path)
