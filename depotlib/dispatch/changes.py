"""Changes of stays that are over: forgotten, so that they do not bend the vehicle's next stay."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from depotlib.dispatch.night import as_changed
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.dwell import STAY_REACH, Dwell
from depotlib.model.news import DepartureChange


def drop_over(mailbox: Mailbox, brief: Brief, *, now: datetime) -> None:
    """Forget the changes of stays that are over.

    Parameters
    ----------
    mailbox : Mailbox
    brief : Brief
    now : datetime
    """
    if not changes_over(brief.dwells, mailbox.departures(), now=now):
        return
    with mailbox.transaction():  # the fleet may have asked for something new since
        for vehicle_id in changes_over(brief.dwells, mailbox.departures(), now=now):
            mailbox.drop_departure(vehicle_id)


def changes_over(
    dwells: Sequence[Dwell], changes: Iterable[DepartureChange], *, now: datetime
) -> tuple[str, ...]:
    """Return the vehicles whose change was for a stay that is over.

    A change is for the first stay that was not over when it was made; one for a stay that nobody
    knows of is left alone.

    Parameters
    ----------
    dwells : sequence of Dwell
    changes : iterable of DepartureChange
    now : datetime
    """
    over: list[str] = []
    for change in changes:
        own = sorted(
            (one for one in dwells if one.vehicle_id == change.vehicle_id),
            key=lambda one: one.arrival,
        )
        meant = next((one for one in own if one.departure > change.changed_at), None)
        if meant is None or change.changed_at < meant.arrival - STAY_REACH:
            continue
        left_at = as_changed(meant, change).departure
        # Who was to leave earlier has left: until its old departure that must not be forgotten.
        # One that left before the stay began meant an earlier stay, of which nobody knows any more.
        if left_at <= now and (meant.departure <= now or left_at <= meant.arrival):
            over.append(change.vehicle_id)
    return tuple(over)
