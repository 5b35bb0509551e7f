"""The morning after: what each vehicle lacks of what it was to get, and what each cause took."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, get_args

from depotlib.errors import ModelError

Cause = Literal[
    "late_plug_in",
    "early_plug_out",
    "wrong_bay",
    "unknown_identity",
    "limit",
    "taper",
    "vehicle_limit",
    "station_fault",
    "communication",
    "override",
    "plan",
]
CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)


@dataclass(frozen=True, slots=True)
class CauseShare:
    """What one cause took.

    Parameters
    ----------
    cause : Cause
    missing_wh : int
        Its share of what is missing, at the wall [Wh].
    why : str
        The evidence, in words.
    """

    cause: Cause
    missing_wh: int
    why: str


@dataclass(frozen=True, slots=True)
class VehicleReconciliation:
    """Plan against actual of one stay. Whole watt-hours, so that the sum is exact.

    Parameters
    ----------
    vehicle_id : str
    arrival, departure : datetime
        As planned.
    plugged_at, unplugged_at : datetime or None
        First and last as it was; None: it never was, or still is.
    planned_connectors, connectors : tuple of str
        Where it was to be, and where it was.
    must_wh, target_wh : int
        What it needs to go, and what it was to get.
    planned_wh : int
        What the plan permitted of the target.
    delivered_wh : int
        As metered.
    shares : tuple of CauseShare
        The largest first.
    unexplained_wh : int
        What is missing still when every known cause is corrected.
    """

    vehicle_id: str
    arrival: datetime
    departure: datetime
    plugged_at: datetime | None
    unplugged_at: datetime | None
    planned_connectors: tuple[str, ...]
    connectors: tuple[str, ...]
    must_wh: int
    target_wh: int
    planned_wh: int
    delivered_wh: int
    shares: tuple[CauseShare, ...] = ()
    unexplained_wh: int = 0

    def __post_init__(self) -> None:
        """Refuse shares that do not make up the gap."""
        told_wh = sum(share.missing_wh for share in self.shares) + self.unexplained_wh
        if told_wh != self.missing_wh:
            raise ModelError(
                f"{self.vehicle_id!r} lacks {self.missing_wh} Wh, but its causes make {told_wh} Wh",
                where=f"vehicle {self.vehicle_id}",
                hint="every missing watt-hour has one cause",
            )

    @property
    def missing_wh(self) -> int:
        """Return what is missing of the target [Wh]; never below 0."""
        return max(0, self.target_wh - self.delivered_wh)

    @property
    def is_ready(self) -> bool:
        """Return whether it has what it needs to go."""
        return self.delivered_wh >= self.must_wh


@dataclass(frozen=True, slots=True)
class NightReconciliation:
    """All stays of a night.

    Parameters
    ----------
    night : date
        The local day on which it begins.
    depot_name, time_zone : str
    start, end : datetime
        From local noon to local noon.
    made_at : datetime
    release_id : str
        What was pushed, against which it is measured; empty: nothing was.
    vehicles : tuple of VehicleReconciliation
        Whoever lacks most first.
    nobodys_wh : int
        Delivered in sessions that no vehicle could be named for.
    """

    night: date
    depot_name: str
    time_zone: str
    start: datetime
    end: datetime
    made_at: datetime
    release_id: str
    vehicles: tuple[VehicleReconciliation, ...]
    nobodys_wh: int = 0

    def taken_wh(self, cause: Cause) -> int:
        """Return what a cause took of all vehicles [Wh]."""
        return sum(
            share.missing_wh
            for one in self.vehicles
            for share in one.shares
            if share.cause == cause
        )

    @property
    def missing_wh(self) -> int:
        """Return what all vehicles lack [Wh]."""
        return sum(one.missing_wh for one in self.vehicles)

    @property
    def unexplained_wh(self) -> int:
        """Return what no known cause explains [Wh]."""
        return sum(one.unexplained_wh for one in self.vehicles)
