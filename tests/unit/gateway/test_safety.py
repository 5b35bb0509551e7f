import pytest

from depotlib.errors import SafeLimitError
from depotlib.gateway.safety import require_safe_limits, site_of
from depotlib.gateway.steps import line_of
from depotlib.model.depot import Circuit
from tests.gateway_cases import SAFE_KW, night, site, small_site


def test_safe_limits_that_break_the_service_are_refused_by_name():
    brief = small_site(service_kw=12.0)  # 3 x 4.14 = 12.42 kW

    with pytest.raises(SafeLimitError, match=r"12\.4 kW") as refused:
        require_safe_limits(site_of(brief))

    assert "S0 by 0.4 kW" in refused.value.hint


def test_safe_limits_that_break_a_circuit_are_refused_by_its_name():
    brief = small_site(circuits=(Circuit("panel", None, 10.0),), circuit_id="panel")

    with pytest.raises(SafeLimitError) as refused:
        require_safe_limits(site_of(brief))

    assert refused.value.where == "node panel"


def test_the_base_load_counts_against_the_safe_limits():
    require_safe_limits(site_of(small_site(service_kw=20.0, base_load_max_kw=7.5)))

    with pytest.raises(SafeLimitError):
        require_safe_limits(site_of(small_site(service_kw=20.0, base_load_max_kw=7.6)))


def test_stations_that_have_not_been_armed_hold_their_hardware_maximum():
    there = site()

    excess = there.control.room(there.now).excess_kw()

    assert excess == {"site": pytest.approx(3 * 22.08 - 40.0)}


def test_armed_stations_hold_their_safe_limit():
    there = site().come_up()

    room = there.control.room(there.now)

    assert room.excess_kw() == {}
    assert room.reserved_now_kw() == {"site": pytest.approx(3 * SAFE_KW)}


def test_one_connector_may_have_all_that_the_others_safe_limits_leave():
    there = site().come_up()

    allowed = there.control.room(there.now).allowed("S0/1")

    # 40 - 2 x 4.14
    assert allowed.at(there.now.timestamp()) == pytest.approx(40.0 - 2 * SAFE_KW)


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

    # 40 - 4.14 - S0's 5 or 22: from the instant on at which S0 may rise, not from the next grid.
    allowed = room.allowed("S1/1")
    assert [allowed.at(now_s + t) for t in (889, 890, 1814, 1815)] == pytest.approx(
        [30.86, 13.86, 13.86, 30.86]
    )
