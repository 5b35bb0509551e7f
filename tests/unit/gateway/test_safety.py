from dataclasses import replace

import pytest

from depotlib.errors import SafeLimitError
from depotlib.gateway.safety import Site, require_safe_limits, site_of
from depotlib.gateway.steps import line_of
from depotlib.model.depot import Circuit, Derating
from tests.gateway_cases import SAFE_KW, at, night, site, small_site


def test_safe_limits_that_break_the_service_are_refused_by_name():
    brief = small_site(service_kw=12.0)  # 3 x 6 A are 12.42 kW, and 13.66 kW at 253 V

    with pytest.raises(SafeLimitError, match=r"13\.7 kW") as refused:
        require_safe_limits(site_of(brief))

    # 1.66 kW at 253 V are 1.51 kW at 230 V: what is asked for is enough.
    assert "S0 by 1.6 kW" in refused.value.hint


def test_safe_limits_that_fit_at_nominal_voltage_only_are_refused():
    brief = small_site(service_kw=13.0)  # 12.42 kW, and 13.66 kW at 253 V

    with pytest.raises(SafeLimitError):
        require_safe_limits(site_of(brief))

    lower = replace(
        brief.depot,
        # By 0.61 kW, as the refusal says: (13.66 - 13) / 1.1.
        stations=(replace(brief.depot.stations[0], safe_limit_kw=3.53), *brief.depot.stations[1:]),
    )
    require_safe_limits(site_of(replace(brief, depot=lower)))


CUT = Derating(at(1000), at(2000), limit_kw=13.0)


def with_panel(cut: Derating) -> Site:
    """Three times 4.14 kW in amperes, 13.66 kW at 253 V, below a panel that gives less for a while."""
    panel = Circuit("panel", None, 60.0, deratings=(cut,))
    return site_of(small_site(circuits=(panel,), circuit_id="panel"))


def test_safe_limits_must_fit_what_a_circuit_gives_while_the_push_holds():
    derated = with_panel(CUT)

    with pytest.raises(SafeLimitError, match=r"13 kW are free from .*20:16:40") as refused:
        require_safe_limits(derated, now=at(0), until=at(1001))

    assert refused.value.where == "node panel"
    assert "S0 by 0.7 kW" in refused.value.hint  # (13.66 - 13) / 1.1 = 0.602
    require_safe_limits(derated, now=at(0), until=at(1000))
    require_safe_limits(derated, now=at(2000), until=at(9000))


def test_a_circuit_out_of_service_refuses_no_push_and_raises_nobody():
    off = replace(CUT, limit_kw=0.0)

    require_safe_limits(with_panel(off), now=at(0), until=at(9000))

    panel = Circuit("panel", None, 60.0, deratings=(off,))
    there = site(small_site(circuits=(panel,), circuit_id="panel")).come_up()
    room = there.control.room(at(1500))
    assert room.allowed("S0/1").at(at(1500).timestamp()) == pytest.approx(SAFE_KW)
    assert room.excess_kw() == {}


def test_a_station_that_gives_less_for_a_while_is_held_to_that():
    brief = small_site(service_kw=100.0)
    first = replace(brief.depot.stations[0], deratings=(replace(CUT, limit_kw=7.0),))
    depot = replace(brief.depot, stations=(first, *brief.depot.stations[1:]))
    there = site(replace(brief, depot=depot)).come_up()

    allowed = there.control.room(there.now).allowed("S0/1")

    # Its own 22.08 kW, or the 7 kW of the span, in whatever it takes its limits.
    seen = [allowed.at(at(t).timestamp()) for t in (999, 1000, 1999, 2000)]
    assert seen == pytest.approx([22.08, 7.0, 7.0, 22.08])


def test_a_breaker_takes_the_amperes_that_stations_are_told_at_any_voltage():
    panel = Circuit("panel", None, 13.0, is_in_amperes=True)

    require_safe_limits(site_of(small_site(circuits=(panel,), circuit_id="panel")))


