"""A push while sessions run, and one while another still waits: accepted means in force."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.gateway.limits import REFUSALS_TO_CHANGE, RETRY_S
from depotlib.gateway.messages import InstallProfile
from depotlib.gateway.push import NEWER
from tests.gateway_cases import night, site
from tests.unit.gateway.test_push import Office, open_office

HIGH_KW, LOW_KW = 20.0, 8.0


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A site where a vehicle charges by its own limit, above a default that is as high."""
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        one = open_office(mailbox, site().come_up(), tmp_path)
        one.ask(night({"S0/1": [HIGH_KW] * 4}, release_id="high"), name="high")
        one.work()
        one.work(60)
        one.there.plug_in("S0", "TAG-0")
        one.work(60)
        one.work(60)
        yield one


def asked_of(office):
    """Return the purposes of the limits that go out from now on, as they do."""
    before = len(office.there.sent)
    return lambda: [call.profile.purpose for _, _, call in office.there.sent[before:]]


def refusing(purpose):
    def says(_station, call):
        is_meant = isinstance(call, InstallProfile) and call.profile.purpose == purpose
        return "Rejected" if is_meant and call.profile.stack_level > 0 else "Accepted"

    return says


def test_a_lower_limit_reaches_the_default_first_and_then_the_session(office):
    purposes = asked_of(office)
    office.ask(night({"S0/1": [LOW_KW] * 4}, release_id="low"), name="low")

    office.work()
    after_default = (purposes(), office.results("low"), office.state("low")[0])
    office.work(1)

    # What would come back with the next vehicle is lowered first; it proves nothing of this one.
    assert after_default == (["default"], {"S0/1": "sent"}, "running")
    assert purposes() == ["default", "transaction"]
    assert office.results("low") == {"S0/1": "accepted"}
    assert office.state("low") == ("finished", "1 accepted")


def test_a_session_that_refuses_its_limit_has_not_accepted_it(office):
    office.there.says = refusing("transaction")
    office.ask(night({"S0/1": [LOW_KW] * 4}, release_id="low"), name="low")

    office.work()
    office.work(1)

    assert office.results("low") == {"S0/1": "rejected"}
    assert office.state("low") == ("finished", "1 rejected")


def test_a_station_that_takes_no_limit_of_a_session_accepts_by_its_default(office):
    purposes = asked_of(office)
    office.there.says = refusing("transaction")
    office.ask(night({"S0/1": [LOW_KW] * 4}, release_id="low"), name="low")

    office.work()
    for _ in range(REFUSALS_TO_CHANGE + 1):
        office.work(RETRY_S)

    assert purposes()[-1] == "default"
    assert office.results("low") == {"S0/1": "accepted"}


def test_what_a_push_changes_late_in_the_night_is_told_to_the_session_at_once(office):
    purposes = asked_of(office)
    late = [HIGH_KW, HIGH_KW, LOW_KW, LOW_KW]  # lower after 30 minutes only
    office.ask(night({"S0/1": late}, release_id="late"), name="late")

    office.work()
    office.work(1)

    assert purposes() == ["default", "transaction"]
    assert office.results("late") == {"S0/1": "accepted"}


def test_a_newer_push_does_not_wait_for_one_that_waits(office):
    """Van-0 stands on S0, so the connector that it is planned for gets nothing."""
    moved = night({"S0/1": [HIGH_KW] * 4, "S1/1": [LOW_KW]}, release_id="moved")
    own, other = moved.schedules
    moved = replace(moved, schedules=(replace(own, connector_id="S2/1"), other))
    office.ask(moved, name="moved")
    office.work()
    office.work(1)
    waiting = office.state("moved")[0], office.results("moved")

    office.ask(night({"S0/1": [LOW_KW] * 4}, release_id="low"), name="low")
    office.work(1)
    office.work(1)
    office.work(1)

    assert waiting == ("running", {"S1/1": "accepted", "S2/1": "queued"})
    assert office.state("moved") == ("finished", "1 accepted, 1 queued" + NEWER)
    assert office.results("low") == {"S0/1": "accepted"}
