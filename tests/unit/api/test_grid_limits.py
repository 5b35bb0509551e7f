"""Limits from outside through the door: given once, listed with their cost, withdrawn, recorded."""

from datetime import datetime, timedelta

import pytest
from starlette.testclient import TestClient

from depotlib.api.door import Door
from depotlib.exchange.api_keys import issue_key
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.grid_limit import GridLimitImpact, VehicleImpact
from depotlib.model.live import JournalEntry
from tests.unit.exchange.samples import EVENING, MORNING

BEGIN, END = EVENING + timedelta(hours=2), EVENING + timedelta(hours=4)


def wish(**facts) -> dict:
    plain = {"start": BEGIN.isoformat(), "end": END.isoformat(), "source": "utility"}
    return {**plain, **facts}


def given(client: TestClient, **facts) -> dict:
    answer = client.post("/v1/limits", json=wish(**facts))
    assert answer.status_code == 201, answer.text
    return answer.json()


def minute(limit_id: str, at: datetime, *, mean_kw: float) -> JournalEntry:
    facts = {
        "limit_id": limit_id,
        "node_id": "site",
        "start": at.isoformat(),
        "limit_kw": 36.0,
        "mean_kw": mean_kw,
        "most_kw": mean_kw + 1.0,
        "measured_by": "site_meter",
        "watched_s": 60.0,
    }
    return JournalEntry(at=at, kind="grid_limit_minute", payload=facts)


def test_sixty_percent_of_the_service_become_a_power(client: TestClient, mailbox: Mailbox):
    answer = given(client, service_share=0.6, reference="DSO-7")

    # 60 % of the service of 60 kW. Safe limits of 2.8 kW and a base load of 10 kW fit below it.
    assert answer["limit"]["limit_kw"] == 36.0
    assert (answer["state"], answer["needs"], answer["impact"]) == ("coming", "", None)
    (standing,) = mailbox.grid_limits.standing(EVENING)
    assert (standing.node_id, standing.reference) == ("site", "DSO-7")
    (told,) = mailbox.journal(kinds=["grid_limit"])
    assert told.entry.payload["action"] == "given"
    assert told.entry.payload["limit_kw"] == 36.0


def test_a_group_is_dimmed_to_its_joint_minimum_without_anybody_reckoning_it(
    client: TestClient, mailbox: Mailbox
):
    answer = given(client, node_id="charging", is_joint_minimum=True, source="enwg_14a")

    # Two charge points of more than 4.2 kW: 4.2 kW and, BK6-22-300, 0.8 of 4.2 kW for the second.
    assert answer["limit"]["limit_kw"] == pytest.approx(4.2 + 0.8 * 4.2)
    assert answer["guaranteed_kw"] == answer["limit"]["limit_kw"]


def test_the_same_limit_given_again_is_one_limit(client: TestClient, mailbox: Mailbox):
    first = given(client, node_id="charging", limit_kw=77.91, source="enwg_14a")
    second = given(client, node_id="charging", limit_kw=77.91, source="enwg_14a")

    assert first["limit"] == second["limit"]
    assert len(mailbox.grid_limits.all()) == 1
    assert len(mailbox.journal(kinds=["grid_limit"])) == 1


def test_a_limit_from_now_on_is_given_once_under_its_idempotency_key(
    client: TestClient, mailbox: Mailbox
):
    body = {"end": MORNING.isoformat(), "limit_kw": 20, "source": "operator"}
    head = {"Idempotency-Key": "k1"}

    first = client.post("/v1/limits", json=body, headers=head).json()
    second = client.post("/v1/limits", json=body, headers=head).json()
    other = client.post("/v1/limits", json={**body, "limit_kw": 21}, headers=head)

    assert first == second
    assert first["state"] == "in_force"
    assert other.status_code == 409
    assert len(mailbox.grid_limits.all()) == 1


def test_a_limit_that_setpoints_cannot_keep_is_taken_and_says_what_else_is_needed(
    client: TestClient, mailbox: Mailbox
):
    answer = given(client, limit_kw=11.0)

    # Two safe limits of 1.4 kW and 10 kW of base load are 12.8 kW.
    assert "1.8 kW are too much" in answer["needs"]
    assert "AC-01" in answer["needs"]
    assert mailbox.journal(kinds=["grid_limit"])[0].entry.payload["needs"] == answer["needs"]


def test_a_limit_that_is_withdrawn_ends_now(client: TestClient, mailbox: Mailbox):
    name = given(client, limit_kw=30.0)["limit"]["limit_id"]

    gone = client.delete(f"/v1/limits/{name}").json()

    assert gone["state"] == "withdrawn"
    assert mailbox.grid_limits.standing(EVENING) == ()
    assert client.delete(f"/v1/limits/{name}").json() == gone
    assert len(mailbox.journal(kinds=["grid_limit"])) == 2


