"""What a depot system asks of a stay beyond its target: what it must have, and its warmth."""

from datetime import timedelta

import pytest

from depotlib.dispatch.night import as_changed
from depotlib.errors import ModelError
from depotlib.model.news import DepartureChange
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING


def asked(**fields) -> DepartureChange:
    return DepartureChange("van-1", changed_at=EVENING, **fields)


def test_must_and_target_can_be_asked_apart():
    stay = as_changed(samples.dwell(), asked(energy_kwh=40.0, must_kwh=15.0))

    assert (stay.energy_must_kwh, stay.energy_target_kwh) == (15.0, 40.0)


def test_an_energy_alone_is_all_of_it_a_must():
    stay = as_changed(samples.dwell(), asked(energy_kwh=40.0))

    assert (stay.energy_must_kwh, stay.energy_target_kwh) == (40.0, 40.0)


def test_preconditioning_is_a_part_of_the_target_just_before_the_departure():
    stay = as_changed(
        samples.dwell(), asked(energy_kwh=40.0, precondition_kwh=5.0, precondition_s=1200)
    )

    assert (stay.precondition_kwh, stay.precondition_s) == (5.0, 1200)


def test_a_new_energy_brings_its_own_must_and_another_change_leaves_it():
    first = asked(energy_kwh=40.0, must_kwh=15.0, precondition_kwh=5.0, precondition_s=1200)

    later = asked(departure=EVENING + timedelta(hours=9)).laid_over(first)
    anew = asked(energy_kwh=30.0).laid_over(first)

    assert (later.energy_kwh, later.must_kwh, later.precondition_kwh) == (40.0, 15.0, 5.0)
    assert (anew.energy_kwh, anew.must_kwh) == (30.0, None)


@pytest.mark.parametrize("field", ["must_kwh", "precondition_kwh"])
def test_an_energy_that_cannot_be_is_refused(field: str):
    with pytest.raises(ModelError, match="van-1"):
        asked(energy_kwh=40.0, **{field: -1.0})
