"""Who may connect by VDV 463, and what the handshake says to those who may not."""

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from depotlib.exchange.api_keys import revoke_key
from tests.unit.api.vdv463.conftest import PATIENCE_S, PROTOCOL, key, listed, request, system
from tests.unit.exchange.samples import TOKEN


def status_of(address: str, **options) -> int:
    with pytest.raises(InvalidStatus) as caught:
        connect(address, subprotocols=[PROTOCOL], open_timeout=PATIENCE_S, **options)
    return caught.value.response.status_code


def test_the_sub_protocol_is_agreed_on_also_under_a_name(address):
    for one in (address, f"{address}/BMS400"):
        with connect(
            one, subprotocols=["v9.463.vdv.de", PROTOCOL], open_timeout=PATIENCE_S
        ) as made:
            assert made.subprotocol == PROTOCOL


def test_who_speaks_another_protocol_is_let_in_and_put_out(address):
    with connect(address, open_timeout=PATIENCE_S) as connection:
        with pytest.raises(ConnectionClosed):
            connection.recv(timeout=PATIENCE_S)

        assert connection.subprotocol is None
        assert connection.close_code == 1002


def test_a_depot_with_keys_asks_for_one_and_takes_it_as_the_password(address, path):
    secret = key(path, "bms", "fleet:write", "stations:read")

    no_key = status_of(address)
    wrong = status_of(address, additional_headers={"Authorization": "Basic Ym1zOndyb25n"})
    garbled = status_of(address, additional_headers={"Authorization": "Basic %%%"})
    with system(address, secret=secret) as bms:
        answer = bms.boot()

    assert (no_key, wrong, garbled) == (401, 401, 401)
    assert (answer[0], answer[6]) == (2, {"status": "Accepted"})


def test_scopes_decide_what_a_system_may(address, path):
    reads = key(path, "board", "stations:read")
    writes = key(path, "planner", "fleet:write")
    other = key(path, "grid", "limits:write")

    with system(address, secret=reads) as board:
        refused = board.ask("ProvideChargingRequests", listed(request()))
        board.boot()
        told = board.next_told()
    with system(address, secret=writes) as planner:
        taken = planner.ask("ProvideChargingRequests", listed(request()))
        planner.boot()

    assert (refused[0], "fleet:write" in refused[6]["errorMessage"]) == (3, True)
    assert told["depotInfoList"][0]["depotId"] == "north"
    assert (taken[0], planner.told) == (2, [])
    assert status_of(address, additional_headers={"Authorization": f"Bearer {other}"}) == 403


def test_a_key_that_is_revoked_writes_no_more_over_the_connection_it_opened(address, path, mailbox):
    secret = key(path, "bms", "fleet:write", "stations:read")

    with system(address, secret=secret) as bms:
        bms.boot()
        revoke_key(path.with_name("operator.token"), "bms")
        with pytest.raises(ConnectionClosed) as caught:
            bms.ask("ProvideChargingRequests", listed(request()))

    assert caught.value.rcvd.code == 1008
    assert mailbox.departures() == ()


def test_the_first_key_ends_the_connection_of_who_came_without_one(address, path):
    with system(address) as bms:
        bms.boot()
        key(path, "other", "stations:read")
        with pytest.raises(ConnectionClosed) as caught:
            bms.until(lambda _got: False)

    assert caught.value.rcvd.code == 1008


def test_an_operators_token_opens_it_too(address, path):
    path.with_name("operator.token").write_text(TOKEN + "\n")
    key(path, "bms", "stations:read")

    with system(address, secret=TOKEN) as bms:
        answer = bms.ask("ProvideChargingRequests", listed(request()))

    assert answer[0] == 2


def test_a_web_page_and_a_foreign_name_are_refused(address):
    assert status_of(address, origin="https://page.example") == 403
    assert status_of(address, additional_headers={"Host": "depot.example"}) in {400, 421}
