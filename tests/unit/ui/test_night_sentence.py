"""What the Live page says of the stations in one sentence."""

from datetime import timedelta

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.settings import Settings
from depotlib.ui.night_now import stations_sentence
from depotlib.workflows.watch_night import watch_night
from tests.unit.exchange.samples import EVENING, brief, station_state


@pytest.mark.parametrize(
    ("silent_s", "says"),
    [(1, "heard of"), (121, "The gateway gives no sign of life")],
)
def test_figures_of_a_gateway_that_is_gone_are_called_its_last(tmp_path, silent_s, says):
    settings = Settings(home=tmp_path)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(brief(), at=EVENING)
        mailbox.put_station_state(station_state())
        mailbox.beat("gateway", EVENING - timedelta(seconds=silent_s))

    night = watch_night(settings, now=EVENING)

    assert night is not None
    assert says in stations_sentence(night)
