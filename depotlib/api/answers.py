"""What the door answers: one type a resource."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from depotlib.api.charge_view import ChargeView
from depotlib.api.estimate import Completion
from depotlib.model.depot import Circuit, GridConnection
from depotlib.model.live import (
    JournalRecord,
    Lease,
    PushResult,
    RequestKind,
    RequestState,
    RequestStatus,
    StationState,
)
from depotlib.model.news import DepartureChange, NodeReserve, VehicleReading
from depotlib.model.release import Release


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """What is wrong, where, and what to do."""

    what: str
    where: str
    hint: str


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """How the door says no."""

    error: ErrorFacts


@dataclass(frozen=True, slots=True)
class StationsAnswer:
    """Every station as the gateway last saw it."""

    stations: tuple[StationState, ...]


@dataclass(frozen=True, slots=True)
class RunningSession:
    """A vehicle that is plugged in now.

    Parameters
    ----------
    session_id, station_id, connector_id : str
    vehicle_id : str or None
        None: nobody we know.
    identity_source : str
    started_at, measured_at : datetime or None
    energy_kwh, power_kw : float
        Delivered so far; drawn at `measured_at`.
    soc : float or None
    limit_kw : float
        In force now.
    departure : datetime or None
        From the current release.
    energy_target_kwh : float or None
        Still to deliver on this connector when the current release was made.
    energy_remaining_kwh : float or None
        Of the stay's energy, changes included; None: nobody planned it.
    completes_at : datetime or None
        When that will be there; None: not with the limits that are released.
    charge : ChargeView or None
        What is believed of the vehicle's charge; `soc` is what the station itself said.
    """

    session_id: str
    station_id: str
    connector_id: str
    vehicle_id: str | None
    identity_source: str
    started_at: datetime | None
    measured_at: datetime | None
    energy_kwh: float
    power_kw: float
    soc: float | None
    limit_kw: float
    departure: datetime | None
    energy_target_kwh: float | None
    energy_remaining_kwh: float | None = None
    completes_at: datetime | None = None
    charge: ChargeView | None = None


@dataclass(frozen=True, slots=True)
class SessionsAnswer:
    """Every running session."""

    sessions: tuple[RunningSession, ...]


@dataclass(frozen=True, slots=True)
class LedgerAnswer:
    """What the safety ledger reserves on each node, and the leases behind it."""

    nodes: tuple[NodeReserve, ...]
    leases: tuple[Lease, ...]


@dataclass(frozen=True, slots=True)
class ReleasesAnswer:
    """Releases, the newest first, and which one is in force."""

    current_release_id: str | None
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class JournalAnswer:
    """Journal records by rising number; ask again after `next_after_seq`."""

    records: tuple[JournalRecord, ...]
    next_after_seq: int


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """When a process was last heard of.

    Parameters
    ----------
    process : str
    at : datetime
    age_s : float
        On the depot's clock.
    note : str
    """

    process: str
    at: datetime
    age_s: float
    note: str


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """Whether the live side is whole.

    Parameters
    ----------
    status : {'ok', 'degraded'}
        Degraded: no gateway was heard of within half a minute, or a station is not connected.
    at : datetime
    processes : tuple of ProcessHealth
    brief_version : int or None
    current_release_id : str or None
    stations, stations_connected : int
    journal_seq : int
    """

    status: Literal["ok", "degraded"]
    at: datetime
    processes: tuple[ProcessHealth, ...]
    brief_version: int | None
    current_release_id: str | None
    stations: int
    stations_connected: int
    journal_seq: int


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """Where a request stands."""

    request_id: str
    kind: RequestKind
    release_id: str
    asked_by: str
    asked_at: datetime
    state: RequestState
    note: str
    changed_at: datetime
    results: tuple[PushResult, ...] = ()


@dataclass(frozen=True, slots=True)
class DepartureAnswer:
    """What is changed about a vehicle's stay, earlier changes included."""

    change: DepartureChange


@dataclass(frozen=True, slots=True)
class DeparturesAnswer:
    """Every change of a stay, by vehicle."""

    changes: tuple[DepartureChange, ...]


