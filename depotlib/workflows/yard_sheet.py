"""The yard sheet of a plan: who stands where from when to when, for the people who move vans.

In the demo it is also the script that the virtual yard follows: the same sheet, played.
"""

from collections.abc import Sequence
from pathlib import Path

from depotlib.model.dwell import Need
from depotlib.model.plan import ConnectorWindow, Plan
from depotlib.needs.night import max_wall_kw
from depotlib.virtual.script import BaseLoad, NightScript, ScriptedVehicle, Stay, night_to_toml
from depotlib.workflows.tonight import Tonight


def yard_stays(windows: Sequence[ConnectorWindow], needs: Sequence[Need]) -> tuple[Stay, ...]:
    """Return when each cable goes in and out, by connector and time.

    A vehicle that finds its connector free plugs in on arrival, one that waits or comes from
    another connector when its window begins; one that makes room or goes on to another connector
    unplugs when its window ends, any other when it departs.

    Parameters
    ----------
    windows : sequence of ConnectorWindow
    needs : sequence of Need
        Of the vehicles in the windows.
    """
    dwells = {need.dwell.vehicle_id: need.dwell for need in needs}
    ordered = sorted(windows, key=lambda window: (window.connector_id, window.start))
    by_start = sorted(windows, key=lambda window: window.start)
    first_start = {window.vehicle_id: window.start for window in reversed(by_start)}
    last_start = {window.vehicle_id: window.start for window in by_start}
    stays: list[Stay] = []
    for index, window in enumerate(ordered):
        dwell = dwells[window.vehicle_id]
        before = ordered[index - 1] if index > 0 else None
        after = ordered[index + 1] if index + 1 < len(ordered) else None
        has_to_wait = before is not None and before.connector_id == window.connector_id
        makes_room = after is not None and after.connector_id == window.connector_id
        is_first = window.start == first_start[window.vehicle_id]
        is_last = window.start == last_start[window.vehicle_id]
        stays.append(
            Stay(
                vehicle_id=window.vehicle_id,
                connector_id=window.connector_id,
                plug_in=dwell.arrival if is_first and not has_to_wait else window.start,
                unplug=dwell.departure if is_last and not makes_room else window.end,
            )
        )
    return tuple(stays)


def night_script(tonight: Tonight, plan: Plan) -> NightScript:
    """Return the night as the virtual yard plays it: vehicles as they arrive, stays as planned."""
    tag_of = {token.vehicle_id: token.token for token in reversed(tonight.identities.tokens)}
    vehicles: list[ScriptedVehicle] = []
    for need in tonight.needs:
        vehicle = tonight.fleet.vehicle(need.dwell.vehicle_id)
        vehicle_class = tonight.fleet.class_of(vehicle.vehicle_id)
        vehicles.append(
            ScriptedVehicle(
                vehicle_id=vehicle.vehicle_id,
                id_tag=tag_of.get(vehicle.vehicle_id, ""),
                usable_kwh=vehicle_class.usable_kwh,
                wall_efficiency_share=vehicle_class.wall_efficiency_share,
                max_kw=max_wall_kw(vehicle, vehicle_class),
                arrival_soc=need.arrival_soc,
            )
        )
    return NightScript(
        vehicle=tuple(vehicles),
        stay=yard_stays(plan.windows, tonight.needs),
        base_load=_base_load(tonight),
    )


def _base_load(tonight: Tonight) -> tuple[BaseLoad, ...]:
    """Return the base load as forecast, as steps where it changes."""
    steps: list[BaseLoad] = []
    for start, power_kw in zip(tonight.grid.starts(), tonight.base_load_kw, strict=True):
        if power_kw != (steps[-1].power_kw if steps else 0.0):
            steps.append(BaseLoad(start=start, power_kw=max(0.0, power_kw)))
    return tuple(steps)


def write_yard_sheet(path: Path, sheet: NightScript) -> None:
    """Write a sheet, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(night_to_toml(sheet), encoding="utf-8")
    unfinished.replace(path)
