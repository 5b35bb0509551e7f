"""People are told of a limit from outside."""

from datetime import timedelta
from pathlib import Path

from depotlib.exchange.mailbox import open_mailbox
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