@dataclass(frozen=True, slots=True)
class VehicleView:
    """A vehicle of the fleet.

    Parameters
    ----------
    vehicle_id, class_id : str
    pool : str or None
    priority : int
    connector_id : str or None
        Where it is plugged in, as far as we know.
    reading : VehicleReading or None
        What telematics last said.
    charge : ChargeView or None
        What is believed of its charge, telematics, station and meters laid together; None: it
        was not plugged in lately.
    """

    vehicle_id: str
    class_id: str
    pool: str | None
    priority: int
    connector_id: str | None
    reading: VehicleReading | None
    charge: ChargeView | None = None


@dataclass(frozen=True, slots=True)
class VehiclesAnswer:
    """Every vehicle of the published fleet."""

    vehicles: tuple[VehicleView, ...]


@dataclass(frozen=True, slots=True)
class ReadingAnswer:
    """What telematics said of a vehicle, and whether it was news."""

    reading: VehicleReading
    is_news: bool


@dataclass(frozen=True, slots=True)
class SiteAnswer:
    """What may be drawn: the grid connection, the circuits, and what the site's meter says.

    Parameters
    ----------
    depot_id, time_zone : str
    brief_version : int
    grid : GridConnection
    circuits : tuple of Circuit
    is_metered : bool
        Whether what the site's meter says counts now.
    power_kw, window_kw, target_kw : float or None
        Of the whole site: drawn now, mean of the running billing window, its target.
    measured_at : datetime or None
    """

    depot_id: str
    time_zone: str
    brief_version: int
    grid: GridConnection
    circuits: tuple[Circuit, ...]
    is_metered: bool
    power_kw: float | None
    window_kw: float | None
    target_kw: float | None
    measured_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenException:
    """Something a person should look at.

    Parameters
    ----------
    kind : {'station_silent', 'unknown_vehicle', 'distrust'}
    station_id : str
    connector_id : str or None
    since : datetime or None
    sentence : str
    """

    kind: Literal["station_silent", "unknown_vehicle", "distrust"]
    station_id: str
    connector_id: str | None
    since: datetime | None
    sentence: str


@dataclass(frozen=True, slots=True)
class ExceptionsAnswer:
    """What does not fit now."""

    exceptions: tuple[OpenException, ...]


def running_sessions(
    stations: Sequence[StationState],
    release: Release | None,
    *,
    completions: Mapping[str | None, Completion] | None = None,
    charges: Mapping[str | None, ChargeView] | None = None,
) -> tuple[RunningSession, ...]:
    """Return the session of every connector that has one, with what the release says of it."""
    planned = {
        (one.connector_id, one.vehicle_id): one for one in (release.schedules if release else ())
    }
    found: list[RunningSession] = []
    for station in stations:
        for connector in station.connectors:
            if connector.session_id is None:
                continue
            schedule = planned.get((connector.connector_id, connector.vehicle_id or ""))
            due = (completions or {}).get(connector.session_id)
            found.append(
                RunningSession(
                    session_id=connector.session_id,
                    station_id=station.station_id,
                    connector_id=connector.connector_id,
                    vehicle_id=connector.vehicle_id,
                    identity_source=connector.identity_source,
                    started_at=connector.session_started_at,
                    measured_at=connector.measured_at,
                    energy_kwh=connector.energy_kwh,
                    power_kw=connector.power_kw,
                    soc=connector.soc,
                    limit_kw=connector.limit_kw,
                    departure=schedule.departure if schedule else None,
                    energy_target_kwh=schedule.energy_target_kwh if schedule else None,
                    energy_remaining_kwh=due.remaining_kwh if due else None,
                    completes_at=due.completes_at if due else None,
                    charge=(charges or {}).get(connector.session_id),
                )
            )
    return tuple(found)


def request_answer(status: RequestStatus, results: tuple[PushResult, ...] = ()) -> RequestAnswer:
    """Return where a request stands, without what it was asked with (the token's digest)."""
    return RequestAnswer(
        request_id=status.request.request_id,
        kind=status.request.kind,
        release_id=status.request.release_id,
        asked_by=status.request.asked_by,
        asked_at=status.request.asked_at,
        state=status.state,
        note=status.note,
        changed_at=status.changed_at,
        results=results,
    )
