"""The tables of ``depot plan`` as nouns: dwells, and a depot of stations and circuits.

A row that cannot be is refused with its file and line: a plan is made of all rows or not at all.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from depotlib.errors import ModelError, PlanFileError, TimeZoneNeededError
from depotlib.ingest.content import read_content
from depotlib.ingest.delimited import DelimitedTable, read_table
from depotlib.ingest.record import FieldReader, Reading
from depotlib.model.depot import (
    ChargingStation,
    Circuit,
    Connector,
    Depot,
    Evse,
    GridConnection,
)
from depotlib.model.dwell import Dwell, DwellBattery
from depotlib.model.storage import Storage

DWELL_COLUMNS: Final = ("vehicle_id", "arrival_local", "departure_local", "energy_wall_kwh")
STATION_COLUMNS: Final = ("station_id", "connector_id", "max_kw")
CIRCUIT_COLUMNS: Final = ("circuit", "limit_kw")
STORAGE_COLUMNS: Final = ("storage_id", "capacity_kwh", "max_charge_kw", "max_discharge_kw")
BATTERY_COLUMNS: Final = (
    *("wall_efficiency_share", "taper_share"),
    *("discharge_max_kw", "round_trip_share", "floor_soc", "wear_per_kwh", "spare_kwh"),
)
"""What else a dwell may say of its vehicle's battery: taper, and what it may feed back."""
PHASES: Final = (1, 3)
ONE_POOL: Final = "all"
"""Pool of stations whose table names none."""

_Noun = TypeVar("_Noun")


@dataclass(frozen=True, slots=True)
class _StationRow:
    """One row of the stations' table: a connector."""

    station_id: str
    connector: Connector
    phases: int
    pool: str
    circuit_id: str | None


def dwells_of(path: Path, *, time_zone: ZoneInfo | None) -> list[Dwell]:
    """Return the dwells of a table, in its order.

    Parameters
    ----------
    path : Path
        CSV with `DWELL_COLUMNS` and optionally pool, max_kw, min_kw, energy_must_kwh, priority,
        station_id, ac_phases, and the battery: battery_kwh, arrival_soc and `BATTERY_COLUMNS`.
    time_zone : ZoneInfo or None
        Of local times.

    Raises
    ------
    PlanFileError
        If a column is missing or a row cannot be.
    TimeZoneNeededError
        If times are local and no zone is given.
    """
    table = _table(path, needed=DWELL_COLUMNS)
    dwells = list(_rows(table, path, reading=Reading(time_zone=time_zone), make=_dwell))
    _refuse_overlaps(dwells, path)
    return dwells


def depot_of(
    stations_path: Path, *, circuits_path: Path | None, grid: GridConnection, time_zone: str
) -> Depot:
    """Return a depot of stations and circuits; circuits without a table are unlimited.

    Raises
    ------
    PlanFileError
        If a column is missing, a row cannot be, or the tables contradict each other.
    """
    rows = list(
        _rows(
            _table(stations_path, needed=STATION_COLUMNS),
            stations_path,
            reading=Reading(),
            make=_station_row,
        )
    )
    circuits = (
        [Circuit(circuit_id, None, math.inf) for circuit_id in _circuits_named(rows)]
        if circuits_path is None
        else list(
            _rows(
                _table(circuits_path, needed=CIRCUIT_COLUMNS),
                circuits_path,
                reading=Reading(),
                make=_circuit,
            )
        )
    )
    try:
        return Depot(
            depot_id="files",
            name="Depot from files",
            time_zone=time_zone,
            currency="",
            grid=grid,
            circuits=tuple(circuits),
            stations=tuple(_stations(rows)),
        )
    except ModelError as error:
        raise PlanFileError(
            error.what,
            where=str(circuits_path or stations_path),
            hint=error.hint or "correct the tables of stations and circuits",
        ) from error


def storages_of(path: Path) -> tuple[Storage, ...]:
    """Return the storage of a table: `STORAGE_COLUMNS`, and what else `Storage` takes.

    Raises
    ------
    PlanFileError
        If a column is missing or a row cannot be.
    """
    return tuple(
        _rows(_table(path, needed=STORAGE_COLUMNS), path, reading=Reading(), make=_storage)
    )


