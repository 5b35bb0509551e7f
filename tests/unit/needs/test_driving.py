"""What a kilometre takes in cold, in heat and with a load."""

from dataclasses import replace

import pytest

from depotlib.errors import ModelError
from depotlib.model.brief import NeedPolicy
from depotlib.needs.driving import class_driving, temperature_factor
from depotlib.needs.energy import StartCharge, energy_before_duty
from tests.unit.needs.test_energy import VAN


def test_the_weathers_curve_goes_through_its_sources_points():
    # Geotab: 54 % of the rated range at -15 °C, all of it from 10 to 30 °C.
    assert temperature_factor(-15.0) == pytest.approx(1 / 0.54, abs=0.005)
    assert [temperature_factor(one) for one in (10.0, 20.0, 30.0)] == [1.0, 1.0, 1.0]
    # AAA: range down by 17 % at 35 °C, by 41 % at -7 °C: the curve is within a tenth of it there.
    assert temperature_factor(35.0) == pytest.approx(1 / 0.83, abs=0.005)
    assert temperature_factor(-6.7) == pytest.approx(1 / 0.59, rel=0.1)


def test_colder_weather_never_takes_less():
    factors = [temperature_factor(float(one)) for one in range(-30, 11)]

    assert factors == sorted(factors, reverse=True)


def test_cold_and_load_multiply_the_classs_figure_and_show_in_its_words():
    loaded = replace(VAN, loaded_factor=1.2)

    driving = class_driving(loaded, temperature_c=0.0, payload_share=0.5)

    # 0 °C: 1 + 0.85 x 10 / 25 = 1.34; half a load: 1 + 0.5 x 0.2 = 1.1.
    assert driving.consumption_kwh_per_km == pytest.approx(0.30 * 1.34 * 1.1)
    assert driving.how == "0.30 kWh/km x 1.34 at 0 °C x 1.10 for 50% of its load"


def test_a_class_cannot_taper_by_more_than_all():
    with pytest.raises(ModelError, match="taper"):
        replace(VAN, dc_taper_share=1.5)


def test_vehicle_14_line_by_line():
    need = energy_before_duty(
        distance_km=180.0, arrival_soc=0.32, vehicle_class=VAN, policy=NeedPolicy()
    )

    # Requirement 1: 54 + 6.8 - 21.76 = 39.04 in the pack, 43.38 at the wall.
    assert [(line.what, round(line.energy_kwh, 2)) for line in need.lines] == [
        ("next duty", 54.0),
        ("reserve", 6.8),
        ("in the battery", -21.76),
        ("into the battery", 39.04),
        ("lost on the way in", 4.34),
        ("at the wall", 43.38),
    ]
    assert need.lines[0].how == "180.0 km x 0.30 kWh/km"
    assert {line.source for line in need.lines if not line.is_total} == {
        "vehicle class van-68",
        "policy of the depot",
        "telematics",
    }


@pytest.mark.parametrize(("arrival_soc", "distance_km"), [(0.95, 50.0), (0.5, 900.0), (0.2, 60.0)])
def test_lines_always_sum_up(arrival_soc, distance_km):
    need = energy_before_duty(
        distance_km=distance_km, arrival_soc=arrival_soc, vehicle_class=VAN, policy=NeedPolicy()
    )

    parts_kwh = sum(line.energy_kwh for line in need.lines if not line.is_total)
    assert parts_kwh == pytest.approx(need.target_kwh)
    assert need.lines[-1].energy_kwh == pytest.approx(need.target_kwh)


def test_trap_14_the_vehicles_own_charge_limit_cuts_the_target_and_is_named():
    start = StartCharge(0.32, limit_soc=0.80)

    need = energy_before_duty(
        distance_km=180.0, arrival_soc=start, vehicle_class=VAN, policy=NeedPolicy()
    )

    # It asks for (54 + 6.8) / 68 = 89 %; up to 80 %: (0.80 - 0.32) x 68 / 0.90 = 36.27 kWh.
    assert need.target_kwh == pytest.approx(36.27, abs=0.005)
    assert need.missing == (
        "the vehicle stops charging at 80% by its own setting: the target of 89% is cut to that; "
        "it needs 84% to go, raise the limit in the vehicle",
    )


def test_a_charge_limit_above_the_target_changes_nothing():
    need = energy_before_duty(
        distance_km=60.0,
        arrival_soc=StartCharge(0.32, limit_soc=0.80),
        vehicle_class=VAN,
        policy=NeedPolicy(),
    )

    # 18 + 6.8 - 21.76 = 3.04 kWh, / 0.90.
    assert need.target_kwh == pytest.approx(3.04 / 0.90)
    assert need.missing == ()


def test_an_unsure_start_adds_to_the_uncertainty_of_the_need():
    sure, unsure = (
        energy_before_duty(
            distance_km=180.0, arrival_soc=start, vehicle_class=VAN, policy=NeedPolicy()
        )
        for start in (StartCharge(0.32), StartCharge(0.32, sigma_soc=0.1))
    )

    # 10 % of 68 kWh / 0.90 = 7.56 kWh, beside which a reading's resolution hardly counts.
    assert unsure.sigma_kwh == pytest.approx((7.556**2 + sure.sigma_kwh**2) ** 0.5, abs=0.001)
