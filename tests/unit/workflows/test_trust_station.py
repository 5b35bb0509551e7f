"""An operator's word ends a distrust, and nobody else's."""

from datetime import UTC, datetime

import pytest

from depotlib.errors import OperatorTokenError, UnknownRecordError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.model.live import Distrust
from depotlib.settings import Settings
from depotlib.workflows.trust_station import distrusted, trust_station

T0 = datetime(2026, 11, 20, 20, tzinfo=UTC)
CAUGHT = Distrust("S0", "S0/1", T0, 20.0, 5.0, "person", T0)


@pytest.fixture
def settings(tmp_path):
    settings = Settings(home=tmp_path)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.put_distrust(CAUGHT)
    token = ensure_operator_token(settings.operator_token_path)
    return settings.model_copy(update={"operator_token": token})


def trust(settings: Settings, station_id: str, *, token: str):
    return trust_station(settings, station_id, reason="contactor changed", token=token, now=T0)


def test_the_word_is_one_journal_entry_with_who_and_why(settings):
    entry = trust(settings, "S0", token=settings.operator_token)

    assert entry.payload == {
        "action": "trust_again", "by": "operator", "reason": "contactor changed"
    }  # fmt: skip
    with open_mailbox(settings.mailbox_path) as mailbox:
        assert [record.entry for record in mailbox.journal()] == [entry]
    assert distrusted(settings) == (CAUGHT,), "only the gateway clears it"


def test_a_station_that_was_never_caught_cannot_be_cleared(settings):
    with pytest.raises(UnknownRecordError):
        trust(settings, "S9", token=settings.operator_token)


def test_nobody_but_an_operator_may(settings):
    with pytest.raises(OperatorTokenError):
        trust(settings, "S0", token="guess")