def _table(path: Path, *, needed: Sequence[str]) -> DelimitedTable:
    table = read_table(read_content(path).text, file=str(path))
    missing = [name for name in needed if name not in table.header]
    if missing:
        raise PlanFileError(
            f"there is no column {', '.join(repr(name) for name in missing)}",
            where=str(path),
            hint=f"the columns found are {', '.join(table.header)}",
        )
    faults = [rejection for rejection in table.rejections if rejection.reason != "blank"]
    if faults:
        raise PlanFileError(
            faults[0].detail, where=f"{path}, line {faults[0].row}", hint="correct the row"
        )
    if not table.records:
        raise PlanFileError(
            "the table holds no rows", where=str(path), hint="give one row for each"
        )
    return table


def _rows(
    table: DelimitedTable,
    path: Path,
    *,
    reading: Reading,
    make: Callable[[FieldReader], _Noun],
) -> Iterator[_Noun]:
    for record in table.records:
        where = f"{path}, line {record.row}"
        fields = FieldReader(record, reading)
        try:
            noun = make(fields)
        except (ModelError, ValueError) as error:
            _refuse_fault(fields, where)
            what = error.what if isinstance(error, ModelError) else str(error)
            hint = error.hint if isinstance(error, ModelError) else ""
            raise PlanFileError(what, where=where, hint=hint or "correct the row") from error
        _refuse_fault(fields, where)
        yield noun


def _refuse_fault(fields: FieldReader, where: str) -> None:
    fault = fields.rejection
    if fault is None:
        return
    if fault.reason == "no_time_zone":
        raise TimeZoneNeededError(
            f"the times are local, and their zone is not given ({fault.detail})",
            where=where,
            hint="add --time-zone, such as America/New_York",
        )
    raise PlanFileError(fault.detail, where=where, hint="correct the row")


def _dwell(fields: FieldReader) -> Dwell:
    arrival, departure = fields.instant("arrival_local"), fields.instant("departure_local")
    target_kwh = fields.number("energy_wall_kwh")
    if arrival is None or departure is None or target_kwh is None:
        raise ValueError("arrival_local, departure_local and energy_wall_kwh are needed")
    must_kwh = fields.number("energy_must_kwh")
    max_kw = fields.number("max_kw")
    return Dwell(
        vehicle_id=fields.needed_text("vehicle_id"),
        arrival=arrival,
        departure=departure,
        energy_must_kwh=target_kwh if must_kwh is None else must_kwh,
        energy_target_kwh=target_kwh,
        pool=fields.text("pool"),
        max_kw=math.inf if max_kw is None else max_kw,
        min_kw=fields.number("min_kw") or 0.0,
        priority=_whole(fields, "priority"),
        station_id=fields.text("station_id"),
        ac_phases=_whole(fields, "ac_phases"),
        battery=_battery(fields),
    )


def _battery(fields: FieldReader) -> DwellBattery | None:
    usable_kwh, arrival_soc = fields.number("battery_kwh"), fields.number("arrival_soc")
    told = {name: fields.number(name) for name in BATTERY_COLUMNS}
    facts = {name: number for name, number in told.items() if number is not None}
    if usable_kwh is None or arrival_soc is None:
        if facts:
            raise ValueError(f"{', '.join(facts)} needs battery_kwh and arrival_soc beside it")
        return None
    return replace(DwellBattery(usable_kwh, arrival_soc), **facts)


def _station_row(fields: FieldReader) -> _StationRow:
    station_id, text = fields.needed_text("station_id"), fields.needed_text("connector_id")
    max_kw = fields.number("max_kw")
    if max_kw is None:
        raise ValueError("max_kw is empty")
    if not text.isdigit():
        raise ValueError(f"connector_id is {text!r}, not a number from 1")
    phases = _whole(fields, "phases") or 1
    if phases not in PHASES:
        raise ValueError(f"phases is {phases}, not 1 or 3")
    return _StationRow(
        station_id=station_id,
        connector=Connector(
            connector_id=f"{station_id}/{int(text)}",
            number=int(text),
            max_kw=max_kw,
            min_kw=fields.number("min_kw") or 0.0,
        ),
        phases=phases,
        pool=fields.text("pool") or ONE_POOL,
        circuit_id=fields.text("circuit"),
    )


