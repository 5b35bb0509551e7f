"""The door keeps to its OpenAPI document: whatever is asked, it answers as the document says.

Calls are made from the document itself, valid ones and ones with anything in a field's place; each
answer must have a status that the document names, none above 499, and be of that status's schema.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from depotlib.api.app import api_app
from depotlib.api.throttle import Throttle
from depotlib.exchange.mailbox import open_mailbox
from tests.unit.api.conftest import door_to
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING, TOKEN

WELL_KNOWN = {  # what the small depot has, so that valid calls are about something
    "vehicle_id": ["van-1", "van-2"],
    "connector_id": ["AC-01/1", "AC-02/1"],
    "request_id": ["q1"],
    "limit_id": ["g1"],
    "supersedes": ["g1"],
    "node_id": ["site", "charging", "panel"],
    "after_seq": [0, 1],
}
ROUNDS, MANY_ROUNDS = 5, 200
DOCUMENT = api_app(door_to(Path("nowhere"))).openapi()
OPERATIONS = [
    (method, path)
    for path, one in DOCUMENT["paths"].items()
    for method in one
    if path != "/v1/stream"  # it does not end; test_stream reads it
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    path = tmp_path_factory.mktemp("door") / "exchange.sqlite"
    path.with_name("operator.token").write_text(TOKEN)
    app = api_app(
        door_to(path), throttle=Throttle(calls_per_s=1_000_000, burst_calls=1_000_000_000)
    )
    with open_mailbox(path) as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        mailbox.put_station_state(samples.station_state())
        mailbox.put_ledger([samples.node()])
        mailbox.put_lease(samples.lease())
        mailbox.put_distrust(samples.distrust())
        mailbox.site_meter.put("site", samples.site_meter())
        mailbox.beat("gateway", EVENING)
        mailbox.add_release(samples.release())
        mailbox.set_current_release("r1", at=EVENING)
        mailbox.grid_limits.put(samples.grid_limit())
        mailbox.grid_limits.put_impact(samples.grid_limit_impact())
        mailbox.ask(samples.request())
        mailbox.put_push_result(samples.push_result())
        headers = {"Authorization": f"Bearer {TOKEN}"}
        yield TestClient(
            app, base_url="http://127.0.0.1", headers=headers, raise_server_exceptions=False
        )


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def values_of(schema: dict[str, Any], name: str = "") -> st.SearchStrategy[Any]:
    """Return values of a schema; one in eight is anything at all."""
    schema = resolved(schema)
    known = WELL_KNOWN.get(name)
    right = st.sampled_from(known) if known else right_values(schema, name)
    return st.integers(0, 7).flatmap(lambda draw: right if draw else ANYTHING)


def right_values(schema: dict[str, Any], name: str) -> st.SearchStrategy[Any]:
    if "anyOf" in schema:
        return st.one_of([values_of(one, name) for one in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    # A kind of schema that this test cannot make is a KeyError here.
    return MAKERS[schema["type"]](schema)


def texts_of(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "date-time":
        night = st.datetimes(EVENING.replace(tzinfo=None), MORNING.replace(tzinfo=None))
        return night.map(lambda instant: f"{instant.isoformat()}Z")
    return st.text(min_size=schema.get("minLength", 0), max_size=12)


def objects_of(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    required = set(schema.get("required", ()))
    fields = {name: values_of(one, name) for name, one in schema["properties"].items()}
    return st.fixed_dictionaries(
        {name: one for name, one in fields.items() if name in required},
        optional={name: one for name, one in fields.items() if name not in required},
    )


MAKERS: dict[str, Callable[[dict[str, Any]], st.SearchStrategy[Any]]] = {
    "object": objects_of,
    "array": lambda schema: st.lists(values_of(schema["items"]), min_size=1, max_size=3),
    "integer": lambda schema: st.integers(schema.get("minimum"), schema.get("maximum")),
    "number": lambda schema: st.floats(schema.get("minimum", 0.0), schema.get("maximum", 500.0)),
    "boolean": lambda _schema: st.booleans(),
    "null": lambda _schema: st.none(),
    "string": texts_of,
}


@st.composite
def calls(draw: st.DrawFn, method: str, path: str) -> dict[str, Any]:
    """Return a call as the client takes it."""
    operation = DOCUMENT["paths"][path][method]
    call: dict[str, Any] = {"method": method, "url": path, "params": {}, "headers": {}}
    for parameter in operation.get("parameters", ()):
        if not (parameter.get("required") or draw(st.booleans())):
            continue
        name, value = parameter["name"], draw(values_of(parameter["schema"], parameter["name"]))
        if parameter["in"] == "path":
            text = str(value).encode(errors="replace").decode().strip(".") or "q"
            call["url"] = path.replace(f"{{{name}}}", quote(text, safe=""))
        elif parameter["in"] == "query":
            call["params"][name] = value if isinstance(value, list) else str(value)
        else:  # a header holds what one may print
            call["headers"][name] = str(value).encode("ascii", "replace").decode().strip()
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        # As text, since Python also writes NaN and Infinity, which are no JSON: so do programs.
        call["content"] = json.dumps(draw(values_of(schema)))
        call["headers"]["Content-Type"] = "application/json"
    return call


def broken_promise(client: TestClient, method: str, path: str, *, call: dict[str, Any]) -> str:
    """Return how an answer differs from the document, or an empty text."""
    answer = client.request(**call)
    promised = DOCUMENT["paths"][path][method]["responses"].get(str(answer.status_code))
    if answer.status_code >= 500 or promised is None:
        return f"{answer.status_code}: {answer.text}"
    schema = {
        **promised["content"]["application/json"]["schema"],
        "components": DOCUMENT["components"],
    }
    errors = jsonschema.Draft202012Validator(schema).iter_errors(answer.json())
    return "; ".join(error.message for error in errors)


def assert_promises_are_kept(client: TestClient, method: str, path: str, *, rounds: int) -> None:
    @settings(max_examples=rounds, deadline=None, suppress_health_check=list(HealthCheck))
    @given(call=calls(method, path))
    def keeps(call: dict[str, Any]) -> None:
        assert broken_promise(client, method, path, call=call) == ""

    keeps()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_one_that_the_document_promises(client: TestClient, method: str, path: str):
    assert_promises_are_kept(client, method, path, rounds=ROUNDS)


@pytest.mark.full
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_many_more_answers_are_as_the_document_promises(client: TestClient, method: str, path: str):
    assert_promises_are_kept(client, method, path, rounds=MANY_ROUNDS)


def test_a_call_as_it_is_meant_is_answered_with_what_was_asked(client: TestClient):
    # Without this the test above would hold for a door that refuses everything.
    for method, path in OPERATIONS:
        if method == "get":
            url = path.replace("{request_id}", "q1").replace("{limit_id}", "g1")
            assert broken_promise(client, method, path, call={"method": method, "url": url}) == ""
            assert client.get(url).status_code == 200


def test_a_broken_promise_is_seen(client: TestClient):
    wrong_path = {"method": "get", "url": "/v1/site"}

    assert "'stations' is a required property" in broken_promise(
        client, "get", "/v1/stations", call=wrong_path
    )