def test_a_limit_that_was_withdrawn_does_not_come_back_by_a_late_repeat(
    client: TestClient, mailbox: Mailbox
):
    name = given(client, limit_kw=30.0)["limit"]["limit_id"]
    client.delete(f"/v1/limits/{name}")

    late = client.post("/v1/limits", json=wish(limit_kw=30.0))

    assert late.status_code == 409
    assert mailbox.grid_limits.standing(EVENING) == ()


def test_a_limit_supersedes_another_in_one_step(client: TestClient, mailbox: Mailbox):
    old = given(client, limit_kw=30.0)["limit"]["limit_id"]

    new = given(client, limit_kw=25.0, supersedes=old)["limit"]["limit_id"]

    assert [one.limit_id for one in mailbox.grid_limits.standing(EVENING)] == [new]
    listed = client.get("/v1/limits").json()["limits"]
    assert {one["limit"]["limit_id"]: one["state"] for one in listed} == {
        old: "withdrawn",
        new: "coming",
    }
    assert len(client.get("/v1/limits", params={"standing": True}).json()["limits"]) == 1


def test_a_limit_that_supersedes_nothing_is_not_given(client: TestClient, mailbox: Mailbox):
    answer = client.post("/v1/limits", json=wish(limit_kw=25.0, supersedes="none"))

    assert answer.status_code == 404
    assert mailbox.grid_limits.all() == ()


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({}, "limit_kw"),
        ({"limit_kw": 5.0, "service_share": 0.5}, "limit_kw"),
        ({"limit_kw": 5.0, "is_joint_minimum": True}, "limit_kw"),
        ({"limit_kw": 5.0, "node_id": "attic"}, "node_id"),
        ({"service_share": 0.5, "node_id": "panel"}, "service_share"),
        ({"limit_kw": 5.0, "end": BEGIN.isoformat()}, "end"),
        ({"limit_kw": 5.0, "end": (BEGIN + timedelta(days=32)).isoformat()}, "end"),
        (
            {
                "limit_kw": 5.0,
                "start": (EVENING - timedelta(hours=2)).isoformat(),
                "end": EVENING.isoformat(),
            },
            "end",
        ),
        ({"limit_kw": -1.0}, "body.limit_kw"),
        ({"limit_kw": 5.0, "start": "2026-11-02T20:00:00"}, "body.start"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_by_name(
    client: TestClient, mailbox: Mailbox, facts: dict, where: str
):
    answer = client.post("/v1/limits", json=wish(**facts))

    assert answer.status_code == 422
    assert answer.json()["error"]["where"] == where
    assert mailbox.grid_limits.all() == ()


def test_what_a_limit_costs_is_listed_once_dispatch_has_planned_with_it(
    client: TestClient, mailbox: Mailbox
):
    name = given(client, limit_kw=30.0)["limit"]["limit_id"]
    vehicle = VehicleImpact("van-2", missing_kwh=4.5, missing_before_kwh=0.0, is_short=True)
    mailbox.grid_limits.put_impact(GridLimitImpact((name,), EVENING, "dispatch-2", (vehicle,)))

    answer = client.get(f"/v1/limits/{name}").json()

    assert answer["impact"]["release_id"] == "dispatch-2"
    assert answer["impact"]["vehicles"][0]["vehicle_id"] == "van-2"
    assert client.get("/v1/limits/none").status_code == 404


def test_compliance_is_told_minute_by_minute_with_its_worst_margin(
    client: TestClient, mailbox: Mailbox
):
    name = given(client, service_share=0.6)["limit"]["limit_id"]
    nothing = client.get(f"/v1/limits/{name}/compliance").json()
    mailbox.append(
        [minute(name, BEGIN + n * timedelta(minutes=1), mean_kw=35.0 + n) for n in range(4)]
    )
    mailbox.append([minute("another", BEGIN, mean_kw=99.0)])

    answer = client.get(f"/v1/limits/{name}/compliance").json()

    assert (nothing["minutes"], nothing["kept_share"]) == ([], None)
    assert [one["mean_kw"] for one in answer["minutes"]] == [35.0, 36.0, 37.0, 38.0]
    # 36 kW were allowed: two of four minutes kept it, the last one was 2 kW above.
    assert (answer["kept_share"], answer["least_margin_kw"]) == (0.5, -2.0)


def test_who_gave_a_limit_is_written_down(client: TestClient, door: Door, mailbox: Mailbox):
    key = issue_key(
        door.operator_token_path, "dso", scopes=["limits:write", "limits:read"], now=EVENING
    )

    answer = client.post(
        "/v1/limits", json=wish(limit_kw=9), headers={"Authorization": f"Bearer {key}"}
    )

    assert answer.json()["limit"]["given_by"] == "key dso"


def test_a_limit_that_is_over_is_kept_but_stands_no_more(client: TestClient, mailbox: Mailbox):
    name = given(client, limit_kw=30.0)["limit"]["limit_id"]

    assert [one.limit_id for one in mailbox.grid_limits.standing(BEGIN)] == [name]
    assert mailbox.grid_limits.standing(END) == ()
    assert [one.state_at(END) for one in mailbox.grid_limits.all()] == ["over"]
