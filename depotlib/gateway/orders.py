"""The orders of operators in force: what they change of the wishes, and what they tell stations.

An order never touches a limit: it changes what is wanted of a connector, and the pump gives of that
what is proven to fit. It ends by itself at its end, or with the session it was meant for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.errors import StationCallError
from depotlib.gateway.calls import Restart, SetAvailability, Unlock
from depotlib.gateway.effects import Effects
from depotlib.gateway.errand import Errand
from depotlib.gateway.errand_calls import errand_call, told_by
from depotlib.gateway.limits import Limits
from depotlib.gateway.messages import Call, Replied
from depotlib.gateway.order_wishes import wish_under
from depotlib.gateway.station import Station
from depotlib.gateway.wishes import Guest, Wish
from depotlib.model.depot import Depot
from depotlib.model.live import Distrust, JournalEntry, Scalar
from depotlib.model.order import ONCE_KINDS, POWER_KINDS, Order, OrderState, OrderStatus

REFERENCE: Final = "order"
SHUT: Final = "shut"
OPEN: Final = "open"
REVIVING: Final = frozenset({"availability", "start"})
"""Errands that would give a station work that was stopped because of what it drew."""
MOST_FACT: Final = 200
"""Characters of an errand's fact that the journal keeps: a certificate is longer."""
ASK_AGAIN_S: Final = 60.0
"""So long after silence a station is told again whether it is in service."""
STOPPED: Final = (
    "the gateway stopped before the station had answered: whether it was done is unknown"
)


@dataclass(slots=True)
class Held:
    """An order in force, and how far it has come here.

    Parameters
    ----------
    status : OrderStatus
    is_on : bool
        Whether it holds now, as last looked at.
    asked_at : datetime or None
        When its station was last told; None: not by this process.
    is_shut : bool
        Whether its station has answered that it is to be out of service.
    """

    status: OrderStatus
    is_on: bool = False
    asked_at: datetime | None = None
    is_shut: bool = False

    @property
    def order(self) -> Order:
        """Return what was asked."""
        return self.status.order


