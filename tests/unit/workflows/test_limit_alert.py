"""People are told of a limit from outside, and of a signal that may have meant one."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.feed import FeedState
from depotlib.settings import Settings
from depotlib.workflows.alert_people import AlertWatch
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING


def test_a_limit_from_outside_is_an_alert_ahead_of_its_start(tmp_path: Path):
    settings = Settings(home=tmp_path)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        mailbox.grid_limits.put(samples.grid_limit())

    AlertWatch(settings, print).step(EVENING)

    with open_mailbox(settings.mailbox_path) as mailbox:
        (told,) = [one for one in mailbox.alerts.all() if one.rule == "limit_from_outside"]
        over_at = EVENING + timedelta(hours=4)
        assert mailbox.grid_limits.standing(over_at) == ()
    # 60 % of 60 kW from 20:00 to 22:00 UTC.
    assert told.subject == "site@20261102T2000"
    assert "at most 36.0 kW" in told.sentence


def test_a_signal_that_was_not_understood_is_an_alert_while_its_feed_looks(tmp_path: Path):
    settings = Settings(home=tmp_path)
    bad = FeedState("openadr", EVENING, note="event 'e1': units", reasons={"units": 1, "price": 2})
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        mailbox.feeds.put("openadr", bad)
        watch = AlertWatch(settings, print)

        first = {one.rule for one in watch.step(EVENING)}
        watch.step(EVENING + timedelta(seconds=31))
        (told,) = [one for one in mailbox.alerts.all() if one.rule == "signal_not_understood"]
        mailbox.feeds.put("openadr", replace(bad, reasons={"price": 2}))
        watch.step(EVENING + timedelta(seconds=40))
        last = {one.rule for one in watch.step(EVENING + timedelta(seconds=101))}

    # It holds for 30 s before anybody is told, and is over once nothing was found for 60 s.
    assert "signal_not_understood" not in first
    assert told.subject == "openadr"
    assert "(units)" in told.sentence
    assert "event 'e1'" in told.sentence
    assert "signal_not_understood" not in last
