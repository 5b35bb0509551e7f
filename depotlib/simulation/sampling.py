"""Nights drawn from nights of the past, and what may happen beside; what may be expected of them."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from depotlib.model.calendar import local_instant, local_to_utc, zone
from depotlib.model.depot import Depot, Derating
from depotlib.model.dwell import Dwell
from depotlib.simulation.alike import alike_weights
from depotlib.simulation.scenario import COMFORT_C, Chances, PastNight, Scenario
from depotlib.simulation.streams import stream

ONE_DAY: Final = timedelta(days=1)
NOON: Final = time(12)
LEAST_STAY: Final = timedelta(minutes=1)
"""Who comes after it should have left still comes: its stay is as good as nothing."""


class DrawnStay(NamedTuple):
    """One stay as it is going to be.

    ``dwell`` holds its true times and energies; ``night`` is its number; ``comes`` is false where
    it is awaited in vain; ``acts_for`` is the stay of the same night in whose bay it begins, by its
    position among all stays, or its own position.
    """

    dwell: Dwell
    night: int
    comes: bool
    acts_for: int


class DrawnNight(NamedTuple):
    """What a night was drawn from, and how cold it is."""

    evening: date
    drawn_evening: date
    temperature_c: float | None


class Outage(NamedTuple):
    """A station that fails."""

    station_id: str
    derating: Derating


@dataclass(frozen=True, slots=True)
class DrawnNights:
    """All that is going to happen in a play.

    Parameters
    ----------
    nights : tuple of DrawnNight
    stays : tuple of DrawnStay
        By arrival within each night, nights in their order.
    outages : tuple of Outage
    left_out : int
        Stays of vehicles that were still there from an earlier night until the stay's own end.
    """

    nights: tuple[DrawnNight, ...]
    stays: tuple[DrawnStay, ...]
    outages: tuple[Outage, ...]
    left_out: int = 0


def drawn_nights(scenario: Scenario, *, seed: int | None = None) -> DrawnNights:
    """Return the nights of a scenario; equal seeds draw equal nights under every policy.

    Parameters
    ----------
    scenario : Scenario
    seed : int, optional
        Default: the scenario's.
    """
    seed = scenario.seed if seed is None else seed
    time_zone = zone(scenario.depot.time_zone)
    nights: list[DrawnNight] = []
    stays: list[DrawnStay] = []
    there_until: dict[str, datetime] = {}
    left_out = 0
    for number in range(scenario.days):
        evening = scenario.first + number * ONE_DAY
        past, temperature_c, factor = _drawn(scenario, evening, seed=seed, number=number)
        nights.append(DrawnNight(evening, past.evening, temperature_c))
        noon = local_instant(evening, NOON, time_zone=time_zone)
        found: list[tuple[Dwell, bool, float]] = []
        for stay, key in _keyed(past.stays):
            dwell, comes, place = _happening(
                _moved(stay, evening - past.evening, time_zone=time_zone),
                scenario.chances,
                factor=factor,
                draws=_Draws(seed, number, key=key),
            )
            start = max(dwell.arrival, noon, there_until.get(dwell.vehicle_id, noon))
            if start >= dwell.departure:
                left_out += 1
                continue
            found.append((replace(dwell, arrival=start), comes, place))
            if comes:
                there_until[dwell.vehicle_id] = dwell.departure
        stays += _placed(found, scenario.chances.misplaced_share, night=number, before=len(stays))
    return DrawnNights(
        nights=tuple(nights),
        stays=tuple(stays),
        outages=_outages(scenario, seed=seed, time_zone=time_zone),
        left_out=left_out,
    )


def with_outages(depot: Depot, outages: Sequence[Outage]) -> Depot:
    """Return a depot in which stations are out of service as drawn."""
    if not outages:
        return depot
    return replace(
        depot,
        stations=tuple(
            replace(
                station,
                deratings=(
                    *station.deratings,
                    *(one.derating for one in outages if one.station_id == station.station_id),
                ),
            )
            for station in depot.stations
        ),
    )


class _Draws:
    """The draws of one stay: always as many, whatever they are used for."""

    def __init__(self, seed: int, night: int, *, key: str) -> None:
        rng = stream(seed, night, key=key)
        self.late, self.how_late, self.no_show, self.place = rng.random(4).tolist()
        self.arrival, self.energy = rng.standard_normal(2).tolist()


def _drawn(
    scenario: Scenario, evening: date, *, seed: int, number: int
) -> tuple[PastNight, float | None, float]:
    """Return a night of the past, its temperature and the factor of its energies."""
    rng = stream(seed, number, key="night")
    which, cold, weather = float(rng.random()), *rng.standard_normal(2).tolist()
    known = [night for night in scenario.nights if night.stays]
    weights = alike_weights(
        [night.evening for night in known],
        evening,
        holidays=scenario.holidays,
        same_weekday_factor=scenario.same_weekday_factor,
    )
    reached: list[float] = weights.cumsum().tolist()
    past = known[bisect_right(reached, which * reached[-1], hi=len(reached) - 1)]
    chances = scenario.chances
    factor = _lognormal_factor(chances.weather_sigma_share, weather)
    temperature_c = past.temperature_c
    if temperature_c is None and chances.temperature_mean_c is not None:
        temperature_c = chances.temperature_mean_c + chances.temperature_sigma_c * cold
        factor *= 1 + chances.energy_per_c_share * max(0.0, COMFORT_C - temperature_c)
    return past, temperature_c, factor


def _lognormal_factor(sigma_share: float, draw: float) -> float:
    """Return a factor whose mean is 1: spread alone costs no energy."""
    return float(2.718281828459045 ** (sigma_share * draw - sigma_share**2 / 2))


def _keyed(stays: Sequence[Dwell]) -> list[tuple[Dwell, str]]:
    """Return stays with the key of their streams: a vehicle's first, second … of the night."""
    seen: dict[str, int] = {}
    keyed: list[tuple[Dwell, str]] = []
    for stay in sorted(stays, key=lambda one: (one.arrival, one.vehicle_id)):
        count = seen[stay.vehicle_id] = seen.get(stay.vehicle_id, -1) + 1
        keyed.append((stay, f"stay:{stay.vehicle_id}/{count}"))
    return keyed


