"""The night as tables: stations, the safety ledger, processes, exceptions, the journal's end."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.live import (
    JournalRecord,
    PreviewRow,
    PushResult,
    ReleasePreview,
)
from depotlib.model.news import Heartbeat, NodeReserve
from depotlib.model.order import OrderStatus
from depotlib.ui.tables import local_text, second_text
from depotlib.ui.wording import (
    ORDER_KINDS,
    ORDER_STATES,
    PUSH_STATES,
    ago,
    full_time,
    hours_words,
    percent,
)
from depotlib.workflows.station_history import Span, StationHistory
from depotlib.workflows.watch_night import STALE_S, NightNow, VehicleTonight, is_stale

PROCESSES = ("gateway", "dispatch")
"""Those that leave a sign of life in the mailbox."""
CHANGES = {"new": "new", "changed": "changed", "same": "unchanged", "cleared": "cleared"}


def vehicles_table(vehicles: Sequence[VehicleTonight], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return each van with what it has and what it needs, the first to leave first."""
    return pl.DataFrame(
        [
            {
                "Van": one.vehicle_id,
                "State": one.state,
                "Leaves": local_text(one.departure, time_zone),
                "Time to spare": hours_words(one.slack_h),
                "Has (kWh)": one.delivered_kwh,
                "Must (kWh)": one.energy_must_kwh,
                "Target (kWh)": one.energy_target_kwh,
                "Connector": one.connector_id or "",
                "Draws (kW)": one.power_kw,
                "May draw (kW)": one.limit_kw,
            }
            for one in sorted(vehicles, key=lambda one: (one.departure, one.vehicle_id))
        ]
    )


def energy_of_vehicles(vehicles: Sequence[VehicleTonight]) -> pl.DataFrame:
    """Return what `charts.readiness` draws of a night as it is."""
    return pl.DataFrame(
        [
            (one.vehicle_id, one.delivered_kwh, one.energy_must_kwh, one.energy_target_kwh)
            for one in vehicles
        ],
        schema={
            "vehicle_id": pl.String,
            "delivered_kwh": pl.Float64,
            "must_kwh": pl.Float64,
            "target_kwh": pl.Float64,
        },
        orient="row",
    )


