"""An operator's action: previewed, committed by its digest, and known to whoever plans."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.errors import MailboxMissingError, ModelError, OrderError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.gateway.book import Book
from depotlib.gateway.order_desk import OrderDesk
from depotlib.settings import Settings
from depotlib.workflows.operate import (
    OrderWish,
    commit_order,
    follow_order,
    newest_orders,
    open_orders,
    preview_order,
)
from depotlib.workflows.publish_site import brief_of, publish_site
from depotlib.workflows.push_plan import Operator
from depotlib.workflows.tonight import gather_tonight
from tests.gateway_cases import T0, night, site, small_site
from tests.unit.conftest import AFTERNOON
from tests.unit.exchange import samples

UNTIL = T0 + timedelta(hours=1)


@pytest.fixture
def settings(tmp_path):
    """Return a depot with a site and a release, where van-0 is plugged in on S0."""
    settings = Settings(home=tmp_path)
    ensure_operator_token(settings.operator_token_path)
    plug = replace(samples.connector_state("S0/1"), vehicle_id="van-0", session_id="S0/1@x")
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(small_site(), at=T0)
        mailbox.add_release(night({"S0/1": [5.0] * 8}))
        mailbox.set_current_release("r1", at=T0)
        mailbox.put_station_state(replace(samples.station_state("S0"), connectors=(plug,)))
    return settings


def wish(kind="hold", target="van-0", **facts) -> OrderWish:
    return replace(OrderWish(kind, target, None, UNTIL, "the boss said so"), **facts)


def work(settings: Settings) -> None:
    """Do what the gateway does once it looks."""
    with open_mailbox(settings.mailbox_path) as mailbox:
        desk = OrderDesk(mailbox, token_path=settings.operator_token_path)
        book = Book(mailbox, mailbox.claim_generation(T0), orders=desk)
        there = site(small_site())
        for _ in range(2):
            assert book.write(book.heard(there.control, now=T0))


def commit(settings: Settings, asked: OrderWish, *, token: str = "") -> str:
    draft = preview_order(settings, asked, now=T0)
    given = token or settings.operator_token_path.read_text().strip()
    return commit_order(settings, draft, operator=Operator("Dana", given), now=T0)


def test_a_preview_asks_for_nothing_and_says_the_same_twice(settings):
    first = preview_order(settings, wish(), now=T0)
    later = preview_order(settings, wish(), now=T0 + timedelta(minutes=1))

    assert open_orders(settings) == ()
    assert first.digest == later.digest
    assert first.effect.peak_before_kw == 5.0


@pytest.mark.parametrize("target", ["van-0", "S0/1"])
def test_a_van_and_its_connector_are_the_same_target_and_mean_its_session(settings, target):
    order = preview_order(settings, wish(target=target), now=T0).order

    assert (order.station_id, order.connector_id) == ("S0", "S0/1")
    assert (order.session_id, order.vehicle_id) == ("S0/1@x", "van-0")


def test_a_station_is_meant_whole_and_for_whoever_is_there(settings):
    order = preview_order(settings, wish("out_of_service", "S0"), now=T0).order

    assert (order.connector_id, order.session_id) == (None, None)


def test_a_committed_action_waits_for_the_gateway_and_is_shown_without_its_token(settings):
    order_id = commit(settings, wish())

    status = follow_order(settings, order_id)
    assert status is not None
    assert (status.state, status.order.asked_by, status.order.token) == ("queued", "Dana", "")
    assert follow_order(settings, "order-nobody-asked") is None


def test_the_gateway_takes_what_was_previewed_and_it_can_be_ended(settings):
    order_id = commit(settings, wish("out_of_service", "S0"))
    work(settings)
    assert [one.state for one in open_orders(settings)] == ["standing"]

    end = preview_order(settings, wish("end", order_id), now=T0)

    assert (end.order.ends, end.order.station_id) == (order_id, "S0")
    assert [one.order.order_id for one in newest_orders(settings, limit=5)] == [order_id]


def test_a_wrong_token_is_refused_by_the_gateway(settings):
    order_id = commit(settings, wish("reset", "S0", until=T0 + timedelta(minutes=5)), token="x")
    work(settings)

    status = follow_order(settings, order_id)
    assert status is not None
    assert (status.state, "token" in status.note) == ("refused", True)


def test_a_name_that_nothing_has_is_refused(settings):
    with pytest.raises(OrderError, match="no vehicle that is plugged in"):
        preview_order(settings, wish(target="van-9"), now=T0)
    with pytest.raises(OrderError, match="no order"):
        preview_order(settings, wish("end", "order-1"), now=T0)
    with pytest.raises(ModelError):
        preview_order(settings, wish(reason=" "), now=T0)


def test_before_any_site_it_says_what_to_do(tmp_path):
    bare = Settings(home=tmp_path / "bare")
    with pytest.raises(MailboxMissingError):
        preview_order(bare, wish(), now=T0)
    with open_mailbox(bare.mailbox_path):
        pass
    with pytest.raises(OrderError, match="no site has been published"):
        preview_order(bare, wish(), now=T0)


def test_whoever_plans_leaves_out_what_is_out_of_service_and_the_brief_stays_as_it_was(demo):
    before = gather_tonight(demo, now=AFTERNOON)
    publish_site(demo, now=AFTERNOON)
    ensure_operator_token(demo.operator_token_path)
    station = before.depot.stations[0].station_id
    asked = OrderWish(
        "out_of_service", station, None, AFTERNOON + timedelta(hours=20), "the cable is cut"
    )
    draft = preview_order(demo, asked, now=AFTERNOON)
    with open_mailbox(demo.mailbox_path) as mailbox:
        status = mailbox.orders.ask(replace(draft.order, order_id="o1", digest=draft.digest))
        assert gather_tonight(demo, now=AFTERNOON).depot == before.depot, "not taken yet"
        mailbox.orders.put(replace(status, state="standing"))

    tonight = gather_tonight(demo, now=AFTERNOON)

    shut = [one.station_id for one in tonight.depot.stations if one.deratings]
    assert shut == [station]
    assert brief_of(tonight, plan=None).depot == before.depot
