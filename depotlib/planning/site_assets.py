"""What a depot has beside stations: storage, solar, and the right to feed back."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from depotlib.errors import ProblemError
from depotlib.model.depot import Depot
from depotlib.model.dwell import DwellBattery
from depotlib.model.storage import Storage
from depotlib.planning.asset_powers import AssetPowers
from depotlib.planning.problem import SITE, LimitTree, PlanningProblem


def with_assets(
    problem: PlanningProblem, depot: Depot, *, solar_kw: Sequence[float] = ()
) -> PlanningProblem:
    """Return a problem with the storage of its depot, a forecast of solar and feeding back.

    Parameters
    ----------
    problem : PlanningProblem
    depot : Depot
    solar_kw : sequence of float
        What the sun could give, (intervals,); empty: nothing.

    Raises
    ------
    ProblemError
        If the forecast does not fit the grid or holds what no sun gives.
    """
    count = problem.grid.count
    forecast_kw = np.array(solar_kw or [0.0] * count, dtype=np.float64)
    if forecast_kw.shape != (count,) or not np.all(np.isfinite(forecast_kw) & (forecast_kw >= 0)):
        raise ProblemError(
            f"a forecast of solar needs {count} finite powers of 0 or more",
            where="solar_kw",
        )
    feeds = any(battery and battery.discharge_max_kw > 0 for battery in _batteries(problem))
    if not (depot.storages or feeds or forecast_kw.any() or problem.prices.export):
        return problem
    return replace(
        problem,
        storages=depot.storages,
        storage_nodes=tuple(_node_of(one, depot, tree=problem.tree) for one in depot.storages),
        solar_kw=forecast_kw,
        export_limit_kw=depot.grid.export_limit_kw,
    )


def beside(problem: PlanningProblem, assets: AssetPowers | None) -> PlanningProblem:
    """Return the problem in which the assets' powers are given: base load, room and needs.

    Parameters
    ----------
    problem : PlanningProblem
    assets : AssetPowers or None
    """
    if assets is None or problem.solar_kw is None:
        return problem
    cap_kw = problem.tree.cap_kw.copy()
    for storage, node in enumerate(problem.storage_nodes):
        cap_kw[list(problem.tree.path(node))] -= assets.storage_kw[storage]
    for task, node in enumerate(problem.tasks.node.tolist()):
        cap_kw[list(problem.tree.path(node))] += assets.feed_kw[task]
    returned_kwh = assets.returned_kwh(problem)
    cap_kw[SITE] += problem.solar_kw - assets.spill_kw
    return replace(
        problem,
        base_load_kw=problem.base_load_kw + assets.net_kw(problem.solar_kw),
        tree=replace(problem.tree, cap_kw=np.maximum(0.0, cap_kw)),
        needs=replace(
            problem.needs,
            energy_must_kwh=problem.needs.energy_must_kwh + returned_kwh,
            energy_target_kwh=problem.needs.energy_target_kwh + returned_kwh,
        ),
        storages=(),
        storage_nodes=(),
        solar_kw=None,
    )


def _batteries(problem: PlanningProblem) -> tuple[DwellBattery | None, ...]:
    traits = problem.needs.traits
    return () if traits is None else traits.batteries


def _node_of(storage: Storage, depot: Depot, *, tree: LimitTree) -> int:
    """Return the lowest limit above a storage that the problem knows."""
    circuits = {
        node_id: node
        for node, (kind, node_id) in enumerate(zip(tree.kinds, tree.ids, strict=True))
        if kind == "circuit_limit"
    }
    above = [circuit.circuit_id for circuit in depot.path_to_site(storage.circuit_id)]
    return next((circuits[one] for one in above if one in circuits), SITE)
