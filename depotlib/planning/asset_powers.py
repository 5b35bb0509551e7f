"""What storage, solar and vehicles that feed back do, interval by interval."""

from dataclasses import dataclass

import numpy as np

from depotlib.planning.problem import FloatArray, PlanningProblem


@dataclass(frozen=True, slots=True)
class AssetPowers:
    """What storage, solar and vehicles that feed back do.

    Parameters
    ----------
    storage_kw : ndarray
        Net power of every storage, charging positive, (storages, intervals).
    spill_kw : ndarray
        Solar that is not used, (intervals,).
    feed_kw : ndarray
        What every task feeds back, 0 or more, (tasks, intervals).
    """

    storage_kw: FloatArray
    spill_kw: FloatArray
    feed_kw: FloatArray

    def net_kw(self, solar_kw: FloatArray) -> FloatArray:
        """Return what they add to the site's power [kW], (intervals,)."""
        return self.storage_kw.sum(axis=0) + self.spill_kw - solar_kw - self.feed_kw.sum(axis=0)

    def wear_amount(self, problem: PlanningProblem) -> float:
        """Return what giving costs the batteries, over the horizon of the price terms."""
        weight = problem.grid.interval_h * problem.prices.energy_factor
        given_kw = np.maximum(0.0, -self.storage_kw).sum(axis=1)
        amount = sum(
            storage.wear_per_kwh * float(power_kw)
            for storage, power_kw in zip(problem.storages, given_kw, strict=True)
        )
        traits = problem.needs.traits
        for task in np.flatnonzero(self.feed_kw.any(axis=1)).tolist():
            battery = None if traits is None else traits.batteries[int(problem.tasks.need[task])]
            if battery is not None:
                amount += battery.wear_per_kwh * float(self.feed_kw[task].sum())
        return amount * weight