def _happening(
    dwell: Dwell, chances: Chances, *, factor: float, draws: _Draws
) -> tuple[Dwell, bool, float]:
    """Return a stay as it happens, whether it does, and its draw for a wrong bay."""
    late_s = chances.arrival_sigma_s * draws.arrival
    if draws.late < chances.late_share:
        late_s += (
            chances.late_least_s + (chances.late_most_s - chances.late_least_s) * draws.how_late
        )
    arrival = min(dwell.arrival + timedelta(seconds=round(late_s)), dwell.departure - LEAST_STAY)
    factor *= _lognormal_factor(chances.energy_sigma_share, draws.energy)
    happening = with_energy(_played(dwell, arrival), factor)
    return happening, draws.no_show >= chances.no_show_share, draws.place


def _played(dwell: Dwell, arrival: datetime) -> Dwell:
    """Return a stay with what a play knows: it neither preconditions nor sleeps."""
    return replace(dwell, arrival=arrival, precondition_kwh=0.0, most_starts=None)


def with_energy(dwell: Dwell, factor: float) -> Dwell:
    """Return a stay that needs so many times its energy.

    It comes home with so much less in its battery; an empty one cannot lack more.
    """
    if factor == 1.0:
        return dwell
    battery, most_kwh = dwell.battery, dwell.energy_target_kwh * factor
    if battery is not None:
        gain = battery.wall_efficiency_share / battery.usable_kwh
        most_kwh = min(most_kwh, dwell.energy_target_kwh + battery.arrival_soc / gain)
        arrival_soc = battery.arrival_soc - (most_kwh - dwell.energy_target_kwh) * gain
        battery = replace(battery, arrival_soc=min(1.0, max(0.0, arrival_soc)))
    return replace(
        dwell,
        energy_target_kwh=most_kwh,
        energy_must_kwh=min(dwell.energy_must_kwh * factor, most_kwh),
        battery=battery,
        arrival_soc=None if battery is None else battery.arrival_soc,
    )


def _placed(
    found: Sequence[tuple[Dwell, bool, float]], share: float, *, night: int, before: int
) -> list[DrawnStay]:
    """Return the stays of a night; so many of them, to the next even number, have changed bays."""
    acts_for = list(range(len(found)))
    wanted = round(share * len(found)) // 2
    waiting: dict[str | None, int] = {}
    for position in sorted(range(len(found)), key=lambda one: found[one][2]):
        if not wanted:
            break
        pool = found[position][0].pool
        other = waiting.pop(pool, None)
        if other is None:
            waiting[pool] = position
            continue
        acts_for[position], acts_for[other] = other, position
        wanted -= 1
    return [
        DrawnStay(dwell, night, comes, before + acts_for[position])
        for position, (dwell, comes, _) in enumerate(found)
    ]


def _outages(scenario: Scenario, *, seed: int, time_zone: ZoneInfo) -> tuple[Outage, ...]:
    chances = scenario.chances
    if not chances.outage_share:
        return ()
    outages: list[Outage] = []
    for number in range(scenario.days):
        noon = local_instant(scenario.first + number * ONE_DAY, NOON, time_zone=time_zone)
        for station in scenario.depot.stations:
            rng = stream(seed, number, key=f"station:{station.station_id}")
            fails, when, how_long = rng.random(3).tolist()
            if fails >= chances.outage_share:
                continue
            start = noon + when * ONE_DAY
            least_s, most_s = chances.outage_least_s, chances.outage_most_s
            span = timedelta(seconds=max(1.0, least_s + (most_s - least_s) * how_long))
            outages.append(Outage(station.station_id, Derating(start=start, end=start + span)))
    return tuple(outages)


def _moved(dwell: Dwell, days: timedelta, *, time_zone: ZoneInfo) -> Dwell:
    """Return a stay so many days later, at the same local times whatever the clock does."""
    if not days:
        return dwell
    arrival, departure = (
        local_to_utc(instant.astimezone(time_zone).replace(tzinfo=None) + days, time_zone)
        for instant in (dwell.arrival, dwell.departure)
    )
    # In the repeated hour of autumn a short stay may collapse.
    return replace(dwell, arrival=arrival, departure=max(departure, arrival + LEAST_STAY))
