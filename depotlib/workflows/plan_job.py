"""A night's plan as a job: made in a process of its own, kept with what others would have done.

Whoever asks the same question later gets the answer as it was kept, and waits for nothing.
"""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import TypeAdapter, ValidationError

from depotlib.errors import ProcessError, RecordMissingError
from depotlib.exchange.job_desk import WatchedJob, job_folder, newest_job_of, watch_job
from depotlib.model.job import Job
from depotlib.model.live import Scalar
from depotlib.model.plan import Occupancy, Plan, PlanHeader
from depotlib.planning.made_for import is_made_for
from depotlib.planning.watch import PlanProgress, Watch
from depotlib.planning.yard.assignment import SWAPS_FOR_MONEY
from depotlib.settings import Settings
from depotlib.workflows.job_at_hand import JobAtHand, JobEnd
from depotlib.workflows.plan_archive import read_plan, write_plan
from depotlib.workflows.plan_tonight import NightAnswer, plan_tonight
from depotlib.workflows.tonight import NightChoices, Tonight, gather_tonight

KIND: Final = "plan"
FOLDER: Final = "plans"
TOLD_EVERY_S: Final = 0.5
GATHERING: Final = "Gathering what the night rests on"
DRAFTS: Final = SWAPS_FOR_MONEY.drafts


@dataclass(frozen=True, slots=True)
class NightQuestion:
    """Which night is to be planned, and how.

    Parameters
    ----------
    at : datetime
        When it was asked; facts up to here count.
    choices : NightChoices
    occupancy : {'assigned', 'relaxed'}
    """

    at: datetime
    choices: NightChoices
    occupancy: Occupancy = "assigned"


_QUESTION: Final = TypeAdapter(NightQuestion)


def plan_arguments(question: NightQuestion) -> dict[str, Scalar]:
    """Return a question as the arguments of a job."""
    in_utc = replace(question, at=question.at.astimezone(UTC))
    return {
        "question": _QUESTION.dump_json(in_utc).decode(),
        "time_limit_s": question.choices.time_limit_s,
    }


def question_of(job: Job) -> NightQuestion:
    """Return the question that a job answers.

    Raises
    ------
    ProcessError
        If the job does not say which night.
    """
    try:
        return _QUESTION.validate_json(str(job.arguments.get("question", "")))
    except ValidationError as error:
        raise ProcessError(
            "the job does not say which night", where=f"job {job.job_id}", hint="start it anew"
        ) from error


def do_plan(at_hand: JobAtHand) -> JobEnd:
    """Return how the plan of a night ended that was made as a job; its result is the plan's id.

    Before there is a plan a wish to stop interrupts it, and nothing is kept. After that the best
    plan so far is made whole, audited and kept, and says that it was stopped early.

    Parameters
    ----------
    at_hand : JobAtHand

    Raises
    ------
    ProcessError
        If the job does not say which night.
    StoreError, PlanningError
        As `plan_tonight`.
    """
    question = question_of(at_hand.job)
    at_hand.teller.tell(0.0, GATHERING, now=datetime.now(UTC))
    answer = plan_tonight(
        at_hand.settings,
        now=question.at,
        choices=question.choices,
        occupancy=question.occupancy,
        watch=_Teller(at_hand, is_relaxed=question.occupancy == "relaxed").watch,
    )
    _keep(job_folder(at_hand.settings.home, at_hand.job.job_id) / FOLDER, answer)
    header = answer.plan.header
    return JobEnd(end_words(header), header.plan_id, is_stopped=header.is_stopped_early)


def job_of_night(settings: Settings, question: NightQuestion) -> WatchedJob | None:
    """Return the newest job that was asked this question; None: there is none."""
    return newest_job_of(settings.home, KIND, arguments=plan_arguments(question))


def answer_of_night(settings: Settings, question: NightQuestion) -> NightAnswer:
    """Return the answer that a job has kept; where none has, the night is planned here and now.

    Raises
    ------
    RecordMissingError
        If what the kept plan rests on has changed since.
    StoreError, PlanningError
        As `plan_tonight`.
    """
    seen = job_of_night(settings, question)
    if seen is not None and seen.job.result_id is not None:
        return kept_answer(settings, seen)
    return plan_tonight(
        settings, now=question.at, choices=question.choices, occupancy=question.occupancy
    )


