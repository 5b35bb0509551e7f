"""Telematics goes silent at midnight, and nobody but the stations' meters knows how full a van is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.drills.drill import Drill, Figure, Stage, at_least, at_most, told
from depotlib.drills.meters import delivered_kwh
from depotlib.drills.processes import EVENING, DrillDepot, drill_depot
from depotlib.drills.yard import (
    POINT_KW,
    YardPlan,
    connector_of,
    dwell,
    flat,
    plug_all_in,
    push_and_wait,
    soon,
    tag_of,
    van_of,
)
from depotlib.model.brief import Brief
from depotlib.model.charge import ChargeBelief
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.model.news import VehicleReading
from depotlib.model.site_file import site_from_toml
from depotlib.virtual.script import NightScript, ScriptedVehicle

SPEED_FACTOR: Final = 60.0
YARD: Final = YardPlan(count=6, service_kw=60.0, operating_kw=50.0)
MIDNIGHT: Final = EVENING + timedelta(hours=2)
"""Or later, where the machine took long until every van charged."""
SPOKEN: Final = timedelta(hours=2)
SILENT: Final = timedelta(hours=4)
CADENCE: Final = timedelta(minutes=5)
USABLE_KWH, EFFICIENCY_SHARE = 60.0, 0.9
"""As the class says. From midnight to departure 28.8 kWh at the wall make 43 % of it."""
TRUE_USABLE_SHARES: Final = (1.0, 0.98, 0.96, 0.94, 0.95, 0.97)
TRUE_EFFICIENCY_SHARES: Final = (0.88, 0.92, 0.9, 0.91, 0.87, 0.93)
"""Of the vans as they are: batteries have aged by up to 6 %, efficiencies lie 3 % around."""
ARRIVAL_SOC: Final = (0.12, 0.18, 0.15, 0.21, 0.1, 0.24)
EXPECTED_SOC: Final = 0.15
SPREAD_KWH: Final = 4.0
NEED_KWH: Final = 42.0
"""At the wall; six hours at 7.2 kW are 43.2 kWh."""
MOST_SOC: Final = 0.03
LEAST_MOVED_SOC: Final = 0.1
"""A night in which nothing flowed after midnight proves nothing."""
CLASS: Final = VehicleClass(
    class_id="van",
    usable_kwh=USABLE_KWH,
    consumption_kwh_per_km=0.3,
    wall_efficiency_share=EFFICIENCY_SHARE,
    ac_max_kw=POINT_KW,
    dc_max_kw=0.0,
)


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return how far what is believed of each van's charge is off at its departure."""
    with drill_depot(stage, YARD.site_toml(), speed_factor=SPEED_FACTOR) as depot:
        night = plug_all_in(depot, YARD, vans=_vans())
        push_and_wait(depot, flat(dict.fromkeys(YARD.stations(), POINT_KW)))
        begun = soon(depot)
        midnight = max(MIDNIGHT, begun + SPOKEN)
        departure = midnight + SILENT
        depot.publish(_brief(depot, arrival=begun, departure=departure))
        depot.start_dispatch()
        while depot.newest_at() < midnight:
            _tell(depot, _true_soc(depot))
            depot.live_until(min(depot.newest_at() + CADENCE, midnight))
        midnight_soc = _true_soc(depot)
        _leave(depot, night, departure=departure)
        return _figures(depot, midnight_soc=midnight_soc)


def _leave(depot: DrillDepot, night: NightScript, *, departure: datetime) -> None:
    """Let every van leave at its departure, and dispatch hear of it."""
    leaving = tuple(one.model_copy(update={"unplug": departure}) for one in night.stay)
    depot.play(night.model_copy(update={"stay": leaving}))
    depot.live_until(departure)
    depot.wait_for(
        lambda: len(depot.journal("session_ended")) >= YARD.count, "the end of every session"
    )
    ended_at = depot.clock.now()
    depot.wait_for(
        lambda: depot.has_beaten("dispatch", since=ended_at + timedelta(minutes=1)),
        "dispatch to have heard of it",
    )


