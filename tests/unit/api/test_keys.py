"""Who may call what: every kind of caller at every route, with keys issued and without."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from depotlib.api.access import READING, Caller, needs
from depotlib.api.door import Door
from depotlib.errors import (
    ApiKeyError,
    InputError,
    RecordConflictError,
    ScopeError,
    UnknownRecordError,
)
from depotlib.exchange.api_keys import KEYS_NAME, SCOPES, issue_key, read_keys, revoke_key
from depotlib.exchange.mailbox import Mailbox
from depotlib.exchange.operator import issue_token
from tests.unit.exchange.samples import EVENING, TOKEN

# What each route needs, written down here a second time: a route without a line fails below.
# None: anybody may. "operator": a token of that role, which no key replaces.
NEEDED = {
    ("GET", "/v1/stations"): "stations:read",
    ("GET", "/v1/sessions"): "stations:read",
    ("GET", "/v1/exceptions"): "stations:read",
    ("GET", "/v1/site"): "stations:read",
    ("GET", "/v1/stream"): "stations:read",
    ("GET", "/v1/ledger"): "plans:read",
    ("GET", "/v1/releases"): "plans:read",
    ("GET", "/v1/requests/{request_id}"): "plans:read",
    ("GET", "/v1/journal"): "journal:read",
    ("GET", "/v1/vehicles"): "fleet:read",
    ("GET", "/v1/departures"): "fleet:read",
    ("POST", "/v1/departures"): "fleet:write",
    ("POST", "/v1/readings"): "fleet:write",
    ("GET", "/v1/limits"): "limits:read",
    ("GET", "/v1/limits/{limit_id}"): "limits:read",
    ("GET", "/v1/limits/{limit_id}/compliance"): "limits:read",
    ("POST", "/v1/limits"): "limits:write",
    ("DELETE", "/v1/limits/{limit_id}"): "limits:write",
    ("GET", "/v1/webhooks"): "webhooks:read",
    ("GET", "/v1/webhooks/{webhook_id}"): "webhooks:read",
    ("GET", "/v1/webhooks/{webhook_id}/dead-letters"): "webhooks:read",
    ("POST", "/v1/webhooks"): "webhooks:write",
    ("DELETE", "/v1/webhooks/{webhook_id}"): "webhooks:write",
    ("POST", "/v1/webhooks/{webhook_id}/secret"): "webhooks:write",
    ("POST", "/v1/webhooks/{webhook_id}/dead-letters/again"): "webhooks:write",
    ("POST", "/v1/releases"): "operator",
    ("GET", "/v1/health"): None,
}
DAY = timedelta(days=365)  # keys end on the machine's own clock, which is near the depot's
ROLES = ("viewer", "planner", "operator")
STRANGERS = {"no key", "wrong key", "revoked key", "ended key", "another depot's key"}
CALLERS = (*SCOPES, *ROLES, *sorted(STRANGERS))


def expected(caller: str, needed: str | None) -> int:
    """Return 0 where a call is let in, or the status that keeps it out."""
    if needed is None or caller == "operator":
        return 0
    if caller in STRANGERS or needed == "operator":
        return 401
    scopes = READING if caller in ROLES else {caller}
    return 0 if needed in scopes else 403


@pytest.fixture
def secrets(door: Door, mailbox: Mailbox) -> dict[str, str]:
    """Return what each caller sends; everybody's secret is issued by the shipped code."""
    place = door.operator_token_path
    given = {scope: issue_key(place, scope, scopes=[scope], now=EVENING) for scope in SCOPES}
    for role in ("viewer", "planner"):
        given[role] = issue_token(place, role, role=role, now=EVENING)
    given["revoked key"] = issue_key(place, "gone", scopes=SCOPES, now=EVENING)
    revoke_key(place, "gone")
    given["ended key"] = issue_key(
        place, "ended", scopes=SCOPES, now=EVENING - DAY, lifetime=timedelta(hours=1)
    )
    elsewhere = door.operator_token_path.parent / "south" / "operator.token"
    given["another depot's key"] = issue_key(elsewhere, "tms", scopes=SCOPES, now=EVENING)
    return {**given, "operator": TOKEN, "no key": "", "wrong key": "x" * 43}


