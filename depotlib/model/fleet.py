"""The fleet: vehicle classes and vehicles."""

from dataclasses import dataclass

from depotlib.errors import ModelError


@dataclass(frozen=True, slots=True)
class VehicleClass:
    """What vehicles of one kind have in common.

    Parameters
    ----------
    class_id : str
    usable_kwh : float
        Usable battery energy.
    consumption_kwh_per_km : float
        Mean consumption from the battery.
    wall_efficiency_share : float
        Battery energy gained per energy drawn at the wall, 0-1.
    ac_max_kw, dc_max_kw : float
        Most it takes at the wall on each kind of current; 0 where it cannot.
    ac_phases : int
        Phases its on-board charger uses.
    wakes_from_pause : bool
        Whether it resumes after a pause at 0.
    dc_taper_share : float
        Share of DC power lost at 100 % of a linear taper from 80 % on; 0: none is known.
    loaded_factor : float
        Consumption with the permitted load over that without; 1: not known.
    """

    class_id: str
    usable_kwh: float
    consumption_kwh_per_km: float
    wall_efficiency_share: float
    ac_max_kw: float
    dc_max_kw: float
    ac_phases: int = 1
    wakes_from_pause: bool = True
    dc_taper_share: float = 0.0
    loaded_factor: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a vehicle that cannot exist."""
        if not (self.usable_kwh > 0 and self.consumption_kwh_per_km >= 0):
            raise ModelError(
                f"vehicle class {self.class_id!r} needs a usable battery and a consumption",
                where=f"vehicle class {self.class_id}",
            )
        if not 0 < self.wall_efficiency_share <= 1:
            raise ModelError(
                f"vehicle class {self.class_id!r}: efficiency {self.wall_efficiency_share:g} is "
                "not within 0-1",
                where=f"vehicle class {self.class_id}",
            )
        if not (0 <= self.dc_taper_share <= 1 and self.loaded_factor > 0):
            raise ModelError(
                f"vehicle class {self.class_id!r}: a taper of {self.dc_taper_share:g} and a load "
                f"factor of {self.loaded_factor:g} cannot be",
                where=f"vehicle class {self.class_id}",
                hint="the taper is a share of 0 to 1, the factor more than 0",
            )


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle.

    Parameters
    ----------
    vehicle_id : str
    class_id : str
    pool : str or None
        Station pool it must use; None: any.
    vin : str
        Upper-case, 17 characters, or empty.
    telematics_ids : tuple of str
        What vendors call it (``geotab:b2A``, ``samsara:2814...``).
    priority : int
        Larger is more important.
    """

    vehicle_id: str
    class_id: str
    pool: str | None = None
    vin: str = ""
    telematics_ids: tuple[str, ...] = ()
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Fleet:
    """The vehicles of a depot and their classes."""

    classes: tuple[VehicleClass, ...]
    vehicles: tuple[Vehicle, ...]

    def __post_init__(self) -> None:
        """Refuse doubled vehicles and unknown classes."""
        known = {vehicle_class.class_id for vehicle_class in self.classes}
        seen: set[str] = set()
        for vehicle in self.vehicles:
            if vehicle.class_id not in known:
                raise ModelError(
                    f"vehicle {vehicle.vehicle_id!r} is of class {vehicle.class_id!r}, which the "
                    "fleet does not have",
                    where=f"vehicle {vehicle.vehicle_id}",
                )
            if vehicle.vehicle_id in seen:
                raise ModelError(
                    f"two vehicles share the id {vehicle.vehicle_id!r}", where="vehicle_id"
                )
            seen.add(vehicle.vehicle_id)

    def vehicle(self, vehicle_id: str) -> Vehicle:
        """Return a vehicle by its id.

        Raises
        ------
        ModelError
            If the fleet has no such vehicle.
        """
        for vehicle in self.vehicles:
            if vehicle.vehicle_id == vehicle_id:
                return vehicle
        raise ModelError(f"the fleet has no vehicle {vehicle_id!r}", where="vehicle_id")

    def class_of(self, vehicle_id: str) -> VehicleClass:
        """Return the class of a vehicle."""
        class_id = self.vehicle(vehicle_id).class_id
        return next(one for one in self.classes if one.class_id == class_id)