def stations_table(night: NightNow, *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return each connector as the gateway sees it; a stale one says so."""
    now, depot = night.at, night.brief.depot if night.brief is not None else None
    bays = {one.station_id: one.bay for one in depot.stations} if depot is not None else {}
    return pl.DataFrame(
        [
            {
                "Connector": plug.connector_id,
                "Bay": bays.get(state.station_id, ""),
                "Fresh": "stale" if is_stale(state, now=now) else "fresh",
                "Heard": ago(state.last_seen, now),
                "Status": plug.status,
                "Van": plug.vehicle_id or "",
                "Known by": plug.identity_source,
                "Session since": local_text(plug.session_started_at, time_zone),
                "Draws (kW)": plug.power_kw,
                "May draw (kW)": plug.limit_kw,
                "Above (kW)": plug.above_kw,
                "Reserved (kW)": plug.reserved_kw,
                "Session (kWh)": plug.energy_kwh,
                "Lease until": local_text(plug.lease_until, time_zone),
                "Safe limit (kW)": plug.safe_limit_kw,
                "Safe limit armed": "yes" if state.is_fallback_armed else "no",
                "Safe limit read back": plug.safe_limit_told or "not yet",
                "Class": state.station_class,
                "OCPP": state.ocpp_version,
                "Dialect": state.dialect,
                "Said last": state.last_message,
                "Metered": ago(plug.measured_at, now) if plug.measured_at else "",
            }
            for state in night.stations
            for plug in state.connectors
        ]
    )


def orders_table(statuses: Sequence[OrderStatus], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return the actions of operators: what, where, until when, who and why."""
    return pl.DataFrame(
        [
            {
                "What": " ".join(filter(None, [ORDER_KINDS[one.order.kind], one.order.errand])),
                "Where": one.order.connector_id or one.order.station_id,
                "State": ORDER_STATES[one.state],
                "From": local_text(one.order.start, time_zone),
                "Until": local_text(one.order.until, time_zone),
                "Who": one.order.asked_by,
                "Why": one.order.reason,
                "Note": one.note,
            }
            for one in statuses
        ]
    )


def history_table(histories: Sequence[StationHistory], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return how reliable each station was, the least reliable first."""
    ranked = sorted(histories, key=lambda one: (one.uptime_share or 0.0, one.station_id))
    return pl.DataFrame(
        [
            {
                "Station": one.station_id,
                "Connected": _share(one.connected_share),
                "Available": _share(one.available_share),
                "Uptime": _share(one.uptime_share),
                "Connections lost": len(one.offline),
                "Boots": one.boots,
                "Faults": len(one.faults),
                "Last fault": _span(one.faults[-1], time_zone) if one.faults else "",
                "Planned out of service": "; ".join(_span(s, time_zone) for s in one.planned),
                "Security events": ", ".join(sorted({e.event for e in one.security_events})),
            }
            for one in ranked
        ]
    )


def ledger_table(nodes: Sequence[NodeReserve]) -> pl.DataFrame:
    """Return what each node of the circuit tree has given out, and what is left."""
    return pl.DataFrame(
        [
            {
                "Node": node.node_id,
                "Limit (kW)": node.limit_kw,
                "Kept free (kW)": node.margin_kw,
                "Base load (kW)": node.base_load_kw,
                "Reserved (kW)": node.reserved_kw,
                "Left (kW)": (
                    node.limit_kw - node.margin_kw - node.base_load_kw - node.reserved_kw
                ),
                "Measured (kW)": node.power_kw,
            }
            for node in nodes
        ]
    )


def processes_table(beats: Sequence[Heartbeat], *, now: datetime) -> pl.DataFrame:
    """Return each process of the live side with its last sign of life."""
    heard = {beat.process: beat for beat in beats}
    return pl.DataFrame(
        [
            {
                "Process": name,
                "State": _health(heard.get(name), now=now),
                "Last sign of life": ago(heard[name].at if name in heard else None, now),
                "Says": heard[name].note if name in heard else "",
            }
            for name in dict.fromkeys([*PROCESSES, *sorted(heard)])
        ]
    )


def journal_table(records: Sequence[JournalRecord], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return journal records, the latest first."""
    return pl.DataFrame(
        [
            {
                "No.": record.seq,
                "When": local_text(record.entry.at, time_zone),
                "What": record.entry.kind.replace("_", " "),
                "Connector": record.entry.connector_id or record.entry.station_id or "",
                "Facts": ", ".join(
                    f"{name} {_fact(value)}"
                    for name, value in record.entry.payload.items()
                    if value is not None
                ),
            }
            for record in reversed(records)
        ],
        schema={
            "No.": pl.Int64,
            "When": pl.String,
            "What": pl.String,
            "Connector": pl.String,
            "Facts": pl.String,
        },
    )


def preview_table(preview: ReleasePreview, *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return what a push would change, connector by connector."""
    rows = preview.rows
    return pl.DataFrame(
        {
            "Connector": [row.connector_id for row in rows],
            "Change": [
                CHANGES[row.change] if row.takes_live_profiles else "by file" for row in rows
            ],
            "Vans": [", ".join(row.vehicles) for row in rows],
            "From": [second_text(row.differs_at, time_zone) for row in rows],
            "Limit before (kW)": pl.Series([row.before_kw for row in rows], dtype=pl.Float64),
            "Limit then (kW)": pl.Series([row.after_kw for row in rows], dtype=pl.Float64),
            "Moved (kWh)": pl.Series([row.moved_kwh for row in rows], dtype=pl.Float64),
            "Energy (kWh)": pl.Series([row.energy_kwh for row in rows], dtype=pl.Float64),
            "Station": [_station_words(row) for row in rows],
            "Holds now": [row.held_release_id or "its safe limit" for row in rows],
        }
    )


def _station_words(row: PreviewRow) -> str:
    words = "connected" if row.is_connected else "not connected"
    return f"{words}; idle: {row.idle_for}" if row.idle_for else words


def results_table(results: Sequence[PushResult], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return where each connector of a push stands, and when each proof was there."""
    return pl.DataFrame(
        {
            "Connector": [one.connector_id for one in results],
            "State": [PUSH_STATES[one.state] for one in results],
            "Accepted": [second_text(one.accepted_at, time_zone) for one in results],
            "Read back": [second_text(one.read_back_at, time_zone) for one in results],
            "Seen in the meter": [second_text(one.metered_at, time_zone) for one in results],
            "Answered after (s)": pl.Series([one.latency_s for one in results], dtype=pl.Float64),
            # The usual answer is a column of its own already.
            "Note": ["" if one.note == "Accepted" else one.note for one in results],
        }
    )


def is_alive(beat: Heartbeat | None, *, now: datetime) -> bool:
    """Return whether a process gave a sign of life lately."""
    return beat is not None and (now - beat.at).total_seconds() <= STALE_S


def _share(share: float | None) -> str:
    return "not known" if share is None else percent(share)


def _span(span: Span, time_zone: ZoneInfo) -> str:
    end = full_time(span.end, time_zone) if span.end is not None else "now"
    return " ".join(filter(None, [span.what, f"{full_time(span.start, time_zone)} to {end}"]))


def _health(beat: Heartbeat | None, *, now: datetime) -> str:
    if beat is None:
        return "never seen"
    return "alive" if is_alive(beat, now=now) else "silent"


def _fact(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
