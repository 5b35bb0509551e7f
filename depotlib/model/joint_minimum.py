"""What a group of devices behind one energy manager is left under §14a EnWG: the joint minimum.

A grid operator may dim controllable devices of the low voltage, not switch them off. One device
keeps 4.2 kW. Behind an energy manager the group keeps 4.2 kW, and for each further device 4.2 kW
times a simultaneity factor that falls as the group grows, to be shared among them as one likes.

References
----------
.. [1] Bundesnetzagentur, decision BK6-22-300, annex 1, no. 4.5.2 (2023).
"""

from typing import Final

from depotlib.errors import ModelError
from depotlib.model.depot import Depot
from depotlib.model.grid_limit import CHARGING_NODE, SITE_NODE, GridLimit

DEVICE_KW: Final = 4.2
"""What one device keeps; a device that never takes more is not controllable."""
SIMULTANEITY_FACTORS: Final = {2: 0.80, 3: 0.75, 4: 0.70, 5: 0.65, 6: 0.60, 7: 0.55, 8: 0.50}
LARGE_GROUP_FACTOR: Final = 0.45
"""Of nine devices and more."""


def joint_minimum_kw(devices: int) -> float:
    """Return what a group of charge points keeps together at the least [kW].

    Heat pumps and coolers above 11 kW, which keep 0.4 of their rating instead, are not reckoned.

    Parameters
    ----------
    devices : int
        Controllable devices behind the energy manager, of more than 4.2 kW each; 1 or more.

    Raises
    ------
    ModelError
        If there is no device.
    """
    if devices < 1:
        raise ModelError(
            f"a group of {devices} devices is left nothing under §14a EnWG",
            where="devices",
            hint=f"the rule is for devices of more than {DEVICE_KW} kW; give limit_kw",
        )
    factor = SIMULTANEITY_FACTORS.get(devices, LARGE_GROUP_FACTOR) if devices > 1 else 0.0
    return DEVICE_KW + (devices - 1) * factor * DEVICE_KW


def controllable_devices(depot: Depot, node_id: str = CHARGING_NODE) -> int:
    """Return how many charge points of more than 4.2 kW lie on a node.

    Parameters
    ----------
    depot : Depot
    node_id : str
        ``site``, ``charging`` or a circuit.
    """
    return sum(
        max(connector.max_kw for connector in evse.connectors) > DEVICE_KW
        for station in depot.stations
        if node_id in {SITE_NODE, CHARGING_NODE}
        or any(one.circuit_id == node_id for one in depot.path_to_site(station.circuit_id))
        for evse in station.evses
    )


def group_minimum_kw(depot: Depot, node_id: str = CHARGING_NODE) -> float:
    """Return the joint minimum of the charge points on a node [kW].

    Raises
    ------
    ModelError
        If none of them is controllable.
    """
    return joint_minimum_kw(controllable_devices(depot, node_id))


def guaranteed_kw(limit: GridLimit, depot: Depot) -> float | None:
    """Return what its group must be left whatever a §14a limit says [kW]; None for other limits.

    A limit below it is obeyed all the same: who gave it owes the difference, not the depot.

    Parameters
    ----------
    limit : GridLimit
    depot : Depot
    """
    if limit.source != "enwg_14a" or not controllable_devices(depot, limit.node_id):
        return None
    return group_minimum_kw(depot, limit.node_id)
