"""Forty vans plug in within a second, and then forty-eight within ten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from depotlib.drills.drill import Drill, Figure, Stage, at_least, at_most, told
from depotlib.drills.frames import Call, first_limit_after_s, p95, read_calls
from depotlib.drills.meters import (
    MeteredSecond,
    added_window_kw,
    highest_plug_kw,
    highest_site_kw,
)
from depotlib.drills.processes import drill_depot
from depotlib.drills.yard import (
    SAFE_KW,
    YardPlan,
    await_armed,
    await_sessions,
    flat,
    push_and_wait,
    soon,
    stay,
    van,
)
from depotlib.virtual.script import Misbehaviour, NightScript, Stay

SPEED_FACTOR: Final = 1.0
"""Latencies are the wall clock's."""
COUNT: Final = 48
FIRST: Final = 40
PLANNED: Final = "AC-49"
"""The only point with a plan: the vans of this drill come before anybody has planned for them, so
their stations hold the safe limit and nothing else when they plug in."""
YARD: Final = YardPlan(count=COUNT + 1, service_kw=100.0, operating_kw=90.0)
FIRMWARE_S: Final = 0.2
LEAD: Final = timedelta(seconds=35)
"""The yard takes a new sheet within 30 s."""
FIRST_STAY: Final = timedelta(seconds=20)
BREAK: Final = timedelta(seconds=10)
SECOND_SPAN: Final = timedelta(seconds=10)
WATCHED: Final = timedelta(seconds=25)
TOLERANCE_KW: Final = 0.01
SENT_S, ANSWERED_S, ADDED_KW = 1.0, 3.0, 1.0


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return what the stations gave before anybody told them, and how soon somebody did."""
    names = YARD.stations()[:COUNT]
    with drill_depot(stage, YARD.site_toml(), speed_factor=SPEED_FACTOR) as depot:
        depot.publish()
        depot.start_gateway()
        slow = tuple(
            Misbehaviour(station_id=name, kind="slow", delay_s=FIRMWARE_S) for name in names
        )
        empty = NightScript(vehicle=tuple(van(name) for name in YARD.stations()), misbehaviour=slow)
        depot.start_virtual(empty)
        await_armed(depot, YARD.count)
        push_and_wait(depot, flat({PLANNED: SAFE_KW}))
        first = soon(depot) + LEAD
        second = first + FIRST_STAY + BREAK
        depot.play(empty.model_copy(update={"stay": _stays(names, first, second=second)}))
        depot.live_until(second + SECOND_SPAN + WATCHED)
        await_sessions(depot, FIRST + COUNT)
        seconds = depot.meters()
        sessions = len(depot.journal("session_started"))
    return _figures(seconds, read_calls(depot.wire_path), sessions=sessions)


def _figures(
    seconds: Sequence[MeteredSecond], calls: Sequence[Call], *, sessions: int
) -> tuple[Figure, ...]:
    sent_s = first_limit_after_s(calls, is_answered=False)
    answered_s = first_limit_after_s(calls, is_answered=True)
    return (
        at_least("sessions", sessions, bound=FIRST + COUNT, unit="sessions"),
        at_least(
            "sessions that were given a limit",
            len(answered_s),
            bound=FIRST + COUNT,
            unit="sessions",
        ),
        at_most(
            "most that any station gave",
            highest_plug_kw(seconds),
            bound=SAFE_KW + TOLERANCE_KW,
            unit="kW",
        ),
        at_most(
            "added to a 15-minute mean, above what was meant",
            added_window_kw([_excess_kw(one) for one in seconds]),
            bound=ADDED_KW,
            unit="kW",
        ),
        at_most("start to limit sent, p95", p95(sent_s), bound=SENT_S, unit="s", is_speed=True),
        at_most(
            "start to limit acknowledged, p95",
            p95(answered_s),
            bound=ANSWERED_S,
            unit="s",
            is_speed=True,
        ),
        told("highest power of the site", highest_site_kw(seconds), unit="kW"),
    )


def _stays(names: Sequence[str], first: datetime, *, second: datetime) -> tuple[Stay, ...]:
    """Return forty stays that begin at once, and later forty-eight over ten seconds."""
    early = [stay(name, first, unplug=first + FIRST_STAY) for name in names[:FIRST]]
    late = [
        stay(name, second + index * SECOND_SPAN / len(names)) for index, name in enumerate(names)
    ]
    return (*early, *late)


def _excess_kw(one: MeteredSecond) -> float:
    """Return by how much the plugs that draw are above what each is meant to have [kW]."""
    return one.site_kw - SAFE_KW * len(one.plug_kw)


DRILL: Final = Drill(
    name="simultaneous",
    title="Forty vans plug in within a second, then forty-eight within ten seconds",
    passes_when="no station gives more than its safe limit before it is told, a limit is sent "
    "within 1 s and acknowledged within 3 s (p95, firmware of 200 ms), and the 15-minute mean "
    "rises by no more than 1 kW",
    defence="every station holds its safe limit before anybody plugs in",
    minutes=3,
    play=play,
)
