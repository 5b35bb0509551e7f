"""What a study may turn at a depot's scenario: one function a parameter, found by its name.

A knob takes a scenario and a value and gives the scenario with that one thing changed; the others
stay, and so do the nights: common random numbers.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from depotlib.errors import StudyError
from depotlib.model.depot import ChargingStation, CurrentType, Evse
from depotlib.model.dwell import Dwell
from depotlib.model.live import Scalar
from depotlib.model.storage import Storage
from depotlib.simulation.sampling import with_energy
from depotlib.simulation.scenario import Chances, PastNight, Scenario
from depotlib.studies.declaration import Point
from depotlib.tariffs.flat_demand import FlatDemand
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.tier import Tier

TARIFF: Final = "tariff"
"""The parameter that chooses among tariffs by name."""
_COLDEST_C: Final = -273.15


@dataclass(frozen=True, slots=True)
class Ground:
    """What a study starts from.

    Parameters
    ----------
    scenario : Scenario
        Where no knob is turned.
    tariffs : mapping of str to Tariff
        By the name under which the axis ``tariff`` has them.
    """

    scenario: Scenario
    tariffs: Mapping[str, Tariff]


def turned(ground: Ground, point: Point) -> Scenario:
    """Return the scenario at a point of a study.

    Parameters
    ----------
    ground : Ground
    point : mapping of str to scalar
        Names of `KNOBS`, and ``tariff``.

    Raises
    ------
    StudyError
        If a parameter is none, or its value is of the wrong kind or cannot be.
    ModelError, PolicyError
        If the scenario cannot be.
    """
    scenario = ground.scenario
    if TARIFF in point:
        scenario = replace(scenario, tariff=_tariff(ground, str(point[TARIFF])))
    # In the registry's order: a limit is set after the service that it is a part of.
    for name in [one for one in KNOBS if one in point]:
        scenario = KNOBS[name](scenario, point[name])
    unknown = point.keys() - KNOBS.keys() - {TARIFF}
    if unknown:
        raise StudyError(
            f"{', '.join(sorted(unknown))} cannot be turned",
            where="axes",
            hint=f"choose of {TARIFF}, {', '.join(KNOBS)}",
        )
    return scenario


def _tariff(ground: Ground, name: str) -> Tariff:
    if name not in ground.tariffs:
        raise StudyError(
            f"there is no tariff {name!r}",
            where=TARIFF,
            hint=f"the study names {', '.join(ground.tariffs) or 'none'}",
        )
    return ground.tariffs[name]


def _whole(name: str, value: Scalar, *, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise StudyError(
            f"{name} cannot be {value!r}", where=name, hint=f"give a whole number from {least} on"
        )
    return value


def _number(name: str, value: Scalar, *, least: float = 0.0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= least:
        raise StudyError(
            f"{name} cannot be {value!r}", where=name, hint=f"give a number from {least:g} on"
        )
    return float(value)


def _service(scenario: Scenario, value: Scalar) -> Scenario:
    """Set the service; the operating limit keeps its distance from it."""
    grid = scenario.depot.grid
    service_kw = _number("service_kw", value)
    limit_kw = service_kw - (grid.service_kw - grid.operating_limit_kw)
    grid = replace(grid, service_kw=service_kw, operating_limit_kw=limit_kw)
    return replace(scenario, depot=replace(scenario.depot, grid=grid))


def _operating_limit(scenario: Scenario, value: Scalar) -> Scenario:
    limit_kw = _number("operating_limit_kw", value)
    grid = replace(scenario.depot.grid, operating_limit_kw=limit_kw)
    return replace(scenario, depot=replace(scenario.depot, grid=grid))


def _stations(kind: CurrentType) -> Callable[[Scenario, Scalar], Scenario]:
    """Return the knob that sets how many stations of a kind there are: the first ones stay."""
    name = f"{kind.lower()}_stations"

    def turn(scenario: Scenario, value: Scalar) -> Scenario:
        depot, count = scenario.depot, _whole(name, value)
        held = [one for one in depot.stations if one.current_type == kind]
        if count and not held:
            raise StudyError(
                f"the depot has no {kind} station that more could be like",
                where=name,
                hint="add one to the depot",
            )
        copies = [_copy_of(held[at % len(held)], number=at) for at in range(len(held), count)]
        others = [one for one in depot.stations if one.current_type != kind]
        return replace(scenario, depot=replace(depot, stations=(*others, *held[:count], *copies)))

    return turn


def _copy_of(station: ChargingStation, *, number: int) -> ChargingStation:
    station_id = f"{station.station_id}+{number}"
    return replace(
        station,
        station_id=station_id,
        evses=tuple(
            Evse(
                evse.evse_id,
                tuple(
                    replace(one, connector_id=f"{station_id}/{one.number}")
                    for one in evse.connectors
                ),
            )
            for evse in station.evses
        ),
    )


def _vehicles(scenario: Scenario, value: Scalar) -> Scenario:
    """Set the size of the fleet: the first vehicles by name, or copies of them with their stays."""
    count = _whole("vehicles", value, least=1)
    names = sorted({stay.vehicle_id for night in scenario.nights for stay in night.stays})
    kept = set(names[:count])
    copies = [(names[at % len(names)], f"+{at}") for at in range(len(names), count)]
    return replace(
        scenario,
        nights=tuple(_with_copies(night, kept, copies=copies) for night in scenario.nights),
    )


def _with_copies(night: PastNight, kept: set[str], *, copies: list[tuple[str, str]]) -> PastNight:
    stays: defaultdict[str, list[Dwell]] = defaultdict(list[Dwell])
    for stay in night.stays:
        stays[stay.vehicle_id].append(stay)
    more = [
        replace(stay, vehicle_id=stay.vehicle_id + suffix)
        for name, suffix in copies
        for stay in stays[name]
    ]
    return replace(night, stays=(*(stay for stay in night.stays if stay.vehicle_id in kept), *more))


def _energy_factor(scenario: Scenario, value: Scalar) -> Scenario:
    factor = _number("energy_factor", value)
    nights = tuple(
        replace(night, stays=tuple(with_energy(stay, factor) for stay in night.stays))
        for night in scenario.nights
    )
    return replace(scenario, nights=nights)


def _any_station(scenario: Scenario, value: Scalar) -> Scenario:
    """Free vehicles from the pool that they were promised, if the value is true."""
    if not isinstance(value, bool):
        raise StudyError(
            f"any_station cannot be {value!r}", where="any_station", hint="give true or false"
        )
    if not value:
        return scenario
    nights = tuple(
        replace(night, stays=tuple(replace(stay, pool=None) for stay in night.stays))
        for night in scenario.nights
    )
    return replace(scenario, nights=nights)


def _storage_power(scenario: Scenario, value: Scalar) -> Scenario:
    """Set what the storage takes and gives at most."""
    power_kw = _number("storage_kw", value)
    storages = tuple(
        replace(one, max_charge_kw=power_kw, max_discharge_kw=power_kw)
        for one in _storages(scenario, name="storage_kw")
    )
    return replace(scenario, depot=replace(scenario.depot, storages=storages))


def _storage_size(scenario: Scenario, value: Scalar) -> Scenario:
    """Set what the storage holds; 0: there is none."""
    capacity_kwh = _number("storage_kwh", value)
    storages = tuple(
        replace(one, capacity_kwh=capacity_kwh)
        for one in _storages(scenario, name="storage_kwh")
        if capacity_kwh > 0
    )
    return replace(scenario, depot=replace(scenario.depot, storages=storages))


def _storages(scenario: Scenario, *, name: str) -> tuple[Storage, ...]:
    storages = scenario.depot.storages
    if len(storages) != 1:
        raise StudyError(
            f"the depot has {len(storages)} storages, and {name} sets one",
            where=name,
            hint="declare one in the study's table [storage]",
        )
    return storages


def _sun(scenario: Scenario, value: Scalar) -> Scenario:
    """Set the size of the plant; 0: there is none."""
    peak_kw = _number("solar_kw", value)
    if scenario.sun is None:
        raise StudyError(
            "the depot has no plant on its roof",
            where="solar_kw",
            hint="give the study a table [sun] with a profile",
        )
    return replace(scenario, sun=replace(scenario.sun, peak_kw=peak_kw) if peak_kw else None)


def _feeding_vehicles(scenario: Scenario, value: Scalar) -> Scenario:
    """Set how many vehicles feed back: the first by name of those that can."""
    count = _whole("feeding_vehicles", value)
    able = sorted(_able_to_feed(scenario, name="feeding_vehicles"))
    if count > len(able):
        raise StudyError(
            f"{count} vehicles cannot feed back, for {len(able)} can",
            where="feeding_vehicles",
            hint="give more of them a discharge_max_kw in the table of dwells",
        )
    return _with_feeding(scenario, dict.fromkeys(able[count:], 0.0))


def _feeding_power(scenario: Scenario, value: Scalar) -> Scenario:
    """Set what each vehicle that can feed back gives at most; 0: none does."""
    power_kw = _number("feeding_kw", value)
    able = _able_to_feed(scenario, name="feeding_kw")
    return _with_feeding(scenario, dict.fromkeys(able, power_kw))


def _able_to_feed(scenario: Scenario, *, name: str) -> set[str]:
    able = {
        stay.vehicle_id
        for night in scenario.nights
        for stay in night.stays
        if stay.battery is not None and stay.battery.discharge_max_kw > 0
    }
    if not able:
        raise StudyError(
            "no vehicle of the depot has a battery that feeds back",
            where=name,
            hint="give the table of dwells battery_kwh, arrival_soc and discharge_max_kw",
        )
    return able


def _with_feeding(scenario: Scenario, most_kw: Mapping[str, float]) -> Scenario:
    def set_one(stay: Dwell) -> Dwell:
        if stay.battery is None or stay.vehicle_id not in most_kw:
            return stay
        battery = replace(stay.battery, discharge_max_kw=most_kw[stay.vehicle_id])
        return replace(stay, battery=battery)

    nights = tuple(
        replace(night, stays=tuple(map(set_one, night.stays))) for night in scenario.nights
    )
    return replace(scenario, nights=nights)


def _chance(name: str, *, least: float = 0.0) -> Callable[[Scenario, Scalar], Scenario]:
    """Return the knob that sets a field of `Chances`."""

    def turn(scenario: Scenario, value: Scalar) -> Scenario:
        changed: dict[str, float] = {name: _number(name, value, least=least)}
        chances: Chances = replace(scenario.chances, **changed)
        return replace(scenario, chances=chances)

    return turn


def _demand_price(scenario: Scenario, value: Scalar) -> Scenario:
    """Set the price of the month's highest peak, for tariffs with one such price."""
    price = Decimal(str(_number("demand_price_per_kw", value)))
    components = list(scenario.tariff.components)
    places = [at for at, one in enumerate(components) if isinstance(one, FlatDemand)]
    flat = components[places[0]] if len(places) == 1 else None
    if not isinstance(flat, FlatDemand) or any(len(tiers) > 1 for tiers in flat.tiers):
        raise StudyError(
            f"the tariff {scenario.tariff.name!r} does not have one price of the highest peak",
            where="demand_price_per_kw",
            hint="choose a tariff with a flat demand charge without tiers",
        )
    components[places[0]] = replace(flat, tiers=tuple((Tier(price),) for _ in flat.tiers))
    return replace(scenario, tariff=replace(scenario.tariff, components=tuple(components)))


