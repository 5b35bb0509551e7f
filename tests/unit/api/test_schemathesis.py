"""The door under Schemathesis: no call makes it fail, and no answer breaks its own document.

Calls are made from the document: right ones, wrong ones, at the edges of what it allows, without a
key, with methods that it does not name. Each answer must be one that the document promises. The few
calls of each run are right at every edge, and right or wrong by chance; those that are wrong at every
edge, two thirds of all, are among the many.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema
from starlette.testclient import TestClient

from depotlib.api.app import api_app
from depotlib.api.throttle import Throttle
from tests.unit.api.conftest import door_to
from tests.unit.api.furnished import furnished
from tests.unit.exchange.samples import TOKEN

BASE = "http://127.0.0.1:9221"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
FEW, MANY = 3, 100
PATIENCE_S = 60.0
"""A call that waits for a busy machine has not failed."""
# A schema cannot say that the depot has no such van, or that an instant is past: those are refused.
LEFT_OUT = [positive_data_acceptance]
APP = api_app(door_to(Path("nowhere")))
DOCUMENT = APP.openapi()


def schema_of(examples: int, *, at_edges: list[GenerationMode]) -> OpenApiSchema:
    """Return the document as Schemathesis reads it: so many calls of each route by chance, and edges."""
    config = SchemathesisConfig()
    config.projects.default.update(base_url=BASE, request_timeout=PATIENCE_S)
    config.projects.default.generation.update(max_examples=examples, deterministic=True)
    config.projects.default.phases.coverage.generation.update(modes=at_edges)
    schema = schemathesis.openapi.from_dict(DOCUMENT, config=config)
    schema.app = APP
    return schema.exclude(path="/v1/stream")  # it does not end; test_stream reads it


FEW_CALLS = schema_of(FEW, at_edges=[GenerationMode.POSITIVE])
MANY_CALLS = schema_of(MANY, at_edges=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@pytest.fixture(scope="module", autouse=True)
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    APP.state.throttle = Throttle(calls_per_s=1_000_000, burst_calls=1_000_000_000)
    with furnished(tmp_path_factory.mktemp("door")) as held:
        APP.state.door = held
        yield


@FEW_CALLS.parametrize()
def test_no_call_fails_and_every_answer_is_as_the_document_promises(case: schemathesis.Case):
    case.call_and_validate(headers=BEARER, excluded_checks=LEFT_OUT)


@pytest.mark.full
@MANY_CALLS.parametrize()
def test_many_more_calls_do_not_either(case: schemathesis.Case):
    case.call_and_validate(headers=BEARER, excluded_checks=LEFT_OUT)


def test_a_call_as_it_is_meant_is_answered_with_what_was_asked():
    # Without this the tests above would hold for a door that refuses everything.
    names = {"request_id": "q1", "limit_id": "g1", "webhook_id": "w1"}
    client = TestClient(APP, base_url=BASE, headers=BEARER)

    for path, operations in DOCUMENT["paths"].items():
        if "get" in operations and path != "/v1/stream":
            assert client.get(path.format(**names)).status_code == 200, path


def test_a_broken_promise_is_seen():
    stations = FEW_CALLS["/v1/stations"]["GET"]

    wrong = TestClient(APP, base_url=BASE, headers=BEARER).get("/v1/site")

    with pytest.raises(Failure, match="violates schema"):
        stations.validate_response(wrong)
