"""What the charges of a request mean as energy of the whole stay: at the wall, from its plug-in on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from depotlib.api.vdv463.requests import ChargingRequest
from depotlib.exchange.journal_pages import records_after, seq_before
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.dwell import STAY_REACH, Dwell, reach_of


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that is over."""

    session_id: str
    vehicle_id: str
    at: datetime
    energy_kwh: float


@dataclass(frozen=True, slots=True)
class _Known:
    """A charge that is known, and what the stay had brought before.

    Parameters
    ----------
    soc : float
        0-1.
    before_kwh : float
        At the wall, of sessions of the stay that were over when it was true.
    """

    soc: float
    before_kwh: float = 0.0


def ended_sessions(mailbox: Mailbox, brief: Brief, *, now: datetime) -> tuple[Ended, ...]:
    """Return the sessions that ended and may belong to a stay that is not over.

    Parameters
    ----------
    mailbox : Mailbox
    brief : Brief
    now : datetime
    """
    arrivals = [one.arrival for one in brief.dwells if one.departure > now]
    if not arrivals:
        return ()
    after_seq = seq_before(mailbox, min(arrivals) - STAY_REACH)
    found: dict[str, Ended] = {}
    for record in records_after(mailbox, after_seq, kinds=["session_ended"]):
        facts = record.entry.payload
        energy_kwh = facts.get("energy_kwh")
        if isinstance(energy_kwh, float | int) and energy_kwh > 0:
            session_id, vehicle_id = str(facts.get("session_id")), str(facts.get("vehicle_id"))
            found[session_id] = Ended(session_id, vehicle_id, record.entry.at, float(energy_kwh))
    return tuple(found.values())


def energies_asked_kwh(
    mailbox: Mailbox,
    brief: Brief,
    *,
    request: ChargingRequest,
    stay: Dwell,
    ended: tuple[Ended, ...],
) -> tuple[float, float] | None:
    """Return what the least and the most charge need of a whole stay; None: nobody knows.

    Parameters
    ----------
    mailbox : Mailbox
    brief : Brief
    request : ChargingRequest
    stay : Dwell
        Of the vehicle that is meant.
    ended : tuple of Ended
        From `ended_sessions`.
    """
    fleet, vehicle_id, data = brief.fleet, stay.vehicle_id, request.charging_request_data
    if fleet is None or not any(one.vehicle_id == vehicle_id for one in fleet.vehicles):
        return None
    since = reach_of(stay, others=brief.dwells)
    mine = {one.session_id: one for one in ended if one.vehicle_id == vehicle_id and one.at > since}
    known = _believed(mailbox, vehicle_id, mine=mine)
    known = known or _on_arrival(stay, told_soc=data.arrival_soc)
    known = known or _as_read(mailbox, vehicle_id, mine=mine)
    if known is None:
        return None
    kind = fleet.class_of(vehicle_id)
    wall_kwh = kind.usable_kwh / kind.wall_efficiency_share
    # Dispatch takes off what all sessions of the stay have brought: those before count here, too.
    least, most = (
        known.before_kwh + max(0.0, soc - known.soc) * wall_kwh
        for soc in (data.least_soc, data.most_soc)
    )
    return least, most


def _believed(mailbox: Mailbox, vehicle_id: str, *, mine: Mapping[str, Ended]) -> _Known | None:
    """Return the charge with which the running session began."""
    belief = mailbox.charges.get(vehicle_id)
    if belief is None:
        return None
    for station in mailbox.station_states():
        for state in station.connectors:
            if (state.vehicle_id, state.session_id) == (vehicle_id, belief.session_id):
                before = [one for one in mine.values() if one.session_id != belief.session_id]
                return _Known(belief.soc_at(0.0), sum(one.energy_kwh for one in before))
    return None


def _on_arrival(stay: Dwell, *, told_soc: float | None) -> _Known | None:
    """Return the charge on arrival at the depot: as told, or as published."""
    soc = told_soc if told_soc is not None else stay.arrival_soc
    return _Known(soc) if soc is not None else None


def _as_read(mailbox: Mailbox, vehicle_id: str, *, mine: Mapping[str, Ended]) -> _Known | None:
    """Return the charge that telematics told last."""
    for one in mailbox.readings():
        if one.vehicle_id == vehicle_id and one.soc is not None:
            told_at = one.soc_at or one.at
            before = [ended for ended in mine.values() if ended.at <= told_at]
            return _Known(one.soc, sum(ended.energy_kwh for ended in before))
    return None
