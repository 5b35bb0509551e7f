"""Orders: what an operator asks of a station or connector, with a reason and an end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from depotlib.errors import ModelError
from depotlib.model.depot import ChargingStation, Depot, Derating
from depotlib.model.live import Scalar

OrderKind = Literal[
    "charge_now",
    "hold",
    "prioritise",
    "exclude",
    "out_of_service",
    "reset",
    "unlock",
    "errand",
    "end",
]
OrderState = Literal["queued", "standing", "sent", "done", "over", "failed", "refused"]
"""``standing`` holds, or waits for its start; ``sent`` waits for the station's answer; ``done`` was
answered; ``over`` has come to its end."""

POWER_KINDS: Final[frozenset[OrderKind]] = frozenset(
    {"charge_now", "hold", "prioritise", "exclude"}
)
"""They change what is wanted of a connector, within the room that is proven."""
ONCE_KINDS: Final[frozenset[OrderKind]] = frozenset({"reset", "unlock", "errand"})
"""One call to the station; their end is how long they may wait for it."""
IDLE_KINDS: Final[frozenset[OrderKind]] = frozenset({"hold", "exclude", "out_of_service"})
"""Nothing can be planned there while they hold."""
OPEN_STATES: Final[frozenset[OrderState]] = frozenset({"queued", "standing", "sent"})
LONGEST: Final[dict[OrderKind, timedelta]] = {
    "charge_now": timedelta(days=1),
    "hold": timedelta(days=1),
    "prioritise": timedelta(days=1),
    "exclude": timedelta(days=1),
    "out_of_service": timedelta(days=366),
    "reset": timedelta(hours=1),
    "unlock": timedelta(hours=1),
    "errand": timedelta(hours=1),
    "end": timedelta(days=1),
}
"""An order that nobody remembers ends by itself."""
MOST_REASON: Final = 200


@dataclass(frozen=True, slots=True)
class Order:
    """What an operator asks for.

    Parameters
    ----------
    order_id : str
        Idempotency key.
    kind : OrderKind
    station_id : str
    connector_id : str or None
        None: the whole station.
    start : datetime or None
        None: as soon as the gateway takes it.
    until : datetime
        Then it ends by itself; for a single call, how long it may wait for the station.
    reason : str
    asked_by : str
    asked_at : datetime
    digest : str
        Of the preview the operator saw.
    token : str
        Operator's token, checked by the gateway itself; never journalled.
    session_id, vehicle_id : str or None
        Whose stay it is meant for; it ends with that session.
    is_hard : bool
        A reset that does not wait for sessions to end.
    ends : str
        Id of the order that this one ends.
    errand : str
        What the station is asked, in the gateway's word for it; of the kind ``errand`` only.
    facts : mapping of str to scalar
        What the errand needs to be said.
    """

    order_id: str
    kind: OrderKind
    station_id: str
    connector_id: str | None
    start: datetime | None
    until: datetime
    reason: str
    asked_by: str
    asked_at: datetime
    digest: str = ""
    token: str = ""
    session_id: str | None = None
    vehicle_id: str | None = None
    is_hard: bool = False
    ends: str = ""
    errand: str = ""
    facts: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])

    def __post_init__(self) -> None:
        """Refuse an order without a reason, or whose end is not soon after its start."""
        if not 0 < len(self.reason.strip()) <= MOST_REASON:
            raise ModelError(
                f"an action needs a reason of up to {MOST_REASON} characters",
                where="reason",
                hint="say why, for whoever reads the journal later",
            )
        begin = self.start or self.asked_at
        if any(one.tzinfo is None for one in (begin, self.until, self.asked_at)):
            raise ModelError(
                "the start and end of an action need an offset from UTC",
                where="until",
                hint="write them as 2026-11-03T05:30:00+00:00",
            )
        if not timedelta() < self.until - begin <= LONGEST[self.kind]:
            raise ModelError(
                f"{self.kind.replace('_', ' ')} from {begin} until {self.until}",
                where="until",
                hint=f"give an end after the start, at most {LONGEST[self.kind]} later",
            )

    def begins(self) -> datetime:
        """Return from when on it holds, if it is taken at once."""
        return self.start or self.asked_at

    def concerns(self, connector_id: str, station_id: str) -> bool:
        """Return whether a connector of a station is meant."""
        return self.station_id == station_id and self.connector_id in {None, connector_id}


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """Where an order stands.

    Parameters
    ----------
    order : Order
    state : OrderState
    note : str
    changed_at : datetime
    taken_by : str
        Whose token it came with; empty until the gateway has looked.
    """

    order: Order
    state: OrderState
    note: str
    changed_at: datetime
    taken_by: str = ""


def with_orders(depot: Depot, orders: Iterable[Order]) -> Depot:
    """Return a depot in which stations that an order idles are out of service for that long.

    An order on one of several connectors of a station leaves the station as it is: a plan that
    counts on the others must not lose them.

    Parameters
    ----------
    depot : Depot
    orders : iterable of Order
        Those that stand.
    """
    idle = [one for one in orders if one.kind in IDLE_KINDS]
    if not idle:
        return depot
    stations = tuple(
        replace(station, deratings=(*station.deratings, *_spans_of(station, idle)))
        for station in depot.stations
    )
    return replace(depot, stations=stations)


def without_orders(depot: Depot, orders: Iterable[Order]) -> Depot:
    """Return a depot without the spans that `with_orders` put in: orders may end early."""
    idle = [one for one in orders if one.kind in IDLE_KINDS]
    if not idle:
        return depot
    stations: list[ChargingStation] = []
    for station in depot.stations:
        spans = _spans_of(station, idle)
        kept = tuple(one for one in station.deratings if one not in spans)
        stations.append(replace(station, deratings=kept))
    return replace(depot, stations=tuple(stations))


def without_deratings(depot: Depot) -> Depot:
    """Return a depot as it is bolted to the ground, whatever is out of service for a while."""
    return replace(
        depot,
        stations=tuple(replace(one, deratings=()) for one in depot.stations),
        circuits=tuple(replace(one, deratings=()) for one in depot.circuits),
    )


def _spans_of(station: ChargingStation, orders: Iterable[Order]) -> list[Derating]:
    names = {connector.connector_id for connector in station.connectors()}
    return [
        Derating(start=one.begins(), end=one.until, limit_kw=0.0)
        for one in orders
        if one.station_id == station.station_id
        and (one.connector_id is None or names == {one.connector_id})
    ]
