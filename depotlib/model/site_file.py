"""A site as a TOML text: stations, circuits, limits, safe limits, identities (docs/site-file.md).

Pure: text in, `Brief` out. The gateway seeds its mailbox from it, the virtual depot builds its
stations from it, and the demo depot is written in it.
"""

import math
import tomllib
from dataclasses import replace
from datetime import datetime, time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from depotlib.errors import ModelError, SiteFileError
from depotlib.model.brief import Brief, UnknownPolicy
from depotlib.model.depot import (
    ChargingStation,
    Circuit,
    Connector,
    CurrentType,
    Depot,
    Derating,
    Evse,
    GridConnection,
    StaffHours,
)
from depotlib.model.identity import IdentityMap, IdentityToken, TokenKind
from depotlib.model.position import Position
from depotlib.model.site_meter import (
    MeterKind,
    MeterPoint,
    PointOf,
    PointUnit,
    RegisterType,
    SiteMeterSource,
)
from depotlib.model.storage import Storage
from depotlib.units import ac_power_kw


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class _DepotTable(_Table):
    depot_id: str
    name: str
    time_zone: str
    currency: str = "USD"
    changeover_s: int = 600
    staff_from: time = time(0)
    staff_to: time = time(0)
    moves_per_hour: int = 0


class _GridTable(_Table):
    service_kw: float
    operating_limit_kw: float
    margin_kw: float = 0.0
    base_load_max_kw: float = 0.0
    export_limit_kw: float = 0.0
    phase_limit_kw: float | None = None


class _CircuitTable(_Table):
    circuit_id: str
    limit_kw: float | None = None
    parent_id: str | None = None
    phase_limit_kw: float | None = None
    breaker_a: float | None = Field(default=None, gt=0.0)
    voltage_v: float = Field(default=230.0, gt=0.0)
    is_line_to_line: bool = False
    phases: Literal[1, 3] = 3
    continuous_share: float = Field(default=1.0, gt=0.0, le=1.0)


class _StationTable(_Table):
    station_id: str
    max_kw: float
    safe_limit_kw: float
    pool: str = ""
    current_type: CurrentType = "AC"
    circuit_id: str | None = None
    min_kw: float = 0.0
    connectors: int = 1
    cabinet_kw: float | None = None
    phases: Literal[1, 3] = 1
    voltage_v: float = 230.0
    bay: str = ""
    positions_degrees: tuple[tuple[float, float], ...] = ()
    wiring: tuple[int, ...] = ()
    takes_live_profiles: bool | None = None


class _StorageTable(_Table):
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


class _DeratingTable(_Table):
    of: str
    start: datetime
    end: datetime
    limit_kw: float = 0.0


class _IdentityTable(_Table):
    token: str
    vehicle_id: str
    kind: TokenKind = "tag"
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    parent: str = ""
    is_blocked: bool = False


class _GatewayTable(_Table):
    security_profile: Literal[0, 1, 2, 3] = 0
    unknown_policy: UnknownPolicy = "accept_all"
    takes_live_profiles: bool = True


class _PointTable(_Table):
    of: PointOf
    at: str
    unit: PointUnit
    scale_factor: float = 1.0
    register_type: RegisterType = "int32"
    table: Literal["holding", "input"] = "holding"
    is_low_word_first: bool = False


class _SiteMeterTable(_Table):
    kind: MeterKind
    address: str
    topic: str = ""
    device: int = 1
    is_sunspec: bool = False
    positive: Literal["import", "export"] = "import"
    period_s: float = 2.0
    stale_s: float = 15.0
    most_kw: float | None = None
    base_margin_kw: float = 1.0
    base_rise_kw_per_s: float | None = None
    window_target_kw: float | None = None
    window_s: float = 900.0
    point: tuple[_PointTable, ...] = ()


class _SiteTable(_Table):
    depot: _DepotTable
    grid: _GridTable
    circuit: tuple[_CircuitTable, ...] = ()
    station: tuple[_StationTable, ...]
    storage: tuple[_StorageTable, ...] = ()
    derating: tuple[_DeratingTable, ...] = ()
    identity: tuple[_IdentityTable, ...] = ()
    gateway: _GatewayTable = _GatewayTable()
    site_meter: _SiteMeterTable | None = None


def site_from_toml(text: str, *, where: str) -> Brief:
    """Return the site that a TOML text describes.

    Parameters
    ----------
    text : str
    where : str
        File name, for the error.

    Raises
    ------
    SiteFileError
        If it is not TOML, holds an unknown or wrong field, or describes what cannot exist.
    """
    try:
        site = _SiteTable.model_validate(tomllib.loads(text))
        return _brief_of(site)
    except tomllib.TOMLDecodeError as error:
        raise SiteFileError(f"not a TOML file: {error}", where=where) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SiteFileError(
            f"{field}: {first['msg']}",
            where=where,
            hint="see docs/site-file.md for every field",
        ) from error
    except ModelError as error:
        raise SiteFileError(error.what, where=f"{where}, {error.where}", hint=error.hint) from error


