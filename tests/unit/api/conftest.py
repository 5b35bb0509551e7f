"""A door to a small depot, called without a server."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from depotlib.api.app import api_app
from depotlib.api.door import Door
from depotlib.api.throttle import Throttle
from depotlib.clock import Clock
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, TOKEN


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "exchange.sqlite"


@pytest.fixture
def mailbox(path: Path) -> Iterator[Mailbox]:
    with open_mailbox(path) as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        yield mailbox


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """Return the application once: building its routes takes longer than a test."""
    return api_app(door_to(Path("nowhere")))


@pytest.fixture
def door(path: Path) -> Door:
    path.with_name("operator.token").write_text(TOKEN + "\n")
    return door_to(path)


@pytest.fixture
def client(app: FastAPI, door: Door) -> TestClient:
    app.state.door, app.state.throttle = door, Throttle()
    return TestClient(app, base_url="http://127.0.0.1:9221")


def door_to(path: Path) -> Door:
    clock = Clock(start=EVENING, speed_factor=1.0, anchor=datetime.now(UTC))
    return Door(path, clock, operator_token_path=path.with_name("operator.token"))
