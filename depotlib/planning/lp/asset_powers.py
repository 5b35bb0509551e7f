"""From columns to what storage, solar and vehicles that feed back do."""

import numpy as np

from depotlib.planning.asset_powers import AssetPowers
from depotlib.planning.linear_program import LinearSolution, Vector
from depotlib.planning.lp.assembler import Model
from depotlib.planning.lp.site_load import feeding_arcs, has_assets

_TINY_KW = 1e-7


def asset_powers(model: Model, solution: LinearSolution) -> AssetPowers | None:
    """Return what the assets do in a solution; None where there are none.

    What goes in and out of storage at once, for nothing, is taken as the one that remains: the
    stored energy stays the same, and the site draws less. Solar that was burned that way is not
    used.
    """
    problem = model.night.problem
    if not has_assets(problem):
        return None
    shape = (len(problem.storages), problem.grid.count)
    charge_kw: Vector = solution.values[model.columns_of("charge")].reshape(shape)
    discharge_kw: Vector = solution.values[model.columns_of("discharge")].reshape(shape)
    efficiency = np.array([s.efficiency_share for s in problem.storages])[:, None]
    stored_kw = charge_kw * efficiency - discharge_kw / efficiency
    feed_kw = np.zeros((len(problem.tasks.need), problem.grid.count))
    arcs = feeding_arcs(model.night)
    feed_kw[model.night.task[arcs], model.night.interval[arcs]] = solution.values[
        model.columns_of("feed")
    ]
    storage_kw = np.where(stored_kw > 0, stored_kw / efficiency, stored_kw * efficiency)
    burned_kw = (charge_kw - discharge_kw - storage_kw).sum(axis=0)
    spill_kw = np.maximum(0.0, solution.values[model.columns_of("spill")]) + burned_kw
    assert problem.solar_kw is not None
    return AssetPowers(
        storage_kw=np.where(np.abs(storage_kw) > _TINY_KW, storage_kw, 0.0),
        spill_kw=np.clip(spill_kw, 0.0, problem.solar_kw),
        feed_kw=np.where(feed_kw > _TINY_KW, feed_kw, 0.0),
    )
