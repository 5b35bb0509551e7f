"""Nobody charged above a state of charge that spares the battery, unless its duty takes more."""

from collections.abc import Iterable
from dataclasses import replace

from depotlib.errors import ModelError
from depotlib.model.dwell import Need
from depotlib.model.fleet import Fleet


def capped_needs(needs: Iterable[Need], fleet: Fleet, *, most_soc: float) -> tuple[Need, ...]:
    """Return needs whose targets end at a state of charge; what a duty must have stays.

    ``max(must, min(target, (most_soc - arrival_soc) x usable / efficiency))``

    Parameters
    ----------
    needs : iterable of Need
    fleet : Fleet
        With the class of each of their vehicles.
    most_soc : float
        Above 0, up to 1.

    Raises
    ------
    ModelError
        If it is no state of charge.
    """
    if not 0 < most_soc <= 1:
        raise ModelError(
            f"nobody can be charged up to {most_soc:.0%}",
            where="most_soc",
            hint="give a state of charge above 0 and up to 1",
        )
    return tuple(_capped(need, fleet, most_soc=most_soc) for need in needs)


def _capped(need: Need, fleet: Fleet, *, most_soc: float) -> Need:
    dwell = need.dwell
    vehicle_class = fleet.class_of(dwell.vehicle_id)
    room_kwh = (most_soc - need.arrival_soc) * vehicle_class.usable_kwh
    most_kwh = max(0.0, room_kwh) / vehicle_class.wall_efficiency_share
    target_kwh = max(dwell.energy_must_kwh, min(dwell.energy_target_kwh, most_kwh))
    return replace(need, dwell=replace(dwell, energy_target_kwh=target_kwh))
