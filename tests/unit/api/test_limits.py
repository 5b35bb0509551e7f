"""How often one may call, and what happens to a call that comes twice."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from depotlib.api.access import STRANGER
from depotlib.api.throttle import MOST_STREAMS, Throttle
from depotlib.errors import CallRateError, RecordConflictError
from depotlib.exchange.answered import KEPT_FOR, AnsweredCall
from depotlib.exchange.api_keys import issue_key
from depotlib.exchange.mailbox import Mailbox
from tests.unit.exchange.samples import EVENING

VAN = {"vehicle_id": "van-1", "priority": 5}
KEY = {"Idempotency-Key": "call-1"}


def calls_served(throttle: Throttle, caller: str, *, asked: int) -> int:
    served = 0
    for _ in range(asked):
        try:
            throttle.take(caller)
        except CallRateError:
            continue
        served += 1
    return served


def test_a_caller_has_a_burst_and_then_its_calls_per_second():
    seconds = [0.0]
    throttle = Throttle(calls_per_s=2, burst_calls=5, monotonic=lambda: seconds[0])

    at_once = calls_served(throttle, "tms", asked=9)
    seconds[0] = 1.5
    later = calls_served(throttle, "tms", asked=9)
    seconds[0] = 1000.0
    rested = calls_served(throttle, "tms", asked=9)

    # A burst of 5; 1.5 s at 2 a second are 3; however long one rests, no more than the burst.
    assert (at_once, later, rested) == (5, 3, 5)


def test_one_caller_does_not_use_up_the_calls_of_another():
    throttle = Throttle(calls_per_s=1, burst_calls=3, monotonic=lambda: 0.0)

    assert calls_served(throttle, "loud", asked=50) == 3
    assert calls_served(throttle, "quiet", asked=1) == 1


def test_too_many_calls_are_told_when_to_come_again(client: TestClient, mailbox: Mailbox):
    client.app.state.throttle = Throttle(calls_per_s=1, burst_calls=2, monotonic=lambda: 0.0)

    answers = [client.get("/v1/stations") for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "1"
    assert set(answers[2].json()["error"]) == {"what", "where", "hint"}


def test_guesses_at_keys_are_counted_together_and_leave_callers_alone(
    client: TestClient, door, mailbox: Mailbox
):
    key = issue_key(door.operator_token_path, "tms", scopes=["stations:read"], now=EVENING)
    throttle = Throttle(calls_per_s=1, burst_calls=2, monotonic=lambda: 0.0)
    client.app.state.throttle = throttle

    def status(secret: str) -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return client.get("/v1/stations", headers=headers).status_code

    assert [status(f"guess {number}") for number in range(3)] == [401, 401, 429]
    assert status(key) == 200
    with pytest.raises(CallRateError, match="too many calls"):
        throttle.take(STRANGER)


def test_no_more_streams_than_may_be_open(client: TestClient, mailbox: Mailbox):
    client.app.state.throttle.open_streams = MOST_STREAMS

    assert client.get("/v1/stream").status_code == 429


# --- a call that comes twice ------------------------------------------------------------------


def test_a_repeated_call_gets_its_answer_and_does_nothing(client: TestClient, mailbox: Mailbox):
    first = client.post("/v1/departures", json=VAN, headers=KEY)
    client.post("/v1/departures", json={**VAN, "priority": 9})
    again = client.post("/v1/departures", json=VAN, headers=KEY)

    assert (again.status_code, again.json()) == (200, first.json())
    assert [one.priority for one in mailbox.departures()] == [9]
    assert len(mailbox.journal(kinds=["operator_action"])) == 2


def test_a_key_does_not_stand_for_two_calls(client: TestClient, mailbox: Mailbox):
    client.post("/v1/departures", json=VAN, headers=KEY)
    answer = client.post("/v1/departures", json={**VAN, "priority": 9}, headers=KEY)

    assert answer.status_code == 409
    assert answer.json()["error"]["where"] == "header Idempotency-Key"
    assert [one.priority for one in mailbox.departures()] == [5]


def test_a_call_that_was_refused_may_be_corrected_under_its_key(
    client: TestClient, mailbox: Mailbox
):
    refused = client.post("/v1/departures", json={**VAN, "vehicle_id": "van-9"}, headers=KEY)
    answer = client.post("/v1/departures", json=VAN, headers=KEY)

    assert (refused.status_code, answer.status_code) == (404, 200)


def test_two_callers_may_use_the_same_key(client: TestClient, door, mailbox: Mailbox):
    place = door.operator_token_path
    for number, name in enumerate(("tms", "yard")):
        key = issue_key(place, name, scopes=["fleet:write"], now=EVENING)
        answer = client.post(
            "/v1/departures",
            json={**VAN, "priority": number},
            headers={**KEY, "Authorization": f"Bearer {key}"},
        )
        assert answer.status_code == 200


def test_an_answer_is_kept_for_a_day(mailbox: Mailbox):
    just_before = EVENING + KEPT_FOR - timedelta(seconds=1)
    mailbox.answered.keep("old", AnsweredCall(EVENING, "a", "1"))

    assert mailbox.answered.answer("old", content="a", now=just_before) == "1"
    with pytest.raises(RecordConflictError):
        mailbox.answered.answer("old", content="b", now=just_before)
    assert mailbox.answered.answer("old", content="b", now=EVENING + KEPT_FOR) is None
    mailbox.answered.keep("new", AnsweredCall(EVENING + KEPT_FOR, "b", "2"))
    assert mailbox.answered.answer("old", content="a", now=EVENING) is None  # it was taken out
