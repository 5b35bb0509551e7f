"""What the rules look at: the night in plain facts, whoever gathered them."""

from dataclasses import dataclass
from datetime import datetime

from depotlib.model.live import Rung


@dataclass(frozen=True, slots=True)
class VanFact:
    """A van that is not ready yet.

    Parameters
    ----------
    vehicle_id : str
    departure : datetime
    slack_h : float
        Time left beyond what its least energy needs at its connector's power.
    missing_kwh : float
        What its least energy still lacks.
    is_due : bool
        Whether it should be here: who is still on the road is not at risk by its slack.
    is_planned_short : bool
        Whether the latest plan leaves it short.
    """

    vehicle_id: str
    departure: datetime
    slack_h: float
    missing_kwh: float
    is_due: bool
    is_planned_short: bool


@dataclass(frozen=True, slots=True)
class StationFact:
    """A station of the site; `last_seen` is None for one that never connected.

    Parameters
    ----------
    station_id : str
    is_silent : bool
        Not connected, or its figures are stale.
    last_seen : datetime or None
    vehicles : tuple of str
        That were plugged in when it was last heard.
    """

    station_id: str
    is_silent: bool
    last_seen: datetime | None
    vehicles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StrangerFact:
    """A session whose vehicle nobody knows."""

    connector_id: str
    started_at: datetime | None
    power_kw: float


@dataclass(frozen=True, slots=True)
class CaughtFact:
    """A connector caught above its limit, and how far up the ladder that went."""

    connector_id: str
    power_kw: float
    limit_kw: float
    rung: Rung


@dataclass(frozen=True, slots=True)
class RestlessFact:
    """A station that connected again and again lately, and when that was told last."""

    station_id: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class LimitFact:
    """A span in which somebody outside gave a station, a circuit or the site less.

    Parameters
    ----------
    node_id : str
    start, end : datetime
    limit_kw : float
    """

    node_id: str
    start: datetime
    end: datetime
    limit_kw: float


@dataclass(frozen=True, slots=True)
class SignalFact:
    """A source of grid signals that said what nobody understands, and may have meant a limit.

    Parameters
    ----------
    source : str
    reasons : tuple of str
    note : str
        What it said, for a person; may be empty.
    """

    source: str
    reasons: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class PeakFact:
    """How near the site is to what its peak is held to.

    Parameters
    ----------
    mean_kw : float
        Of the billing window so far by the site's meter; without one, the stations' power and the
        base load that was forecast.
    target_kw : float
    is_metered : bool
    """

    mean_kw: float
    target_kw: float
    is_metered: bool


@dataclass(frozen=True, slots=True)
class NightFacts:
    """All that the rules look at.

    Parameters
    ----------
    at : datetime
    time_zone : str
        In which sentences tell times.
    vans : tuple of VanFact
    stations : tuple of StationFact
    strangers : tuple of StrangerFact
    caught : tuple of CaughtFact
    limits : tuple of LimitFact
    peak : PeakFact or None
    silent_processes : tuple of str
        Processes without a sign of life lately.
    restless : tuple of RestlessFact
    signals : tuple of SignalFact
    """

    at: datetime
    time_zone: str
    vans: tuple[VanFact, ...] = ()
    stations: tuple[StationFact, ...] = ()
    strangers: tuple[StrangerFact, ...] = ()
    caught: tuple[CaughtFact, ...] = ()
    limits: tuple[LimitFact, ...] = ()
    peak: PeakFact | None = None
    silent_processes: tuple[str, ...] = ()
    restless: tuple[RestlessFact, ...] = ()
    signals: tuple[SignalFact, ...] = ()
