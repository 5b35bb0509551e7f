"""A station that draws more than it may: caught, told, stopped, shut, and a person called."""

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.gateway.book import Book, heritage_of
from depotlib.gateway.effects import Effects
from depotlib.gateway.messages import (
    AskFor,
    Disconnected,
    InstallProfile,
    MeterReported,
    MeterSample,
    SetAvailability,
    StopRemotely,
    TransactionEnded,
)
from depotlib.model.depot import Circuit
from depotlib.model.live import JournalEntry
from tests.gateway_cases import MAX_KW, Site, at, night, site, small_site

PLANNED_KW, DRAWN_KW = 5.0, 20.0


class Watched(Site):
    """A site that keeps every command it was told to send, in order."""

    def __init__(self, there: Site) -> None:
        super().__init__(there.control, now=there.now)
        self.told: list[tuple[str, object]] = []

    def carry_out(self, effects: Effects) -> None:
        self.told += effects.commands
        super().carry_out(effects)

    def measure(self, power_kw: float, *, station_id: str = "S0") -> None:
        sample = MeterSample(self.now, power_kw=power_kw)
        self.say(station_id, MeterReported("m", 1, None, (sample,)))

    def rungs(self) -> list[str]:
        return [
            str(entry.payload["rung"])
            for entry in self.journal
            if entry.kind == "disobedience_step"
        ]

    def commands(self, kind: type) -> list[object]:
        return [one for station_id, one in self.told if station_id == "S0" and type(one) is kind]


def charging(circuits: tuple[Circuit, ...] = ()) -> Watched:
    """Return a site where S0 may draw 5 kW and the others 22 and 18, an hour after they began."""
    circuit_id = circuits[0].circuit_id if circuits else None
    brief = small_site(service_kw=48.0, circuits=circuits, circuit_id=circuit_id)
    there = Watched(site(brief).come_up())
    limits_kw = {"S0/1": [PLANNED_KW] * 16, "S1/1": [22.0] * 16, "S2/1": [18.0] * 16}
    there.control.apply_release(night(limits_kw))
    there.plug_in("S0", "TAG-0")
    there.pump()
    there.wait(60)
    return there


def caught(circuits: tuple[Circuit, ...] = ()) -> Watched:
    there = charging(circuits)
    there.measure(DRAWN_KW)
    there.wait(6)
    there.measure(DRAWN_KW)
    return there


def test_a_first_sample_above_the_limit_asks_for_a_second_one_at_once():
    there = charging()
    there.measure(DRAWN_KW)

    there.wait(5.9)
    assert there.commands(AskFor) == []

    there.wait(0.1)
    (asked,) = there.commands(AskFor)
    assert (asked.message, asked.connector) == ("MeterValues", 1)
    assert there.rungs() == []


def test_the_same_sample_said_twice_is_one_sample():
    there = charging()
    there.measure(DRAWN_KW)
    there.measure(DRAWN_KW)

    assert there.rungs() == []


def test_two_samples_above_the_limit_take_its_permission_away_before_anything_else():
    there = caught()

    assert there.rungs() == ["zero"]
    last = [one for one in there.commands(InstallProfile) if one.reference.startswith("lease")][-1]
    assert {period.limit for period in last.profile.periods} == {0.0}
    assert last.profile.purpose == "transaction"
    lease = there.control.ledger.latest("S0/1", "tx-101")
    assert lease is not None
    assert [step.limit_kw for step in lease.steps] == [0.0]  # recorded like every other (I2)


def test_it_is_reckoned_at_its_maximum_from_that_instant_and_the_others_give_way_in_a_minute():
    there = caught()

    assert there.control.ledger.reserved("S0/1").at(there.now.timestamp()) == MAX_KW
    caught_at = there.now
    there.pump()
    there.wait(10)
    # 48 - 22.08 are left for the other two, whatever S0 does.
    assert there.held_kw("S1/1") + there.held_kw("S2/1") <= 48.0 - MAX_KW
    assert (there.now - caught_at).total_seconds() <= 60.0


def test_who_draws_more_than_its_hardware_is_reckoned_a_tenth_above_what_was_measured():
    there = charging()
    for _ in range(2):
        there.wait(6)
        there.measure(30.0)

    assert there.control.ledger.reserved("S0/1").at(there.now.timestamp()) == pytest.approx(33.0)


