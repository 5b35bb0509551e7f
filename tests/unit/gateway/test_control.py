"""The whole of control, ledger and pump, with stations that answer as they are told."""

from dataclasses import replace

import pytest

from depotlib.gateway.calls import ClearProfiles
from depotlib.gateway.control import Heritage
from depotlib.gateway.messages import (
    Call,
    Connected,
    Disconnected,
    InstallProfile,
    MeterReported,
    MeterSample,
    StatusReported,
    TransactionEnded,
)
from tests.gateway_cases import MAX_KW, SAFE_KW, T0, at, night, site, small_site

KINDS = {"station_maximum": "cap", "default": "default", "transaction": "tx"}


def kinds(there, since=0):
    return [KINDS[call.profile.purpose] for _, _, call in there.sent[since:]]


def test_the_safe_limit_goes_out_before_anything_else():
    there = site().come_up()

    first = there.sent[0][2].profile

    assert (first.purpose, first.stack_level, first.connector) == ("default", 0, 0)
    assert first.periods[0].limit == 6.0  # A: 4.14 kW / (3 x 230 V)
    assert first.valid_to is None


def test_a_station_that_says_nothing_is_adopted_and_armed_within_five_seconds():
    there = site()
    there.say("S0", Connected("1.6"))

    there.wait(2.9)
    assert there.sent == []

    # The gateway looks at its clock every second: 4 s at the latest, and then its answer.
    there.wait(1.1)
    assert there.sent[0][1] == "S0"
    assert there.control.ledger.trust["S0"].is_armed


def test_a_release_reaches_every_connector_and_nobody_gets_more_than_planned():
    there = site(small_site(service_kw=41.0)).come_up()  # 37 kW in amperes are 40.7 kW at 253 V
    there.control.apply_release(night({"S0/1": [20.0] * 4, "S1/1": [12.0] * 4, "S2/1": [5.0] * 4}))

    assert sorted(there.pump()) == ["S0", "S1", "S2"]

    held = [there.held_kw(f"S{n}/1") for n in range(3)]
    assert all(kw <= asked for kw, asked in zip(held, [20.0, 12.0, 5.0], strict=True))
    # Amperes are cut to tenths: 0.1 A x 3 x 230 V = 0.069 kW at the most.
    assert held == pytest.approx([20.0, 12.0, 5.0], abs=0.069)


def test_a_raise_waits_until_the_reduction_that_makes_room_has_settled():
    there = site().come_up()
    there.control.apply_release(night({"S0/1": [22.0] * 8, "S1/1": [5.0] * 8}))
    there.pump()
    there.wait(400)

    there.control.apply_release(night({"S0/1": [5.0] * 8, "S1/1": [22.0] * 8}, release_id="r2"))

    assert there.pump() == ["S0"]
    assert there.wait(7.9) == []  # accepted at once; settled after 8 s
    assert there.wait(0.2) == ["S1"]
    assert there.held_kw("S1/1") == pytest.approx(22.0, abs=0.069)


def test_a_raise_gets_no_room_from_a_reduction_nobody_answered():
    there = site().come_up()
    there.control.apply_release(night({"S0/1": [22.0] * 8, "S1/1": [5.0] * 8}))
    there.pump()
    there.wait(400)
    there.says = lambda station, _: "timeout" if station == "S0" else "Accepted"
    there.control.apply_release(night({"S0/1": [5.0] * 8, "S1/1": [22.0] * 8}, release_id="r2"))

    for _ in range(30):
        there.wait(20)

    # S0 may still draw 22: 40 - 22 - 4.14 are left for S1.
    assert there.held_kw("S1/1") <= 40.0 - 21.9 - SAFE_KW


def test_a_plan_that_fills_a_circuit_at_nominal_voltage_is_held_back_and_the_journal_says_so():
    there = site(small_site(stations=2, service_kw=40.0)).come_up()
    there.control.apply_release(night({"S0/1": [20.0] * 8, "S1/1": [20.0] * 8}))
    for station_id, token in (("S0", "TAG-0"), ("S1", "TAG-1")):
        there.plug_in(station_id, token)
    there.pump()
    for _ in range(20):
        there.wait(30)

    # 40 kW at 253 V are 36.4 kW at 230 V: one has its 20 kW, in tenths of amperes, and one the rest.
    held_kw = sorted(there.held_kw(f"S{n}/1") for n in range(2))
    assert held_kw == pytest.approx([36.36 - 19.94, 19.94], abs=0.1)
    told = [one.payload["held_back"] for one in there.journal if "held_back" in one.payload]
    assert told[-1] == "16.4 of 20.0 kW for now: the rest waits for room"


