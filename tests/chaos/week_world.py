"""A week of the reference fleet, drawn from a seed: who comes and goes when, and what goes wrong.

The depot and the fleet are those of `data/demo`, the timetable is that of `data/reference_night`.
What the office knows beforehand (`VanNight.dwell`) and what will be so lie side by side here; the
processes under test are told the former only.
"""

import csv
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, cast
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from depotlib.model.brief import Brief
from depotlib.model.depot import ChargingStation, Connector, Depot
from depotlib.model.dwell import Dwell
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.model.position import Position
from depotlib.model.site_file import site_from_toml
from depotlib.model.site_meter import MeterPoint, SiteMeterSource
from depotlib.virtual.script import Misbehaviour, Misconduct
from tests.places import ROOT

ZONE: Final = ZoneInfo("America/New_York")
FIRST_EVENING: Final = date(2026, 11, 2)
USABLE_KWH, EFFICIENCY_SHARE, POINT_KW = 68.0, 0.9, 7.2
LATE_SHARE, EARLY_SHARE, ANONYMOUS_SHARE, ASTRAY_SHARE = 0.25, 0.10, 0.20, 0.10
DISOBEDIENT_SHARE, SLEEPER_SHARE = 0.05, 0.10
LATE_MINUTES: Final = (60.0, 180.0)
EARLY: Final = timedelta(minutes=45)
TOLD_BEFORE_MINUTES: Final = (60.0, 240.0)
RESERVE_SOC: Final = 0.05
"""Between what the next duty must have and what one would like (`NeedPolicy`)."""
BASE_MAX_KW, BASE_RISE_KW_PER_S = 24.0, 0.05
YARD: Final = Position(40.70, -74.00)
METER: Final = SiteMeterSource(
    kind="file",
    address="meter.jsonl",
    points=(MeterPoint("power", "power", "kW"),),
    period_s=8.0,
    stale_s=30.0,
    base_margin_kw=1.0,
    base_rise_kw_per_s=BASE_RISE_KW_PER_S,
)
UNRULY: Final[tuple[Misconduct, ...]] = ("ignores", "rejects", "unleashed")
"""What a disobedient station does; it is stubborn besides."""
FAULTS: Final[tuple[Misconduct, ...]] = (
    *("silent", "slow", "mute", "forgets", "replays", "nameless", "garbles", "skewed", "doubles"),
    *("gaps", "amperes", "watts", "opaque"),
)
"""Each on a station of its own every night."""
SLEEPY: Final = "van-68-sleepy"


@dataclass(frozen=True)
class VanNight:
    """A van's night: as the office expects it, and as it will be."""

    dwell: Dwell
    home_at: datetime
    leaves_at: datetime
    told_at: datetime | None
    arrival_soc: float
    must_soc: float
    target_soc: float
    is_anonymous: bool
    is_astray: bool

    @property
    def vehicle_id(self) -> str:
        return self.dwell.vehicle_id


@dataclass(frozen=True)
class Night:
    """An evening and the morning after it."""

    evening: date
    vans: tuple[VanNight, ...]
    misbehaviours: tuple[Misbehaviour, ...]

    @property
    def opens_at(self) -> datetime:
        """Return when the office plans it: everybody is still on the road."""
        first = min(van.dwell.arrival for van in self.vans)
        return first.replace(minute=0, second=0, microsecond=0) - timedelta(minutes=30)

    @property
    def closes_at(self) -> datetime:
        return max(van.dwell.departure for van in self.vans) + timedelta(minutes=20)


@dataclass(frozen=True)
class World:
    """The depot and its nights."""

    depot: Depot
    brief: Brief
    fleet: Fleet
    nights: tuple[Night, ...]
    sleepers: frozenset[str]
    """Who sleeps though its class does not say so."""
    efficiency: dict[str, float] = field(default_factory=dict)
    usable_kwh: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Extent:
    """How much of the reference fleet's week is played.

    Parameters
    ----------
    nights, vans : int
    points : (int, int)
        AC and DC.
    shrink : float
        Of all times and energies of a night: 0.25 is a night of four hours.
    """

    nights: int = 7
    vans: int = 60
    points: tuple[int, int] = (40, 8)
    shrink: float = 1.0


WEEK: Final = Extent()


