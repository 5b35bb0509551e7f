"""Plan a night from files: no store is needed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from depotlib.errors import ModelError, PlanFileError
from depotlib.ingest.content import read_content
from depotlib.model.calendar import zone
from depotlib.model.depot import Depot, GridConnection
from depotlib.model.dwell import Dwell
from depotlib.model.plan import Occupancy, Plan
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.planning.budget import TIME_LIMIT_S
from depotlib.planning.explain.explanation import ExplainOrder, Explanation, explain_plan
from depotlib.planning.explain.facts import NightFacts
from depotlib.planning.knobs.preference import NO_PREFERENCE, Preference
from depotlib.planning.objective import Objective
from depotlib.planning.plan import OPTIMAL, PlanOrder, plan_night
from depotlib.planning.problem import FloatArray
from depotlib.planning.yard.assignment import SWAPS_FOR_MONEY, YardPolicy
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.horizon import PeriodSoFar
from depotlib.tariffs.load_csv import load_from_csv
from depotlib.tariffs.spot.document import prices_from_document
from depotlib.tariffs.spot.mapped_table import PriceColumns
from depotlib.tariffs.tariff_file import tariff_from_document
from depotlib.tariffs.terms import price_terms_given
from depotlib.units import MINUTES_PER_HOUR, SECONDS_PER_HOUR
from depotlib.workflows.plan_archive import write_plan
from depotlib.workflows.plan_tables import depot_of, dwells_of, storages_of

INTERVAL_S: Final = SECONDS_PER_HOUR // 4
UNKNOWN_ZONE: Final = "UTC"


@dataclass(frozen=True, slots=True)
class PlanFiles:
    """The files of a night and what is asked of its plan.

    Parameters
    ----------
    dwells_path, stations_path, tariff_path : Path
    site_limit_kw : float
        Operating limit of the site.
    service_kw : float, optional
        Hard limit; default: the operating limit.
    base_load_path, circuits_path : Path, optional
    days_per_month : float, optional
        How often the night stands in the month's bill; default once.
    running_peak_kw : float
        Peak already recorded in the billing period.
    occupancy : {'assigned', 'relaxed'}
    objective : {'bill', 'peak'}
    policy : str
    time_zone : str, optional
        Of local times and of the tariff's hours.
    out_path : Path, optional
        Where to keep the plan.
    prices_path : Path, optional
        Market prices, for a tariff that follows them.
    target_kw : float
        Peak of the month that is worth paying for: up to it nothing more is due.
    preference : Preference
        Among equally ready plans.
    swap_amount : float
        What a swap in the yard is worth; infinite: swaps are counted before money.
    storage_path, solar_path : Path, optional
        Batteries beside the stations; what the sun could give.
    time_limit_s : float
        For the solvers together.
    is_explained : bool
        Whether the answer says why the plan is as it is.
    """

    dwells_path: Path
    stations_path: Path
    tariff_path: Path
    site_limit_kw: float
    service_kw: float | None = None
    base_load_path: Path | None = None
    circuits_path: Path | None = None
    days_per_month: float | None = None
    running_peak_kw: float = 0.0
    occupancy: Occupancy = "assigned"
    objective: Objective = "bill"
    policy: str = OPTIMAL
    time_zone: str | None = None
    out_path: Path | None = None
    prices_path: Path | None = None
    target_kw: float = 0.0
    preference: Preference = NO_PREFERENCE
    swap_amount: float = SWAPS_FOR_MONEY.swap_amount
    storage_path: Path | None = None
    solar_path: Path | None = None
    time_limit_s: float = TIME_LIMIT_S
    is_explained: bool = False


@dataclass(frozen=True, slots=True)
class FilePlan:
    """A plan from files, with what it rests on.

    Parameters
    ----------
    plan : Plan
    time_zone : ZoneInfo
    assumptions : tuple of str
        What the files did not say.
    dwells : tuple of Dwell
    depot : Depot
    prices : PriceTerms
        On the plan's grid.
    explanation : Explanation or None
        Where it was asked for.
    """

    plan: Plan
    time_zone: ZoneInfo
    assumptions: tuple[str, ...]
    dwells: tuple[Dwell, ...]
    depot: Depot
    prices: PriceTerms
    explanation: Explanation | None = None


def plan_files(
    files: PlanFiles, *, now: datetime, timer: Callable[[], float] = time.perf_counter
) -> FilePlan:
    """Return the plan of a night that files describe; keep it where that is asked for.

    Raises
    ------
    InputError
        If a file is missing, empty, damaged or says what cannot be; names file and line.
    PlanningError
        If the files contradict each other, or the policy is none.
    """
    # The order refuses an unknown policy before any file is read.
    order = _order(files, now=now, timer=timer)
    _refuse_sun_explained(files)
    assumptions: list[str] = []
    time_zone = _zone(files, assumptions)
    dwells = dwells_of(files.dwells_path, time_zone=None if files.time_zone is None else time_zone)
    depot = _depot(files, time_zone)
    grid = grid_over(
        min(dwell.arrival for dwell in dwells),
        max(dwell.departure for dwell in dwells),
        interval_s=INTERVAL_S,
    )
    prices = _prices(files, grid, time_zone=time_zone, assumptions=assumptions)
    facts = NightFacts(
        dwells=tuple(dwells),
        depot=replace(depot, currency=prices.currency),
        grid=grid,
        prices=prices,
        base_load_kw=_base_load_kw(files, grid, assumptions=assumptions),
        occupancy=files.occupancy,
    )
    plan = plan_night(
        facts.dwells,
        facts.depot,
        grid=grid,
        prices=prices,
        base_load_kw=facts.base_load_kw,
        order=replace(order, solar_kw=_solar_kw(files, grid)),
    )
    if files.out_path is not None:
        write_plan(files.out_path, plan, dwells=dwells)
    return FilePlan(
        plan=plan,
        time_zone=time_zone,
        assumptions=tuple(assumptions),
        dwells=facts.dwells,
        depot=facts.depot,
        prices=prices,
        explanation=explain_plan(facts, plan, order=ExplainOrder(made_at=now))
        if files.is_explained
        else None,
    )


def _order(files: PlanFiles, *, now: datetime, timer: Callable[[], float]) -> PlanOrder:
    return PlanOrder(
        made_at=now,
        policy=files.policy,
        occupancy=files.occupancy,
        objective=files.objective,
        preference=files.preference,
        yard_policy=YardPolicy(swap_amount=files.swap_amount),
        time_limit_s=files.time_limit_s,
        timer=timer,
    )


def _zone(files: PlanFiles, assumptions: list[str]) -> ZoneInfo:
    if files.time_zone is None:
        assumptions.append("the tariff's hours are UTC: no time zone is given")
    return zone(files.time_zone or UNKNOWN_ZONE)


def _depot(files: PlanFiles, time_zone: ZoneInfo) -> Depot:
    grid = GridConnection(
        service_kw=files.site_limit_kw if files.service_kw is None else files.service_kw,
        operating_limit_kw=files.site_limit_kw,
    )
    depot = depot_of(
        files.stations_path,
        circuits_path=files.circuits_path,
        grid=grid,
        time_zone=time_zone.key,
    )
    if files.storage_path is None:
        return depot
    try:
        return replace(depot, storages=storages_of(files.storage_path))
    except ModelError as error:
        raise PlanFileError(
            error.what, where=str(files.storage_path), hint=error.hint or "correct the table"
        ) from error


def _prices(
    files: PlanFiles, grid: TimeGrid, *, time_zone: ZoneInfo, assumptions: list[str]
) -> PriceTerms:
    for noun, peak_kw, option in (
        ("running peak", files.running_peak_kw, "--running-peak"),
        ("target", files.target_kw, "--target"),
    ):
        if not 0 <= peak_kw < float("inf"):
            raise PlanFileError(
                f"a {noun} of {peak_kw} kW cannot be",
                where=option,
                hint="give a finite number of 0 or more",
            )
    if files.days_per_month is None:
        assumptions.append("the night stands once in the bill: no --days-per-month is given")
    tariff = tariff_from_document(
        read_content(files.tariff_path).data, where=str(files.tariff_path)
    )
    return price_terms_given(
        tariff,
        grid,
        time_zone=time_zone,
        so_far=PeriodSoFar(
            nights_per_month=files.days_per_month,
            sunk_kw=max(files.running_peak_kw, files.target_kw),
        ),
        inputs=BillingInputs(prices=_market_prices(files, time_zone)),
    )


def _market_prices(files: PlanFiles, time_zone: ZoneInfo) -> pl.DataFrame | None:
    if files.prices_path is None:
        return None
    return prices_from_document(
        read_content(files.prices_path).data,
        where=files.prices_path.name,
        columns=PriceColumns(time_zone=time_zone),
    ).prices


def _base_load_kw(files: PlanFiles, grid: TimeGrid, *, assumptions: list[str]) -> FloatArray:
    """Return the mean base load of every interval of the grid [kW].

    Raises
    ------
    PlanFileError
        If an interval has no reading.
    """
    if files.base_load_path is None:
        assumptions.append("nothing but charging draws power: no --base-load is given")
        return np.zeros(grid.count)
    return _mean_kw(files, files.base_load_path, grid=grid, noun="base load")


def _solar_kw(files: PlanFiles, grid: TimeGrid) -> tuple[float, ...]:
    """Return what the sun could give in every interval of the grid [kW]; empty: nothing."""
    if files.solar_path is None:
        return ()
    return tuple(_mean_kw(files, files.solar_path, grid=grid, noun="solar forecast").tolist())


def _refuse_sun_explained(files: PlanFiles) -> None:
    if files.is_explained and files.solar_path is not None:
        raise PlanFileError(
            "a plan with solar power is not explained: the sun is in none of its changes",
            where="--explain",
            hint="explain the plan without --solar",
        )


def _mean_kw(files: PlanFiles, path: Path, *, grid: TimeGrid, noun: str) -> FloatArray:
    """Return the mean power of a table in every interval of the grid [kW]."""
    reading = load_from_csv(
        read_content(path).data,
        where=str(path),
        time_zone=None if files.time_zone is None else zone(files.time_zone),
    )
    energy_kws = np.zeros(grid.count)
    covered_s = np.zeros(grid.count)
    for start, power_kw in reading.load.iter_rows():
        if power_kw is None:
            continue
        begin_s = (start - grid.start).total_seconds()
        _spread(
            begin_s, reading.interval_s, power_kw=power_kw, grid=grid, into=(energy_kws, covered_s)
        )
    missing = np.flatnonzero(covered_s < grid.interval_s)
    if len(missing):
        start = grid.start + int(missing[0]) * grid.step
        raise PlanFileError(
            f"the {noun} has no reading for the {grid.interval_s // MINUTES_PER_HOUR} minutes "
            f"from {start.isoformat()}",
            where=str(path),
            hint="give one that covers every stay",
        )
    return energy_kws / covered_s


def _spread(
    begin_s: float,
    length_s: int,
    *,
    power_kw: float,
    grid: TimeGrid,
    into: Sequence[FloatArray],
) -> None:
    """Add one reading to the intervals that it overlaps."""
    first = max(0, int(begin_s // grid.interval_s))
    last = min(grid.count, int(-(-(begin_s + length_s) // grid.interval_s)))
    for interval in range(first, last):
        start_s = interval * grid.interval_s
        overlap_s = min(begin_s + length_s, start_s + grid.interval_s) - max(begin_s, start_s)
        into[0][interval] += power_kw * overlap_s
        into[1][interval] += overlap_s
