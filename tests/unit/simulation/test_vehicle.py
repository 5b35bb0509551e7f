"""What a vehicle takes in an interval."""

from dataclasses import replace

import pytest

from depotlib.model.dwell import Dwell, DwellBattery
from depotlib.planning.yard.stays import places_of
from depotlib.simulation.site import fit
from depotlib.simulation.vehicle import Vehicle
from tests.planning_cases import depot_of, station
from tests.simulation_cases import at, stay


def battery(arrival_soc: float, **more: float) -> DwellBattery:
    return DwellBattery(usable_kwh=60.0, arrival_soc=arrival_soc, wall_efficiency_share=0.9, **more)


def fast(arrival_soc: float, *, taper_share: float, kwh: float = 50.0) -> Vehicle:
    """A van at 50 kW DC for two hours."""
    dwell = stay("van", 0, 8, kwh, battery=battery(arrival_soc, taper_share=taper_share))
    one = Vehicle(0, dwell, first=0, last=8)
    one.plug(0, max_kw=50.0, min_kw=0.0, tapers=True, at=0)
    return one


def stepped_kwh(soc: float, *, taper_share: float, span_h: float) -> float:
    """Formula 2 of the mathematics, in steps of 0.1 s."""
    steps, taken_kwh = round(span_h * 36_000), 0.0
    for _ in range(steps):
        power_kw = 50.0 * (1.0 - taper_share * max(0.0, soc - 0.8) / 0.2)
        taken_kwh += power_kw * span_h / steps
        soc += power_kw * span_h / steps * 0.9 / 60.0
    return taken_kwh


@pytest.mark.parametrize("arrival_soc", [0.5, 0.75, 0.85, 0.95])
@pytest.mark.parametrize("taper_share", [0.4, 1.0])
def test_a_taper_is_the_mean_over_the_interval(arrival_soc: float, taper_share: float):
    one = fast(arrival_soc, taper_share=taper_share)

    taken_kwh = one.wish_kw(0.25) * 0.25

    wanted_kwh = stepped_kwh(arrival_soc, taper_share=taper_share, span_h=0.25)
    assert taken_kwh == pytest.approx(wanted_kwh, rel=1e-4)


def test_below_80_percent_and_without_taper_it_takes_what_the_connector_gives():
    assert fast(0.3, taper_share=0.8).wish_kw(0.25) == 50.0
    assert fast(0.9, taper_share=0.0).wish_kw(0.25) == 50.0


def test_it_takes_no_more_than_it_lacks():
    # 5 kWh in a quarter of an hour.
    assert fast(0.3, taper_share=0.0, kwh=5.0).wish_kw(0.25) == 20.0


def test_the_time_above_80_percent_begins_where_it_is_passed():
    # 50 kW x 0.9 / 60 kWh / 4 = 18.75 % an interval: 75 %, 93.75 %.
    one = fast(0.5625, taper_share=0.0)

    for interval in range(2):
        one.charge(50.0, interval_h=0.25, interval=interval)

    assert one.soc == pytest.approx(0.9375)
    # Eight intervals, the last six of them.
    assert one.high_soc_intervals == 6


def test_a_vehicle_of_one_phase_draws_and_needs_a_third_of_a_connector_of_three():
    place = places_of(
        depot_of(replace(station("S", max_kw=22.0, min_kw=4.2), phases=3, voltage_v=230.0))
    )[0]
    dwell = Dwell("van", at(0), at(8), 1.0, 1.0, ac_phases=1)

    found = fit(place, dwell)

    assert found is not None
    # 22 kW / 3 and six amperes x 230 V, told as 4.2 kW of three phases.
    assert (found.max_kw, found.min_kw) == pytest.approx((22.0 / 3, 1.4))


def test_a_vehicle_charges_at_its_minimum_or_at_all_it_wishes():
    one = fast(0.3, taper_share=0.0)
    one.plug(0, max_kw=7.2, min_kw=1.4, tapers=False, at=0)

    assert one.can_run(1.4, 7.2)
    assert not one.can_run(1.3, 7.2)
    assert one.can_run(0.5, 0.5)
    assert not one.can_run(0.0, 0.0)
