"""Vehicles that do not wake when a pause ends."""

from datetime import datetime, timedelta
from typing import Final

from depotlib.drills.drill import Drill, Figure, Stage, at_least, at_most, told
from depotlib.drills.meters import between, delivered_kwh
from depotlib.drills.processes import DrillDepot, drill_depot
from depotlib.drills.yard import (
    YardPlan,
    connector_of,
    plug_all_in,
    push_and_wait,
    schedule,
    soon,
    van,
)

SPEED_FACTOR: Final = 30.0
YARD: Final = YardPlan(count=10, service_kw=70.0, operating_kw=65.0)
SLEEPING: Final = ("AC-10",)
"""A tenth of the yard: it sleeps through the offer that ends a pause, and wakes by the next."""
CHARGE_KW: Final = 6.0
PAUSE: Final = timedelta(minutes=6)
"""Long enough for a vehicle to fall asleep, which takes a minute."""
STAY: Final = timedelta(minutes=40)
"""From the end of the pause to the departure."""
NEED_KWH: Final = 2.2
"""22 min at 6 kW: of the 40 there are, a vehicle may lose 10 until it is found asleep and woken."""
LEAD: Final = timedelta(minutes=2)


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return what every vehicle got until its departure."""
    vans = tuple(van(name, wakes=name not in SLEEPING) for name in YARD.stations())
    with drill_depot(stage, YARD.site_toml(), speed_factor=SPEED_FACTOR) as depot:
        plug_all_in(depot, YARD, vans=vans)
        pause = soon(depot) + LEAD
        resume, departure = pause + PAUSE, pause + PAUSE + STAY
        steps = [(depot.begin, CHARGE_KW), (pause, 0.0), (resume, CHARGE_KW)]
        planned = [
            schedule(name, steps, valid_to=departure, need_kwh=2 * NEED_KWH)
            for name in YARD.stations()
        ]
        push_and_wait(depot, planned)
        depot.live_until(departure)
        return _figures(depot, resume=resume, departure=departure)


def _figures(depot: DrillDepot, *, resume: datetime, departure: datetime) -> tuple[Figure, ...]:
    awake = between(depot.meters(), resume, end=departure)
    got_kwh = delivered_kwh(awake)
    short = [name for name in YARD.stations() if got_kwh.get(connector_of(name), 0.0) < NEED_KWH]
    notes = [one.entry for one in depot.journal("vehicle_asleep")]
    found = {one.station_id for one in notes}
    lost_s = [_first_power_s(depot, name, resume=resume) for name in SLEEPING]
    return (
        at_most("vans that missed what there was time for", len(short), bound=0, unit="vans"),
        at_least(
            "vehicles found asleep",
            len(found & set(SLEEPING)),
            bound=len(SLEEPING),
            unit="vehicles",
        ),
        at_most(
            "vehicles taken for asleep that were not",
            len(found - set(SLEEPING)),
            bound=0,
            unit="vehicles",
        ),
        YARD.held(depot.meters()),
        told(
            "from the end of the pause to the sleeper's first power",
            None if None in lost_s else max(one or 0.0 for one in lost_s),
            unit="s",
        ),
    )


def _first_power_s(depot: DrillDepot, name: str, *, resume: datetime) -> float | None:
    plug = connector_of(name)
    return min(
        (
            (one.at - resume).total_seconds()
            for one in depot.meters()
            if one.at >= resume and one.plug_kw.get(plug, 0.0) > 0.0
        ),
        default=None,
    )


DRILL: Final = Drill(
    name="sleepers",
    title="A tenth of the vehicles does not wake after a pause",
    passes_when="none misses what there is time for",
    defence="who draws nothing though it may is offered it anew after a minute's pause",
    minutes=3,
    play=play,
)
