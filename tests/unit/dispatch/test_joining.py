"""Session and stay are joined once, as soon as both are known."""

from dataclasses import replace
from datetime import timedelta

from depotlib.dispatch.joining import Joins
from depotlib.model.live import JournalEntry, JournalKind, JournalRecord
from tests.unit.dispatch.scenes import NOW
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING


def record(kind: JournalKind, vehicle_id: str | None, *, session: str = "s") -> JournalRecord:
    facts = {"session_id": session, "vehicle_id": vehicle_id}
    entry = JournalEntry(NOW, kind, station_id="AC-01", connector_id="AC-01/1", payload=facts)
    return JournalRecord(seq=1, entry=entry, hash="")


def told(joins: Joins, *records: JournalRecord, changes=()) -> list[JournalEntry]:
    joins.take(records)
    return joins.look(samples.brief(), changes=changes, now=NOW)


def test_a_session_is_told_with_its_vehicle_departure_and_need():
    stay = next(one for one in samples.brief().dwells if one.vehicle_id == "van-1")

    (entry,) = told(Joins(), record("session_started", "van-1"))

    facts = entry.payload
    assert (entry.kind, entry.at, entry.connector_id) == ("stay_joined", NOW, "AC-01/1")
    assert (facts["session_id"], facts["vehicle_id"]) == ("s", "van-1")
    assert facts["departure"] == stay.departure.isoformat()
    assert (facts["energy_must_kwh"], facts["energy_target_kwh"]) == (15.0, 30.0)


def test_what_the_fleet_has_changed_is_in_it():
    departure = EVENING + timedelta(hours=4)
    change = samples.change(departure=departure, energy_kwh=12.0)

    (entry,) = told(Joins(), record("session_started", "van-1"), changes=(change,))

    facts = entry.payload
    assert (facts["departure"], facts["energy_target_kwh"]) == (departure.isoformat(), 12.0)


def test_nobody_is_told_twice_not_even_after_a_restart():
    started = record("session_started", "van-1")
    joins = Joins()
    (entry,) = told(joins, started)

    written = JournalRecord(seq=2, entry=entry, hash="")
    assert told(joins, written) == []
    assert told(Joins(), started, written) == []


def test_what_could_not_be_written_is_told_again():
    joins = Joins()
    (lost,) = told(joins, record("session_started", "van-1"))

    assert told(joins) == [lost]


def test_who_is_known_later_is_told_then_and_who_turns_out_to_be_another_again():
    joins = Joins()

    assert told(joins, record("session_started", None)) == []
    (first,) = told(joins, record("identity_resolved", "van-1"))
    (second,) = told(joins, record("identity_resolved", "van-2"))

    assert [one.payload["vehicle_id"] for one in (first, second)] == ["van-1", "van-2"]


def test_a_session_that_is_over_is_not_told():
    started, ended = record("session_started", "van-1"), record("session_ended", "van-1")

    assert told(Joins(), started, ended) == []


def test_who_comes_before_the_stays_are_known_is_told_when_they_are():
    joins = Joins()
    joins.take([record("session_started", "van-1")])

    nobody = joins.look(replace(samples.brief(), dwells=()), changes=(), now=NOW)

    assert nobody == []
    assert len(joins.look(samples.brief(), changes=(), now=NOW)) == 1
