"""Act on a station: preview what it costs on the peak, commit it by digest, see how it stands."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from depotlib.errors import OrderError
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.orders import order_digest
from depotlib.model.brief import Brief
from depotlib.model.live import ConnectorState, Scalar, StationState
from depotlib.model.order import POWER_KINDS, Order, OrderKind, OrderStatus
from depotlib.settings import Settings
from depotlib.units import duration_h
from depotlib.workflows.order_effect import NightFacts, OrderEffect, effect_of_order
from depotlib.workflows.push_plan import Operator
from depotlib.workflows.trace_night import QUARTER, NightTrace, trace_night


@dataclass(frozen=True, slots=True)
class OrderWish:
    """What somebody would like to ask for.

    Parameters
    ----------
    kind : OrderKind
    target : str
        A connector, a station, or a vehicle that is plugged in; for ``end`` the order's id.
    start : datetime or None
        None: at once.
    until : datetime
    reason : str
    is_hard : bool
    errand : str
        What the station is asked, of the kind ``errand`` only: see `Order`.
    facts : mapping of str to scalar
    """

    kind: OrderKind
    target: str
    start: datetime | None
    until: datetime
    reason: str
    is_hard: bool = False
    errand: str = ""
    facts: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order that was previewed and can be committed by its digest.

    Parameters
    ----------
    order : Order
    digest : str
    effect : OrderEffect
    """

    order: Order
    digest: str
    effect: OrderEffect


def preview_order(settings: Settings, wish: OrderWish, *, now: datetime) -> OrderDraft:
    """Return what an order would do, with the digest that commits it; nothing is asked for yet.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    OrderError
        If nothing of that name is there.
    ModelError
        If it has no reason, or no end within the time that it may last.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        published = mailbox.brief()
        if published is None:
            raise OrderError(
                "no site has been published yet",
                where="operate",
                hint="publish it: depot publish, or start the gateway with its site file",
            )
        brief, stations = published[1], mailbox.station_states()
        in_force = mailbox.current_release()
        order = _order_of(wish, mailbox, brief=brief, stations=stations, now=now)
    effect = effect_of_order(
        order,
        NightFacts(
            brief=brief,
            release=in_force,
            stations=stations,
            metered_kw=_metered_kw(settings, brief, now=now),
        ),
        now=now,
    )
    return OrderDraft(order=order, digest=order_digest(order, in_force=in_force), effect=effect)


def commit_order(
    settings: Settings, draft: OrderDraft, *, operator: Operator, now: datetime
) -> str:
    """Return the id of the order with which an operator asks for what was previewed.

    The gateway checks token, digest and site itself, and may refuse.
    """
    order = replace(
        draft.order,
        order_id=f"order-{secrets.token_hex(6)}",
        asked_by=operator.name,
        asked_at=now,
        digest=draft.digest,
        token=operator.token,
    )
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        mailbox.orders.ask(order)
    return order.order_id


def follow_order(settings: Settings, order_id: str) -> OrderStatus | None:
    """Return where an order stands, without its token's digest; None if nobody asked for it."""
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        status = mailbox.orders.get(order_id)
    return None if status is None else _shown(status)


def open_orders(settings: Settings) -> tuple[OrderStatus, ...]:
    """Return the orders that stand or wait, as they were asked for."""
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        return tuple(_shown(one) for one in mailbox.orders.open())


def newest_orders(settings: Settings, *, limit: int) -> tuple[OrderStatus, ...]:
    """Return orders, over or not, the newest first."""
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        return tuple(_shown(one) for one in mailbox.orders.newest(limit))


def _shown(status: OrderStatus) -> OrderStatus:
    return replace(status, order=replace(status.order, token=""))


def _order_of(
    wish: OrderWish,
    mailbox: Mailbox,
    *,
    brief: Brief,
    stations: tuple[StationState, ...],
    now: datetime,
) -> Order:
    station_id, connector_id, plug = "", None, None
    ends = ""
    if wish.kind == "end":
        ends = wish.target
        ended = mailbox.orders.get(ends)
        if ended is None or ended.state not in {"standing", "sent"}:
            raise OrderError(
                f"no order {ends!r} is in force", where="operate end", hint="depot operate list"
            )
        station_id, connector_id = ended.order.station_id, ended.order.connector_id
    else:
        station_id, connector_id, plug = _place_of(wish.target, brief=brief, stations=stations)
    is_for_session = plug is not None and wish.kind in POWER_KINDS
    return Order(
        order_id="",
        kind=wish.kind,
        station_id=station_id,
        connector_id=connector_id,
        start=wish.start,
        until=wish.until,
        reason=wish.reason.strip(),
        asked_by="",
        asked_at=now,
        session_id=plug.session_id if plug is not None and is_for_session else None,
        vehicle_id=plug.vehicle_id if plug is not None else None,
        is_hard=wish.is_hard,
        ends=ends,
        errand=wish.errand,
        facts=wish.facts,
    )


def _place_of(
    target: str, *, brief: Brief, stations: tuple[StationState, ...]
) -> tuple[str, str | None, ConnectorState | None]:
    """Return station, connector and what is there, for a name of any of them."""
    plugs = {plug.connector_id: plug for state in stations for plug in state.connectors}
    for station in brief.depot.stations:
        names = [one.connector_id for one in station.connectors()]
        if target == station.station_id:
            return target, None, plugs.get(names[0]) if len(names) == 1 else None
        for name in names:
            plug = plugs.get(name)
            is_there = plug is not None and plug.session_id is not None
            if target == name or (is_there and plug is not None and plug.vehicle_id == target):
                return station.station_id, name, plug
    raise OrderError(
        f"{target!r} is no station, no connector, and no vehicle that is plugged in",
        where="target",
        hint="depot stations lists them",
    )


def _metered_kw(settings: Settings, brief: Brief, *, now: datetime) -> dict[datetime, float]:
    """Return the mean power of each quarter of an hour since the first van was due."""
    since = min((dwell.arrival for dwell in brief.dwells), default=now)
    trace = trace_night(settings, before=NightTrace(since=since))
    return {start: kwh / duration_h(QUARTER) for start, kwh in trace.energy_kwh.items()}
