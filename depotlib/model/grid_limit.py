"""Limits from outside: what the utility or an operator allows for a while, and how it was kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from depotlib.errors import ModelError
from depotlib.model.depot import Depot, Derating
from depotlib.model.limited_node import CHARGING_NODE, SITE_NODE, GridLimitSource

GridLimitState = Literal["coming", "in_force", "over", "withdrawn"]
MeasuredBy = Literal["site_meter", "stations"]

LONGEST: Final = timedelta(days=31)
"""A limit that nobody remembers ends by itself."""
MOST_REFERENCE: Final = 200


@dataclass(frozen=True, slots=True)
class GridLimit:
    """A limit from outside on the site, on everything that charges, or on a circuit.

    Parameters
    ----------
    limit_id : str
    node_id : str
        ``site`` (base load included), ``charging`` (without it) or a circuit.
    start, end : datetime
        Half-open.
    limit_kw : float
    source : {'utility', 'operator', 'enwg_14a'}
        enwg_14a: a grid operator's under §14a EnWG, for a group of devices together.
    reference : str
        What whoever asked calls it.
    given_by : str
        Key or token it came with.
    given_at : datetime
    service_share : float or None
        Share of the service as which it was given.
    withdrawn_at : datetime or None
    """

    limit_id: str
    node_id: str
    start: datetime
    end: datetime
    limit_kw: float
    source: GridLimitSource
    reference: str
    given_by: str
    given_at: datetime
    service_share: float | None = None
    withdrawn_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a span that is none or endless, and a power that cannot be."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ModelError(
                "the start and end of a limit need an offset from UTC",
                where="start",
                hint="write them as 2026-11-03T05:30:00+00:00",
            )
        if not timedelta() < self.end - self.start <= LONGEST:
            raise ModelError(
                f"a limit from {self.start.isoformat()} to {self.end.isoformat()}",
                where="end",
                hint=f"give an end after the start, at most {LONGEST.days} days later",
            )
        if not 0.0 <= self.limit_kw < float("inf"):
            raise ModelError(
                f"a limit of {self.limit_kw} kW cannot be",
                where="limit_kw",
                hint="give a finite number of 0 or more",
            )

    @property
    def until(self) -> datetime:
        """Return when it ends: at its end, or when it was withdrawn before."""
        if self.withdrawn_at is None:
            return self.end
        return max(self.start, min(self.end, self.withdrawn_at))

    def state_at(self, at: datetime) -> GridLimitState:
        """Return how it stands at an instant."""
        if self.withdrawn_at is not None and self.withdrawn_at < self.end:
            return "withdrawn"
        if at < self.start:
            return "coming"
        return "in_force" if at < self.end else "over"

    def holds_at(self, at: datetime) -> bool:
        """Return whether it is to be obeyed at an instant."""
        return self.start <= at < self.until

    def derating(self) -> Derating | None:
        """Return the span in which its node gives less, or None: it was withdrawn before."""
        if self.until <= self.start:
            return None
        return Derating(start=self.start, end=self.until, limit_kw=self.limit_kw)


@dataclass(frozen=True, slots=True)
class VehicleImpact:
    """What a limit costs one vehicle of its energy.

    Parameters
    ----------
    vehicle_id : str
    missing_kwh, missing_before_kwh : float
        Of its target at its departure, at the wall; with the limit and without it.
    is_short : bool
        Whether it will lack some of what it must have.
    """

    vehicle_id: str
    missing_kwh: float
    missing_before_kwh: float
    is_short: bool


@dataclass(frozen=True, slots=True)
class GridLimitImpact:
    """What the limits that stand cost in readiness, as dispatch plans the rest of the night.

    Parameters
    ----------
    limit_ids : tuple of str
        The limits together.
    at : datetime
    release_id : str
        The release that obeys them; empty: what was in force already does.
    vehicles : tuple of VehicleImpact
        Those that will lack more than without the limits, the most first.
    """

    limit_ids: tuple[str, ...]
    at: datetime
    release_id: str
    vehicles: tuple[VehicleImpact, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitMinute:
    """How a limit was kept in one minute.

    Parameters
    ----------
    limit_id, node_id : str
    start : datetime
        Of the minute.
    limit_kw, mean_kw, most_kw : float
        What was allowed; what was measured on the node, as a mean and at the most.
    measured_by : {'site_meter', 'stations'}
        stations: the sum of their meters; on the site with the most that the base load can be.
    watched_s : float
        How much of the minute was looked at.
    """

    limit_id: str
    node_id: str
    start: datetime
    limit_kw: float
    mean_kw: float
    most_kw: float
    measured_by: MeasuredBy
    watched_s: float

    @property
    def margin_kw(self) -> float:
        """Return what was left below the limit; negative: it was exceeded."""
        return self.limit_kw - self.mean_kw


def with_kw(limit: GridLimit, depot: Depot) -> GridLimit:
    """Return a limit with its power, where it was given as a share of the service.

    Raises
    ------
    ModelError
        If the depot has no such node, or a share is given of anything but the site.
    """
    nodes = (SITE_NODE, CHARGING_NODE, *(circuit.circuit_id for circuit in depot.circuits))
    if limit.node_id not in nodes:
        raise ModelError(
            f"the depot has no node {limit.node_id!r}",
            where="node_id",
            hint=f"name one of {', '.join(nodes)}",
        )
    if limit.service_share is None:
        return limit
    if limit.node_id != SITE_NODE:
        raise ModelError(
            f"a share of the service says nothing of {limit.node_id!r}",
            where="service_share",
            hint="give limit_kw there",
        )
    return replace(limit, limit_kw=limit.service_share * depot.grid.service_kw)


def what_it_needs(limit: GridLimit, depot: Depot) -> str:
    """Return what else is needed to keep a limit, or an empty text: setpoints suffice.

    A station that loses its connection falls back to its safe limit, and nothing here switches the
    base load: a limit below both together cannot be promised, whatever stations are told (I4).

    Parameters
    ----------
    limit : GridLimit
    depot : Depot
    """
    below = {station.station_id: station.safe_limit_kw for station in depot.stations}
    if limit.node_id not in {SITE_NODE, CHARGING_NODE}:
        below = {
            station.station_id: station.safe_limit_kw
            for station in depot.stations
            if any(
                circuit.circuit_id == limit.node_id
                for circuit in depot.path_to_site(station.circuit_id)
            )
        }
    is_site = limit.node_id == SITE_NODE
    beside_kw = depot.grid.base_load_max_kw + depot.grid.margin_kw if is_site else 0.0
    safe_kw = sum(below.values())
    excess_kw = safe_kw + beside_kw - limit.limit_kw
    if excess_kw <= 0.0:
        return ""
    beside = f" with {beside_kw:.1f} kW of base load and margin" if beside_kw else ""
    largest = sorted(below, key=lambda name: (-below[name], name))[:3]
    return (
        f"setpoints alone cannot promise {limit.limit_kw:.1f} kW: the safe limits below "
        f"{limit.node_id} are {safe_kw:.1f} kW{beside}; {excess_kw:.1f} kW are too much. Stations "
        f"are given as little as they take; beyond that lower safe limits "
        f"({', '.join(largest) or 'there are none'}) or the base load, or switch stations off"
    )


def kept_share(minutes: Sequence[LimitMinute]) -> float | None:
    """Return the share of minutes whose mean was within their limit, or None without any."""
    kept = sum(one.margin_kw >= 0.0 for one in minutes)
    return kept / len(minutes) if minutes else None


def least_margin_kw(minutes: Iterable[LimitMinute]) -> float | None:
    """Return what was left below the limit in the worst minute [kW], or None without any."""
    return min((one.margin_kw for one in minutes), default=None)


def standing(limits: Iterable[GridLimit], at: datetime) -> tuple[GridLimit, ...]:
    """Return the limits that hold at an instant or will, by their start."""
    ahead = [one for one in limits if at < one.until and one.start < one.until]
    return tuple(sorted(ahead, key=lambda one: (one.start, one.limit_id)))
