"""The shortest time to charge, against the battery of the model played forward."""

import math

import pytest

from depotlib.model.battery import soc_after, tapered_max_kw
from depotlib.needs.charge_time import least_charge_s

BATTERY = {"usable_kwh": 68.0, "max_kw": 50.0, "wall_efficiency_share": 0.9}


def played_s(start_soc: float, end_soc: float, taper_share: float) -> float:
    soc, time_s, step_s = start_soc, 0.0, 1.0
    while soc < end_soc:
        power_kw = tapered_max_kw(soc, max_kw=50.0, taper_share=taper_share)
        soc = soc_after(
            soc, power_kw=power_kw, duration_s=step_s, usable_kwh=68.0, efficiency_share=0.9
        )
        time_s += step_s
    return time_s


def test_without_a_taper_it_is_energy_over_power():
    # (0.9 - 0.4) x 68 kWh / (50 kW x 0.9) = 0.7556 h.
    assert least_charge_s(0.4, 0.9, **BATTERY) == pytest.approx(0.75556 * 3600, abs=0.1)


@pytest.mark.parametrize(
    ("start_soc", "end_soc", "taper_share"),
    [(0.2, 0.95, 0.8), (0.85, 0.99, 0.8), (0.1, 0.8, 0.5), (0.5, 1.0, 0.9)],
)
def test_with_a_taper_it_is_the_time_of_the_models_battery(start_soc, end_soc, taper_share):
    least_s = least_charge_s(start_soc, end_soc, taper_share=taper_share, **BATTERY)

    # Played second by second: within a second or a thousandth.
    assert least_s == pytest.approx(played_s(start_soc, end_soc, taper_share), rel=1e-3, abs=1.5)


def test_a_taper_to_nothing_never_fills_and_a_full_one_needs_no_time():
    assert least_charge_s(0.5, 1.0, taper_share=1.0, **BATTERY) == math.inf
    assert least_charge_s(0.9, 0.9, **BATTERY) == 0.0
    assert least_charge_s(0.1, 0.5, usable_kwh=68.0, max_kw=0.0, wall_efficiency_share=0.9) == (
        math.inf
    )
