"""Months behind a night: sampled from whole nights, valued by their optimal peaks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.optimize import linprog

from depotlib.errors import MonthError
from depotlib.model.dwell import Dwell
from depotlib.planning.cost import cost_of_site
from depotlib.planning.month import (
    PeakTarget,
    peak_targets,
    ratchet_price_per_kw,
    sampled_month,
    terms_toward,
)
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.solve import solve_problem
from tests.planning_cases import depot_of, dwell, prices_of, relaxed, station

NEW_YORK = ZoneInfo("America/New_York")


def small_month(*nights_kwh: float) -> PlanningProblem:
    """Return nights of two hours, each with one van that needs so much."""
    prices = prices_of([0.1] * 8 * len(nights_kwh), peak_price=10.0)
    stays = [
        dwell(f"van-{number}", 8 * number, 8 * number + 8, kwh)
        for number, kwh in enumerate(nights_kwh)
    ]
    return relaxed(stays, depot_of(station("s", max_kw=50.0), limit_kw=50.0), prices)


def night(evening: date, *, hour: int = 18, energy_kwh: float = 10.0) -> list[Dwell]:
    begin = datetime(evening.year, evening.month, evening.day, hour, tzinfo=NEW_YORK)
    return [
        Dwell(
            vehicle_id=f"{evening:%a}",
            arrival=begin.astimezone(UTC),
            departure=begin.astimezone(UTC) + timedelta(hours=12),
            energy_must_kwh=energy_kwh,
            energy_target_kwh=energy_kwh,
        )
    ]


def test_a_target_is_the_median_of_the_peaks_that_are_optimal_in_sampled_months():
    months = [small_month(4.0, 10.0), small_month(20.0, 2.0), small_month(40.0, 40.0)]

    (target,) = peak_targets(months)

    # The dearest night sets the peak, its energy spread over two hours: 10, 20 and 40 kWh / 2 h.
    assert target.name == "Demand"
    assert target.sampled_kw == pytest.approx((5.0, 10.0, 20.0), abs=1e-4)
    assert target.target_kw == pytest.approx(10.0, abs=1e-4)
    assert target.share_above(7.0) == pytest.approx(2 / 3)


def test_a_peak_up_to_its_target_or_the_peak_so_far_costs_nothing_more():
    prices = prices_of([0.3] * 4 + [0.1] * 4, peak_price=10.0, sunk_kw=3.0)
    stay = dwell("van", 0, 8, 8.0)
    depot = depot_of(station("s", max_kw=50.0), limit_kw=50.0)

    peaks = [
        float(solve_problem(relaxed([stay], depot, terms)).powers.by_interval_kw().max())
        for terms in (
            prices,
            terms_toward(prices, target_kw={"Demand": 7.0}, so_far_kw={}),
            terms_toward(prices, target_kw={"Demand": 5.0}, so_far_kw={"Demand": 8.0}),
            terms_toward(prices, target_kw={"Demand": 2.0}, so_far_kw={}),
        )
    ]

    # 8 kWh: flat over two hours is 4 kW; all in the cheap hour is 8 kW and saves 0.2 a kWh, less
    # than the 10 that a kW costs. Free up to 7 kW, 7 of them go into the cheap hour.
    assert peaks == pytest.approx([4.0, 7.0, 8.0, 4.0], abs=1e-4)


def test_nights_planned_one_by_one_toward_the_right_target_cost_what_foresight_costs():
    month, target_kw = small_month(4.0, 20.0), 10.0
    prices = prices_of([0.1] * 8, peak_price=10.0)
    depot = depot_of(station("s", max_kw=50.0), limit_kw=50.0)

    first, second = (
        solve_problem(relaxed([dwell("van", 0, 8, energy_kwh)], depot, terms))
        .powers.by_interval_kw()
        for energy_kwh in (4.0, 20.0)
        for terms in [terms_toward(prices, target_kw={"Demand": target_kw}, so_far_kw={})]
    )  # fmt: skip

    # Perfect foresight: 24 kWh at 0.1 and 20 kWh / 2 h = 10 kW at 10.
    assert cost_of_site(month, np.concatenate([first, second])).bill_amount == pytest.approx(102.4)


def test_a_kw_under_a_ratchet_costs_what_a_year_with_and_without_it_differs():
    own_kw = [300.0, 120.0, 260.0, 200.0, 100.0, 245.0, 90.0, 180.0, 230.0, 250.0, 110.0, 60.0]
    price, share = 15.0, 0.8

    by_year = year_amount(own_kw[0] + 1, own_kw[1:], price=price, share=share) - year_amount(
        own_kw[0], own_kw[1:], price=price, share=share
    )
    floor_binds = [share * own_kw[0] > kw for kw in own_kw[1:]]

    # January's 300 kW hold every later month to 240 kW: it binds where its own peak is lower.
    assert ratchet_price_per_kw(
        price, ratchet_share=share, binding_shares=[float(one) for one in floor_binds]
    ) == pytest.approx(by_year)
    assert sum(floor_binds) == 8


def year_amount(first_kw: float, later_kw: list[float], *, price: float, share: float) -> float:
    """Return the least demand bill of a year by SciPy's HiGHS: billed kW above peak and floor."""
    peaks_kw = [first_kw, *later_kw]
    rows: list[list[float]] = []
    limits: list[float] = []
    for month, peak_kw in enumerate(peaks_kw):
        for floor_kw in [peak_kw, *(share * earlier for earlier in peaks_kw[:month])]:
            rows.append([-1.0 if column == month else 0.0 for column in range(len(peaks_kw))])
            limits.append(-floor_kw)
    return float(linprog([price] * len(peaks_kw), A_ub=rows, b_ub=limits, method="highs").fun)


