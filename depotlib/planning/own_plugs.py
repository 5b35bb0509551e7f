"""The planning problem of stays that each have a plug of their own: nothing limits the site."""

import numpy as np

from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.problem import (
    SITE,
    FloatArray,
    LimitTree,
    Needs,
    PlanningProblem,
    Tasks,
)

_SPARE_KW = 1.0
"""Above all plugs together, so that the site's limit never decides anything."""


def own_plugs_problem(
    needs: Needs,
    *,
    grid: TimeGrid,
    prices: PriceTerms,
    base_load_kw: FloatArray,
    max_kw: float,
) -> PlanningProblem:
    """Return the problem in which every stay may draw at its own plug whenever it is there.

    The same plan as of `relaxed_problem` in a depot with a plug a stay, without that depot: a
    year of 500 vehicles is 182,500 plugs.

    Parameters
    ----------
    needs : Needs
        One a stay, without traits.
    grid : TimeGrid
    prices : PriceTerms
        On the same grid.
    base_load_kw : ndarray
        Of everything but these stays, (intervals,).
    max_kw : float
        Of every plug.

    Raises
    ------
    ProblemError
        If an array does not fit the grid or holds no number.
    """
    count = len(needs.vehicle_ids)
    there = np.zeros(grid.count + 1, dtype=np.int64)
    np.add.at(there, needs.first, 1)
    np.add.at(there, needs.last, -1)
    most_kw = float(np.cumsum(there).max(initial=0)) * max_kw + _SPARE_KW
    return PlanningProblem(
        grid=grid,
        needs=needs,
        tasks=Tasks(
            need=np.arange(count, dtype=np.int64),
            connector_ids=(None,) * count,
            first=needs.first,
            last=needs.last,
            max_kw=np.full(count, max_kw),
            min_kw=np.zeros(count),
            node=np.full(count, SITE, dtype=np.int64),
        ),
        tree=LimitTree(
            kinds=("site_limit",),
            ids=("",),
            parent=np.array([-1], dtype=np.int64),
            cap_kw=np.full((1, grid.count), most_kw),
        ),
        base_load_kw=base_load_kw,
        prices=prices,
    )
