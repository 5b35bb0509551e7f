"""Operators who charge now, hold and shut at random on a bad day: the ledger holds all the same."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from depotlib.gateway.effects import Effects
from depotlib.model.order import OPEN_STATES, Order, OrderKind, OrderStatus
from tests.chaos.simulated_site import Faults, SimulatedSite

if TYPE_CHECKING:
    from depotlib.gateway.control import SiteControl

HALF_HOUR_S = 1800
KINDS: tuple[OrderKind, ...] = (
    "charge_now", "charge_now", "charge_now", "hold", "prioritise", "exclude", "out_of_service",
    "reset", "unlock", "end",
)  # fmt: skip


class OrderedSite(SimulatedSite):
    """A site whose operators cannot leave it alone; a gateway that dies takes their orders over."""

    def __init__(self, seed: int, *, faults: Faults | None = None) -> None:
        super().__init__(seed, faults=faults)
        self.orders: dict[str, OrderStatus] = {}
        self.restored_in: SiteControl | None = None

    def _happen(self) -> None:
        if self.control is not None and self.control is not self.restored_in:
            open_orders = [one for one in self.orders.values() if one.state in OPEN_STATES]
            self.control.orders.restore(open_orders)
            self.restored_in = self.control
        if self.control is not None and self._strikes(60.0):
            self._speak(self.rng.choice(KINDS))
        super()._happen()

    def _speak(self, kind: OrderKind) -> None:
        assert self.control is not None
        station = self.rng.choice(list(self.control.brief.depot.stations))
        connector = next(iter(station.connectors()))
        standing = [one for one in self.orders.values() if one.state == "standing"]
        start = self.now + timedelta(seconds=self.rng.choice((0, 0, 60, 300)))
        order = Order(
            order_id=f"o{len(self.orders)}",
            kind=kind,
            station_id=station.station_id,
            connector_id=connector.connector_id,
            start=start,
            until=start + timedelta(seconds=self.rng.uniform(30.0, 900.0)),
            reason="at random",
            asked_by="chance",
            asked_at=self.now,
            ends=self.rng.choice(standing).order.order_id if kind == "end" and standing else "",
        )
        asked = OrderStatus(order, "queued", "", self.now)
        self.orders[order.order_id] = asked
        if not self.control.orders.refusal(order, now=self.now):
            self._carry_out(self.control.orders.take(asked, by="chance", now=self.now))

    def _persist(self, effects: Effects) -> None:
        super()._persist(effects)
        self.orders |= {one.order.order_id: one for one in effects.orders}


@pytest.mark.chaos
@pytest.mark.slow
def test_no_order_takes_any_node_above_its_hard_limit_or_the_leases_above_the_operating_one():
    day = OrderedSite(0).run(HALF_HOUR_S)

    assert day.over_hard == []
    assert day.over_operating == []
    # About one a minute, so that the claim above is not about nothing.
    assert sum(one.state != "queued" for one in day.orders.values()) >= 10


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
def test_nor_in_200_long_days():
    for seed in range(1000, 1200):
        day = OrderedSite(seed).run(4 * HALF_HOUR_S)

        assert (seed, day.over_hard, day.over_operating) == (seed, [], [])