def world_of(seed: int, extent: Extent = WEEK) -> World:
    """Return a world drawn from a seed."""
    size, stations = extent.vans, extent.points
    draw = random.Random(f"{seed} world")
    site = site_from_toml((ROOT / "data/demo/site.toml").read_text(), where="site.toml")
    depot = _depot(site.depot, stations)
    fleet = _fleet(draw, size=size, pools=stations)
    names = [one.vehicle_id for one in fleet.vehicles]
    tokens = tuple(one for one in site.identities.tokens if one.vehicle_id in names)
    brief = replace(
        site, depot=depot, fleet=fleet, identities=replace(site.identities, tokens=tokens)
    )
    awake = [one.vehicle_id for one in fleet.vehicles if one.class_id != SLEEPY]
    return World(
        depot=depot,
        brief=brief,
        fleet=fleet,
        nights=tuple(
            _night(draw, number, fleet=fleet, depot=depot, shrink=extent.shrink)
            for number in range(extent.nights)
        ),
        sleepers=frozenset(draw.sample(awake, max(1, len(awake) // 30))),
        efficiency={name: EFFICIENCY_SHARE * draw.gauss(1.0, 0.01) for name in names},
        usable_kwh={name: USABLE_KWH * draw.uniform(0.97, 1.0) for name in names},
    )


def bay_m(number: int) -> tuple[float, float]:
    """Return where a bay is, east and north of the yard's corner [m]."""
    return (number % 24) * 3.0, (number // 24) * 20.0


def moved(east_m: float, north_m: float) -> Position:
    """Return a place so far from the yard's corner (111.195 km a degree of latitude)."""
    east_degrees = east_m / (111_195.0 * math.cos(math.radians(YARD.latitude_degrees)))
    return Position(
        YARD.latitude_degrees + north_m / 111_195.0, YARD.longitude_degrees + east_degrees
    )


def _depot(depot: Depot, counts: tuple[int, int]) -> Depot:
    ac = [one for one in depot.stations if one.current_type == "AC"][: counts[0]]
    dc = [one for one in depot.stations if one.current_type == "DC"][: counts[1]]
    share = (len(ac) + 3 * len(dc)) / (40 + 3 * 8)
    margin_kw = max(0.5, depot.grid.margin_kw * share)
    operating_kw = round((300.0 + BASE_MAX_KW / 2.0) * share, 1)
    # What disobeys, or has forgotten its limits in a reboot, takes at most its hardware's maximum
    # before it is caught, or armed again: there is room for it.
    unruly_kw = 1.1 * POINT_KW * (unruly_count(len(ac) + len(dc)) + 1) + margin_kw
    grid = replace(
        depot.grid,
        service_kw=round(max((350.0 + BASE_MAX_KW) * share, operating_kw + unruly_kw), 1),
        operating_limit_kw=operating_kw,
        margin_kw=margin_kw,
        base_load_max_kw=round(BASE_MAX_KW * share, 2),
    )
    placed = [_placed(one, number) for number, one in enumerate([*ac, *dc])]
    meter = replace(
        METER,
        base_margin_kw=METER.base_margin_kw * share,
        base_rise_kw_per_s=BASE_RISE_KW_PER_S * share,
    )
    return replace(depot, grid=grid, stations=tuple(placed), site_meter=meter)


def unruly_count(points: int) -> int:
    """Return how many stations disobey in a night."""
    return max(1, round(DISOBEDIENT_SHARE * points))


def _placed(station: ChargingStation, number: int) -> ChargingStation:
    def at_bay(connector: Connector) -> Connector:
        return replace(connector, position=moved(*bay_m(number)))

    evses = tuple(
        replace(evse, connectors=tuple(at_bay(one) for one in evse.connectors))
        for evse in station.evses
    )
    return replace(station, evses=evses)


def _fleet(draw: random.Random, *, size: int, pools: tuple[int, int]) -> Fleet:
    whole = TypeAdapter(Fleet).validate_json((ROOT / "data/demo/fleet.json").read_text())
    dc = [one for one in whole.vehicles if one.pool == "dc"]
    ac = [one for one in whole.vehicles if one.pool == "ac"]
    dc_count = round(size * len(dc) / len(whole.vehicles)) if pools[1] else 0
    chosen = [*dc[:dc_count], *_spread(ac, size - dc_count)]
    sleepy = set(draw.sample([one.vehicle_id for one in chosen], round(size * SLEEPER_SHARE)))
    kind = whole.classes[0]
    classes: tuple[VehicleClass, ...] = (
        kind,
        replace(kind, class_id=SLEEPY, wakes_from_pause=False),
    )
    vehicles: list[Vehicle] = [
        replace(one, class_id=SLEEPY) if one.vehicle_id in sleepy else one for one in chosen
    ]
    return Fleet(classes, tuple(vehicles))


def _spread(vans: Sequence[Vehicle], count: int) -> list[Vehicle]:
    return [vans[place * len(vans) // count] for place in range(count)]


def _night(draw: random.Random, number: int, *, fleet: Fleet, depot: Depot, shrink: float) -> Night:
    names = [one.vehicle_id for one in fleet.vehicles]

    def some(share: float) -> set[str]:
        return set(draw.sample(names, max(1, round(share * len(names)))))

    late, early, anonymous, astray = map(
        some, (LATE_SHARE, EARLY_SHARE, ANONYMOUS_SHARE, ASTRAY_SHARE)
    )
    told = set(sorted(early)[::2])
    evening = FIRST_EVENING + timedelta(days=number)
    vans: list[VanNight] = []
    for row in _timetable(names):
        name = row["vehicle_id"]
        dwell, must_soc = _expected(draw, row, evening=evening, fleet=fleet, shrink=shrink)
        home_at = dwell.arrival + timedelta(minutes=shrink * draw.gauss(0.0, 5.0))
        if name in late:
            home_at = dwell.arrival + timedelta(minutes=shrink * draw.uniform(*LATE_MINUTES))
        leaves_at = dwell.departure - (shrink * EARLY if name in early else timedelta(0))
        before = timedelta(minutes=shrink * draw.uniform(*TOLD_BEFORE_MINUTES))
        arrival_soc = cast("float", dwell.arrival_soc) + shrink * draw.gauss(0.0, 0.03)
        vans.append(
            VanNight(
                dwell=dwell,
                home_at=home_at.replace(microsecond=0),
                leaves_at=leaves_at,
                told_at=leaves_at - before if name in told else None,
                arrival_soc=max(0.05, arrival_soc),
                must_soc=must_soc,
                target_soc=must_soc + RESERVE_SOC,
                is_anonymous=name in anonymous,
                is_astray=name in astray,
            )
        )
    return Night(evening, tuple(vans), _misbehaviours(draw, evening, depot=depot, shrink=shrink))


def _timetable(names: Sequence[str]) -> list[dict[str, str]]:
    with (ROOT / "data/reference_night/dwells.csv").open() as file:
        return [row for row in csv.DictReader(file) if row["vehicle_id"] in names]


def _expected(
    draw: random.Random, row: dict[str, str], *, evening: date, fleet: Fleet, shrink: float
) -> tuple[Dwell, float]:
    """Return a stay as the office expects it, and the charge that its van must leave with."""
    days = evening - FIRST_EVENING
    vehicle = fleet.vehicle(row["vehicle_id"])
    kind = fleet.class_of(vehicle.vehicle_id)
    gained_soc = shrink * float(row["energy_wall_kwh"]) * EFFICIENCY_SHARE / USABLE_KWH
    arrival_soc = draw.uniform(0.22, 0.36)
    target_soc = min(0.97, arrival_soc + gained_soc * draw.gauss(1.0, 0.08))
    kwh_per_soc = USABLE_KWH / EFFICIENCY_SHARE
    target_kwh = (target_soc - arrival_soc) * kwh_per_soc
    dwell = Dwell(
        vehicle_id=vehicle.vehicle_id,
        arrival=_shrunk(row["arrival_local"], shrink) + days,
        departure=_shrunk(row["departure_local"], shrink) + days,
        energy_must_kwh=target_kwh - RESERVE_SOC * kwh_per_soc,
        energy_target_kwh=target_kwh,
        pool=vehicle.pool,
        max_kw=kind.dc_max_kw if vehicle.pool == "dc" else kind.ac_max_kw,
        priority=vehicle.priority,
        energy_sigma_kwh=0.03 * kwh_per_soc,
        most_starts=None if kind.wakes_from_pause else 1,
        ac_phases=0 if vehicle.pool == "dc" else kind.ac_phases,
        arrival_soc=arrival_soc,
    )
    return dwell, target_soc - RESERVE_SOC


def _shrunk(text: str, shrink: float) -> datetime:
    """Return an instant of the timetable, nearer to five in the afternoon."""
    at = datetime.fromisoformat(text).replace(tzinfo=ZONE)
    five = datetime(2026, 11, 2, 17, tzinfo=ZONE)
    return (five + shrink * (at - five)).replace(microsecond=0)


def _slow_one_forgets(unruly: list[str], others: list[str], *, slow: list[str]) -> list[str]:
    """Return stations in the order of what they do wrong, where it is a slow one that forgets."""
    at = FAULTS.index("forgets")
    spot = next((place for place, name in enumerate(others) if name in slow), at)
    if at < len(others) and others[at] not in slow:
        others[at], others[spot] = others[spot], others[at]
    return [*unruly, *others]


def _misbehaviours(
    draw: random.Random, evening: date, *, depot: Depot, shrink: float
) -> tuple[Misbehaviour, ...]:
    """Return what stations do wrong in one night: each fault once, and the disobedient ones."""
    names = [one.station_id for one in depot.stations]
    count = unruly_count(len(names))
    # A fast point that disobeys or forgets takes more than any headroom: the breaker's to hold.
    slow = [one.station_id for one in depot.stations if one.current_type == "AC"]
    unruly = draw.sample(slow, count)
    others = [name for name in names if name not in unruly]
    places = _slow_one_forgets(
        unruly, draw.sample(others, min(len(others), len(FAULTS))), slow=slow
    )
    dusk = datetime(evening.year, evening.month, evening.day, 17, tzinfo=ZONE)
    found: list[Misbehaviour] = []
    for place, station_id in enumerate(places):
        kind = draw.choice(UNRULY) if place < count else FAULTS[place - count]
        start = dusk + timedelta(minutes=shrink * draw.uniform(60, 10 * 60))
        end = start + timedelta(minutes=shrink * draw.uniform(20, 180))
        span = {"station_id": station_id, "start": start, "end": end}
        more = {"slow": {"delay_s": 20.0}, "skewed": {"skew_s": draw.choice((-8.0, 8.0))}}
        found.append(Misbehaviour(kind=kind, **span, **more.get(kind, {})))
        if kind == "unleashed":
            found.append(Misbehaviour(kind="silent", **span))
        if kind in UNRULY:
            found.append(Misbehaviour(kind="stubborn", **span))
    return tuple(found)
