"""What holds for every yard, whatever the depot and the stays."""

from dataclasses import replace
from datetime import time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from depotlib.model.depot import StaffHours
from depotlib.planning.yard.assignment import FEWEST_SWAPS, YardPolicy
from depotlib.planning.yard.bounds import least_swaps
from depotlib.planning.yard.occupancy import occupancy_violations, occupations_of, swap_count
from tests.yard_cases import START, ZONE, depot_of, prices_of, stay, yard_of

INTERVALS = 24
PRICES = st.sampled_from(
    [
        prices_of(*(0.1,) * INTERVALS),
        prices_of(*(0.3,) * 8, *(0.1,) * 16, peak_per_kw=2.0),
        prices_of(*(0.1, 0.2, -0.1) * 8, peak_per_kw=0.5),
    ]
)

POLICIES = st.sampled_from([FEWEST_SWAPS, YardPolicy(swap_amount=0.01)])


@st.composite
def depots(draw):
    powers_kw = draw(st.lists(st.sampled_from([5.0, 11.0]), min_size=1, max_size=4))
    hours = draw(st.sampled_from([(0, 0), (18, 22), (19, 20), (22, 19), (5, 6)]))
    depot = depot_of(
        *powers_kw,
        staff=StaffHours(time(hours[0]), time(hours[1])),
        changeover_s=draw(st.sampled_from([0, 600, 900, 1500])),
        pools="".join(draw(st.sampled_from("ab")) for _ in powers_kw),
    )
    return replace(depot, moves_per_hour=draw(st.sampled_from([0, 1, 2, 5])))


@st.composite
def stays(draw):
    found = []
    for number in range(draw(st.integers(1, 8))):
        # some begin before the grid, end after it, or lie across its edges
        first = draw(st.sampled_from([-2.0, 0.0, 0.3, 3.0, 7.7, 12.0]))
        length = draw(st.sampled_from([0.5, 2.0, 6.4, 12.0, 30.0]))
        wishes = {"pool": draw(st.sampled_from([None, "a", "b"]))}
        energy_kwh = draw(st.sampled_from([0.0, 1.0, 9.0, 40.0]))
        found.append(stay(f"v{number}", first, first + length, energy_kwh, **wishes))
    return found


@given(depot=depots(), dwells=stays(), prices=PRICES, policy=POLICIES)
def test_every_yard_can_be_done(depot, dwells, prices, policy):
    yard = yard_of(dwells, depot, prices, policy=policy)

    assert occupancy_violations(yard.windows, yard.moves, dwells=dwells, depot=depot) == ()


@given(depot=depots(), dwells=stays(), prices=PRICES)
def test_every_vehicle_has_a_window_or_a_reason(depot, dwells, prices):
    yard = yard_of(dwells, depot, prices)

    # a second window is a relay, where one alone would leave somebody short
    placed = sorted({window.vehicle_id for window in yard.windows})
    waiting = [vehicle_id for vehicle_id, reason in yard.unplaced if reason]
    assert sorted(placed + waiting) == [dwell.vehicle_id for dwell in dwells]


@given(depot=depots(), dwells=stays(), prices=PRICES)
def test_windows_lie_inside_the_stay_on_whole_intervals(depot, dwells, prices):
    yard = yard_of(dwells, depot, prices)

    stay_of = {dwell.vehicle_id: dwell for dwell in dwells}
    for window in yard.windows:
        dwell = stay_of[window.vehicle_id]
        assert dwell.arrival <= window.start < window.end <= dwell.departure
        assert (window.start - START) % timedelta(minutes=15) == timedelta(0)
        assert (window.end - START) % timedelta(minutes=15) == timedelta(0)


@given(depot=depots(), dwells=stays(), prices=PRICES, policy=POLICIES)
def test_people_are_there_for_every_move(depot, dwells, prices, policy):
    yard = yard_of(dwells, depot, prices, policy=policy)

    assert all(depot.staff_hours.covers(move.at.astimezone(ZONE).time()) for move in yard.moves)


@given(depot=depots(), dwells=stays(), prices=PRICES, policy=POLICIES)
def test_the_swaps_are_those_of_the_drives_and_not_below_the_count(depot, dwells, prices, policy):
    yard = yard_of(dwells, depot, prices, policy=policy)

    occupations = occupations_of(yard.windows, yard.moves, dwells=dwells, depot=depot)
    assert yard.swaps == swap_count(occupations)
    placed = {window.vehicle_id for window in yard.windows}
    served = [dwell for dwell in dwells if dwell.vehicle_id in placed]
    assert yard.swaps >= least_swaps(served, depot)


@given(depot=depots(), dwells=stays(), prices=PRICES)
def test_the_same_input_gives_the_same_yard(depot, dwells, prices):
    assert yard_of(dwells, depot, prices) == yard_of(dwells, depot, prices)
