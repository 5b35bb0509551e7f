"""Circuits by their breaker: nominal voltage, phases and the share that may flow for hours."""

import pytest

from depotlib.errors import SiteFileError
from depotlib.model.depot import Circuit
from depotlib.model.site_file import site_from_toml
from tests.conformance.gateway_process import SITE


def circuit(words: str) -> Circuit:
    text = f'{SITE}\n[[circuit]]\ncircuit_id = "feeder"\n{words}\n'
    found = site_from_toml(text, where="x").depot.circuits
    return next(one for one in found if one.circuit_id == "feeder")


def test_a_breaker_on_three_phases_limits_each_of_them():
    feeder = circuit("breaker_a = 100")

    # 100 A x 230 V
    assert feeder.phase_limit_kw == pytest.approx(23.0)
    assert feeder.limit_kw == pytest.approx(69.0)


def test_an_american_breaker_carries_four_fifths_for_hours():
    feeder = circuit(
        "breaker_a = 400\nvoltage_v = 480\nis_line_to_line = true\ncontinuous_share = 0.8"
    )

    # 320 A x 480 V x sqrt(3) = 266.0 kW
    assert feeder.limit_kw == pytest.approx(266.04, abs=0.01)
    assert feeder.phase_limit_kw == pytest.approx(266.04 / 3, abs=0.01)


def test_a_breaker_across_two_legs_limits_no_phase_by_itself():
    feeder = circuit("breaker_a = 40\nvoltage_v = 240\nphases = 1\nis_line_to_line = true")

    assert feeder.limit_kw == pytest.approx(9.6)  # 40 A x 240 V
    assert feeder.phase_limit_kw is None


def test_of_a_limit_and_a_breaker_the_lower_counts():
    assert circuit("breaker_a = 100\nlimit_kw = 50.0").limit_kw == 50.0
    assert circuit("breaker_a = 100\nlimit_kw = 90.0").limit_kw == pytest.approx(69.0)


def test_a_circuit_without_any_limit_is_refused_by_its_name():
    with pytest.raises(SiteFileError, match="feeder") as refused:
        circuit("phases = 3")

    assert "breaker_a" in refused.value.hint


@pytest.mark.parametrize("words", ["breaker_a = 0", "breaker_a = 9\ncontinuous_share = 1.2"])
def test_a_rating_that_cannot_be_is_refused(words):
    with pytest.raises(SiteFileError):
        circuit(words)
