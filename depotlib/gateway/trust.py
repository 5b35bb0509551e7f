"""What the ledger believes of a station: its connection, its fallback, the unit of its limits."""

from dataclasses import dataclass, field
from datetime import datetime

from depotlib.model.live import LimitUnit, StationClass


@dataclass(slots=True)
class StationTrust:
    """What the ledger believes of a station's connection and of its fallback.

    Parameters
    ----------
    epoch : int
        Number of its present (or last) connection.
    is_connected, is_armed, is_distrusted : bool
        Whether it has a connection now; whether its safe limit is in place; whether it was caught
        disobeying.
    measured_kw : dict
        By connector: the most that was measured of one that was caught disobeying.
    can_expire : bool
        False: one profile level only, or no expiry (class B).
    unit, safe_unit : {'A', 'W'}
        In which its next limit goes out, and in which its safe limit is in place; watts unless
        it is known better, since they say nothing of a single phase.
    closed_at : dict
        When each earlier epoch ended.
    """

    epoch: int = 0
    is_connected: bool = False
    is_armed: bool = False
    is_distrusted: bool = False
    measured_kw: dict[str, float] = field(default_factory=dict[str, float])
    can_expire: bool = True
    unit: LimitUnit = "W"
    safe_unit: LimitUnit = "W"
    closed_at: dict[int, datetime] = field(default_factory=dict[int, datetime])

    @property
    def station_class(self) -> StationClass:
        """Return A (falls back and expires), B (leases never lapse) or C (not to be trusted)."""
        if self.is_distrusted or not self.is_armed:
            return "C"
        return "A" if self.can_expire else "B"
