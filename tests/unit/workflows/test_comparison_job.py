"""Tariffs compared as a job: what is found is what is found here, and is kept tariff by tariff."""

from dataclasses import replace
from pathlib import Path

import pytest

from depotlib.errors import ProcessError
from depotlib.exchange.job_desk import JobTeller, job_box, new_job
from depotlib.settings import Settings
from depotlib.workflows import comparison_job
from depotlib.workflows.background_job import do_job
from depotlib.workflows.compare_tariffs import compare_stored, comparison_of, past_of
from depotlib.workflows.comparison_job import (
    FOLDER,
    KIND,
    ComparisonQuestion,
    comparison_arguments,
    do_comparison,
    job_of_comparison,
    kept_tariff,
)
from depotlib.workflows.edit_tariff import edited_tariff, save_tariff_text
from depotlib.workflows.import_files import GivenFile, import_files
from depotlib.workflows.job_at_hand import JobAtHand, StopWish
from tests.unit.workflows.test_compare_tariffs import LOG, NOW, YARD, record, stored

ONE_MORE = LOG.replace("1,1,UK-1", "3,1,UK-3").replace("2,2,UK-2", "4,2,UK-4")


@pytest.fixture
def yard(tmp_path: Path) -> Settings:
    """Return a store with two sessions and three tariffs."""
    prices = {"demand": (0.10, 10.0), "energy": (2.0, 0.0), "both": (0.2, 5.0)}
    records = [record(name, per_kwh=one, per_kw=other) for name, (one, other) in prices.items()]
    return stored(tmp_path, records)


def done(settings: Settings, question: ComparisonQuestion, *, job_id: str):
    new_job(settings.home, job_id, kind=KIND, arguments=comparison_arguments(question), now=NOW)
    return do_job(settings, job_id)


def test_what_a_job_finds_is_what_is_found_here_to_the_cent(yard: Settings):
    question = ComparisonQuestion(YARD, ("demand", "energy"))

    ended = done(yard, question, job_id="first")

    past = past_of(yard, YARD)
    kept = [kept_tariff(yard, one, past=past) for one in question.tariff_ids]
    assert comparison_of(past, [one for one in kept if one]) == compare_stored(
        yard, YARD, tariff_ids=question.tariff_ids
    )
    assert (ended.state, ended.note) == (
        "finished",
        "The sessions are planned anew under 2 tariffs.",
    )
    seen = job_of_comparison(yard, question)
    assert seen is not None
    assert seen.job.result_id == past.digest


def test_one_more_tariff_is_the_only_one_that_is_planned(yard: Settings):
    done(yard, ComparisonQuestion(YARD, ("demand", "energy")), job_id="first")
    before = {path: path.stat().st_mtime_ns for path in (yard.home / FOLDER).iterdir()}

    done(yard, ComparisonQuestion(YARD, ("demand", "both", "energy")), job_id="second")

    after = {path: path.stat().st_mtime_ns for path in (yard.home / FOLDER).iterdir()}
    assert (len(before), len(after)) == (2, 3)
    assert before.items() <= after.items()


def test_another_past_or_another_version_of_a_tariff_is_not_answered_with_what_was_kept(
    yard: Settings,
):
    done(yard, ComparisonQuestion(YARD, ("demand", "energy")), job_id="first")

    stronger = past_of(yard, replace(YARD, max_kw=11.0))
    edited = edited_tariff(yard, "energy").text.replace("2.0", "3.0")
    save_tariff_text(yard, edited, now=NOW)
    as_before = past_of(yard, YARD)

    assert kept_tariff(yard, "demand", past=stronger) is None
    assert kept_tariff(yard, "demand", past=as_before) is not None
    assert kept_tariff(yard, "energy", past=as_before) is None
    import_files([GivenFile("more.csv", ONE_MORE.encode())], settings=yard, now=NOW)
    assert kept_tariff(yard, "demand", past=past_of(yard, YARD)) is None


def test_what_other_code_has_found_is_not_taken_for_an_answer(yard: Settings, monkeypatch):
    done(yard, ComparisonQuestion(YARD, ("demand",)), job_id="first")
    past = past_of(yard, YARD)
    assert kept_tariff(yard, "demand", past=past) is not None

    monkeypatch.setattr(comparison_job, "code_digest", lambda: "after the update")

    assert kept_tariff(yard, "demand", past=past) is None


def test_what_was_cut_off_while_it_was_written_is_planned_again(yard: Settings):
    question = ComparisonQuestion(YARD, ("demand",))
    done(yard, question, job_id="first")
    (path,) = (yard.home / FOLDER).iterdir()
    path.write_bytes(path.read_bytes()[:100])
    past = past_of(yard, YARD)

    assert kept_tariff(yard, "demand", past=past) is None
    done(yard, question, job_id="second")
    assert kept_tariff(yard, "demand", past=past) is not None


def test_a_job_without_a_question_and_one_about_a_tariff_that_is_not_there_say_so(yard: Settings):
    new_job(yard.home, "empty", kind=KIND, arguments={}, now=NOW)
    with job_box(yard.home) as mailbox:
        teller = JobTeller(mailbox, "empty")
        at_hand = JobAtHand(yard, teller.job, teller, wish=StopWish())
        with pytest.raises(ProcessError, match="does not say what to compare"):
            do_comparison(at_hand)

    ended = done(yard, ComparisonQuestion(YARD, ("demand", "gone")), job_id="gone")

    assert ended.state == "failed"
    assert "gone" in ended.note
    # What was planned before it is kept.
    assert kept_tariff(yard, "demand", past=past_of(yard, YARD)) is not None
