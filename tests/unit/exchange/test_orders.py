"""Orders of operators in the mailbox: one under each id, and never with its token."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.errors import RecordConflictError
from depotlib.exchange.codec import ORDER
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.orders import order_digest
from depotlib.exchange.preview import preview_release, with_orders_shown
from tests.unit.exchange import samples

HOUR = timedelta(hours=1)


@pytest.fixture
def mailbox(tmp_path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        yield mailbox


def test_an_order_asked_twice_is_one_order_and_its_token_is_not_kept(mailbox):
    mailbox.orders.ask(samples.order())
    again = mailbox.orders.ask(samples.order())

    assert again.state == "queued"
    (held,) = mailbox.orders.open()
    assert held.order.token.startswith("sha256:")
    assert samples.TOKEN not in repr(held)


def test_another_order_of_that_id_is_refused(mailbox):
    mailbox.orders.ask(samples.order())

    with pytest.raises(RecordConflictError):
        mailbox.orders.ask(samples.order(kind="exclude"))


def test_one_that_is_over_is_found_but_no_longer_open(mailbox):
    asked = mailbox.orders.ask(samples.order())
    mailbox.orders.ask(samples.order("o2"))

    mailbox.orders.put(replace(asked, state="over", note="its end has come", taken_by="operator"))

    assert [one.order.order_id for one in mailbox.orders.open()] == ["o2"]
    assert [one.order.order_id for one in mailbox.orders.newest(9)] == ["o2", "o1"]
    over = mailbox.orders.get("o1")
    assert over is not None
    assert (over.state, over.note, over.taken_by) == ("over", "its end has come", "operator")
    assert mailbox.orders.get("o3") is None


def test_the_digest_is_of_what_is_asked_and_of_the_push_below_it():
    order, release = samples.order(), samples.release()
    digest = order_digest(order, in_force=release)

    read = ORDER.record(ORDER.text(order))
    same = (
        replace(read, order_id="o9", asked_by="bob", token="", digest=""),
        replace(order, until=order.until.astimezone()),
    )
    others = (
        replace(order, reason="because"),
        replace(order, connector_id=None),
        replace(order, start=None),
        replace(order, is_hard=True),
    )

    assert {order_digest(one, in_force=release) for one in same} == {digest}
    assert digest not in {order_digest(one, in_force=release) for one in others}
    assert order_digest(order, in_force=None) != digest


def test_a_release_of_dispatch_counts_as_the_push_it_follows():
    order, pushed = samples.order(), samples.release()
    followed = replace(
        pushed, release_id="d1", origin="dispatch", parent_release_id=pushed.release_id
    )

    assert order_digest(order, in_force=followed) == order_digest(order, in_force=pushed)


def test_a_preview_says_which_connectors_an_order_idles_while_it_is_in_force():
    release = samples.release()
    preview = preview_release(release, in_force=None, stations=(), leases=())
    later = replace(samples.order(), start=samples.MORNING, until=samples.MORNING + HOUR)

    def idle(*orders) -> dict[str, str]:
        shown = with_orders_shown(preview, release, orders=orders)
        return {row.connector_id: row.idle_for for row in shown.rows if row.idle_for}

    assert idle(samples.order()) == {"AC-01/1": "the yard is being swept"}
    assert idle(samples.order(kind="charge_now"), later) == {}
