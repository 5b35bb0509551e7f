from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from depotlib.errors import SafeLimitError
from depotlib.gateway.bounds import SiteBounds
from depotlib.gateway.outlet import Outlet
from depotlib.gateway.safety import phase_id, require_safe_limits, site_of
from depotlib.gateway.steps import constant, line_of
from depotlib.model.brief import Brief
from depotlib.model.depot import ChargingStation, Circuit, Connector, Derating, Evse
from tests.gateway_cases import SAFE_KW, Site, at, night, site, small_site

PHASE = phase_id("site", 1)


def with_phases(phase_limit_kw: float, *, wiring: tuple[int, ...] = (1, 2, 3)) -> Brief:
    brief = small_site(service_kw=100.0)
    grid = replace(brief.depot.grid, phase_limit_kw=phase_limit_kw)
    stations = tuple(replace(one, wiring=wiring) for one in brief.depot.stations)
    return replace(brief, depot=replace(brief.depot, grid=grid, stations=stations))


def allowed_kw(there: Site, name: str = "S0/1") -> float:
    return there.control.room(there.now).allowed(name).at(there.now.timestamp())


def test_amperes_count_on_each_phase_alike():
    there = site(with_phases(10.0)).come_up()

    # 10 - 2 x 1.38 kW of the others' 6 A are left on each phase: three times that in all.
    assert allowed_kw(there) == pytest.approx(3 * (10.0 - 2 * 1.38))


def test_watts_may_all_lie_on_one_phase_up_to_the_most_a_phase_can_carry():
    there = site(with_phases(14.0)).come_up()
    there.control.ledger.trust["S0"].unit = "W"

    # 14 - 2 x 1.38 = 11.24 kW are more than the 7.36 kW (32 A) one phase of it carries: unbound
    # by the phase, so the site's 100 - 2 x 4.14 x 1.1 (the others' amperes, at high voltage) is left.
    assert allowed_kw(there) == pytest.approx(100.0 - 2 * SAFE_KW * 1.1)

    there = site(with_phases(9.0)).come_up()
    there.control.ledger.trust["S0"].unit = "W"

    # 9 - 2 x 1.38 = 6.24 kW are not; and where the voltage is 10 % low, watts take more amperes.
    assert allowed_kw(there) == pytest.approx((9.0 - 2 * 1.38) * 0.9)


def test_a_lease_in_watts_is_reserved_on_every_phase_it_may_take():
    there = site(with_phases(20.0)).come_up()
    there.control.ledger.trust["S0"].unit = "W"
    room = there.control.room(there.now)
    before_kw = room.reserved_now_kw()[PHASE]

    room.put("S0/1", constant(6.0))

    # 6 kW at 90 % of the nominal voltage instead of the 1.38 kW of its 6 A.
    assert room.reserved_now_kw()[PHASE] - before_kw == pytest.approx(6.0 / 0.9 - 1.38)


def test_a_single_phase_station_loads_its_own_phase_only():
    brief = with_phases(10.0, wiring=(2,))
    stations = tuple(
        replace(one, phases=1, max_kw=7.36, safe_limit_kw=1.38) for one in brief.depot.stations
    )
    there = site(replace(brief, depot=replace(brief.depot, stations=stations))).come_up()

    reserved = there.control.room(there.now).reserved_now_kw()

    assert reserved[phase_id("site", 1)] == 0.0
    assert reserved[phase_id("site", 2)] == pytest.approx(3 * 1.38)


def test_direct_current_loads_all_phases_alike_whatever_its_unit():
    outlet = Outlet("D/1", "D", 0.0, 60.0, (), phase_share=1 / 3, phase_kw=20.0, is_even=True)

    # A third of 30 kW, at 90 % of the nominal voltage; amperes on DC are not those of the mains.
    for unit in ("W", "A"):
        load_kw = outlet.load_kw(np.array([30.0]), unit=unit, measure="phase")
        assert load_kw[0] == pytest.approx(30.0 / 3 / 0.9)


def test_an_unarmed_station_holds_the_hardware_of_each_phase():
    there = site(with_phases(30.0))

    # 32 A on each of three stations: 3 x 7.36 kW.
    assert there.control.room(there.now).reserved_now_kw()[PHASE] == pytest.approx(3 * 7.36)


def test_safe_limits_that_break_a_phase_are_refused_by_its_name():
    require_safe_limits(site_of(with_phases(4.2)))  # 3 x 1.38 = 4.14

    with pytest.raises(SafeLimitError) as refused:
        require_safe_limits(site_of(with_phases(4.1)))

    assert refused.value.where == f"node {PHASE}"