KNOBS: Final[Mapping[str, Callable[[Scenario, Scalar], Scenario]]] = {
    "policy": lambda scenario, value: replace(scenario, policy=str(value)),
    "seed": lambda scenario, value: replace(scenario, seed=_whole("seed", value)),
    "days": lambda scenario, value: replace(scenario, days=_whole("days", value, least=1)),
    "vehicles": _vehicles,
    "any_station": _any_station,
    "energy_factor": _energy_factor,
    "ac_stations": _stations("AC"),
    "dc_stations": _stations("DC"),
    "service_kw": _service,
    "operating_limit_kw": _operating_limit,
    "demand_price_per_kw": _demand_price,
    # The power first: what holds nothing is not there any more.
    "storage_kw": _storage_power,
    "storage_kwh": _storage_size,
    "solar_kw": _sun,
    # The number first: without power nobody can, and none could be counted.
    "feeding_vehicles": _feeding_vehicles,
    "feeding_kw": _feeding_power,
    "moves_per_hour": lambda scenario, value: replace(
        scenario, depot=replace(scenario.depot, moves_per_hour=_whole("moves_per_hour", value))
    ),
    "changeover_s": lambda scenario, value: replace(
        scenario, depot=replace(scenario.depot, changeover_s=_whole("changeover_s", value))
    ),
    **{
        name: _chance(name)
        for name in (
            "late_share",
            "arrival_sigma_s",
            "energy_sigma_share",
            "weather_sigma_share",
            "no_show_share",
            "misplaced_share",
            "outage_share",
            "temperature_sigma_c",
            "energy_per_c_share",
        )
    },
    "temperature_mean_c": _chance("temperature_mean_c", least=_COLDEST_C),
}
"""Every parameter of a study, in the order in which they are turned."""
SIZES: Final = frozenset(
    {
        "ac_stations",
        "dc_stations",
        "feeding_kw",
        "feeding_vehicles",
        "operating_limit_kw",
        "service_kw",
        "solar_kw",
        "storage_kw",
        "storage_kwh",
    }
)
"""What is bought by its size: of two that are as good the smaller is better."""
CHOICES: Final = frozenset({"policy", TARIFF, "any_station"})
"""What is chosen and has no size. All other parameters are assumptions: nobody picks the weather."""