def test_one_that_obeys_the_zero_is_contained_and_nothing_more_is_done():
    there = caught()
    there.wait(9)
    there.measure(0.0)
    there.wait(1)
    for _ in range(20):
        there.wait(10)

    assert there.rungs() == ["zero", "contained"]
    assert there.commands(StopRemotely) == there.commands(SetAvailability) == []
    assert there.control.ledger.trust["S0"].station_class == "C"


def test_one_that_goes_on_is_stopped_then_shut_and_then_a_person_is_told_the_breaker():
    there = caught((Circuit("hall-2", None, 60.0),))
    began = there.now
    for _ in range(6):
        there.wait(10)
        there.measure(DRAWN_KW)

    assert there.rungs() == ["zero", "stop", "inoperative", "person"]
    (stop,), (closed,) = there.commands(StopRemotely), there.commands(SetAvailability)
    assert (stop.transaction_id, closed.connector, closed.is_operative) == (101, 1, False)
    person = [one for one in there.journal if one.kind == "disobedience_step"][-1]
    assert person.payload["breaker"] == "the breaker of station S0 on circuit hall-2"
    assert (person.at - began).total_seconds() <= 60.0


def test_one_whose_meter_falls_silent_is_not_believed():
    there = caught()
    for _ in range(6):
        there.wait(10)

    assert there.rungs() == ["zero", "stop", "inoperative", "person"]


def test_a_session_that_the_stop_has_ended_is_the_end_of_the_ladder():
    there = caught()
    there.wait(10)
    there.measure(DRAWN_KW)
    there.wait(5)
    there.say("S0", TransactionEnded("e", 101, 3.0, there.now, "Remote"))
    for _ in range(6):
        there.wait(10)

    assert there.rungs() == ["zero", "stop", "contained"]


def test_one_that_was_quiet_and_draws_again_is_told_again():
    there = caught()
    there.wait(9)
    there.measure(0.0)
    there.wait(1)
    there.wait(60)
    there.measure(DRAWN_KW)
    there.wait(1)

    assert there.rungs() == ["zero", "contained", "zero"]


def test_one_that_breaks_its_connection_ends_with_a_person():
    there = caught()
    there.say("S0", Disconnected())
    for _ in range(7):
        there.wait(10)

    assert there.rungs() == ["zero", "person"]


def test_an_operator_ends_the_distrust_and_the_plan_goes_on():
    there = caught()
    there.wait(9)
    there.measure(0.0)
    there.wait(1)

    there.carry_out(there.control.trust_again("S0", now=there.now))
    for _ in range(6):
        there.wait(120)

    assert there.control.ledger.trust["S0"].station_class == "A"
    assert there.held_kw("S0/1") == pytest.approx(PLANNED_KW, abs=0.069)
    assert there.control.ladder.caught == {}


def test_a_restart_forgets_neither_who_was_caught_nor_what_was_measured(tmp_path):
    there = caught()
    brief = there.control.brief
    with open_mailbox(tmp_path / "m") as mailbox:
        generation = mailbox.claim_generation(there.now)
        book = Book(mailbox, generation)
        caught_now = list(there.control.ladder.caught.values())
        assert book.write(Effects(distrusts=caught_now))

        second = Watched(site(brief, heritage=heritage_of(mailbox, brief), now=at(500)))

        trust = second.control.ledger.trust["S0"]
        assert (trust.station_class, trust.measured_kw) == ("C", {"S0/1": DRAWN_KW})
        assert second.control.ledger.reserved("S0/1").at(at(500).timestamp()) == MAX_KW
        second.come_up()
        assert trust.station_class == "C", "arming does not make it honest"

        assert book.write(second.control.trust_again("S0", now=second.now))
        assert heritage_of(mailbox, brief).distrusts == ()


def test_distrust_is_written_in_the_same_transaction_as_its_note(tmp_path):
    there = caught()
    one = there.control.ladder.caught["S0/1"]
    note = JournalEntry(there.now, "disobedience", "S0", "S0/1", {"power_kw": DRAWN_KW})
    with open_mailbox(tmp_path / "m") as mailbox:
        book = Book(mailbox, mailbox.claim_generation(there.now))

        assert book.write(Effects(journal=[note], distrusts=[one]))

        assert mailbox.distrusts() == (one,)
        assert [record.entry.kind for record in mailbox.journal()] == ["disobedience"]
