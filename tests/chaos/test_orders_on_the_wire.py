"""Operators act on a real yard: as the stations' own meters show it, through a killed gateway too."""

from datetime import timedelta

import pytest

from depotlib.model.order import OrderKind, OrderStatus
from depotlib.workflows.operate import OrderWish, commit_order, follow_order, preview_order
from depotlib.workflows.push_plan import Operator
from tests.chaos.depot_processes import DepotProcesses, wait_until
from tests.chaos.small_site import (
    FIRST_HALF,
    HALF_KW,
    MAX_KW,
    OPERATING_KW,
    await_stations,
    connector_of,
    draws_about,
    half_and_half,
    push,
    site_toml,
    start_yard,
    wait_for_end,
)

pytestmark = [pytest.mark.chaos, pytest.mark.full]

SPEED_FACTOR = 20.0
HELD, SHUT, FAVOURED = "AC-01", "AC-02", "AC-07"


@pytest.fixture
def depot(tmp_path):
    with DepotProcesses(tmp_path / "home", site=site_toml(), speed_factor=SPEED_FACTOR) as running:
        yield running


def order(depot: DepotProcesses, kind: OrderKind, target: str) -> str:
    now = depot.clock.now()
    until = now + timedelta(minutes=59 if kind == "reset" else 300)
    draft = preview_order(
        depot.settings, OrderWish(kind, target, None, until, "a test says so"), now=now
    )
    operator = Operator("test", depot.operator_token)
    return commit_order(depot.settings, draft, operator=operator, now=now)


def status(depot: DepotProcesses, order_id: str) -> OrderStatus:
    found = follow_order(depot.settings, order_id)
    assert found is not None
    return found


def draws(depot: DepotProcesses, station_id: str) -> float:
    return depot.newest_meter()[1].get(connector_of(station_id), 0.0)


def test_orders_are_followed_outlive_the_gateway_and_end(depot):
    start_yard(depot, ocpp="1.6,2.0.1")
    wait_for_end(depot, push(depot, half_and_half(FIRST_HALF)))
    wait_until(lambda: draws_about(depot, half_and_half(FIRST_HALF)), "the first half charging")

    hold = order(depot, "hold", HELD)
    shut = order(depot, "out_of_service", SHUT)
    favour = order(depot, "charge_now", FAVOURED)
    wait_until(lambda: draws(depot, HELD) == 0.0, "the held van paused")
    wait_until(lambda: draws(depot, SHUT) == 0.0, "the station out of service idle")
    wait_until(lambda: draws(depot, FAVOURED) > 0.9 * MAX_KW, "the favoured van at full power")
    assert "Accepted" in status(depot, shut).note or "Scheduled" in status(depot, shut).note

    depot.kill("gateway")
    depot.live_through(30)
    depot.start_gateway()
    await_stations(depot)
    depot.live_through(60)
    assert draws(depot, HELD) == 0.0
    assert {status(depot, one).state for one in (hold, shut, favour)} == {"standing"}

    end = order(depot, "end", hold)
    wait_until(lambda: draws(depot, HELD) > 0.9 * HALF_KW, "the held van charging again")
    assert (status(depot, end).state, status(depot, hold).state) == ("done", "over")
    assert max(site_kw for _, site_kw, _ in depot.meters()) <= OPERATING_KW
