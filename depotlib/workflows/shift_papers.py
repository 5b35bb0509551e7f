"""Shift papers: for every van that leaves in a shift its bay, charge, go or no-go, and its moves.

Moves are read off the release in force, so they are those of tonight's latest plan.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, Literal

from depotlib.errors import InputError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.news import VehicleReading
from depotlib.model.order import with_orders
from depotlib.model.release import ConnectorSchedule, Release
from depotlib.settings import Settings
from depotlib.workflows.closed_places import ClosedPlace, Shift, closed_places
from depotlib.workflows.night_facts import planned_short
from depotlib.workflows.watch_night import NightNow, VehicleTonight, watch_night

Verdict = Literal["go", "will be ready", "at risk", "no-go"]
SHIFT: Final = timedelta(hours=16)
"""From the afternoon, when the night is planned, through the departures of the next morning."""
LONGEST: Final = timedelta(days=2)
WAITING_BAY: Final = "waiting bay"


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """One van of a shift.

    Parameters
    ----------
    vehicle_id : str
    departure : datetime
    place : str
        The connector and bay where it is plugged in; else where it is meant to be, or empty.
    is_plugged : bool
    soc : float or None
        0-1, latest that is known.
    soc_source : str
        Who said so: ``station``, or the feed.
    soc_at : datetime or None
    delivered_kwh, energy_must_kwh : float
    slack_h : float
        Time left beyond what the must needs at the connector's power.
    verdict : Verdict
        ``go``: it has what its duty needs. ``will be ready``: it is charging or is planned to, and
        there is time. ``no-go``: it cannot leave in time with what its duty needs.
    reason : str
    """

    vehicle_id: str
    departure: datetime
    place: str
    is_plugged: bool
    soc: float | None
    soc_source: str
    soc_at: datetime | None
    delivered_kwh: float
    energy_must_kwh: float
    slack_h: float
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class ShiftMove:
    """One drive within the yard, at the latest plan's time."""

    at: datetime
    vehicle_id: str
    from_place: str
    to_place: str


@dataclass(frozen=True, slots=True)
class ShiftPapers:
    """What a shift needs on paper.

    Parameters
    ----------
    depot_name, time_zone : str
    start, end : datetime
        Departures within this half-open span are in it.
    made_at : datetime
    release_id : str
        In force when it was made; empty: none.
    rows : tuple of ShiftRow
        The first to leave first.
    moves : tuple of ShiftMove
        Still to do within the shift, by time.
    closed : tuple of ClosedPlace
        Where nobody is to be plugged in, each with the bay beside its name.
    """

    depot_name: str
    time_zone: str
    start: datetime
    end: datetime
    made_at: datetime
    release_id: str
    rows: tuple[ShiftRow, ...]
    moves: tuple[ShiftMove, ...]
    closed: tuple[ClosedPlace, ...] = ()


