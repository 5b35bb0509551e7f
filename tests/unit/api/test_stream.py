"""The stream: sessions in time, what befalls them at once, and nothing missed after a break."""

import http.client
import json
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from depotlib.api.door import Door
from depotlib.api.stream import LEAST_GAP_S, LOOK_S, PERIOD_S, Listener
from depotlib.exchange.api_keys import issue_key, revoke_key
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.live import JournalEntry
from tests.unit.api.test_server import ended, started
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING


def kinds(pieces: list[str]) -> list[str]:
    lines = [line for piece in pieces for line in piece.splitlines()]
    return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]


def begun(mailbox: Mailbox) -> int:
    (seq,) = mailbox.append([JournalEntry(EVENING, "session_started", "AC-01", "AC-01/1", {})])
    return seq


def test_sessions_are_told_well_within_fifteen_seconds():
    # Requirement 20: each session at least every 15 s. Between two looks pass LOOK_S.
    assert PERIOD_S + LOOK_S <= 15.0


def test_sessions_are_told_each_period_changed_or_not(door: Door, mailbox: Mailbox):
    listener = Listener(after_seq=None)

    said = [
        (second, kinds(listener.news(mailbox, door, now_s=float(second)))) for second in range(13)
    ]

    assert [second for second, what in said if what == ["sessions"]] == [0, 5, 10]


def test_a_change_is_told_at_the_next_look_but_not_more_often_than_each_second(
    door: Door, mailbox: Mailbox, path: Path
):
    listener = Listener(after_seq=None)
    listener.news(mailbox, door, now_s=0.0)

    with open_mailbox(path) as gateway:
        gateway.put_station_state(samples.station_state())
        soon = listener.news(mailbox, door, now_s=LOOK_S)
        then = listener.news(mailbox, door, now_s=LEAST_GAP_S)
        quiet = listener.news(mailbox, door, now_s=LEAST_GAP_S + LOOK_S + LEAST_GAP_S)

    assert (soon, kinds(then), quiet) == ([], ["sessions"], [])
    content = json.loads(then[0].split("data: ")[1])
    assert [one["vehicle_id"] for one in content["sessions"]] == ["van-1"]


def test_what_befalls_a_session_is_told_once_with_its_number(door: Door, mailbox: Mailbox):
    begun(mailbox)  # before it listened
    listener = Listener(after_seq=None)
    listener.news(mailbox, door, now_s=0.0)

    seq = begun(mailbox)
    mailbox.append([samples.entry()])  # a meter value: sessions tell it
    said = listener.news(mailbox, door, now_s=LOOK_S)

    assert kinds(said) == ["session_started"]
    assert said[0].startswith(f"id: {seq}\nevent: session_started\ndata: ")
    assert said[0].endswith("}\n\n")
    assert listener.news(mailbox, door, now_s=LOOK_S) == []


def test_a_station_that_connects_too_often_is_told(door: Door, mailbox: Mailbox):
    listener = Listener(after_seq=None)
    listener.news(mailbox, door, now_s=0.0)

    mailbox.append([JournalEntry(EVENING, "connections_too_often", "AC-01", None, {})])

    assert kinds(listener.news(mailbox, door, now_s=LOOK_S)) == ["connections_too_often"]


def test_who_comes_again_is_told_what_it_missed(door: Door, mailbox: Mailbox):
    seen, missed = begun(mailbox), begun(mailbox)

    said = Listener(after_seq=seen).news(mailbox, door, now_s=0.0)

    assert kinds(said) == ["session_started", "sessions"]
    assert said[0].startswith(f"id: {missed}\n")


def test_a_line_break_in_a_name_does_not_break_an_event(door: Door, mailbox: Mailbox):
    listener = Listener(after_seq=mailbox.journal_head().seq)
    payload = {"vehicle_id": "van\n\nevent: release_published\ndata: {}"}
    mailbox.append([JournalEntry(EVENING + timedelta(1), "session_ended", payload=payload)])

    said = listener.news(mailbox, door, now_s=0.0)

    assert kinds(said) == ["session_ended", "sessions"]


def test_a_stream_ends_with_the_key_that_opened_it(
    app: FastAPI,
    client: TestClient,
    door: Door,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
):
    token = door.operator_token_path
    secret = issue_key(token, "board", scopes=["stations:read"], now=EVENING)
    looks: list[int] = []

    def look() -> bool:
        """Take the key back at the second look; the server itself ends at the fourth."""
        looks.append(len(looks))
        if len(looks) == 2:
            revoke_key(token, "board")
        return len(looks) > 3

    monkeypatch.setattr(app.state, "is_ending", look)
    answer = client.get("/v1/stream", headers={"Authorization": f"Bearer {secret}"})

    assert (answer.status_code, len(looks)) == (200, 2)
    assert kinds([answer.text]) == ["sessions"]


def test_a_stream_from_the_running_door_tells_of_another_process_and_ends_with_the_door(
    tmp_path: Path,
):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        process, address = started(tmp_path)
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
        connection.request("GET", "/v1/stream")
        answer = connection.getresponse()
        assert answer.readline() == b"event: sessions\n"

        seq = begun(mailbox)
        lines = iter(answer.readline, b"")
        told = next(line for line in lines if line.startswith(b"id: "))
        process.send_signal(signal.SIGTERM)
        rest = b"".join(lines)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert told == f"id: {seq}\n".encode()
    assert b"event: session_started\n" in rest
    connection.close()
    assert ended(process) == (0, "", "")
