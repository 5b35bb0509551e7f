"""Gateway and dispatch are killed at random, five times."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Final

from depotlib.drills.drill import Drill, Figure, Program, Stage, at_least, at_most, told
from depotlib.drills.meters import delivered_kwh
from depotlib.drills.processes import DrillDepot, drill_depot
from depotlib.drills.yard import (
    MORNING,
    YardPlan,
    await_armed,
    connector_of,
    dwell,
    flat,
    plug_all_in,
    push_and_wait,
    soon,
)
from depotlib.model.brief import Brief
from depotlib.model.site_file import site_from_toml
from depotlib.virtual.script import NightScript

SPEED_FACTOR: Final = 20.0
YARD: Final = YardPlan(count=12, service_kw=50.0, operating_kw=40.0)
HALF_KW: Final = 5.8
"""Six at this power are 34.8 kW; both halves at once would be 69.6 kW, far over the site's 50."""
SEED: Final = 7
KILLS: Final = 5
VICTIMS: Final[tuple[Program, ...]] = ("gateway", "gateway", "gateway", "dispatch", "dispatch")
MOST_KWH: Final = 0.1
NEED_KWH: Final = 30.0
PATIENCE_S: Final = 1200.0


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return what became of the sessions and of the site's limit."""
    rng = random.Random(SEED)  # noqa: S311 - a drill is the same drill each time
    with drill_depot(stage, YARD.site_toml(), speed_factor=SPEED_FACTOR) as depot:
        night = plug_all_in(depot, YARD, brief=_brief(depot))
        depot.start_dispatch()
        halves = _halves()
        push_and_wait(depot, flat(halves[0]))
        victims = rng.sample(VICTIMS, KILLS)
        for number, victim in enumerate(victims, start=1):
            push_and_wait(depot, flat(halves[number % 2]))
            depot.live_until(depot.newest_at() + timedelta(seconds=rng.randint(1, 60)))
            depot.kill(victim)
            depot.live_until(depot.newest_at() + timedelta(seconds=rng.randint(1, 60)))
            if victim == "gateway":
                depot.start_gateway()
                await_armed(depot, YARD.count)
            else:
                depot.start_dispatch()
        left = soon(depot)
        stays = tuple(one.model_copy(update={"unplug": left}) for one in night.stay)
        depot.play(NightScript(vehicle=night.vehicle, stay=stays))
        depot.comes_true(
            lambda: len(depot.journal("session_ended")) >= YARD.count, within_s=PATIENCE_S
        )
        return _figures(depot)


def _halves() -> tuple[dict[str, float], dict[str, float]]:
    names = YARD.stations()
    first, second = names[: len(names) // 2], names[len(names) // 2 :]
    paused = dict.fromkeys(names, 0.0)
    return (
        {**paused, **dict.fromkeys(first, HALF_KW)},
        {**paused, **dict.fromkeys(second, HALF_KW)},
    )


def _brief(depot: DrillDepot) -> Brief:
    """Return the site with a stay for every van, so that dispatch has something to plan."""
    return replace(
        site_from_toml(depot.site, where="drill"),
        dwells=tuple(
            dwell(name, depot.begin, departure=MORNING, need_kwh=NEED_KWH)
            for name in YARD.stations()
        ),
    )


def _figures(depot: DrillDepot) -> tuple[Figure, ...]:
    seconds = depot.meters()
    started = Counter(one.entry.station_id for one in depot.journal("session_started"))
    ended = {one.entry.connector_id: one.entry for one in depot.journal("session_ended")}
    own_kwh = delivered_kwh(seconds)
    names = YARD.stations()
    apart_kwh = [
        abs(float(ended[plug].payload["energy_kwh"] or 0.0) - own_kwh.get(plug, 0.0))
        for plug in map(connector_of, names)
        if plug in ended
    ]
    with depot.mailbox() as mailbox:
        verdict = mailbox.verify_journal()
    return (
        at_most(
            "sessions lost", sum(not started[name] for name in names), bound=0, unit="sessions"
        ),
        at_most(
            "sessions told twice",
            sum(max(0, count - 1) for count in started.values()),
            bound=0,
            unit="sessions",
        ),
        at_least("sessions ended as they did", len(ended), bound=YARD.count, unit="sessions"),
        at_most(
            "energy of a session, as told and by the station's own meter, apart",
            max(apart_kwh, default=None),
            bound=MOST_KWH,
            unit="kWh",
        ),
        YARD.held(seconds),
        at_least("journals that are whole", int(verdict.ok), bound=1, unit="journals"),
        told("re-plans of dispatch", len(depot.journal("dispatch_planned")), unit="releases"),
        told("gateways that ran", len(depot.journal("gateway_started")), unit="processes"),
    )


DRILL: Final = Drill(
    name="killed",
    title="Gateway and dispatch are killed at random, five times",
    passes_when="no session is lost or told twice, energies are right, and the site keeps its limit",
    defence="everything is written before it is done, and taken over by the next process",
    minutes=3,
    play=play,
)
