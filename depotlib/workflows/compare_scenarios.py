"""Compare scenarios of a night: the same facts with some changed, each planned, beside each other.

Nothing is kept and nothing can be pushed.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, cast

import numpy as np

from depotlib.errors import DepotError, ScenarioError
from depotlib.model.calendar import zone
from depotlib.model.clear_sky import DEGREES_AN_HOUR, clear_sky_share
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.live import Scalar
from depotlib.model.plan import Occupancy, Plan
from depotlib.model.position import Position
from depotlib.model.storage import Storage
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.settings import Settings
from depotlib.simulation.scenario import PastNight, Scenario
from depotlib.store.catalogue import chosen_tariff_id, tariff_ids
from depotlib.studies.knob import Ground, turned
from depotlib.tariffs.terms import price_terms
from depotlib.units import duration_h
from depotlib.workflows.review_demand import stored_tariff
from depotlib.workflows.tonight import (
    NO_NIGHT_CHOICES,
    NightChoices,
    Tonight,
    at_temperature,
    gather_tonight,
)

CHANGES: Final[Mapping[str, str]] = {
    "vehicles": "Vans",
    "ac_stations": "AC stations",
    "dc_stations": "DC stations",
    "service_kw": "Service (kW)",
    "operating_limit_kw": "Operating limit (kW)",
    "tariff": "Tariff",
    "demand_price_per_kw": "Price of the peak (per kW)",
    "arrivals_later_min": "Arrivals later by (min)",
    "departures_later_min": "Departures later by (min)",
    "temperature_c": "Outside temperature (°C)",
    "energy_factor": "Energy needed (times)",
    "any_station": "Any van at any station",
    "storage_kwh": "Battery (kWh)",
    "storage_kw": "Battery power (kW)",
    "solar_kw": "Solar under a clear sky (kW peak)",
    "latitude_degrees": "Latitude, where no bay has a position (degrees)",
}
"""What a scenario may change, with its name for people."""
OWN: Final = (
    *("arrivals_later_min", "departures_later_min", "temperature_c"),
    *("storage_kwh", "storage_kw"),
    *("solar_kw", "latitude_degrees"),
)
"""Changes of a night alone; the others are those of a study."""
SAME: Final = "As it is"
BATTERY_HOURS: Final = 2.0
"""A battery whose power is not said empties in so many hours."""


@dataclass(frozen=True, slots=True)
class NightScenario:
    """A night with some facts changed.

    Parameters
    ----------
    name : str
    changes : mapping of str to scalar
        Of `CHANGES`; none: the night as it is.

    Raises
    ------
    ScenarioError
        If it has no name, or changes what cannot be changed.
    """

    name: str
    changes: Mapping[str, Scalar]

    def __post_init__(self) -> None:
        """Refuse what nobody could tell apart or turn."""
        unknown = [name for name in self.changes if name not in CHANGES]
        if not self.name.strip() or unknown:
            raise ScenarioError(
                f"{', '.join(unknown)} cannot be changed" if unknown else "a scenario needs a name",
                where="scenario",
                hint=f"change {', '.join(CHANGES)}",
            )

    def text(self) -> str:
        """Return it as one line: its name, a colon, and its changes."""
        return f"{self.name}: " + "; ".join(
            f"{name}={_word(value)}" for name, value in self.changes.items()
        )


@dataclass(frozen=True, slots=True)
class SolvedScenario:
    """A scenario and its plan.

    Parameters
    ----------
    scenario : NightScenario
    plan : Plan or None
        None: it cannot be.
    why_not : str
        Why there is no plan.
    """

    scenario: NightScenario
    plan: Plan | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class ScenarioOrder:
    """Which night, and how it is planned.

    Parameters
    ----------
    at : datetime
        Facts up to here count.
    choices : NightChoices
        The evening among them.
    occupancy : {'assigned', 'relaxed'}
    """

    at: datetime
    choices: NightChoices = NO_NIGHT_CHOICES
    occupancy: Occupancy = "assigned"


def scenario_from_text(text: str) -> NightScenario:
    """Return the scenario that a line names, as `NightScenario.text` writes it.

    Raises
    ------
    ScenarioError
        If it is none.
    """
    name, colon, rest = text.partition(":")
    pairs = [part.partition("=") for one in rest.split(";") if (part := one.strip())]
    if not colon or not all(equals for _, equals, _ in pairs):
        raise ScenarioError(
            f"{text!r} is no scenario",
            where="scenario",
            hint="write 'More vans: vehicles=80; ac_stations=48'",
        )
    return NightScenario(name.strip(), {key.strip(): _value(word) for key, _, word in pairs})


def compare_scenarios(
    settings: Settings, order: ScenarioOrder, *, scenarios: Sequence[NightScenario]
) -> tuple[SolvedScenario, ...]:
    """Return the night as it is, and each scenario of it, planned; one that cannot be says why.

    Parameters
    ----------
    settings : Settings
    order : ScenarioOrder
    scenarios : sequence of NightScenario

    Raises
    ------
    StoreMissingError, RecordMissingError
        If something the night rests on is not there; says what.
    """
    tonight = gather_tonight(settings, now=order.at, choices=order.choices)
    ground = _ground(settings, tonight)
    every = (NightScenario(SAME, {}), *scenarios)
    return tuple(
        _solved(one, settings=settings, order=order, tonight=tonight, ground=ground)
        for one in every
    )


def _solved(
    scenario: NightScenario,
    *,
    settings: Settings,
    order: ScenarioOrder,
    tonight: Tonight,
    ground: Ground,
) -> SolvedScenario:
    try:
        facts = _at_temperature(tonight, scenario.changes, settings=settings, at=order.at)
        first = replace(
            ground,
            scenario=replace(ground.scenario, nights=(PastNight(tonight.evening, facts.dwells),)),
        )
        studied = {name: value for name, value in scenario.changes.items() if name not in OWN}
        return SolvedScenario(
            scenario, _plan(facts, turned(first, studied), order=order, changes=scenario.changes)
        )
    except DepotError as error:
        return SolvedScenario(scenario, None, why_not=str(error))


def _ground(settings: Settings, tonight: Tonight) -> Ground:
    names = tariff_ids(settings.warehouse_path)
    chosen = chosen_tariff_id(settings.warehouse_path, tonight.depot.depot_id) or names[0]
    tariffs = {name: stored_tariff(settings, name) for name in names}
    scenario = Scenario(
        depot=tonight.depot,
        tariff=tariffs[chosen],
        nights=(PastNight(tonight.evening, tonight.dwells),),
        first=tonight.evening,
        days=1,
        policy="hindsight",
    )
    return Ground(scenario, tariffs)


def _plan(
    tonight: Tonight, scenario: Scenario, *, order: ScenarioOrder, changes: Mapping[str, Scalar]
) -> Plan:
    later = {
        name: timedelta(minutes=_number(changes, name))
        for name in ("arrivals_later_min", "departures_later_min")
    }
    dwells = [
        replace(
            dwell,
            arrival=dwell.arrival + later["arrivals_later_min"],
            departure=dwell.departure + later["departures_later_min"],
        )
        for dwell in scenario.nights[0].stays
    ]
    grid = grid_over(
        min(tonight.grid.start, *(one.arrival for one in dwells)),
        max(tonight.grid.end, *(one.departure for one in dwells)),
        interval_s=tonight.grid.interval_s,
    )
    depot = _with_battery(scenario.depot, changes)
    return plan_night(
        _each_once(dwells),
        depot,
        grid=grid,
        prices=price_terms(
            scenario.tariff,
            grid,
            time_zone=zone(depot.time_zone),
            nights_per_month=order.choices.nights_per_month,
            sunk_kw=order.choices.running_peak_kw,
        ),
        base_load_kw=np.zeros(grid.count),
        order=PlanOrder(
            made_at=order.at,
            occupancy=order.occupancy,
            preference=tonight.preference,
            solar_kw=_sun_kw(depot, grid, changes=changes),
        ),
    )


def _each_once(dwells: Sequence[Dwell]) -> list[Dwell]:
    """Return dwells in which a copy of a van is tied to no connector that its model has."""
    return [replace(one, connector_id=None) if "+" in one.vehicle_id else one for one in dwells]


def _with_battery(depot: Depot, changes: Mapping[str, Scalar]) -> Depot:
    capacity_kwh = _number(changes, "storage_kwh")
    if not capacity_kwh:
        return depot
    power_kw = _number(changes, "storage_kw") or capacity_kwh / BATTERY_HOURS
    battery = Storage("scenario-battery", capacity_kwh, power_kw, power_kw)
    return replace(depot, storages=(*depot.storages, battery))


def _sun_kw(depot: Depot, grid: TimeGrid, *, changes: Mapping[str, Scalar]) -> tuple[float, ...]:
    """Return what a plant could give in each interval under a clear sky; nothing without one."""
    peak_kw = _number(changes, "solar_kw")
    if peak_kw < 0:
        raise ScenarioError(f"{peak_kw:g} kW of sun cannot be", where="solar_kw")
    if not peak_kw:
        return ()
    place = _place(depot, changes)
    middle = grid.step / 2
    return tuple(peak_kw * clear_sky_share(start + middle, place) for start in grid.starts())


def _place(depot: Depot, changes: Mapping[str, Scalar]) -> Position:
    """Return where the depot stands: a bay's position, else the latitude and its zone's meridian."""
    if "latitude_degrees" in changes:
        noon = datetime(2026, 1, 1, 12, tzinfo=zone(depot.time_zone))
        offset_h = duration_h(noon.utcoffset() or timedelta())
        return Position(_number(changes, "latitude_degrees"), offset_h * DEGREES_AN_HOUR)
    known = [one.position for one in depot.connectors() if one.position is not None]
    if not known:
        raise ScenarioError(
            f"nobody has said where {depot.name} stands, and so how the sun does",
            where="solar_kw",
            hint="give latitude_degrees, or positions to the stations of the site file",
        )
    return known[0]


def _at_temperature(
    tonight: Tonight, changes: Mapping[str, Scalar], *, settings: Settings, at: datetime
) -> Tonight:
    """Return the night's facts with the needs that another temperature makes, if one is given."""
    if "temperature_c" not in changes:
        return tonight
    return at_temperature(tonight, _number(changes, "temperature_c"), settings=settings, at=at)


def _number(changes: Mapping[str, Scalar], name: str) -> float:
    value = changes.get(name, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScenarioError(f"{name} cannot be {value!r}", where=name, hint="give a number")
    return float(value)


def _value(word: str) -> Scalar:
    try:
        return cast("Scalar", tomllib.loads(f"value = {word}")["value"])
    except tomllib.TOMLDecodeError:
        return word.strip()


def _word(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
