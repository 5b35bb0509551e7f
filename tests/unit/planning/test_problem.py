from dataclasses import replace

import numpy as np
import pytest

from depotlib.errors import ProblemError
from depotlib.model.depot import Circuit
from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from tests.planning_cases import (
    depot_of,
    dwell,
    grid_of,
    prices_of,
    relaxed,
    station,
    window,
    windowed,
)

FLAT = prices_of([0.1] * 8)


def test_only_whole_intervals_inside_a_stay_count():
    # Arrival in the middle of interval 1, departure in the middle of interval 6: 2 to 5 are whole.
    problem = relaxed([dwell("a", 1.5, 6.5, 5.0)], depot_of(station("S")), FLAT)

    assert (problem.tasks.first[0], problem.tasks.last[0]) == (2, 6)


def test_a_stay_outside_the_grid_is_cut_to_it():
    problem = relaxed([dwell("a", -4, 40, 5.0)], depot_of(station("S")), FLAT)

    assert (problem.tasks.first[0], problem.tasks.last[0]) == (0, 8)


def test_a_vehicle_of_a_pool_draws_at_most_the_pools_largest_connector():
    depot = depot_of(station("A", max_kw=7.2), station("B", max_kw=50.0, pool="dc"))

    problem = relaxed([dwell("a", 0, 8, 1.0, pool="ac"), dwell("b", 0, 8, 1.0)], depot, FLAT)

    assert problem.tasks.max_kw.tolist() == [7.2, 50.0]


def test_a_pool_can_give_no_more_than_its_circuits_carry():
    # Two stations of 10 kW on a panel of 12 kW, one of 10 kW at the site: 12 + 10.
    depot = depot_of(
        station("A", circuit="p"),
        station("B", circuit="p"),
        station("C"),
        circuits=(Circuit("p", None, 12.0),),
    )

    problem = relaxed([dwell("a", 0, 8, 1.0, pool="ac")], depot, FLAT)

    node = problem.tree.ids.index("ac")
    assert problem.tree.cap_kw[node].tolist() == [22.0] * 8


def test_a_dwell_that_must_use_one_station_is_limited_by_it():
    depot = depot_of(station("A", max_kw=5.0), station("B", max_kw=20.0))

    problem = relaxed([dwell("a", 0, 8, 1.0, station_id="A")], depot, FLAT)

    assert problem.tasks.max_kw.tolist() == [5.0]
    assert problem.tree.kinds[int(problem.tasks.node[0])] == "station_limit"


def test_the_site_leaves_for_charging_what_the_base_load_does_not_use():
    depot = depot_of(station("A"), limit_kw=30.0)

    problem = relaxed([dwell("a", 0, 2, 1.0)], depot, prices_of([0.1, 0.1]), [10.0, 45.0])

    # 30 - 10; and where the base load alone is above the limit, nothing.
    assert problem.tree.cap_kw[0].tolist() == [20.0, 0.0]


def test_windows_of_one_vehicle_share_its_energy():
    depot = depot_of(station("A"), station("B", max_kw=20.0))

    problem = windowed(
        [dwell("a", 0, 8, 5.0)], depot, FLAT, [window("a", "A/1", 0, 3), window("a", "B/1", 4, 8)]
    )

    assert problem.tasks.need.tolist() == [0, 0]
    assert problem.tasks.max_kw.tolist() == [10.0, 20.0]


def test_only_limits_that_can_bind_are_in_the_tree():
    # The panel may carry more than its two plugs; the feeder may not; station C shares 15 kW.
    depot = depot_of(
        station("A", circuit="panel"),
        station("B", circuit="panel"),
        station("C", plugs=2, station_kw=15.0),
        circuits=(Circuit("feeder", None, 18.0), Circuit("panel", "feeder", 50.0)),
    )

    problem = windowed([dwell("a", 0, 8, 5.0)], depot, FLAT, [window("a", "A/1", 0, 8)])

    assert problem.tree.kinds == ("site_limit", "circuit_limit", "station_limit")
    assert problem.tree.ids == ("", "feeder", "C")
    assert problem.tasks.node.tolist() == [1]