@pytest.mark.parametrize("share", [-0.1, 1.2])
def test_a_ratchet_beyond_all_of_the_peak_is_refused(share: float):
    with pytest.raises(MonthError, match="0 to 1"):
        ratchet_price_per_kw(10.0, ratchet_share=share, binding_shares=[0.5])


def test_a_sampled_month_draws_whole_nights_of_the_same_kind_of_day():
    friday, saturday = date(2026, 3, 6), date(2026, 3, 7)
    past = [night(friday, energy_kwh=10.0), night(saturday, energy_kwh=3.0)]

    stays = sampled_month(past, first=date(2026, 4, 1), days=30, time_zone=NEW_YORK, seed=1)

    evenings = {one.arrival.astimezone(NEW_YORK).date(): one.vehicle_id for one in stays}
    assert len(stays) == 30
    assert {day for day, name in evenings.items() if name == "Sat"} == {
        date(2026, 4, day) for day in (4, 5, 11, 12, 18, 19, 25, 26)
    }
    assert stays == sampled_month(past, first=date(2026, 4, 1), days=30, time_zone=NEW_YORK, seed=1)


def test_a_sampled_night_keeps_its_local_times_across_a_clock_change():
    past = [night(date(2026, 10, 30))]

    stays = sampled_month(past, first=date(2026, 10, 31), days=2, time_zone=NEW_YORK, seed=0)

    # Clocks go back on 1 November 2026 at 02:00: that night is an hour longer.
    assert [one.arrival.astimezone(NEW_YORK).hour for one in stays] == [18, 18]
    assert [one.departure - one.arrival for one in stays] == [
        timedelta(hours=13),
        timedelta(hours=12),
    ]


def test_without_a_past_there_is_no_month_to_sample():
    with pytest.raises(MonthError, match="no night of the past"):
        sampled_month([[]], first=date(2026, 4, 1), days=30, time_zone=NEW_YORK, seed=0)
    with pytest.raises(MonthError, match="no sampled month"):
        peak_targets([])


def test_a_target_never_hides_a_term_that_it_does_not_name():
    prices = prices_of([0.1], peak_price=10.0, sunk_kw=2.0)

    assert terms_toward(prices, target_kw={"Other": 9.0}, so_far_kw={}) == prices
    assert PeakTarget("Demand", 5.0, (5.0,)).share_above(5.0) == 0
