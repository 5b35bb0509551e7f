"""Orders of operators: each under its own id, and where it stands."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from depotlib.errors import RecordConflictError
from depotlib.exchange.codec import ORDER
from depotlib.exchange.database import Database, Value
from depotlib.exchange.operator import token_digest
from depotlib.exchange.preview import push_of
from depotlib.model.order import Order, OrderState, OrderStatus
from depotlib.model.release import Release


class Orders:
    """The orders of one mailbox; tokens are kept as digests only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, order: Order) -> OrderStatus:
        """Return where an order stands; asked again, it is the same order.

        Raises
        ------
        RecordConflictError
            If another order has its id.
        """
        kept = replace(order, token=token_digest(order.token, salt=order.order_id))
        asked = OrderStatus(kept, "queued", note="", changed_at=order.asked_at.astimezone(UTC))
        with self._database.transaction():
            held = self.get(order.order_id)
            if held is None:
                self.put(asked)
                return asked
        if replace(held.order, asked_at=kept.asked_at) != kept:
            raise RecordConflictError(
                f"order {order.order_id!r} was asked before, for something else",
                where=f"order {order.order_id}",
                hint="give each order its own id",
            )
        return held

    def put(self, status: OrderStatus) -> None:
        """Write where an order stands."""
        self._database.write(
            "INSERT INTO operator_order (order_id, body, state, note, changed_at, taken_by)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET"
            " state = excluded.state, note = excluded.note, changed_at = excluded.changed_at,"
            " taken_by = excluded.taken_by, body = excluded.body",
            (
                status.order.order_id,
                ORDER.text(status.order),
                status.state,
                status.note,
                status.changed_at.astimezone(UTC).isoformat(timespec="microseconds"),
                status.taken_by,
            ),
        )

    def get(self, order_id: str) -> OrderStatus | None:
        """Return where an order stands, or None."""
        row = self._database.row(
            "SELECT body, state, note, changed_at, taken_by FROM operator_order WHERE order_id = ?",
            (order_id,),
        )
        return _status(row) if row else None

    def open(self) -> list[OrderStatus]:
        """Return the orders that are not over, in the order in which they were asked."""
        rows = self._database.rows(
            "SELECT body, state, note, changed_at, taken_by FROM operator_order"
            " WHERE state IN ('queued', 'standing', 'sent') ORDER BY place"
        )
        return [_status(row) for row in rows]

    def newest(self, limit: int) -> list[OrderStatus]:
        """Return orders, the newest first."""
        rows = self._database.rows(
            "SELECT body, state, note, changed_at, taken_by FROM operator_order"
            " ORDER BY place DESC LIMIT ?",
            (limit,),
        )
        return [_status(row) for row in rows]


def order_digest(order: Order, *, in_force: Release | None) -> str:
    """Return the digest that commits an order as it was previewed.

    It holds what is asked and the push it is laid over: once another push is in force, its cost on
    the peak is another one. Releases of dispatch count as the push they follow.

    Parameters
    ----------
    order : Order
    in_force : Release or None
        The current release of the mailbox.
    """
    # Who asks, when and under which id is not what was previewed.
    shown = {
        "kind": order.kind,
        "station_id": order.station_id,
        "connector_id": order.connector_id,
        "start": order.start.astimezone(UTC).isoformat() if order.start else None,
        "until": order.until.astimezone(UTC).isoformat(),
        "reason": order.reason,
        "session_id": order.session_id,
        "is_hard": order.is_hard,
        "ends": order.ends,
        "errand": order.errand,
        "facts": dict(order.facts),
        "push": push_of(in_force),
    }
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def _status(row: tuple[Value, ...]) -> OrderStatus:
    body, state, note, changed_at, taken_by = row
    return OrderStatus(
        order=ORDER.record(str(body)),
        state=cast("OrderState", state),
        note=str(note),
        changed_at=datetime.fromisoformat(str(changed_at)),
        taken_by=str(taken_by),
    )
