"""What a look brought, written into the exchange: marks and states together, or neither."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from depotlib.errors import FeedDownError
from depotlib.exchange.mailbox import Mailbox
from depotlib.feeds.roster import Roster
from depotlib.feeds.sighting import Look, Sighting, laid_over
from depotlib.feeds.signal import record_signal
from depotlib.model.brief import Brief
from depotlib.model.feed import FeedState
from depotlib.model.live import JournalEntry
from depotlib.model.news import DepartureChange

AHEAD: Final = timedelta(minutes=5)
"""How far the clock of a vehicle may run ahead of the depot's."""
SAME: Final = timedelta(minutes=1)
"""A departure that differs by less has not moved."""
REACH: Final = timedelta(hours=12)
"""A route belongs to the stay whose departure it is at most so far from."""
MOST_NAMED: Final = 20
"""Unknown vehicles are named up to here."""


def record_look(mailbox: Mailbox, look: Look, *, feed: str, now: datetime) -> FeedState:
    """Return the feed's state after what it brought was written.

    Parameters
    ----------
    mailbox : Mailbox
    look : Look
    feed : str
    now : datetime

    Raises
    ------
    FeedDownError
        If no site was published yet: nobody would know whom a vendor means.
    """
    with mailbox.transaction():
        published = mailbox.brief()
        if published is None:
            raise FeedDownError(
                "the live side has no site yet", where=feed, hint="publish it (depot publish)"
            )
        brief = published[1]
        roster = Roster(brief)
        believable = [seen for seen in look.sightings if seen.at <= now + AHEAD]
        unknown = _record_sightings(mailbox, believable, roster=roster, feed=feed)
        unknown |= _record_departures(mailbox, look, brief=brief, feed=feed, now=now)
        held = mailbox.feeds.get(feed)
        known_before = held.unknown_ids if held is not None else ()
        strangers = {one for one in known_before if roster.vehicle_id(one, feed=feed) is None}
        marks, reasons = dict(look.marks), dict(held.reasons) if held is not None else {}
        if look.signal is not None:
            marks, reasons = record_signal(mailbox, look.signal, marks=marks, brief=brief, now=now)
        state = FeedState(
            feed=feed,
            at=now,
            marks=marks,
            note=look.note,
            unknown_ids=tuple(sorted(strangers | unknown)[:MOST_NAMED]),
            refused=look.refused + len(look.sightings) - len(believable),
            reasons=reasons,
        )
        mailbox.feeds.put(feed, state)
    return state


def _record_sightings(
    mailbox: Mailbox, sightings: Iterable[Sighting], *, roster: Roster, feed: str
) -> set[str]:
    """Return whom the fleet does not know."""
    held = {reading.vehicle_id: reading for reading in mailbox.readings()}
    before = dict(held)
    unknown: set[str] = set()
    for seen in sorted(sightings, key=lambda seen: seen.at):
        vehicle_id = roster.vehicle_id(seen.vendor_id, feed=feed)
        if vehicle_id is None:
            unknown.add(seen.vendor_id)
        else:
            held[vehicle_id] = laid_over(
                held.get(vehicle_id), seen, vehicle_id=vehicle_id, source=feed
            )
    for vehicle_id, reading in held.items():
        if reading != before.get(vehicle_id):
            mailbox.put_reading(reading)
    return unknown


def _record_departures(
    mailbox: Mailbox, look: Look, *, brief: Brief, feed: str, now: datetime
) -> set[str]:
    """Return whom the fleet does not know, of those whose route is new or has moved."""
    roster = Roster(brief)
    changes = {change.vehicle_id: change for change in mailbox.departures()}
    unknown: set[str] = set()
    for vendor_id, departure in look.departures.items():
        vehicle_id = roster.vehicle_id(vendor_id, feed=feed)
        if vehicle_id is None:
            unknown.add(vendor_id)
            continue
        expected = _expected(brief, vehicle_id, departure=departure, now=now)
        if expected is None:
            continue
        held = changes.get(vehicle_id)
        in_force = held.departure if held is not None and held.departure is not None else expected
        if abs(departure - in_force) >= SAME:
            _tell_departure(mailbox, vehicle_id, departure=departure, feed=feed, now=now)
    return unknown


def _expected(
    brief: Brief, vehicle_id: str, *, departure: datetime, now: datetime
) -> datetime | None:
    """Return the departure of the stay that a route ends, None where there is none."""
    ends = [
        dwell.departure
        for dwell in brief.dwells
        if dwell.vehicle_id == vehicle_id
        and dwell.departure > now
        and abs(dwell.departure - departure) <= REACH
    ]
    return min(ends, key=lambda end: abs(end - departure)) if ends else None


def _tell_departure(
    mailbox: Mailbox, vehicle_id: str, *, departure: datetime, feed: str, now: datetime
) -> None:
    change = DepartureChange(vehicle_id, changed_at=now, departure=departure, source=feed)
    mailbox.put_departure(change)
    payload = {
        "action": "change_departure",
        "vehicle_id": vehicle_id,
        "departure": departure.isoformat(),
        "source": feed,
    }
    mailbox.append([JournalEntry(at=now, kind="operator_action", payload=payload)])