def status_of(client: TestClient, method: str, path: str, *, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    # A number after the last event that is none is refused only once a caller is let in: a
    # stream that began would not end.
    if path == "/v1/stream":
        headers["Last-Event-ID"] = "none"
    return client.request(method, path, headers=headers, json={}).status_code


def test_every_caller_at_every_route_is_let_in_or_kept_out_as_written(
    client: TestClient, secrets: dict[str, str]
):
    found = {
        (caller, *route): status_of(client, *route, secret=secrets[caller])
        for caller, route in itertools.product(CALLERS, NEEDED)
    }

    for (caller, method, path), status in found.items():
        kept_out = expected(caller, NEEDED[method, path])
        # 404: there is no such request; 422: the body or header is empty. Both were let in.
        assert status == kept_out or (not kept_out and status in {200, 404, 422}), (
            caller,
            method,
            path,
            status,
        )


def test_every_route_has_a_line_in_the_table(client: TestClient):
    paths = client.get("/openapi.json").json()["paths"]

    routes = {(method.upper(), path) for path, one in paths.items() for method in one}
    assert routes == set(NEEDED)


def test_a_depot_that_never_issued_a_key_serves_this_machine_without(
    client: TestClient, mailbox: Mailbox
):
    answers = {route: status_of(client, *route, secret="") for route in NEEDED if route[0] == "GET"}

    assert set(answers.values()) <= {200, 404, 422}
    assert status_of(client, "POST", "/v1/releases", secret="") == 401
    assert status_of(client, "GET", "/v1/stations", secret="x" * 43) == 401


def test_taking_the_last_key_back_does_not_open_the_door(
    client: TestClient, door: Door, mailbox: Mailbox
):
    issue_key(door.operator_token_path, "tms", scopes=["fleet:write"], now=EVENING)
    revoke_key(door.operator_token_path, "tms")

    assert read_keys(door.operator_token_path) == ()
    assert client.get("/v1/stations").status_code == 401


def test_a_damaged_file_of_keys_lets_nobody_in(client: TestClient, door: Door, mailbox: Mailbox):
    key = issue_key(door.operator_token_path, "tms", scopes=SCOPES, now=EVENING)
    door.operator_token_path.with_name(KEYS_NAME).write_text('[{"name": "tms"')

    for secret in ("", key, TOKEN):
        assert status_of(client, "GET", "/v1/stations", secret=secret) == 401
    with pytest.raises(ApiKeyError, match="cannot be read"):
        read_keys(door.operator_token_path)


def test_a_key_is_kept_as_a_digest_in_a_file_of_its_owners(tmp_path: Path):
    key = issue_key(tmp_path / "operator.token", "tms", scopes=["fleet:write"], now=EVENING)

    file = tmp_path / KEYS_NAME
    assert key not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(key) == 43  # 32 bytes in base64 without padding: 256 bits


def test_a_key_needs_a_name_of_its_own_and_scopes_that_there_are(tmp_path: Path):
    place = tmp_path / "operator.token"
    issue_key(place, "tms", scopes=["fleet:write"], now=EVENING)

    with pytest.raises(RecordConflictError, match="holds a key already"):
        issue_key(place, "tms", scopes=["fleet:read"], now=EVENING)
    with pytest.raises(InputError, match="needs a scope"):
        issue_key(place, "other", scopes=[], now=EVENING)
    with pytest.raises(InputError, match="no scope 'push'"):
        issue_key(place, "other", scopes=["push"], now=EVENING)
    with pytest.raises(UnknownRecordError, match="other"):
        revoke_key(place, "other")


def test_what_a_caller_lacks_is_said(client: TestClient, secrets: dict[str, str]):
    headers = {"Authorization": f"Bearer {secrets['stations:read']}"}

    answer = client.get("/v1/journal", headers=headers)

    assert answer.status_code == 403
    assert "journal:read" in answer.json()["error"]["hint"]


def test_a_route_refuses_a_caller_without_its_scope_by_name():
    require_scope = needs("journal:read").dependency
    assert require_scope is not None

    require_scope(Caller("key audit", frozenset({"journal:read"})))
    with pytest.raises(ScopeError, match="key tms may not do this"):
        require_scope(Caller("key tms", frozenset({"fleet:write"})))


def test_a_key_with_an_end_counts_until_then_and_says_afterwards_that_it_ended(
    client: TestClient, door: Door, mailbox: Mailbox
):
    now, place = datetime.now(UTC), door.operator_token_path
    day, scopes = timedelta(days=1), ["stations:read"]
    lasting = issue_key(place, "lasting", scopes=scopes, now=now, lifetime=day)
    ended = issue_key(place, "old", scopes=scopes, now=now - day, lifetime=day)

    answers = [
        client.get("/v1/stations", headers={"Authorization": f"Bearer {key}"})
        for key in (lasting, ended)
    ]

    assert [answer.status_code for answer in answers] == [200, 401]
    assert "old has ended" in answers[1].json()["error"]["what"]
