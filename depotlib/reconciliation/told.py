"""What the journal told of a night, put together by connector and by session."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from depotlib.model.live import JournalKind

KINDS: Final[tuple[JournalKind, ...]] = (
    "station_connected",
    "station_disconnected",
    "status",
    "session_started",
    "identity_resolved",
    "meter",
    "session_ended",
    "limit_sent",
    "limit_answered",
    "vehicle_asleep",
    "relief_stop",
    "operator_action",
)
"""The entries that a reconciliation reads."""
SpanKind = Literal["offline", "faulty", "refused", "unanswered", "ordered"]


@dataclass(frozen=True, slots=True)
class ToldSpan:
    """A half-open span in which something held on a station or connector.

    Parameters
    ----------
    kind : SpanKind
        ``refused``: the station declined the last limit; ``unanswered``: it said nothing to it.
    start, end : datetime
    station_id : str
    connector_id : str or None
        None: the whole station.
    what : str
        In the journal's words.
    """

    kind: SpanKind
    start: datetime
    end: datetime
    station_id: str
    connector_id: str | None
    what: str = ""

    def concerns(self, connector_id: str, station_id: str) -> bool:
        """Return whether it held on a connector of a station."""
        if self.connector_id is None:
            return self.station_id == station_id
        return self.connector_id == connector_id


@dataclass(frozen=True, slots=True)
class ToldLease:
    """A limit that a station accepted.

    Parameters
    ----------
    connector_id : str
    start : datetime
        When it was accepted.
    valid_to : datetime
    limits_kw : tuple of (datetime, float)
        Limit from each instant on [kW].
    """

    connector_id: str
    start: datetime
    valid_to: datetime
    limits_kw: tuple[tuple[datetime, float], ...]


@dataclass(slots=True)
class ToldSession:
    """A session as the journal tells it.

    Parameters
    ----------
    session_id, station_id, connector_id : str
    start : datetime
    end : datetime or None
    reason : str
        Why it ended.
    names : list of (datetime, str or None)
        Whom it was taken for, from each instant on.
    registers_kwh : list of (datetime, float)
        Energy since its start [kWh].
    readings_soc : list of (datetime, float)
    asleep : list of datetime
        When the vehicle was found to draw nothing though it may.
    """

    session_id: str
    station_id: str
    connector_id: str
    start: datetime
    end: datetime | None = None
    reason: str = ""
    names: list[tuple[datetime, str | None]] = field(
        default_factory=list[tuple[datetime, str | None]]
    )
    registers_kwh: list[tuple[datetime, float]] = field(
        default_factory=list[tuple[datetime, float]]
    )
    readings_soc: list[tuple[datetime, float]] = field(default_factory=list[tuple[datetime, float]])
    asleep: list[datetime] = field(default_factory=list[datetime])

    @property
    def vehicle_id(self) -> str | None:
        """Return whose it was, as last known."""
        return self.names[-1][1] if self.names else None

    @property
    def energy_kwh(self) -> float:
        """Return what it delivered."""
        return max((kwh for _, kwh in self.registers_kwh), default=0.0)

    def known_from(self, vehicle_id: str) -> datetime | None:
        """Return from when on it was taken for a vehicle, until its end; None: never."""
        since: datetime | None = None
        for at, name in self.names:
            if name != vehicle_id:
                since = None
            elif since is None:
                since = at
        return since


@dataclass(frozen=True, slots=True)
class ToldNight:
    """What the journal tells of a night.

    Parameters
    ----------
    sessions : tuple of ToldSession
    spans : tuple of ToldSpan
    leases : mapping of str to tuple of ToldLease
        By connector, in the order of their acceptance.
    relief_stops : tuple of (datetime, str)
        When the gateway stopped a session for the site's limit, and on which station.
    """

    sessions: tuple[ToldSession, ...]
    spans: tuple[ToldSpan, ...]
    leases: Mapping[str, tuple[ToldLease, ...]]
    relief_stops: tuple[tuple[datetime, str], ...] = ()
