"""How the site looks from here: stations, connectors and nodes as the other processes see them."""

from datetime import datetime
from typing import Final

from depotlib.gateway.control import SiteControl
from depotlib.gateway.quirks import Dialect
from depotlib.gateway.station import Plug, Station
from depotlib.gateway.steps import line_of_steps
from depotlib.model.live import ConnectorState, StationState
from depotlib.model.news import NodeReserve

ABOVE_SHARE: Final = 0.02
ABOVE_KW: Final = 0.2
"""What a meter may be wrong by: more than that above its limit is shown at the first sample."""


def station_state(control: SiteControl, station_id: str, *, now: datetime) -> StationState:
    """Return a station as the gateway sees it now."""
    station = control.stations[station_id]
    trust = control.ledger.trust[station_id]
    return StationState(
        station_id=station_id,
        is_connected=station.is_connected,
        station_class=trust.station_class,
        is_fallback_armed=station.arming.is_armed,
        last_seen=station.last_seen,
        vendor=station.vendor,
        model=station.model,
        connectors=tuple(
            _connector_state(control, station, plug=plug, now=now)
            for plug in station.plugs.values()
        ),
        ocpp_version=station.arming.version if station.last_seen is not None else "",
        dialect=words_of(station.arming.dialect),
        last_message=control.last_said.get(station_id, ""),
    )


def words_of(dialect: Dialect) -> str:
    """Return how limits are said to a station, in words."""
    unit = f"{dialect.unit}, {dialect.phases} phases" if dialect.unit == "A" else dialect.unit
    level = f"leases on level {dialect.lease_level}" if dialect.can_expire else "one level only"
    place = "in the transaction" if dialect.uses_transaction_profile else "as default"
    return f"{unit}, {level}, {place}, at most {dialect.max_periods} periods"


def node_reserves(control: SiteControl, *, now: datetime) -> list[NodeReserve]:
    """Return what the ledger holds on every node now, and what was last measured below it."""
    reserved = control.room(now).reserved_now_kw()
    base_kw = control.watch.base_kw(now)
    power_kw = dict.fromkeys(reserved, 0.0)
    phases = {node.node_id for node in control.site.nodes if node.phase}
    for outlet in control.site.outlets:
        name = outlet.connector_id
        station = control.stations[outlet.station_id]
        session = station.transactions.running(station.number_of(name))
        # An outlet names every phase above it, also of circuits whose phases nobody limits.
        for node_id in power_kw.keys() & outlet.node_ids if session is not None else ():
            share = outlet.phase_share if node_id in phases else 1.0
            power_kw[node_id] += share * session.power_kw if session is not None else 0.0
    return [
        NodeReserve(
            node_id=node.node_id,
            limit_kw=node.limit.at(now.timestamp()),
            margin_kw=node.margin_kw,
            base_load_kw=node.base_share * base_kw if node.base_share else node.base_load_max_kw,
            reserved_kw=reserved[node.node_id],
            power_kw=power_kw[node.node_id],
            at=now,
        )
        for node in control.site.nodes
    ]


def _connector_state(
    control: SiteControl, station: Station, *, plug: Plug, now: datetime
) -> ConnectorState:
    name, at_s = plug.connector_id, now.timestamp()
    session, lease = station.session(plug), control.held(plug.connector_id, now)
    limit_kw = safe_kw = control.ledger.outlets[name].safe_kw
    if lease is not None:
        line = line_of_steps(lease.steps, valid_to=lease.valid_to, after_kw=limit_kw)
        limit_kw = line.at(at_s)
    reserved_kw = control.ledger.reserved(name).at(at_s)
    if session is None:
        return ConnectorState(
            connector_id=name,
            status=plug.status,
            session_id=None,
            vehicle_id=None,
            identity_source="none",
            power_kw=0.0,
            energy_kwh=0.0,
            soc=None,
            limit_kw=limit_kw,
            reserved_kw=reserved_kw,
            safe_limit_kw=safe_kw,
            lease_until=lease.valid_to if lease is not None else None,
            safe_limit_told=plug.safe_limit_told,
        )
    return ConnectorState(
        connector_id=name,
        status=plug.status,
        session_id=session.session_id,
        vehicle_id=session.who.vehicle_id,
        identity_source=session.who.source,
        power_kw=session.power_kw,
        energy_kwh=session.energy_kwh,
        soc=session.soc,
        limit_kw=limit_kw,
        reserved_kw=reserved_kw,
        session_started_at=session.started_at,
        measured_at=session.measured_at,
        safe_limit_kw=safe_kw,
        lease_until=lease.valid_to if lease is not None else None,
        safe_limit_told=plug.safe_limit_told,
        above_kw=_above_kw(control, plug),
    )


def _above_kw(control: SiteControl, plug: Plug) -> float:
    """Return by how much the newest sample is above what the ledger then held for it [kW]."""
    if plug.measured_at is None:
        return 0.0
    most_kw = control.ledger.reserved(plug.connector_id).at(plug.measured_at.timestamp())
    is_above = plug.power_kw > most_kw * (1.0 + ABOVE_SHARE) + ABOVE_KW
    return plug.power_kw - most_kw if is_above else 0.0
