"""Requests in a real mailbox, fulfilled by the desk with stations that answer as told."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import issue_token
from depotlib.exchange.preview import NO_LIVE, preview_digest
from depotlib.gateway.book import Book, heritage_of
from depotlib.gateway.effects import Effects, LeaseNews
from depotlib.gateway.messages import Connected, Disconnected
from depotlib.gateway.push import GATHERING_S, PushDesk
from depotlib.model.brief import Brief
from depotlib.model.live import PushRequest
from depotlib.model.release import Release
from tests.gateway_cases import T0, Site, at, night, site, small_site

TOKEN = "the operator's token"


@dataclass
class Office:
    """A mailbox, its desk, and the site behind it."""

    mailbox: Mailbox
    desk: PushDesk
    there: Site

    def ask(
        self, release: Release, *, token: str = TOKEN, digest: str = "", name: str = "q1"
    ) -> None:
        self.mailbox.add_release(release)
        digest = digest or preview_digest(release, in_force=self.mailbox.current_release())
        self.mailbox.ask(
            PushRequest(name, "push", release.release_id, digest, "ann", self.there.now, token)
        )

    def work(self, seconds: float = 0.0) -> None:
        """Let time pass, take the next request, pump, and end what is over."""
        self.there.now = at((self.there.now - T0).total_seconds() + seconds)
        forced = self.desk.next_release(self.there.control, now=self.there.now)
        if forced is not None:
            release = self.mailbox.current_release()
            self.desk.adopt(release)
            self.there.control.apply_release(release, forced=forced)
        carry_out = self.there.carry_out

        def carry_out_and_tell(effects: Effects) -> None:
            self.desk.take(effects.news, now=self.there.now)
            carry_out(effects)

        self.there.carry_out = carry_out_and_tell
        self.there.pump()
        self.there.carry_out = carry_out
        self.desk.finish(self.there.control, now=self.there.now)

    def state(self, name: str = "q1") -> tuple[str, str]:
        status = self.mailbox.request(name)
        assert status is not None
        return status.state, status.note

    def results(self, name: str = "q1") -> dict[str, str]:
        return {one.connector_id: one.state for one in self.mailbox.push_results(name)}

    def journalled(self) -> list[str]:
        return [record.entry.kind for record in self.mailbox.journal()]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        yield open_office(mailbox, site().come_up(), tmp_path)


def open_office(mailbox: Mailbox, there: Site, home: Path) -> Office:
    generation = mailbox.claim_generation(there.now)
    desk = PushDesk(mailbox, generation=generation, token_path=home / "none", token=TOKEN)
    return Office(mailbox, desk, there)


RELEASE = night({"S0/1": [20.0] * 4, "S1/1": [8.0] * 4})


def test_a_push_reaches_every_connector_and_says_so(office):
    office.ask(RELEASE)

    office.work()

    assert office.results() == {"S0/1": "accepted", "S1/1": "accepted"}
    assert office.state() == ("finished", "2 accepted")
    assert [kind for kind in office.journalled() if kind.startswith("push")] == [
        "push_started", "push_finished"
    ]  # fmt: skip
    assert office.mailbox.current_release() == RELEASE


@pytest.mark.parametrize("token", ["", "somebody else's"])
def test_only_the_operators_token_commits_a_push(office, token):
    office.ask(RELEASE, token=token)

    office.work()

    assert office.state() == ("refused", "the operator's token is missing or wrong")
    assert office.mailbox.current_release() is None
    assert "push_refused" in office.journalled()


def test_without_a_token_nobody_is_an_operator(tmp_path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        desk = PushDesk(
            mailbox, generation=mailbox.claim_generation(T0), token_path=tmp_path / "none"
        )
        office = Office(mailbox, desk, site().come_up())
        office.ask(RELEASE, token="")

        office.work()

        assert office.state()[0] == "refused"


def test_a_preview_that_another_push_has_overtaken_is_refused(office):
    digest = preview_digest(RELEASE, in_force=None)
    office.ask(night({"S2/1": [5.0]}, release_id="other"), name="q0")
    office.work()

    office.ask(RELEASE, digest=digest)
    office.work()

    assert office.state()[0] == "refused"
    assert "preview again" in office.state()[1]


def test_a_plan_with_relaxed_occupancy_is_refused(office):
    office.ask(replace(RELEASE, pushable=False, pushable_reason="occupancy was relaxed"))

    office.work()

    assert office.state() == ("refused", "the plan cannot be pushed: occupancy was relaxed")


def test_a_release_for_a_connector_the_site_lacks_is_refused(office):
    office.ask(night({"S9/1": [5.0]}))

    office.work()

    assert office.state() == ("refused", "the site has no connector 'S9/1'")


def test_safe_limits_the_site_cannot_bear_refuse_a_push_by_name(tmp_path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        office = open_office(mailbox, site(small_site(service_kw=12.0)), tmp_path)
        office.ask(RELEASE)

        office.work()

        assert office.state()[0] == "refused"
        # 3 x 4.14 kW in amperes are 13.66 kW at 253 V: 1.66 kW too much, 1.51 kW at 230 V.
        assert "lower the safe limits of S0 by 1.6 kW" in office.state()[1]


def test_stations_that_are_away_are_queued_and_served_when_they_come(office):
    office.there.say("S1", Disconnected())
    office.ask(RELEASE)
    office.work()
    assert office.results() == {"S0/1": "accepted", "S1/1": "queued"}
    assert office.state()[0] == "running"

    office.work(GATHERING_S)
    assert office.state() == ("finished", "1 accepted, 1 queued")

    office.there.say("S1", Connected("1.6"))
    office.work(6)
    office.work(1)
    assert office.results() == {"S0/1": "accepted", "S1/1": "accepted"}


def test_a_refusal_and_a_silence_are_told_apart(office):
    office.there.says = lambda station, _: "Rejected" if station == "S0" else "timeout"
    office.ask(RELEASE)

    office.work()

    assert office.results() == {"S0/1": "rejected", "S1/1": "unknown"}
    assert office.state() == ("finished", "1 rejected, 1 unknown")


def test_a_gateway_that_died_in_the_middle_goes_on_with_the_push(office, tmp_path):
    office.there.says = lambda _station, _call: "silence"
    office.ask(RELEASE)
    office.work()
    assert office.state()[0] == "running"

    again = open_office(office.mailbox, site(now=at(60)).come_up(), tmp_path)
    again.work()

    assert again.results() == {"S0/1": "accepted", "S1/1": "accepted"}
    assert again.state()[0] == "finished"
    started = [
        record.entry.payload["note"] for record in office.mailbox.journal(kinds=("push_started",))
    ]
    assert started == ["push", "gone on with after the gateway had stopped in the middle"]


def test_a_push_whose_night_is_over_is_abandoned_by_name(office, tmp_path):
    office.there.says = lambda _station, _call: "silence"
    office.ask(RELEASE)
    office.work()

    again = open_office(office.mailbox, site(now=at(7200)), tmp_path)
    again.work()

    assert again.state()[0] == "abandoned"
    assert "push_abandoned" in again.journalled()


def test_a_rollback_is_a_push_of_an_earlier_release(office):
    office.ask(RELEASE)
    office.work()
    office.ask(night({"S0/1": [5.0] * 4}, release_id="r2"), name="q2")
    office.work(400)

    digest = preview_digest(RELEASE, in_force=office.mailbox.current_release())
    asked = PushRequest("q3", "rollback", "r1", digest, "ann", office.there.now, TOKEN)
    office.mailbox.ask(asked)
    office.work(400)

    assert office.state("q3")[0] == "finished"
    assert office.mailbox.current_release() == RELEASE


def test_leases_and_journal_are_written_together_and_found_again(office):
    book = Book(office.mailbox, office.mailbox.claim_generation(T0))
    office.there.control.apply_release(RELEASE)
    effects = office.there.control.pump(T0)

    assert book.write(effects)

    left = heritage_of(office.mailbox, office.there.control.brief)
    assert sorted(left.leases, key=lambda one: one.connector_id) == effects.leases
    assert left.seqs == {"S0/1": 1, "S1/1": 1, "S2/1": 0}
    assert [record.entry for record in office.mailbox.journal(kinds=("limit_sent",))] == (
        effects.journal
    )


def test_sessions_of_an_earlier_gateway_are_found_in_the_journal(office):
    book = Book(office.mailbox, office.mailbox.claim_generation(T0))
    number = office.there.plug_in("S0", "TAG-0")
    book.write(Effects(journal=[one for one in office.there.journal if "session" in one.kind]))

    left = heritage_of(office.mailbox, office.there.control.brief)

    assert [(one.transaction_id, one.who.vehicle_id) for one in left.transactions["S0"]] == [
        (number, "van-0")
    ]


@pytest.mark.parametrize("role", ["viewer", "planner"])
def test_a_push_with_the_token_of_a_lower_role_is_refused_by_name(office, tmp_path, role):
    token = issue_token(tmp_path / "none", "ann", role=role, now=T0)

    office.ask(night({"S0/1": [9.0]}), token=token)
    office.work()

    assert office.state() == ("refused", f"'ann' is a {role}: only an operator commits a push")


def test_the_journal_says_whose_token_a_push_came_with(office, tmp_path):
    token = issue_token(tmp_path / "none", "ben", role="operator", now=T0)

    office.ask(night({"S0/1": [9.0]}), token=token)
    office.work()

    payload = office.mailbox.journal(kinds=("push_started",))[0].entry.payload
    assert (payload["asked_by"], payload["token_of"], payload["role"]) == ("ann", "ben", "operator")
    assert token not in str(office.mailbox.journal())


def test_each_proof_is_kept_with_its_own_instant(office):
    """Each of the three proofs is one thing, whichever of them comes first."""
    office.there.says = lambda _station, _call: "silence"
    office.ask(night({"S0/1": [9.0]}))
    office.work()
    (lease,) = [one for one in office.there.leases.values() if one.connector_id == "S0/1"]

    office.desk.take([LeaseNews(lease, "answered", "accepted", "", 0.2)], now=at(1))
    office.desk.take([LeaseNews(lease, "metered", "accepted")], now=at(30))
    office.desk.take([LeaseNews(lease, "read_back", "accepted")], now=at(40))
    office.desk.take([LeaseNews(lease, "metered", "accepted")], now=at(90))

    (result,) = office.mailbox.push_results("q1")
    assert (result.state, result.latency_s) == ("metered", 0.2)
    assert (result.sent_at, result.accepted_at) == (T0, at(1))
    assert (result.read_back_at, result.metered_at) == (at(40), at(30))


def test_a_station_that_tells_more_than_was_sent_is_not_read_back(office):
    office.there.says = lambda _station, _call: "silence"
    office.ask(night({"S0/1": [9.0]}))
    office.work()
    (lease,) = [one for one in office.there.leases.values() if one.connector_id == "S0/1"]

    office.desk.take([LeaseNews(lease, "answered", "accepted", "", 0.2)], now=at(1))
    office.desk.take([LeaseNews(lease, "read_back", "rejected", "it tells more")], now=at(2))

    (result,) = office.mailbox.push_results("q1")
    assert (result.state, result.note, result.read_back_at) == ("accepted", "it tells more", None)


def test_a_plan_whose_night_is_over_is_refused_and_the_one_in_force_stays(office):
    office.ask(RELEASE)
    office.work()
    old = replace(RELEASE, release_id="last night", valid_to=at(-60))

    office.ask(old, name="q2")
    office.work(400)

    assert office.state("q2") == (
        "refused",
        "the night that it was made for is over: plan the next one",
    )
    assert office.mailbox.current_release() == RELEASE


def without_live(brief: Brief, *names: str) -> Brief:
    stations = tuple(
        replace(one, takes_live_profiles=one.station_id not in names)
        for one in brief.depot.stations
    )
    return replace(brief, depot=replace(brief.depot, stations=stations))


def test_a_station_that_takes_no_live_profiles_is_no_part_of_a_push(tmp_path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        there = site(without_live(small_site(), "S0")).come_up()
        office = open_office(mailbox, there, tmp_path)
        office.ask(RELEASE)

        office.work()

        assert office.results() == {"S1/1": "accepted"}
        assert office.state() == ("finished", "1 accepted")


def test_where_no_station_takes_live_profiles_a_push_is_refused_with_what_to_do(tmp_path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        there = site(without_live(small_site(), "S0", "S1", "S2"))
        office = open_office(mailbox, there, tmp_path)
        office.ask(RELEASE)

        office.work()

        assert office.state() == ("refused", NO_LIVE)
        assert "export" in NO_LIVE
