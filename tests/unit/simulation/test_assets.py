"""Storage and sun in a play: what they take and give, by rule and by plan, and what the bill says."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from depotlib.errors import ModelError
from depotlib.model.storage import Storage
from depotlib.simulation.outcome import figures_of
from depotlib.simulation.play import play_nights
from depotlib.simulation.play_grid import play_grid
from depotlib.simulation.scenario import Scenario, Sun
from depotlib.simulation.sun import actual_sun_kw, expected_sun_kw
from tests.simulation_cases import CHEAP, EVENING, TOU, played, plugs, scenario, stay

BOX = Storage("box", 40.0, 10.0, 10.0, efficiency_share=1.0, start_soc=0.5, least_end_soc=0.5)
"""Holds 20 of 40 kWh."""
NOON_SUN = Sun(peak_kw=20.0, first=EVENING, power_share=((0.0, 1.0, 0.0, 0.0),))
"""20 kW from 06:00 to 12:00, every day."""


def with_storage(one: Scenario, *storages: Storage, export_kw: float = 0.0) -> Scenario:
    grid = replace(one.depot.grid, export_limit_kw=export_kw)
    return replace(one, depot=replace(one.depot, storages=storages, grid=grid))


def test_a_plan_takes_the_peak_out_of_storage():
    # 40 kWh in eight hours: 5 kW from the grid, and 2.5 of them out of 20 kWh that come back later.
    one = scenario([stay("van", 16, 48, 40.0)], plugs(1), "hindsight", tariff=TOU)

    without, held = play_nights(one), play_nights(with_storage(one, BOX))

    assert without.peak_kw == pytest.approx(5.0, abs=1e-3)
    # All 20 kWh out during the stay of 8 hours, 20 kWh in over the other 16: flat at 40 / 24 h.
    assert held.peak_kw == pytest.approx(40 / 24, abs=1e-3)
    assert held.assets is not None
    assert held.assets.given_kwh == pytest.approx(8 * (5 - 40 / 24), abs=1e-2)
    assert held.assets.gained_kwh == pytest.approx(0.0, abs=1e-3)
    assert held.unmet_kwh == 0


def test_hindsight_as_played_is_its_bound_with_storage_too():
    worn = replace(BOX, wear_per_kwh=0.05, efficiency_share=0.9)
    one = scenario([stay("van", 16, 60, 60.0)], plugs(1), "hindsight", tariff=TOU)

    held = play_nights(with_storage(one, worn))

    assert held.assets is not None
    assert held.bound_amount == pytest.approx(float(held.bill) + held.assets.wear_amount, abs=0.03)


def test_wear_is_no_line_of_the_bill_and_what_storage_gave_times_its_price():
    worn = replace(BOX, wear_per_kwh=0.05)
    one = scenario([stay("van", 16, 48, 40.0)], plugs(1), "hindsight", tariff=TOU)

    row = figures_of(play_nights(with_storage(one, worn)))

    assert row["wear_amount"] == pytest.approx(0.05 * row["storage_given_kwh"])
    assert row["bill_and_wear"] == row["bill"] + row["wear_amount"]
    assert "wear_amount" not in figures_of(play_nights(one))


def test_without_a_plan_storage_keeps_the_sun_until_the_site_draws():
    # The sun gives 120 kWh in six hours to nobody: 20 kWh fit, the rest may not be fed back. The
    # van that comes at noon of the next evening takes them out again.
    stays = [stay("van", 96, 104, 15.0)]
    one = replace(scenario(stays, plugs(1), "fcfs", tariff=CHEAP), sun=NOON_SUN)

    setting = played(with_storage(one, BOX))

    assert setting.assets.stored_kwh == [pytest.approx(40.0 - 15.0)]
    used = setting.assets.use(setting.site_kw)
    assert used is not None
    assert (used.solar_kwh, used.spilled_kwh) == (pytest.approx(20.0), pytest.approx(100.0))
    assert float(setting.site_kw.max()) == pytest.approx(0.0)
    assert used.exported_kwh == 0


def test_what_may_be_fed_back_is_and_the_rest_is_spilled():
    one = replace(scenario([stay("van", 0, 8, 1.0)], plugs(1), "fcfs"), sun=NOON_SUN)

    setting = played(with_storage(one, export_kw=15.0))

    # 15 of 20 kW, for six hours.
    assert float(setting.site_kw.min()) == pytest.approx(-15.0)
    used = setting.assets.use(setting.site_kw)
    assert used is not None
    assert (used.exported_kwh, used.spilled_kwh) == (pytest.approx(90.0), pytest.approx(30.0))


def test_the_sun_makes_room_below_the_limit():
    stays = [stay(f"van-{n}", 72, 95, 50.0) for n in range(3)]
    one = scenario(stays, plugs(3, limit_kw=10.0), "fcfs")

    dark, bright = play_nights(one), play_nights(replace(one, sun=NOON_SUN))

    # From 06:00 on there are 30 kW for three plugs of 10 kW, not 10 kW.
    assert dark.charged_kwh == pytest.approx(10.0 * 23 / 4)
    assert bright.charged_kwh == pytest.approx(150.0)
    assert max(night.peak_kw for night in bright.nights) <= 10.0 + 1e-9


def test_a_circuit_stops_what_storage_may_take():
    stays = [stay("van", 0, 4, 8.0)]
    box = replace(BOX, start_soc=0.0, least_end_soc=1.0, max_charge_kw=50.0)
    one = with_storage(scenario(stays, plugs(1, limit_kw=9.0), "hindsight", tariff=CHEAP), box)

    setting = played(one)

    assert float(setting.site_kw.max()) <= 9.0 + 1e-6
    assert setting.assets.stored_kwh == [pytest.approx(40.0)]


@pytest.mark.parametrize("policy", ["blind", "replanned"])
def test_plans_of_one_noon_after_the_other_use_storage(policy: str):
    stays = [stay("van", 16, 48, 40.0)]
    one = scenario(stays, plugs(1), policy, tariff=TOU, days=2, target_months=1)

    without, held = play_nights(one), play_nights(with_storage(one, BOX))

    assert float(held.bill) < 0.75 * float(without.bill)
    assert held.unmet_kwh == pytest.approx(0.0, abs=1e-6)


def test_what_is_expected_of_a_day_is_the_mean_of_the_days_around_it():
    days = tuple((0.0, float(at % 3)) for at in range(9))
    one = replace(scenario([stay("van", 0, 8, 1.0)], plugs(1)), sun=Sun(2.0, EVENING, days))
    play = play_grid(one)

    actual, expected = actual_sun_kw(one.sun, play), expected_sun_kw(one.sun, play)

    # The grid begins at noon of the first day, whose second half gives nothing: 2 kW times 0.
    assert set(np.unique(actual)) == {0.0}
    # Four days to either side are all nine days: 2 kW times their mean of 1, in each second half.
    assert set(np.unique(expected)) == {0.0, 2.0}


def test_a_year_of_sun_serves_the_next_year():
    year = tuple((float(at),) for at in range(365))
    one = replace(
        scenario([stay("van", 0, 8, 1.0)], plugs(1)), sun=Sun(1.0, date(2025, 1, 1), year)
    )

    # 3 November is the 307th day of a year of 365, so the 306th from 0 on; 2026 is none of 366.
    assert actual_sun_kw(one.sun, play_grid(one))[0] == 306.0


@pytest.mark.parametrize(
    ("peak_kw", "days"), [(-1.0, ((1.0,),)), (1.0, ()), (1.0, ((1.0,), (1.0, 2.0))), (1.0, ((),))]
)
def test_a_sun_that_cannot_be_is_refused(peak_kw, days):
    with pytest.raises(ModelError, match="cannot be used"):
        Sun(peak_kw, EVENING, days)
