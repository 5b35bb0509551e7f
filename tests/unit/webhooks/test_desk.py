"""When a webhook's message is tried again, and when it is given up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.model.webhook import WebhookProgress
from depotlib.webhooks.desk import (
    KEPT,
    REFUSED_TRIES,
    is_due,
    is_hopeless,
    is_refused,
    next_try_at,
    with_try,
)
from tests.unit.exchange.samples import EVENING

FRESH = WebhookProgress("w", after_seq=7)


def failed(times: int, *, status: int = 0) -> WebhookProgress:
    progress = FRESH
    for _ in range(times):
        progress = with_try(progress, seq=8, status=status, trouble="no", at=EVENING)
    return progress


def test_the_first_message_is_due_at_once():
    assert is_due(FRESH, at=EVENING)


def test_the_pauses_double_from_five_seconds_to_ten_minutes():
    pauses = [(next_try_at(failed(times)) - EVENING).total_seconds() for times in range(1, 12)]

    assert pauses == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600, 600]
    assert not is_due(failed(1), at=EVENING + timedelta(seconds=4))
    assert is_due(failed(1), at=EVENING + timedelta(seconds=5))


def test_a_message_that_was_taken_moves_on_and_forgets_the_trouble():
    told = with_try(failed(3), seq=8, status=204, trouble="", at=EVENING)

    assert told == replace(FRESH, after_seq=8, tried_at=EVENING, told_at=EVENING)


def test_a_message_that_failed_stays_the_next_one():
    assert failed(1).after_seq == 7
    assert failed(2).tries == 2


@pytest.mark.parametrize("status", [302, 400, 404, 410, 422])
def test_an_answer_that_will_not_change_is_a_refusal(status: int):
    assert is_refused(status)


@pytest.mark.parametrize("status", [0, 408, 409, 425, 429, 500, 503])
def test_silence_and_what_passes_is_no_refusal(status: int):
    assert not is_refused(status)


def test_a_refused_event_is_given_up_after_some_tries_and_not_before():
    assert not is_hopeless(failed(REFUSED_TRIES - 1, status=404), status=404, happened_at=EVENING)
    assert is_hopeless(failed(REFUSED_TRIES, status=404), status=404, happened_at=EVENING)


def test_the_first_refusal_after_an_outage_gives_nothing_up():
    progress, hopeless = failed(9), []

    for _ in range(REFUSED_TRIES):
        progress = with_try(progress, seq=8, status=404, trouble="no", at=EVENING)
        hopeless.append(is_hopeless(progress, status=404, happened_at=EVENING))

    assert hopeless == [False] * (REFUSED_TRIES - 1) + [True]


def test_silence_between_refusals_begins_their_count_anew():
    silent = with_try(failed(4, status=404), seq=8, status=503, trouble="no", at=EVENING)

    refused = with_try(silent, seq=8, status=404, trouble="no", at=EVENING)

    assert refused.refusals == 1
    assert not is_hopeless(refused, status=404, happened_at=EVENING)


def tried_for(span: timedelta) -> WebhookProgress:
    """Return how a webhook is after nobody answered for a while, tried every ten minutes."""
    progress, at = FRESH, EVENING
    while at < EVENING + span:
        progress = with_try(progress, seq=8, status=0, trouble="no", at=at)
        at += timedelta(minutes=10)
    return with_try(progress, seq=8, status=0, trouble="no", at=EVENING + span)


def test_an_event_that_nobody_answers_is_kept_for_a_day():
    longer = tried_for(KEPT + timedelta(seconds=1))

    assert not is_hopeless(tried_for(KEPT), status=0, happened_at=EVENING)
    assert is_hopeless(longer, status=0, happened_at=EVENING)
    assert not is_hopeless(longer, status=0, happened_at=EVENING + timedelta(minutes=1))


def test_an_event_that_was_not_tried_for_days_is_as_good_as_new():
    # The teller was down from an hour after the outage began until two days later.
    after = with_try(
        tried_for(timedelta(hours=1)), seq=8, status=0, trouble="no", at=EVENING + 2 * KEPT
    )

    assert after.failing_since == EVENING + 2 * KEPT
    assert not is_hopeless(after, status=0, happened_at=EVENING - KEPT)


def test_a_first_try_gives_up_no_event_however_old_it_is():
    assert not is_hopeless(failed(1), status=0, happened_at=EVENING - 2 * KEPT)
