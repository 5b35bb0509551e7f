"""A night planned as a job: found again by its question, stopped early with what it has, or not."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from depotlib.errors import ProcessError, RecordMissingError
from depotlib.exchange.job_desk import JobTeller, job_box, new_job
from depotlib.model.job import Job
from depotlib.planning.watch import PlanProgress
from depotlib.settings import Settings
from depotlib.store.catalogue import load_fleet, save_fleet
from depotlib.workflows.background_job import cancel_job, do_job, seen_job, start_job
from depotlib.workflows.job_at_hand import WISHED, JobAtHand, StopWish
from depotlib.workflows.plan_job import (
    KIND,
    NightQuestion,
    answer_of_job,
    answer_of_night,
    do_plan,
    plan_arguments,
    question_of,
    stage_share,
    stage_words,
)
from depotlib.workflows.plan_tonight import BASELINE_NAMES, plan_tonight, stored_plan
from depotlib.workflows.tonight import NightChoices
from tests.app.whole_night import wait_for
from tests.large_depot import EVENING, furnish

QUESTION = NightQuestion(EVENING, choices=NightChoices(running_peak_kw=12.5, time_limit_s=60.0))


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Settings:
    """Return a depot whose 12 vans have to share 6 stations."""
    settings = Settings(home=tmp_path_factory.mktemp("plans") / "home")
    furnish(settings, vans=12, stations=6)
    return settings


@pytest.fixture
def interrupted() -> Iterator[None]:
    """Take the wish to stop as `do_job` does: as an interrupt."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(WISHED, interrupt)
    yield
    signal.signal(WISHED, before)


class Impatient(JobTeller):
    """Wishes that the work be stopped as soon as it tells something."""

    wish: StopWish
    words: str
    told: tuple[str, ...] = ()

    def tell(self, progress_share: float, note: str, *, now: datetime) -> None:
        super().tell(progress_share, note, now=now)
        self.told = (*self.told, note)
        if self.words in note:
            self.wish.come()


def stopped_at(settings: Settings, words: str, *, job_id: str, question: NightQuestion = QUESTION):
    """Do a job that somebody wishes to stop when it says these words; return its end."""
    new_job(settings.home, job_id, kind=KIND, arguments=plan_arguments(question), now=EVENING)
    with job_box(settings.home) as mailbox:
        teller = Impatient(mailbox, job_id)
        teller.wish, teller.words = StopWish(), words
        return do_plan(JobAtHand(settings, teller.job, teller, wish=teller.wish)), teller


def test_a_question_is_told_to_another_process_word_for_word():
    question = replace(QUESTION, occupancy="relaxed")

    with_arguments = plan_arguments(question)

    assert with_arguments["time_limit_s"] == 60.0
    assert question_of(job_with(with_arguments)) == question
    with pytest.raises(ProcessError, match="does not say which night"):
        question_of(job_with({}))


def test_a_night_planned_as_a_job_is_the_night_planned_here_and_is_not_planned_twice(small):
    new_job(small.home, "whole", kind=KIND, arguments=plan_arguments(QUESTION), now=EVENING)

    ended = do_job(small, "whole")
    kept = answer_of_night(small, QUESTION)

    here = plan_tonight(small, now=EVENING, choices=QUESTION.choices)
    assert (ended.state, ended.progress_share) == ("finished", 1.0), ended.note
    assert ended.note.startswith("The night is planned: ")
    assert ended.result_id == here.plan.header.plan_id
    # Seconds of a kept plan are those of the job: nothing was solved for the answer.
    assert kept.plan.header == stored_plan(small, ended.result_id).header
    assert kept.plan.setpoints.equals(here.plan.setpoints)
    assert (kept.plan.moves, kept.plan.windows) == (here.plan.moves, here.plan.windows)
    assert tuple(one.header.policy for one in kept.baselines) == BASELINE_NAMES
    assert kept.tonight == here.tonight
    assert answer_of_job(small, "whole").plan.header == kept.plan.header
    assert ended.bound_amount == pytest.approx(here.plan.header.bound_amount)


