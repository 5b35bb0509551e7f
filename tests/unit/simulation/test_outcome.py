"""What comes of a play: readiness, bill, use, what is missing and why."""

import pickle
from dataclasses import replace
from decimal import Decimal

import pytest

from depotlib.model.dwell import DwellBattery
from depotlib.simulation.outcome import ScenarioOutcome, figures_of
from depotlib.simulation.play import play_nights
from depotlib.simulation.scenario import CarbonSeries, Chances, Scenario
from tests.simulation_cases import TOU, fleet, plugs, scenario, stay


def unmet(outcome: ScenarioOutcome) -> dict[str, float]:
    """What is missing by cause, without causes that took nothing."""
    return {part.cause: part.energy_kwh for part in outcome.unmet if part.energy_kwh}


def test_equal_scenarios_have_equal_outcomes_and_both_can_be_pickled():
    one = scenario(
        fleet(2, 5), plugs(4), chances=Chances(late_share=0.5, energy_sigma_share=0.2), days=3
    )

    outcome = play_nights(one)

    sent: Scenario = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own bytes
    assert pickle.loads(pickle.dumps(outcome)) == play_nights(sent)  # noqa: S301 - our own bytes


def test_the_bill_is_that_of_the_tariff_by_line():
    # 10 kW from 16:00 to 17:00 and nothing else: 10 kWh by day and a peak of 10 kW.
    outcome = play_nights(scenario([stay("van", 16, 70, 10.0)], plugs(1), tariff=TOU))

    amounts = {line.family: line.amount for line in outcome.bill_lines if line.amount}
    assert amounts == {"energy": Decimal("3.00"), "demand": Decimal("150.00")}
    assert outcome.bill == Decimal("153.00")
    assert outcome.peak_kw == 10.0
    assert outcome.charged_kwh == outcome.energy_kwh == 10.0


def test_the_base_load_is_on_the_bill_and_takes_room_from_charging():
    # 6 kW from midnight to noon, 2 kW from noon on: charging has 8 kW of 10 at 16:00.
    one = scenario([stay("van", 16, 70, 10.0)], plugs(1, limit_kw=10.0), base_load_kw=(6.0, 2.0))

    outcome = play_nights(one)

    assert outcome.peak_kw == 10.0
    # Twelve hours of each.
    assert outcome.energy_kwh == pytest.approx(10.0 + 12 * 6.0 + 12 * 2.0)


def test_readiness_counts_nights_vehicles_and_the_least_that_any_got():
    # Two vans of 20 kWh, two hours, one plug of 10 kW: the second gets nothing.
    stays = [stay("first", 16, 24, 20.0), stay("second", 17, 24, 20.0)]

    outcome = play_nights(scenario(stays, plugs(1), days=2))

    ready = outcome.readiness
    assert (ready.mean_share, ready.p50_share, ready.p95_share) == (0.5, 0.5, 0.5)
    assert (ready.worst_vehicle_id, ready.worst_vehicle_share) == ("second", 0.0)
    assert ready.least_met_share == 0.0
    assert [(night.stays, night.ready) for night in outcome.nights] == [(2, 1), (2, 1)]


def test_readiness_of_95_nights_in_100_is_that_of_the_worst_of_few_nights():
    chances = Chances(late_share=0.5, late_least_s=7200, late_most_s=7200)

    outcome = play_nights(
        scenario([stay("van", 16, 24, 20.0)], plugs(1), chances=chances, days=8, seed=1)
    )

    shares = sorted(night.ready_share for night in outcome.nights)
    assert {0.0, 1.0} == set(shares)
    assert outcome.readiness.p95_share == shares[0]
    assert outcome.readiness.p50_share == shares[4]


def test_what_a_stay_could_never_hold_is_the_stays():
    # Two hours at 10 kW for 30 kWh.
    outcome = play_nights(scenario([stay("van", 16, 24, 30.0)], plugs(1)))

    assert unmet(outcome) == {"stay": 10.0}


def test_what_the_wait_for_a_plug_took_is_the_plugs():
    stays = [stay("first", 16, 24, 20.0), stay("second", 16.5, 24, 10.0)]

    assert unmet(play_nights(scenario(stays, plugs(1)))) == {"plug": 10.0}


