"""Roles and the tokens that prove them."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from depotlib.errors import OperatorTokenError, RecordConflictError, UnknownRecordError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import (
    ensure_operator_token,
    holder_of_request,
    issue_token,
    read_holders,
    require,
    revoke_token,
    role_of,
)
from tests.unit.exchange import samples

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "home" / "operator.token"


def test_the_operators_own_token_gives_its_role_and_nothing_else_does(path):
    token = ensure_operator_token(path)

    holders = read_holders(path)

    assert role_of(token, holders) == "operator"
    assert role_of(token + "x", holders) is None
    assert role_of("", holders) is None


def test_the_environments_token_goes_before_the_file(path):
    in_file = ensure_operator_token(path)

    holders = read_holders(path, token="from the environment")

    assert role_of("from the environment", holders) == "operator"
    assert role_of(in_file, holders) is None


@pytest.mark.parametrize(
    ("held", "allowed"),
    [
        ("viewer", {"viewer"}),
        ("planner", {"viewer", "planner"}),
        ("operator", {"viewer", "planner", "operator"}),
    ],
)
def test_a_role_may_do_what_lower_roles_may_and_nothing_above(path, held, allowed):
    token = issue_token(path, "ann", role=held, now=NOW)
    holders = read_holders(path)

    for role in ("viewer", "planner", "operator"):
        if role in allowed:
            assert require(role, token=token, holders=holders).name == "ann"
        else:
            with pytest.raises(OperatorTokenError, match=f"'ann' is a {held}"):
                require(role, token=token, holders=holders)


def test_without_a_token_or_with_a_strange_one_nothing_is_allowed(path):
    holders = read_holders(path)

    with pytest.raises(OperatorTokenError, match="needs the viewer's token"):
        require("viewer", token="", holders=holders)
    with pytest.raises(OperatorTokenError, match="only the viewer"):
        require("viewer", token="strange", holders=holders)


def test_a_token_is_kept_as_a_digest_in_a_file_of_its_owner(path):
    token = issue_token(path, "ann", role="planner", now=NOW)

    kept = path.with_name("tokens.json")
    assert token not in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_revoked_token_gives_no_role(path):
    token = issue_token(path, "ann", role="operator", now=NOW)
    other = issue_token(path, "ben", role="viewer", now=NOW)

    revoke_token(path, "ann")

    assert role_of(token, read_holders(path)) is None
    assert role_of(other, read_holders(path)) == "viewer"
    with pytest.raises(UnknownRecordError):
        revoke_token(path, "ann")


def test_a_name_holds_one_token(path):
    issue_token(path, "ann", role="viewer", now=NOW)

    for name in ("ann", "operator"):
        with pytest.raises(RecordConflictError):
            issue_token(path, name, role="operator", now=NOW)


def test_a_request_in_the_mailbox_shows_whose_token_it_came_with(path, tmp_path):
    token = issue_token(path, "ann", role="planner", now=NOW)
    request = samples.request()
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        kept = mailbox.ask(request).request  # carries another token
        own = mailbox.ask(replace(samples.request("q2"), token=token)).request

    assert holder_of_request(kept, read_holders(path)) is None
    holder = holder_of_request(own, read_holders(path))
    assert holder is not None
    assert (holder.name, holder.role) == ("ann", "planner")


@pytest.mark.parametrize("text", ["{", "[{}]", json.dumps([{"name": "x"}]), "7"])
def test_a_damaged_file_of_tokens_opens_nothing(path, text):
    ensure_operator_token(path)
    path.with_name("tokens.json").write_text(text)

    with pytest.raises(OperatorTokenError, match="cannot be read"):
        read_holders(path)
