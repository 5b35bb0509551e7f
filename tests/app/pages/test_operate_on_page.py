"""Live lets an operator act on a station: the cost on the peak first, then the token."""

from datetime import timedelta

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.model.live import JournalEntry
from depotlib.model.order import OrderStatus
from depotlib.workflows.publish_site import publish_site
from tests.app.pages.opened import numbers, opened, shown, sound, words
from tests.app.pages.test_night_now import station_of
from tests.unit.exchange import samples


@pytest.fixture
def running(demo):
    """Return the demo depot with one van that charges and one action in force."""
    now = demo.depot_clock().now()
    publish_site(demo, now=now)
    earlier = now - timedelta(hours=1)
    with open_mailbox(demo.mailbox_path) as mailbox:
        mailbox.put_station_state(station_of("AC-01/1", vehicle_id="van-15", power_kw=6.0, now=now))
        mailbox.orders.put(OrderStatus(samples.order(), "standing", "", samples.EVENING))
        mailbox.append(
            [
                JournalEntry(earlier, "gateway_started"),
                JournalEntry(earlier, "station_connected", "AC-01"),
            ]
        )
    return demo


def test_an_action_shows_its_cost_and_is_asked_for_with_the_operators_token_only(running):
    token = ensure_operator_token(running.operator_token_path)
    app = opened("Live", {"view": "Reliability"})
    assert shown(app, "Uptime").set_index("Station").loc["AC-01", "Uptime"] == "100.0%"
    assert "planned spans out of service left out" in words(app)
    assert shown(app, "What")["State"].tolist() == ["in force"]

    app.text_input(key="act_reason").set_value("it leaves at four")
    sound(app.button(key="act_preview").click().run())
    assert numbers(app)["Peak with it"] == "7.2 kW"  # the connector's own; nothing is planned
    assert "it leaves at four" in words(app)

    app.text_input(key="act_name").set_value("Dana")
    app.text_input(key="act_token").set_value("guess")
    sound(app.button(key="act_commit").click().run())
    with open_mailbox(running.mailbox_path) as mailbox:
        assert len(mailbox.orders.newest(5)) == 1

    app.text_input(key="act_token").set_value(running.operator_token or token)
    sound(app.button(key="act_commit").click().run())
    with open_mailbox(running.mailbox_path) as mailbox:
        asked = mailbox.orders.newest(5)[0].order
    assert (asked.kind, asked.connector_id, asked.vehicle_id) == ("charge_now", "AC-01/1", "van-15")
    assert shown(app, "What")["State"].tolist() == ["waits for the gateway", "in force"]
