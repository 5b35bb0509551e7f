"""What an operator's order, or a span out of service, makes of what is wanted of a connector."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from depotlib.gateway.steps import StepLine, constant, from_then, grid_of
from depotlib.gateway.wishes import Guest, Wish
from depotlib.model.depot import ChargingStation, Derating
from depotlib.model.order import Order, OrderKind

SLACK_CHARGE_NOW_S: Final = -2e9
SLACK_PRIORITISED_S: Final = -1e9
"""Before everybody whom a plan gave a departure."""
ORDER_OF_KINDS: Final[tuple[OrderKind, ...]] = (
    "prioritise", "charge_now", "exclude", "hold", "out_of_service",
)  # fmt: skip
"""The later ones have the last word: where two orders contradict, less is given."""


def wish_under(
    wish: Wish,
    orders: Sequence[Order],
    *,
    station: ChargingStation,
    connector_id: str,
    guest: Guest | None,
) -> Wish:
    """Return a wish as the orders on its connector and its station's deratings leave it.

    Parameters
    ----------
    wish : Wish
    orders : sequence of Order
        That concern the connector and have not come to their end.
    station : ChargingStation
    connector_id : str
    guest : Guest or None
        Who is plugged in there.
    """
    connectors = list(station.connectors())
    most_kw = next(one.max_kw for one in connectors if one.connector_id == connector_id)
    safe_kw = station.safe_limit_kw / len(connectors)
    for order in sorted(orders, key=lambda one: _place(one.kind)):
        wish = _under_order(wish, order, most_kw=most_kw, safe_kw=safe_kw, guest=guest)
    return _derated(wish, station.deratings, connectors=len(connectors))


def _place(kind: OrderKind) -> int:
    return ORDER_OF_KINDS.index(kind) if kind in ORDER_OF_KINDS else -1


def _under_order(
    wish: Wish, order: Order, *, most_kw: float, safe_kw: float, guest: Guest | None
) -> Wish:
    match order.kind:
        case "charge_now" if guest is not None and guest.may_charge:
            changed = _between(wish, order, power_kw=most_kw, safe_kw=safe_kw)
            return replace(changed, slack_s=SLACK_CHARGE_NOW_S)
        case "prioritise":
            return replace(wish, slack_s=SLACK_PRIORITISED_S)
        case "exclude":
            return _between(wish, order, power_kw=safe_kw, safe_kw=safe_kw)
        case "hold" | "out_of_service":
            return _between(wish, order, power_kw=0.0, safe_kw=safe_kw)
        case _:
            return wish


def _between(wish: Wish, order: Order, *, power_kw: float, safe_kw: float) -> Wish:
    """Return a wish with one power for as long as an order holds; before and after as it was."""
    line = from_then(wish.line, constant(safe_kw), at_s=wish.valid_to.timestamp())
    return Wish(
        line=_with_span(line, power_kw, start=order.begins(), end=order.until),
        valid_to=max(wish.valid_to, order.until),
        slack_s=wish.slack_s,
    )


def _with_span(line: StepLine, power_kw: float, *, start: datetime, end: datetime) -> StepLine:
    from_start = from_then(line, constant(power_kw), at_s=start.timestamp())
    return from_then(from_start, line, at_s=end.timestamp())


def _derated(wish: Wish, deratings: Iterable[Derating], *, connectors: int) -> Wish:
    """Return a wish nowhere above what the station can carry, shared by its connectors."""
    for one in deratings:
        share_kw = one.limit_kw / connectors
        cap = _with_span(constant(np.inf), share_kw, start=one.start, end=one.end)
        grid_s = grid_of([wish.line, cap])
        low = StepLine(grid_s, np.minimum(wish.line.on(grid_s), cap.on(grid_s)))
        wish = replace(wish, line=low)
    return wish
