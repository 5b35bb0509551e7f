"""Charging requests of VDV 463 as the same asks that the HTTP door takes: departure, energy, priority.

A list is complete: what it lacks was withdrawn. What a system asked is kept in the mailbox beside
the feeds, under its own name, so that it outlives this process and its connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.api.vdv463.energies import ended_sessions, energies_asked_kwh
from depotlib.api.vdv463.layers import Layers
from depotlib.api.vdv463.requests import ChargingRequest, ChargingRequests, ManualPreconditioning
from depotlib.errors import ModelError
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.dwell import Dwell
from depotlib.model.feed import FeedState
from depotlib.model.news import DepartureChange
from depotlib.units import duration_h

ALIAS: Final = "vdv463:"
REQUEST: Final = "request:"
REJECTED: Final = "rejected:"
SENT_AT: Final = "sent_at"
MOST_PRIORITY: Final = 1000
KEPT_FOR: Final = timedelta(days=1)
AHEAD: Final = timedelta(minutes=5)
"""How far a depot system's clock may run ahead of the depot's."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a depot system has asked, as it is kept.

    Parameters
    ----------
    requests : mapping of str to ChargingRequest
        Those in force, by our id of their vehicle.
    rejected : mapping of str to str
        By request: why it is not.
    """

    requests: Mapping[str, ChargingRequest]
    rejected: Mapping[str, str]


def desk_name(caller: str, presystem_id: str) -> str:
    """Return under what a system's requests are kept: nobody touches another's."""
    return f"vdv463 {caller or 'this machine'}/{presystem_id}"


def asked_by(mailbox: Mailbox, name: str) -> Asked:
    """Return what a system has asked, by its desk's name."""
    held = mailbox.feeds.get(name)
    marks = held.marks if held is not None else dict[str, str]()
    return Asked(
        requests={
            mark.removeprefix(REQUEST): ChargingRequest.model_validate_json(text)
            for mark, text in marks.items()
            if mark.startswith(REQUEST)
        },
        rejected={
            mark.removeprefix(REJECTED): text
            for mark, text in marks.items()
            if mark.startswith(REJECTED)
        },
    )


def take_requests(
    mailbox: Mailbox, asked: ChargingRequests, *, name: str, sent_at: datetime, now: datetime
) -> None:
    """Write what a complete list changes; a request that is as it was changes nothing.

    Parameters
    ----------
    mailbox : Mailbox
    asked : ChargingRequests
    name : str
        From `desk_name`.
    sent_at : datetime
        By its message.
    now : datetime

    Raises
    ------
    ModelError
        If no site is published, a later list was taken already, or this one is of the future.
    """
    with mailbox.transaction():
        published, held = mailbox.brief(), mailbox.feeds.get(name)
        if published is None:
            raise ModelError("the live side has no site yet", where="site", hint="publish it")
        _refuse_older(held, sent_at)
        _refuse_future(sent_at, now=now)
        before = asked_by(mailbox, name).requests
        kept, rejected = _sorted_out(asked, published[1], now=now)
        news = {vehicle: one for vehicle, one in kept.items() if before.get(vehicle) != one}
        changes, layers = _changes(mailbox, published[1], news=news, now=now), Layers(mailbox, name)
        for vehicle_id, change in changes.items():
            if isinstance(change, str):
                rejected[kept.pop(vehicle_id).charging_request_id] = change
            else:
                layers.lay(change)
        for vehicle_id, request in before.items():
            if vehicle_id not in kept and not _is_done(request, now):
                layers.lift(vehicle_id, now=now)
        marks = layers.marks(kept) | {
            REQUEST + vehicle_id: one.model_dump_json(by_alias=True)
            for vehicle_id, one in {**_finished(before, now), **kept}.items()
        }
        done = {one.charging_request_id for one in before.values() if _is_done(one, now)}
        rejected = {name: why for name, why in rejected.items() if name not in done}
        marks |= {REJECTED + request_id: why for request_id, why in rejected.items()}
        marks[SENT_AT] = sent_at.isoformat()
        mailbox.feeds.put(name, FeedState(name, at=now, marks=marks, refused=len(rejected)))


def note_complaint(mailbox: Mailbox, name: str, *, complaint: str, now: datetime) -> None:
    """Keep what a system said against what it was told, where `depot feed status` shows it."""
    with mailbox.transaction():
        held = mailbox.feeds.get(name) or FeedState(name, at=now)
        note = f"it does not take charging information: {complaint}"
        mailbox.feeds.put(name, replace(held, at=now, note=note))


def _changes(
    mailbox: Mailbox, brief: Brief, *, news: Mapping[str, ChargingRequest], now: datetime
) -> dict[str, DepartureChange | str]:
    """Return what requests change about the stays of their vehicles, or why they cannot."""
    ended = ended_sessions(mailbox, brief, now=now) if news else ()
    changes: dict[str, DepartureChange | str] = {}
    for vehicle_id, request in news.items():
        stay = _stay(brief, vehicle_id, now=now)
        if stay is None:
            changes[vehicle_id] = "no stay of this vehicle is published from now on"
            continue
        energies_kwh = energies_asked_kwh(mailbox, brief, request=request, stay=stay, ended=ended)
        changes[vehicle_id] = _change(request, stay, energies_kwh=energies_kwh, now=now)
    return changes


