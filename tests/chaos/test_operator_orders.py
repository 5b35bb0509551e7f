"""Operators who charge now, hold and shut at random on a bad day: the ledger holds all the same."""

from datetime import timedelta

import pytest

from depotlib.gateway.effects import Effects
from depotlib.model.order import OPEN_STATES, Order, OrderKind, OrderStatus
from tests.chaos.simulated_site import SimulatedSite

HALF_HOUR_S = 1800
KINDS: tuple[OrderKind, ...] = (
    "charge_now", "charge_now", "charge_now", "hold", "prioritise", "exclude", "out_of_service",
    "reset", "unlock", "end",
)  # fmt: skip


class OrderedSite(SimulatedSite):
    """A site whose operators cannot leave it alone; a gateway that dies takes their orders over."""

    def __init__(self, seed: int, *, duration_s: int) -> None:
        super().__init__(seed, duration_s=duration_s)
        self.orders: dict[str, OrderStatus] = {}

    def run(self) -> "OrderedSite":
        self._again(120.0, self._speak)
        super().run()
        return self

    def _start_gateway(self) -> None:
        super()._start_gateway()
        assert self.control is not None
        open_orders = [one for one in self.orders.values() if one.state in OPEN_STATES]
        self.control.orders.restore(open_orders)

    def _speak(self) -> None:
        if self.control is None:
            return
        kind = self.rng.choice(KINDS)
        station = self.rng.choice(list(self.control.brief.depot.stations))
        connector = self.rng.choice(list(station.connectors()))
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
def test_no_order_takes_any_node_above_its_hard_limit():
    day = OrderedSite(0, duration_s=HALF_HOUR_S // 3).run()

    assert day.over == []
    # About two a minute, so that the claim above is not about nothing.
    assert sum(one.state != "queued" for one in day.orders.values()) >= 10


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
def test_nor_in_200_long_days():
    for seed in range(1000, 1200):
        day = OrderedSite(seed, duration_s=4 * HALF_HOUR_S).run()

        assert (seed, day.over) == (seed, [])
