"""Rules on what else draws and gives: storage, solar, vehicles that feed back, the grid's limit."""

from collections.abc import Iterator

import numpy as np

from depotlib.model.plan import AssetSchedule, Violation
from depotlib.planning.audit.evidence import ENERGY_TOLERANCE_KWH, POWER_TOLERANCE_KW, Evidence


def storage_limits(evidence: Evidence) -> Iterator[Violation]:
    """Yield storage that is asked for more than its power or its energy, followed step by step."""
    known = {storage.storage_id: storage for storage in evidence.depot.storages}
    for asset in evidence.plan.assets:
        if asset.kind != "storage":
            continue
        storage = known.get(asset.asset_id)
        if storage is None:
            yield _violation("storage", asset, claim="is not a storage of the depot")
            continue
        stored_kwh = storage.start_soc * storage.capacity_kwh
        for interval, power_kw in enumerate(asset.power_kw):
            energy_kwh = power_kw * evidence.plan.grid.interval_h
            stored_kwh += (
                energy_kwh * storage.efficiency_share
                if power_kw > 0
                else energy_kwh / storage.efficiency_share
            )
            is_held = (
                storage.floor_soc * storage.capacity_kwh - ENERGY_TOLERANCE_KWH
                <= stored_kwh
                <= storage.capacity_kwh + ENERGY_TOLERANCE_KWH
            )
            is_able = (
                -storage.max_discharge_kw - POWER_TOLERANCE_KW
                <= power_kw
                <= storage.max_charge_kw + POWER_TOLERANCE_KW
            )
            if not (is_held and is_able):
                yield _violation(
                    "storage",
                    asset,
                    claim=(
                        f"is to draw {power_kw:.3f} kW and hold {stored_kwh:.3f} kWh at the end of "
                        f"the interval of {evidence.at(interval).isoformat()}"
                    ),
                )


def solar_forecast(evidence: Evidence) -> Iterator[Violation]:
    """Yield intervals in which a plan uses more sun than is forecast, or draws from it."""
    for asset in evidence.plan.assets:
        if asset.kind == "solar":
            used_kw = -np.array(asset.power_kw)
            excess_kw = np.maximum(used_kw - evidence.solar_kw, -used_kw)
            for interval in evidence.above(excess_kw, 0.0):
                claim = f"gives {used_kw[interval]:.3f} kW of {evidence.solar_kw[interval]:.3f} kW"
                yield _violation("solar", asset, claim=claim)


def feeding_back(evidence: Evidence) -> Iterator[Violation]:
    """Yield vehicles that feed back what they may not: power, stay, or below their floor."""
    for asset in evidence.plan.assets:
        if asset.kind != "vehicle":
            continue
        held = [
            interval
            for interval, power_kw in enumerate(asset.power_kw)
            if abs(power_kw) > POWER_TOLERANCE_KW
        ]
        stays = [
            index
            for index, dwell in enumerate(evidence.dwells)
            if dwell.vehicle_id == asset.asset_id and dwell.battery is not None
        ]
        inside = {
            interval
            for index in stays
            for interval in held
            if evidence.dwells[index].arrival <= evidence.at(interval)
            and evidence.at(interval + 1) <= evidence.dwells[index].departure
        }
        if set(held) - inside:
            yield _violation("feeding_back", asset, claim="feeds back outside its stays")
        for index in stays:
            yield from _below_floor(evidence, asset, dwell_index=index)


def _below_floor(
    evidence: Evidence, asset: AssetSchedule, *, dwell_index: int
) -> Iterator[Violation]:
    """Follow one stay step by step: what it takes, what it gives, what is left."""
    dwell = evidence.dwells[dwell_index]
    battery = dwell.battery
    assert battery is not None, "only stays with a battery are followed"
    charged_kw = evidence.charging_kw(evidence.dwell == dwell_index)
    level_kwh = battery.arrival_soc * battery.usable_kwh
    for interval, power_kw in enumerate(asset.power_kw):
        if not dwell.arrival <= evidence.at(interval) < dwell.departure:
            continue
        wall_kw = charged_kw[interval] + power_kw / battery.round_trip_share
        level_kwh += wall_kw * evidence.plan.grid.interval_h * battery.wall_efficiency_share
        fed_kw = -power_kw
        is_below = level_kwh < battery.floor_soc * battery.usable_kwh - ENERGY_TOLERANCE_KWH
        is_too_much = fed_kw > battery.discharge_max_kw + POWER_TOLERANCE_KW
        if fed_kw > POWER_TOLERANCE_KW and (is_below or is_too_much):
            yield _violation(
                "feeding_back",
                asset,
                claim=f"feeds back {fed_kw:.3f} kW and is left with {level_kwh:.3f} kWh",
            )


def export_limit(evidence: Evidence) -> Iterator[Violation]:
    """Yield intervals in which more is fed back than the grid takes.

    What the base load feeds back by itself is no choice of a plan.
    """
    if not evidence.plan.assets:
        return
    fed_kw = -evidence.site_kw()
    limit_kw = np.maximum(evidence.depot.grid.export_limit_kw, -evidence.base_load_kw)
    for interval in evidence.above(fed_kw, np.maximum(limit_kw, 0.0)):
        start = evidence.at(interval).isoformat()
        yield Violation(
            rule="export_limit",
            where=start,
            sentence=(
                f"{fed_kw[interval]:.3f} kW would be fed back at {start}, more than the "
                f"{limit_kw[interval]:g} kW that the grid takes"
            ),
        )


def _violation(rule: str, asset: AssetSchedule, *, claim: str) -> Violation:
    return Violation(rule=rule, where=asset.asset_id, sentence=f"{asset.asset_id} {claim}")