def _figures(depot: DrillDepot, *, midnight_soc: Mapping[str, float]) -> tuple[Figure, ...]:
    true_soc = _true_soc(depot)
    with depot.mailbox() as mailbox:
        beliefs = {one.vehicle_id: one for one in mailbox.charges.all()}
    held = {name: beliefs.get(van_of(name)) for name in YARD.stations()}
    off_soc = {name: _off_soc(belief, true_soc[name]) for name, belief in held.items()}
    known_soc = [off for off in off_soc.values() if off is not None]
    return (
        at_most(
            "most that what is believed of a van's charge is off at departure",
            max(known_soc) if len(known_soc) == YARD.count else None,
            bound=MOST_SOC,
            unit="of 1",
        ),
        at_least(
            "vans whose charge is known by their meter",
            sum(belief is not None and belief.source == "meter" for belief in held.values()),
            bound=YARD.count,
            unit="vans",
        ),
        at_least(
            "least that a van's charge rose after midnight",
            min(true_soc[name] - midnight_soc[name] for name in YARD.stations()),
            bound=LEAST_MOVED_SOC,
            unit="of 1",
        ),
        told(
            "vans whose charge is within its band",
            sum(_holds(belief, true_soc[name]) for name, belief in held.items()),
            unit="vans",
        ),
        YARD.held(depot.meters()),
    )


def _off_soc(belief: ChargeBelief | None, true_soc: float) -> float | None:
    return None if belief is None else abs(belief.soc - true_soc)


def _holds(belief: ChargeBelief | None, true_soc: float) -> bool:
    """Return whether the band of a belief holds the truth."""
    if belief is None:
        return False
    low_soc, high_soc = belief.band()
    return low_soc <= true_soc <= high_soc


def _true_soc(depot: DrillDepot) -> dict[str, float]:
    """Return each van's charge by the virtual stations' own meters, and its own battery."""
    got_kwh = delivered_kwh(depot.meters())
    return {
        name: soc
        + got_kwh.get(connector_of(name), 0.0) * van.wall_efficiency_share / van.usable_kwh
        for name, soc, van in zip(YARD.stations(), ARRIVAL_SOC, _vans(), strict=True)
    }


def _tell(depot: DrillDepot, true_soc: Mapping[str, float]) -> None:
    """Tell, as a feed does, the charge of every van in whole percents."""
    at = depot.newest_at()
    with depot.mailbox() as mailbox, mailbox.transaction():
        for name, soc in true_soc.items():
            reading = VehicleReading(
                van_of(name), at, soc=round(soc, 2), odometer_km=None, source="drill"
            )
            mailbox.put_reading(reading)


def _vans() -> tuple[ScriptedVehicle, ...]:
    return tuple(
        ScriptedVehicle(
            vehicle_id=van_of(name),
            id_tag=tag_of(name),
            usable_kwh=USABLE_KWH * usable_share,
            wall_efficiency_share=efficiency_share,
            max_kw=POINT_KW,
            arrival_soc=soc,
        )
        for name, usable_share, efficiency_share, soc in zip(
            YARD.stations(),
            TRUE_USABLE_SHARES,
            TRUE_EFFICIENCY_SHARES,
            ARRIVAL_SOC,
            strict=True,
        )
    )


def _brief(depot: DrillDepot, *, arrival: datetime, departure: datetime) -> Brief:
    """Return the site with its vans as their class has them, and a stay of each."""
    stays = tuple(
        replace(
            dwell(name, arrival, departure=departure, need_kwh=NEED_KWH),
            arrival_soc=EXPECTED_SOC,
            energy_sigma_kwh=SPREAD_KWH,
        )
        for name in YARD.stations()
    )
    fleet = Fleet((CLASS,), tuple(Vehicle(van_of(name), "van") for name in YARD.stations()))
    known = site_from_toml(depot.site, where="drill")
    return replace(known, fleet=fleet, dwells=stays, made_at=EVENING - timedelta(hours=1))


DRILL: Final = Drill(
    name="blackout",
    title="Telematics goes silent at midnight, and every van charges on until it leaves",
    passes_when="what is believed of each van's charge is at most 3 % off at its departure",
    defence="the stations' meters stand in for telematics, with the gain that was learned while it "
    "spoke",
    minutes=8,
    play=play,
)
