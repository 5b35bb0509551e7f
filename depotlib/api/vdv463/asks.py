"""Charging requests of VDV 463 as the same asks that the HTTP door takes: departure, energy, priority.

A list is complete: what it lacks was withdrawn. What a system asked is kept in the mailbox beside
the feeds, under its own name, so that it outlives this process and its connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.api.vdv463.requests import ChargingRequest, ChargingRequests, ManualPreconditioning
from depotlib.errors import ModelError
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.dwell import Dwell
from depotlib.model.feed import FeedState
from depotlib.model.live import JournalEntry
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
        changes = {
            vehicle_id: change_of(
                mailbox, published[1], request=one, vehicle_id=vehicle_id, now=now
            )
            for vehicle_id, one in kept.items()
            if before.get(vehicle_id) != one
        }
        for vehicle_id, change in changes.items():
            if isinstance(change, str):
                rejected[kept.pop(vehicle_id).charging_request_id] = change
            else:
                _write(mailbox, change, source=name)
        for vehicle_id, request in before.items():
            if vehicle_id not in kept and not _is_done(request, now):
                _withdraw(mailbox, vehicle_id, source=name, now=now)
        marks = {
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


def change_of(
    mailbox: Mailbox, brief: Brief, *, request: ChargingRequest, vehicle_id: str, now: datetime
) -> DepartureChange | str:
    """Return what a request changes about a vehicle's stay, or why it cannot.

    Parameters
    ----------
    mailbox : Mailbox
    brief : Brief
    request : ChargingRequest
    vehicle_id : str
    now : datetime
    """
    stay, data = _stay(brief, vehicle_id, now=now), request.charging_request_data
    if stay is None:
        return "no stay of this vehicle is published from now on"
    departure = data.departure or stay.departure
    warmed = _warmed(request.manual_preconditioning, departure)
    if isinstance(warmed, str):
        return warmed
    warmed_kwh, warmed_s = warmed
    energies_kwh = _energies_kwh(mailbox, brief, request=request, vehicle_id=vehicle_id)
    if energies_kwh is None:
        return "nobody knows its charge on arrival or its battery: send expectedSocAtArrival"
    least_kwh, most_kwh = energies_kwh
    return DepartureChange(
        vehicle_id=vehicle_id,
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


def _energies_kwh(
    mailbox: Mailbox, brief: Brief, *, request: ChargingRequest, vehicle_id: str
) -> tuple[float, float] | None:
    """Return what the least and the most charge need from the plug-in on, at the wall."""
    if brief.fleet is None or not any(one.vehicle_id == vehicle_id for one in brief.fleet.vehicles):
        return None
    kind, data = brief.fleet.class_of(vehicle_id), request.charging_request_data
    arrival_soc = _arrival_soc(mailbox, brief, request=request, vehicle_id=vehicle_id)
    if arrival_soc is None:
        return None
    wall_kwh = kind.usable_kwh / kind.wall_efficiency_share
    least, most = (
        max(0.0, soc - arrival_soc) * wall_kwh for soc in (data.least_soc, data.most_soc)
    )
    return least, most


def _arrival_soc(
    mailbox: Mailbox, brief: Brief, *, request: ChargingRequest, vehicle_id: str
) -> float | None:
    """Return a vehicle's charge when it plugs in, or did: as believed, as told, as published."""
    for station in mailbox.station_states():
        for state in station.connectors:
            belief = mailbox.charges.get(vehicle_id) if state.vehicle_id == vehicle_id else None
            if belief is not None and belief.session_id == state.session_id:
                return belief.soc_at(0.0)
    told_soc = request.charging_request_data.arrival_soc
    if told_soc is not None:
        return told_soc
    published = [one.arrival_soc for one in brief.dwells if one.vehicle_id == vehicle_id]
    readings = [one.soc for one in mailbox.readings() if one.vehicle_id == vehicle_id]
    return next((soc for soc in (*published, *readings) if soc is not None), None)


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


def _write(mailbox: Mailbox, change: DepartureChange, *, source: str) -> None:
    """Write a change over what others said; what this system said before is forgotten."""
    _forget(mailbox, change.vehicle_id, source=source)
    merged = mailbox.put_departure(replace(change, source=source))
    payload = {
        "action": "change_departure",
        "vehicle_id": merged.vehicle_id,
        "departure": merged.departure.isoformat() if merged.departure else None,
        "energy_kwh": merged.energy_kwh,
        "must_kwh": merged.must_kwh,
        "priority": merged.priority,
        "source": source,
    }
    mailbox.append([JournalEntry(at=change.changed_at, kind="operator_action", payload=payload)])


def _withdraw(mailbox: Mailbox, vehicle_id: str, *, source: str, now: datetime) -> None:
    if _forget(mailbox, vehicle_id, source=source):
        payload = {"action": "withdraw_departure", "vehicle_id": vehicle_id, "source": source}
        mailbox.append([JournalEntry(at=now, kind="operator_action", payload=payload)])


def _forget(mailbox: Mailbox, vehicle_id: str, *, source: str) -> bool:
    """Return whether a vehicle's change was this system's, and is gone now."""
    mine = [
        one for one in mailbox.departures() if (one.vehicle_id, one.source) == (vehicle_id, source)
    ]
    if mine:
        mailbox.drop_departure(vehicle_id)
    return bool(mine)


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
