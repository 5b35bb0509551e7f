"""Other systems ask to be told: who may, of what, under which address, and what they never see."""

from ipaddress import ip_network

import pytest
from starlette.testclient import TestClient

from depotlib.api.door import Door
from depotlib.errors import CredentialError
from depotlib.exchange.api_keys import issue_key, revoke_key
from depotlib.exchange.mailbox import Mailbox
from depotlib.exchange.webhook_desk import MOST_WEBHOOKS
from depotlib.exchange.webhook_secrets import KEY_NAME, secret_of
from depotlib.exchange.webhooks import MOST_DEAD
from depotlib.model.journal_kind import JournalKind
from depotlib.settings import Settings
from tests.unit.exchange.samples import EVENING
from tests.unit.exchange.webhook_samples import dead_letter, webhook

WISH = {"address": "https://fleet.example/told?key=4711", "families": ["session", "plan"]}


def key_for(door: Door, *scopes: str, name: str = "tms") -> dict[str, str]:
    key = issue_key(door.operator_token_path, name, scopes=list(scopes), now=EVENING)
    return {"Authorization": f"Bearer {key}"}


def actions(mailbox: Mailbox, kind: JournalKind = "operator_action") -> list[str]:
    return [str(one.entry.payload["action"]) for one in mailbox.journal(0, 99, kinds=[kind])]


def test_a_webhook_is_given_seen_renewed_and_withdrawn(client: TestClient, mailbox: Mailbox):
    given = client.post("/v1/webhooks", json=WISH | {"webhook_id": "tms"})
    seen = client.get("/v1/webhooks/tms").json()["webhook"]
    renewed = client.post("/v1/webhooks/tms/secret").json()
    gone = client.delete("/v1/webhooks/tms")

    assert given.status_code == 201
    assert given.json()["webhook"] == seen
    assert (seen["host"], seen["state"]) == ("fleet.example", "told")
    assert renewed["secret"] != given.json()["secret"]
    assert gone.status_code == 200
    assert client.get("/v1/webhooks/tms").status_code == 404
    assert client.get("/v1/webhooks").json() == {"webhooks": []}
    assert actions(mailbox) == ["give_webhook", "renew_webhook_secret", "withdraw_webhook"]


def test_no_answer_but_the_first_holds_secret_or_path(client: TestClient, mailbox: Mailbox):
    given = client.post("/v1/webhooks", json=WISH | {"webhook_id": "tms"})

    later = [client.get(f"/v1/{path}").text for path in ("webhooks", "webhooks/tms", "journal")]

    secret = given.json()["secret"]
    assert secret.startswith("whsec_")
    for text in (*later, given.text.replace(secret, "")):
        assert secret not in text
        assert "4711" not in text


def test_repeated_under_its_key_a_call_gets_the_same_secret_and_another_call_is_refused(
    client: TestClient, mailbox: Mailbox
):
    headers = {"Idempotency-Key": "once"}

    first, again = (client.post("/v1/webhooks", json=WISH, headers=headers) for _ in range(2))
    other = client.post("/v1/webhooks", json=WISH | {"families": ["plan"]}, headers=headers)
    without = client.post("/v1/webhooks", json=WISH)

    assert first.json() == again.json()
    assert (other.status_code, without.status_code) == (409, 409)
    assert len(mailbox.webhooks.all()) == 1


@pytest.mark.parametrize(
    ("families", "scopes", "status"),
    [
        (["session", "estimate", "exception"], ["stations:read"], 201),
        (["plan"], ["plans:read"], 201),
        (["limit"], ["limits:read"], 201),
        (["session"], ["plans:read", "limits:read"], 403),
        (["plan", "limit"], ["plans:read"], 403),
    ],
)
def test_nobody_is_told_what_they_might_not_read(
    client: TestClient, door: Door, mailbox: Mailbox, families, scopes, status
):
    headers = key_for(door, "webhooks:write", *scopes)

    answer = client.post("/v1/webhooks", json=WISH | {"families": families}, headers=headers)

    assert answer.status_code == status


