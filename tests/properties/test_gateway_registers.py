"""Stations that tell registers only: whoever keeps the limit is never caught, whoever does not is."""

from datetime import timedelta

import numpy as np
import pytest

from depotlib.gateway.draw import draws
from depotlib.gateway.messages import MeterReported, MeterSample
from depotlib.gateway.proof import is_over_limit
from tests.gateway_cases import Site, night, site, small_site

PLANNED_KW = 5.0
FULL_KW = 20.0
STEPS_WH = (0.1, 1.0, 1.25, 2.0, 10.0, 100.0, 1000.0)
"""Of a display or of pulses: 1.25 Wh are 800 pulses a kWh."""
COUNTS = [12, pytest.param(600, marks=pytest.mark.full)]


def charging() -> Site:
    """Return a site where S0 may draw 5 kW, all that was sent settled."""
    there = site(small_site(stations=1)).come_up()
    there.control.apply_release(night({"S0/1": [PLANNED_KW] * 16}))
    there.plug_in("S0", "TAG-0")
    there.pump()
    there.wait(60)
    return there


def tell(there: Site, register_wh: float) -> None:
    """Say a register, its stamp cut to the second as stations do."""
    at = there.now.replace(microsecond=0)
    sample = MeterSample(at, register_kwh=register_wh / 1000)
    there.say("S0", MeterReported("m", 1, None, (sample,)))


def catches(there: Site) -> int:
    return [entry.kind for entry in there.journal].count("disobedience")


@pytest.mark.parametrize("count", COUNTS)
def test_no_rounding_of_registers_or_stamps_catches_who_keeps_the_limit(count):
    rng = np.random.default_rng(7)
    for _ in range(count):
        there = charging()
        step_wh = float(rng.choice(STEPS_WH))
        drawn_wh = float(rng.uniform(0, 1e6))
        # What the reserve permits, which is a little less than planned: tenths of an ampere.
        limit_kw = there.control.ledger.reserved("S0/1").at(there.now.timestamp())
        for _ in range(25):
            elapsed_s = float(rng.choice([rng.uniform(1, 12), rng.uniform(12, 90)]))
            there.now += timedelta(seconds=elapsed_s)
            drawn_wh += limit_kw * 1000 * elapsed_s / 3600
            tell(there, step_wh * (drawn_wh // step_wh))

        assert catches(there) == 0, step_wh


@pytest.mark.parametrize("count", COUNTS)
def test_what_is_said_of_a_mean_holds_whatever_the_step_of_the_register(count):
    rng = np.random.default_rng(11)
    seen = 0
    for _ in range(count):
        there = charging()
        step_wh, drawn_wh = float(rng.choice(STEPS_WH)), float(rng.uniform(0, 1e6))
        power_kw = float(rng.uniform(0, 5.0))
        plug = there.control.stations["S0"].plugs[1]
        for _ in range(12):
            elapsed_s = float(rng.uniform(1, 60))
            there.now += timedelta(seconds=elapsed_s)
            drawn_wh += power_kw * 1000 * elapsed_s / 3600
            tell(there, step_wh * (drawn_wh // step_wh))
            for one in draws(plug.readings, since=None):
                seen += 1
                # Steps that are no power of ten are known to 2 Wh: a pulse more or less.
                slack_kw = 2 * 3.6 / 10
                assert one.least_kw <= power_kw + slack_kw
                assert one.most_kw >= power_kw - slack_kw

    assert seen > count


@pytest.mark.parametrize("step_wh", [0.1, 1.0])
@pytest.mark.parametrize("interval_s", [15, 60, 300])
def test_two_registers_above_the_limit_are_enough(step_wh, interval_s):
    there = charging()

    tell(there, step_wh * 1_234_567)
    assert catches(there) == 0
    there.now += timedelta(seconds=interval_s)
    drawn_wh = FULL_KW * 1000 * interval_s / 3600
    tell(there, step_wh * (1_234_567 + drawn_wh // step_wh))

    assert catches(there) == 1
    trust = there.control.ledger.trust["S0"]
    assert (trust.station_class, is_over_limit(trust.measured_kw["S0/1"], PLANNED_KW)) == (
        "C",
        True,
    )


@pytest.mark.parametrize("step_wh", [10.0, 100.0])
def test_a_coarse_register_catches_too_and_only_takes_longer(step_wh):
    there, drawn_wh = charging(), 123_400.0

    caught_after = []
    for told in range(1, 8):
        tell(there, step_wh * (drawn_wh // step_wh))
        caught_after += [told] * (catches(there) - len(caught_after))
        there.now += timedelta(seconds=60)
        drawn_wh += FULL_KW * 1000 * 60 / 3600

    # 20 kW are 333 Wh a minute: two minutes of it less a step of 100 Wh are 17 kW.
    assert caught_after[:1] <= [3]
    assert caught_after
