"""The night as it is now: stations, sessions, vehicles, limits, and what the ledger holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from depotlib.dispatch.night import as_changed
from depotlib.errors import MailboxMissingError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.brief import Brief
from depotlib.model.dwell import Dwell
from depotlib.model.grid_limit import GridLimit
from depotlib.model.live import ConnectorState, JournalKind, JournalRecord, StationState
from depotlib.model.news import DepartureChange, Heartbeat, NodeReserve
from depotlib.model.release import ConnectorSchedule, Release
from depotlib.model.site_meter import SiteMeterState
from depotlib.settings import Settings
from depotlib.units import duration_h

VehicleState = Literal["ready", "charging", "plugged in", "waiting", "on the road", "left short"]
STALE_S: Final = 120.0
"""Two meter samples of 60 s missed: a station's figures are shown as stale."""
IDLE_STALE_S: Final = 660.0
"""A station without a session says nothing but a heartbeat, every 300 s: two of them missed."""
READY_TOLERANCE_KWH: Final = 0.05
"""Stations meter in steps of 1 Wh and samples are rounded: less than this is not a shortfall."""
JOURNAL_WINDOW: Final = 50_000
EXCEPTION_KINDS: Final[tuple[JournalKind, ...]] = (
    "identity_exception",
    "disobedience",
    "disobedience_step",
    "vehicle_asleep",
    "connections_too_often",
    "site_meter_lost",
    "site_over_limit",
    "relief_stop",
)
MOST_EXCEPTIONS: Final = 200


@dataclass(frozen=True, slots=True)
class VehicleTonight:
    """One vehicle of tonight's board.

    Parameters
    ----------
    vehicle_id : str
    connector_id : str or None
        Where it is plugged in now.
    departure : datetime
    energy_must_kwh, energy_target_kwh : float
    delivered_kwh : float
        Metered since its stay began, all sessions together.
    power_kw, limit_kw : float
    state : VehicleState
    slack_h : float
        Time left to departure beyond what the must needs at the connector's limit.
    """

    vehicle_id: str
    connector_id: str | None
    departure: datetime
    energy_must_kwh: float
    energy_target_kwh: float
    delivered_kwh: float
    power_kw: float
    limit_kw: float
    state: VehicleState
    slack_h: float


@dataclass(frozen=True, slots=True)
class NightNow:
    """Everything the Live page shows.

    Parameters
    ----------
    at : datetime
    brief : Brief or None
        With stays as the fleet changed them.
    release : Release or None
        In force.
    stations : tuple of StationState
    vehicles : tuple of VehicleTonight
    nodes : tuple of NodeReserve
    beats : tuple of Heartbeat
    site_kw : float
        Sum of what the stations measured last.
    exceptions : tuple of JournalRecord
        Identities nobody could resolve, disobedience, what the site's meter found; the newest, in
        their order.
    meter : SiteMeterState or None
        The site's own meter; None: it has none.
    grid_limits : tuple of GridLimit
        From outside, that hold now or will.
    """

    at: datetime
    brief: Brief | None
    release: Release | None
    stations: tuple[StationState, ...]
    vehicles: tuple[VehicleTonight, ...]
    nodes: tuple[NodeReserve, ...]
    beats: tuple[Heartbeat, ...]
    site_kw: float
    exceptions: tuple[JournalRecord, ...]
    meter: SiteMeterState | None = None
    grid_limits: tuple[GridLimit, ...] = ()

    @property
    def begins_at(self) -> datetime:
        """Return when the first van of the night was due home; this instant where none is known."""
        dwells = self.brief.dwells if self.brief is not None else ()
        return min((one.arrival for one in dwells), default=self.at)


def watch_night(settings: Settings, *, now: datetime) -> NightNow | None:
    """Return the night as it is, or None where no process has ever run."""
    try:
        with open_mailbox(settings.mailbox_path, create=False) as mailbox:
            published = mailbox.brief()
            brief = _as_changed(published[1], mailbox.departures()) if published else None
            stations = mailbox.station_states()
            after_seq = max(0, mailbox.journal_head().seq - JOURNAL_WINDOW)
            ended = mailbox.journal(after_seq, JOURNAL_WINDOW, kinds=["session_ended"])
            return NightNow(
                at=now,
                brief=brief,
                release=mailbox.current_release(),
                stations=stations,
                vehicles=_vehicles(
                    brief, stations, delivered_kwh=_delivered_kwh(ended, brief), now=now
                ),
                nodes=mailbox.ledger(),
                beats=mailbox.beats(),
                site_kw=sum(c.power_kw for state in stations for c in state.connectors),
                exceptions=tuple(
                    mailbox.journal(after_seq, JOURNAL_WINDOW, kinds=EXCEPTION_KINDS)[
                        -MOST_EXCEPTIONS:
                    ]
                ),
                meter=next(iter(mailbox.site_meter.all()), None),
                grid_limits=mailbox.grid_limits.standing(now),
            )
    except MailboxMissingError:
        return None