def test_a_lease_that_gives_a_part_of_the_plan_says_so_with_each_of_its_proofs():
    there = site().come_up()
    there.control.apply_release(night({"S0/1": [22.0] * 8, "S1/1": [5.0] * 8}))
    there.plug_in("S0", "TAG-0")
    there.pump()
    there.wait(400)
    there.says = lambda station, _: "timeout" if station == "S0" else "Accepted"
    there.control.apply_release(night({"S0/1": [5.0] * 8, "S1/1": [22.0] * 8}, release_id="r2"))
    for _ in range(30):
        there.wait(20)

    sample = MeterSample(there.now, power_kw=5.0)
    there.plug_in("S1", "TAG-1")
    effects = there.control.handle("S1", MeterReported("m", 1, None, (sample,)), now=there.now)

    # 40 / 1.1 - 21.94 (31.8 A) - 4.14 kW are left while nobody knows whether S0 has followed.
    (news,) = effects.news
    assert news.what == "metered"
    assert news.note == "10.3 of 22.0 kW for now: the rest waits for room"


def test_limits_swap_at_a_quarter_hour_without_overlap():
    there = site().come_up()
    there.control.apply_release(night({"S0/1": [22.0, 5.0], "S1/1": [5.0, 22.0]}))
    there.pump()

    lowered = there.control.held("S0/1", there.now).steps[-1].start
    raised = there.control.held("S1/1", there.now).steps[-1].start

    # 10 s of clock error on each side, and 5 s for the vehicle to follow.
    assert (raised - lowered).total_seconds() >= 25.0
    assert there.control.room(there.now).excess_kw() == {}


def test_a_vehicle_takes_its_setpoint_along_to_another_connector():
    there = site().come_up()
    there.control.apply_release(night({"S0/1": [20.0] * 8}))
    there.pump()
    there.wait(60)

    there.plug_in("S2", "TAG-0")
    there.pump()
    for _ in range(6):
        there.wait(20)

    assert there.held_kw("S0/1") == pytest.approx(SAFE_KW, abs=0.069)
    assert there.held_kw("S2/1") == pytest.approx(20.0, abs=0.069)


def test_a_session_gets_its_limit_inside_its_transaction_at_once():
    there = site().come_up()
    there.control.apply_release(night({"S0/1": [20.0] * 8}))
    there.pump()
    since = len(there.sent)

    number = there.plug_in("S0", "TAG-0")
    there.pump()

    assert kinds(there, since) == ["tx"]
    assert there.sent[-1][2].profile.transaction_id == number


def test_somebody_unknown_gets_the_least_power_and_is_listed():
    there = site(small_site(safe_kw=0.0)).come_up()

    there.plug_in("S1", "NOBODY")
    there.pump()

    assert there.held_kw("S1/1") == pytest.approx(SAFE_KW, abs=0.001)  # 6 A on three phases
    listed = [entry for entry in there.journal if entry.kind == "identity_exception"]
    assert len(listed) == 1
    assert (listed[0].at - T0).total_seconds() <= 5.0


def test_a_lease_is_recorded_in_the_same_breath_as_its_command():
    there = site().come_up()
    there.control.apply_release(night({"S0/1": [20.0] * 8}))

    effects = there.control.pump(there.now)

    sent = [call for _, call in effects.commands if isinstance(call, InstallProfile)]
    assert [f"lease {lease.seq} {lease.connector_id}" for lease in effects.leases] == [
        call.reference for call in sent
    ]
    assert [entry.kind for entry in effects.journal] == ["limit_sent"]


def test_nothing_is_sent_and_nothing_freed_while_the_mailbox_cannot_be_written():
    there = site().come_up()
    there.control.limits.is_suspended = True
    there.control.apply_release(night({"S0/1": [20.0] * 8}))

    assert there.pump() == []

    there.control.limits.is_suspended = False
    assert there.pump() == ["S0"]


def test_a_new_connection_says_once_more_what_is_in_force():
    there = site().come_up()
    there.control.apply_release(night({"S0/1": [20.0] * 8}))
    there.pump()
    there.say("S0", Disconnected())
    there.wait(60)

    there.say("S0", Connected("1.6"))

    assert there.pump() == ["S0"]
    assert there.leases["S0/1", 2].epoch == 2


def test_a_station_that_boots_is_reckoned_at_its_maximum_until_it_is_armed_again():
    there = site().come_up()
    there.says = lambda _station, _call: "silence"

    there.come_up()

    reserved = there.control.ledger.reserved("S0/1")
    assert reserved.at(there.now.timestamp()) == MAX_KW