def test_safe_limits_that_break_a_circuit_are_refused_by_its_name():
    brief = small_site(circuits=(Circuit("panel", None, 10.0),), circuit_id="panel")

    with pytest.raises(SafeLimitError) as refused:
        require_safe_limits(site_of(brief))

    assert refused.value.where == "node panel"


def test_the_base_load_counts_against_the_safe_limits():
    # 20 - 3 x 4.14 x 1.1 = 6.34
    require_safe_limits(site_of(small_site(service_kw=20.0, base_load_max_kw=6.3)))

    with pytest.raises(SafeLimitError):
        require_safe_limits(site_of(small_site(service_kw=20.0, base_load_max_kw=6.4)))


def test_stations_that_have_not_been_armed_hold_their_hardware_maximum():
    there = site()

    excess = there.control.room(there.now).excess_kw()

    # 32 A on three phases of 253 V.
    assert excess == {"site": pytest.approx(3 * 22.08 * 1.1 - 40.0)}


def test_armed_stations_hold_their_safe_limit():
    there = site().come_up()

    room = there.control.room(there.now)

    assert room.excess_kw() == {}
    assert room.reserved_now_kw() == {"site": pytest.approx(3 * SAFE_KW * 1.1)}


def test_one_connector_may_have_all_that_the_others_safe_limits_leave():
    there = site().come_up()

    allowed = there.control.room(there.now).allowed("S0/1")

    # 40 kW are 36.4 kW where the voltage is 10 % high; less 2 x 4.14.
    assert allowed.at(there.now.timestamp()) == pytest.approx(40.0 / 1.1 - 2 * SAFE_KW)


def test_a_breaker_is_filled_with_the_amperes_that_it_carries():
    panel = Circuit("panel", None, 30.0, is_in_amperes=True)
    there = site(small_site(service_kw=100.0, circuits=(panel,), circuit_id="panel")).come_up()

    allowed = there.control.room(there.now).allowed("S0/1")

    # 30 - 2 x 4.14, at whatever voltage.
    assert allowed.at(there.now.timestamp()) == pytest.approx(30.0 - 2 * SAFE_KW)


def test_who_held_watts_and_is_told_amperes_gets_no_more_than_these_may_carry():
    there = site(small_site(service_kw=13.7)).come_up()  # just what the safe limits reserve
    there.control.ledger.trust["S0"].safe_unit = "W"
    there.control.ledger.trust_changed("S0", now=there.now)

    allowed = there.control.room(there.now).allowed("S0/1")

    # 4.14 kW in watts, and what is left: 13.7 - 2 x 4.554 = 4.592 kW, are 4.175 kW in amperes.
    assert allowed.at(there.now.timestamp()) == pytest.approx(4.592 / 1.1)


def test_the_operating_limit_binds_setpoints_below_the_service():
    there = site(small_site(service_kw=60.0, operating_kw=30.0)).come_up()
    there.control.apply_release(night({"S0/1": [22.0] * 4, "S1/1": [8.0] * 4, "S2/1": [8.0] * 4}))
    there.pump()

    total_kw = sum(there.held_kw(f"S{n}/1") for n in range(3))

    assert total_kw <= 30.0


def test_a_lease_counts_in_the_room_from_its_own_instants_on():
    there = site().come_up()
    room = there.control.room(there.now)
    now_s = there.now.timestamp()

    room.put("S0/1", line_of([(0.0, 5.0), (now_s + 890, 22.0), (now_s + 1815, 5.0)]))

    # 40 / 1.1 - 4.14 - S0's 5 or 22: from the instant on at which it may rise, not the next grid.
    allowed = room.allowed("S1/1")
    assert [allowed.at(now_s + t) for t in (889, 890, 1814, 1815)] == pytest.approx(
        [27.224, 10.224, 10.224, 27.224], abs=1e-3
    )
