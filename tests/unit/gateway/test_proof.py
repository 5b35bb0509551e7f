"""What meters prove that tell no power: registers and currents, and what they do not prove."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from depotlib.gateway.draw import draws, readings_with
from depotlib.gateway.messages import MeterReported, MeterSample, StopRemotely
from depotlib.gateway.versions.meter16 import samples_of
from tests.gateway_cases import T0, Site, at, night, site, small_site

PLANNED_KW = 5.0


class Told(Site):
    """A site of one station that may draw 5 kW; what it was told and what was proven is kept."""

    def __init__(self, there: Site) -> None:
        super().__init__(there.control, now=there.now)
        self.proofs: list[str] = []
        self.stops = 0

    def carry_out(self, effects) -> None:
        self.proofs += [one.what for one in effects.news]
        self.stops += sum(isinstance(one, StopRemotely) for _, one in effects.commands)
        super().carry_out(effects)

    def register(self, register_kwh: float, *, at: datetime | None = None) -> None:
        sample = MeterSample(at or self.now, register_kwh=register_kwh)
        self.say("S0", MeterReported("m", 1, None, (sample,)))

    def phases(self, current_a: float) -> None:
        sample = MeterSample(self.now, phase_current_a=current_a)
        self.say("S0", MeterReported("m", 1, None, (sample,)))

    def caught(self) -> int:
        return [entry.kind for entry in self.journal].count("disobedience")

    def last_rung(self) -> str:
        steps = [one for one in self.journal if one.kind == "disobedience_step"]
        return str(steps[-1].payload["rung"])


def charging() -> Told:
    there = Told(site(small_site(stations=1)).come_up())
    there.control.apply_release(night({"S0/1": [PLANNED_KW] * 16}))
    there.plug_in("S0", "TAG-0")
    there.pump()
    there.wait(60)
    return there


def disobedient() -> Told:
    """Return a site whose station drew 20 kW for a minute: 0.333 kWh."""
    there = charging()
    there.register(100.0)
    there.wait(60)
    there.register(100.333)
    return there


def test_two_registers_catch_and_the_journal_tells_the_mean_between_them():
    there = disobedient()

    (caught,) = [one for one in there.journal if one.kind == "disobedience"]
    assert caught.payload["power_kw"] == pytest.approx(0.333 * 60)
    assert there.last_rung() == "zero"


def test_registers_within_the_limit_prove_that_it_is_obeyed():
    there = charging()
    there.register(100.0)
    there.wait(60)
    assert "metered" not in there.proofs

    there.register(100.083)  # 0.083 kWh in a minute: 4.98 kW

    assert "metered" in there.proofs
    assert there.caught() == 0


def test_a_register_that_jumps_or_begins_anew_is_no_power():
    there = charging()
    for register_kwh in (100.0, 999_999.0, 0.0, 0.083):
        there.register(register_kwh)
        there.wait(60)

    assert there.caught() == 0


def test_a_clock_that_is_set_back_makes_no_power_of_a_quiet_minute():
    there = charging()
    there.register(100.0)
    there.wait(60)

    # The station's clock says that 20 s passed: 0.083 kWh would be 15 kW.
    there.register(100.083, at=there.now - timedelta(seconds=40))

    assert there.caught() == 0


def test_registers_of_before_the_limit_fell_prove_nothing():
    there = charging()
    there.register(100.0)
    there.wait(30)
    there.control.ledger.lowered_at["S0/1"] = there.now
    there.wait(30)

    there.register(100.333)

    assert there.caught() == 0


def test_a_register_of_another_transaction_says_nothing_of_the_one_that_runs():
    there = charging()
    there.say("S0", MeterReported("m", 1, 101, (MeterSample(there.now, register_kwh=1.0),)))
    first = there.control.stations["S0"].plugs[1].readings
    there.plug_in("S0", "TAG-0")
    there.wait(60)

    there.say("S0", MeterReported("m", 1, 101, (MeterSample(there.now, register_kwh=9.0),)))

    assert there.control.stations["S0"].plugs[1].readings == first
    assert there.caught() == 0


def test_one_that_obeys_the_zero_after_all_is_contained_by_its_registers():
    there = disobedient()
    there.wait(9)
    there.register(100.4)
    there.wait(5)  # 14 s: one register proves no rest, and the session is stopped
    assert (there.last_rung(), there.stops) == ("stop", 1)

    for _ in range(4):
        there.wait(60)
        there.register(100.4)
    there.wait(1)

    # A minute in which not 2 Wh were counted: less than 0.13 kW.
    assert there.last_rung() == "contained"


def test_one_that_was_contained_and_draws_again_is_caught_by_its_registers():
    there = disobedient()
    there.wait(9)
    for _ in range(7):
        there.register(100.4)
        there.wait(60)
    assert there.last_rung() == "contained"

    there.register(100.4)
    there.wait(60)
    there.register(100.7)  # 18 kW, where 4.14 kW are safe
    there.wait(1)

    assert there.last_rung() == "zero"


def test_two_samples_of_currents_above_a_limit_in_amperes_are_disobedience():
    there = charging()
    there.phases(20.0)  # 13.8 kW, where 7.2 A were asked for
    assert there.caught() == 0
    there.phases(20.0)  # the same sample, said again
    assert there.caught() == 0

    there.wait(6)
    there.phases(20.0)

    assert there.caught() == 1


def test_currents_within_the_limit_prove_that_it_is_obeyed_at_any_voltage():
    there = charging()

    there.phases(7.2)  # 5 kW / (3 x 230 V) = 7.24 A

    assert "metered" in there.proofs
    assert there.caught() == 0


def powers(there: Told, *powers_kw: float, current_a: float | None = None) -> Told:
    for power_kw in powers_kw:
        there.wait(30)
        sample = MeterSample(there.now, power_kw=power_kw, phase_current_a=current_a)
        there.say("S0", MeterReported("m", 1, None, (sample,)))
    return there


def test_a_power_that_amperes_give_at_high_voltage_is_obeyed():
    there = powers(charging(), 5.5, 5.5)  # 5.0 kW at 230 V are 5.5 kW at 253 V

    assert there.caught() == 0
    assert "metered" in there.proofs


def test_a_power_that_no_voltage_explains_is_disobedience():
    there = powers(charging(), 6.1, 6.1)  # 4.97 kW (7.2 A) x 1.1 x 1.05 + 0.2 = 5.94 kW

    assert there.caught() == 1


def test_watts_are_no_more_at_high_voltage():
    there = charging()
    arming = there.control.stations["S0"].arming
    arming.dialect = replace(arming.dialect, unit="W")
    there.control.apply_release(night({"S0/1": [5.2] * 16}, release_id="r2"))
    there.control.limits.force(["S0/1"])
    for _ in range(4):
        there.wait(30)

    powers(there, 5.9, 5.9)  # 5.2 kW x 1.05 + 0.2 = 5.66 kW

    assert there.caught() == 1


def test_amperes_are_judged_where_they_are_told_and_not_the_power_that_hides_them():
    # 9 A where 7.2 A were asked for, at 200 V: 5.4 kW are no more than 7.2 A may give at 253 V.
    there = powers(charging(), 5.4, 5.4, current_a=9.0)

    assert there.caught() == 1


def test_a_station_that_tells_no_more_than_zero_amperes_is_judged_by_its_power():
    there = powers(charging(), 20.0, 20.0, current_a=0.0)

    assert there.caught() == 1


def test_currents_prove_nothing_where_limits_are_told_in_watts_or_no_phase_is_named():
    there = charging()
    for _ in range(3):
        there.wait(10)
        sample = MeterSample(there.now, current_a=60.0)
        there.say("S0", MeterReported("m", 1, None, (sample,)))

    assert there.caught() == 0


def test_a_sample_without_power_and_register_leaves_the_power_of_its_session_alone():
    there = charging()
    there.say("S0", MeterReported("m", 1, None, (MeterSample(there.now, 4.9, 1.0),)))
    there.wait(30)

    there.say("S0", MeterReported("m", 1, None, (MeterSample(there.now, soc=0.5),)))

    session = there.control.stations["S0"].transactions.running(1)
    assert (session.power_kw, session.soc) == (4.9, 0.5)


def test_currents_are_read_by_phase_and_the_highest_counts():
    values = [
        {"value": "16.1", "measurand": "Current.Import", "phase": "L1", "unit": "A"},
        {"value": "15.9", "measurand": "Current.Import", "phase": "L2", "unit": "A"},
        {"value": "0.1", "measurand": "Current.Import", "phase": "N", "unit": "A"},
        {"value": "32", "measurand": "Current.Offered", "phase": "L1", "unit": "A"},
    ]

    (sample,) = samples_of([{"timestamp": at(60).isoformat(), "sampledValue": values}], now=T0)

    assert sample == MeterSample(at(60), phase_current_a=16.1)


def test_a_current_without_a_phase_is_kept_apart():
    values = [{"value": "16.0", "measurand": "Current.Import"}]

    (sample,) = samples_of([{"timestamp": at(60).isoformat(), "sampledValue": values}], now=T0)

    assert (sample.phase_current_a, sample.current_a) == (None, 16.0)


def test_the_lower_bound_allows_for_stamps_of_whole_seconds_told_in_one_burst():
    # 30 kW for 10.99 s are 91.6 Wh; the stamps say 10 s, which would be 33 kW.
    first = readings_with([], MeterSample(T0, register_kwh=1.0), session_id="s", heard_at=at(60))
    last = MeterSample(at(10), register_kwh=1.0916)
    both = readings_with(first, last, session_id="s", heard_at=at(60))

    (draw,) = draws(both, since=None)

    assert draw.least_kw <= 30.0


def test_the_lower_bound_allows_for_a_pulse_that_had_nearly_come():
    # 500 pulses a kWh: one more pulse of 2 Wh may be no energy at all.
    first = readings_with([], MeterSample(T0, register_kwh=0.502), session_id="s", heard_at=T0)
    last = MeterSample(at(10), register_kwh=0.504)
    both = readings_with(first, last, session_id="s", heard_at=at(10))

    (draw,) = draws(both, since=None)

    assert draw.least_kw == pytest.approx(0.0)
