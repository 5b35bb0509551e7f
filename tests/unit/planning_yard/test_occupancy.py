"""Each rule of the yard, broken on purpose."""

from dataclasses import replace
from datetime import time

import pytest

from depotlib.model.depot import Connector, Evse, StaffHours
from depotlib.model.plan import ConnectorWindow, YardMove
from depotlib.planning.yard.bounds import least_swaps, swap_proof
from depotlib.planning.yard.occupancy import occupancy_violations, occupations_of, swap_count
from tests.yard_cases import at, depot_of, stay

DEPOT = depot_of(10.0, 10.0, pools="ab")
DWELLS = [stay("a", 0, 16, 5.0), stay("b", 0, 16, 5.0)]
WINDOWS = [ConnectorWindow("a", "S0/1", at(0), at(5)), ConnectorWindow("b", "S0/1", at(6), at(16))]
MOVES = [YardMove("a", "S0/1", None, at(5)), YardMove("b", None, "S0/1", at(5))]


def rules(windows=WINDOWS, moves=MOVES, dwells=DWELLS, depot=DEPOT):
    return [v.rule for v in occupancy_violations(windows, moves, dwells=dwells, depot=depot)]


def test_a_swap_that_can_be_done_breaks_no_rule_and_counts_once():
    occupations = occupations_of(WINDOWS, MOVES, dwells=DWELLS, depot=DEPOT)

    assert rules() == []
    assert swap_count(occupations) == 1


def test_a_vehicle_that_nobody_drives_away_still_holds_its_connector():
    assert rules(moves=MOVES[1:]) == ["one_vehicle_a_connector"]


def test_a_vehicle_that_nobody_drives_in_has_plugged_in_on_arrival():
    assert rules(moves=MOVES[:1]) == ["one_vehicle_a_connector"]


def test_a_window_within_the_changeover_is_refused():
    windows = [WINDOWS[0], replace(WINDOWS[1], start=at(5))]

    assert rules(windows) == ["changeover"]


def test_two_plugs_of_one_evse_do_not_charge_two_vehicles():
    two_plugs = Evse(1, (Connector("S0/1", 1, 10.0), Connector("S0/2", 2, 10.0)))
    depot = replace(DEPOT, stations=(replace(DEPOT.stations[0], evses=(two_plugs,)),))
    windows = [
        ConnectorWindow("a", "S0/1", at(0), at(16)),
        ConnectorWindow("b", "S0/2", at(0), at(16)),
    ]

    assert rules(windows, [], depot=depot) == ["one_vehicle_a_connector"]


def test_a_move_outside_staff_hours_is_named():
    # interval 5 is 19:15, and people leave at 19:00
    depot = replace(DEPOT, staff_hours=StaffHours(time(6), time(19)))

    assert rules(depot=depot) == ["staffed_moves", "staffed_moves"]


@pytest.mark.parametrize(
    "window",
    [
        ConnectorWindow("a", "S0/1", at(-1), at(5)),
        ConnectorWindow("a", "S0/1", at(3), at(17)),
        ConnectorWindow("stranger", "S0/1", at(0), at(5)),
    ],
)
def test_a_window_outside_every_stay_is_named(window):
    assert rules([window], []) == ["window_in_stay"]


@pytest.mark.parametrize("wishes", [{"pool": "b"}, {"station_id": "S1"}, {"connector_id": "S1/1"}])
def test_a_connector_that_is_not_the_vehicles_is_named(wishes):
    dwells = [stay("a", 0, 16, 5.0, **wishes)]

    assert rules(WINDOWS[:1], [], dwells=dwells) == ["eligible_connector"]


def test_a_connector_that_the_depot_does_not_have_is_named():
    assert rules([replace(WINDOWS[0], connector_id="S9/1")], []) == ["eligible_connector"]


def test_a_vehicle_on_two_connectors_at_once_is_named():
    windows = [WINDOWS[0], ConnectorWindow("a", "S1/1", at(6), at(16))]

    assert rules(windows, []) == ["one_place_a_vehicle"]


def test_a_drive_that_serves_no_window_is_named():
    moves = [*MOVES, YardMove("b", None, "S1/1", at(7))]

    assert rules(moves=moves) == ["moves_serve_windows"]


def test_the_counting_bound_adds_up_pools_that_share_no_connector():
    # pool a: 3 on 1 connector need 2; pool b: 2 on 1 need 1; the two that overlap nobody need none
    dwells = [
        *(stay(f"a{n}", 0, 8, 5.0, pool="a") for n in range(3)),
        *(stay(f"b{n}", 0, 8, 5.0, pool="b") for n in range(2)),
        stay("late", 9, 16, 5.0, pool="a"),
        stay("full", 0, 8, 0.0, pool="a"),
    ]

    assert least_swaps(dwells, DEPOT) == 3


def test_the_counting_bound_sees_vehicles_that_could_go_anywhere():
    # 2 connectors and 4 vehicles at once, two of them free to choose: 2, though each pool has 1
    dwells = [
        stay("a", 0, 8, 5.0, pool="a"),
        stay("b", 0, 8, 5.0, pool="b"),
        stay("x", 0, 8, 5.0),
        stay("y", 7, 16, 5.0),
    ]

    assert least_swaps(dwells, DEPOT) == 2


def test_the_counting_bound_names_instant_vehicles_and_connectors():
    dwells = [stay("a", 0, 8, 5.0, pool="a"), stay("b", 2, 8, 5.0, pool="a")]

    proof = swap_proof(dwells, DEPOT)

    (crowd,) = proof.crowds
    assert (crowd.at, crowd.vehicle_ids, crowd.connector_ids) == (at(2), ("a", "b"), ("S0/1",))
    assert proof.least == crowd.swaps == 1
    assert crowd.sentence.startswith("2 vehicles that share 1 connectors are there at")


def test_more_drives_in_an_hour_than_people_can_make_are_named():
    depot = replace(DEPOT, moves_per_hour=1)

    assert rules(depot=depot) == ["moves_per_hour"]
    assert rules(depot=replace(DEPOT, moves_per_hour=2)) == []
