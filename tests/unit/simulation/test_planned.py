"""Plans carried out in a play: blindly, made again, with hindsight."""

from dataclasses import replace

import numpy as np
import pytest

from depotlib.model.price_terms import BlockTerm, EnergyTerm, HoursUseTerm, PeakTerm, PriceTerms
from depotlib.simulation.play import play_nights
from depotlib.simulation.prices_ahead import terms_ahead
from depotlib.simulation.scenario import Chances
from tests.simulation_cases import CHEAP, TOU, at, fleet, played, plugs, scenario, stay

OUTAGE = 18
PLANS = ("blind", "replanned", "hindsight")


@pytest.mark.parametrize("policy", PLANS)
def test_where_nothing_can_happen_every_plan_is_the_same(policy: str):
    outcome = play_nights(scenario(fleet(4, 6), plugs(6), policy, tariff=TOU))
    known = play_nights(scenario(fleet(4, 6), plugs(6), "hindsight", tariff=TOU))

    assert float(outcome.bill) == pytest.approx(float(known.bill), abs=0.02)
    assert outcome.unmet_kwh == pytest.approx(0.0, abs=1e-3)
    assert outcome.moves == 0


def test_a_plan_keeps_the_peak_low_where_peaks_cost_more_than_hours():
    # 80 kWh in the 15 hours from 16:00 to 07:00; a kW costs 15 $, an hour of it at most 0.20 $.
    stays = [stay(f"van-{n}", 16, 76, 20.0) for n in range(4)]

    setting = played(scenario(stays, plugs(4), "hindsight", tariff=TOU))

    assert setting.charging_kw.max() == pytest.approx(80 / 15, abs=1e-3)


def test_a_plan_waits_for_cheap_hours():
    setting = played(scenario([stay("van", 16, 76, 20.0)], plugs(1), "hindsight", tariff=CHEAP))

    # Two hours at 10 kW, the first cheap ones.
    assert np.flatnonzero(setting.charging_kw > 1e-6).tolist() == list(range(40, 48))


def test_who_comes_late_misses_what_a_blind_plan_had_meant_for_before():
    # Planned for the mean of 16:00 and 18:00, at full power as long as it stays.
    chances = Chances(late_share=0.5, late_least_s=7200, late_most_s=7200)
    one = scenario([stay("van", 16, 36, 50.0)], plugs(1), "blind", chances=chances)

    charged_kwh = {play_nights(replace(one, seed=seed)).charged_kwh for seed in range(6)}

    # From 18:00 on, 12 quarter-hours of 2.5 kWh are left.
    assert len(charged_kwh) == 2
    assert min(charged_kwh) == pytest.approx(30.0)
    assert 30.0 < max(charged_kwh) < 50.0


def test_a_new_plan_serves_who_needs_more_than_expected():
    chances = Chances(energy_sigma_share=0.4)

    blind, replanned = (
        play_nights(scenario(fleet(5, 6), plugs(6), policy, chances=chances, tariff=TOU, seed=3))
        for policy in ("blind", "replanned")
    )

    assert blind.unmet_kwh > 10.0
    assert replanned.unmet_kwh == pytest.approx(0.0, abs=0.01)


def test_in_anothers_bay_a_blind_plan_gives_what_was_meant_for_the_other():
    stays = [stay("small", 16, 76, 10.0), stay("large", 16, 76, 60.0)]
    swapped = scenario(stays, plugs(2), "blind", chances=Chances(misplaced_share=1.0))

    vehicles = played(swapped).vehicles

    # The small one is full after its own 10 kWh; the large one gets no more than those.
    assert [one.charged_kwh for one in vehicles.values()] == pytest.approx([10.0, 10.0], abs=0.01)


def test_who_plans_again_finds_out_who_stands_where():
    stays = [stay("small", 16, 76, 10.0), stay("large", 16, 76, 60.0)]
    swapped = scenario(stays, plugs(2), "replanned", chances=Chances(misplaced_share=1.0))

    assert play_nights(swapped).unmet_kwh == pytest.approx(0.0, abs=0.01)


def test_a_new_plan_goes_round_a_station_that_has_failed():
    # The first of two stations fails in the afternoon of this seed, before the van comes.
    chances = Chances(outage_share=0.5, outage_least_s=86_400, outage_most_s=86_400)
    one = scenario([stay("van", 60, 95, 40.0)], plugs(2), "replanned", chances=chances, seed=OUTAGE)

    setting = played(one)

    (outage,) = setting.drawn.outages
    assert outage.station_id == "S0"
    assert outage.derating.start < at(60)
    assert setting.vehicles[0].charged_kwh == pytest.approx(40.0, abs=0.01)


@pytest.mark.parametrize("policy", PLANS)
def test_two_share_a_plug_as_the_plan_has_it(policy: str):
    stays = [stay("a", 16, 70, 40.0), stay("b", 17, 72, 40.0), stay("c", 18, 74, 40.0)]
    depot = replace(plugs(2, min_kw=1.4), changeover_s=900)

    outcome = play_nights(scenario(stays, depot, policy, tariff=TOU))

    assert outcome.unmet_kwh == pytest.approx(0.0, abs=0.01)
    assert outcome.moves >= 1


def test_a_plan_of_the_next_night_pays_nothing_for_peaks_of_the_last():
    every = tuple(range(8))
    prices = PriceTerms(
        "USD",
        energy=(EnergyTerm("Energy", tuple(map(float, range(8)))),),
        peaks=(PeakTerm("Demand", every, 15.0), PeakTerm("Past", (0, 1), 15.0)),
        blocks=(BlockTerm("Tiers", every, (100.0,), (0.1, 0.2), start_kwh=5.0),),
        hours_use=(HoursUseTerm("Hours", every, (100.0,), (0.1, 0.2)),),
        fixed_amount=9.0,
    )

    ahead = terms_ahead(
        prices,
        range(4, 8),
        site_kw=np.array([10.0, 40.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        interval_h=0.25,
        target_kw={"Demand": 30.0},
    )

    assert ahead.energy[0].price_per_kwh == (4.0, 5.0, 6.0, 7.0)
    # The past peak is above the target, and the second term is over.
    assert [(one.name, one.intervals, one.sunk_kw) for one in ahead.peaks] == [
        ("Demand", (0, 1, 2, 3), 40.0)
    ]
    # 50 kW quarter-hours are 12.5 kWh.
    assert ahead.blocks[0].start_kwh == pytest.approx(17.5)
    assert (ahead.hours_use[0].start_kwh, ahead.hours_use[0].paid_kw) == (12.5, 40.0)
    assert ahead.fixed_amount == 0.0


def test_a_month_planned_night_by_night_pays_up_to_the_peak_that_is_worth_it():
    chances = Chances(weather_sigma_share=0.3)

    month, shy = (
        play_nights(
            scenario(
                fleet(6, 3),
                plugs(3),
                "replanned",
                chances=chances,
                tariff=TOU,
                days=2,
                target_months=months,
                seed=2,
            )
        )
        for months in (2, 0)
    )
    hindsight = play_nights(
        scenario(fleet(6, 3), plugs(3), "hindsight", chances=chances, tariff=TOU, days=2, seed=2)
    )

    assert hindsight.bill <= min(month.bill, shy.bill)
    assert month.unmet_kwh == pytest.approx(0.0, abs=0.01)
