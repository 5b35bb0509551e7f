"""A night planned as a job from a terminal: begun, followed, stopped, and printed."""

import json

import pytest

from depotlib.cli.main import run_command
from depotlib.exchange.job_desk import new_job
from depotlib.settings import Settings
from depotlib.workflows.background_job import do_job, seen_job
from depotlib.workflows.plan_job import KIND, NightQuestion, plan_arguments, question_of
from depotlib.workflows.plan_tonight import stored_plan
from depotlib.workflows.tonight import NightChoices
from tests.app.whole_night import wait_for
from tests.large_depot import CLOCK, EVENING, furnish


@pytest.fixture
def small(tmp_path, monkeypatch) -> Settings:
    settings = Settings(home=tmp_path / "home", clock=CLOCK)
    furnish(settings, vans=3, stations=3)
    monkeypatch.setenv("DEPOT_HOME", str(settings.home))
    monkeypatch.setenv("DEPOT_CLOCK", CLOCK)
    return settings


@pytest.fixture
def run(capsys, small):
    def runner(*arguments: str):
        code = run_command(list(arguments))
        return code, json.loads(capsys.readouterr().out)

    return runner


def test_a_night_is_begun_in_the_background_followed_and_printed(run, small):
    code, job = run("night", "--background", "--time-limit", "30", "--running-peak", "12")
    job_id = job["job_id"]
    wait_for(lambda: not seen_job(small, job_id).is_alive, within_s=240, what="the plan")
    _, seen = run("work", job_id, "--show")
    code_of_night, night = run("night", "--job", job_id)

    assert (code, code_of_night) == (0, 0)
    # The depot's clock goes on while the command starts: only the choices are known to the dot.
    asked = question_of(seen_job(small, job_id).job)
    assert asked.choices == NightChoices(time_limit_s=30.0, running_peak_kw=12.0)
    assert asked.at >= EVENING
    assert (seen["kind"], seen["state"], seen["result_id"]) == (
        "plan",
        "finished",
        night["plan"]["plan_id"],
    )
    assert night["plan"]["is_stopped_early"] is False
    assert len(night["baselines"]) == 6


def test_what_a_job_has_kept_is_printed_as_it_was_and_not_planned_again(run, small):
    question = NightQuestion(EVENING, choices=NightChoices())
    new_job(small.home, "kept", kind=KIND, arguments=plan_arguments(question), now=EVENING)
    ended = do_job(small, "kept")
    header = stored_plan(small, str(ended.result_id)).header

    _, night = run("night", "--job", "kept")

    # Seconds of the solvers are no two times the same.
    assert night["plan"]["plan_id"] == ended.result_id
    assert (night["plan"]["build_s"], night["plan"]["solve_s"]) == (header.build_s, header.solve_s)


def test_a_job_without_a_plan_is_refused(run, small):
    question = NightQuestion(EVENING, choices=NightChoices())
    new_job(small.home, "open", kind=KIND, arguments=plan_arguments(question), now=EVENING)

    assert run("night", "--job", "open")[0] == 2
    code, printed = run("night", "--job", "nobody")

    assert (code, printed["error"]["what"]) == (2, "there is no job 'nobody' here")
