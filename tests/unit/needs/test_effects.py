"""Effects are found where there are rows, and drawn to nothing where there are few."""

import numpy as np
import pytest

from depotlib.needs.effects import Outcomes, fitted_effects
from depotlib.needs.rolling import NO_ERRORS, Errors, band_kwh, plain_beliefs_kwh


def outcomes(party, energy_kwh, *, weekday=None, facts=None, day=None, scale_kwh=None) -> Outcomes:
    count = len(party)
    nothing = np.zeros(count, dtype=np.int64)
    return Outcomes(
        party=np.array(party, dtype=np.int64),
        group=nothing,
        weekday=nothing if weekday is None else np.array(weekday, dtype=np.int64),
        day=nothing if day is None else np.array(day, dtype=np.int64),
        done_day=nothing if day is None else np.array(day, dtype=np.int64),
        scale_kwh=np.ones(count) if scale_kwh is None else np.array(scale_kwh, dtype=np.float64),
        facts_factor=np.zeros((count, 0)) if facts is None else np.array(facts, dtype=np.float64),
        energy_kwh=np.array(energy_kwh, dtype=np.float64),
    )


def test_vehicles_that_differ_are_told_apart():
    random = np.random.default_rng(1)
    party = np.repeat([0, 1, 2], 40)
    energy_kwh = np.array([10.0, 20.0, 30.0])[party] + random.normal(0, 1, 120)
    rows = outcomes(party, energy_kwh)

    expected_kwh = fitted_effects(rows, day=1, parties=3, groups=1).energy_kwh(rows)

    # 40 rows with a deviation of 1 know a mean to 0.16.
    assert expected_kwh[[0, 40, 80]] == pytest.approx([10, 20, 30], abs=0.6)


def test_vehicles_that_do_not_differ_are_not():
    random = np.random.default_rng(2)
    party = np.repeat(np.arange(20), 10)
    rows = outcomes(party, 20.0 + random.normal(0, 5, 200))

    effects = fitted_effects(rows, day=1, parties=20, groups=1)

    # The means of 10 rows scatter by 5 / sqrt(10) = 1.6; drawn they hardly do.
    assert np.abs(effects.party_factor).max() < 1.0


def test_one_row_says_less_than_forty():
    random = np.random.default_rng(3)
    party = np.concatenate([np.repeat(np.arange(8), 40), [8]])
    mean_kwh = np.concatenate([random.normal(20, 6, 8), [32.0]])
    rows = outcomes(party, mean_kwh[party] + random.normal(0, 6, len(party)) * (party < 8))

    effects = fitted_effects(rows, day=1, parties=10, groups=1)

    # Alike within and between (6 and 6): one row of 12 above the mean counts for about half of it.
    seen, unseen = effects.party_factor[8], effects.party_factor[9]
    assert 2.0 < seen < 10.0
    assert unseen == 0.0


def test_a_fact_that_matters_is_weighed():
    random = np.random.default_rng(4)
    facts = random.normal(0, 1, (200, 2))
    rows = outcomes(np.zeros(200), 20 + 5 * facts[:, 0] + random.normal(0, 1, 200), facts=facts)

    effects = fitted_effects(rows, day=1, parties=1, groups=1)

    # A ridge of 5 rows draws the 5 by 5 / 205.
    assert effects.fact_factor == pytest.approx([5 * 200 / 205, 0.0], abs=0.25)


def test_old_rows_count_less():
    party, day = np.zeros(40), np.repeat([0, 360], 20)
    rows = outcomes(party, np.repeat([10.0, 30.0], 20), day=day)

    expected_kwh = fitted_effects(rows, day=361, parties=1, groups=1).energy_kwh(rows)

    # After four half-lives a row weighs 1/16: (10 / 16 + 30) / (1 + 1 / 16) = 28.8.
    assert expected_kwh[0] == pytest.approx(28.8, abs=0.1)


def test_no_energy_is_below_nothing():
    rows = outcomes([0] * 30 + [1] * 30, [0.01] * 30 + [50.0] * 30)

    assert np.all(fitted_effects(rows, day=1, parties=2, groups=1).energy_kwh(rows) >= 0)


def test_plain_beliefs_fall_back_from_weekday_to_vehicle_to_class():
    known = outcomes([0, 0, 1], [10.0, 20.0, 60.0], weekday=[0, 1, 0])
    asked = outcomes([0, 0, 2], [0.0, 0.0, 0.0], weekday=[1, 5, 0])

    class_kwh, weekday_kwh = plain_beliefs_kwh(asked, known, parties=3, groups=1)

    # Class: (10 + 20 + 60) / 3. Vehicle 0: its one Monday+1; its mean; vehicle 2 was never seen.
    assert class_kwh == pytest.approx([30.0, 30.0, 30.0])
    assert weekday_kwh == pytest.approx([20.0, 15.0, 30.0])


def test_a_band_has_the_quantiles_of_past_errors_in_units_of_the_vehicles_own():
    errors = Errors(
        party=np.zeros(199, dtype=np.int64),
        is_new=np.zeros(199, dtype=np.int64),
        error_factor=np.linspace(-10, 10, 199),
        usual_factor=np.full(199, 5.0),
    )

    low_kwh, high_kwh = band_kwh(
        np.array([30.0, 2.0]), np.array([5.0, 10.0]), is_new=np.array([0, 0]), errors=errors
    )

    # Errors are even from -2 to 2 usual sizes: 90 % of them within 1.8, a little more for 199;
    # 30 ± 1.8 x 5, 2 ± 1.8 x 10, and no energy is below 0.
    assert low_kwh == pytest.approx([21.0, 0.0], abs=0.01)
    assert high_kwh == pytest.approx([39.0, 20.0], abs=0.01)


def test_with_too_few_errors_there_is_no_band():
    low_kwh, high_kwh = band_kwh(
        np.array([30.0]), np.array([5.0]), is_new=np.array([0]), errors=NO_ERRORS
    )

    assert np.isnan(low_kwh[0])
    assert np.isnan(high_kwh[0])