def is_stale(state: StationState, *, now: datetime) -> bool:
    """Return whether a station's figures are too old to be shown as current."""
    if not state.is_connected or state.last_seen is None:
        return True
    is_metering = any(plug.session_id is not None for plug in state.connectors)
    patience_s = STALE_S if is_metering else IDLE_STALE_S
    return (now - state.last_seen).total_seconds() > patience_s


def planned_limit_kw(schedules: tuple[ConnectorSchedule, ...], *, at: datetime) -> float:
    """Return the sum of all setpoints of a release at an instant [kW]."""
    return sum(schedule.limit_at(at) or 0.0 for schedule in schedules)


def _as_changed(brief: Brief, changes: Sequence[DepartureChange]) -> Brief:
    by_vehicle = {change.vehicle_id: change for change in changes}
    dwells = tuple(as_changed(one, by_vehicle.get(one.vehicle_id)) for one in brief.dwells)
    return replace(brief, dwells=dwells)


def _delivered_kwh(ended: list[JournalRecord], brief: Brief | None) -> dict[str, float]:
    delivered: dict[str, float] = {}
    arrivals = {} if brief is None else {dwell.vehicle_id: dwell.arrival for dwell in brief.dwells}
    # An end that is told again, since more of its session came to light, takes the place of the first.
    facts = [record.entry.payload for record in ended]
    latest = {
        (told.get("session_id"), told.get("vehicle_id")): record
        for told, record in zip(facts, ended, strict=True)
    }
    for record in latest.values():
        vehicle_id = str(record.entry.payload.get("vehicle_id") or "")
        if vehicle_id in arrivals and record.entry.at >= arrivals[vehicle_id]:
            taken_kwh = float(record.entry.payload.get("energy_kwh") or 0.0)
            delivered[vehicle_id] = delivered.get(vehicle_id, 0.0) + taken_kwh
    return delivered


def _vehicles(
    brief: Brief | None,
    stations: tuple[StationState, ...],
    *,
    delivered_kwh: dict[str, float],
    now: datetime,
) -> tuple[VehicleTonight, ...]:
    if brief is None:
        return ()
    plugged = {
        connector.vehicle_id: connector
        for state in stations
        for connector in state.connectors
        if connector.vehicle_id is not None and connector.session_id is not None
    }
    most_kw = {one.connector_id: one.max_kw for one in brief.depot.connectors()}
    return tuple(
        _vehicle(
            dwell,
            plugged.get(dwell.vehicle_id),
            before_kwh=delivered_kwh.get(dwell.vehicle_id, 0.0),
            most_kw=most_kw,
            now=now,
        )
        for dwell in brief.dwells
    )


def _vehicle(
    dwell: Dwell,
    connector: ConnectorState | None,
    *,
    before_kwh: float,
    most_kw: dict[str, float],
    now: datetime,
) -> VehicleTonight:
    total_kwh = before_kwh + (connector.energy_kwh if connector else 0.0)
    at_most_kw = dwell.max_kw
    if connector is not None:
        at_most_kw = min(at_most_kw, most_kw.get(connector.connector_id, at_most_kw))
    needed_h = max(0.0, dwell.energy_must_kwh - total_kwh) / at_most_kw
    return VehicleTonight(
        vehicle_id=dwell.vehicle_id,
        connector_id=connector.connector_id if connector else None,
        departure=dwell.departure,
        energy_must_kwh=dwell.energy_must_kwh,
        energy_target_kwh=dwell.energy_target_kwh,
        delivered_kwh=total_kwh,
        power_kw=connector.power_kw if connector else 0.0,
        limit_kw=connector.limit_kw if connector else 0.0,
        state=_state(dwell, connector, total_kwh=total_kwh, now=now),
        slack_h=duration_h(dwell.departure - now) - needed_h,
    )


def _state(
    dwell: Dwell, connector: ConnectorState | None, *, total_kwh: float, now: datetime
) -> VehicleState:
    if total_kwh >= dwell.energy_must_kwh - READY_TOLERANCE_KWH:
        return "ready"
    if now >= dwell.departure:
        return "left short"
    if connector is None:
        return "waiting" if now >= dwell.arrival else "on the road"
    return "charging" if connector.power_kw > 0 else "plugged in"
