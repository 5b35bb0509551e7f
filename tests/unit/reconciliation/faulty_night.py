"""Nights with physical faults, simulated apart from the product: what the journal would say of
them, and how many kWh each fault took, by simulating the night again without it.

Nothing here knows how the product names a cause or looks for it. A van has a world (when it comes,
where it stands, what its battery, its station and its link can do); a fault changes a fact of that
world. Stations are told limits as the gateway does: whole leases to the departure, with the
setpoints that are still to come, less what a standing order or limit from outside takes, and the
least power to somebody unknown. Where the depot catches up, a lease holds that too.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from depotlib.model.live import JournalEntry
from tests.unit.reconciliation.faulty_world import (
    EVENING,
    NIGHT_STEPS,
    QUARTER_STEPS,
    STEP_S,
    STEPS_AN_HOUR,
    Course,
    Span,
    World,
    at,
    is_in,
    play,
)

# --- what the journal would say ---------------------------------------------------------------


Told = tuple[datetime, JournalEntry]  # when the gateway heard of it, and what it wrote


def _said(world: World, step: float, kind: str, **facts: object) -> Told:
    station = world.bay.split("/")[0]
    is_of_station = kind in {"station_connected", "station_disconnected"}
    when = EVENING + timedelta(seconds=step * STEP_S)
    return when, JournalEntry(when, kind, station, None if is_of_station else world.bay, facts)


def _of_the_session(world: World, course: Course) -> list[Told]:
    ends = min(world.unplugged, NIGHT_STEPS)
    if world.plugged >= ends:
        return []
    session = f"{world.bay}@{at(world.plugged).isoformat()}"
    known = world.named_at is not None and world.named_at <= world.plugged
    named = world.van if known else None
    said = [_said(world, world.plugged, "session_started", session_id=session,
                  vehicle_id=named, id_tag="TAG" if known else "")]  # fmt: skip
    if not known and world.named_at is not None and world.named_at < ends:
        said.append(_said(world, world.named_at, "identity_resolved", session_id=session,
                          vehicle_id=world.van))  # fmt: skip
    for step, kwh, soc in course.registers:
        _, entry = _said(world, step, "meter", session_id=session,
                         energy_kwh=int(kwh * 1000) / 1000,
                         soc=round(soc, 2) if world.is_dc else None)  # fmt: skip
        # What was metered without a connection is told when there is one again.
        is_away = is_in(world.unreachable, step)
        said.append((at(world.unreachable[1]) if is_away else entry.at, entry))
    if world.asleep[1] > world.asleep[0] and world.plugged <= world.asleep[0] < ends - 30:
        said.append(_said(world, world.asleep[0] + 30, "vehicle_asleep", session_id=session,
                          vehicle_id=world.van))  # fmt: skip
    said.append(_said(world, ends, "session_ended", session_id=session, vehicle_id=named,
                      energy_kwh=int(course.energy_kwh * 1000) / 1000,
                      reason="EVDisconnected"))  # fmt: skip
    return said


def _of_the_station(world: World, course: Course) -> list[Told]:
    said: list[Told] = []
    for seq, lease in enumerate(course.leases):
        step, now_kw = lease[0]
        words = ", ".join(
            [f"-60 {now_kw:.4g}", *(f"{(on - step) * STEP_S} {kw:.4g}" for on, kw in lease[1:])]
        )
        said.append(_said(world, step, "limit_sent", seq=seq, limits_kw=words,
                          valid_to=at(world.departs).isoformat()))  # fmt: skip
        said.append(_said(world, step + 0.05, "limit_answered", seq=seq, answer="accepted"))
    if world.refuses:
        said.append(_said(world, world.plugged + 0.1, "limit_answered", seq=900,
                          answer="rejected: NotSupported"))  # fmt: skip
    if world.unreachable[1] > world.unreachable[0]:
        said.append(_said(world, world.unreachable[0], "station_disconnected", reason="lost"))
        said.append(_said(world, world.unreachable[1], "station_connected"))
    if world.dead[1] > world.dead[0]:
        said.append(_said(world, world.dead[0], "status", status="Faulted",
                          error_code="GroundFailure"))  # fmt: skip
        said.append(_said(world, world.dead[1], "status", status="Charging",
                          error_code="NoError"))  # fmt: skip
    if world.held[1] > world.held[0]:
        facts = {"order_id": f"o-{world.van}", "action": "hold", "reason": "cable check",
                 "start": "", "until": at(world.held[1]).isoformat()}  # fmt: skip
        said.append(_said(world, world.held[0], "operator_action", state="standing", **facts))
        said.append(_said(world, world.held[1], "operator_action", state="over", **facts))
    return said


def journal(world: World, course: Course) -> list[JournalEntry]:
    """Return what the gateway would have written of a van's night, in the order of its journal."""
    said = [*_of_the_session(world, course), *_of_the_station(world, course)]
    return [entry for _, entry in sorted(said, key=lambda one: one[0])]


