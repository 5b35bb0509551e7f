"""A van in a hurry plugs in while the whole budget is in use."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.drills.drill import Drill, Figure, Stage, at_least, at_most, told
from depotlib.drills.meters import between, delivered_kwh
from depotlib.drills.processes import EVENING, DrillDepot, drill_depot
from depotlib.drills.yard import (
    MORNING,
    POINT_KW,
    YardPlan,
    await_armed,
    await_sessions,
    connector_of,
    dwell,
    flat,
    push_and_wait,
    soon,
    stay,
    van,
    van_of,
)
from depotlib.model.brief import Brief
from depotlib.model.live import JournalEntry, JournalRecord
from depotlib.model.news import DepartureChange
from depotlib.model.site_file import site_from_toml
from depotlib.units import duration_h
from depotlib.virtual.script import Misbehaviour, NightScript

SPEED_FACTOR: Final = 35.0
HURRIED: Final = "AC-07"
YARD: Final = YardPlan(count=7, service_kw=51.0, operating_kw=43.5)
OTHERS: Final = YARD.stations()[:6]
FULL_KW: Final = 7.0
"""Six at this power are 42 kW; with the seventh at its safe limit the budget is full."""
OTHERS_NEED_KWH: Final = 64.0
"""Of 10 h at 7.2 kW, so that the budget is in use all night."""
FULL_SHARE: Final = 0.85
NEED_KWH: Final = 7.0
"""58 min at 7.2 kW, of the 90 there are."""
ASKED_KWH: Final = NEED_KWH + 0.3
"""Dispatch lets 0.3 kWh be: a fleet asks for that much more than its van must have."""
HURRY: Final = timedelta(minutes=90)
PRIORITY: Final = 10
RAISE_KW: Final = 4.0
"""More than there is without a reduction: of 50 kW, reserved at a tenth above what is told in
amperes, 45.5 kW, less 42 kW of the others."""
FIRMWARE_S: Final = 10.0
"""So slow do the others answer, that an order of things can be seen."""
SETTLED_S: Final = 300.0


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return in what order limits went out, and who was ready."""
    with drill_depot(stage, YARD.site_toml(), speed_factor=SPEED_FACTOR) as depot:
        depot.publish(_brief(depot))
        depot.start_gateway()
        vans = tuple(van(name) for name in YARD.stations())
        slow = tuple(
            Misbehaviour(station_id=name, kind="slow", delay_s=FIRMWARE_S) for name in OTHERS
        )
        empty = NightScript(vehicle=vans, misbehaviour=slow)
        depot.start_virtual(empty)
        await_armed(depot, YARD.count)
        stays = tuple(stay(name, soon(depot)) for name in OTHERS)
        depot.play(empty.model_copy(update={"stay": stays}))
        await_sessions(depot, len(OTHERS))
        push_and_wait(depot, flat(dict.fromkeys(OTHERS, FULL_KW)))
        depot.start_dispatch()
        depot.comes_true(lambda: _is_full(depot), within_s=SETTLED_S)
        full_kw = _site_kw(depot)

        departure = soon(depot) + HURRY
        _hurry(depot, departure)
        stays = (*stays, stay(HURRIED, soon(depot), unplug=departure))
        depot.play(empty.model_copy(update={"stay": stays}))
        depot.live_until(departure + timedelta(seconds=1))
        return _figures(depot, full_kw=full_kw, departure=departure)


def _brief(depot: DrillDepot) -> Brief:
    """Return the site with everybody's stay; the one in a hurry is expected late, for little."""
    stays = [dwell(name, EVENING, departure=MORNING, need_kwh=OTHERS_NEED_KWH) for name in OTHERS]
    late = dwell(HURRIED, EVENING + timedelta(hours=8), departure=MORNING, need_kwh=1.0)
    return replace(site_from_toml(depot.site, where="drill"), dwells=(*stays, late))


def _hurry(depot: DrillDepot, departure: datetime) -> None:
    """Tell, as the fleet's own system does, that a van leaves soon and goes before others."""
    now = depot.clock.now()
    change = DepartureChange(
        vehicle_id=van_of(HURRIED),
        changed_at=now,
        departure=departure,
        energy_kwh=ASKED_KWH,
        priority=PRIORITY,
        source="drill",
    )
    payload = {"action": "change_departure", "vehicle_id": change.vehicle_id, "source": "drill"}
    with depot.mailbox() as mailbox, mailbox.transaction():
        mailbox.put_departure(change)
        mailbox.append([JournalEntry(at=now, kind="operator_action", payload=payload)])


def _figures(depot: DrillDepot, *, full_kw: float, departure: datetime) -> tuple[Figure, ...]:
    seconds = between(depot.meters(), depot.begin, end=departure)
    got_kwh = delivered_kwh(seconds)
    raised = _raise(depot)
    missing_h = [
        (OTHERS_NEED_KWH - got_kwh.get(connector_of(name), 0.0)) / POINT_KW for name in OTHERS
    ]
    return (
        at_least(
            "power of the site before the van came",
            full_kw,
            bound=FULL_SHARE * YARD.operating_kw,
            unit="kW",
        ),
        at_least(
            "limits of others that were changed and acknowledged before its raise",
            0 if raised is None else len(_changed(depot, before=raised, are_answered=True)),
            bound=1,
            unit="limits",
        ),
        at_most(
            "limits of others without an answer when its raise was sent",
            None if raised is None else len(_changed(depot, before=raised, are_answered=False)),
            bound=0,
            unit="limits",
        ),
        at_least(
            "energy of the van at its departure",
            got_kwh.get(connector_of(HURRIED), 0.0),
            bound=NEED_KWH,
            unit="kWh",
        ),
        YARD.held(seconds),
        told(
            "least slack of the others then",
            duration_h(MORNING - departure) - max(missing_h),
            unit="h",
        ),
        told("re-plans of dispatch", len(depot.journal("dispatch_planned")), unit="releases"),
    )


def _site_kw(depot: DrillDepot) -> float:
    newest = depot.newest()
    return 0.0 if newest is None else newest.site_kw


def _is_full(depot: DrillDepot) -> bool:
    return _site_kw(depot) >= FULL_SHARE * YARD.operating_kw


def _raise(depot: DrillDepot) -> JournalRecord | None:
    """Return the first limit of the van for which somebody else had to give way."""
    for one in depot.journal("limit_sent"):
        highest_kw = float(one.entry.payload["max_limit_kw"] or 0.0)
        if one.entry.station_id == HURRIED and highest_kw >= RAISE_KW:
            return one
    return None


def _changed(
    depot: DrillDepot, *, before: JournalRecord, are_answered: bool
) -> list[JournalRecord]:
    """Return the limits of others, sent since the van came, with or without an answer by then."""
    came = max(
        one.seq for one in depot.journal("session_started") if one.entry.station_id == HURRIED
    )
    answered = {
        (one.entry.connector_id, one.entry.payload.get("seq"))
        for one in depot.journal("limit_answered")
        if one.seq < before.seq and one.entry.payload["answer"] == "accepted"
    }
    return [
        one
        for one in depot.journal("limit_sent")
        if came < one.seq < before.seq
        and one.entry.station_id in OTHERS
        and ((one.entry.connector_id, one.entry.payload["seq"]) in answered) == are_answered
    ]


DRILL: Final = Drill(
    name="priority",
    title="A van that leaves in 90 min plugs in while the whole budget is in use",
    passes_when="others are reduced, and have acknowledged it, before the van is raised; it is "
    "ready on time, and what the others have left is told",
    defence="dispatch plans anew as soon as the fleet changes a departure",
    minutes=4,
    play=play,
)
