"""Who shares a connector has time to spare before it leaves, where there is any."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.planning.yard.assignment import YardAssignment
from depotlib.planning.yard.early_windows import spared_windows
from tests.yard_cases import at, depot_of, prices_of, stay, yard_of

QUARTER = timedelta(minutes=15)


def windows(
    dwells: Sequence[Dwell], depot: Depot, *, intervals: int
) -> dict[str, tuple[float, float]]:
    """Return from when to when each vehicle has its connector, in intervals."""

    def assign(some: Sequence[Dwell]) -> YardAssignment:
        # Late is cheap, so the first of two keeps its connector for as long as the second lets it.
        return yard_of(list(some), depot, prices=prices_of(*(1.0 - 0.01 * t for t in range(32))))

    yard = spared_windows(dwells, depot, step=QUARTER, intervals=intervals, assign=assign)
    return {
        one.vehicle_id: ((one.start - at(0)) / QUARTER, (one.end - at(0)) / QUARTER)
        for one in yard.windows
    }


def test_the_second_on_a_connector_has_time_to_spare_before_it_leaves():
    # 10 kW: four intervals for each van, and one between them to change places; there are twenty.
    vans = [stay("first", 0, 20, 10.0), stay("second", 0, 20, 10.0)]

    plain = windows(vans, depot_of(10.0), intervals=0)
    spared = windows(vans, depot_of(10.0), intervals=3)

    last = max(spared, key=lambda name: spared[name])
    assert spared[last][1] == plain[last][1] == 20
    assert spared[last][0] <= 20 - 4 - 3
    assert plain[last][0] > 20 - 4 - 3


@pytest.mark.parametrize("intervals", [2, 30])
def test_where_there_is_no_time_to_spare_windows_are_those_without(intervals: int):
    # Both need four of ten intervals, and one is lost between them: one is left.
    vans = [stay("first", 0, 10, 10.0), stay("second", 0, 10, 10.0)]

    assert windows(vans, depot_of(10.0), intervals=intervals) == windows(
        vans, depot_of(10.0), intervals=0
    )


def test_who_preconditions_keeps_its_whole_stay():
    van = stay("van", 0, 20, 10.0, precondition_kwh=2.0, precondition_s=900)

    assert windows([van], depot_of(10.0), intervals=3) == {"van": (0.0, 20.0)}
