"""What operators ask for, as the mailbox brings it: who may, what was seen, and what is refused."""

from datetime import datetime
from pathlib import Path
from typing import Final

from depotlib.errors import OperatorTokenError
from depotlib.exchange.mailbox import Mailbox
from depotlib.exchange.operator import Holder, holder_of_digest, read_holders
from depotlib.exchange.orders import order_digest
from depotlib.gateway.control import SiteControl
from depotlib.gateway.effects import Effects
from depotlib.model.order import Order
from depotlib.model.release import Release

QUEUED: Final = "queued"


class OrderDesk:
    """Takes orders out of the mailbox; what becomes of them is written with their effects.

    Parameters
    ----------
    mailbox : Mailbox
    token_path : Path
        File of the operator's token.
    token : str
        The token itself where the environment gives it; goes before the file.
    """

    def __init__(self, mailbox: Mailbox, *, token_path: Path, token: str = "") -> None:
        self._mailbox = mailbox
        self._token_path = token_path
        self._token = token
        self._seen: set[str] = set()

    def taken(self, control: SiteControl, *, now: datetime) -> Effects:
        """Return what follows from the orders that were asked for since the last look."""
        effects = Effects()
        asked = [
            one
            for one in self._mailbox.orders.open()
            if one.state == QUEUED and one.order.order_id not in self._seen
        ]
        in_force = self._mailbox.current_release() if asked else None
        for status in asked:
            order = status.order
            # Remembered, so that one that cannot be written yet is not taken twice.
            self._seen.add(order.order_id)
            holder = self._holder(order)
            refusal = _refusal_of(order, holder, in_force=in_force)
            refusal = refusal or control.orders.refusal(order, now=now)
            by = holder.name if holder else ""
            if refusal:
                effects.extend(control.orders.refuse(status, by=by, note=refusal, now=now))
            else:
                effects.extend(control.orders.take(status, by=by, now=now))
        return effects

    def _holder(self, order: Order) -> Holder | None:
        """Return who holds the token that an order came with."""
        try:
            holders = read_holders(self._token_path, token=self._token)
        except OperatorTokenError:
            return None  # a damaged file opens nothing
        return holder_of_digest(order.token, holders, salt=order.order_id)


def _refusal_of(order: Order, holder: Holder | None, *, in_force: Release | None) -> str:
    if holder is None:
        return "the operator's token is missing or wrong"
    if holder.role != "operator":
        return f"{holder.name!r} is a {holder.role}: only an operator acts on stations"
    if order.digest != order_digest(order, in_force=in_force):
        return "the preview is out of date: another push came in between; preview again"
    return ""
