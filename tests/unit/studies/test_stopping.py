"""Stopping early: the answer is right as often as promised, however often one looks."""

import numpy as np
import pytest

from depotlib.errors import StudyError
from depotlib.studies.stopping import Sureness, judged, until_sure


def played(mean_amount: float, *, run: int, sigma_amount: float = 100.0):
    """Return a study whose differences scatter around a known one."""

    def differences(seeds):
        return {
            seed: mean_amount + sigma_amount * np.random.default_rng((run, seed)).normal()
            for seed in seeds
        }

    return differences


def test_a_clear_difference_ends_after_few_seeds_and_a_faint_one_later():
    order = Sureness(indifferent_value=10.0, batch=4, most_seeds=200)

    clear = until_sure(played(-500.0, run=1), order)
    faint = until_sure(played(-60.0, run=1), order)

    assert (clear.answer, faint.answer) == ("less", "less")
    assert clear.band.count <= 12 < faint.band.count


def test_no_difference_that_matters_is_an_answer():
    order = Sureness(indifferent_value=50.0, batch=4, most_seeds=400)

    verdict = until_sure(played(0.0, run=2), order)

    assert verdict.answer == "alike"
    assert verdict.band.half_width <= 50.0


def test_who_looks_often_is_not_wrong_more_often():
    # No difference at all: every "less" or "more" is an error; 10 % of studies may make one.
    order = Sureness(indifferent_value=0.0, batch=2, most_seeds=20)

    answers = [until_sure(played(0.0, run=run), order).answer for run in range(60)]

    assert answers.count("open") >= 0.9 * len(answers)


def test_an_open_question_stays_open():
    verdict = until_sure(played(1.0, run=3), Sureness(indifferent_value=0.0, batch=2, most_seeds=5))

    assert (verdict.answer, verdict.looks, verdict.band.count) == ("open", 3, 5)


def test_a_seed_that_failed_is_left_out():
    def differences(seeds):
        return {seed: 5.0 + 0.01 * seed for seed in seeds if seed != 1}

    verdict = until_sure(differences, Sureness(indifferent_value=1.0, batch=4))

    assert (verdict.answer, verdict.band.count) == ("more", 3)


def test_seeds_that_do_not_differ_are_no_answer_until_they_are_many():
    order = Sureness(indifferent_value=1.0, batch=4, most_seeds=64)

    few = judged([0.0] * 4, order, look=1)
    verdict = until_sure(lambda seeds: dict.fromkeys(seeds, 0.0), order)

    assert few.answer == "open"
    # 0.9 ** 48 = 0.0064 is below 0.1 / 13, and 0.9 ** 44 = 0.0097 is not below 0.1 / 12.
    assert (verdict.answer, verdict.band.count) == ("alike", 48)


def test_a_rare_difference_is_not_taken_for_none():
    # One seed in twelve differs by 6,000: by 500 in the mean. Student's band of the zeros before it
    # has no width at all.
    def differences(seeds):
        return {seed: 6000.0 if seed % 12 == 11 else 0.0 for seed in seeds}

    verdict = until_sure(differences, Sureness(indifferent_value=50.0, batch=4, most_seeds=64))

    assert verdict.answer != "alike"


@pytest.mark.parametrize(
    "numbers",
    [{"indifferent_value": -1.0}, {"share": 1.0}, {"batch": 1}, {"batch": 9, "most_seeds": 8}],
)
def test_a_sureness_that_cannot_be_is_refused(numbers):
    with pytest.raises(StudyError, match="cannot be"):
        Sureness(**{"indifferent_value": 1.0, **numbers})


def test_one_difference_is_none():
    with pytest.raises(StudyError):
        judged([1.0], Sureness(indifferent_value=1.0), look=1)
