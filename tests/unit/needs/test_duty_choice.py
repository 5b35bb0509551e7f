"""Duties given to other vehicles: who can, and with what stay."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from depotlib.model.brief import NeedPolicy
from depotlib.model.duty import Duty
from depotlib.model.fleet import Fleet, Vehicle
from depotlib.needs.duty_choice import duty_changes
from tests.unit.needs.test_night import FLEET, HOME, LEAVES, NEXT, NIGHT, NOON, TODAY, readings

LATER = Duty("later", "van-15", LEAVES + timedelta(hours=2), LEAVES + timedelta(hours=9), 60.0)
OTHER = Vehicle(vehicle_id="van-15", class_id="van-68", pool="ac", telematics_ids=("b2B",))
TWO = Fleet(classes=FLEET.classes, vehicles=(*FLEET.vehicles, OTHER))
SOC = pl.concat(
    [
        readings((HOME, 0.32, None)),
        readings((NOON, 0.80, None)).with_columns(vehicle_id=pl.lit("b2B")),
    ]
)


def changes(fleet: Fleet, *duties: Duty):
    return duty_changes(fleet, duties, telematics=SOC, night=NIGHT, policy=NeedPolicy())


def test_two_vehicles_exchange_duties_with_their_own_batteries():
    (change,) = changes(TWO, TODAY, NEXT, LATER)

    assert change.replaces == ("van-14", "van-15")
    first, second = change.dwells
    assert (first.vehicle_id, first.departure) == ("van-14", LATER.departure)
    assert (second.vehicle_id, second.departure) == ("van-15", LEAVES)
    # van-14 at 32 %: 60 km x 0.30 + 6.8 - 21.76 = 3.04 kWh, / 0.90 = 3.38 at the wall.
    assert first.energy_target_kwh == pytest.approx(3.38, abs=0.005)
    # van-15 at 80 %: 180 km x 0.30 + 6.8 - 54.4 = 6.4 kWh, / 0.90 = 7.11.
    assert second.energy_target_kwh == pytest.approx(7.11, abs=0.005)
    assert (first.arrival, second.arrival) == (HOME, NOON)


def test_a_vehicle_without_a_duty_is_a_spare_for_each_of_its_like():
    (change,) = changes(TWO, TODAY, NEXT)

    assert change.given == (("van-15", NEXT),)
    assert change.replaces == ("van-14",)
    assert change.dwells[0].vehicle_id == "van-15"


def test_only_vehicles_of_one_class_and_pool_change():
    mixed = replace(TWO, vehicles=(*FLEET.vehicles, replace(OTHER, pool="dc")))

    assert changes(mixed, TODAY, NEXT, LATER) == ()


def test_nobody_gets_a_duty_that_begins_before_it_is_home_or_needs_more_than_its_battery():
    early = replace(LATER, departure=HOME - timedelta(hours=1))
    far = replace(LATER, distance_km=400.0)

    # van-14 is on the road then; 400 km x 0.30 is 120 kWh of 68.
    assert changes(TWO, TODAY, NEXT, early) == ()
    assert changes(TWO, TODAY, NEXT, far) == ()