def shift_papers(
    settings: Settings, *, now: datetime, start: datetime | None = None, end: datetime | None = None
) -> ShiftPapers:
    """Return the papers of a shift; by default of the next 16 hours.

    Raises
    ------
    InputError
        If the shift ends before it begins or is longer than two days, or nobody has told the live
        side which vans to expect.
    """
    start = start or now
    end = end or start + SHIFT
    if not start < end <= start + LONGEST:
        raise InputError(
            f"a shift from {start} to {end} is none",
            where="shift",
            hint="give an end after its start, two days later at most",
        )
    night = watch_night(settings, now=now)
    if night is None or night.brief is None:
        raise InputError(
            "nobody has told the live side which vans to expect",
            where="shift",
            hint="push a plan, or depot publish",
        )
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        readings = {one.vehicle_id: one for one in mailbox.readings()}
        short = planned_short(mailbox)
        led = {one.vehicle_id: one.to_connector_id for one in mailbox.diversions.all()}
        distrusts = mailbox.distrusts()
        orders = [one.order for one in mailbox.orders.open() if one.state == "standing"]
    closed = closed_places(
        with_orders(night.brief.depot, orders),
        states=night.stations,
        distrusts=distrusts,
        shift=Shift(min(start, now), end),
    )
    places = _Places.of(night, led, closed=frozenset(one.connector_id for one in closed))
    rows = (
        _row(one, places=places, reading=readings.get(one.vehicle_id), short=short)
        for one in sorted(night.vehicles, key=lambda one: (one.departure, one.vehicle_id))
        if start <= one.departure < end
    )
    return ShiftPapers(
        depot_name=night.brief.depot.name,
        time_zone=night.brief.depot.time_zone,
        start=start,
        end=end,
        made_at=now,
        release_id=night.release.release_id if night.release else "",
        rows=tuple(rows),
        moves=_moves(night, places, start=max(start, now), end=end),
        closed=tuple(replace(one, connector_id=places.name(one.connector_id)) for one in closed),
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """Names of places for people, and what is known of each vehicle's."""

    names: dict[str, str]
    soc: dict[str, tuple[float, datetime | None]]
    planned: dict[str, str]
    led: dict[str, str]

    @classmethod
    def of(cls, night: NightNow, led: dict[str, str], *, closed: frozenset[str]) -> "_Places":
        assert night.brief is not None  # the caller has looked
        names = {
            plug.connector_id: f"{plug.connector_id} (bay {station.bay})"
            if station.bay
            else plug.connector_id
            for station in night.brief.depot.stations
            for plug in station.connectors()
        }
        soc = {
            plug.vehicle_id: (plug.soc, plug.measured_at)
            for state in night.stations
            for plug in state.connectors
            if plug.vehicle_id is not None and plug.session_id is not None and plug.soc is not None
        }
        meant = {bay.vehicle_id: bay.connector_id for bay in night.brief.bays} | led
        # Where nobody is to be plugged in, the release in force knows better.
        planned = {name: place for name, place in meant.items() if place not in closed}
        for schedule in sorted(_schedules(night.release), key=lambda one: one.steps[0].start):
            if schedule.valid_to > night.at:
                planned.setdefault(schedule.vehicle_id, schedule.connector_id)
        return cls(names=names, soc=soc, planned=planned, led=led)

    def name(self, connector_id: str | None) -> str:
        return self.names.get(connector_id, connector_id) if connector_id else WAITING_BAY


def _row(
    one: VehicleTonight,
    *,
    places: _Places,
    reading: VehicleReading | None,
    short: frozenset[str],
) -> ShiftRow:
    soc, source, soc_at = _soc(one.vehicle_id, places=places, reading=reading)
    verdict, reason = _verdict(one, short=short)
    connector_id = one.connector_id or places.planned.get(one.vehicle_id)
    return ShiftRow(
        vehicle_id=one.vehicle_id,
        departure=one.departure,
        place=places.name(connector_id) if connector_id else "",
        is_plugged=one.connector_id is not None,
        soc=soc,
        soc_source=source,
        soc_at=soc_at,
        delivered_kwh=one.delivered_kwh,
        energy_must_kwh=one.energy_must_kwh,
        slack_h=one.slack_h,
        verdict=verdict,
        reason=reason,
    )


def _soc(
    vehicle_id: str, *, places: _Places, reading: VehicleReading | None
) -> tuple[float | None, str, datetime | None]:
    """Return the latest state of charge, of station or telematics, whoever spoke last."""
    by_station = places.soc.get(vehicle_id)
    by_feed = reading if reading is not None and reading.soc is not None else None
    if by_station is not None:
        soc, at = by_station
        if by_feed is None or (at is not None and at >= by_feed.at):
            return soc, "station", at
    return (by_feed.soc, by_feed.source, by_feed.at) if by_feed is not None else (None, "", None)


def _verdict(one: VehicleTonight, *, short: frozenset[str]) -> tuple[Verdict, str]:
    verdict = _word(one, short=short)
    why = {
        "go": "has what its duty needs",
        "no-go": "not enough time even at full power",
        "at risk": "the latest plan does not make it ready",
        "will be ready": "there is time",
    }[verdict]
    if verdict == "at risk" and one.vehicle_id not in short:
        why = "not plugged in"
    missing_kwh = one.energy_must_kwh - one.delivered_kwh
    return verdict, why if verdict == "go" else f"lacks {missing_kwh:.1f} kWh: {why}"


def _word(one: VehicleTonight, *, short: frozenset[str]) -> Verdict:
    if one.state == "ready":
        return "go"
    if one.state == "left short" or one.slack_h < 0:
        return "no-go"
    if one.vehicle_id in short or one.connector_id is None:
        return "at risk"
    return "will be ready"


def _moves(
    night: NightNow, places: _Places, *, start: datetime, end: datetime
) -> tuple[ShiftMove, ...]:
    schedules = _schedules(night.release)
    arrivals = {one.vehicle_id: one.arrival for one in night.brief.dwells} if night.brief else {}
    here = {one.vehicle_id: one.connector_id for one in night.vehicles}
    moves = (
        ShiftMove(at, vehicle_id, places.name(origin), places.name(goal))
        for vehicle_id in dict.fromkeys(one.vehicle_id for one in schedules)
        for at, origin, goal in _due(
            schedules,
            vehicle_id,
            arrival=arrivals.get(vehicle_id),
            here=here.get(vehicle_id),
            led_to=places.led.get(vehicle_id),
            since=start,
        )
        if start <= at < end
    )
    # Whoever makes room goes first.
    return tuple(
        sorted(moves, key=lambda one: (one.at, one.to_place != WAITING_BAY, one.vehicle_id))
    )


def _due(
    schedules: Sequence[ConnectorSchedule],
    vehicle_id: str,
    *,
    arrival: datetime | None,
    here: str | None,
    led_to: str | None,
    since: datetime,
) -> list[tuple[datetime, str | None, str | None]]:
    """Return the drives of a vehicle; who is led elsewhere and waits is to go there, if overdue too."""
    drives = _drives(schedules, vehicle_id, arrival=arrival)
    rescues = _rescues(schedules, vehicle_id, here=here, since=since)
    goals = {goal for at, _, goal in drives if at >= since}
    is_waiting = here is None and led_to is not None and led_to not in goals
    leads = [
        (max(since, one.steps[0].start), None, led_to)
        for one in schedules
        if is_waiting and (one.vehicle_id, one.connector_id) == (vehicle_id, led_to)
    ]
    return [*drives, *rescues, *leads]


def _drives(
    schedules: Sequence[ConnectorSchedule], vehicle_id: str, *, arrival: datetime | None
) -> list[tuple[datetime, str | None, str | None]]:
    """Return when a vehicle goes from which connector to which; None: the waiting bay.

    A schedule ends with the vehicle's time on its connector. It begins with the arrival, or when
    whoever is before it there makes room: so who goes on to another connector leaves when its time
    is over, and waits where that one is not free yet.
    """
    stays = sorted(
        (one for one in schedules if one.vehicle_id == vehicle_id), key=lambda one: one.valid_to
    )
    others = [one for one in schedules if one.vehicle_id != vehicle_id]
    drives: list[tuple[datetime, str | None, str | None]] = []
    first, last = stays[0], stays[-1]
    begins = first.steps[0].start
    if arrival is not None and any(
        one.connector_id == first.connector_id and arrival < one.valid_to <= begins
        for one in others
    ):
        drives.append((begins, None, first.connector_id))
    for here, there in pairwise(stays):
        if there.steps[0].start > here.valid_to:
            drives.append((here.valid_to, here.connector_id, None))
            drives.append((there.steps[0].start, None, there.connector_id))
        elif here.connector_id != there.connector_id:
            drives.append((here.valid_to, here.connector_id, there.connector_id))
    if any(
        one.connector_id == last.connector_id and one.valid_to > last.valid_to for one in others
    ):
        drives.append((last.valid_to, last.connector_id, None))
    return [one for one in drives if one[0] < last.departure]


def _rescues(
    schedules: Sequence[ConnectorSchedule], vehicle_id: str, *, here: str | None, since: datetime
) -> list[tuple[datetime, str | None, str | None]]:
    """Return the drive of a vehicle that is plugged in where the release has nothing more for it.

    Its station was caught or is faulty; a drive that is overdue is still to be made.
    """
    ahead = sorted(
        (one for one in schedules if one.vehicle_id == vehicle_id and one.valid_to > since),
        key=lambda one: one.steps[0].start,
    )
    if here is None or not ahead or any(one.connector_id == here for one in ahead):
        return []
    return [(max(since, ahead[0].steps[0].start), here, ahead[0].connector_id)]


def _schedules(release: Release | None) -> tuple[ConnectorSchedule, ...]:
    return release.schedules if release is not None else ()