def test_two_guns_of_one_cabinet_never_get_more_than_it_has():
    brief = small_site(stations=1, service_kw=200.0)
    guns = tuple(Evse(n, (Connector(f"D/{n}", n, 60.0),)) for n in (1, 2))
    cabinet = ChargingStation("D", None, "dc", "DC", 60.0, 0.0, guns, phases=3)
    depot = replace(brief.depot, stations=(cabinet,))
    there = site(replace(brief, depot=depot)).come_up()
    room = there.control.room(there.now)

    room.put("D/1", constant(45.0))

    assert room.allowed("D/2").at(there.now.timestamp()) == pytest.approx(15.0)


def test_a_circuit_that_gives_less_for_a_while_is_held_to_that():
    cut = Derating(at(1000), at(2000), limit_kw=15.0)
    panel = Circuit("panel", None, 30.0, deratings=(cut,))
    there = site(small_site(circuits=(panel,), circuit_id="panel")).come_up()
    allowed = there.control.room(there.now).allowed("S0/1")

    # (30 or 15) / 1.1 less 2 x 4.14.
    seen = [allowed.at(at(t).timestamp()) for t in (999, 1000, 1999, 2000)]
    assert seen == pytest.approx([18.993, 5.356, 5.356, 18.993], abs=1e-3)


def test_a_measured_base_load_leaves_more_room_now_and_none_more_later():
    there = site(small_site(base_load_max_kw=20.0)).come_up()
    now_s = there.now.timestamp()
    base = line_of([(now_s, 5.0), (now_s + 100, 12.0), (now_s + 200, 20.0)])
    expected = constant(40.0)

    there.control.limits.take_bounds(SiteBounds(base, expected), now=there.now)

    allowed = there.control.room(there.now).allowed("S0/1")
    # (40 - base) / 1.1 - 2 x 4.14
    seen = [allowed.at(now_s + t) for t in (0, 100, 200)]
    assert seen == pytest.approx([23.538, 17.175, 9.902], abs=1e-3)


def test_relief_lowers_everybody_to_the_safe_limit_in_one_wave():
    there = site(small_site(service_kw=70.0)).come_up()
    there.control.apply_release(night({f"S{n}/1": [20.0] * 4 for n in range(3)}))
    there.pump()
    for _ in range(6):
        there.wait(30)
    assert [there.held_kw(f"S{n}/1") for n in range(3)] == pytest.approx([20.0] * 3, abs=0.5)

    there.control.limits.take_bounds(SiteBounds(is_relieved=True), now=there.now)
    told = there.pump()

    assert sorted(told) == ["S0", "S1", "S2"]
    assert [there.held_kw(f"S{n}/1") <= SAFE_KW for n in range(3)] == [True] * 3


def test_a_fall_of_the_operating_limit_is_acted_on_at_the_next_pump():
    there = site(small_site(service_kw=70.0)).come_up()
    there.control.apply_release(night({f"S{n}/1": [20.0] * 4 for n in range(3)}))
    there.pump()
    for _ in range(6):
        there.wait(30)

    there.control.limits.take_bounds(SiteBounds(operating=constant(30.0)), now=there.now)
    there.pump()

    assert sum(there.held_kw(f"S{n}/1") for n in range(3)) <= 30.0


def test_what_a_session_got_before_its_plan_does_not_make_the_plan_wait():
    there = site().come_up()
    there.plug_in("S0", "TAG-0")
    there.pump()

    there.control.apply_release(night({"S0/1": [20.0] * 4}))
    there.wait(10)

    # A second raise within five minutes: the first was for nobody's plan.
    assert there.held_kw("S0/1") > 15.0


SAFE_BETWEEN_KW = 4.2
"""6.09 A for each phase: told in tenths, 6.0 A, a vehicle has 4.14 kW of it."""


@pytest.mark.parametrize(
    ("is_there", "now_kw", "least_kw"),
    [(True, SAFE_BETWEEN_KW, SAFE_BETWEEN_KW), (True, 0.0, 0.0), (False, SAFE_BETWEEN_KW, 0.0)],
    ids=["charging", "paused", "not there"],
)
def test_the_operating_limit_never_takes_the_safe_limit_from_who_has_it(is_there, now_kw, least_kw):
    brief = small_site(service_kw=70.0, operating_kw=20.0)
    stations = tuple(replace(one, safe_limit_kw=SAFE_BETWEEN_KW) for one in brief.depot.stations)
    there = site(replace(brief, depot=replace(brief.depot, stations=stations))).come_up()
    if is_there:
        there.plug_in("S0", "TAG-0")
    there.control.apply_release(night({"S0/1": [now_kw, 0.0, 0.0, 0.0]}))
    there.wait(10)
    there.wait(60)
    room = there.control.room(there.now)
    later = there.now + timedelta(seconds=1200)  # its own plan gives it nothing then

    # What others' steps are guarded with fills the operating limit; the hard one has room.
    room.put("S1/1", constant(20.0))

    assert room.allowed("S0/1").at(later.timestamp()) == pytest.approx(least_kw)
    room.put("S0/1", constant(least_kw))
    assert room.excess_kw() == {}
