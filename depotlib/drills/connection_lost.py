"""No station has a connection for four hours of the night."""

from datetime import datetime, timedelta
from typing import Final

from depotlib.drills.drill import Drill, Figure, Stage, at_least, at_most, told
from depotlib.drills.meters import between, delivered_kwh
from depotlib.drills.processes import EVENING, drill_depot
from depotlib.drills.yard import (
    YardPlan,
    plug_all_in,
    push_and_wait,
    schedule,
    soon,
)
from depotlib.model.release import ConnectorSchedule
from depotlib.units import duration_h
from depotlib.virtual.script import Misbehaviour

SPEED_FACTOR: Final = 60.0
YARD: Final = YardPlan(count=8, service_kw=40.0, operating_kw=32.0)
BEGIN: Final = EVENING + timedelta(hours=2, minutes=45)
LOST: Final = EVENING + timedelta(hours=3)
"""Or later, where the machine took long until every station held its lease."""
SWAP: Final = LOST + timedelta(hours=2)
LASTS: Final = timedelta(hours=4)
NOTICED: Final = timedelta(minutes=1)
HIGH_KW, LOW_KW = 6.0, 1.5
"""Four at 6 kW and four at 1.5 kW are 30 kW; all eight at their 7.2 kW are 57.6 kW, over the
site's 40. Between hour two and three the halves change places."""
LEAST_SHARE: Final = 0.85
"""Of the plan's energy, through a loss of connection (done-when 1 of the gateway)."""
READY_SHARE: Final = 0.95


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return the site's power while nobody could be told anything, and what came of the plan."""
    names = YARD.stations()
    half = len(names) // 2
    planned = [_planned(name, is_first=index < half) for index, name in enumerate(names)]
    with drill_depot(stage, YARD.site_toml(), speed_factor=SPEED_FACTOR, begin=BEGIN) as depot:
        night = plug_all_in(depot, YARD)
        push_and_wait(depot, planned)
        start = max(LOST, soon(depot))
        silent = tuple(Misbehaviour(station_id=name, kind="silent", start=start) for name in names)
        depot.play(night.model_copy(update={"misbehaviour": silent}))
        lost = max(start, depot.newest_at())
        found = lost + LASTS
        depot.live_until(found)
        seconds = between(depot.meters(), lost, end=found)
        connected = {
            one.entry.station_id
            for one in depot.journal("station_connected")
            if lost + NOTICED <= one.entry.at < found
        }
    delivered = delivered_kwh(seconds)
    wanted = {one.connector_id: _energy_kwh(one, lost=lost, found=found) for one in planned}
    parts = {name: delivered.get(name, 0.0) / kwh for name, kwh in wanted.items()}
    lost_kwh = sum(max(0.0, kwh - delivered.get(name, 0.0)) for name, kwh in wanted.items())
    return (
        at_most(
            "stations that had a connection meanwhile", len(connected), bound=0, unit="stations"
        ),
        YARD.held(seconds),
        at_least(
            "energy delivered, of the plan's",
            sum(delivered.values()) / sum(wanted.values()),
            bound=LEAST_SHARE,
            unit="of 1",
        ),
        told("energy lost against a connected run", lost_kwh, unit="kWh"),
        told("smallest part of its plan that a van got", min(parts.values()), unit="of 1"),
        told(
            "vans that lost readiness (less than 95 % of their plan)",
            sum(one < READY_SHARE for one in parts.values()),
            unit="vans",
        ),
    )


def _planned(name: str, *, is_first: bool) -> ConnectorSchedule:
    before_kw, after_kw = (HIGH_KW, LOW_KW) if is_first else (LOW_KW, HIGH_KW)
    return schedule(name, [(EVENING, before_kw), (SWAP, after_kw)])


def _energy_kwh(planned: ConnectorSchedule, *, lost: datetime, found: datetime) -> float:
    """Return what a schedule gives while the connection is lost [kWh]."""
    swap = min(max(SWAP, lost), found)

    def over(start: datetime, end: datetime) -> float:
        return (planned.limit_at(start) or 0.0) * duration_h(end - start)

    return over(lost, swap) + over(swap, found)


DRILL: Final = Drill(
    name="connection-lost",
    title="No station has a connection for four hours from 01:00 on",
    passes_when="the site keeps its limit, the plan is followed from the leases, and what was "
    "lost against a connected run is told",
    defence="leases are whole schedules, valid to the departure",
    minutes=5,
    play=play,
)
