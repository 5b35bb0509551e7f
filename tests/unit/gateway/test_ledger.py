from dataclasses import replace

import pytest

from depotlib.gateway.ledger import Ledger, Outlet, Timing
from depotlib.model.live import Lease
from depotlib.model.release import LimitStep
from tests.gateway_cases import T0, at

OUTLET = Outlet("S0/1", "S0", safe_kw=4.0, hardware_kw=22.0, node_ids=("site",))


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger([OUTLET], Timing(), started_at=T0)
    made.connected("S0", now=T0)
    made.trust["S0"].is_armed = True
    made.trust_changed("S0", now=T0)
    return made


def lease(
    seq: int, kw: float, *, epoch: int = 1, slot: str = "default", sent: float = 0.0
) -> Lease:
    return Lease(
        "S0", "S0/1", seq, epoch, (LimitStep(T0, kw),), at(3600), "sent", "r", at(sent), slot=slot
    )


def reserved_kw(ledger: Ledger, seconds: float) -> float:
    return ledger.reserved("S0/1").at(at(seconds).timestamp())


def test_an_unarmed_station_is_reckoned_at_its_hardware_maximum():
    ledger = Ledger([OUTLET], Timing(), started_at=T0)

    assert reserved_kw(ledger, 0) == 22.0


def test_a_lease_counts_from_its_record_on_and_until_clock_error_and_lag_after_its_end(ledger):
    ledger.record(lease(1, 10.0))

    # 3600 s + 10 s of clock error + 5 s of lag.
    assert [reserved_kw(ledger, t) for t in (0, 3614.9, 3615)] == [10.0, 10.0, 4.0]


def test_rejection_timeout_and_silence_free_nothing(ledger):
    for seq, state in enumerate(("rejected", "unknown", "sent"), 1):
        ledger.record(lease(seq, 10.0))
        if state != "sent":
            ledger.mark("S0/1", seq, state=state, now=at(1))

    assert ledger.release(at(600)) == []
    assert reserved_kw(ledger, 600) == 10.0


def test_a_later_acceptance_frees_the_earlier_lease_once_it_has_settled(ledger):
    ledger.record(lease(1, 10.0))
    ledger.mark("S0/1", 1, state="accepted", now=at(1))
    ledger.record(lease(2, 6.0, sent=10))
    ledger.mark("S0/1", 2, state="accepted", now=at(12))

    assert ledger.release(at(19.9)) == []  # accepted at 12, settled 8 s later
    assert [one.seq for one in ledger.release(at(20))] == [1]
    assert reserved_kw(ledger, 20) == 6.0


def test_a_lease_of_another_slot_is_not_freed(ledger):
    ledger.record(lease(1, 10.0))
    ledger.record(lease(2, 6.0, slot="tx-7"))
    ledger.mark("S0/1", 2, state="accepted", now=at(1))

    assert ledger.release(at(600)) == []


def test_a_transactions_lease_ends_with_it(ledger):
    ledger.record(lease(1, 10.0, slot="tx-7"))
    ledger.end_slot("S0/1", "tx-7", now=at(100))

    assert ledger.release(at(107)) == []
    assert len(ledger.release(at(108))) == 1


def test_an_unanswered_lease_of_a_closed_connection_outlives_acceptances_for_600_s(ledger):
    ledger.record(lease(1, 10.0))
    ledger.disconnected("S0", now=at(5))
    ledger.connected("S0", now=at(20))
    ledger.record(lease(2, 6.0, epoch=2, sent=21))
    ledger.mark("S0/1", 2, state="accepted", now=at(22))

    # A frame of the old connection may still arrive and overwrite the new limit.
    assert ledger.release(at(604)) == []
    assert ledger.pinned_slot("S0/1", now=at(604)) is None
    assert ledger.pinned_slot("S0/1", now=at(605)) == "default"  # closed at 5, + 600

    ledger.record(lease(3, 6.0, epoch=2, sent=605))
    ledger.mark("S0/1", 3, state="accepted", now=at(606))

    assert [one.seq for one in ledger.release(at(614))] == [1, 2]


def test_an_acceptance_of_an_earlier_connection_frees_nothing(ledger):
    ledger.record(lease(1, 10.0))
    ledger.mark("S0/1", 1, state="accepted", now=at(1))
    ledger.record(lease(2, 6.0))
    ledger.mark("S0/1", 2, state="accepted", now=at(2))
    ledger.disconnected("S0", now=at(3))
    ledger.connected("S0", now=at(4))

    assert ledger.release(at(500)) == []


def test_a_station_of_one_level_keeps_its_lease_until_a_later_one_is_accepted(ledger):
    ledger.trust["S0"].can_expire = False
    ledger.record(lease(1, 10.0))

    assert ledger.release(at(9000)) == []
    assert reserved_kw(ledger, 9000) == 10.0


@pytest.mark.parametrize("at_first", [True, False])
def test_what_was_sent_while_a_station_was_held_not_to_expire_lapses_with_a_later_one_only(
    ledger, at_first
):
    trust = ledger.trust["S0"]
    trust.can_expire = at_first
    ledger.record(lease(1, 10.0))
    ledger.mark("S0/1", 1, state="accepted", now=at(1))

    # Learned late: by a capability told after the lease, or by another firmware.
    trust.can_expire = not at_first
    ledger.trust_changed("S0", now=at(2))

    # The lease ends at 3600 s.
    assert ledger.release(at(7200)) == []
    assert reserved_kw(ledger, 7200) == 10.0
    ledger.record(lease(2, 5.0, sent=7200))
    ledger.mark("S0/1", 2, state="accepted", now=at(7201))
    assert 1 in {one.seq for one in ledger.release(at(7300))}


def test_a_restart_takes_unanswered_leases_over_as_unknown():
    ledger = Ledger([OUTLET], Timing(), started_at=at(100))
    ledger.trust["S0"].is_armed = True

    unknown = ledger.restore(
        [lease(1, 10.0), replace(lease(2, 6.0), state="accepted")], epochs={"S0": 1}
    )

    assert [one.seq for one in unknown] == [1]
    assert reserved_kw(ledger, 100) == 10.0
    assert ledger.connected("S0", now=at(101)) == 2
