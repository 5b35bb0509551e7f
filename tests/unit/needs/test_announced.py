"""Duties that fleet systems announce, and the charge they ask for."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from depotlib.errors import ModelError
from depotlib.model.brief import NeedPolicy
from depotlib.model.frames import DutyFrame
from depotlib.needs.announced import announced_duties_of, with_announced
from depotlib.needs.night import needs_for_night
from tests.unit.needs.test_night import FLEET, HOME, LEAVES, NEXT, NIGHT, TODAY, readings


def announced(*rows: dict[str, object]) -> pl.DataFrame:
    usual = {
        "duty_id": "vdv-1",
        "vehicle_id": "b2A",
        "departure": LEAVES + timedelta(minutes=30),
        "return_at": None,
        "distance_km": None,
        "must_soc": None,
        "target_soc": None,
        "priority": None,
        "is_withdrawn": False,
        "source": "vdv463",
        "src_file": "provide.json",
        "src_row": 1,
    }
    frame = pl.DataFrame(
        [usual | row for row in rows], schema=DutyFrame.create_empty().schema, orient="row"
    )
    return DutyFrame.validate(frame, cast=True)


def test_a_duty_under_the_vendors_name_is_the_fleets_own_vehicles():
    (duty,) = announced_duties_of(announced({"distance_km": 90.0, "target_soc": 0.8}), FLEET)

    assert (duty.vehicle_id, duty.distance_km, duty.target_soc) == ("van-14", 90.0, 0.8)
    assert duty.return_at == duty.departure + timedelta(hours=10)


def test_blocks_without_a_vehicle_strangers_and_withdrawn_duties_are_nobodys():
    rows = announced(
        {"vehicle_id": None}, {"vehicle_id": "stranger"}, {"is_withdrawn": True, "duty_id": "x"}
    )

    assert announced_duties_of(rows, FLEET) == ()


def test_an_announced_duty_replaces_the_one_it_overlaps_and_no_other():
    newer = announced_duties_of(announced({"distance_km": 90.0}), FLEET)

    duties = with_announced((TODAY, NEXT), newer)

    assert [duty.duty_id for duty in duties] == ["today", "vdv-1"]
    assert with_announced((TODAY, NEXT), ()) == (TODAY, NEXT)


def test_a_charge_asked_for_at_departure_stands_instead_of_a_distance():
    duties = with_announced(
        (TODAY, NEXT),
        announced_duties_of(announced({"must_soc": 0.7, "target_soc": 0.9}), FLEET),
    )

    (need,) = needs_for_night(
        FLEET,
        duties,
        telematics=readings((HOME, 0.32, None)),
        night=NIGHT,
        policy=NeedPolicy(),
    )

    # (0.9 - 0.32) x 68 / 0.90 = 43.82 kWh; must (0.7 - 0.32) x 68 / 0.90 = 28.71.
    assert need.dwell.energy_target_kwh == pytest.approx(43.82, abs=0.005)
    assert need.dwell.energy_must_kwh == pytest.approx(28.71, abs=0.005)
    (line,) = [line for line in need.lines if line.what == "asked for by its duty"]
    # 61.2 kWh are asked for; distance 0 and a reserve of 6.8 are part of that.
    assert line.energy_kwh == pytest.approx(61.2 - 6.8)
    assert line.how == "up to 90% at departure"
    assert "54.4 that its duty asks for" in need.arithmetic


def test_the_larger_of_distance_and_charge_counts():
    duty = replace(NEXT, target_soc=0.5)

    (need,) = needs_for_night(
        FLEET,
        (TODAY, duty),
        telematics=readings((HOME, 0.32, None)),
        night=NIGHT,
        policy=NeedPolicy(),
    )

    # Vehicle 14: its distance needs 89 %.
    assert need.dwell.energy_target_kwh == pytest.approx(43.38, abs=0.005)


def test_no_duty_asks_for_more_than_full():
    with pytest.raises(ModelError, match="of a full battery"):
        replace(NEXT, target_soc=1.2)
