"""OCPP 1.6J Core, named by certification case, asserted on frames of a raw client."""

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from depotlib.exchange.mailbox import open_mailbox
from tests.conformance.gateway_process import gateway, station

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def url(home):
    with gateway(home) as address:
        yield address


START = {"connectorId": 1, "idTag": "TAG-1", "meterStart": 0, "timestamp": "2026-11-20T20:00:00Z"}


def test_tc_001_cold_boot_is_accepted_with_time_and_interval(url):
    with station(url, "CP-1") as cp:
        answer = cp.boot()

    assert answer["status"] == "Accepted"
    assert answer["interval"] > 0
    assert answer["currentTime"].endswith("Z")


def test_tc_001_status_notifications_after_a_boot_are_answered_with_nothing(url):
    with station(url, "CP-1") as cp:
        cp.boot()
        for connector in (0, 1):
            status = {"connectorId": connector, "errorCode": "NoError", "status": "Available"}
            assert cp.ask("StatusNotification", status) == {}


def test_tc_003_a_session_is_plugged_in_metered_and_stopped(url, home):
    with station(url, "CP-1") as cp:
        cp.boot()
        started = cp.ask("StartTransaction", START | {"timestamp": "2026-11-20T20:03:00Z"})
        number = started["transactionId"]
        sampled = [
            {"value": "500"},
            {"value": "3.5", "measurand": "Power.Active.Import", "unit": "kW"},
        ]
        values = {"timestamp": "2026-11-20T20:09:00Z", "sampledValue": sampled}
        meter = {"connectorId": 1, "transactionId": number, "meterValue": [values]}
        assert cp.ask("MeterValues", meter) == {}
        stop = {"transactionId": number, "meterStop": 900, "timestamp": "2026-11-20T20:20:00Z"}
        assert cp.ask("StopTransaction", stop) == {}

    assert 0 < number < 2**31
    assert started["idTagInfo"]["status"] == "Accepted"
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        ended = [
            record.entry.payload
            for record in mailbox.journal(kinds=("session_ended",))
            if record.entry.payload["transaction_id"] == number
        ]
    assert [(one["vehicle_id"], one["energy_kwh"]) for one in ended] == [("van-1", 0.9)]


def test_tc_023_1_a_start_with_an_unknown_tag_still_gets_a_number(url):
    with station(url, "CP-1") as cp:
        answer = cp.ask("StartTransaction", START | {"idTag": "STRANGER", "meterStart": 7})

        stop = {
            "transactionId": answer["transactionId"],
            "meterStop": 8,
            "timestamp": "2026-11-20T20:00:10Z",
        }
        cp.ask("StopTransaction", stop)

    assert answer["transactionId"] > 0  # errata 3.54


def test_tc_037_1_a_start_that_is_repeated_gets_the_same_number(url):
    replayed = START | {"timestamp": "2026-11-20T18:00:00Z"}
    with station(url, "CP-1") as cp:
        first = cp.ask("StartTransaction", replayed, unique_id="a")
    with station(url, "CP-1") as cp:
        second = cp.ask("StartTransaction", replayed, unique_id="b")

    assert first == second


def test_tc_039_a_stop_without_a_known_number_is_answered(url):
    stop = {"transactionId": -1, "meterStop": 8, "timestamp": "2026-11-20T20:00:10Z"}
    with station(url, "CP-2") as cp:
        assert cp.ask("StopTransaction", stop) == {}


def test_tc_064_data_of_an_unknown_vendor_is_answered_so(url):
    with station(url, "CP-1") as cp:
        answer = cp.ask("DataTransfer", {"vendorId": "EXAMPLE", "data": "1,Preparing"})

    assert answer == {"status": "UnknownVendorId"}


def test_an_unknown_action_is_not_implemented(url):
    with station(url, "CP-1") as cp:
        assert cp.refused("Abracadabra", {}) == "NotImplemented"


def test_an_action_of_ours_is_not_supported(url):
    with station(url, "CP-1") as cp:
        assert cp.refused("Reset", {"type": "Hard"}) == "NotSupported"


def test_a_call_without_what_it_must_have_is_refused(url):
    with station(url, "CP-1") as cp:
        assert cp.refused("BootNotification", {}) == "OccurenceConstraintViolation"


def test_broken_frames_do_not_end_the_conversation(url):
    with station(url, "CP-1") as cp:
        for text in ("[" * 5000, "nonsense", '[2,"1",{},{}]', '[3,"never-asked",{}]'):
            cp.socket.send(text)

        assert cp.ask("Heartbeat", {})["currentTime"]


def test_twenty_broken_frames_close_the_connection_with_1008(url):
    with station(url, "CP-1") as cp:
        for _ in range(20):
            cp.socket.send("nonsense")
        with pytest.raises(ConnectionClosed) as closed:
            cp.hear(lambda: False)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


def test_tc_088_an_unknown_subprotocol_is_not_served(url):
    with pytest.raises(InvalidStatus) as refused, station(url, "CP-1", subprotocols=["ocpp9"]):
        pass

    assert refused.value.response.status_code == 400


def test_an_unknown_identity_gets_404(url):
    with pytest.raises(InvalidStatus) as refused, station(url, "CP-9"):
        pass

    assert refused.value.response.status_code == 404


def test_the_identity_is_the_last_segment_whatever_stands_before_it(url):
    with station(url.removesuffix("/ocpp"), "CP-1") as cp:
        assert cp.ask("Heartbeat", {})


def test_a_browser_is_refused(url):
    origin = {"Origin": "https://example.org"}
    with pytest.raises(InvalidStatus) as refused, station(url, "CP-1", additional_headers=origin):
        pass

    assert refused.value.response.status_code == 403


def test_the_newcomer_of_one_identity_wins(url):
    with station(url, "CP-2") as old, station(url, "CP-2") as new:
        assert new.ask("Heartbeat", {})
        with pytest.raises(ConnectionClosed) as closed:
            old.hear(lambda: False)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008
