"""Sessions of nobody known: looked at again, assigned by a person, never left in silence."""

from dataclasses import replace

import pytest

from depotlib.gateway.messages import TransactionEnded
from depotlib.model.identity import BayAssignment, Resolution
from depotlib.model.news import VehicleReading
from tests.gateway_cases import SAFE_KW, T0, Site, at, night, site, small_site

BY_PERSON = Resolution("van-2", "person", 1.0)


def exceptions(there: Site) -> list[str]:
    return [str(one.payload["what"]) for one in there.journal if one.kind == "identity_exception"]


def session_of(there: Site, station_id: str):
    (session,) = there.control.stations[station_id].transactions.all_running()
    return session


def unknown_on(station_id: str) -> Site:
    there = site().come_up()
    there.plug_in(station_id, "NOBODY")
    there.wait(1)
    return there


def test_a_van_that_telematics_finds_later_gets_its_plan_and_the_journal_says_so():
    there = unknown_on("S1")
    there.control.apply_release(night({"S2/1": [20.0] * 16}))

    there.control.visitors.take_readings(
        [VehicleReading("van-2", at(60), 0.5, None, "test", is_plugged=True)]
    )
    for _ in range(8):
        there.wait(20)

    assert session_of(there, "S1").who.vehicle_id == "van-2"
    (resolved,) = [one for one in there.journal if one.kind == "identity_resolved"]
    assert (resolved.connector_id, resolved.payload["identity_source"]) == ("S1/1", "telematics")
    assert there.held_kw("S1/1") == pytest.approx(20.0, abs=0.069)


def test_a_person_says_whose_it_is_and_the_plan_goes_there():
    there = unknown_on("S1")
    there.control.apply_release(night({"S2/1": [20.0] * 16}))
    session_id = session_of(there, "S1").session_id

    there.carry_out(there.control.visitors.assign(session_id, BY_PERSON, now=there.now))
    for _ in range(8):
        there.wait(20)

    who = session_of(there, "S1").who
    assert (who.vehicle_id, who.source, who.confidence_share) == ("van-2", "person", 1.0)
    assert there.held_kw("S1/1") == pytest.approx(20.0, abs=0.069)
    assert there.held_kw("S2/1") == pytest.approx(SAFE_KW, abs=0.069)  # nothing stays behind


def test_a_session_that_was_taken_for_the_same_van_is_nobodys_then():
    bays = (BayAssignment("S0/1", "van-2", T0, at(86_400)),)
    there = site(replace(small_site(), bays=bays)).come_up()
    there.plug_in("S0", "")
    there.plug_in("S1", "")
    session_id = session_of(there, "S1").session_id

    there.carry_out(there.control.visitors.assign(session_id, BY_PERSON, now=there.now))

    assert session_of(there, "S0").who.vehicle_id is None
    assert session_of(there, "S1").who.vehicle_id == "van-2"
    assert "a person found elsewhere" in exceptions(there)[-1]


def test_vans_that_have_changed_places_are_put_right_by_what_dispatch_finds():
    bays = (
        BayAssignment("S0/1", "van-1", T0, at(86_400)),
        BayAssignment("S1/1", "van-2", T0, at(86_400)),
    )
    there = site(replace(small_site(), bays=bays)).come_up()
    there.plug_in("S0", "")
    there.plug_in("S1", "")
    there.control.apply_release(night({"S0/1": [15.0] * 16, "S1/1": [20.0] * 16}))
    for _ in range(4):
        there.wait(20)
    before = [session_of(there, name).who.vehicle_id for name in ("S0", "S1")]

    for station_id, vehicle_id in (("S0", "van-2"), ("S1", "van-1")):
        found = Resolution(vehicle_id, "charge", 0.97)
        session_id = session_of(there, station_id).session_id
        there.carry_out(there.control.visitors.assign(session_id, found, now=there.now))
        there.wait(20)

    after = [session_of(there, name).who for name in ("S0", "S1")]
    assert before == ["van-1", "van-2"]
    assert [who.vehicle_id for who in after] == ["van-2", "van-1"]
    assert {(who.source, who.confidence_share) for who in after} == {("charge", 0.97)}
    assert any("taken for van-1 by its bay, but by its charge" in one for one in exceptions(there))


def test_a_token_is_not_overruled_by_what_is_inferred():
    there = site().come_up()
    there.plug_in("S0", "TAG-1")
    there.plug_in("S1", "")
    sessions = [session_of(there, name) for name in ("S0", "S1")]
    assert sessions[0].who.source == "tag"
    known = sessions[0].who.vehicle_id or ""

    own = there.control.visitors.assign(
        sessions[0].session_id, Resolution("van-2", "position", 0.99), now=there.now
    )
    elsewhere = there.control.visitors.assign(
        sessions[1].session_id, Resolution(known, "position", 0.99), now=there.now
    )

    assert (own.commands, elsewhere.commands) == ([], [])
    assert sessions[0].who.vehicle_id == known
    assert sessions[1].who.vehicle_id != known


def test_a_session_that_is_over_is_left_to_its_history():
    there = unknown_on("S1")
    session = session_of(there, "S1")
    there.say("S1", TransactionEnded("e", session.transaction_id, 3.0, there.now, "Local"))

    effects = there.control.visitors.assign(session.session_id, BY_PERSON, now=there.now)

    assert (effects.journal, effects.commands) == ([], [])


def test_a_bay_that_telematics_contradicts_afterwards_is_listed_once():
    bays = (BayAssignment("S0/1", "van-2", T0, at(86_400)),)
    there = site(replace(small_site(), bays=bays)).come_up()
    there.plug_in("S0", "NOBODY")
    there.control.visitors.take_readings(
        [
            VehicleReading("van-2", at(300), 0.5, None, "test", is_plugged=False),
            VehicleReading("van-1", at(60), 0.5, None, "test", is_plugged=True),
        ]
    )
    for _ in range(5):
        there.wait(60)

    told = [what for what in exceptions(there) if "telematics says otherwise" in what]
    assert told == ["taken for van-2 by its bay, but telematics says otherwise; it may be van-1"]


def test_where_there_is_no_room_for_somebody_unknown_the_safe_limit_holds_and_is_listed():
    there = site(small_site(stations=2, service_kw=20.0, safe_kw=0.0)).come_up()
    there.control.apply_release(night({"S0/1": [20.0] * 16}))
    there.plug_in("S0", "TAG-0")
    there.pump()
    there.wait(60)
    there.plug_in("S1", "NOBODY")
    for _ in range(10):
        there.wait(10)

    assert there.held_kw("S1/1") == 0.0
    assert [what for what in exceptions(there) if what.startswith("no room")] == [
        "no room for the least power of somebody unknown: it keeps 0.0 kW"
    ]


def test_where_only_known_ones_may_charge_a_stranger_gets_the_safe_limit_and_no_more():
    there = site(small_site(unknown_policy="require_known")).come_up()
    there.control.apply_release(night({"S0/1": [20.0] * 16}))
    there.plug_in("S0", "NOBODY")
    for _ in range(10):
        there.wait(20)

    assert there.held_kw("S0/1") == pytest.approx(SAFE_KW, abs=0.069)
    assert len(exceptions(there)) == 1