def test_stopped_while_it_looks_for_who_stands_where_it_keeps_the_best_so_far(small):
    end, teller = stopped_at(small, "who stands where", job_id="early")

    plan = stored_plan(small, end.result_id)
    whole = plan_tonight(small, now=EVENING, choices=QUESTION.choices).plan.header
    assert end.is_stopped
    assert end.note.startswith("Stopped early, and the best plan so far is kept: ")
    assert plan.header.is_stopped_early
    assert plan.audit.passed
    assert plan.header.status != "optimal"
    # The bound is that of the whole search: the gap is true.
    assert plan.header.bound_amount == pytest.approx(whole.bound_amount)
    assert plan.header.gap_share == pytest.approx(
        (plan.header.bill_amount - whole.bound_amount) / whole.bound_amount
    )
    # The yard that was being tried is made whole, and no other is begun.
    assert not [note for note in teller.told if "2 of at most 5" in note]


def test_stopped_before_there_is_a_plan_nothing_is_kept(small, interrupted):
    question = replace(QUESTION, choices=NightChoices(running_peak_kw=13.0))

    with pytest.raises(KeyboardInterrupt):
        stopped_at(small, "the least bill", job_id="at-once", question=question)

    assert seen_job(small, "at-once").job.result_id is None
    with pytest.raises(RecordMissingError, match="no plan was kept"):
        answer_of_job(small, "at-once")


def test_without_plugs_the_first_search_is_for_the_plan_and_it_is_kept(small):
    question = replace(QUESTION, occupancy="relaxed")

    end, _ = stopped_at(small, "the least bill", job_id="relaxed", question=question)

    # It is proven in the seconds that the wish leaves it: nothing is missing from it.
    assert not end.is_stopped
    assert stored_plan(small, end.result_id).header.status == "optimal"


def test_a_plan_whose_facts_have_changed_is_not_shown_for_what_it_was_made_for(tmp_path):
    settings = Settings(home=tmp_path)
    furnish(settings, vans=3, stations=3)
    new_job(settings.home, "j1", kind=KIND, arguments=plan_arguments(QUESTION), now=EVENING)
    do_job(settings, "j1")
    fleet = load_fleet(settings.warehouse_path, "large")
    (van,) = fleet.classes
    hungrier = replace(fleet, classes=(replace(van, consumption_kwh_per_km=0.36),))
    save_fleet(settings.warehouse_path, hungrier, depot_id="large", saved_at=EVENING)

    with pytest.raises(RecordMissingError, match="has changed since") as refused:
        answer_of_night(settings, QUESTION)

    assert refused.value.hint == "plan the night again"


def test_a_night_of_no_depot_is_a_failed_job_with_its_reason(tmp_path):
    settings = Settings(home=tmp_path)
    new_job(settings.home, "j1", kind=KIND, arguments=plan_arguments(QUESTION), now=EVENING)

    ended = do_job(settings, "j1")

    assert (ended.state, ended.result_id) == ("failed", None)


def test_a_wish_from_outside_reaches_the_process_that_plans(tmp_path):
    settings = Settings(home=tmp_path)
    # So many vans on so few stations that the wish comes while they are placed, on any machine.
    furnish(settings, vans=120, stations=60)

    job = start_job(settings, KIND, arguments=plan_arguments(QUESTION))
    wait_for(
        lambda: seen_job(settings, job.job_id).job.bound_amount is not None,
        within_s=200,
        what="the bound",
    )
    cancel_job(settings, job.job_id)
    wait_for(lambda: not seen_job(settings, job.job_id).is_open, within_s=200, what="its end")

    seen = seen_job(settings, job.job_id)
    assert (seen.job.state, seen.has_died) == ("cancelled", False)
    assert seen.job.result_id is not None
    assert answer_of_night(settings, QUESTION).plan.header.is_stopped_early


@pytest.mark.parametrize(
    ("progress", "share", "words"),
    [
        (PlanProgress(), 0.05, "Looking for the least bill, if nobody waited for a plug"),
        # 0.1 and two of five parts of 0.6.
        (
            PlanProgress("windows", drafts=2, unmet_kwh=12.34),
            0.34,
            "Looking for who stands where: 2 of at most 5 yards tried; the best so far lacks 12.3 kWh",
        ),
        (PlanProgress("powers"), 0.75, "Looking for the cheapest powers there"),
        (PlanProgress("audit"), 0.85, "Checking the plan, and what others would have done"),
    ],
)
def test_progress_is_told_in_words(progress: PlanProgress, share: float, words: str):
    assert stage_words(progress) == words
    assert stage_share(progress) == pytest.approx(share)


def job_with(arguments):
    return Job("j", KIND, made_at=EVENING, changed_at=EVENING, arguments=arguments)
