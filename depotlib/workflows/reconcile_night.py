"""The morning after: plan against actual of every vehicle, and what took the energy it lacks.

The plan is what an operator pushed before a vehicle's expected arrival, with the brief of that
day; what dispatch made of it later in the night is part of what happened. The journal is read from
the warehouse, where it is collected first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from pydantic import TypeAdapter

from depotlib.errors import InputError
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.brief import Brief
from depotlib.model.calendar import local_instant, zone
from depotlib.model.dwell import Dwell
from depotlib.model.live import JournalEntry, JournalKind, Scalar
from depotlib.model.reconciliation import NightReconciliation
from depotlib.model.release import Release
from depotlib.reconciliation.night import reconcile_stays
from depotlib.reconciliation.planned import PlannedStay
from depotlib.reconciliation.told import KINDS
from depotlib.settings import Settings
from depotlib.store.journal import journal
from depotlib.workflows.collect_journal import collect_journal

NOON: Final = time(12)
NEXT_FROM: Final = timedelta(hours=18)
"""Until six in the evening the night that is asked for is the one that ended in the morning."""
FROM_NOON: Final = timedelta(hours=12)
"""A night goes from local noon to local noon."""
LOOK_BACK: Final = timedelta(hours=24)
"""What stood when the night began was said within a day before it."""
PUSHED: Final = frozenset({"push", "rollback"})
OF_PLANS: Final[tuple[JournalKind, ...]] = ("release_published", "brief_published")
PAYLOAD: Final = TypeAdapter(dict[str, Scalar])


@dataclass(frozen=True, slots=True)
class _Published:
    """A release that an operator pushed, and when."""

    at: datetime
    release: Release


def last_night(time_zone_name: str, *, now: datetime) -> date:
    """Return the local day on which the night to look back on began."""
    return (now - NEXT_FROM).astimezone(zone(time_zone_name)).date()


def last_finished_night(settings: Settings, *, now: datetime) -> date | None:
    """Return the local day on which the latest night began of which a stay is over; None: none is."""
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        published = mailbox.brief()
    if published is None:
        return None
    brief = published[1]
    over = [dwell.departure for dwell in brief.dwells if dwell.departure <= now]
    time_zone = zone(brief.depot.time_zone)
    return (max(over).astimezone(time_zone) - FROM_NOON).date() if over else None


def reconcile_night(
    settings: Settings, *, now: datetime, night: date | None = None
) -> NightReconciliation:
    """Return plan against actual of the stays of a night that are over.

    Parameters
    ----------
    settings : Settings
    now : datetime
    night : date, optional
        Local day on which it began; default: the last one, until six in the evening.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has ever run.
    InputError
        If nobody had said by the end of that night which vans to expect, or it is to come.
    """
    collect_journal(settings, now=now)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        newest = mailbox.brief()
        if newest is None:
            raise _unknown_night(night)
        zone_name = newest[1].depot.time_zone
        night = night or last_night(zone_name, now=now)
        start, end = (
            local_instant(day, NOON, time_zone=zone(zone_name))
            for day in (night, night + timedelta(days=1))
        )
        if start >= now:
            raise InputError(
                f"the night of {night} is still to come",
                where="night",
                hint="name the day on which a past night began",
            )
        until = min(now, end)
        entries = _entries(settings, start=start - LOOK_BACK, end=until)
        pushed = _pushed(mailbox, entries)
        brief = _brief(mailbox, entries, until=until)
    if brief is None:
        raise _unknown_night(night)
    stays = _stays(brief, pushed, changes=_changes(entries), start=start, end=until)
    vehicles, nobodys_wh = reconcile_stays(
        stays, [one for one in entries if one.kind in KINDS], depot=brief.depot, until=until
    )
    return NightReconciliation(
        night=night,
        depot_name=brief.depot.name,
        time_zone=zone_name,
        start=start,
        end=end,
        made_at=now,
        release_id=pushed[-1].release.release_id if pushed else "",
        vehicles=vehicles,
        nobodys_wh=nobodys_wh,
    )


def _unknown_night(night: date | None) -> InputError:
    return InputError(
        f"nobody had told the live side which vans to expect{f' on {night}' if night else ''}",
        where="night",
        hint="push a plan, or depot publish, before the night",
    )


def _entries(settings: Settings, *, start: datetime, end: datetime) -> list[JournalEntry]:
    records = journal(settings.warehouse_path, (*KINDS, *OF_PLANS), start=start, end=end)
    return [
        JournalEntry(
            at=row["at"],
            kind=row["kind"],
            station_id=row["station_id"],
            connector_id=row["connector_id"],
            payload=PAYLOAD.validate_json(row["payload_json"]),
        )
        for row in records.iter_rows(named=True)
    ]


def _pushed(mailbox: Mailbox, entries: Sequence[JournalEntry]) -> list[_Published]:
    """Return what operators pushed, in its order."""
    found: list[_Published] = []
    for entry in entries:
        if entry.kind == "release_published" and entry.payload.get("origin") in PUSHED:
            release = mailbox.release(str(entry.payload["release_id"]))
            if release is not None:
                found.append(_Published(entry.at, release))
    return found


def _brief(mailbox: Mailbox, entries: Sequence[JournalEntry], *, until: datetime) -> Brief | None:
    """Return the brief as it was at the end of a night."""
    told = [
        entry.payload.get("brief_version")
        for entry in entries
        if entry.kind == "brief_published" and entry.at <= until
    ]
    version = next((one for one in reversed(told) if isinstance(one, int)), None)
    # One that was published before what is read of the journal is still the newest, if it is.
    found = mailbox.brief(version)
    return found[1] if found is not None else None


def _changes(entries: Sequence[JournalEntry]) -> dict[str, float]:
    """Return the energy that the fleet asked for instead, by vehicle; the last word counts."""
    asked: dict[str, float] = {}
    for entry in entries:
        energy_kwh = entry.payload.get("energy_kwh")
        is_change = entry.payload.get("action") == "change_departure"
        if is_change and isinstance(energy_kwh, int | float):
            asked[str(entry.payload.get("vehicle_id"))] = float(energy_kwh)
    return asked


def _stays(
    brief: Brief,
    pushed: Sequence[_Published],
    *,
    changes: dict[str, float],
    start: datetime,
    end: datetime,
) -> list[PlannedStay]:
    """Return the stays that ended within a night, each with the plan that was made for it."""
    return [
        _planned(
            brief,
            dwell,
            release=_plan_of(dwell, pushed),
            energy_kwh=changes.get(dwell.vehicle_id),
        )
        for dwell in brief.dwells
        if start <= dwell.departure < end
    ]


def _plan_of(dwell: Dwell, pushed: Sequence[_Published]) -> Release | None:
    """Return what was pushed last before a stay, or first during it."""
    before = [one.release for one in pushed if one.at <= dwell.arrival]
    during = [one.release for one in pushed if dwell.arrival < one.at < dwell.departure]
    return before[-1] if before else next(iter(during), None)


def _planned(
    brief: Brief, dwell: Dwell, *, release: Release | None, energy_kwh: float | None
) -> PlannedStay:
    schedules = release.schedules if release is not None else ()
    known = {} if brief.fleet is None else {one.vehicle_id: one for one in brief.fleet.vehicles}
    is_known = brief.fleet is not None and dwell.vehicle_id in known
    return PlannedStay(
        vehicle_id=dwell.vehicle_id,
        arrival=dwell.arrival,
        departure=dwell.departure,
        must_kwh=dwell.energy_must_kwh if energy_kwh is None else energy_kwh,
        target_kwh=dwell.energy_target_kwh if energy_kwh is None else energy_kwh,
        schedules=tuple(
            one
            for one in schedules
            if one.vehicle_id == dwell.vehicle_id
            and one.valid_to > dwell.arrival
            and one.steps[0].start < dwell.departure
        ),
        kind=brief.fleet.class_of(dwell.vehicle_id) if brief.fleet and is_known else None,
    )
