"""Storage that is bolted to the ground: a battery beside the stations."""

import math
from dataclasses import dataclass

from depotlib.errors import ModelError


@dataclass(frozen=True, slots=True)
class Storage:
    """A stationary battery.

    Parameters
    ----------
    storage_id : str
    capacity_kwh : float
        Usable.
    max_charge_kw, max_discharge_kw : float
        At its connection to the depot.
    circuit_id : str or None
        Circuit it hangs on; None means the site itself.
    efficiency_share : float
        One way: stored per energy drawn, and given per energy stored, 0-1.
    wear_per_kwh : float
        What a kWh that it gives costs the battery.
    start_soc : float
        State of charge when a plan begins, 0-1.
    least_end_soc : float
        State of charge that a plan must leave, 0-1.
    floor_soc : float
        State of charge that it never goes below, 0-1.
    """

    storage_id: str
    capacity_kwh: float
    max_charge_kw: float
    max_discharge_kw: float
    circuit_id: str | None = None
    efficiency_share: float = 0.95
    wear_per_kwh: float = 0.0
    start_soc: float = 0.5
    least_end_soc: float = 0.5
    floor_soc: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a battery that cannot exist."""
        sizes = (self.capacity_kwh, self.max_charge_kw, self.max_discharge_kw, self.wear_per_kwh)
        shares = (self.floor_soc, self.start_soc, self.least_end_soc)
        if not (
            all(0 <= size < math.inf for size in sizes)
            and self.capacity_kwh > 0
            and all(0 <= share <= 1 for share in shares)
            and self.floor_soc <= min(self.start_soc, self.least_end_soc)
            and 0 < self.efficiency_share <= 1
        ):
            raise ModelError(
                f"storage {self.storage_id!r} cannot exist as it is described",
                where=f"storage {self.storage_id}",
                hint="capacity above 0, powers and wear 0 or more, 0 <= floor <= start and end <= 1,"
                " efficiency above 0 up to 1",
            )
