"""Energy before a duty: the field guide's Vehicle 14, and what cannot be."""

import pytest

from depotlib.model.brief import NeedPolicy
from depotlib.model.fleet import VehicleClass
from depotlib.needs.energy import energy_before_duty

VAN = VehicleClass(
    class_id="van-68",
    usable_kwh=68.0,
    consumption_kwh_per_km=0.30,
    wall_efficiency_share=0.90,
    ac_max_kw=11.0,
    dc_max_kw=115.0,
)


def test_vehicle_14_needs_43_4_kwh_at_the_wall():
    need = energy_before_duty(
        distance_km=180.0, arrival_soc=0.32, vehicle_class=VAN, policy=NeedPolicy()
    )

    # Requirement 1: 54 + 6.8 - 21.76 = 39.04 kWh in the pack, / 0.90 = 43.38 at the wall.
    assert need.target_kwh == pytest.approx(43.38, abs=0.005)
    # With the least reserve of 5 %: 54 + 3.4 - 21.76 = 35.64, / 0.90 = 39.60.
    assert need.must_kwh == pytest.approx(39.60, abs=0.005)
    assert "43.4 kWh at the wall" in need.arithmetic


def test_a_full_battery_needs_nothing():
    need = energy_before_duty(
        distance_km=50.0, arrival_soc=1.0, vehicle_class=VAN, policy=NeedPolicy()
    )

    assert (need.must_kwh, need.target_kwh) == (0.0, 0.0)


def test_no_need_exceeds_what_the_battery_can_take():
    need = energy_before_duty(
        distance_km=900.0, arrival_soc=0.5, vehicle_class=VAN, policy=NeedPolicy()
    )

    # Half of 68 kWh is free; / 0.90 at the wall.
    assert need.target_kwh == pytest.approx(34.0 / 0.90)
    assert need.must_kwh == need.target_kwh
