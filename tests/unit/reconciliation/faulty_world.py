"""What a van's night is made of, and how it goes: facts, leases as the gateway tells them, power."""

import math
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

EVENING = datetime(2026, 11, 2, 17, tzinfo=UTC)
STEP_S = 10
STEPS_AN_HOUR = 3600 // STEP_S
QUARTER_STEPS = STEPS_AN_HOUR // 4
NIGHT_STEPS = 14 * STEPS_AN_HOUR
SAFE_KW, LEAST_KW = 1.4, 1.4

Span = tuple[int, int]  # half-open, in steps
Lease = tuple[tuple[int, float], ...]  # a limit from a step on, to the departure
TELLING_STEPS = 3  # the gateway looks at its limits each half minute


@dataclass(frozen=True)
class World:
    """The facts of one van's night; those of the plan, until a fault changes them."""

    van: str
    plan_line: tuple[float, ...]  # kW, by quarter of an hour
    arrives: int
    departs: int
    target_kwh: float
    is_dc: bool
    usable_kwh: float
    start_soc: float
    # from here on what may go wrong
    plugged: int = 0
    unplugged: int = NIGHT_STEPS
    bay: str = ""
    bay_kw: float = 11.0
    named_at: int | None = 0  # None: nobody ever says who it is
    feeder: tuple[int, int, float] = (0, 0, 0.0)  # from, to, and the kW it then carries
    held: Span = (0, 0)
    unreachable: Span = (0, 0)
    dead: Span = (0, 0)
    refuses: bool = False
    taper_share: float = 0.0
    onboard_kw: float = 1000.0
    stops_at_soc: float = 1.0
    asleep: Span = (0, 0)
    plan_scale: float = 1.0
    catches_up: bool = False

    @cached_property
    def plan_ends(self) -> int:
        powered = [index for index, power_kw in enumerate(self.plan_line) if power_kw > 0]
        return (powered[-1] + 1) * QUARTER_STEPS

    def planned_kw(self, step: int) -> float:
        if not self.arrives <= step < self.departs:
            return 0.0
        return self.plan_line[step // QUARTER_STEPS] * self.plan_scale


@dataclass
class Course:
    """How a night went: what was drawn, which limits the station held, and for the journal."""

    energy_kwh: float = 0.0
    registers: list[tuple[int, float, float]] = field(default_factory=list)  # step, kWh, soc
    leases: list["Lease"] = field(default_factory=list)


def at(step: int) -> datetime:
    return EVENING + timedelta(seconds=step * STEP_S)


def is_in(span: Span, step: int) -> bool:
    return span[0] <= step < span[1]


def _asked_kw(world: World, step: int, *, energy_kwh: float) -> float:
    """What the gateway would permit now, could it speak to the station."""
    if world.named_at is None or step < world.named_at:
        wish_kw = max(SAFE_KW, LEAST_KW)
    else:
        wish_kw = world.planned_kw(step)
        if world.catches_up and world.plan_ends <= step < world.departs:
            wish_kw = world.bay_kw if energy_kwh < world.target_kwh else 0.0
        start, end, carries_kw = world.feeder
        if start <= step < end:
            wish_kw = min(wish_kw, carries_kw)
    if is_in(world.held, step):
        wish_kw = 0.0
    return wish_kw


def _lease(world: World, step: int, *, energy_kwh: float) -> Lease:
    """What the gateway tells a station now: all that it means to permit until the departure.

    It knows who is named by now, and of what stands now it knows the end.
    """
    is_named = world.named_at is not None and world.named_at <= step
    known = replace(
        world,
        named_at=0 if is_named else None,
        feeder=world.feeder if is_in(world.feeder[:2], step) else (0, 0, 0.0),
        held=world.held if is_in(world.held, step) else (0, 0),
    )
    turns = {*range(0, world.departs, QUARTER_STEPS), known.feeder[1], known.held[1]}
    lease = [(step, _asked_kw(known, step, energy_kwh=energy_kwh))]
    for turn in sorted(one for one in turns if step < one < world.departs):
        begun, limit_kw = lease[-1]
        energy_kwh += min(limit_kw, world.bay_kw) * (turn - begun) / STEPS_AN_HOUR
        lease.append((turn, _asked_kw(known, turn, energy_kwh=energy_kwh)))
        rest_kwh = world.target_kwh - energy_kwh
        if turn >= world.plan_ends and lease[-1][1] > 0 and rest_kwh > 0:
            lasting = TELLING_STEPS * math.ceil(
                rest_kwh / lease[-1][1] * STEPS_AN_HOUR / TELLING_STEPS
            )
            if turn + lasting < min(world.departs, turn + QUARTER_STEPS):
                energy_kwh = world.target_kwh
                lease.append((turn + lasting, 0.0))
    return tuple(lease)


def _limit_kw(lease: Lease, step: int) -> float:
    return next((limit_kw for begun, limit_kw in reversed(lease) if begun <= step), SAFE_KW)


def _taken_kw(world: World, step: int, *, permitted_kw: float, soc: float) -> float:
    """What vehicle and station let through of what is permitted."""
    if soc >= world.stops_at_soc or is_in(world.dead, step) or is_in(world.asleep, step):
        return 0.0
    power_kw = min(permitted_kw, world.bay_kw, world.onboard_kw)
    if soc > 0.8:
        top_kw = min(world.onboard_kw, world.bay_kw)
        power_kw = min(power_kw, top_kw * (1 - world.taper_share * (soc - 0.8) / 0.2))
    # Under its least power an AC charge stands still (IEC 61851-1: 6 A)
    return power_kw if world.is_dc or power_kw >= LEAST_KW - 1e-9 else 0.0


def play(world: World, *, seed: int) -> Course:
    """Return how a night goes in a world."""
    draw = random.Random(seed)
    course = Course()
    lease: Lease = ()
    held_kw, soc, offset = SAFE_KW, world.start_soc, draw.randrange(6)
    for step in range(world.plugged, min(world.unplugged, NIGHT_STEPS)):
        is_reached = not (is_in(world.unreachable, step) or world.refuses)
        if is_reached and (step % TELLING_STEPS == 0 or not lease):
            asked_kw = _asked_kw(world, step, energy_kwh=course.energy_kwh)
            if not lease or asked_kw != _limit_kw(lease, step):
                lease = _lease(world, step, energy_kwh=course.energy_kwh)
                course.leases.append(lease)
        permitted_kw, told_kw = held_kw, _limit_kw(lease, step)
        if told_kw != held_kw:
            is_late = draw.random() < 0.5  # by half a step: 5 s
            permitted_kw = (held_kw + told_kw) / 2 if is_late else told_kw
            held_kw = told_kw
        power_kw = max(0.0, _taken_kw(world, step, permitted_kw=permitted_kw, soc=soc))
        course.energy_kwh += power_kw * STEP_S / 3600
        soc = min(1.0, soc + power_kw * STEP_S / 3600 * 0.9 / world.usable_kwh)
        if (step - world.plugged) % 6 == offset:
            course.registers.append((step + 1, course.energy_kwh, soc))
    return course
