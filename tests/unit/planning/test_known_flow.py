"""What is known of greatest flows from earlier peaks is never more than what flows."""

import numpy as np
import pytest

from depotlib.planning.flow.known_flow import KnownFlow
from depotlib.planning.flow.level import levels_of
from depotlib.planning.flow.network import FlowSolver, network_of
from depotlib.planning.flow.night import nights_of
from depotlib.planning.flow.readiness import readiness_of
from depotlib.planning.flow.site_room import peak_limits, site_room
from depotlib.units import mwh_to_kwh
from tests.planning_cases import random_problem

# A milliwatt-hour of rounding in each of up to 96 intervals.
ROUNDING_KWH = 1e-4


@pytest.mark.parametrize("seed", range(8))
def test_a_flow_is_at_least_what_flows_at_other_peaks_say(seed: int):
    problem = random_problem(seed, tightness=1.5)
    networks = [network_of(problem, night) for night in nights_of(problem)]
    solvers = [FlowSolver(one, readiness_of(problem, one).supply) for one in networks]
    levels = [level for solver in solvers for level in levels_of(problem.price_per_kwh(), solver)]
    limits = peak_limits(problem)
    rng = np.random.default_rng(seed)
    known = KnownFlow(levels)

    for number in range(5):
        peak_kw = limits.lower_kw + rng.random() * (limits.upper_kw - limits.lower_kw)
        room_mwh = site_room(problem, limits=limits, peak_kw=peak_kw).room_mwh
        flow_kwh = np.array(
            [
                mwh_to_kwh(
                    level.solver.value_mwh(
                        np.where(
                            level.open_intervals,
                            room_mwh[level.solver.network.night.first :][
                                : level.solver.network.span
                            ],
                            0,
                        )
                    )
                )
                for level in levels
            ]
        )
        least_kwh = known.least_kwh(peak_kw, room_mwh=room_mwh)
        known.add(peak_kw, room_mwh=room_mwh, flow_kwh=flow_kwh)

        assert np.all(least_kwh <= flow_kwh + ROUNDING_KWH)
        assert number == 0 or least_kwh.max() > 0
        assert known.least_kwh(peak_kw, room_mwh=room_mwh) == pytest.approx(
            flow_kwh, abs=ROUNDING_KWH
        )
