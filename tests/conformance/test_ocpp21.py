"""OCPP 2.1 on the wire: what it has beyond 2.0.1, and what nobody knows, answered all the same."""

import json

import pytest
from websockets.exceptions import ConnectionClosed

from depotlib.gateway.guard import MOST_BAD_FRAMES
from tests.conformance.cases import negative
from tests.conformance.gateway_process import gateway
from tests.conformance.ocpp201_frames import BOOT
from tests.conformance.one_level import OneLevel
from tests.conformance.roomy201 import ROOMY_SITE, own_station

pytestmark = pytest.mark.conformance

STREAM = {
    "id": 1,
    "pending": 0,
    "basetime": "2026-11-20T20:00:00Z",
    "data": [{"t": 0.0, "v": "1"}],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def url(home):
    with gateway(home, site=ROOMY_SITE) as address:
        yield address


@pytest.fixture
def own(url, home):
    with own_station(url, home, version="2.1") as one:
        yield one


def test_a_boot_is_accepted_in_2_1(own):
    answer = own.cp.ask("BootNotification", BOOT)

    assert answer["status"] == "Accepted"
    assert own.cp.socket.subprotocol == "ocpp2.1"


def test_a_lease_also_ends_by_the_stations_own_stopwatch(own):
    own.arm()
    own.push()
    own.cp.hear(lambda: bool(own.leases()))
    lease, fallback = own.leases()[0], own.profiles()[0]

    # The push is valid for two hours; a schedule begins up to a minute before now.
    assert 7100 <= lease["maxOfflineDuration"] <= 7260
    assert "maxOfflineDuration" not in fallback  # the safe limit never lapses


def test_where_a_lease_cannot_lapse_no_stopwatch_takes_the_safe_limit_with_it(own):
    one_level = OneLevel()
    own.arm(answer=one_level)
    own.cp.hear(one_level.is_by_evse, answer=one_level)
    own.push()
    own.cp.hear(lambda: one_level.limits(evse=1)[:1] == [21.7], answer=one_level)

    # 2.1 part 2, K01: without another profile below, one that lapses is no limit at all.
    assert all("maxOfflineDuration" not in one for one in own.profiles())
    assert one_level.was_never_unlimited


@negative
def test_what_is_sent_one_way_is_never_answered(own):
    own.cp.socket.send(json.dumps([6, "s-1", "NotifyPeriodicEventStream", STREAM]))
    own.cp.socket.send(json.dumps([5, "r-1", "FormatViolation", "cannot be read", {}]))

    assert "currentTime" in own.cp.ask("Heartbeat", {})
    assert own.cp.errors == []
    assert own.cp.answers == {}


@negative
def test_what_is_sent_one_way_in_no_shape_is_never_answered_either(own):
    for text in ('[6,"s-1","X"]', '[6,"s-1",["X"],{}]', '[5,"r-1"]', '[7,"s-1",{}]'):
        own.cp.socket.send(text)

    assert "currentTime" in own.cp.ask("Heartbeat", {})
    assert own.cp.errors == []


@negative
@pytest.mark.parametrize(
    "action", ["VatNumberValidation", "OpenPeriodicEventStream", "Abracadabra"]
)
def test_what_nobody_here_knows_is_not_implemented_and_not_left_without_an_answer(own, action):
    assert own.cp.refused(action, {"anything": 1}) == "NotImplemented"


@negative
@pytest.mark.parametrize(
    "action", ["UpdateDynamicSchedule", "SetDERControl", "UsePriorityCharging"]
)
def test_what_is_ours_to_ask_in_2_1_is_not_supported(own, action):
    assert own.cp.refused(action, {}) == "NotSupported"


@negative
def test_nothing_of_ours_is_dynamic_so_there_is_nothing_to_pull(own):
    answer = own.cp.ask("PullDynamicScheduleUpdate", {"chargingProfileId": 11})

    assert answer == {"status": "Rejected"}


@negative
def test_a_notice_of_2_1_is_held_to_its_own_schema(own):
    assert own.cp.ask("NotifyPriorityCharging", {"transactionId": "a", "activated": True}) == {}
    refused = own.cp.refused("NotifyPriorityCharging", {"transactionId": "a"})

    assert refused == "OccurrenceConstraintViolation"


@negative
def test_in_2_0_1_nothing_is_said_one_way_and_who_goes_on_is_shown_out(url, home):
    with own_station(url, home) as older:
        for _ in range(MOST_BAD_FRAMES):
            older.cp.socket.send(json.dumps([6, "s-1", "NotifyPeriodicEventStream", STREAM]))
        with pytest.raises(ConnectionClosed) as closed:
            older.cp.hear(lambda: False)

    assert closed.value.rcvd.code == 1008


def test_in_2_1_as_many_are_no_offence(own):
    for _ in range(MOST_BAD_FRAMES + 1):
        own.cp.socket.send(json.dumps([6, "s-1", "NotifyPeriodicEventStream", STREAM]))

    assert "currentTime" in own.cp.ask("Heartbeat", {})
