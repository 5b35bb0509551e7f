"""A person's word on an identity: one more entry, which mends what runs and what is over."""

from datetime import timedelta

import pytest

from depotlib.errors import OperatorTokenError, UnknownRecordError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.gateway.book import Book, heritage_of
from depotlib.gateway.effects import Effects
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from depotlib.store.sessions import sessions
from depotlib.workflows.assign_identity import assign_identity, identity_exceptions
from depotlib.workflows.collect_journal import collect_journal
from tests.gateway_cases import T0, Site, at, site, small_site


@pytest.fixture
def settings(tmp_path):
    settings = Settings(home=tmp_path)
    token = ensure_operator_token(settings.operator_token_path)
    return settings.model_copy(update={"operator_token": token})


def stranger(settings: Settings) -> tuple[Site, str]:
    """Return a site with a session of somebody unknown, written down as a gateway does."""
    there = site(small_site()).come_up()
    there.plug_in("S0", "NOBODY")
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(there.control.brief, at=T0)
        mailbox.append(there.journal)
    (session,) = there.control.stations["S0"].transactions.all_running()
    return there, session.session_id


def assign(settings: Settings, session_id: str, vehicle_id: str = "van-2") -> JournalEntry:
    token = settings.operator_token
    return assign_identity(settings, session_id, vehicle_id=vehicle_id, token=token, now=at(60))


def test_somebody_unknown_is_listed_until_a_person_has_settled_it(settings):
    _, session_id = stranger(settings)

    (one,) = identity_exceptions(settings)
    assign(settings, session_id)

    assert (one.session_id, one.token, one.vehicle_id) == (session_id, "NOBODY", None)
    assert one.at - T0 <= timedelta(seconds=5)
    assert identity_exceptions(settings) == ()


def test_the_gateway_follows_a_persons_word_while_the_session_runs(settings):
    there, session_id = stranger(settings)
    with open_mailbox(settings.mailbox_path) as mailbox:
        book = Book(mailbox, mailbox.claim_generation(T0))
        book.heard(there.control, now=T0)

        assign(settings, session_id)
        book.heard(there.control, now=at(61))

        (session,) = there.control.stations["S0"].transactions.all_running()
        assert (session.who.vehicle_id, session.who.source) == ("van-2", "person")
        # ... and so does the next gateway.
        (after,) = heritage_of(mailbox, there.control.brief).transactions["S0"]
        assert after.who == session.who


def test_a_session_that_is_over_and_collected_is_mended_in_the_store(settings):
    _, session_id = stranger(settings)
    end = JournalEntry(at(30), "session_ended", "S0", "S0/1", {
        "session_id": session_id, "energy_kwh": 3.0, "vehicle_id": None, "reason": "Local",
    })  # fmt: skip
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.append([end])
    collect_journal(settings, now=at(40))
    before = sessions(settings.warehouse_path)["vehicle_id"].to_list()

    assign(settings, session_id)
    collect_journal(settings, now=at(70))

    assert before == [None]
    assert sessions(settings.warehouse_path)["vehicle_id"].to_list() == ["van-2"]
    with open_mailbox(settings.mailbox_path) as mailbox:
        assert mailbox.verify_journal().ok, "nothing was edited"


def test_what_nobody_knows_cannot_be_assigned(settings):
    _, session_id = stranger(settings)

    with pytest.raises(UnknownRecordError, match="no session"):
        assign(settings, "S9/1@never")
    with pytest.raises(UnknownRecordError, match="no vehicle"):
        assign(settings, session_id, "van-99")


def test_only_an_operator_may_assign(settings):
    _, session_id = stranger(settings)

    with pytest.raises(OperatorTokenError):
        assign_identity(settings, session_id, vehicle_id="van-2", token="", now=at(60))


def test_an_operators_word_ends_a_distrust_in_the_running_gateway(settings):
    there, _ = stranger(settings)
    there.control.ledger.trust["S1"].is_distrusted = True
    entry = JournalEntry(at(60), "operator_action", "S1", None, {"action": "trust_again"})
    with open_mailbox(settings.mailbox_path) as mailbox:
        book = Book(mailbox, mailbox.claim_generation(T0))
        with open_mailbox(settings.mailbox_path) as other:
            other.append([entry])

        effects = book.heard(there.control, now=at(61))

    assert isinstance(effects, Effects)
    assert there.control.ledger.trust["S1"].station_class == "A"
