"""Whom an operator has put before everybody else, among what the fleet has changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from depotlib.model.news import DepartureChange
from depotlib.model.order import Order

PRIORITISED: Final = 1000
"""More than any fleet gives by itself."""


def with_priorities(
    changes: Sequence[DepartureChange], orders: Sequence[Order], *, now: datetime
) -> tuple[DepartureChange, ...]:
    """Return the changes with those whom an operator prioritised before everybody else."""
    found = {change.vehicle_id: change for change in changes}
    for order in orders:
        is_on = order.kind == "prioritise" and order.begins() <= now < order.until
        if is_on and order.vehicle_id is not None:
            first = DepartureChange(order.vehicle_id, now, priority=PRIORITISED, source="operator")
            held = found.get(order.vehicle_id, first)
            found[order.vehicle_id] = replace(held, priority=PRIORITISED)
    return tuple(found.values())
