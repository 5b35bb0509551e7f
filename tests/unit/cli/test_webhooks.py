"""`depot webhooks`, as a person at the terminal meets it."""

import json
from pathlib import Path

import pytest

from depotlib.cli.main import run_command
from depotlib.exchange.mailbox import open_mailbox
from depotlib.settings import Settings
from tests.unit.exchange.samples import EVENING, brief
from tests.unit.exchange.webhook_samples import dead_letter

ADDRESS = "https://fleet.example/told?key=4711"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    monkeypatch.setenv("DEPOT_OPERATOR_TOKEN", "the operator's")
    monkeypatch.setenv("DEPOT_CLOCK", EVENING.isoformat())
    with open_mailbox(Settings(home=tmp_path).mailbox_path) as mailbox:
        mailbox.publish_brief(brief(), at=EVENING)
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict]:
    code = run_command(["webhooks", *words])
    return code, json.loads(capsys.readouterr().out)


def test_a_webhook_is_added_listed_renewed_and_removed(home, capsys):
    code, added = printed(
        capsys, "add", ADDRESS, *("--family", "session", "--family", "limit"), "--name", "tms"
    )
    _, listed = printed(capsys)
    _, renewed = printed(capsys, "renew", "tms")
    _, removed = printed(capsys, "remove", "tms")
    _, empty = printed(capsys, "list")

    assert (code, added["added"]["families"]) == (0, ["session", "limit"])
    assert [one["webhook_id"] for one in listed["webhooks"]] == ["tms"]
    assert added["secret"] != renewed["secret"]
    assert removed["removed"]["host"] == "fleet.example"
    assert empty == {"webhooks": []}
    assert "4711" not in json.dumps([listed, removed])


def test_what_was_given_up_is_listed_and_sent_again(home, capsys):
    printed(capsys, "add", ADDRESS, "--family", "session", "--name", "w1")
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        mailbox.webhooks.put_dead(dead_letter(7))

    _, dead = printed(capsys, "dead", "w1")
    _, wanted = printed(capsys, "resend", "w1", "--seq", "7")

    assert [one["seq"] for one in dead["dead_letters"]] == [7]
    assert wanted["wanted"][0]["is_wanted"]


@pytest.mark.parametrize(
    "words",
    [
        ("add", ADDRESS),  # told of nothing
        ("add", "https://10.0.0.1/x", "--family", "session"),
        ("remove", "nobody"),
        ("dead", "nobody"),
        ("resend", "nobody"),
    ],
)
def test_what_cannot_be_ends_with_two(home, capsys, words):
    code, said = printed(capsys, *words)

    assert code == 2
    assert said["error"]["hint"]


def test_without_the_operators_token_nothing_is_changed(home, capsys, monkeypatch):
    monkeypatch.delenv("DEPOT_OPERATOR_TOKEN")

    code, said = printed(capsys, "add", ADDRESS, "--family", "session")

    assert code == 2
    assert "token" in said["error"]["what"]


def test_networks_that_cannot_be_read_are_said(home, capsys, monkeypatch):
    monkeypatch.setenv("DEPOT_WEBHOOK_NETWORKS", "10.0.0.1/8")

    code, said = printed(capsys, "add", ADDRESS, "--family", "session")

    assert code == 2
    assert "DEPOT_WEBHOOK_NETWORKS" in said["error"]["where"]
