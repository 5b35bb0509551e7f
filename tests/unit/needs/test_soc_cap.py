"""Nobody is charged above a state of charge, unless its duty must have more."""

from datetime import UTC, datetime, timedelta

import pytest

from depotlib.errors import ModelError
from depotlib.model.dwell import Dwell, Need
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.needs.soc_cap import capped_needs

EVENING = datetime(2026, 11, 2, 18, tzinfo=UTC)
USABLE_KWH = 50.0
EFFICIENCY_SHARE = 0.8


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(
        classes=(
            VehicleClass(
                "van",
                usable_kwh=USABLE_KWH,
                consumption_kwh_per_km=0.3,
                wall_efficiency_share=EFFICIENCY_SHARE,
                ac_max_kw=11.0,
                dc_max_kw=50.0,
            ),
        ),
        vehicles=(Vehicle("v1", "van"),),
    )


def need(*, must_kwh: float, target_kwh: float, arrival_soc: float = 0.4) -> Need:
    dwell = Dwell("v1", EVENING, EVENING + timedelta(hours=10), must_kwh, target_kwh)
    return Need(dwell=dwell, arithmetic="", arrival_soc=arrival_soc)


def target_kwh(needs: tuple[Need, ...]) -> float:
    return needs[0].dwell.energy_target_kwh


def test_a_target_ends_at_the_cap(fleet: Fleet):
    # From 40 % to 80 % of 50 kWh: 20 kWh into the battery, 25 kWh at the wall at 80 %.
    asked = [need(must_kwh=10.0, target_kwh=37.5)]

    assert target_kwh(capped_needs(asked, fleet, most_soc=0.8)) == pytest.approx(25.0)


def test_what_a_duty_must_have_goes_before_the_cap(fleet: Fleet):
    asked = [need(must_kwh=30.0, target_kwh=37.5)]

    assert target_kwh(capped_needs(asked, fleet, most_soc=0.8)) == 30.0


def test_who_is_below_the_cap_anyhow_keeps_its_target_and_who_is_above_takes_its_must(fleet: Fleet):
    small = [need(must_kwh=5.0, target_kwh=20.0)]
    full = [need(must_kwh=0.0, target_kwh=5.0, arrival_soc=0.9)]

    assert capped_needs(small, fleet, most_soc=0.8) == tuple(small)
    assert target_kwh(capped_needs(full, fleet, most_soc=0.8)) == 0.0


@pytest.mark.parametrize("most_soc", [0.0, -0.1, 1.01, float("nan")])
def test_a_cap_that_is_no_state_of_charge_is_refused(fleet: Fleet, most_soc: float):
    with pytest.raises(ModelError, match="nobody can be charged up to"):
        capped_needs([need(must_kwh=1.0, target_kwh=1.0)], fleet, most_soc=most_soc)
