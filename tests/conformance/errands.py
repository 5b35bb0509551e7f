"""Errands as an operator asks them, straight into the gateway's mailbox, and what became of them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.exchange.orders import order_digest
from depotlib.model.live import Scalar
from depotlib.model.order import Order
from tests.conformance.gateway_process import RawStation

NUMBERS = count(1)


def ask(
    home: Path, errand: str, *, place: str = "CP-1/1", facts: Mapping[str, Scalar] | None = None
) -> str:
    """Ask something of a connector, or of a whole station; return the order's id."""
    station_id, slash, _ = place.partition("/")
    now = datetime.now(UTC)
    order = Order(
        order_id=f"errand-{next(NUMBERS)}",
        kind="errand",
        station_id=station_id,
        connector_id=place if slash else None,
        start=None,
        until=now + timedelta(minutes=10),
        reason="a certification case",
        asked_by="Dana",
        asked_at=now,
        token=ensure_operator_token(home / "operator.token"),
        errand=errand,
        facts=dict(facts or {}),
    )
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        digest = order_digest(order, in_force=mailbox.current_release())
        mailbox.orders.ask(replace(order, digest=digest))
    return order.order_id


def became(home: Path, order_id: str) -> tuple[str, str]:
    """Return where an order stands, and why."""
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        status = mailbox.orders.get(order_id)
    assert status is not None
    return status.state, status.note


def are_over(home: Path, order_ids: Collection[str]) -> bool:
    """Return whether nothing more will become of any of these."""
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        return {one.order.order_id for one in mailbox.orders.open()}.isdisjoint(order_ids)


def run(
    cp: RawStation,
    home: Path,
    errand: str,
    *,
    place: str = "CP-1/1",
    answer: object = None,
    facts: Mapping[str, Scalar] | None = None,
) -> tuple[str, str]:
    """Ask, let the station answer, and return how it ended.

    `answer` is what the station says to whatever it is asked: a payload, or a function of it.
    """
    order_id = ask(home, errand, place=place, facts=facts)
    say = answer if callable(answer) or answer is None else lambda *_: answer
    cp.hear(lambda: are_over(home, {order_id}), answer=say)
    return became(home, order_id)
