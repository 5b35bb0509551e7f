"""Whom a vendor means: the fleet's own id of each vehicle."""

from collections.abc import Mapping
from typing import Final

from depotlib.model.brief import Brief

KINS: Final[Mapping[str, str]] = {
    "geotab_tables": "geotab",
    "geotab_excel": "geotab",
    "samsara_fleet": "samsara",
}
"""Sources of files by the vendor whose ids they carry."""


class Roster:
    """The vehicles of a site by what vendors call them.

    Parameters
    ----------
    brief : Brief
    """

    def __init__(self, brief: Brief) -> None:
        vehicles = brief.fleet.vehicles if brief.fleet is not None else ()
        own = {dwell.vehicle_id for dwell in brief.dwells} | {one.vehicle_id for one in vehicles}
        self._by_name = {name: name for name in own}
        for vehicle in vehicles:
            self._by_name |= dict.fromkeys(vehicle.telematics_ids, vehicle.vehicle_id)

    def vehicle_id(self, vendor_id: str, *, feed: str) -> str | None:
        """Return a vehicle's own id, or None for one that the fleet does not know.

        Parameters
        ----------
        vendor_id : str
            As the feed says it; ``source:id`` from a file.
        feed : str
        """
        source, _, bare = vendor_id.partition(":") if feed == "folder" else (feed, "", vendor_id)
        names = (f"{KINS.get(source, source)}:{bare}", bare)
        return next((self._by_name[name] for name in names if name in self._by_name), None)