def test_what_a_limit_took_is_the_limits():
    # Two hours of 10 kW for two vans that need 15 kWh each.
    stays = [stay("first", 16, 24, 15.0), stay("second", 16.5, 24, 15.0)]

    outcome = play_nights(scenario(stays, plugs(2, limit_kw=10.0)))

    # The second comes a quarter late: 7 quarters at 10 kW hold its energy.
    assert unmet(outcome) == {"limit": pytest.approx(10.0)}


def test_what_a_dead_station_took_is_the_faults():
    always = Chances(outage_share=1.0, outage_least_s=86_400, outage_most_s=86_400)
    # The only station fails before 23 hours at full power are over.
    one = scenario([stay("van", 1, 95, 230.0)], plugs(1), chances=always, seed=4)

    outcome = play_nights(one)

    assert unmet(outcome).keys() == {"fault"}


def test_what_is_missing_is_the_sum_of_its_causes_whatever_happens():
    everything = Chances(
        late_share=0.5, energy_sigma_share=0.5, outage_share=0.3, no_show_share=0.1
    )
    for policy in ("fcfs", "llf", "equal", "price_greedy"):
        one = scenario(
            fleet(3, 9), plugs(4, limit_kw=25.0), policy, chances=everything, days=4, tariff=TOU
        )

        outcome = play_nights(one)

        assert outcome.unmet_kwh > 0
        assert sum(unmet(outcome).values()) == pytest.approx(outcome.unmet_kwh)
        wished_kwh = outcome.charged_kwh + outcome.unmet_kwh
        assert sum(one.energy_kwh for one in outcome.nights) == pytest.approx(outcome.charged_kwh)
        assert wished_kwh > outcome.charged_kwh


def test_average_and_marginal_carbon_are_told_apart_and_absent_where_unknown():
    # 10 kWh from 16:00 to 17:00.
    one = scenario([stay("van", 16, 70, 10.0)], plugs(1))
    known = replace(
        one, carbon=CarbonSeries(average_kg_per_kwh=(0.5, 0.3), marginal_kg_per_kwh=(0.8,))
    )

    outcome, silent = play_nights(known), play_nights(one)

    assert (outcome.average_co2_kg, outcome.marginal_co2_kg) == pytest.approx((3.0, 8.0))
    assert (silent.average_co2_kg, silent.marginal_co2_kg) == (None, None)
    assert not {"average_co2_kg", "marginal_co2_kg", "bound_amount"} & figures_of(silent).keys()


def test_battery_stress_is_the_time_above_80_percent_and_power_over_energy():
    # 10 kW at the wall are 9 in a battery of 60 kWh: 0.15 an hour. From 75 % above 80 % after
    # three quarter-hours (86.25 %), at 16:45; it leaves at 05:30, 51 quarter-hours later.
    battery = DwellBattery(usable_kwh=60.0, arrival_soc=0.75, wall_efficiency_share=0.9)

    outcome = play_nights(scenario([stay("van", 16, 70, 10.0, battery=battery)], plugs(1)))

    assert outcome.stress is not None
    assert outcome.stress.mean_c_factor == pytest.approx(0.15)
    assert outcome.stress.most_c_factor == pytest.approx(0.15)
    assert outcome.stress.high_soc_h == pytest.approx((70 - 18) / 4)


def test_use_of_plugs_and_service():
    # One van on one of two plugs for 54 of 96 quarter-hours, charging for four of them at 10 kW.
    depot = plugs(2, limit_kw=50.0)

    use = play_nights(scenario([stay("van", 16, 70, 10.0)], depot)).use

    assert use.plugged_share == pytest.approx(54 / 192)
    assert use.charging_share == pytest.approx(4 / 192)
    assert use.service_peak_share == pytest.approx(0.2)
    assert use.service_energy_share == pytest.approx(10.0 / (24 * 50.0))


def test_a_row_holds_every_figure_by_name():
    row = figures_of(play_nights(scenario(fleet(2, 3), plugs(2), "hindsight", tariff=TOU)))

    assert row["bill"] == pytest.approx(sum(v for k, v in row.items() if k.startswith("bill[")))
    assert row["unmet_kwh"] == sum(v for k, v in row.items() if k.startswith("unmet_kwh["))
    assert row["bound_amount"] <= row["bill"] + 0.02