def test_a_webhook_shows_that_its_key_was_revoked_or_has_less_scope_now(
    client: TestClient, door: Door, mailbox: Mailbox
):
    scopes = ("webhooks:write", "stations:read", "plans:read")
    client.post("/v1/webhooks", json=WISH, headers=key_for(door, *scopes))
    reader = key_for(door, "webhooks:read", name="reader")

    def seen() -> tuple[str, str]:
        (one,) = client.get("/v1/webhooks", headers=reader).json()["webhooks"]
        return one["state"], one["trouble"]

    before = seen()
    revoke_key(door.operator_token_path, "tms")
    revoked = seen()
    key_for(door, "webhooks:write", "stations:read")
    lesser = seen()

    assert before == ("told", "")
    assert revoked == ("stopped", "the key that it was given with was revoked")
    assert lesser == ("stopped", "its key has no longer the scope plans:read")


def test_a_webhook_of_nobody_stops_once_keys_are_issued(
    client: TestClient, door: Door, mailbox: Mailbox
):
    client.post("/v1/webhooks", json=WISH)

    reader = key_for(door, "webhooks:read")

    (one,) = client.get("/v1/webhooks", headers=reader).json()["webhooks"]
    assert one["state"] == "stopped"


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1/x", "https://10.0.0.1/x", "http://fleet.example/x"]
)
def test_an_address_that_leads_inside_is_refused(client: TestClient, mailbox: Mailbox, address):
    answer = client.post("/v1/webhooks", json=WISH | {"address": address})

    assert answer.status_code == 422
    assert "DEPOT_WEBHOOK_NETWORKS" in answer.json()["error"]["hint"]
    assert mailbox.webhooks.all() == ()


def test_a_network_that_the_depot_has_opened_is_taken(
    client: TestClient, door: Door, mailbox: Mailbox
):
    opened = Door(
        door.mailbox_path,
        door.clock,
        door.operator_token_path,
        webhook_networks=(ip_network("10.0.0.0/8"),),
    )
    client.app.state.door = opened

    answer = client.post("/v1/webhooks", json=WISH | {"address": "http://10.0.0.1/x"})

    assert answer.status_code == 201


def test_there_are_at_most_so_many(client: TestClient, mailbox: Mailbox):
    answers = [
        client.post("/v1/webhooks", json=WISH | {"webhook_id": f"w{number}"}).status_code
        for number in range(MOST_WEBHOOKS + 1)
    ]

    assert answers == [201] * MOST_WEBHOOKS + [409]


def test_what_was_given_up_is_listed_and_wanted_again_by_number_or_all(
    client: TestClient, mailbox: Mailbox
):
    mailbox.webhooks.put(webhook())
    for seq in (2, 3, 4):
        mailbox.webhooks.put_dead(dead_letter(seq))
    place = "/v1/webhooks/w1/dead-letters"

    one = client.post(f"{place}/again", json={"seqs": [3]}).json()["dead_letters"]
    unknown = client.post(f"{place}/again", json={"seqs": [9]})
    rest = client.post(f"{place}/again", json={}).json()["dead_letters"]

    assert [(letter["seq"], letter["is_wanted"]) for letter in one] == [(3, True)]
    assert unknown.status_code == 404
    assert [letter["seq"] for letter in rest] == [2, 3, 4]
    listed = client.get(place).json()["dead_letters"]
    assert all(letter["is_wanted"] for letter in listed)


def test_of_many_that_were_given_up_the_newest_are_kept(mailbox: Mailbox):
    mailbox.webhooks.put(webhook())
    with mailbox.transaction():
        for seq in range(1, MOST_DEAD + 3):
            mailbox.webhooks.put_dead(dead_letter(seq))

    assert mailbox.webhooks.dead_count("w1") == MOST_DEAD
    assert mailbox.webhooks.dead("w1")[0].seq == 3


def test_the_key_behind_the_secrets_is_its_owners_and_its_loss_is_said(tmp_path):
    place = tmp_path / "operator.token"
    first = secret_of(place, webhook())

    assert secret_of(place, webhook()) == first
    assert secret_of(place, webhook("w2")) != first
    assert (tmp_path / KEY_NAME).stat().st_mode & 0o777 == 0o600
    (tmp_path / KEY_NAME).write_text("[")
    with pytest.raises(CredentialError, match="cannot be read"):
        secret_of(place, webhook())


def test_networks_are_read_from_the_settings(tmp_path):
    text = " 10.1.0.0/16, fd00:1::/32 "

    assert Settings(home=tmp_path, webhook_networks=text).opened_networks() == (
        ip_network("10.1.0.0/16"),
        ip_network("fd00:1::/32"),
    )