def _deratings_of(site: _SiteTable, name: str) -> tuple[Derating, ...]:
    return tuple(
        Derating(start=one.start, end=one.end, limit_kw=one.limit_kw)
        for one in site.derating
        if one.of == name
    )


def _refuse_unknown_deratings(site: _SiteTable) -> None:
    known = {one.station_id for one in site.station} | {one.circuit_id for one in site.circuit}
    for one in site.derating:
        if one.of not in known:
            raise ModelError(
                f"{one.of!r} is neither a station nor a circuit",
                where="derating",
                hint=f"name one of {', '.join(sorted(known))}",
            )


def _brief_of(site: _SiteTable) -> Brief:
    table = site.depot
    _refuse_unknown_deratings(site)
    depot = Depot(
        depot_id=table.depot_id,
        name=table.name,
        time_zone=table.time_zone,
        currency=table.currency,
        grid=GridConnection(**site.grid.model_dump()),
        circuits=tuple(
            replace(_circuit_of(circuit), deratings=_deratings_of(site, circuit.circuit_id))
            for circuit in site.circuit
        ),
        stations=tuple(
            replace(
                _station_of(station),
                deratings=_deratings_of(site, station.station_id),
                takes_live_profiles=(
                    site.gateway.takes_live_profiles
                    if station.takes_live_profiles is None
                    else station.takes_live_profiles
                ),
            )
            for station in site.station
        ),
        storages=tuple(Storage(**storage.model_dump()) for storage in site.storage),
        staff_hours=StaffHours(start=table.staff_from, end=table.staff_to),
        changeover_s=table.changeover_s,
        moves_per_hour=table.moves_per_hour,
        site_meter=_meter_of(site.site_meter),
    )
    tokens = tuple(IdentityToken(**identity.model_dump()) for identity in site.identity)
    return Brief(
        depot=depot,
        identities=IdentityMap(tokens=tokens),
        security_profile=site.gateway.security_profile,
        unknown_policy=site.gateway.unknown_policy,
    )


def _meter_of(table: _SiteMeterTable | None) -> SiteMeterSource | None:
    if table is None:
        return None
    points = tuple(MeterPoint(**point.model_dump()) for point in table.point)
    return SiteMeterSource(**table.model_dump(exclude={"point"}), points=points)


def _circuit_of(table: _CircuitTable) -> Circuit:
    """Return a circuit with the limits that its breaker and its own words leave, whichever is lower.

    A breaker trips by the current of a phase, so on three phases it limits each of them as well.
    """
    if table.limit_kw is None and table.breaker_a is None:
        raise ModelError(
            f"circuit {table.circuit_id!r} has no limit",
            where=f"circuit {table.circuit_id}",
            hint="give limit_kw, or breaker_a with voltage_v, phases and continuous_share",
        )
    limits_kw = [] if table.limit_kw is None else [table.limit_kw]
    phases_kw = [] if table.phase_limit_kw is None else [table.phase_limit_kw]
    if table.breaker_a is not None:
        is_star = table.is_line_to_line and table.phases > 1
        neutral_v = table.voltage_v / math.sqrt(3.0) if is_star else table.voltage_v
        phase_kw = ac_power_kw(table.breaker_a * table.continuous_share, neutral_v, phases=1)
        limits_kw.append(phase_kw * table.phases)
        phases_kw += [phase_kw] if table.phases > 1 else []
    return Circuit(
        circuit_id=table.circuit_id,
        parent_id=table.parent_id,
        limit_kw=min(limits_kw),
        phase_limit_kw=min(phases_kw, default=None),
        is_in_amperes=table.limit_kw is None,
    )


def _station_of(table: _StationTable) -> ChargingStation:
    if len(table.positions_degrees) not in {0, table.connectors}:
        raise ModelError(
            f"station {table.station_id!r} has {table.connectors} connectors and "
            f"{len(table.positions_degrees)} positions",
            where=f"station {table.station_id}",
            hint="give the bay of each connector, or none",
        )
    # Each connector is an EVSE of its own: stations whose plugs exclude each other come later.
    evses = tuple(
        Evse(
            evse_id=number,
            connectors=(
                Connector(
                    connector_id=f"{table.station_id}/{number}",
                    number=number,
                    max_kw=table.max_kw,
                    min_kw=table.min_kw,
                    position=Position(*table.positions_degrees[number - 1])
                    if table.positions_degrees
                    else None,
                ),
            ),
        )
        for number in range(1, table.connectors + 1)
    )
    return ChargingStation(
        station_id=table.station_id,
        circuit_id=table.circuit_id,
        pool=table.pool or table.current_type.lower(),
        current_type=table.current_type,
        max_kw=(table.max_kw * table.connectors if table.cabinet_kw is None else table.cabinet_kw),
        safe_limit_kw=table.safe_limit_kw,
        evses=evses,
        phases=table.phases,
        voltage_v=table.voltage_v,
        bay=table.bay,
        wiring=table.wiring,
    )
