"""The Plan page while a job plans the night, once it has ended, and how it is found again."""

import os

import pytest

from depotlib.exchange.job_desk import JobTeller, job_box, new_job, take_lock
from depotlib.settings import Settings
from depotlib.ui.state import PlannedNight
from depotlib.workflows.background_job import do_job, seen_job
from depotlib.workflows.plan_job import KIND, NightQuestion, plan_arguments
from depotlib.workflows.plan_tonight import stored_plan
from depotlib.workflows.review_store import review_store
from depotlib.workflows.tonight import NightChoices
from tests.app.pages.conftest import in_home
from tests.app.pages.opened import numbers, opened, sound, words
from tests.app.whole_night import wait_for
from tests.large_depot import EVENING, furnish

QUESTION = NightQuestion(EVENING, choices=NightChoices(operating_limit_kw=16.0))
ADDRESS = PlannedNight(EVENING, choices=QUESTION.choices, occupancy="assigned").query()


@pytest.fixture
def small(tmp_path, monkeypatch) -> Settings:
    settings = in_home(tmp_path / "home", monkeypatch)
    furnish(settings, vans=3, stations=3)
    return settings


def asked(settings: Settings, job_id: str) -> dict[str, str]:
    """Return the address of a night that a job is to plan."""
    new_job(settings.home, job_id, kind=KIND, arguments=plan_arguments(QUESTION), now=EVENING)
    return {**ADDRESS, "job": job_id}


def test_a_running_job_shows_its_stage_its_bound_and_its_gap_and_is_found_without_an_address(small):
    address = asked(small, "running")
    lock = take_lock(small.home, "running")
    with job_box(small.home) as mailbox:
        teller = JobTeller(mailbox, "running")
        teller.begin(EVENING)
        teller.tell_amounts(1000.0, 1012.5, now=EVENING)
        teller.tell(0.22, "Looking for who stands where: 1 of at most 5 yards tried", now=EVENING)

    shown = opened("Plan", address)
    found = opened("Plan")

    for page in (shown, found):
        told = words(page)
        # 1012.5 is 1.25 % above 1000.
        assert "Best so far 1,012.50; nothing can be below 1,000.00 (a gap of 1.250%)" in told
        assert "its solvers may take 120 s" in told
        assert page.button(key="job_cancel").label == "Cancel"
        assert not numbers(page)
    assert "running" in found.query_params["job"]
    os.close(lock)


@pytest.mark.parametrize("title", ["Plan", "Push"])
def test_a_night_that_a_job_plans_is_awaited_and_not_planned_a_second_time(small, title: str):
    asked(small, "running")
    lock = take_lock(small.home, "running")
    with job_box(small.home) as mailbox:
        JobTeller(mailbox, "running").begin(EVENING)

    # The address of the night alone, as the link to another page names it.
    page = opened(title, ADDRESS)

    assert page.button(key="job_cancel").label == "Cancel"
    assert "running" in page.query_params["job"]
    store = review_store(small)
    assert store is not None
    assert store.plans == ()
    os.close(lock)
    ended = do_job(small, "running")
    sound(page.run())
    store = review_store(small)
    assert store is not None
    assert ended.result_id in {one.plan_id for one in store.plans}
    assert "3 of 3" in words(page) + "".join(numbers(page).values())


def test_a_night_that_a_job_has_planned_is_shown_and_not_planned_again(small):
    address = asked(small, "done")
    ended = do_job(small, "done")

    page = opened("Plan", address)

    header = stored_plan(small, ended.result_id).header
    assert "The night is planned: 3 of 3 vans ready" in words(page)
    assert numbers(page)["Bill"] == f"{header.bill_amount:,.2f} {header.currency}"
    assert numbers(page)["Vans ready"] == "3 of 3"


def test_a_job_that_died_or_was_stopped_before_there_was_a_plan_says_what_to_do(small):
    died = words(opened("Plan", asked(small, "lost")))
    address = asked(small, "stopped")
    with job_box(small.home) as mailbox:
        JobTeller(mailbox, "stopped").end(
            "cancelled", note="Stopped: Gathering", result_id=None, now=EVENING
        )
    stopped = opened("Plan", address)

    assert "died before it was done. Nothing of its plan was kept: plan the night again" in died
    assert "There was no plan yet: nothing is kept. Plan the night again." in words(stopped)
    # Nothing is planned behind the back of whoever has stopped it.
    assert not numbers(stopped)


@pytest.mark.full
def test_the_button_starts_a_process_and_the_address_leads_to_its_plan(small):
    page = opened("Plan")

    sound(page.button(key="plan_in_background").click().run())
    job = page.query_params["job"]
    job_id = job if isinstance(job, str) else job[0]
    wait_for(lambda: not seen_job(small, job_id).is_alive, within_s=240, what="the plan")
    sound(page.run())

    assert seen_job(small, job_id).job.state == "finished"
    assert numbers(page)["Vans ready"] == "3 of 3"
