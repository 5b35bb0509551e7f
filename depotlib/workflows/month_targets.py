"""The peak worth paying for this month, from nights of the session history."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from depotlib.errors import MonthError
from depotlib.ingest.content import read_content
from depotlib.model.calendar import BillingPeriod, calendar_month, local_instant, zone
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.price_terms import PriceTerms
from depotlib.model.site_file import site_from_toml
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.needs.history import dwells_from_sessions
from depotlib.planning.formulation import relaxed_problem
from depotlib.planning.month import PeakTarget, peak_targets, sampled_month
from depotlib.planning.problem import PlanningProblem
from depotlib.settings import Settings
from depotlib.store.sessions import sessions
from depotlib.tariffs.terms import price_terms
from depotlib.workflows.plan_past_night import PastNight
from depotlib.workflows.review_demand import stored_tariff
from depotlib.workflows.tonight import INTERVAL_S, NOON

ONE_DAY: Final = timedelta(days=1)
FEWEST_NIGHTS: Final = 5


@dataclass(frozen=True, slots=True)
class MonthTargets:
    """What the sampled months say.

    Parameters
    ----------
    month : BillingPeriod
        The calendar month whose prices were used.
    tariff_name, currency : str
    targets : tuple of PeakTarget
        One for each demand charge.
    nights : int
        Nights of the history that months were drawn from.
    samples : int
        Months drawn.
    left_out : int
        Stays without room to choose, or longer than the month: not in the samples.
    """

    month: BillingPeriod
    tariff_name: str
    currency: str
    targets: tuple[PeakTarget, ...]
    nights: int
    samples: int
    left_out: int


def month_targets(
    settings: Settings, history: PastNight, *, samples: int, seed: int
) -> MonthTargets:
    """Return the peak of each demand charge that is worth paying for in a month.

    Months are drawn from the history's nights, whole nights at a time, and each is planned at
    its cheapest, occupancy relaxed.

    Parameters
    ----------
    settings : Settings
    history : PastNight
        Site, stations and tariff; its evening says which calendar month's prices hold.
    samples : int
        Months to draw, at least 1.
    seed : int
        The same seed draws the same months.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If there is no store, or no such tariff.
    MonthError
        If the history holds too few nights.
    InputError
        If the site file cannot be used.
    """
    depot = site_from_toml(read_content(history.site_path).text, where=str(history.site_path)).depot
    nights = _nights(settings, history, depot=depot)
    tariff = stored_tariff(settings, history.tariff_id)
    month = calendar_month(
        local_instant(history.evening, NOON, time_zone=zone(depot.time_zone)),
        zone(depot.time_zone),
    )
    grid = _grid(month)
    prices = price_terms(tariff, grid, time_zone=zone(depot.time_zone))
    roomy = [[one for one in night if _has_room(one, grid)] for night in nights]
    months = [
        _month(roomy, depot, grid=grid, prices=prices, seed=seed + number)
        for number in range(samples)
    ]
    return MonthTargets(
        month=month,
        tariff_name=f"{tariff.utility}: {tariff.name}" if tariff.utility else tariff.name,
        currency=tariff.currency,
        targets=peak_targets(months),
        nights=len(nights),
        samples=samples,
        left_out=sum(len(night) for night in nights) - sum(len(night) for night in roomy),
    )


def _nights(settings: Settings, history: PastNight, *, depot: Depot) -> list[tuple[Dwell, ...]]:
    time_zone = zone(depot.time_zone)
    found = sessions(settings.warehouse_path, site=history.site)
    stations = [station.station_id for station in depot.stations]
    plug_ins: list[datetime] = found["plug_start"].to_list()
    evenings = {
        (plug_in.astimezone(time_zone) - timedelta(hours=NOON.hour)).date() for plug_in in plug_ins
    }
    nights = [
        dwells_from_sessions(
            found,
            night=BillingPeriod(
                start=local_instant(evening, NOON, time_zone=time_zone),
                end=local_instant(evening + ONE_DAY, NOON, time_zone=time_zone),
            ),
            stations=stations,
        )
        for evening in sorted(evenings)
    ]
    filled = [
        tuple(replace(one, max_kw=history.max_kw) for one in night) for night in nights if night
    ]
    if len(filled) < FEWEST_NIGHTS:
        raise MonthError(
            f"the history holds {len(filled)} nights with energy; a month drawn from fewer than "
            f"{FEWEST_NIGHTS} says nothing",
            where=f"sessions of {history.site or 'all sites'}",
            hint="import the log of some weeks: depot import",
        )
    return filled


def _grid(month: BillingPeriod) -> TimeGrid:
    """Return the quarter-hours from the month's first noon to its last.

    What is charged after the last noon would fall into two billing months.
    """
    return grid_over(month.start + ONE_DAY / 2, month.end - ONE_DAY / 2, interval_s=INTERVAL_S)


def _has_room(dwell: Dwell, grid: TimeGrid) -> bool:
    whole = (dwell.departure - dwell.arrival) // grid.step - 1
    return whole * grid.interval_h * dwell.max_kw >= dwell.energy_target_kwh


def _month(
    nights: list[list[Dwell]], depot: Depot, *, grid: TimeGrid, prices: PriceTerms, seed: int
) -> PlanningProblem:
    time_zone = zone(depot.time_zone)
    first = grid.start.astimezone(time_zone).date()
    drawn = sampled_month(
        nights, first=first, days=(grid.end - grid.start) // ONE_DAY, time_zone=time_zone, seed=seed
    )
    return relaxed_problem(
        [one for one in drawn if one.departure <= grid.end],
        depot,
        grid=grid,
        prices=prices,
        base_load_kw=np.zeros(grid.count),
    )
