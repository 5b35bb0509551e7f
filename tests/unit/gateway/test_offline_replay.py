"""Stations that were away tell what they did then: by its own time, its energy whole, marked late."""

from datetime import timedelta

import pytest

from depotlib.gateway.messages import (
    Connected,
    Disconnected,
    MeterReported,
    MeterSample,
    TransactionEnded,
    TransactionStarted,
)
from tests.gateway_cases import at, night, site, small_site

AWAY_S = 3 * 3600


def sample(there, ago_s, *, power_kw, register_kwh, number):
    one = MeterSample(there.now - timedelta(seconds=ago_s), power_kw, register_kwh)
    return MeterReported("m", 1, number, (one,))


def back_after_three_hours():
    """A van charges at 11 kW by a lease of one hour; its station loses the connection at once."""
    there = site(small_site(stations=1)).come_up()
    there.control.apply_release(night({"S0/1": [11.0] * 4}))
    number = there.plug_in("S0", "TAG-0")
    there.wait(70)
    there.say("S0", Disconnected())
    there.wait(AWAY_S)
    there.say("S0", Connected("1.6"))
    return there, number


def replay(there, number):
    """The hour of the lease, told now: a sample every quarter of an hour."""
    for quarter in range(1, 5):
        ago_s = AWAY_S - 900 * quarter
        told = sample(there, ago_s, power_kw=11.0, register_kwh=2.75 * quarter, number=number)
        there.say("S0", told)


def test_what_was_drawn_by_a_lease_that_is_over_is_no_disobedience():
    there, number = back_after_three_hours()

    replay(there, number)
    there.wait(5)

    assert [one for one in there.journal if one.kind == "disobedience"] == []
    assert there.control.ledger.trust["S0"].station_class == "A"


def test_what_is_drawn_above_the_limit_now_is_caught_though_history_was_told_before():
    there, number = back_after_three_hours()
    replay(there, number)

    for second in (60, 60):
        there.wait(second)
        there.say("S0", sample(there, 0, power_kw=11.0, register_kwh=11.5, number=number))

    assert [one.kind for one in there.journal].count("disobedience") == 1


def test_a_clock_that_is_behind_hides_a_disobedient_station_no_longer_than_it_is_behind():
    there, number = back_after_three_hours()

    for _ in range(6):
        there.wait(60)
        there.say("S0", sample(there, 180, power_kw=11.0, register_kwh=11.5, number=number))

    assert [one.kind for one in there.journal].count("disobedience") == 1


def test_a_night_told_afterwards_has_its_energy_and_is_marked_late():
    there, number = back_after_three_hours()

    replay(there, number)
    ended_at = there.now - timedelta(seconds=AWAY_S - 3700)
    there.say("S0", TransactionEnded("e", number, 11.02, ended_at, "EVDisconnected"))

    ended = [one for one in there.journal if one.kind == "session_ended"]
    assert [one.at for one in ended] == [ended_at]
    # Within 0.1 kWh of the station's own registers, 11.02 - 0 kWh.
    assert [one.payload["energy_kwh"] for one in ended] == [pytest.approx(11.02, abs=0.1)]
    late_s = [one.payload["late_s"] for one in there.journal if "late_s" in one.payload]
    assert late_s == [AWAY_S - 900 * quarter for quarter in range(1, 5)]


def test_a_start_told_afterwards_gets_no_limit_once_its_session_is_over():
    there, number = back_after_three_hours()
    ended_at = there.now - timedelta(seconds=3600)
    there.say("S0", TransactionEnded("e", number, 9.0, ended_at, "Local"))
    there.wait(30)
    before = len(there.sent)

    there.say("S0", TransactionStarted("s", 1, "TAG-0", 0.0, at(10)))
    again = there.answers[-1].transaction_id
    there.say("S0", TransactionEnded("e", again, 9.0, ended_at, "Local"))
    there.wait(60)

    sent = [call.profile for _, _, call in there.sent[before:]]
    assert [one for one in sent if one.transaction_id == again] == []
