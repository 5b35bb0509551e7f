"""On tiny yards every possibility is tried."""

from itertools import product

import pytest

from depotlib.model.plan import ConnectorWindow, YardMove
from depotlib.planning.yard.bounds import least_swaps
from depotlib.planning.yard.occupancy import occupancy_violations, occupations_of, swap_count
from tests.yard_cases import at, depot_of, prices_of, spans_of, stay, yard_of

PRICES = (0.5, 0.1, 0.1, 0.3, 0.1, 0.2)


def worth(windows, dwells, *, max_kw):
    """Return missing energy and energy cost when every window takes its cheapest quarter-hours."""
    missing_kwh = cost_amount = 0.0
    for dwell in dwells:
        first, last = windows.get(dwell.vehicle_id, (0, 0))
        left_kwh = dwell.energy_target_kwh
        for price in sorted(PRICES[first:last]):
            part_kwh = min(left_kwh, max_kw * 0.25)
            cost_amount += part_kwh * price
            left_kwh -= part_kwh
        missing_kwh += left_kwh
    return round(missing_kwh, 6), cost_amount


def every_yard(dwells, depot):
    """Yield all allowed windows of two vehicles on one connector, without any drive but a swap."""
    spans = [[(first, last) for first in range(6) for last in range(first + 1, 7)] for _ in dwells]
    for chosen in product(*spans):
        windows = {d.vehicle_id: span for d, span in zip(dwells, chosen, strict=True)}
        (one, (_, ends)), (two, (begins, _)) = sorted(windows.items(), key=lambda w: w[1])
        moves = [YardMove(one, "S0/1", None, at(ends)), YardMove(two, None, "S0/1", at(ends))]
        rows = [
            ConnectorWindow(vehicle, "S0/1", at(first), at(last))
            for vehicle, (first, last) in windows.items()
        ]
        if begins >= ends and not occupancy_violations(rows, moves, dwells=dwells, depot=depot):
            yield windows


@pytest.mark.parametrize("energies_kwh", [(2.5, 2.5), (5.0, 2.5), (5.0, 5.0), (7.5, 7.5)])
@pytest.mark.parametrize("stays", [((0, 6), (0, 6)), ((0, 5), (1, 6)), ((0, 6), (2, 5))])
def test_two_vehicles_on_one_connector_share_as_well_as_any_two_could(energies_kwh, stays):
    dwells = [
        stay(f"v{n}", *span, energy_kwh)
        for n, (span, energy_kwh) in enumerate(zip(stays, energies_kwh, strict=True))
    ]
    depot = depot_of(10.0)

    yard = yard_of(dwells, depot, prices_of(*PRICES))

    chosen = {
        vehicle: (int(first), int(last)) for vehicle, (_, first, last) in spans_of(yard).items()
    }
    best = min(worth(windows, dwells, max_kw=10.0) for windows in every_yard(dwells, depot))
    assert worth(chosen, dwells, max_kw=10.0) == pytest.approx(best)


SPANS = [(0, 12), (0, 7), (4, 12), (8, 12)]


@pytest.mark.parametrize("stays", list(product(SPANS, repeat=3)))
def test_three_vehicles_on_two_connectors_take_as_few_swaps_as_counting_allows(stays):
    dwells = [stay(f"v{n}", *span, 2.5) for n, span in enumerate(stays)]
    depot = depot_of(10.0, 10.0)

    yard = yard_of(dwells, depot, prices_of(*(0.1, 0.2, 0.3) * 4))

    # all three present at once on two connectors need one swap, else none
    together = max(sum(first <= t < last for first, last in stays) for t in range(12))
    assert yard.unplaced == ()
    assert yard.swaps == max(0, together - 2) == least_swaps(dwells, depot)
    occupations = occupations_of(yard.windows, yard.moves, dwells=dwells, depot=depot)
    assert swap_count(occupations) == yard.swaps