def _circuit(fields: FieldReader) -> Circuit:
    limit_kw = fields.number("limit_kw")
    if limit_kw is None:
        raise ValueError("limit_kw is empty")
    return Circuit(
        circuit_id=fields.needed_text("circuit"),
        parent_id=fields.text("parent"),
        limit_kw=limit_kw,
    )


def _storage(fields: FieldReader) -> Storage:
    sizes = [fields.number(name) for name in STORAGE_COLUMNS[1:]]
    capacity_kwh, max_charge_kw, max_discharge_kw = sizes
    if capacity_kwh is None or max_charge_kw is None or max_discharge_kw is None:
        raise ValueError("capacity_kwh, max_charge_kw and max_discharge_kw are needed")
    plain = Storage(
        storage_id=fields.needed_text("storage_id"),
        capacity_kwh=capacity_kwh,
        max_charge_kw=max_charge_kw,
        max_discharge_kw=max_discharge_kw,
        circuit_id=fields.text("circuit"),
    )
    start_soc = _given(fields, "start_soc", otherwise=plain.start_soc)
    return replace(
        plain,
        efficiency_share=_given(fields, "efficiency_share", otherwise=plain.efficiency_share),
        wear_per_kwh=_given(fields, "wear_per_kwh", otherwise=plain.wear_per_kwh),
        start_soc=start_soc,
        # A night that empties the storage leaves the next one without.
        least_end_soc=_given(fields, "least_end_soc", otherwise=start_soc),
        floor_soc=_given(fields, "floor_soc", otherwise=plain.floor_soc),
    )


def _given(fields: FieldReader, name: str, *, otherwise: float) -> float:
    number = fields.number(name)
    return otherwise if number is None else number


def _whole(fields: FieldReader, name: str) -> int:
    number = fields.number(name) or 0.0
    if number != int(number):
        raise ValueError(f"{name} is {number:g}, not a whole number")
    return int(number)


def _circuits_named(rows: Sequence[_StationRow]) -> list[str]:
    return list(dict.fromkeys(row.circuit_id for row in rows if row.circuit_id is not None))


def _stations(rows: Sequence[_StationRow]) -> Iterator[ChargingStation]:
    """Yield a station for each id; every connector of it charges a vehicle of its own."""
    by_station: dict[str, list[_StationRow]] = {}
    for row in rows:
        by_station.setdefault(row.station_id, []).append(row)
    for station_id, own in by_station.items():
        if len({(row.pool, row.circuit_id, row.phases) for row in own}) > 1:
            raise ModelError(
                f"the connectors of station {station_id!r} are in different pools or circuits, or "
                "have different phases",
                where=f"station {station_id}",
                hint="a station is in one pool and on one circuit, with as many phases throughout",
            )
        yield ChargingStation(
            station_id=station_id,
            circuit_id=own[0].circuit_id,
            pool=own[0].pool,
            current_type="DC" if own[0].pool.lower().startswith("dc") else "AC",
            max_kw=sum(row.connector.max_kw for row in own),
            phases=own[0].phases,
            # A table of stations knows no safe limit: the hard limit then counts setpoints only.
            safe_limit_kw=0.0,
            evses=tuple(
                Evse(evse_id=row.connector.number, connectors=(row.connector,)) for row in own
            ),
        )


def _refuse_overlaps(dwells: Sequence[Dwell], path: Path) -> None:
    by_vehicle: dict[str, list[Dwell]] = {}
    for dwell in dwells:
        by_vehicle.setdefault(dwell.vehicle_id, []).append(dwell)
    for vehicle_id, stays in by_vehicle.items():
        ordered = sorted(stays, key=lambda dwell: dwell.arrival)
        for earlier, later in pairwise(ordered):
            if later.arrival < earlier.departure:
                raise PlanFileError(
                    f"{vehicle_id!r} arrives at {later.arrival} before it has left at "
                    f"{earlier.departure}",
                    where=str(path),
                    hint="a vehicle is in one place at a time: correct its stays",
                )