def test_a_station_caught_twice_above_its_limit_is_not_trusted_and_the_others_give_way():
    there = site(small_site(service_kw=48.0)).come_up()
    there.control.apply_release(night({"S0/1": [5.0] * 8, "S1/1": [22.0] * 8, "S2/1": [18.0] * 8}))
    there.pump()
    there.plug_in("S0", "TAG-0")
    there.pump()
    for second in (60, 120):
        there.now = at(second)
        sample = MeterSample(there.now, power_kw=20.0, register_kwh=1.0)
        there.say("S0", MeterReported("m", 1, None, (sample,)))

    assert [entry.kind for entry in there.journal].count("disobedience") == 1

    there.wait(31)  # the others give way after 30 s
    there.wait(10)
    # 48 - 22.08 are left for the other two.
    assert there.held_kw("S1/1") + there.held_kw("S2/1") <= 48.0 - MAX_KW


@pytest.mark.parametrize("connector", [1, 0, 9])
def test_a_meter_that_leaves_its_connector_out_or_errs_hides_no_disobedience(connector):
    there = site(small_site(service_kw=48.0)).come_up()
    number = there.plug_in("S0", "TAG-0")
    there.pump()
    for second in (60, 120):
        there.now = at(second)
        sample = MeterSample(there.now, power_kw=20.0, register_kwh=1.0)
        there.say("S0", MeterReported("m", connector, number, (sample,)))

    assert [entry.kind for entry in there.journal].count("disobedience") == 1


def test_a_meter_sample_from_before_the_limit_fell_proves_nothing():
    there = site().come_up()
    there.plug_in("S0", "TAG-0")
    for second in (1, 2):
        sample = MeterSample(at(second - 100), power_kw=20.0)
        there.say("S0", MeterReported("m", 1, None, (sample,)))

    assert "disobedience" not in {entry.kind for entry in there.journal}


def test_a_station_that_keeps_refusing_transaction_profiles_gets_defaults():
    there = site().come_up()
    there.says = lambda _station, call: (
        "Rejected"
        if isinstance(call, InstallProfile) and call.profile.purpose == "transaction"
        else "Accepted"
    )
    there.control.apply_release(night({"S0/1": [20.0] * 8}))
    there.plug_in("S0", "TAG-0")
    for _ in range(20):
        there.wait(30)

    assert there.control.stations["S0"].arming.dialect.uses_transaction_profile is False
    assert there.held_kw("S0/1") == pytest.approx(20.0, abs=0.069)


def test_a_station_that_takes_watts_only_is_found_out_and_its_old_limit_no_longer_rules():
    there = site().come_up()
    calls: list[Call] = []
    refused: set[str] = set()

    def says(_station: str, call: Call) -> str:
        calls.append(call)
        is_refused = isinstance(call, InstallProfile) and call.profile.unit in refused
        return "Rejected" if is_refused else "Accepted"

    there.says = says
    there.control.apply_release(night({"S0/1": [20.0] * 8}))
    there.plug_in("S0", "TAG-0")
    for _ in range(4):
        there.wait(30)
    given_by_session = there.held_kw("S0/1")
    # From here on it takes no amperes: after an update of its firmware, say.
    refused.add("A")
    there.control.apply_release(night({"S0/1": [10.0] * 8}, release_id="lower"))
    for _ in range(40):
        there.wait(30)

    dialect = there.control.stations["S0"].arming.dialect
    assert given_by_session == pytest.approx(20.0, abs=0.069)
    assert (dialect.unit, dialect.lease_level) == ("W", 1)
    assert ClearProfiles("setting", connector=1, purpose="transaction") in calls


def test_after_a_restart_old_leases_count_and_sessions_go_on():
    first = site().come_up()
    first.control.apply_release(night({"S0/1": [20.0] * 8}))
    number = first.plug_in("S0", "TAG-0")
    first.pump()
    left = Heritage(
        leases=tuple(first.leases.values()),
        seqs={"S0/1": 1},
        armed={"S0", "S1", "S2"},
        transactions={
            "S0": [replace(one) for one in first.control.stations["S0"].transactions.all_running()]
        },
    )

    second = site(heritage=left, now=at(30))

    assert second.control.ledger.reserved("S0/1").at(at(30).timestamp()) == pytest.approx(
        20.0, abs=0.069
    )
    second.say("S0", Connected("1.6"))
    second.say("S0", TransactionEnded("e", number, 3.0, at(40), "Local"))
    ended = [entry for entry in second.journal if entry.kind == "session_ended"]
    assert [entry.payload["energy_kwh"] for entry in ended] == [3.0]


def test_the_status_of_a_connector_is_noted_once_per_change():
    there = site().come_up()
    for _ in range(2):
        there.say("S0", StatusReported("c", 1, "Preparing", "NoError", T0))

    assert [entry.kind for entry in there.journal].count("status") == 1