def answer_of_job(settings: Settings, job_id: str) -> NightAnswer:
    """Return the night that a job has planned.

    Raises
    ------
    RecordMissingError
        If there is no such job, it has no plan, or what the plan rests on has changed since.
    """
    seen = watch_job(settings.home, job_id)
    if seen is None or seen.job.result_id is None:
        raise RecordMissingError(
            f"no plan was kept by the job {job_id!r}",
            where="job",
            hint="depot work --list says how jobs are",
        )
    return kept_answer(settings, seen)


def kept_answer(settings: Settings, seen: WatchedJob) -> NightAnswer:
    """Return what a job has kept, beside the facts of the night as they are now.

    Raises
    ------
    RecordMissingError
        If these are not the facts that it was planned for.
    PlanFileError
        If what was kept cannot be read.
    """
    question = question_of(seen.job)
    tonight = gather_tonight(settings, now=question.at, choices=question.choices)
    folder = job_folder(settings.home, seen.job.job_id) / FOLDER
    plan, *baselines = [read_plan(path).plan for path in sorted(folder.glob("*.parquet"))]
    if not _rests_on(tonight, plan):
        raise RecordMissingError(
            "what this night was planned for has changed since: a depot, a fleet, duties, readings "
            "or an operator's order",
            where=f"job {seen.job.job_id}",
            hint="plan the night again",
        )
    return NightAnswer(tonight=tonight, plan=plan, baselines=tuple(baselines))


def stage_words(progress: PlanProgress) -> str:
    """Return in words what is being looked for, and how far the search is."""
    words = {
        "bound": "Looking for the least bill, if nobody waited for a plug",
        "windows": "Looking for who stands where: "
        f"{progress.drafts} of at most {DRAFTS} yards tried",
        "powers": "Looking for the cheapest powers there",
        "audit": "Checking the plan, and what others would have done",
    }[progress.stage]
    if progress.unmet_kwh > 0:
        words += f"; the best so far lacks {progress.unmet_kwh:,.1f} kWh"
    return words


def stage_share(progress: PlanProgress) -> float:
    """Return how far a plan is, 0-1: a stage has its part, of which nobody knows how long it is."""
    return {
        "bound": 0.05,
        "windows": 0.1 + 0.6 * progress.drafts / DRAFTS,
        "powers": 0.75,
        "audit": 0.85,
    }[progress.stage]


def end_words(header: PlanHeader) -> str:
    """Return the last sentence of a plan."""
    ready = f"{header.ready} of {header.vehicles} vans ready"
    bill = f"a bill of {header.bill_amount:,.2f} {header.currency}"
    gap = f"{max(0.0, header.gap_share):.3%} above the least there could be"
    if header.is_stopped_early:
        return f"Stopped early, and the best plan so far is kept: {ready}, {bill}, {gap}"
    return f"The night is planned: {ready}, {bill}, {gap}."


class _Teller:
    """Writes progress down, and lets a wish to stop through to the planner."""

    def __init__(self, at_hand: JobAtHand, *, is_relaxed: bool) -> None:
        self.watch = Watch(self._told)
        self._at_hand = at_hand
        self._is_relaxed = is_relaxed
        self._told_s = time.monotonic() - TOLD_EVERY_S
        self._told_of = PlanProgress()
        at_hand.wish.heed(self._wished)

    def _wished(self) -> None:
        """Take the wish; without plugs the search for the bound is the search for the plan."""
        if self.watch.progress.stage == "bound" and not self._is_relaxed:
            self.watch.give_up()
            self._at_hand.wish.interrupt()
        else:
            self.watch.ask_to_stop()

    def _told(self, progress: PlanProgress) -> None:
        now_s = time.monotonic()
        if progress.stage == self._told_of.stage and now_s - self._told_s < TOLD_EVERY_S:
            return
        self._told_s, self._told_of = now_s, progress
        now, teller = datetime.now(UTC), self._at_hand.teller
        teller.tell_amounts(progress.bound_amount, progress.incumbent_amount, now=now)
        teller.tell(stage_share(progress), stage_words(progress), now=now)


def _keep(folder: Path, answer: NightAnswer) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, plan in enumerate((answer.plan, *answer.baselines)):
        path = folder / f"{number:02d}-{plan.header.policy}.parquet"
        write_plan(path, plan, dwells=answer.tonight.dwells)


def _rests_on(tonight: Tonight, plan: Plan) -> bool:
    return tonight.grid == plan.grid and is_made_for(
        plan,
        tonight.dwells,
        depot=tonight.depot,
        prices=tonight.prices,
        base_load_kw=np.asarray(tonight.base_load_kw),
    )
