"""Faults put into simulated nights are found again, each with the energy that it took.

The nights come from a simulator that knows nothing of the code under test; the truth is what the
van gets in the same simulator without the fault. The shares asked for are the issue's: at least
95 % of the energy under the right cause, less than 0.1 kWh of a van unexplained.
"""

from collections import Counter
from dataclasses import dataclass

import pytest

from depotlib.reconciliation.night import reconcile_stays
from tests.unit.reconciliation import faulty_night as night
from tests.unit.reconciliation.faulty_depot import depot, planned_stay

CAUSE_OF = {
    night.comes_late: "late_plug_in",
    night.leaves_early: "early_plug_out",
    night.stands_at_a_slow_plug: "wrong_bay",
    night.shows_no_card: "unknown_identity",
    night.feeder_is_cut_back: "limit",
    night.battery_takes_less_when_full: "taper",
    night.onboard_charger_is_weak: "vehicle_limit",
    night.driver_capped_the_charge: "vehicle_limit",
    night.does_not_wake: "vehicle_limit",
    night.station_trips: "station_fault",
    night.station_takes_no_limits: "station_fault",
    night.line_is_down: "communication",
    night.somebody_holds_it: "override",
    night.plan_is_too_small: "plan",
}
"""What a person would call each fault; the code under test never sees it."""
MOST_WRONG_SHARE = 0.05
MOST_UNEXPLAINED_WH = 100


@dataclass
class Score:
    """How much energy was missing, and how much of it was put under the cause that took it."""

    missing_kwh: float
    right_kwh: float
    unexplained_wh: list[int]

    @property
    def right_share(self) -> float:
        return self.right_kwh / self.missing_kwh


def score(vans):
    found, nobodys_wh = reconcile_stays(
        [planned_stay(van) for van in vans],
        [entry for van in vans for entry in van.journal],
        depot=depot(vans),
        until=night.at(night.NIGHT_STEPS),
    )
    by_van = {one.vehicle_id: one for one in found}
    result = Score(0.0, 0.0, [])
    for van in vans:
        one = by_van[van.planned.van]
        due_kwh = Counter()
        for fault, took_kwh in zip(van.faults, van.took_kwh, strict=True):
            due_kwh[CAUSE_OF[fault]] += took_kwh
        result.missing_kwh += one.missing_wh / 1000
        result.right_kwh += sum(
            min(share.missing_wh / 1000, max(0.0, due_kwh[share.cause])) for share in one.shares
        )
        result.unexplained_wh.append(one.unexplained_wh)
    assert nobodys_wh == 0
    return result


def test_energy_goes_to_the_faults_that_took_it():
    vans = [night.faulty_van(number, seed=2026) for number in range(24)]

    result = score(vans)

    assert sum(len(van.faults) == 2 for van in vans) == 8  # a third
    assert result.missing_kwh > 100
    assert result.right_share >= 1 - MOST_WRONG_SHARE
    assert max(result.unexplained_wh) < MOST_UNEXPLAINED_WH


@pytest.mark.full
@pytest.mark.parametrize("seed", range(100, 120))
def test_energy_goes_to_the_faults_that_took_it_in_many_nights(seed):
    vans = [night.faulty_van(number, seed=seed) for number in range(60)]

    result = score(vans)

    assert result.right_share >= 1 - MOST_WRONG_SHARE
    assert max(result.unexplained_wh) < MOST_UNEXPLAINED_WH


@pytest.mark.parametrize("fault", CAUSE_OF, ids=lambda fault: fault.__name__)
def test_a_fault_alone_takes_all_that_is_missing(fault, monkeypatch):
    monkeypatch.setattr(night, "AC_FAULTS", (fault,))
    monkeypatch.setattr(night, "DC_FAULTS", (fault,))
    # van 4 is a DC van with one fault; 5 an AC van; a taper is seen on DC only
    van = night.faulty_van(4 if fault is night.battery_takes_less_when_full else 5, seed=7)

    found, _ = reconcile_stays(
        [planned_stay(van)], van.journal, depot=depot([van]), until=night.at(night.NIGHT_STEPS)
    )

    (one,) = found
    assert {share.cause for share in one.shares} <= {CAUSE_OF[fault]}
    assert all(share.why for share in one.shares)
    assert one.missing_wh == pytest.approx(1000 * van.took_kwh[0], abs=MOST_UNEXPLAINED_WH)
    assert one.unexplained_wh < MOST_UNEXPLAINED_WH


def test_a_night_without_fault_lacks_nothing(monkeypatch):
    def nothing(_draw, world):
        return world

    monkeypatch.setattr(night, "AC_FAULTS", (nothing,))
    van = night.faulty_van(5, seed=7)

    found, _ = reconcile_stays(
        [planned_stay(van)], van.journal, depot=depot([van]), until=night.at(night.NIGHT_STEPS)
    )

    assert found[0].missing_wh < MOST_UNEXPLAINED_WH  # vehicles follow a limit some seconds late
    assert found[0].shares == ()


def test_without_the_words_of_orders_the_hold_is_not_found(monkeypatch):
    """The test of the test: the figures rest on the evidence, and fall without it."""
    monkeypatch.setattr(night, "AC_FAULTS", (night.somebody_holds_it,))
    van = night.faulty_van(5, seed=7)
    silent = [entry for entry in van.journal if entry.kind != "operator_action"]

    found, _ = reconcile_stays(
        [planned_stay(van)], silent, depot=depot([van]), until=night.at(night.NIGHT_STEPS)
    )

    assert "override" not in {share.cause for share in found[0].shares}
