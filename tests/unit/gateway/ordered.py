"""A site to which operators speak."""

from datetime import timedelta

from depotlib.gateway.effects import Effects
from depotlib.gateway.messages import Call
from depotlib.model.order import Order, OrderKind, OrderStatus
from tests.gateway_cases import Site, night, site, small_site

HOUR = timedelta(hours=1)
LOW_KW, MID_KW = (
    5.52,
    11.04,
)  # 8 A and 16 A on three phases of 230 V: whole amperes stay as they are


class Ordered(Site):
    """A site to which operators speak; what became of their orders is kept."""

    def __init__(self, there: Site) -> None:
        super().__init__(there.control, now=there.now)
        self.told: list[tuple[str, Call]] = []
        self.orders: dict[str, OrderStatus] = {}
        self.numbers = 0

    def carry_out(self, effects: Effects) -> None:
        self.told += [one for one in effects.commands if isinstance(one[1], Call)]
        self.orders |= {one.order.order_id: one for one in effects.orders}
        super().carry_out(effects)

    def order(self, kind: OrderKind, connector_id: str | None = "S0/1", **facts) -> str:
        self.numbers += 1
        order = Order(
            order_id=f"o{self.numbers}",
            kind=kind,
            station_id=facts.pop("station_id", "S0"),
            connector_id=connector_id,
            start=facts.pop("start", None),
            until=facts.pop("until", self.now + HOUR),
            reason="the boss said so",
            asked_by="Dana",
            asked_at=self.now,
            **facts,
        )
        asked = OrderStatus(order, "queued", "", self.now)
        refusal = self.control.orders.refusal(order, now=self.now)
        orders = self.control.orders
        self.carry_out(
            orders.refuse(asked, by="operator", note=refusal, now=self.now)
            if refusal
            else orders.take(asked, by="operator", now=self.now)
        )
        self.pump()
        return order.order_id

    def state(self, order_id: str) -> tuple[str, str]:
        status = self.orders[order_id]
        return status.state, status.note

    def calls(self, kind: type) -> list[object]:
        return [one for _, one in self.told if type(one) is kind]


def charging(**facts) -> Ordered:
    """Return a site of 40 kW where S0 to S2 charge with 8, 16 and 16 A, two minutes on."""
    there = Ordered(site(small_site(**facts)).come_up())
    there.control.apply_release(
        night({f"S{n}/1": [kw] * 40 for n, kw in enumerate((LOW_KW, MID_KW, MID_KW))})
    )
    for number in range(3):
        there.plug_in(f"S{number}", f"TAG-{number}")
    there.pump()
    for _ in range(6):
        there.wait(20)
    return there


def held(there: Ordered) -> list[float]:
    return [round(there.held_kw(f"S{n}/1"), 2) for n in range(3)]


def settle(there: Ordered, seconds: float = 120.0) -> None:
    for _ in range(int(seconds / 10)):
        there.wait(10)