class StandingOrders:
    """The orders of one site.

    Parameters
    ----------
    limits : Limits
    stations : mapping of str to Station
    caught : mapping of str to Distrust
        By connector: who was caught above a limit is not put back into service from here.
    """

    def __init__(
        self, limits: Limits, *, stations: Mapping[str, Station], caught: Mapping[str, Distrust]
    ) -> None:
        self._limits = limits
        self._stations = stations
        self._caught = caught
        self._held: dict[str, Held] = {}
        self._built = {name: one.station for name, one in stations.items()}
        self._station_of = {
            plug.connector_id: name for name, one in stations.items() for plug in one.plugs.values()
        }

    def apply_depot(self, depot: Depot) -> None:
        """Take a new word on the same depot: spans in which stations carry less."""
        self._built = {station.station_id: station for station in depot.stations}

    def restore(self, orders: Iterable[OrderStatus]) -> None:
        """Take over what an earlier process held."""
        for status in orders:
            if status.state != "queued" and status.order.station_id in self._stations:
                self._held[status.order.order_id] = Held(status)

    def knows(self, order_id: str) -> bool:
        """Return whether an order is in force already."""
        return order_id in self._held

    def standing(self) -> tuple[OrderStatus, ...]:
        """Return the orders in force."""
        return tuple(one.status for one in self._held.values())

    def refusal(self, order: Order, *, now: datetime) -> str:
        """Return why an order cannot be, or an empty text."""
        if order.until <= max(now, order.asked_at):
            return "its end is past"
        if order.kind == "end":
            return "" if order.ends in self._held else f"no order {order.ends!r} is in force"
        station = self._stations.get(order.station_id)
        if station is None:
            return f"the site has no station {order.station_id!r}"
        names = {plug.connector_id for plug in station.plugs.values()}
        if order.connector_id is not None and order.connector_id not in names:
            return f"station {order.station_id!r} has no connector {order.connector_id!r}"
        if order.kind == "unlock" and order.connector_id is None:
            return "say which connector is to be unlocked"
        return self._refused_errand(order, now=now) if order.kind == "errand" else ""

    def _refused_errand(self, order: Order, *, now: datetime) -> str:
        try:
            self._errand(order, now=now)
        except StationCallError as error:
            return str(error)
        return ""

    def take(self, asked: OrderStatus, *, by: str, now: datetime) -> Effects:
        """Return what follows when an order comes into force."""
        status = replace(asked, state="standing", note="", changed_at=now, taken_by=by)
        if asked.order.start is None:
            # From now on it has a beginning, whatever clock it was asked by.
            status = replace(
                status, order=replace(asked.order, start=max(now, asked.order.asked_at))
            )
        effects = Effects()
        if asked.order.kind == "end":
            ended = self._held[asked.order.ends]
            note = f"ended by {by}: {asked.order.reason}"
            effects.extend(self._stopped(ended, note=note, now=now))
            effects.extend(self._written(replace(status, state="done"), now=now))
            return effects
        self._held[asked.order.order_id] = Held(status)
        effects.extend(self._written(status, now=now))
        effects.extend(self.tick(now))
        return effects

    def refuse(self, asked: OrderStatus, *, by: str, note: str, now: datetime) -> Effects:
        """Return what follows when an order is refused."""
        refused = replace(asked, state="refused", note=note, changed_at=now, taken_by=by)
        return self._written(refused, now=now)

    def tick(self, now: datetime) -> Effects:
        """Return what is due by time alone; cheap without orders."""
        effects = Effects()
        for one in list(self._held.values()):
            effects.extend(self._followed(one, now=now))
        return effects

    def replied(self, event: Replied, *, now: datetime) -> Effects:
        """Return what follows from a station's answer to an order's call."""
        _, order_id, word = f"{event.reference}  ".split(" ")[:3]
        one = self._held.get(order_id)
        if one is None:
            return Effects()
        is_done = event.outcome == "accepted"
        if one.order.kind in ONCE_KINDS:
            state: OrderState = "done" if is_done else "failed"
            return self._closed(one, state, note=told_by(event) or event.outcome, now=now)
        if event.outcome == "unknown":
            return Effects()  # told again after a while
        note = f"{word}: the station says {event.note}"
        if word == OPEN:
            return self._closed(one, "over" if is_done else "failed", note=note, now=now)
        one.is_shut = True
        one.status = replace(one.status, note=note, changed_at=now)
        return self._written(one.status, now=now)

    def laid_over(
        self, wishes: Mapping[str, Wish], guests: Mapping[str, Guest], *, now: datetime
    ) -> dict[str, Wish]:
        """Return the wishes with what orders and spans out of service make of them."""
        orders = [one.order for one in self._held.values() if now < one.order.until]
        if not orders and not any(one.deratings for one in self._built.values()):
            return dict(wishes)
        found: dict[str, Wish] = {}
        for name, wish in wishes.items():
            station = self._built[self._station_of[name]]
            mine = [one for one in orders if one.concerns(name, station.station_id)]
            found[name] = wish_under(
                wish, mine, station=station, connector_id=name, guest=guests.get(name)
            )
        return found

    # --- inside ---------------------------------------------------------------------------

    def _followed(self, one: Held, *, now: datetime) -> Effects:
        effects = Effects()
        is_over = self._is_over(one, now=now)
        is_on = not is_over and one.order.begins() <= now
        if is_on != one.is_on:
            one.is_on = is_on
            self._limits.force(self._names(one.order))
        if one.order.kind in POWER_KINDS:
            if is_over:
                note = "its end has come" if now >= one.order.until else "the session is over"
                effects.extend(self._closed(one, "over", note=note, now=now))
        elif one.order.kind in ONCE_KINDS:
            effects.extend(self._once(one, is_over=is_over, now=now))
        elif is_on or is_over:
            effects.extend(self._served(one, is_over=is_over, now=now))
        return effects

    def _once(self, one: Held, *, is_over: bool, now: datetime) -> Effects:
        """Return the one call of an order, once its station is there; it is never said twice."""
        if one.status.state == "sent":
            lost = one.asked_at is None
            return self._closed(one, "failed", note=STOPPED, now=now) if lost else Effects()
        if is_over:
            return self._closed(one, "failed", note="the station was not there", now=now)
        if one.order.begins() > now or not self._stations[one.order.station_id].is_connected:
            return Effects()
        try:
            call = self._call(one.order, now=now)
        except StationCallError as error:  # it has changed since the errand was taken
            return self._closed(one, "failed", note=str(error), now=now)
        one.asked_at = now
        one.status = replace(one.status, state="sent", changed_at=now)
        effects = self._written(one.status, now=now)
        effects.commands.append((one.order.station_id, call))
        return effects

    def _served(self, one: Held, *, is_over: bool, now: datetime) -> Effects:
        """Return what takes a station out of service, and at the end back into it."""
        name = one.order.station_id
        if is_over and (self._is_shut_by_other(one, now=now) or self._is_caught(one.order)):
            note = "its end has come; it stays out of service for another reason"
            return self._closed(one, "over", note=note, now=now)
        if one.is_shut and not is_over:
            return Effects()
        pause = timedelta(seconds=ASK_AGAIN_S)
        is_early = one.asked_at is not None and now < one.asked_at + pause and not (
            is_over and one.asked_at < one.order.until
        )  # fmt: skip
        if is_early or not self._stations[name].is_connected:
            return Effects()
        one.asked_at = now
        reference = f"{REFERENCE} {one.order.order_id} {OPEN if is_over else SHUT}"
        call = SetAvailability(reference, self._number(one.order), is_operative=is_over)
        return Effects(commands=[(name, call)], stations={name})

    def _call(self, order: Order, *, now: datetime) -> Call:
        reference = f"{REFERENCE} {order.order_id}"
        if order.kind == "errand":
            return self._errand(order, now=now)
        if order.kind == "unlock":
            return Unlock(reference, self._number(order))
        return Restart(reference, is_hard=order.is_hard)

    def _errand(self, order: Order, *, now: datetime) -> Call:
        """Return an errand's call; `StationCallError` if it cannot be run."""
        is_reviving = order.errand in REVIVING and order.facts.get("is_operative") is not False
        if is_reviving and self._is_caught(order):
            raise StationCallError(
                f"{order.errand}: it was caught above its limit",
                where=order.station_id,
                hint="trust it again first: depot stations --trust STATION",
            )
        errand = Errand(
            order.errand,
            reference=f"{REFERENCE} {order.order_id}",
            connector=self._number(order),
            facts=order.facts,
            station=self._stations[order.station_id],
            now=now,
        )
        return errand_call(errand)

    def _stopped(self, one: Held, *, note: str, now: datetime) -> Effects:
        """Return what follows when somebody ends an order before its time."""
        start = one.order.begins()
        if one.order.kind == "out_of_service" and one.is_on:
            # It is over only once its station is back in service.
            cut = max(now, start + timedelta(seconds=1))
            order = replace(one.order, until=min(one.order.until, cut))
            one.status = replace(one.status, order=order, note=note, changed_at=now)
            effects = self._written(one.status, now=now)
        else:
            effects = self._closed(one, "over", note=note, now=now)
        self._limits.force(self._names(one.order))
        return effects

    def _closed(self, one: Held, state: OrderState, *, note: str, now: datetime) -> Effects:
        del self._held[one.order.order_id]
        self._limits.force(self._names(one.order))
        return self._written(replace(one.status, state=state, note=note, changed_at=now), now=now)

    def _written(self, status: OrderStatus, *, now: datetime) -> Effects:
        entry = JournalEntry(
            now,
            "operator_action",
            status.order.station_id or None,
            status.order.connector_id,
            facts_of(status),
        )
        stations = {status.order.station_id} & set(self._stations)
        return Effects(orders=[status], journal=[entry], stations=stations)

    def _is_over(self, one: Held, *, now: datetime) -> bool:
        if now >= one.order.until:
            return True
        session_id = one.order.session_id
        if session_id is None or one.order.kind not in POWER_KINDS:
            return False
        station = self._stations[one.order.station_id]
        running = [station.session(plug) for plug in station.plugs.values()]
        return all(session is None or session.session_id != session_id for session in running)

    def _is_shut_by_other(self, one: Held, *, now: datetime) -> bool:
        return any(
            other is not one
            and other.order.kind == "out_of_service"
            and other.order.station_id == one.order.station_id
            and other.order.connector_id in {None, one.order.connector_id}
            and other.order.begins() <= now < other.order.until
            for other in self._held.values()
        )

    def _is_caught(self, order: Order) -> bool:
        return any(name in self._caught for name in self._names(order))

    def _names(self, order: Order) -> list[str]:
        station = self._stations.get(order.station_id)
        plugs = station.plugs.values() if station is not None else ()
        return [one.connector_id for one in plugs if order.connector_id in {None, one.connector_id}]

    def _number(self, order: Order) -> int:
        """Return how the station counts the connector; 0 is the whole station."""
        if order.connector_id is None:
            return 0
        return self._stations[order.station_id].number_of(order.connector_id)


def facts_of(status: OrderStatus) -> dict[str, Scalar]:
    """Return what the journal keeps of an order: what, who, why, until when, and how it stands."""
    order = status.order
    return {
        "action": order.kind,
        "order_id": order.order_id,
        "state": status.state,
        "note": status.note,
        "asked_by": order.asked_by,
        "by": status.taken_by,
        "reason": order.reason,
        "start": order.start.isoformat() if order.start else "",
        "until": order.until.isoformat(),
        "vehicle_id": order.vehicle_id,
        "ends": order.ends,
        "errand": order.errand,
        **{f"errand_{name}": _short(value) for name, value in order.facts.items()},
    }


def _short(value: Scalar) -> Scalar:
    return value[:MOST_FACT] if isinstance(value, str) else value
