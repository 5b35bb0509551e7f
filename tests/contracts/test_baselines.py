"""What every baseline promises, on relaxed problems and on problems within connector windows."""

import importlib
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depotlib.model.depot import (
    ChargingStation,
    Circuit,
    Connector,
    Depot,
    Evse,
    GridConnection,
)
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow
from depotlib.model.price_terms import EnergyTerm, PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.baselines import BASELINES
from depotlib.planning.formulation import relaxed_problem, windowed_problem

TOLERANCE = 1e-6
QUARTER = timedelta(minutes=15)
GRID = TimeGrid(datetime(2026, 11, 2, 18, tzinfo=UTC), 900, 16)
PRICES = PriceTerms("USD", energy=(EnergyTerm("energy", (0.1,) * 16),))
each_baseline = pytest.mark.parametrize("baseline", BASELINES, ids=lambda baseline: baseline.name)


def small_depot(*, panel_kw: float, site_kw: float) -> Depot:
    """Four stations on a panel and two on the site itself; the first has two plugs."""
    stations = tuple(
        ChargingStation(
            station_id=f"S{n}",
            circuit_id="panel" if n < 4 else None,
            pool="ac" if n < 4 else "dc",
            current_type="AC" if n < 4 else "DC",
            max_kw=12.0 if n < 4 else 30.0,
            safe_limit_kw=0.0,
            evses=tuple(
                Evse(e, (Connector(f"S{n}/{e}", e, 10.0 if n < 4 else 30.0, 1.5),))
                for e in range(1, 3 if n == 0 else 2)
            ),
        )
        for n in range(6)
    )
    return Depot(
        "d", "Depot", "UTC", "USD",
        GridConnection(service_kw=100.0, operating_limit_kw=site_kw),
        (Circuit("panel", None, panel_kw),), stations,
    )  # fmt: skip


@st.composite
def problems(draw):
    depot = small_depot(
        panel_kw=draw(st.floats(0.0, 45.0)), site_kw=draw(st.floats(1.0, 90.0))
    )  # fmt: skip
    plugs = [plug.connector_id for plug in depot.connectors()]
    dwells, windows = [], []
    for number in range(draw(st.integers(1, 7))):
        first = draw(st.integers(0, 14))
        last = draw(st.integers(first + 1, 16))
        energy_kwh = draw(st.floats(0.0, 40.0))
        dwell = Dwell(
            f"van-{number}",
            GRID.start + first * QUARTER,
            GRID.start + last * QUARTER,
            energy_kwh,
            energy_kwh,
            pool=draw(st.sampled_from(["ac", "dc", None])),
            min_kw=draw(st.sampled_from([0.0, 1.4, 4.0])),
            max_kw=draw(st.sampled_from([5.0, 11.0, 40.0])),
        )
        dwells.append(dwell)
        windows.append(
            ConnectorWindow(dwell.vehicle_id, plugs[number], dwell.arrival, dwell.departure)
        )
    load_kw = np.array(draw(st.lists(st.floats(0.0, 30.0), min_size=16, max_size=16)))
    rest = {"grid": GRID, "prices": PRICES, "base_load_kw": load_kw}
    if draw(st.booleans()):
        return relaxed_problem(dwells, depot, **rest)
    return windowed_problem(dwells, depot, windows=windows, **rest)


@each_baseline
@given(problem=problems())
def test_no_need_gets_more_than_its_target(baseline, problem):
    powers_kw = baseline.setpoints(problem)

    given_kwh = np.bincount(
        problem.tasks.need,
        weights=powers_kw.sum(axis=1) * problem.grid.interval_h,
        minlength=len(problem.needs.vehicle_ids),
    )
    assert powers_kw.shape == (len(problem.tasks.need), problem.grid.count)
    assert np.all(given_kwh <= problem.needs.energy_target_kwh + TOLERANCE)


@each_baseline
@given(problem=problems())
def test_no_task_draws_outside_its_window_or_above_its_connector(baseline, problem):
    powers_kw = baseline.setpoints(problem)

    assert np.all(powers_kw >= 0)
    assert np.all(powers_kw[~problem.windows_mask()] == 0)
    assert np.all(powers_kw <= problem.tasks.max_kw[:, None] + TOLERANCE)


@each_baseline
@given(problem=problems())
def test_every_limit_of_the_tree_is_obeyed_by_all_but_who_say_so(baseline, problem):
    powers_kw = baseline.setpoints(problem)

    below_kw = np.zeros_like(problem.tree.cap_kw)
    for task, node in enumerate(problem.tasks.node):
        for above in problem.tree.path(int(node)):
            below_kw[above] += powers_kw[task]
    obeyed = bool(np.all(below_kw <= problem.tree.cap_kw + TOLERANCE))
    assert obeyed or not baseline.obeys_limits


@each_baseline
@given(problem=problems())
def test_a_task_runs_at_its_least_power_or_finishes_its_need(baseline, problem):
    powers_kw = baseline.setpoints(problem)

    least_kw = problem.tasks.min_kw[:, None]
    task, interval = np.nonzero((powers_kw > 0) & (powers_kw < least_kw - TOLERANCE))
    for one, at in zip(task, interval, strict=True):
        assert powers_kw[one, at + 1 :].sum() == 0
        given_kwh = powers_kw[problem.tasks.need == problem.tasks.need[one]].sum() * 0.25
        target_kwh = problem.needs.energy_target_kwh[problem.tasks.need[one]]
        assert given_kwh >= target_kwh - TOLERANCE


def test_only_uncontrolled_ignores_the_limits():
    assert [b.name for b in BASELINES if not b.obeys_limits] == ["uncontrolled"]


@each_baseline
def test_a_baseline_has_its_own_file_a_title_and_a_sentence(baseline):
    module = importlib.import_module(f"depotlib.planning.baselines.{baseline.name}")

    assert module.setpoints is baseline.setpoints
    assert len(module.__doc__.split()) > 8
    assert baseline.setpoints.__doc__
    assert baseline.title[0].isupper()


def test_names_are_different():
    assert len({baseline.name for baseline in BASELINES}) == len(BASELINES)
