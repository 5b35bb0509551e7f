"""`depot alerts`, as a person at the terminal meets it."""

import json

import pytest

from depotlib.cli.main import run_command
from depotlib.exchange.mailbox import open_mailbox
from depotlib.settings import Settings
from tests.unit.exchange.samples import alert, brief


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    monkeypatch.setenv("DEPOT_OPERATOR_TOKEN", "secret")
    return tmp_path


def printed(capsys, *arguments: str) -> tuple[int, dict]:
    code = run_command(list(arguments))
    return code, json.loads(capsys.readouterr().out)


def test_alerts_are_listed_and_acknowledged_by_the_holder_of_the_token(home, capsys):
    held = alert()
    fresh = type(held)("a-1", held.rule, held.subject, held.sentence, held.raised_at)
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        mailbox.publish_brief(brief(), at=held.raised_at)
        mailbox.alerts.put("a-1", fresh)
        mailbox.alerts.put(held.alert_id, held)

    _, before = printed(capsys, "alerts")
    code, said = printed(capsys, "alerts", "--acknowledge", "a-1", "--note", "on my way")
    refused, error = printed(capsys, "alerts", "--acknowledge", "a-2")

    # Who waits for a word comes first.
    assert [one["alert_id"] for one in before["alerts"]] == ["a-1", held.alert_id]
    assert (code, said["acknowledged"]["acknowledged_by"]) == (0, "operator")
    assert (refused, error["error"]["where"]) == (2, "a-2")


@pytest.mark.parametrize("words", [(), ("--trial",)])
def test_before_anything_has_run_or_anybody_is_named_it_says_so(home, capsys, words):
    code, said = printed(capsys, "alerts", *words)

    assert code == 2
    assert said["error"]["hint"]


def test_a_trial_that_reaches_nobody_falls_short(home, capsys):
    (home / "alerts.toml").write_text(
        '[[contact]]\nname = "screen"\nwebhook = "http://127.0.0.1:9/"\n'
    )

    code, said = printed(capsys, "alerts", "--trial")

    assert code == 3
    assert "DEPOT_WEBHOOK_SECRET" in said["trial"]["screen, webhook"]
