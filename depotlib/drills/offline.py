"""A station loses its connection in the middle of a session, and comes back."""

from datetime import datetime, timedelta
from typing import Final

from depotlib.drills.drill import Drill, Figure, Stage, at_least, at_most, told
from depotlib.drills.meters import between, delivered_kwh, highest_plug_kw, lowest_plug_kw
from depotlib.drills.processes import DrillDepot, drill_depot
from depotlib.drills.yard import (
    SAFE_KW,
    YardPlan,
    connector_of,
    flat,
    plug_all_in,
    push_and_wait,
    schedule,
    soon,
)
from depotlib.model.live import JournalEntry
from depotlib.virtual.script import Misbehaviour

SPEED_FACTOR: Final = 30.0
YARD: Final = YardPlan(count=3, service_kw=30.0, operating_kw=25.0)
AWAY, OTHERS = "AC-01", ("AC-02", "AC-03")
PLUG: Final = connector_of(AWAY)
LEASE_KW: Final = 6.0
LEASED: Final = timedelta(minutes=20)
"""From the push to the end of the lease: most of it is lived through without a connection."""
AFTER: Final = timedelta(minutes=10)
FOLLOW: Final = timedelta(seconds=10)
"""Vehicles take up a new limit within 5 s."""
STALE_S: Final = 60.0
MOST_KWH: Final = 0.1
PATIENCE_S: Final = 900.0
TOLERANCE_KW: Final = 0.05
"""Limits are cut to tenths of an ampere."""


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return what the station did alone, and whether its energy came out right."""
    with drill_depot(stage, YARD.site_toml(), speed_factor=SPEED_FACTOR) as depot:
        night = plug_all_in(depot, YARD)
        lease_end = soon(depot) + LEASED
        leased = schedule(AWAY, [(depot.begin, LEASE_KW)], valid_to=lease_end)
        push_and_wait(depot, [leased, *flat(dict.fromkeys(OTHERS, LEASE_KW))])
        depot.comes_true(lambda: _draws(depot), within_s=STALE_S)

        gone = soon(depot)
        back = lease_end + AFTER
        silent = Misbehaviour(station_id=AWAY, kind="silent", start=gone, end=back)
        depot.play(night.model_copy(update={"misbehaviour": (silent,)}))
        depot.live_until(back)
        depot.comes_true(lambda: _returned_at(depot, since=gone) is not None, within_s=PATIENCE_S)
        ended = night.model_copy(
            update={
                "stay": tuple(
                    one.model_copy(update={"unplug": soon(depot)})
                    if one.connector_id == PLUG
                    else one
                    for one in night.stay
                )
            }
        )
        depot.play(ended)
        depot.comes_true(lambda: _end(depot) is not None, within_s=PATIENCE_S)
        return _figures(depot, lease_end=lease_end)


def _figures(depot: DrillDepot, *, lease_end: datetime) -> tuple[Figure, ...]:
    seconds = depot.meters()
    gone = _gone_at(depot)
    back = None if gone is None else _returned_at(depot, since=gone)
    begin, end = gone or lease_end, back or lease_end
    leased = between(seconds, begin + FOLLOW, end=lease_end)
    lapsed = between(seconds, lease_end + FOLLOW, end=end)
    ended = _end(depot)
    own_kwh = delivered_kwh(seconds).get(PLUG, 0.0)
    told_kwh = None if ended is None else float(ended.payload["energy_kwh"] or 0.0)
    lost = [one.entry for one in depot.journal("meter") if one.entry.payload.get("late_s")]
    return (
        at_most(
            "from the last thing it said to being told as not connected",
            None if gone is None else (gone - _heard_before(depot, gone)).total_seconds(),
            bound=STALE_S,
            unit="s",
            is_speed=True,
        ),
        at_least(
            "least power while the lease held, without a connection",
            lowest_plug_kw(leased, PLUG),
            bound=LEASE_KW - TOLERANCE_KW,
            unit="kW",
        ),
        at_most(
            "most power after the lease had lapsed, without a connection",
            highest_plug_kw(lapsed, chosen=lambda name: name == PLUG) if lapsed else None,
            bound=SAFE_KW + TOLERANCE_KW,
            unit="kW",
        ),
        at_most(
            "energy of the session, as told and by the station's own meter, apart",
            None if told_kwh is None else abs(told_kwh - own_kwh),
            bound=MOST_KWH,
            unit="kWh",
        ),
        at_most(
            "sessions told of the one that there was",
            sum(one.entry.station_id == AWAY for one in depot.journal("session_started")),
            bound=1,
            unit="sessions",
        ),
        told("meter samples told afterwards", len(lost), unit="samples"),
        told("without a connection", (end - begin).total_seconds(), unit="s"),
    )


def _draws(depot: DrillDepot) -> bool:
    newest = depot.newest()
    return newest is not None and newest.plug_kw.get(PLUG, 0.0) >= LEASE_KW - TOLERANCE_KW


def _gone_at(depot: DrillDepot) -> datetime | None:
    gone = [
        one.entry.at
        for one in depot.journal("station_disconnected")
        if one.entry.station_id == AWAY
    ]
    return min(gone, default=None)


def _returned_at(depot: DrillDepot, *, since: datetime) -> datetime | None:
    """Return when the station was first connected again after an instant."""
    came = [
        one.entry.at
        for one in depot.journal("station_connected")
        if one.entry.station_id == AWAY and one.entry.at > since
    ]
    return min(came, default=None)


def _heard_before(depot: DrillDepot, gone: datetime) -> datetime:
    """Return when the station's last sample before its loss was taken."""
    return max(
        (
            one.entry.at
            for one in depot.journal("meter", "session_started")
            if one.entry.station_id == AWAY and one.entry.at <= gone
        ),
        default=depot.begin,
    )


def _end(depot: DrillDepot) -> JournalEntry | None:
    ended = [one.entry for one in depot.journal("session_ended") if one.entry.station_id == AWAY]
    return ended[-1] if ended else None


DRILL: Final = Drill(
    name="offline",
    title="A station is offline for twenty minutes in the middle of a session",
    passes_when="it is told as not connected within 60 s, keeps its lease to the lease's end and "
    "then its safe limit, and its energy is right to 0.1 kWh once it is back",
    defence="a lease carries its own end, and the safe limit lies below it in the station",
    minutes=2,
    play=play,
)