def test_a_vehicle_that_takes_less_than_the_connectors_least_cannot_be_served_there():
    depot = depot_of(station("A", min_kw=4.0))

    problem = windowed([dwell("a", 0, 8, 5.0, max_kw=3.0)], depot, FLAT, [window("a", "A/1", 0, 8)])

    assert problem.tasks.max_kw.tolist() == [0.0]


def test_limits_have_names_with_their_indices():
    depot = depot_of(station("A", circuit="p", plugs=2), circuits=(Circuit("p", None, 12.0),))
    tree = windowed([], depot, FLAT, []).tree

    assert [tree.limit_name(0, 37), tree.limit_name(1, 12)] == [
        "site_limit[37]",
        "circuit_limit[p,12]",
    ]


def test_the_digest_changes_with_any_number_and_with_nothing_else():
    dwells, depot = [dwell("a", 0, 8, 5.0)], depot_of(station("A"))

    digest = relaxed(dwells, depot, FLAT).digest()

    assert relaxed(dwells, depot, FLAT).digest() == digest
    assert relaxed([dwell("a", 0, 8, 5.1)], depot, FLAT).digest() != digest
    assert relaxed(dwells, depot, prices_of([0.2] * 8)).digest() != digest


@pytest.mark.parametrize(
    "wish", [{"pool": "dc"}, {"station_id": "Z"}, {"connector_id": "Z/1"}], ids=str
)
def test_a_wish_that_the_depot_cannot_grant_is_refused(wish: dict[str, str]):
    with pytest.raises(ProblemError, match="which the depot does not have"):
        relaxed([dwell("a", 0, 8, 5.0, **wish)], depot_of(station("A")), FLAT)


@pytest.mark.parametrize(
    ("window_given", "message"),
    [(window("a", "Z/1", 0, 8), "no connector 'Z/1'"), (window("b", "A/1", 0, 8), "no dwell")],
)
def test_a_window_that_belongs_nowhere_is_refused(window_given, message: str):
    with pytest.raises(ProblemError, match=message):
        windowed([dwell("a", 0, 8, 5.0)], depot_of(station("A")), FLAT, [window_given])


def broken(**changes: object):
    problem = relaxed([dwell("a", 0, 8, 5.0)], depot_of(station("A")), FLAT)
    for name, value in changes.items():
        owner, _, field = name.partition("__")
        if field:
            part = replace(getattr(problem, owner), **{field: value})
            problem = replace(problem, **{owner: part})
        else:
            problem = replace(problem, **{owner: value})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base_load_kw": np.array([np.nan] * 8)}, "base load holds a value that is no number"),
        ({"base_load_kw": np.zeros(7)}, "base load differ in length"),
        ({"tasks__max_kw": np.array([-1.0])}, "max_kw holds a value that is negative"),
        ({"tasks__max_kw": np.array([np.inf])}, "max_kw holds"),
        ({"needs__energy_must_kwh": np.array([6.0])}, "energy_target_kwh above the must"),
        ({"needs__energy_target_kwh": np.array([np.nan])}, "energy_target_kwh holds"),
        ({"tasks__last": np.array([9])}, "outside the grid"),
        ({"tasks__need": np.array([3])}, "points to a need or a limit"),
        ({"tree__parent": np.array([-1, 2, 1])}, "a parent that stands before it"),
        ({"tree__cap_kw": np.zeros((3, 7))}, "for every node and each of the 8 intervals"),
        ({"grid": grid_of(9)}, "differ in length"),
        ({"prices": PriceTerms("USD", (EnergyTerm("E", (0.1,)),))}, "'E' needs a finite price"),
        (
            {"prices": PriceTerms("USD", peaks=(PeakTerm("D", (0,), -1.0),))},
            "'D' is negative or no number",
        ),
        (
            {"prices": PriceTerms("USD", peaks=(PeakTerm("D", (8,), 1.0),))},
            "'D' names intervals outside the grid",
        ),
        ({"prices": PriceTerms("USD", energy_factor=np.nan)}, "must be finite"),
    ],
    ids=str,
)
def test_a_problem_that_contradicts_itself_is_refused(changes: dict[str, object], message: str):
    with pytest.raises(ProblemError, match=message):
        broken(**changes)
