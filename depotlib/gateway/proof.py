"""Proof, not hope: what stations tell and what meters show, against what was sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.gateway.calls import ReadProfiles
from depotlib.gateway.draw import (
    PLAUSIBLE_FACTOR,
    Draw,
    at_once,
    draws,
    highest_kw,
    kw_of_currents,
    lowest_kw,
    readings_with,
)
from depotlib.gateway.effects import Effects, LeaseNews
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.messages import MeterReported, ReadComposite, Replied
from depotlib.gateway.outlet import Measure, loads
from depotlib.gateway.plug import metered_plug
from depotlib.gateway.profiles import kw_of_tenths
from depotlib.gateway.station import Plug, Station
from depotlib.gateway.steps import line_of_steps
from depotlib.model.live import Distrust, JournalEntry, Lease, lease_in_force

OVER_FACTOR: Final = 1.05
OVER_KW: Final = 0.2
"""Measured above the limit by 5 % and 200 W in two samples is disobedience."""
SAMPLES_OVER: Final = 2
TOLD_TOLERANCE_KW: Final = 0.05
"""A composite schedule may be rounded to whole amperes or watts."""
COMPOSITE_S: Final = 3600
POWER: Final = "power"
TOLD: Final = "told"
VERIFY: Final = "verify"
COMPOSITE_ONLY: Final = "1.6"
HOLDS_NONE: Final = "NoProfiles"
"""How 2.x says that what was accepted is not there."""


def is_over_limit(power_kw: float, limit_kw: float) -> bool:
    """Return whether a measured power is beyond a limit and its tolerance; NaN is."""
    return not power_kw <= limit_kw * OVER_FACTOR + OVER_KW


def holds_no_more(
    told: Sequence[tuple[int, float]], lease: Lease, *, begin: datetime, safe_kw: float
) -> bool:
    """Return whether a composite schedule permits nowhere more than the lease it should hold.

    Parameters
    ----------
    told : sequence of (offset [s], limit [kW])
    lease : Lease
    begin : datetime
        Of the composite schedule.
    safe_kw : float
        What holds after the lease [kW].
    """
    line = line_of_steps(lease.steps, valid_to=lease.valid_to, after_kw=safe_kw)
    return all(
        limit_kw <= line.at((begin + timedelta(seconds=offset_s)).timestamp()) + TOLD_TOLERANCE_KW
        for offset_s, limit_kw in told
    )


def held(ledger: Ledger, connector_id: str, *, now: datetime) -> Lease | None:
    """Return the lease in force on a connector, or None: its safe limit holds."""
    return lease_in_force(ledger.leases(connector_id), now=now)


def read_back_call(station: Station, lease: Lease) -> ReadComposite | ReadProfiles:
    """Return the call that asks a station what it holds where a lease was accepted."""
    reference = f"{VERIFY} {lease.seq} {lease.connector_id}"
    if station.arming.version != COMPOSITE_ONLY:
        # 2.x tells the profiles themselves, which is better evidence than what follows from them.
        number = station.number_of(lease.connector_id)
        return ReadProfiles(reference, request_id=lease.seq, connector=number)
    return ReadComposite(
        reference,
        connector=station.number_of(lease.connector_id),
        duration_s=COMPOSITE_S,
        unit=station.arming.dialect.unit,
    )


def read_back(
    station: Station, connector_id: str, *, event: Replied, ledger: Ledger, now: datetime
) -> Effects:
    """Return what follows from a composite schedule: weak evidence, but evidence."""
    lease = held(ledger, connector_id, now=now)
    if lease is not None and event.note == HOLDS_NONE:
        note = "the station holds no profile"
        return Effects(news=[LeaseNews(lease, "read_back", "rejected", note)])
    if lease is None or not event.periods:
        return Effects()
    dialect = replace(station.arming.dialect, unit="W" if event.unit == "W" else "A")
    told = [(one.start_s, kw_of_tenths(one.limit_tenths, dialect)) for one in event.periods]
    is_as_sent = holds_no_more(
        told,
        lease,
        begin=event.periods_from or now,
        safe_kw=ledger.outlets[connector_id].safe_kw,
    )
    facts = {"seq": lease.seq, "limit_kw": told[0][1], "is_as_sent": is_as_sent}
    entry = JournalEntry(now, "read_back", lease.station_id, connector_id, facts)
    note = "" if is_as_sent else "the station tells a higher limit than was sent"
    news = LeaseNews(lease, "read_back", "accepted" if is_as_sent else "rejected", note)
    return Effects(journal=[entry], news=[news])


def watch(station: Station, event: MeterReported, *, ledger: Ledger, now: datetime) -> Effects:
    """Return what follows from a meter: a limit seen obeyed, or a station caught disobeying.

    One caught twice in a row is in `Effects.distrusts`, for the ladder to begin with. Where no
    power is told, currents are judged, or else two registers of one session: what was drawn
    between them says of both that they were above the limit.
    """
    known = station.transactions.get(event.transaction_id)
    plug = metered_plug(station.plugs, event, known=known)
    if plug is None or not event.samples:
        return Effects()
    sample = event.samples[-1]
    if plug.measured_at is not None and sample.at <= plug.measured_at:
        return Effects()  # said before, or replayed: no second proof
    if sample.power_kw is None:
        return _without_power(station, plug, event=event, ledger=ledger, now=now)
    plug.power_kw, plug.measured_at = sample.power_kw, sample.at
    drawn, measure = at_once(sample.at, sample.power_kw), POWER
    current_kw = kw_of_currents(sample, station.arming.dialect)
    if current_kw is not None and ledger.is_in_amperes(plug.connector_id):
        most = ledger.reserved(plug.connector_id, POWER)
        if not is_over_limit(sample.power_kw, most.at(sample.at.timestamp())):
            # Below what its amperes may be at the highest voltage: only its amperes can tell.
            drawn, measure = at_once(sample.at, current_kw), TOLD
    return _at_once(station, plug, draw=drawn, measure=measure, ledger=ledger, now=now)


def _without_power(
    station: Station, plug: Plug, *, event: MeterReported, ledger: Ledger, now: datetime
) -> Effects:
    """Return what follows from currents, or else from the registers of the session that runs."""
    session, sample = station.session(plug), event.samples[-1]
    known = station.transactions.get(event.transaction_id)
    if session is None or (known is not None and known is not session):
        return Effects()
    power_kw = kw_of_currents(sample, station.arming.dialect)
    if power_kw is None:
        plug.readings = readings_with(
            plug.readings, sample, session_id=session.session_id, heard_at=now
        )
        return _by_register(station, plug, ledger=ledger, now=now)
    if plug.draw is not None and sample.at <= plug.draw.end:
        return Effects()
    plug.draw = at_once(sample.at, power_kw)
    return _at_once(station, plug, draw=plug.draw, measure=TOLD, ledger=ledger, now=now)


def _at_once(
    station: Station,
    plug: Plug,
    *,
    draw: Draw,
    measure: Measure,
    ledger: Ledger,
    now: datetime,
) -> Effects:
    """Return what follows from the power of an instant: two above the limit are disobedience."""
    lowered_at = ledger.lowered_at.get(plug.connector_id)
    if lowered_at is not None and draw.end < lowered_at:
        return Effects()
    limit_kw = ledger.reserved(plug.connector_id, measure).at(draw.end.timestamp())
    if not is_over_limit(draw.power_kw, limit_kw):
        plug.over_limit, plug.over_since = 0, None
        return _obeyed(plug, draw, measure=measure, ledger=ledger, now=now)
    plug.over_limit += 1
    plug.over_since = plug.over_since or now
    if plug.over_limit < SAMPLES_OVER:
        return Effects()
    return _caught(station, plug, power_kw=draw.power_kw, limit_kw=limit_kw, now=now)


def _by_register(station: Station, plug: Plug, *, ledger: Ledger, now: datetime) -> Effects:
    """Return what follows from the registers of a session, where they prove anything."""
    reserved = ledger.reserved(plug.connector_id, POWER)
    known = draws(plug.readings, since=ledger.lowered_at.get(plug.connector_id))
    most_plausible_kw = PLAUSIBLE_FACTOR * ledger.worst_kw(plug.connector_id)
    if any(one.least_kw > most_plausible_kw for one in known):
        plug.readings = plug.readings[-1:]  # it jumped: what it adds from here on counts
        return Effects()
    for one in known:
        limit_kw = highest_kw(reserved, one)
        if is_over_limit(one.least_kw, limit_kw):
            plug.draw, plug.readings = one, plug.readings[-1:]
            return _caught(station, plug, power_kw=one.power_kw, limit_kw=limit_kw, now=now)
    if not known or is_over_limit(known[-1].most_kw, highest_kw(reserved, known[-1])):
        return Effects()
    plug.draw, plug.readings = known[-1], plug.readings[-1:]
    plug.over_limit, plug.over_since = 0, None
    return _obeyed(plug, plug.draw, measure=POWER, ledger=ledger, now=now)


def _obeyed(plug: Plug, draw: Draw, *, measure: Measure, ledger: Ledger, now: datetime) -> Effects:
    """Return the lease that what a connector drew last shows obeyed, if it does."""
    lease = held(ledger, plug.connector_id, now=now)
    if lease is None or lease.answered_at is None:
        return Effects()
    settled_at = lease.answered_at + timedelta(seconds=ledger.timing.settle_s)
    line = line_of_steps(lease.steps, valid_to=lease.valid_to)
    outlet = ledger.outlets[plug.connector_id]
    line = loads(outlet, line, unit=lease.unit, measure=measure)
    is_obeyed = not is_over_limit(draw.most_kw, lowest_kw(line, draw))
    if draw.begin < settled_at or not is_obeyed:
        return Effects()
    return Effects(news=[LeaseNews(lease, "metered", "accepted")])


def _caught(
    station: Station, plug: Plug, *, power_kw: float, limit_kw: float, now: datetime
) -> Effects:
    plug.over_limit, plug.over_since = 0, None
    station_id, name = station.station.station_id, plug.connector_id
    facts = {"power_kw": power_kw, "limit_kw": limit_kw}
    entry = JournalEntry(now, "disobedience", station_id, name, facts)
    caught = Distrust(station_id, name, now, power_kw, limit_kw, "zero", now)
    return Effects(journal=[entry], distrusts=[caught])
