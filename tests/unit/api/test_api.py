"""The door answers with what the mailbox holds, takes what it can use, and says no in words."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from depotlib.api.app import STATUS_OF
from depotlib.api.guard import MAX_BODY_BYTES
from depotlib.errors import OperatorTokenError
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import is_from_operator
from depotlib.exchange.preview import preview_digest
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING, TOKEN

BEARER = {"Authorization": f"Bearer {TOKEN}"}


def wish(**facts) -> dict:
    schedule = {
        "connector_id": "AC-01/1",
        "vehicle_id": "van-1",
        "steps": [
            {"start": EVENING.isoformat(), "limit_kw": 7.4},
            {"start": (EVENING + timedelta(hours=4)).isoformat(), "limit_kw": 0},
        ],
        "valid_to": MORNING.isoformat(),
        "energy_target_kwh": 29.6,
    }
    return {"schedules": [schedule], **facts}


# --- reading --------------------------------------------------------------------------------


def test_stations_are_as_the_gateway_last_wrote_them(client: TestClient, mailbox: Mailbox):
    mailbox.put_station_state(samples.station_state())

    (station,) = client.get("/v1/stations").json()["stations"]

    assert station["station_id"] == "AC-01"
    assert station["connectors"][0]["power_kw"] == 7.2
    assert station["connectors"][0]["soc"] is None


def test_only_connectors_with_a_session_are_sessions(client: TestClient, mailbox: Mailbox):
    idle = replace(samples.connector_state("AC-02/1"), session_id=None, vehicle_id=None)
    mailbox.put_station_state(samples.station_state())
    mailbox.put_station_state(replace(samples.station_state("AC-02"), connectors=(idle,)))
    mailbox.add_release(samples.release())
    mailbox.set_current_release("r1", at=EVENING)

    (session,) = client.get("/v1/sessions").json()["sessions"]

    assert (session["vehicle_id"], session["energy_kwh"]) == ("van-1", 3.6)
    assert datetime.fromisoformat(session["departure"]) == MORNING
    assert session["energy_target_kwh"] == 29.6


def test_a_session_that_nobody_planned_has_no_departure(client: TestClient, mailbox: Mailbox):
    stranger = samples.connector_state(vehicle_id=None)
    mailbox.put_station_state(replace(samples.station_state(), connectors=(stranger,)))
    mailbox.add_release(samples.release())
    mailbox.set_current_release("r1", at=EVENING)

    (session,) = client.get("/v1/sessions").json()["sessions"]

    assert (session["vehicle_id"], session["departure"]) == (None, None)


def test_the_ledger_shows_reserved_power_and_the_leases_behind_it(
    client: TestClient, mailbox: Mailbox
):
    mailbox.put_ledger([samples.node()])
    mailbox.put_lease(samples.lease())

    answer = client.get("/v1/ledger").json()

    assert answer["nodes"][0]["reserved_kw"] == 8.8
    assert answer["leases"][0]["steps"][0]["limit_kw"] == 7.4


def test_the_journal_is_read_in_pages_and_by_kind(client: TestClient, mailbox: Mailbox):
    mailbox.append([samples.entry(number) for number in range(5)])

    page = client.get("/v1/journal", params={"after_seq": 1, "limit": 2}).json()
    kinds = client.get("/v1/journal", params={"kind": ["brief_published", "boot"]}).json()
    end = client.get("/v1/journal", params={"after_seq": 6}).json()

    assert [record["seq"] for record in page["records"]] == [2, 3]
    assert page["next_after_seq"] == 3
    assert page["records"][1]["entry"]["payload"]["number"] == 1
    assert [record["entry"]["kind"] for record in kinds["records"]] == ["brief_published"]
    assert end == {"records": [], "next_after_seq": 6}


def test_health_is_degraded_until_the_gateway_was_heard_and_all_stations_are_there(
    client: TestClient, mailbox: Mailbox
):
    def status() -> str:
        return client.get("/v1/health").json()["status"]

    mailbox.put_station_state(samples.station_state())
    assert status() == "degraded"
    mailbox.beat("gateway", EVENING)
    assert status() == "ok"
    mailbox.put_station_state(replace(samples.station_state("AC-02"), is_connected=False))
    assert status() == "degraded"

    answer = client.get("/v1/health").json()
    assert (answer["stations"], answer["stations_connected"]) == (2, 1)
    assert (answer["brief_version"], answer["current_release_id"]) == (1, None)


def test_a_gateway_that_went_silent_is_down(client: TestClient, mailbox: Mailbox):
    # 31 s is more than the half minute that SILENT_S allows.
    mailbox.beat("gateway", EVENING - timedelta(seconds=31))

    assert client.get("/v1/health").json()["status"] == "degraded"


def test_without_a_mailbox_every_answer_says_what_to_do(client: TestClient, path: Path):
    for name in ("stations", "sessions", "ledger", "releases", "journal", "health"):
        answer = client.get(f"/v1/{name}")

        assert answer.status_code == 503
        assert "depot up" in answer.json()["error"]["hint"]
    assert not path.exists()


# --- a push ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}],
)
def test_a_push_without_the_operators_token_is_refused(
    client: TestClient, mailbox: Mailbox, headers: dict
):
    answer = client.post("/v1/releases", json=wish(), headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert set(answer.json()["error"]) == {"what", "where", "hint"}
    assert mailbox.requests() == []
    assert STATUS_OF[0][0] is OperatorTokenError


def test_where_there_is_no_token_nobody_is_the_operator(
    client: TestClient, mailbox: Mailbox, path: Path
):
    path.with_name("operator.token").unlink()

    assert client.post("/v1/releases", json=wish(), headers=BEARER).status_code == 401
    assert client.post("/v1/releases", json=wish(), headers={"Authorization": "Bearer "})


def test_a_push_becomes_a_release_and_a_request_for_the_gateway(
    client: TestClient, mailbox: Mailbox
):
    answer = client.post("/v1/releases", json=wish(asked_by="ann"), headers=BEARER)

    assert answer.status_code == 202
    status = mailbox.next_request()
    assert status is not None
    assert answer.json()["request_id"] == status.request.request_id
    assert (status.state, status.request.asked_by) == ("queued", "ann")
    assert is_from_operator(status.request, TOKEN)
    assert TOKEN not in answer.text
    assert status.request.token not in answer.text
    release = mailbox.release(status.request.release_id)
    assert release is not None
    assert (release.origin, release.brief_version) == ("push", 1)
    assert (release.valid_from, release.valid_to) == (EVENING, MORNING)
    # 4 h at 7.4 kW are 29.6 kWh; without a departure the end of validity is taken.
    assert release.schedules == (samples.schedule(),)
    assert status.request.digest == preview_digest(release, in_force=None)
    assert mailbox.current_release() is None  # the gateway decides


def test_the_same_push_again_is_the_same_request(client: TestClient, mailbox: Mailbox):
    answers = [client.post("/v1/releases", json=wish(), headers=BEARER) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert len(mailbox.requests()) == len(mailbox.releases()) == 1


def test_a_push_asked_again_after_it_came_into_force_is_still_the_same(
    client: TestClient, mailbox: Mailbox
):
    first = client.post("/v1/releases", json=wish(), headers=BEARER).json()
    mailbox.set_current_release(first["release_id"], at=EVENING)

    again = client.post("/v1/releases", json=wish(), headers=BEARER)

    assert (again.status_code, again.json()) == (202, first)


def test_an_id_does_not_stand_for_two_pushes(client: TestClient, mailbox: Mailbox):
    first = wish(release_id="tonight")
    other = wish(release_id="tonight")
    other["schedules"][0]["energy_target_kwh"] = 1.0

    assert client.post("/v1/releases", json=first, headers=BEARER).status_code == 202
    answer = client.post("/v1/releases", json=other, headers=BEARER)

    assert answer.status_code == 409
    assert len(mailbox.releases()) == 1


def test_a_request_can_be_followed(client: TestClient, mailbox: Mailbox):
    client.post("/v1/releases", json=wish(request_id="q1"), headers=BEARER)
    mailbox.set_request("q1", "running", note="1 of 2", at=EVENING)
    mailbox.put_push_result(samples.push_result())

    answer = client.get("/v1/requests/q1").json()

    assert (answer["state"], answer["note"]) == ("running", "1 of 2")
    assert answer["results"][0]["state"] == "accepted"
    assert client.get("/v1/requests/q2").status_code == 404


def broken(**change) -> dict:
    body = wish()
    body["schedules"][0].update(change)
    return body


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"schedules": []}, "body.schedules"),
        (wish(origin="dispatch"), "body.origin"),
        (broken(connector_id="AC-99/1"), "schedules.connector_id"),
        (broken(steps=[{"start": "2026-11-02T18:00:00", "limit_kw": 1}]), "body.schedules.0.steps"),
        (broken(steps=[{"start": EVENING.isoformat(), "limit_kw": -1}]), "body.schedules.0.steps"),
        (broken(steps=[{"start": EVENING.isoformat(), "limit_kw": "NaN"}]), "body.schedules.0"),
        (broken(steps=wish()["schedules"][0]["steps"][::-1]), "connector AC-01/1"),
    ],
)
def test_a_release_that_cannot_be_is_refused_by_place(
    client: TestClient, mailbox: Mailbox, body: dict, where: str
):
    answer = client.post("/v1/releases", json=body, headers=BEARER)

    assert answer.status_code == 422
    assert answer.json()["error"]["where"].startswith(where)
    assert mailbox.releases() == []
    assert mailbox.requests() == []


# --- departures -----------------------------------------------------------------------------


def test_a_changed_departure_is_kept_and_journalled(client: TestClient, mailbox: Mailbox):
    earlier = (MORNING - timedelta(minutes=90)).isoformat()

    client.post("/v1/departures", json={"vehicle_id": "van-1", "departure": earlier})
    answer = client.post("/v1/departures", json={"vehicle_id": "van-1", "priority": 5})

    (change,) = mailbox.departures()
    assert (change.departure, change.priority) == (MORNING - timedelta(minutes=90), 5)
    assert answer.json()["change"]["priority"] == 5
    records = mailbox.journal(kinds=["operator_action"])
    assert [record.entry.payload["priority"] for record in records] == [None, 5]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"vehicle_id": "van-9", "priority": 1}, 404),
        ({"vehicle_id": "van-1"}, 422),
        ({"vehicle_id": "van-1", "departure": EVENING.isoformat()}, 422),
        ({"vehicle_id": "van-1", "departure": "2026-11-03T05:00:00"}, 422),
        ({"vehicle_id": "van-1", "energy_kwh": -1}, 422),
        ({"vehicle_id": "van-1", "energy_kwh": "Infinity"}, 422),
        ({"vehicle_id": "van-1", "departs": "soon"}, 422),
        ([], 422),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    client: TestClient, mailbox: Mailbox, body: object, status: int
):
    answer = client.post("/v1/departures", json=body)

    assert answer.status_code == status
    assert answer.json()["error"]["hint"]
    assert mailbox.departures() == ()
    assert mailbox.journal(kinds=["operator_action"]) == []


def test_a_departure_without_a_published_site_is_not_served(client: TestClient, path: Path):
    open_mailbox(path).close()

    answer = client.post("/v1/departures", json={"vehicle_id": "van-1", "priority": 1})

    # Opening and closing left a mailbox without any brief.
    assert answer.status_code == 503
    assert "publish" in answer.json()["error"]["hint"]


# --- the door itself ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "depot.example"}, 421),
        ({"Content-Length": str(MAX_BODY_BYTES + 1)}, 413),
        ({"Content-Length": "9" * 5000}, 413),
        ({"Content-Length": "many"}, 413),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_what_must_not_be_read_is_refused_first(client: TestClient, headers: dict, status: int):
    answer = client.post("/v1/departures", content=b"{}", headers=headers)

    assert answer.status_code == status
    assert answer.json()["error"]["what"]


@pytest.mark.parametrize("host", ["127.0.0.1:9221", "localhost:9221", "[::1]:9221"])
def test_loopback_has_three_names(client: TestClient, mailbox: Mailbox, host: str):
    assert client.get("/v1/health", headers={"Host": host}).status_code == 200


def test_a_wrong_path_and_a_wrong_method_are_said_in_the_same_shape(client: TestClient):
    for answer in (client.get("/v1/nothing"), client.delete("/v1/stations")):
        assert answer.status_code in {404, 405}
        assert answer.json()["error"]["where"].endswith(("/v1/nothing", "/v1/stations"))


def test_the_openapi_document_names_every_route_and_its_answer(client: TestClient):
    document = client.get("/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/v1/stations",
        "/v1/sessions",
        "/v1/ledger",
        "/v1/releases",
        "/v1/requests/{request_id}",
        "/v1/journal",
        "/v1/health",
        "/v1/departures",
        "/v1/readings",
        "/v1/vehicles",
        "/v1/site",
        "/v1/exceptions",
        "/v1/limits",
        "/v1/limits/{limit_id}",
        "/v1/limits/{limit_id}/compliance",
        "/v1/stream",
        "/v1/webhooks",
        "/v1/webhooks/{webhook_id}",
        "/v1/webhooks/{webhook_id}/secret",
        "/v1/webhooks/{webhook_id}/dead-letters",
        "/v1/webhooks/{webhook_id}/dead-letters/again",
    }
    for name, path in document["paths"].items():
        for operation in path.values():
            (success,) = [code for code in operation["responses"] if code.startswith("2")]
            if name == "/v1/stream":
                assert set(operation["responses"][success]["content"]) == {"text/event-stream"}
                continue
            schema = operation["responses"][success]["content"]["application/json"]["schema"]
            assert schema["$ref"].startswith("#/components/schemas/")


@pytest.mark.parametrize("call", ["/v1/journal?afterseq=1", "/v1/health?x=", "/v1/stations?=1"])
def test_a_parameter_that_there_is_not_is_refused(client: TestClient, mailbox: Mailbox, call: str):
    answer = client.get(call)

    assert answer.status_code == 422
    assert "there is no parameter" in answer.json()["error"]["what"]
    assert client.get("/v1/journal?after_seq=1&kind=meter&kind=boot").status_code == 200


def test_what_a_path_is_not_served_with_is_said_with_all_that_it_is(client: TestClient):
    answer = client.request("PUT", "/v1/limits")

    # RFC 9110, 15.5.6: 405 must name the methods, of every route of that path.
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, POST"
