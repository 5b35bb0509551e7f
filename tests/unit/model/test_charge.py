"""A belief of a state of charge: carried on by the meter, corrected by news, honest of its band."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.errors import ModelError
from depotlib.model.charge import (
    ChargeBelief,
    as_metered,
    as_told,
    belief_at_plug_in,
    missing_kwh,
)
from depotlib.model.fleet import VehicleClass

NOW = datetime(2026, 11, 2, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)


def begun(soc: float = 0.3, *, sigma_soc: float = 0.05) -> ChargeBelief:
    """Return a van of 60 kWh with 0.9 of the wall's energy in its battery: 20 kWh are 30 %."""
    kind = VehicleClass("van", 60.0, 0.3, 0.9, 11.0, 80.0)
    return belief_at_plug_in(
        kind, vehicle_id="van-1", session_id="s", at=NOW, soc=soc, sigma_soc=sigma_soc
    )


def told(belief: ChargeBelief, soc: float, *, since_kwh: float = 0.0) -> ChargeBelief:
    heard = as_told(belief, soc, sigma_soc=0.006, since_kwh=since_kwh, who="telematics")
    return replace(heard, told_at=heard.at)


def test_metered_energy_raises_the_charge_and_widens_its_band():
    before = begun(sigma_soc=0.01)

    after = as_metered(before, energy_kwh=20.0, at=NOW + 2 * HOUR)

    assert after.soc == pytest.approx(0.6)
    # 5 % of the 30 % gained, with 1 % of the start and 0.2 % x sqrt(2 h): 1.82 %.
    assert after.sigma_soc == pytest.approx((0.015**2 + 0.01**2 + 2 * 0.002**2) ** 0.5, abs=1e-6)
    assert after.band()[1] - after.band()[0] > before.band()[1] - before.band()[0]


def test_the_band_narrows_with_every_word_and_never_below_what_a_percent_says():
    beliefs = [begun()]
    for minutes in range(1, 200):
        at = NOW + timedelta(minutes=minutes)
        beliefs.append(told(as_metered(beliefs[-1], energy_kwh=0.0, at=at), 0.3))

    widths = [high - low for low, high in (belief.band() for belief in beliefs)]

    assert widths[1] < widths[0] / 4
    # 2 x 1.96 x 0.3 % is the least.
    assert min(widths) == pytest.approx(2 * 1.96 * 0.003)


def test_the_gain_is_learned_while_telematics_is_there_and_serves_when_it_is_gone():
    # This battery has aged: a kWh brings 8 % more of it than its class says.
    belief = told(begun(), 0.3)
    for step in range(1, 25):
        at = NOW + step * timedelta(minutes=5)
        truth_soc = 0.3 + 1.08 * 0.9 * step / 60.0
        belief = told(as_metered(belief, energy_kwh=float(step), at=at), truth_soc)

    blind = as_metered(belief, energy_kwh=40.0, at=NOW + 6 * HOUR)

    assert belief.gain_factor == pytest.approx(1.08, abs=0.02)
    # Without it 16 kWh more would bring 24 %, 1.9 % less than they do.
    assert blind.soc == pytest.approx(0.3 + 1.08 * 0.9 * 40 / 60, abs=0.008)
    low_soc, high_soc = blind.band()
    assert low_soc <= 0.3 + 1.08 * 0.9 * 40 / 60 <= high_soc


def test_news_of_a_while_ago_is_held_against_the_charge_of_then():
    belief = as_metered(told(begun(), 0.3), energy_kwh=20.0, at=NOW + 2 * HOUR)

    # It says 45 %, which was true when 10 of the 20 kWh were in.
    heard = told(belief, 0.45, since_kwh=10.0)

    assert heard.soc == pytest.approx(0.6, abs=1e-9)
    assert heard.sigma_soc < belief.sigma_soc
    assert heard.doubt == ""


def test_news_that_cannot_be_is_doubted_and_the_band_holds_both():
    belief = told(begun(), 0.3)

    doubted = told(belief, 0.5)
    (low_soc, high_soc) = doubted.band()

    assert "telematics says 50%, meter and earlier news say 30%" in doubted.doubt
    assert low_soc <= 0.3
    assert high_soc >= 0.5
    assert doubted.gain_factor == belief.gain_factor
    assert told(told(doubted, 0.5), 0.5).doubt == ""


def test_a_battery_is_never_more_than_full_and_the_gain_is_not_learned_there():
    full = told(as_metered(told(begun(0.95), 0.95), energy_kwh=10.0, at=NOW + HOUR), 1.0)

    assert full.soc == 1.0
    assert full.gain_factor == pytest.approx(1.0, abs=0.005)
    assert full.band()[1] == 1.0


def test_what_is_missing_is_reckoned_from_the_charge():
    # Wanted were 20 kWh from 30 %: 60 %. It came home with 45 %, so 10 kWh will do.
    belief = begun(0.45)

    assert missing_kwh(belief, 0.3, wanted_kwh=20.0, energy_kwh=0.0) == pytest.approx(10.0)
    assert missing_kwh(belief, 0.3, wanted_kwh=20.0, energy_kwh=4.0) == pytest.approx(6.0)
    assert missing_kwh(belief, 0.3, wanted_kwh=20.0, energy_kwh=30.0) == 0.0
    # More than full cannot be wanted: 55 % of 60 kWh are 33, / 0.9 = 36.7 at the wall.
    assert missing_kwh(belief, 0.9, wanted_kwh=20.0, energy_kwh=0.0) == pytest.approx(
        36.667, abs=1e-3
    )


def test_what_cannot_be_held_is_refused():
    with pytest.raises(ModelError, match="van-1"):
        replace(begun(), soc=1.2)
