"""What is a message of VDV 463 and what is none; no socket is needed for that."""

import pytest

from depotlib.api.vdv463.envelope import Envelope, read_envelope
from depotlib.api.vdv463.requests import BootNotification, ChargingRequests, read_payload
from tests.unit.api.vdv463.conftest import listed, request
from tests.unit.exchange.samples import EVENING

ID = "00000000-0000-4000-8000-000000000001"
PLACES = '"BMS","bms-1","2026-11-02T18:00:00Z"'


def test_a_message_is_read_and_written_as_the_same():
    text = f'[1, {PLACES}, "{ID}", "BootNotification", {{"presystem": "BMS"}}]'

    message = read_envelope(text)

    assert isinstance(message, Envelope)
    assert (message.at, message.payload) == (EVENING, {"presystem": "BMS"})
    assert read_envelope(message.text()) == message


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "{}",
        "[]",
        "[" * 100_000,
        f'[1,{PLACES},"not-a-uuid","BootNotification",{{}}]',
        f'[4,{PLACES},"{ID}","BootNotification",{{}}]',
        f'["1",{PLACES},"{ID}","BootNotification",{{}}]',
        f'[1,"BMS","bms-1","2026-11-02T18:00:00","{ID}","BootNotification",{{}}]',
        f'[1,"BMS","","2026-11-02T18:00:00Z","{ID}","BootNotification",{{}}]',
        f'[1,{PLACES},"{ID}","Reset",{{}}]',
        f'[1,{PLACES},"{ID}","BootNotification",[]]',
        f'[1,{PLACES},"{ID}","BootNotification",{{}},8]',
    ],
)
def test_what_is_no_message_says_why(text: str):
    why = read_envelope(text)

    assert isinstance(why, str)
    assert why.startswith("no VDV 463 message")


@pytest.mark.parametrize(
    ("payload", "where"),
    [
        ({}, "chargingRequestList"),
        ({"chargingRequestList": [], "more": 1}, "more"),
        (listed({"vehicleId": "van-1", "chargingRequestId": "r1"}), "chargingRequestData"),
        (listed(request(least=-1.0)), "minTargetSoc"),
        (listed(request(most=101.0)), "maxTargetSoc"),
        (listed(request(most=float("nan"))), "maxTargetSoc"),
        (listed(request(priority="high")), "priority"),
        (listed(request(wish="blue")), "wish"),
        (listed(request("")), "vehicleId"),
        (listed(*[request()] * 1001), "chargingRequestList"),
        (listed(request(automaticPreconditioning={})), "preconditioningRequest"),
    ],
)
def test_a_wrong_list_of_requests_says_where(payload: dict, where: str):
    why = read_payload(payload, ChargingRequests)

    assert isinstance(why, str)
    assert where in why


def test_only_the_two_kinds_of_system_boot():
    assert isinstance(read_payload({"presystem": "ITCS"}, BootNotification), BootNotification)
    assert "presystem" in str(read_payload({"presystem": "TMS"}, BootNotification))
