"""News that reaches the live side during the night, and what its processes say of themselves."""

from dataclasses import dataclass, replace
from datetime import datetime

from depotlib.errors import ModelError
from depotlib.model.position import Position


@dataclass(frozen=True, slots=True)
class VehicleReading:
    """The latest that telematics says of a vehicle.

    Parameters
    ----------
    vehicle_id : str
    at : datetime
        When it was true, not when it came.
    soc : float or None
        0-1.
    odometer_km : float or None
    source : str
        Feed it came from.
    is_at_depot, is_plugged : bool or None
        None: it does not say.
    soc_at, plugged_at : datetime or None
        When the state of charge and the plug were true, where that is not `at`: a feed lays what
        comes at different times side by side.
    position : Position or None
        Where it is.
    position_at : datetime or None
        When it was there, where that is not `at`.
    stopped_at : datetime or None
        When its last trip ended: ignition off.
    """

    vehicle_id: str
    at: datetime
    soc: float | None
    odometer_km: float | None
    source: str
    is_at_depot: bool | None = None
    is_plugged: bool | None = None
    soc_at: datetime | None = None
    plugged_at: datetime | None = None
    position: Position | None = None
    position_at: datetime | None = None
    stopped_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a state of charge outside 0-1 and an odometer below 0."""
        if self.soc is not None and not 0.0 <= self.soc <= 1.0:
            raise ModelError(
                f"{self.vehicle_id!r} reports a state of charge of {self.soc}",
                where=f"vehicle {self.vehicle_id}",
                hint="give a fraction from 0 to 1",
            )
        if self.odometer_km is not None and not 0.0 <= self.odometer_km < float("inf"):
            raise ModelError(
                f"{self.vehicle_id!r} reports an odometer of {self.odometer_km} km",
                where=f"vehicle {self.vehicle_id}",
                hint="give a finite number of 0 or more",
            )


@dataclass(frozen=True, slots=True)
class DepartureChange:
    """What the fleet changed about a vehicle's stay of tonight; None: as it was.

    Parameters
    ----------
    vehicle_id : str
    changed_at : datetime
    departure : datetime or None
    energy_kwh : float or None
        Energy for the whole stay, at the wall; replaces must and target.
    priority : int or None
        Larger is more important.
    source : str
        Who asked.
    must_kwh : float or None
        What of `energy_kwh` it must have to leave; None: all of it.
    precondition_kwh : float or None
        What of it warms battery and cabin just before the departure.
    precondition_s : int or None
        How long before the departure that begins [s].
    """

    vehicle_id: str
    changed_at: datetime
    departure: datetime | None = None
    energy_kwh: float | None = None
    priority: int | None = None
    source: str = ""
    must_kwh: float | None = None
    precondition_kwh: float | None = None
    precondition_s: int | None = None

    def laid_over(self, held: "DepartureChange | None") -> "DepartureChange":
        """Return this change over an earlier one: what it leaves out stays as that made it."""
        if held is None:
            return self
        return replace(
            self,
            departure=self.departure or held.departure,
            energy_kwh=held.energy_kwh if self.energy_kwh is None else self.energy_kwh,
            must_kwh=held.must_kwh if self.energy_kwh is None else self.must_kwh,
            priority=held.priority if self.priority is None else self.priority,
            precondition_kwh=(
                held.precondition_kwh if self.precondition_kwh is None else self.precondition_kwh
            ),
            precondition_s=(
                held.precondition_s if self.precondition_s is None else self.precondition_s
            ),
        )

    def __post_init__(self) -> None:
        """Refuse a naive departure and an energy that cannot be."""
        if self.departure is not None and self.departure.tzinfo is None:
            raise ModelError(
                f"the new departure of {self.vehicle_id!r} needs an offset from UTC",
                where=f"vehicle {self.vehicle_id}",
                hint="write it as 2026-11-03T05:30:00+00:00",
            )
        for amount_kwh in (self.energy_kwh, self.must_kwh, self.precondition_kwh):
            if amount_kwh is not None and not 0.0 <= amount_kwh < float("inf"):
                raise ModelError(
                    f"{self.vehicle_id!r} cannot be given {amount_kwh} kWh",
                    where=f"vehicle {self.vehicle_id}",
                    hint="give a finite number of 0 or more",
                )


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of a process."""

    process: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class NodeReserve:
    """What the safety ledger holds on one node of the circuit tree.

    Parameters
    ----------
    node_id : str
        ``site`` or a circuit.
    limit_kw : float
        Hard limit of the node.
    margin_kw : float
        Kept free below it.
    base_load_kw : float
        Upper bound on everything else on the node now.
    reserved_kw : float
        Sum of what the stations below may draw now at the most.
    power_kw : float
        Sum of what they were last measured to draw.
    at : datetime
    """

    node_id: str
    limit_kw: float
    margin_kw: float
    base_load_kw: float
    reserved_kw: float
    power_kw: float
    at: datetime
