"""A site as a TOML text: stations, circuits, limits, safe limits, identities (docs/site-file.md).

Pure: text in, `Brief` out. The gateway seeds its mailbox from it, the virtual depot builds its
stations from it, and the demo depot is written in it.
"""

import math
import tomllib
from dataclasses import replace

from pydantic import ValidationError

from depotlib.errors import ModelError, SiteFileError
from depotlib.model.brief import Brief
from depotlib.model.depot import (
    ChargingStation,
    Circuit,
    Connector,
    Depot,
    Derating,
    Evse,
    GridConnection,
    StaffHours,
)
from depotlib.model.faulty_field import fault_of
from depotlib.model.identity import IdentityMap, IdentityToken
from depotlib.model.openadr import OpenAdrLevel, OpenAdrProgram, OpenAdrSource
from depotlib.model.position import Position
from depotlib.model.site_meter import MeterPoint, SiteMeterSource
from depotlib.model.site_tables import (
    CircuitTable,
    OpenAdrTable,
    SiteMeterTable,
    SiteTables,
    StationTable,
)
from depotlib.model.storage import Storage
from depotlib.units import ac_power_kw


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
    return site_from_tables(tables_from_toml(text, where=where), where=where)


def tables_from_toml(text: str, *, where: str) -> SiteTables:
    """Return the tables of a TOML text, each field of its kind; whether they fit is not looked at.

    Parameters
    ----------
    text : str
    where : str
        File name, for the error.

    Raises
    ------
    SiteFileError
        If it is not TOML, or holds an unknown or wrong field.
    """
    try:
        return SiteTables.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SiteFileError(f"not a TOML file: {error}", where=where) from error
    except ValidationError as error:
        raise field_error(error, where=where) from error


def field_error(error: ValidationError, *, where: str) -> SiteFileError:
    """Return what is wrong with the first field of tables that is, and where: rows from 1."""
    return SiteFileError(fault_of(error), where=where, hint="see docs/site-file.md for every field")


def site_from_tables(tables: SiteTables, *, where: str) -> Brief:
    """Return the site that tables describe.

    Parameters
    ----------
    tables : SiteTables
    where : str
        What they come from, for the error.

    Raises
    ------
    SiteFileError
        If they describe what cannot exist.
    """
    try:
        return _brief_of(tables)
    except ModelError as error:
        raise SiteFileError(error.what, where=f"{where}, {error.where}", hint=error.hint) from error


def _deratings_of(site: SiteTables, name: str) -> tuple[Derating, ...]:
    return tuple(
        Derating(start=one.start, end=one.end, limit_kw=one.limit_kw)
        for one in site.derating
        if one.of == name
    )


def _refuse_unknown_deratings(site: SiteTables) -> None:
    known = {one.station_id for one in site.station} | {one.circuit_id for one in site.circuit}
    for one in site.derating:
        if one.of not in known:
            raise ModelError(
                f"{one.of!r} is neither a station nor a circuit",
                where="derating",
                hint=f"name one of {', '.join(sorted(known))}",
            )


def _brief_of(site: SiteTables) -> Brief:
    table = site.depot
    _refuse_unknown_deratings(site)
    if site.yard is not None:
        site.yard.corner()
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
        openadr=_openadr_of(site.openadr),
    )
    tokens = tuple(IdentityToken(**identity.model_dump()) for identity in site.identity)
    return Brief(
        depot=depot,
        identities=IdentityMap(tokens=tokens),
        security_profile=site.gateway.security_profile,
        unknown_policy=site.gateway.unknown_policy,
    )


def _meter_of(table: SiteMeterTable | None) -> SiteMeterSource | None:
    if table is None:
        return None
    points = tuple(MeterPoint(**point.model_dump()) for point in table.point)
    return SiteMeterSource(**table.model_dump(exclude={"point"}), points=points)


def _openadr_of(table: OpenAdrTable | None) -> OpenAdrSource | None:
    if table is None:
        return None
    programs = tuple(
        OpenAdrProgram(
            **one.model_dump(exclude={"level"}),
            levels=tuple(OpenAdrLevel(**level.model_dump()) for level in one.level),
        )
        for one in table.program
    )
    return OpenAdrSource(**table.model_dump(exclude={"program"}), programs=programs)


def _circuit_of(table: CircuitTable) -> Circuit:
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


def _station_of(table: StationTable) -> ChargingStation:
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
