"""What storage, solar and vehicles that feed back do, interval by interval."""

from dataclasses import dataclass

import numpy as np

from depotlib.model.plan import AssetSchedule
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
        """Return what they add to the site's power [kW], (intervals,).

        ``Σ_s storage[s, t] + spill[t] - solar[t] - Σ_i feed[i, t]``
        """
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

    def returned_kwh(self, problem: PlanningProblem) -> FloatArray:
        """Return what needs must take again for what they feed back [kWh], (needs,).

        ``max(0, interval_h * Σ_t feed[i, t] / round_trip_share[i] - spare[i])``
        """
        returned_kwh = np.zeros(len(problem.needs.vehicle_ids))
        spare_kwh = np.zeros(len(returned_kwh))
        traits = problem.needs.traits
        for task in np.flatnonzero(self.feed_kw.any(axis=1)).tolist():
            need = int(problem.tasks.need[task])
            battery = None if traits is None else traits.batteries[need]
            assert battery is not None, "only a battery feeds back"
            fed_kwh = float(self.feed_kw[task].sum()) * problem.grid.interval_h
            returned_kwh[need] += fed_kwh / battery.round_trip_share
            spare_kwh[need] = battery.spare_kwh
        return np.maximum(0.0, returned_kwh - spare_kwh)


def schedules_of(problem: PlanningProblem, assets: AssetPowers | None) -> tuple[AssetSchedule, ...]:
    """Return what assets do as schedules; nothing for those that do nothing."""
    if assets is None or problem.solar_kw is None:
        return ()
    found = [
        AssetSchedule(storage.storage_id, "storage", tuple(power_kw.tolist()))
        for storage, power_kw in zip(problem.storages, assets.storage_kw, strict=True)
    ]
    if problem.solar_kw.any():
        used_kw = problem.solar_kw - assets.spill_kw
        found.append(AssetSchedule("solar", "solar", tuple((-used_kw).tolist())))
    for task in np.flatnonzero(assets.feed_kw.any(axis=1)).tolist():
        vehicle_id = problem.needs.vehicle_ids[int(problem.tasks.need[task])]
        power_kw = tuple((-assets.feed_kw[task]).tolist())
        found.append(AssetSchedule(vehicle_id, "vehicle", power_kw))
    return tuple(found)


def solar_alone(problem: PlanningProblem, task_kw: FloatArray) -> AssetPowers | None:
    """Return what happens without anybody planning it: storage rests, the sun is used as it comes.

    What cannot be used or fed back is spilled.
    """
    if problem.solar_kw is None:
        return None
    drawn_kw = problem.base_load_kw + task_kw.sum(axis=0)
    most_kw = np.maximum(0.0, drawn_kw) + problem.export_limit_kw
    return AssetPowers(
        storage_kw=np.zeros((len(problem.storages), problem.grid.count)),
        spill_kw=np.maximum(0.0, problem.solar_kw - most_kw),
        feed_kw=np.zeros_like(task_kw),
    )
