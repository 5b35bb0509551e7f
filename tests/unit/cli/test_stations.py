"""`depot stations` and `depot identity`, as a person at the terminal meets them."""

import json
from datetime import UTC, datetime

import pytest

from depotlib.cli.main import run_command
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.model.live import Distrust, JournalEntry
from depotlib.settings import Settings
from tests.unit.exchange.samples import station_state

T0 = datetime(2026, 11, 20, 20, tzinfo=UTC)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    token = ensure_operator_token(Settings(home=tmp_path).operator_token_path)
    monkeypatch.setenv("DEPOT_OPERATOR_TOKEN", token)
    return tmp_path


def printed(capsys, *arguments: str) -> tuple[int, dict]:
    code = run_command(list(arguments))
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["stations", "identity"])
def test_before_anything_has_run_it_says_so(home, capsys, name):
    code, said = printed(capsys, name, "--json")

    assert code == 2
    assert said["error"]["hint"]


def test_who_was_caught_is_shown_and_can_be_cleared_by_the_operator(home, capsys):
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        mailbox.put_distrust(Distrust("S0", "S0/1", T0, 20.0, 5.0, "person", T0))
        mailbox.append([JournalEntry(T0, "station_connected", "S0")])

    code, shown = printed(capsys, "stations", "--days", "36500")
    cleared = printed(capsys, "stations", "--trust", "S0", "--reason", "mended")

    assert code == 0
    assert [one["rung"] for one in shown["distrusted"]] == ["person"]
    assert [one["station_id"] for one in shown["history"]] == ["S0"]
    assert (cleared[0], cleared[1]["trusted"]["payload"]["reason"]) == (0, "mended")


def test_the_history_is_told_alone_with_its_shares(home, capsys):
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        mailbox.append(
            [JournalEntry(T0, "gateway_started"), JournalEntry(T0, "station_connected", "S0")]
        )

    code, said = printed(capsys, "stations", "--history", "--days", "36500", "--json")

    (one,) = said["history"]
    assert (code, set(said)) == (0, {"at", "history"})
    # Connected from the gateway's first second on, and nothing else is known.
    assert [one[f"{name}_share"] for name in ("connected", "available", "uptime")] == [1, 1, 1]
    assert (one["faults"], one["planned"], one["security_events"]) == ([], [], [])


def test_latency_is_told_alone_by_make(home, capsys):
    boot = {"vendor": "V", "model": "M", "firmware": "1"}
    answered = {"answer": "accepted", "latency_s": 0.4}
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        mailbox.append(
            [
                JournalEntry(T0, "boot", "S0", None, boot),
                JournalEntry(T0, "limit_answered", "S0", "S0/1", answered),
            ]
        )

    code, said = printed(capsys, "stations", "--latency", "--days", "36500", "--json")

    (one,) = said["latency"]
    assert (code, set(said)) == (0, {"at", "latency"})
    assert (one["vendor"], one["model"], one["firmware"]) == ("V", "M", "1")
    assert (one["accepted"], one["p50_s"], one["max_s"]) == (1, 0.4, 0.4)
    assert {"up_to_s": 0.5, "answers": 1} in one["histogram"]


def test_each_station_tells_its_limits_its_dialect_and_what_it_said_last(home, capsys):
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        mailbox.put_station_state(station_state())

    _, said = printed(capsys, "stations", "--json")

    (one,) = said["stations"]
    assert {"station_class", "dialect", "last_message", "last_seen", "ocpp_version"} <= set(one)
    plug = one["connectors"][0]
    assert {"status", "safe_limit_kw", "limit_kw", "lease_until", "power_kw", "measured_at"} <= set(
        plug
    )
    assert said["orders"] == []


def test_a_session_is_listed_and_assigned(home, capsys):
    facts = {"session_id": "S0/1@x", "what": "no token was offered", "token": ""}
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        mailbox.append(
            [
                JournalEntry(T0, "session_started", "S0", "S0/1", {"session_id": "S0/1@x"}),
                JournalEntry(T0, "identity_exception", "S0", "S0/1", facts),
            ]
        )

    _, listed = printed(capsys, "identity")
    code, _ = printed(capsys, "identity", "assign", "S0/1@x", "van-1")
    _, after = printed(capsys, "identity", "list")

    assert [one["what"] for one in listed["exceptions"]] == ["no token was offered"]
    assert (code, after["exceptions"]) == (0, [])


def test_a_token_that_nobody_issued_clears_nothing_and_assigns_nothing(home, capsys, monkeypatch):
    monkeypatch.setenv("DEPOT_OPERATOR_TOKEN", "made up at the terminal")
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        mailbox.put_distrust(Distrust("S0", "S0/1", T0, 20.0, 5.0, "person", T0))

    trusted = printed(capsys, "stations", "--trust", "S0", "--reason", "mended")
    assigned = printed(capsys, "identity", "assign", "S0/1@x", "van-1")

    for code, said in (trusted, assigned):
        assert (code, "operator" in said["error"]["what"]) == (2, True)
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        assert list(mailbox.journal()) == []


def test_a_task_that_makes_no_sense_is_refused(home, capsys):
    code, said = printed(capsys, "identity", "assign", "S0/1@x")

    assert (code, "list" in said["error"]["hint"]) == (2, True)
