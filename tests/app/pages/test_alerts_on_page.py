"""Live shows the alerts and the shift's papers, and takes the word of somebody who knows."""

from dataclasses import replace

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.model.alert import Alert, Telling
from depotlib.workflows.alert_people import read_alerts
from depotlib.workflows.publish_site import publish_site
from depotlib.workflows.shift_papers import shift_papers
from tests.app.pages.opened import opened, shown, sound, words
from tests.unit.exchange import samples


@pytest.fixture
def alerted(demo):
    """Return the demo depot with its brief and one alert that one contact was told of in vain."""
    now = demo.depot_clock().now()
    publish_site(demo, now=now)
    alert = Alert(
        alert_id="process_down:dispatch:20261102T214500",
        rule="process_down",
        subject="dispatch",
        sentence="the dispatch gives no sign of life",
        raised_at=now,
        tellings=(
            Telling("desk", "mail", now, 2, None, "550 nobody"),
            Telling("screen", "webhook", now, 1, now),
        ),
    )
    with open_mailbox(demo.mailbox_path) as mailbox:
        mailbox.alerts.put(alert.alert_id, alert)
    return demo


def test_live_shows_an_alert_until_somebody_knows_who_holds_the_operators_token(alerted):
    token = ensure_operator_token(alerted.operator_token_path)
    app = opened("Live", {"view": "Alerts"})
    (row,) = shown(app, "Says").to_dict("records")
    assert (row["State"], row["What"]) == ("open", "process down")
    assert row["Told"] == "desk (mail) in vain 2 times: 550 nobody; screen (webhook)"
    assert "1 open alert" in words(app)

    app.text_input(key="acknowledge_name").set_value("ann")
    app.text_input(key="acknowledge_token").set_value("a guess")
    sound(app.button(key="acknowledge_commit").click().run())
    (still_open,) = read_alerts(alerted)
    app.text_input(key="acknowledge_note").set_value("started it again")
    app.text_input(key="acknowledge_token").set_value(token)
    sound(app.button(key="acknowledge_commit").click().run())
    (known,) = read_alerts(alerted)

    assert still_open.acknowledged_at is None
    assert (known.acknowledged_by, known.note) == ("ann", "started it again")
    assert shown(app, "Says")["State"].tolist() == ["known"]


def test_the_papers_of_the_shift_stand_on_live(alerted):
    app = opened("Live", {"view": "Shift papers"})

    vans = shown(app, "Go")
    assert set(vans["Go"]) == {"at risk"}  # nobody is plugged in yet
    assert f"of {len(vans)} vans that leave before" in words(app)
    assert "Plug in nobody here" not in words(app)


def test_the_papers_on_live_name_where_nobody_is_to_be_plugged_in(alerted):
    with open_mailbox(alerted.mailbox_path) as mailbox:
        site = mailbox.brief()
        assert site is not None
        station = site[1].depot.stations[0]
        caught = replace(samples.distrust(), station_id=station.station_id)
        mailbox.put_distrust(caught)

    app = opened("Live", {"view": "Shift papers"})

    (closed,) = shift_papers(alerted, now=alerted.depot_clock().now()).closed
    assert closed.connector_id.startswith(f"{station.station_id}/1")
    assert f"{closed.connector_id}: it drew 20.0 kW where it was permitted 5.0 kW" in words(
        app
    ).replace("\\", "")