# --- what goes wrong --------------------------------------------------------------------------


def _hours(draw: random.Random, low: float, high: float) -> int:
    return round(draw.uniform(low, high) * STEPS_AN_HOUR)


def _span(draw: random.Random, world: World, low: float, high: float) -> Span:
    """A span of some hours in which the plan gives the van power."""
    powered = [s for s in range(world.arrives, world.departs, 30) if world.planned_kw(s) > 0]
    start = draw.choice(powered[: max(1, len(powered) // 2)])
    return start, min(world.departs, start + _hours(draw, low, high))


def comes_late(draw: random.Random, world: World) -> World:
    return replace(world, plugged=world.plugged + _hours(draw, 1, 5))


def leaves_early(draw: random.Random, world: World) -> World:
    return replace(world, unplugged=world.unplugged - _hours(draw, 2, 6))


def stands_at_a_slow_plug(draw: random.Random, world: World) -> World:
    return replace(
        world, bay=f"SLOW-{world.van}/1", bay_kw=11.0 if world.is_dc else draw.choice([2.3, 3.7])
    )


def shows_no_card(draw: random.Random, world: World) -> World:
    named = draw.choice([None, world.plugged + _hours(draw, 2, 6)])
    return replace(world, named_at=named)


def feeder_is_cut_back(draw: random.Random, world: World) -> World:
    carries_kw = round(draw.uniform(0.2, 0.6) * max(world.plan_line), 1)
    return replace(world, feeder=(*_span(draw, world, 2, 4), carries_kw))


def battery_takes_less_when_full(draw: random.Random, world: World) -> World:
    return replace(world, taper_share=draw.uniform(0.85, 0.98))


def onboard_charger_is_weak(draw: random.Random, world: World) -> World:
    return replace(world, onboard_kw=draw.uniform(0.3, 0.6) * max(world.plan_line))


def driver_capped_the_charge(draw: random.Random, world: World) -> World:
    return replace(world, stops_at_soc=world.start_soc + draw.uniform(0.3, 0.6) * (1 - world.start_soc))  # fmt: skip


def does_not_wake(draw: random.Random, world: World) -> World:
    return replace(world, asleep=_span(draw, world, 1, 3))


def station_trips(draw: random.Random, world: World) -> World:
    return replace(world, dead=_span(draw, world, 1, 4))


def station_takes_no_limits(draw: random.Random, world: World) -> World:
    return replace(world, refuses=True)


def line_is_down(draw: random.Random, world: World) -> World:
    start = world.arrives - _hours(draw, 0.1, 0.5)
    return replace(world, unreachable=(start, world.arrives + _hours(draw, 3, 8)))


def somebody_holds_it(draw: random.Random, world: World) -> World:
    return replace(world, held=_span(draw, world, 1, 4))


def plan_is_too_small(draw: random.Random, world: World) -> World:
    return replace(world, plan_scale=draw.uniform(0.4, 0.8))


Fault = Callable[[random.Random, World], World]
AC_FAULTS: tuple[Fault, ...] = (
    comes_late, leaves_early, stands_at_a_slow_plug, shows_no_card, feeder_is_cut_back,
    onboard_charger_is_weak, driver_capped_the_charge, does_not_wake, station_trips,
    station_takes_no_limits, line_is_down, somebody_holds_it, plan_is_too_small,
)  # fmt: skip
DC_FAULTS: tuple[Fault, ...] = (*AC_FAULTS, battery_takes_less_when_full)


@dataclass(frozen=True)
class Night:
    """A night in a world: its course, its journal, and what the van got of its target."""

    world: World
    course: Course
    journal: tuple[JournalEntry, ...]
    got_kwh: float


@dataclass(frozen=True)
class FaultyVan:
    """A van's night, and the truth about it."""

    planned: World
    actual: World
    journal: tuple[JournalEntry, ...]
    faults: tuple[Fault, ...]
    took_kwh: tuple[float, ...]  # by fault, interactions shared in halves
    got_kwh: float


def sound_world(draw: random.Random, number: int) -> World:
    """A van for which everything goes as planned: it gets its target to the watt-hour."""
    is_dc = number % 4 == 0
    bay_kw = 50.0 if is_dc else 11.0
    arrives = _hours(draw, 0.5, 3)
    departs = NIGHT_STEPS - _hours(draw, 0.5, 2)
    power_kw = draw.uniform(18, 45) if is_dc else draw.uniform(4, 10.5)
    power_kw = round(power_kw, 1)
    quarters = draw.randrange(4, 8) if is_dc else draw.randrange(14, 24)
    first_quarter = -(-arrives // QUARTER_STEPS)
    slack = departs // QUARTER_STEPS - first_quarter - quarters
    first_quarter += draw.randrange(max(1, slack))
    line = [0.0] * (NIGHT_STEPS // QUARTER_STEPS + 1)
    for index in range(first_quarter, first_quarter + quarters):
        line[index] = power_kw
    target_kwh = power_kw * quarters / 4
    usable_kwh = target_kwh * draw.uniform(1.2, 1.8)
    return World(
        van=f"van-{number:03d}", plan_line=tuple(line), arrives=arrives, departs=departs,
        target_kwh=target_kwh, is_dc=is_dc, usable_kwh=usable_kwh,
        start_soc=1 - target_kwh * 0.9 / usable_kwh, plugged=arrives, unplugged=departs,
        bay=f"{'DC' if is_dc else 'AC'}-{number:03d}/1", bay_kw=bay_kw,
        catches_up=number % 2 == 1,
    )  # fmt: skip


def _world_with(planned: World, told: Sequence[tuple[Fault, int]]) -> World:
    world = planned
    for fault, own in told:
        world = fault(random.Random(own), world)
    return world


def _night(planned: World, told: Sequence[tuple[Fault, int]], *, seed: int) -> Night:
    world = _world_with(planned, told)
    course = play(world, seed=seed)
    got_kwh = min(planned.target_kwh, course.energy_kwh)
    return Night(world, course, tuple(journal(world, course)), got_kwh)


def faulty_van(number: int, *, seed: int, leaves_traces: bool = True) -> FaultyVan:
    """A van with one fault, every third with two, in its journal and in truth.

    Two faults are drawn again where the night would have been told in the same words without one
    of them (a weak charger in a van that was never offered anything): nobody could tell that one.
    """
    draw = random.Random(f"{seed} {number}")
    planned = sound_world(draw, number)
    kinds = DC_FAULTS if planned.is_dc else AC_FAULTS
    sound = _night(planned, (), seed=number)
    while True:
        told = [
            (fault, draw.getrandbits(32)) for fault in draw.sample(kinds, 1 + (number % 3 == 0))
        ]
        night = _night(planned, told, seed=number)
        missing_kwh = sound.got_kwh - night.got_kwh
        if len(told) == 1:
            took = (missing_kwh,)
            break
        alone = [_night(planned, [one], seed=number) for one in told]
        lost = [sound.got_kwh - one.got_kwh for one in alone]
        took = ((lost[0] + missing_kwh - lost[1]) / 2, (lost[1] + missing_kwh - lost[0]) / 2)
        if not leaves_traces or all(one.journal != night.journal for one in alone):
            break
    return FaultyVan(
        planned, night.world, night.journal, tuple(fault for fault, _ in told), took, night.got_kwh
    )
