"""What the other processes see of a station: its limits, its dialect, and what it said last."""

from dataclasses import replace

import pytest

from depotlib.gateway.messages import MeterReported, MeterSample
from depotlib.gateway.outlook import node_reserves, station_state
from depotlib.model.depot import Circuit
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


@pytest.mark.parametrize(("power_kw", "above_kw"), [(12.5, 2.0), (10.7, 0.0)])
def test_the_first_sample_above_what_a_connector_may_draw_is_shown(power_kw, above_kw):
    # Direct current has no voltage to allow for: 10.5 kW may be 2 % and 200 W more by its meter.
    brief = small_site()
    direct = tuple(replace(one, current_type="DC", voltage_v=400.0) for one in brief.depot.stations)
    there = site(replace(brief, depot=replace(brief.depot, stations=direct))).come_up()
    there.control.apply_release(night({"S0/1": [10.5] * 8}))
    there.plug_in("S0", "TAG-0")
    there.pump()
    there.wait(60)
    there.say("S0", MeterReported("m", 1, None, (MeterSample(there.now, power_kw=power_kw),)))

    (plug,) = station_state(there.control, "S0", now=there.now).connectors

    assert plug.limit_kw == 10.5
    assert plug.above_kw == pytest.approx(above_kw)


PANEL = Circuit("panel", None, 60.0)
PHASED = Circuit("feeder", None, 60.0, phase_limit_kw=16.0)


@pytest.mark.parametrize("circuits", [(), (PANEL,), (PHASED,)], ids=["none", "panel", "phases"])
def test_every_node_shows_what_is_held_and_what_is_drawn_below_it(circuits):
    circuit_id = circuits[0].circuit_id if circuits else None
    there = site(small_site(circuits=circuits, circuit_id=circuit_id)).come_up()
    there.plug_in("S0", "TAG-0")
    there.pump()
    there.say("S0", MeterReported("m", 1, None, (MeterSample(there.now, power_kw=3.0),)))

    nodes = {one.node_id: one for one in node_reserves(there.control, now=there.now)}

    # Three phases carry a third each of what a vehicle draws; a whole circuit carries it all.
    phases = [node.node_id for node in there.control.site.nodes if node.phase]
    assert len(phases) == (3 if circuits == (PHASED,) else 0)
    assert {name: node.power_kw for name, node in nodes.items()} == pytest.approx(
        {name: 1.0 if name in phases else 3.0 for name in nodes}
    )
    assert set(nodes) == {"site", *(one.circuit_id for one in circuits), *phases}
    # Two hold their safe limit, and the third no less.
    assert all(node.reserved_kw >= 3 * SAFE_KW / 3 for node in nodes.values())
    assert nodes["site"].reserved_kw >= 3 * SAFE_KW


def test_nobody_charging_draws_nothing_on_any_node():
    there = site(small_site(circuits=(PHASED,), circuit_id="feeder")).come_up()

    nodes = node_reserves(there.control, now=there.now)

    assert {one.power_kw for one in nodes} == {0.0}


def test_a_node_shows_its_limit_margin_and_the_largest_base_load_where_no_meter_is():
    there = site(small_site(base_load_max_kw=5.0)).come_up()

    (node,) = node_reserves(there.control, now=there.now)

    assert (node.limit_kw, node.base_load_kw, node.at) == (40.0, 5.0, there.now)
