"""Tariffs on a long past: as it was at once, planned anew by a job, and found again."""

import os
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from depotlib.exchange.job_desk import JobTeller, job_box, new_job, take_lock
from depotlib.settings import Settings
from depotlib.ui import comparison_parts
from depotlib.workflows.background_job import do_job, seen_job
from depotlib.workflows.compare_tariffs import compare_stored
from depotlib.workflows.comparison_job import KIND, ComparisonQuestion, comparison_arguments
from depotlib.workflows.import_files import GivenFile, import_files
from tests.app.pages.conftest import in_home
from tests.app.pages.opened import opened, shown, sound, words
from tests.app.whole_night import wait_for
from tests.unit.workflows.test_compare_tariffs import NOW, YARD, record, stored
from tests.unit.workflows.test_comparison_job import ONE_MORE

UTC_YARD = replace(YARD, time_zone="UTC")
QUESTION = ComparisonQuestion(UTC_YARD, ("demand", "energy"))
ADDRESS = {"tariff_part": "Which is cheapest"}
START = "plan_anew"


@pytest.fixture
def long_past(tmp_path, monkeypatch) -> Settings:
    """Return a store of two sessions, which is as many as are too many for a page."""
    demand = record("demand", per_kwh=0.10, per_kw=10.0)
    stored(tmp_path, [demand, record("energy", per_kwh=2.0)])
    monkeypatch.setattr(comparison_parts, "MOST_IN_PAGE", 1)
    return in_home(tmp_path / "home", monkeypatch)


def planned(page: AppTest) -> list[str] | None:
    """Return what the page says of the plans; None: it says nothing of them."""
    rows = shown(page, "As it was")
    return rows["Planned"].to_list() if "Planned" in rows.columns else None


def test_a_long_past_is_compared_as_it_was_until_somebody_asks_for_more(long_past: Settings):
    page = opened("Tariffs", ADDRESS)

    # 28.8 kWh at 0.10 and a peak of 14.4 kW at 10, against 28.8 kWh at 2.
    assert shown(page, "As it was")["As it was"].to_list() == ["57.60", "146.88"]
    assert planned(page) is None
    assert page.button(key=START).label == "Plan them anew under each tariff"
    assert "To plan 2 sessions anew takes about 1 s for each tariff" in words(page)


def test_while_a_job_plans_them_its_progress_is_shown_and_it_is_found_without_an_address(
    long_past: Settings,
):
    arguments = comparison_arguments(QUESTION)
    new_job(long_past.home, "running", kind=KIND, arguments=arguments, now=NOW)
    lock = take_lock(long_past.home, "running")
    with job_box(long_past.home) as mailbox:
        teller = JobTeller(mailbox, "running")
        teller.begin(NOW)
        teller.tell(0.5, "Planning the sessions anew: tariff 2 of 2", now=NOW)

    page = opened("Tariffs", ADDRESS)

    assert "running" in page.query_params["job"]
    assert page.button(key="job_cancel").label == "Cancel"
    assert START not in [button.key for button in page.button]
    assert planned(page) is None
    os.close(lock)


def test_what_a_job_has_planned_is_shown_and_is_what_the_workflow_says(long_past: Settings):
    new_job(long_past.home, "done", kind=KIND, arguments=comparison_arguments(QUESTION), now=NOW)
    do_job(long_past, "done")

    page = opened("Tariffs", {**ADDRESS, "job": "done"})

    known = compare_stored(long_past, UTC_YARD, tariff_ids=QUESTION.tariff_ids)
    assert planned(page) == [f"{one.planned.total_amount:,.2f}" for one in known.tariffs]
    assert planned(page) == ["31.68", "57.60"]
    assert "job" not in page.query_params
    assert START not in [button.key for button in page.button]


def test_a_job_that_was_stopped_says_so_and_can_be_started_again(long_past: Settings):
    arguments = comparison_arguments(QUESTION)
    new_job(long_past.home, "stopped", kind=KIND, arguments=arguments, now=NOW)
    with job_box(long_past.home) as mailbox:
        JobTeller(mailbox, "stopped").end(
            "cancelled", note="Stopped: tariff 1 of 2", result_id=None, now=NOW
        )

    page = opened("Tariffs", {**ADDRESS, "job": "stopped"})

    assert "The tariffs that were planned are kept: plan again to go on." in words(page)
    assert page.button(key=START)
    assert planned(page) is None


def test_the_job_of_another_choice_is_not_shown_as_that_of_this_one(long_past: Settings):
    other = ComparisonQuestion(UTC_YARD, ("demand",))
    new_job(long_past.home, "other", kind=KIND, arguments=comparison_arguments(other), now=NOW)

    both = opened("Tariffs", {**ADDRESS, "job": "other"})
    its_own = opened("Tariffs", {**ADDRESS, "tariffs": "Test: demand", "job": "other"})

    assert "job" not in both.query_params
    assert both.button(key=START)
    assert len(shown(both, "As it was")) == 2
    assert shown(its_own, "As it was")["Tariff"].to_list() == ["Test: demand"]
    assert "died before it was done. The tariffs that it had planned are kept" in words(its_own)


def test_a_job_that_ended_before_a_session_came_in_is_not_told_as_the_answer(long_past: Settings):
    arguments = comparison_arguments(QUESTION)
    new_job(long_past.home, "done", kind=KIND, arguments=arguments, now=NOW)
    do_job(long_past, "done")
    import_files([GivenFile("more.csv", ONE_MORE.encode())], settings=long_past, now=NOW)

    page = opened("Tariffs", {**ADDRESS, "job": "done"})

    assert "job" not in page.query_params
    assert "are planned anew under 2 tariffs" not in words(page)
    assert page.button(key=START)
    assert planned(page) is None


@pytest.mark.full
def test_the_button_starts_a_process_whose_answer_the_page_shows(long_past: Settings):
    page = opened("Tariffs", ADDRESS)

    sound(page.button(key=START).click().run())
    job = page.query_params["job"]
    job_id = job if isinstance(job, str) else job[0]
    wait_for(lambda: not seen_job(long_past, job_id).is_alive, within_s=240, what="the plans")
    sound(page.run())

    assert planned(page) == ["31.68", "57.60"]
