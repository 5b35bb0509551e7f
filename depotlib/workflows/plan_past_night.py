"""Plan a night of the past again: what the sessions drew, beside the optimum with the same energy.

Sessions that left no room to choose (their energy fills the whole quarter-hours of their stay)
stand as they happened, in the plan too; all others may draw whenever they were plugged in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from depotlib.errors import RecordMissingError
from depotlib.ingest.content import read_content
from depotlib.model.calendar import BillingPeriod, local_instant, zone
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import Occupancy, Plan
from depotlib.model.price_terms import PriceTerms
from depotlib.model.site_file import site_from_toml
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.needs.history import dwells_from_sessions, load_at_plug_in
from depotlib.planning.cost import Cost, cost_of
from depotlib.planning.formulation import relaxed_problem
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.problem import FloatArray
from depotlib.settings import Settings
from depotlib.store.sessions import sessions
from depotlib.tariffs.terms import price_terms
from depotlib.workflows.load_demo import DATA
from depotlib.workflows.review_demand import stored_tariff
from depotlib.workflows.tonight import INTERVAL_S, NIGHTS_PER_MONTH, NOON

LEEDS_SITE: Final = DATA / "leeds" / "site.toml"
OCCUPANCIES: Final[tuple[Occupancy, ...]] = ("assigned", "relaxed")


@dataclass(frozen=True, slots=True)
class PastNight:
    """Which night to plan again, and under which prices.

    Parameters
    ----------
    evening : date
        Local date on which the night begins, at noon.
    tariff_id : str
        Of the store.
    site : str or None
        Site of the sessions, as the log names it; None: all sites.
    site_path : Path
        Site file: stations and limits.
    max_kw : float
        Power of a charging vehicle, then and now.
    nights_per_month : float
        Nights like this that the month's bill holds.
    """

    evening: date
    tariff_id: str
    site: str | None = None
    site_path: Path = LEEDS_SITE
    max_kw: float = 7.2
    nights_per_month: float = NIGHTS_PER_MONTH


@dataclass(frozen=True, slots=True)
class PastNightAnswer:
    """What a past night drew, and the plan that it could have followed.

    Parameters
    ----------
    depot : Depot
    tariff_name : str
    dwells : tuple of Dwell
        What was planned again.
    unmoved : tuple of Dwell
        Without room to choose: they stand as they happened.
    happened_kw : tuple of float
        Load of all sessions, (intervals,) of the plan's grid.
    unmoved_kw : tuple of float
        Load of those without room to choose, (intervals,); the plan's base load.
    happened : Cost
        Peak and bill of what was drawn, under the plan's own price terms.
    prices : PriceTerms
    plan : Plan
    notes : tuple of str
        What the answer rests on.
    """

    depot: Depot
    tariff_name: str
    dwells: tuple[Dwell, ...]
    unmoved: tuple[Dwell, ...]
    happened_kw: tuple[float, ...]
    unmoved_kw: tuple[float, ...]
    happened: Cost
    prices: PriceTerms
    plan: Plan
    notes: tuple[str, ...]


def plan_past_night(settings: Settings, night: PastNight, *, now: datetime) -> PastNightAnswer:
    """Return a past night planned again; nothing is kept.

    The plan delivers to every session what it took. Occupancy is relaxed, and a note says so,
    where the stays cannot each have a connector of their own at the station where they stood.

    Parameters
    ----------
    settings : Settings
    night : PastNight
    now : datetime
        Stands in the plan's header.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If there is no store, no such tariff, or no session to plan began in that night.
    InputError
        If the site file cannot be used.
    """
    depot = site_from_toml(read_content(night.site_path).text, where=str(night.site_path)).depot
    dwells = _dwells(settings, night, depot=depot)
    grid = grid_over(
        min(dwell.arrival for dwell in dwells),
        max(dwell.departure for dwell in dwells),
        interval_s=INTERVAL_S,
    )
    tariff = stored_tariff(settings, night.tariff_id)
    prices = price_terms(
        tariff,
        grid,
        time_zone=zone(depot.time_zone),
        nights_per_month=night.nights_per_month,
    )
    movable = tuple(one for one in dwells if _has_room(one, grid))
    unmoved = tuple(one for one in dwells if not _has_room(one, grid))
    happened_kw = load_at_plug_in(dwells, grid=grid, max_kw=night.max_kw)
    unmoved_kw = load_at_plug_in(unmoved, grid=grid, max_kw=night.max_kw)
    plan = _plan(movable, depot, grid=grid, prices=prices, base_load_kw=unmoved_kw, now=now)
    return PastNightAnswer(
        depot=depot,
        tariff_name=f"{tariff.utility}: {tariff.name}" if tariff.utility else tariff.name,
        dwells=movable,
        unmoved=unmoved,
        happened_kw=tuple(happened_kw.tolist()),
        unmoved_kw=tuple(unmoved_kw.tolist()),
        happened=_cost(depot, grid=grid, prices=prices, load_kw=happened_kw),
        prices=prices,
        plan=plan,
        notes=tuple(_notes(night, plan, unmoved=unmoved)),
    )


def _dwells(settings: Settings, night: PastNight, *, depot: Depot) -> list[Dwell]:
    time_zone = zone(depot.time_zone)
    span = BillingPeriod(
        start=local_instant(night.evening, NOON, time_zone=time_zone),
        end=local_instant(night.evening + timedelta(days=1), NOON, time_zone=time_zone),
    )
    found = sessions(settings.warehouse_path, site=night.site, start=span.start, end=span.end)
    dwells = dwells_from_sessions(
        found, night=span, stations=[station.station_id for station in depot.stations]
    )
    if not dwells:
        raise RecordMissingError(
            f"no session with energy began between {span.start} and {span.end}",
            where=f"sessions of {night.site or 'all sites'}",
            hint="choose an evening that the log covers, or import the log: depot import",
        )
    return [replace(dwell, max_kw=night.max_kw) for dwell in dwells]


def _has_room(dwell: Dwell, grid: TimeGrid) -> bool:
    """Return whether the whole intervals of a stay can hold more than its energy."""
    whole = grid.interval_of(dwell.departure) - grid.first_whole_interval(dwell.arrival)
    return whole * grid.interval_h * dwell.max_kw > dwell.energy_target_kwh


def _plan(
    dwells: Sequence[Dwell],
    depot: Depot,
    *,
    grid: TimeGrid,
    prices: PriceTerms,
    base_load_kw: FloatArray,
    now: datetime,
) -> Plan:
    """Return the plan within connector windows, or without them where they leave somebody short."""
    plans = [
        plan_night(
            dwells,
            depot,
            grid=grid,
            prices=prices,
            base_load_kw=base_load_kw,
            order=PlanOrder(made_at=now, occupancy=occupancy),
        )
        for occupancy in OCCUPANCIES
    ]
    return min(plans, key=lambda plan: round(plan.header.unmet_kwh, 3))


def _cost(depot: Depot, *, grid: TimeGrid, prices: PriceTerms, load_kw: FloatArray) -> Cost:
    """Return what a load costs: that of a night in which nothing is left to decide."""
    problem = relaxed_problem((), depot, grid=grid, prices=prices, base_load_kw=load_kw)
    return cost_of(problem, np.zeros((0, grid.count)))


def _notes(night: PastNight, plan: Plan, *, unmoved: Sequence[Dwell]) -> Iterator[str]:
    yield (
        f"every session is taken to have charged from plug-in on at {night.max_kw:g} kW until its "
        "energy was drawn, or over its whole stay where that is too short"
    )
    yield f"the month's bill holds {night.nights_per_month:g} nights like this"
    if unmoved:
        yield (
            f"{len(unmoved)} sessions left no room to choose (their energy fills the whole "
            f"quarter-hours of their stay): they stand as they happened"
        )
    if plan.header.occupancy == "relaxed":
        yield (
            "occupancy is relaxed: these stays cannot each have a connector of their own at the "
            "station where they stood, so the bill is a bound"
        )