def _change(
    request: ChargingRequest,
    stay: Dwell,
    *,
    energies_kwh: tuple[float, float] | None,
    now: datetime,
) -> DepartureChange | str:
    data = request.charging_request_data
    departure = data.departure or stay.departure
    warmed = _warmed(request.manual_preconditioning, departure)
    if isinstance(warmed, str):
        return warmed
    warmed_kwh, warmed_s = warmed
    if energies_kwh is None:
        return "nobody knows its charge on arrival or its battery: send expectedSocAtArrival"
    least_kwh, most_kwh = energies_kwh
    return DepartureChange(
        vehicle_id=stay.vehicle_id,
        changed_at=now,
        departure=data.departure,
        energy_kwh=most_kwh + warmed_kwh,
        must_kwh=least_kwh + warmed_kwh,
        priority=request.priority,
        precondition_kwh=warmed_kwh if warmed_s else None,
        precondition_s=warmed_s or None,
    )


def _sorted_out(
    asked: ChargingRequests, brief: Brief, *, now: datetime
) -> tuple[dict[str, ChargingRequest], dict[str, str]]:
    """Return the requests that can be meant by vehicle, and why others are rejected."""
    kept: dict[str, ChargingRequest] = {}
    rejected: dict[str, str] = {}
    names = _names(brief)
    points = {one.connector_id for one in brief.depot.connectors()}
    for request in asked.charging_request_list:
        vehicle_id = names.get(request.vehicle_id)
        why = _why_not(request, points=points, now=now)
        if vehicle_id is None:
            rejected[request.charging_request_id] = (
                f"the depot has no vehicle {request.vehicle_id!r}"
            )
        elif why:
            rejected[request.charging_request_id] = why
        elif vehicle_id in kept and _later(request, kept[vehicle_id]):
            rejected[request.charging_request_id] = "an earlier request of this vehicle comes first"
        else:
            if vehicle_id in kept:
                other = kept[vehicle_id].charging_request_id
                rejected[other] = "an earlier request of this vehicle comes first"
            kept[vehicle_id] = request
    return kept, rejected


def _why_not(request: ChargingRequest, *, points: set[str], now: datetime) -> str:
    data = request.charging_request_data
    if data.least_soc > data.most_soc:
        return "minTargetSoc is above maxTargetSoc"
    if data.departure is not None and data.departure <= now:
        return "requestedTimeForDeparture is past"
    if request.charging_point_id is not None and request.charging_point_id not in points:
        return f"the depot has no charging point {request.charging_point_id!r}"
    if request.priority is not None and abs(request.priority) > MOST_PRIORITY:
        return f"priority is beyond -{MOST_PRIORITY} to {MOST_PRIORITY}"
    return ""


def _later(request: ChargingRequest, other: ChargingRequest) -> bool:
    mine, its = request.charging_request_data.departure, other.charging_request_data.departure
    return its is None or (mine is not None and mine >= its)


def _names(brief: Brief) -> dict[str, str]:
    """Return our ids of vehicles by what depot systems may call them."""
    vehicles = brief.fleet.vehicles if brief.fleet is not None else ()
    names = {
        name.removeprefix(ALIAS): one.vehicle_id
        for one in vehicles
        for name in one.telematics_ids
        if name.startswith(ALIAS)
    }
    own = {one.vehicle_id for one in vehicles} | {one.vehicle_id for one in brief.dwells}
    return names | {name: name for name in own}


def _stay(brief: Brief, vehicle_id: str, *, now: datetime) -> Dwell | None:
    stays = [one for one in brief.dwells if one.vehicle_id == vehicle_id and one.departure > now]
    return min(stays, key=lambda one: one.arrival, default=None)


def _warmed(manual: ManualPreconditioning | None, departure: datetime) -> tuple[float, int] | str:
    """Return energy [kWh] and length [s] of a preconditioning up to a departure, or why not."""
    if manual is None:
        return 0.0, 0
    starts = (manual.hvac_start, manual.system_start)
    if max(starts) >= departure:
        return "its preconditioning begins after its departure"
    powers_kw = (manual.hvac_kw or 0, manual.system_kw or 0)
    energy_kwh = sum(
        power_kw * duration_h(departure - start)
        for power_kw, start in zip(powers_kw, starts, strict=True)
    )
    return energy_kwh, round((departure - min(starts)).total_seconds())


def _finished(before: Mapping[str, ChargingRequest], now: datetime) -> dict[str, ChargingRequest]:
    """Return the requests that were carried out today: repeated, they are no news."""
    return {
        vehicle_id: one
        for vehicle_id, one in before.items()
        if (departure := one.charging_request_data.departure) is not None
        and now - KEPT_FOR <= departure <= now
    }


def _is_done(request: ChargingRequest, now: datetime) -> bool:
    """Return whether a request that is gone was carried out: its vehicle has left."""
    departure = request.charging_request_data.departure
    return departure is not None and departure <= now


def _refuse_older(held: FeedState | None, sent_at: datetime) -> None:
    newest = held.marks.get(SENT_AT) if held is not None else None
    if newest is not None and sent_at < datetime.fromisoformat(newest):
        raise ModelError(
            f"a list of {sent_at.isoformat()} is older than the one of {newest}",
            where="timeStamp",
            hint="send the newest list, or set the clock",
        )


def _refuse_future(sent_at: datetime, *, now: datetime) -> None:
    # Its time is kept: a clock that runs ahead once would shut out every correct list that follows.
    if sent_at > now + AHEAD:
        raise ModelError(
            f"a list of {sent_at.isoformat()} is of the future",
            where="timeStamp",
            hint=f"set the clock: the depot's is at {now.isoformat(timespec='seconds')}",
        )
