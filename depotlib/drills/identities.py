"""A fifth of the sessions begin with a token that is unknown, expired, shared or doubled."""

from datetime import datetime, timedelta
from typing import Final

from depotlib.drills.drill import Drill, Figure, Stage, at_least, at_most, told
from depotlib.drills.meters import between, delivered_kwh, highest_plug_kw
from depotlib.drills.processes import DrillDepot, drill_depot
from depotlib.drills.yard import (
    SAFE_KW,
    YardPlan,
    await_armed,
    await_sessions,
    connector_of,
    flat,
    push_and_wait,
    soon,
    stay,
    tag_of,
    van,
    van_of,
)
from depotlib.virtual.script import NightScript

SPEED_FACTOR: Final = 2.0
"""Of a session that nobody can name 5 s may pass: here 2.5 s of the machine."""
UNKNOWN, EXPIRED, SHARED, DOUBLED = "AC-17", "AC-18", "AC-19", "AC-20"
DOUBTFUL: Final = (UNKNOWN, EXPIRED, SHARED, DOUBLED)
STRANGER: Final = UNKNOWN
"""Nobody planned for it, either: it gets the least that its connector gives."""
LENDER: Final = "AC-01"
"""Its tag is also shown at another point."""
EXPIRED_TAG: Final = "TAG-OLD"
YARD: Final = YardPlan(
    count=20,
    service_kw=150.0,
    operating_kw=130.0,
    strangers=(UNKNOWN, EXPIRED, SHARED),
    extra=f"""
[[identity]]
token = "{EXPIRED_TAG}"
vehicle_id = "{van_of(EXPIRED)}"
valid_to = 2026-11-01T00:00:00Z
[[identity]]
token = "{tag_of(DOUBLED)}"
vehicle_id = "{van_of(LENDER)}"
""",
)
TAGS: Final = {UNKNOWN: "TAG-NOBODY", EXPIRED: EXPIRED_TAG, SHARED: tag_of(LENDER)}
CHARGE_KW: Final = 6.0
NEED_KWH: Final = 0.5
"""5 min at 6 kW, of the 8 there are."""
STAY: Final = timedelta(minutes=8)
LISTED_S: Final = 5.0
TOLERANCE_KW: Final = 0.05


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return what was listed, what strangers got, and who was ready."""
    names = YARD.stations()
    with drill_depot(stage, YARD.site_toml(), speed_factor=SPEED_FACTOR) as depot:
        depot.publish()
        depot.start_gateway()
        vans = tuple(van(name, tag=TAGS.get(name)) for name in names)
        depot.start_virtual(NightScript(vehicle=vans))
        await_armed(depot, YARD.count)
        planned = [name for name in names if name != STRANGER]
        push_and_wait(depot, flat(dict.fromkeys(planned, CHARGE_KW)))
        # The tag's own van comes first, so that it is the other one that is in doubt.
        begun = soon(depot)
        depot.play(NightScript(vehicle=vans, stay=(stay(LENDER, begun),)))
        await_sessions(depot, 1)
        stays = (
            stay(LENDER, begun),
            *(stay(name, soon(depot)) for name in names if name != LENDER),
        )
        depot.play(NightScript(vehicle=vans, stay=stays))
        await_sessions(depot, YARD.count)
        departure = soon(depot) + STAY
        depot.live_until(departure)
        return _figures(depot, departure=departure)


def _figures(depot: DrillDepot, *, departure: datetime) -> tuple[Figure, ...]:
    seconds = between(depot.meters(), depot.begin, end=departure)
    got_kwh = delivered_kwh(seconds)
    ready = [
        name
        for name in YARD.stations()
        if name != STRANGER and got_kwh.get(connector_of(name), 0.0) >= NEED_KWH
    ]
    waits_s = [_listed_after_s(depot, name) for name in DOUBTFUL]
    plug = connector_of(STRANGER)
    return (
        at_least(
            "doubtful sessions that are listed",
            sum(wait_s is not None for wait_s in waits_s),
            bound=len(DOUBTFUL),
            unit="sessions",
        ),
        at_most(
            "from the plug-in to the list",
            None if None in waits_s else max(wait_s or 0.0 for wait_s in waits_s),
            bound=LISTED_S,
            unit="s",
            is_speed=True,
        ),
        at_most(
            "most that a stranger draws whom nobody planned for",
            highest_plug_kw(seconds, chosen=lambda name: name == plug),
            bound=SAFE_KW + TOLERANCE_KW,
            unit="kW",
        ),
        at_least("what that stranger got", got_kwh.get(plug, 0.0), bound=0.1, unit="kWh"),
        at_least(
            "vans ready that were planned for, in doubt or not",
            len(ready),
            bound=YARD.count - 1,
            unit="vans",
        ),
        YARD.held(seconds),
        told(
            "sessions told as nobody's",
            sum(not one.entry.payload["vehicle_id"] for one in depot.journal("session_started")),
            unit="sessions",
        ),
    )


def _listed_after_s(depot: DrillDepot, station_id: str) -> float | None:
    """Return how long after its plug-in a session was listed as doubtful [s]."""
    began = [
        one.entry.at
        for one in depot.journal("session_started")
        if one.entry.station_id == station_id
    ]
    listed = [
        one.entry.at
        for one in depot.journal("identity_exception")
        if one.entry.station_id == station_id
    ]
    return (min(listed) - min(began)).total_seconds() if began and listed else None


DRILL: Final = Drill(
    name="identities",
    title="A fifth of the sessions shows an unknown, expired, shared or doubled token",
    passes_when="each is listed within 5 s, a stranger gets the least its connector gives and no "
    "more, and everybody who was planned for is ready",
    defence="whom nobody knows and nobody planned for gets the least power, and is listed",
    minutes=5,
    play=play,
)
