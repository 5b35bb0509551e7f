"""Trips, duties, vehicles, assignments and meter intervals on their way to a frame."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol, TypeAlias, TypeVar

import polars as pl

from depotlib.ingest.meter_rows import MeterRow
from depotlib.model.frames import (
    AssignmentFrame,
    DutyFrame,
    MeterFrame,
    TripFrame,
    VehicleFrame,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where facts come from: the registry name of a source, and a file."""

    source: str
    file: str


@dataclass(frozen=True, slots=True)
class TripRow:
    """One trip as a source maps it; the columns are those of `TripFrame`."""

    vehicle_id: str
    start: datetime
    end: datetime | None
    src_row: int
    distance_km: float | None = None
    energy_battery_kwh: float | None = None
    start_odometer_km: float | None = None
    end_odometer_km: float | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Return what stays when a vendor recalculates the trip: its ids do not."""
        return (self.vehicle_id, self.start)

    @property
    def version(self) -> int:
        """Return 1 for a trip that has ended: it stands against the same one still open."""
        return int(self.end is not None)


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One duty as a source maps it; the columns are those of `DutyFrame`."""

    duty_id: str
    vehicle_id: str | None
    departure: datetime
    src_row: int
    return_at: datetime | None = None
    distance_km: float | None = None
    must_soc: float | None = None
    target_soc: float | None = None
    priority: int | None = None
    is_withdrawn: bool = False
    version: int = 0

    @property
    def key(self) -> tuple[object, ...]:
        """Return the duty's id: its times may be moved."""
        return (self.duty_id,)


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """One vehicle of a vendor's list; the columns are those of `VehicleFrame`."""

    vehicle_id: str
    src_row: int
    name: str | None = None
    vin: str | None = None
    licence_plate: str | None = None
    model: str | None = None
    battery_kwh: float | None = None
    version: int = 0

    @property
    def key(self) -> tuple[object, ...]:
        """Return the vendor's id."""
        return (self.vehicle_id,)


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """One span of a driver with a vehicle; the columns are those of `AssignmentFrame`."""

    driver_id: str
    vehicle_id: str
    start: datetime
    end: datetime | None
    src_row: int
    id_tag: str | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Return who, from when: the vehicle may be corrected and the end may come later."""
        return (self.driver_id, self.start)

    @property
    def version(self) -> int:
        """Return 1 for a span that has ended: it stands against the same one still open."""
        return int(self.end is not None)


_Schema: TypeAlias = (
    type[TripFrame]
    | type[DutyFrame]
    | type[VehicleFrame]
    | type[AssignmentFrame]
    | type[MeterFrame]
)


class _Keyed(Protocol):
    @property
    def key(self) -> tuple[object, ...]: ...
    @property
    def version(self) -> int: ...


_Row = TypeVar("_Row", bound=_Keyed)


def latest_rows(rows: Iterable[_Row]) -> list[_Row]:
    """Return the last version of each row; of equal versions the later in the file stands."""
    latest: dict[tuple[object, ...], _Row] = {}
    for row in rows:
        known = latest.get(row.key)
        if known is None or row.version >= known.version:
            latest[row.key] = row
    return list(latest.values())


def fleet_frame(
    rows: Sequence[TripRow | DutyRow | VehicleRow | AssignmentRow | MeterRow],
    schema: _Schema,
    *,
    origin: Origin,
) -> pl.DataFrame | None:
    """Return rows as a checked frame in the order of their keys; None where there are none."""
    if not rows:
        return None
    types = {name: column.dtype for name, column in schema.columns().items()}
    given = {"source": origin.source, "src_file": origin.file}
    ordered = sorted(rows, key=lambda row: tuple(map(str, row.key)))
    frame = pl.DataFrame(
        [
            {name: value for name, value in {**given, **asdict(row)}.items() if name in types}
            for row in ordered
        ],
        schema=types,
        orient="row",
    )
    return schema.validate(frame, cast=True)
