"""Whether a plan that was kept still rests on the facts as they are."""

from collections.abc import Sequence

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import Plan
from depotlib.model.price_terms import PriceTerms
from depotlib.planning.formulation import relaxed_problem, windowed_problem
from depotlib.planning.problem import FloatArray
from depotlib.planning.site_assets import with_assets


def is_made_for(
    plan: Plan,
    dwells: Sequence[Dwell],
    *,
    depot: Depot,
    prices: PriceTerms,
    base_load_kw: FloatArray,
) -> bool:
    """Return whether a plan rests on these very facts: its problem has the same digest.

    Parameters
    ----------
    plan : Plan
        Made without a forecast of the sun.
    dwells, depot, prices, base_load_kw
        As for `plan_night`, on the plan's grid.
    """
    if plan.header.occupancy == "relaxed":
        problem = relaxed_problem(
            dwells, depot, grid=plan.grid, prices=prices, base_load_kw=base_load_kw
        )
    else:
        problem = windowed_problem(
            dwells,
            depot,
            windows=plan.windows,
            grid=plan.grid,
            prices=prices,
            base_load_kw=base_load_kw,
        )
    return with_assets(problem, depot).digest() == plan.header.problem_digest
