"""What the other processes see of a station: its limits, its dialect, and what it said last."""

from depotlib.gateway.outlook import station_state
from tests.gateway_cases import SAFE_KW, T0, night, site, small_site


def test_a_station_that_never_came_says_so_and_keeps_its_safe_limit():
    there = site(small_site())

    state = station_state(there.control, "S0", now=T0)

    assert (state.ocpp_version, state.last_message, state.is_connected) == ("", "", False)
    (plug,) = state.connectors
    assert (plug.limit_kw, plug.safe_limit_kw, plug.lease_until) == (SAFE_KW, SAFE_KW, None)


def test_a_station_with_a_lease_says_until_when_and_how_it_is_spoken_to():
    there = site(small_site()).come_up()
    there.control.apply_release(night({"S0/1": [11.04] * 8}))
    there.plug_in("S0", "TAG-0")
    there.pump()

    state = station_state(there.control, "S0", now=there.now)

    (plug,) = state.connectors
    assert plug.lease_until is not None
    assert plug.limit_kw > plug.safe_limit_kw == SAFE_KW
    assert state.ocpp_version == "1.6"
    assert state.dialect.startswith("A, 3 phases, leases on level 1, in the transaction")
    assert state.last_message in {"replied", "transaction started"}
