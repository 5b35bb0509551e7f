"""What ``depot security`` makes, keeps and shows."""

import json
from pathlib import Path

import pytest

from depotlib.cli.main import run_command
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import read_holders, role_of
from depotlib.gateway.access.vault import Vault


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def say(capsys):
    def run(*words: str) -> dict:
        code = run_command(["security", *words])
        told = json.loads(capsys.readouterr().out)
        assert (code == 0) is ("error" not in told)
        return told

    return run


def test_a_station_of_profile_3_gets_password_certificate_and_key_once(home, tmp_path, say):
    say("create-ca", "Musterhof")
    told = say("station", "CP-1", "--profile", "3", "--serial", "SN-7", "--out", str(tmp_path))

    assert len(told["password"]) == 40
    assert "BEGIN CERTIFICATE" in Path(told["certificate"]).read_text()
    assert Path(told["key"]).stat().st_mode & 0o777 == 0o600
    kept = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert not any(told["password"].encode() in content for content in kept)
    assert not any(Path(told["key"]).read_bytes() in content for content in kept)
    listed = say("list")
    assert [(one["station"], one["profile"], one["serial"]) for one in listed["stations"]] == [
        ("CP-1", 3, "SN-7")
    ]
    assert [one["subject"] for one in listed["certificates"]] == ["SN-7"]


def test_the_vault_is_its_owners_alone(home, say):
    say("create-ca", "Musterhof")
    say("server", "gateway.depot", "127.0.0.1")
    say("station", "CP-1")

    folder = home / "security"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_profile_does_not_fall_and_an_authority_is_not_replaced(home, say):
    say("create-ca", "Musterhof")
    say("station", "CP-1", "--profile", "2")

    assert "does not fall" in say("station", "CP-1", "--profile", "1")["error"]["what"]
    assert "already" in say("create-ca", "Another")["error"]["what"]


def test_a_certificate_is_revoked_by_its_station(home, tmp_path, say):
    say("create-ca", "Musterhof")
    say("station", "CP-1", "--profile", "3", "--serial", "SN-7", "--out", str(tmp_path))

    revoked = say("revoke", "CP-1")["revoked"]

    assert not Vault(home / "security").is_current(revoked[0]["serial_number"])
    assert "no certificate to revoke" in say("revoke", "CP-1")["error"]["what"]


def test_a_rotation_and_a_removal_need_a_station_that_is_known(home, say):
    say("station", "CP-1", "--profile", "1")

    assert say("rotate", "CP-1")["station"] == "CP-1"
    assert Vault(home / "security").credentials()["CP-1"].is_rotation_wanted
    assert say("remove", "CP-1") == {"removed": "CP-1"}
    assert "knows no station" in say("rotate", "CP-1")["error"]["what"]
    assert "knows no station" in say("remove", "CP-1")["error"]["what"]


def test_tokens_are_shown_once_and_revoked_by_name(home, say):
    told = say("token", "ann", "--role", "planner")

    assert role_of(told["token"], read_holders(home / "operator.token")) == "planner"
    assert say("list")["tokens"] == [{"holder": "ann", "role": "planner"}]
    assert say("revoke-token", "ann") == {"revoked": "ann"}
    assert say("list")["tokens"] == []


def test_every_action_is_in_the_journal_with_who_and_without_secrets(home, say, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "ann")
    password = say("station", "CP-1", "--profile", "1")["password"]
    token = say("token", "ben", "--role", "operator")["token"]

    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        noted = [record.entry.payload for record in mailbox.journal(kinds=("operator_action",))]
    assert [(one["what"], one["subject"], one["asked_by"]) for one in noted] == [
        ("security station", "CP-1", "ann"),
        ("security token", "ben", "ann"),
    ]
    assert password not in str(noted)
    assert token not in str(noted)


def test_without_an_authority_or_a_name_nothing_is_made(home, say):
    assert "no authority" in say("server", "gateway.depot")["error"]["what"]
    assert say("station")["error"]["what"] == "whom?"


def test_an_api_key_is_shown_once_listed_without_and_ends_when_revoked(home, say):
    made = say("key", "tms", "--scope", "fleet:write", "--scope", "fleet:read")

    listed = say("list")["api_keys"]
    ended = say("revoke-key", "tms")

    assert len(made["key"]) == 43  # 32 bytes in base64 without padding
    # Without `--days` it does not end by itself.
    assert listed == [{"holder": "tms", "scopes": ["fleet:write", "fleet:read"], "ends_at": ""}]
    assert ended == {"revoked": "tms"}
    assert say("list")["api_keys"] == []
    kept = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    assert not any(made["key"].encode() in content for content in kept)


def test_an_api_key_for_nothing_is_refused(say):
    assert say("key", "tms")["error"]["where"] == "--scope"
    assert "'push'" in say("key", "tms", "--scope", "push")["error"]["what"]
