"""What billing windows are held to, from plans of an hour."""

from dataclasses import replace

import numpy as np

from depotlib.model.plan import AssetSchedule, Plan
from depotlib.model.price_terms import PeakTerm, PriceTerms
from depotlib.planning.window_targets import window_targets
from tests.planning_cases import at, depot_of, dwell, plan_of, prices_of, station

BASE_KW = np.full(4, 2.0)
CHEAP_LAST = prices_of([0.3, 0.3, 0.1, 0.1])


def plan() -> Plan:
    """Return a plan of 10 kW in the last half hour: 5 kWh where they are cheap."""
    return plan_of([dwell("v", 0, 4, 5.0)], depot_of(station("A")), CHEAP_LAST)


def targets(*peaks: PeakTerm, limit_kw: float = 50.0) -> list[tuple[float, float]]:
    prices = PriceTerms("USD", energy=CHEAP_LAST.energy, peaks=peaks)
    steps = window_targets(plan(), prices, base_load_kw=BASE_KW, limit_kw=limit_kw)
    return [(one.start, one.limit_kw) for one in steps]


def test_each_demand_charge_holds_its_own_hours_to_its_own_peak():
    evening = PeakTerm("evening", (0, 1), 5.0)
    every = PeakTerm("every", (0, 1, 2, 3), 20.0)

    # 2 kW of base load; with the van 12 kW.
    assert targets(evening, every) == [(at(0), 2.0), (at(2), 12.0)]


def test_a_peak_that_is_billed_anyhow_may_be_used_again():
    assert targets(PeakTerm("every", (0, 1, 2, 3), 20.0, sunk_kw=15.0)) == [(at(0), 15.0)]


def test_nothing_is_above_the_operating_limit_and_hours_without_demand_have_that():
    assert targets(PeakTerm("late", (2, 3), 20.0), limit_kw=11.0) == [(at(0), 11.0)]
    assert targets(PeakTerm("early", (0,), 20.0)) == [(at(0), 2.0), (at(1), 50.0)]


def test_what_a_battery_gives_is_not_drawn_from_the_grid():
    battery = AssetSchedule("B", "storage", (0.0, 1.0, -4.0, -4.0))
    prices = PriceTerms(
        "USD", energy=CHEAP_LAST.energy, peaks=(PeakTerm("every", (0, 1, 2, 3), 20.0),)
    )

    helped = replace(plan(), assets=(battery,))
    (step,) = window_targets(helped, prices, base_load_kw=BASE_KW, limit_kw=50.0)

    # 2 kW of base load and 10 kW for the van, less the battery's 4.
    assert step.limit_kw == 8.0


def test_where_no_demand_is_priced_nothing_is_held():
    assert targets() == []
    assert targets(PeakTerm("free", (0, 1), 0.0)) == []
