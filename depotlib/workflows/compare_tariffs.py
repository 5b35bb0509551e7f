"""Which tariff is cheaper: on the same past load, and on the same stays planned anew under each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from depotlib.errors import PlanningError, RecordMissingError, TariffError
from depotlib.ingest.content import read_content
from depotlib.model.bill import Bill
from depotlib.model.calendar import BillingPeriod, zone
from depotlib.model.depot import ChargingStation, Connector, Depot, Evse, GridConnection
from depotlib.model.dwell import Dwell
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.needs.history import dwells_from_sessions, load_at_plug_in
from depotlib.planning.formulation import relaxed_problem
from depotlib.planning.problem import FloatArray
from depotlib.planning.solve import solve_problem
from depotlib.settings import Settings
from depotlib.store.load import ChargingAssumption, ChargingShape, load_profile
from depotlib.store.sessions import sessions
from depotlib.tariffs.bill import bill_months
from depotlib.tariffs.load_csv import load_from_csv
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.tariff_file import tariff_from_document
from depotlib.tariffs.terms import price_terms
from depotlib.workflows.review_demand import stored_tariff
from depotlib.workflows.tonight import INTERVAL_S

ONE_INTERVAL: Final = timedelta(seconds=INTERVAL_S)
POOL: Final = "history"


@dataclass(frozen=True, slots=True)
class TariffCost:
    """What a load costs under one tariff.

    Parameters
    ----------
    total_amount, energy_amount, demand_amount, other_amount : Decimal
    peak_kw : float
        Highest mean of an interval of the load.
    bills : tuple of Bill
        One a calendar month.
    """

    total_amount: Decimal
    energy_amount: Decimal
    demand_amount: Decimal
    other_amount: Decimal
    peak_kw: float
    bills: tuple[Bill, ...]


@dataclass(frozen=True, slots=True)
class ComparedTariff:
    """One tariff of a comparison.

    Parameters
    ----------
    tariff_id, name, currency : str
    past : TariffCost or None
        Of the load as it was; None where it cannot be billed.
    planned : TariffCost or None
        Of the stays planned anew under this tariff; None where that was not asked for or cannot
        be done.
    refusal : str
        Why one of them is missing.
    """

    tariff_id: str
    name: str
    currency: str
    past: TariffCost | None
    planned: TariffCost | None
    refusal: str


@dataclass(frozen=True, slots=True)
class TariffComparison:
    """Tariffs beside each other, the cheapest first.

    Parameters
    ----------
    tariffs : tuple of ComparedTariff
        By what the stays cost when planned, else by the past; those that cannot be billed last.
    start, end : datetime
        Of the load.
    notes : tuple of str
        What the comparison rests on.
    """

    tariffs: tuple[ComparedTariff, ...]
    start: datetime
    end: datetime
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """Whose sessions are compared, and how they are taken to have charged.

    Parameters
    ----------
    site : str
    time_zone : str
        IANA name of the meter's zone.
    max_kw : float
        Power of a charging vehicle.
    shape : {'at_plug_in', 'spread'}
    is_planned : bool
        Whether to plan the same stays anew under each tariff as well.
    """

    site: str
    time_zone: str
    max_kw: float
    shape: ChargingShape = "at_plug_in"
    is_planned: bool = True


def compare_stored(
    settings: Settings, history: History, *, tariff_ids: Sequence[str]
) -> TariffComparison:
    """Return tariffs of the store on the sessions of a site.

    Planned anew, every session may draw whenever it was plugged in, at its own plug, and gets
    what it took; nothing limits the site but the plugs. Sessions without room to choose stand as
    they happened.

    Parameters
    ----------
    settings : Settings
    history : History
    tariff_ids : sequence of str
        At least one.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If there is no store, no session of the site, or no such tariff.
    """
    found = sessions(settings.warehouse_path, site=history.site)
    if found.is_empty():
        raise RecordMissingError(
            f"there are no sessions of {history.site!r}",
            where="sessions",
            hint="import its log first",
        )
    starts: list[datetime] = found["plug_start"].to_list()
    ends: list[datetime] = found["plug_end"].drop_nulls().to_list()
    grid = grid_over(min(starts), max(*starts, *ends) + ONE_INTERVAL, interval_s=INTERVAL_S)
    assumption = ChargingAssumption(max_kw=history.max_kw, shape=history.shape)
    load = load_profile(
        settings.warehouse_path,
        assumption=assumption,
        start=grid.start,
        end=grid.end,
        site=history.site,
    )
    stays = _stays(found, grid, max_kw=history.max_kw) if history.is_planned else ()
    compared = [
        _compared(
            stored_tariff(settings, tariff_id),
            load=load,
            grid=grid,
            stays=stays,
            time_zone=zone(history.time_zone),
        )
        for tariff_id in tariff_ids
    ]
    return TariffComparison(
        tariffs=_cheapest_first(compared),
        start=grid.start,
        end=grid.end,
        notes=tuple(_notes(assumption, stays, grid=grid)),
    )


def compare_files(
    load_path: Path, tariff_paths: Sequence[Path], *, time_zone: str | None = None
) -> TariffComparison:
    """Return tariffs of files on a load of a file; nothing is planned.

    Parameters
    ----------
    load_path : Path
        As for `depot bill`.
    tariff_paths : sequence of Path
        URDB records or tariff files, at least one.
    time_zone : str, optional
        IANA name of the meter's zone; default: as the load says.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    reading = load_from_csv(
        read_content(load_path).data,
        where=load_path.name,
        time_zone=None if time_zone is None else zone(time_zone),
    )
    instants: list[datetime] = reading.load["interval_start"].to_list()
    grid = grid_over(
        min(instants),
        max(instants) + timedelta(seconds=reading.interval_s),
        interval_s=reading.interval_s,
    )
    compared = [
        _compared(
            tariff_from_document(read_content(path).data, where=path.name),
            load=reading.load,
            grid=grid,
            stays=(),
            time_zone=reading.time_zone,
        )
        for path in tariff_paths
    ]
    return TariffComparison(
        tariffs=_cheapest_first(compared),
        start=grid.start,
        end=grid.end,
        notes=tuple(reading.assumptions),
    )


def _compared(
    tariff: Tariff,
    *,
    load: pl.DataFrame,
    grid: TimeGrid,
    stays: Sequence[Dwell],
    time_zone: ZoneInfo,
) -> ComparedTariff:
    past = planned = None
    refusals: list[str] = []
    try:
        past = _cost(tariff, load, interval_s=grid.interval_s, time_zone=time_zone)
    except TariffError as error:
        refusals.append(f"cannot be billed: {error.what}")
    if stays:
        try:
            planned_load, interval_s = _planned_load(tariff, stays, grid=grid, time_zone=time_zone)
            planned = _cost(tariff, planned_load, interval_s=interval_s, time_zone=time_zone)
        except (TariffError, PlanningError) as error:
            refusals.append(f"cannot be planned under: {error.what}")
    return ComparedTariff(
        tariff_id=tariff.tariff_id,
        name=f"{tariff.utility}: {tariff.name}" if tariff.utility else tariff.name,
        currency=tariff.currency,
        past=past,
        planned=planned,
        refusal="; ".join(refusals),
    )


def _cost(
    tariff: Tariff, load: pl.DataFrame, *, interval_s: int, time_zone: ZoneInfo
) -> TariffCost:
    bills = bill_months(tariff, load, interval_s=interval_s, time_zone=time_zone)
    total, energy, demand = (
        sum(amounts, Decimal(0))
        for amounts in (
            [bill.total for bill in bills],
            [bill.family_total("energy") for bill in bills],
            [bill.family_total("demand") for bill in bills],
        )
    )
    highest_kw = load["power_kw"].drop_nulls().to_numpy().max(initial=0.0)
    return TariffCost(
        total_amount=total,
        energy_amount=energy,
        demand_amount=demand,
        other_amount=total - energy - demand,
        peak_kw=float(highest_kw),
        bills=bills,
    )


def _planned_load(
    tariff: Tariff, stays: Sequence[Dwell], *, grid: TimeGrid, time_zone: ZoneInfo
) -> tuple[pl.DataFrame, int]:
    """Return the load of the cheapest plan under a tariff, and the length of its intervals [s]."""
    interval_s = max(grid.interval_s, tariff.demand_window_s)
    if interval_s != grid.interval_s:
        grid = grid_over(grid.start, grid.end, interval_s=interval_s)
    movable = [stay for stay in stays if _has_room(stay, grid)]
    fixed = [stay for stay in stays if not _has_room(stay, grid)]
    load_kw = np.zeros(grid.count)
    for stay in fixed:
        load_kw += load_at_plug_in([stay], grid=grid, max_kw=stay.max_kw)
    problem = relaxed_problem(
        movable,
        _depot(stays),
        grid=grid,
        prices=price_terms(tariff, grid, time_zone=time_zone),
        base_load_kw=load_kw,
    )
    load_kw = load_kw + solve_problem(problem).powers.by_interval_kw()
    return _frame(grid, load_kw), interval_s


def _frame(grid: TimeGrid, load_kw: FloatArray) -> pl.DataFrame:
    starts = pl.Series("interval_start", grid.starts()).dt.cast_time_unit("us")
    return pl.DataFrame({"interval_start": starts, "power_kw": load_kw})


def _stays(found: pl.DataFrame, grid: TimeGrid, *, max_kw: float) -> tuple[Dwell, ...]:
    whole = BillingPeriod(start=grid.start, end=grid.end)
    return tuple(
        replace(stay, max_kw=max_kw, pool=POOL) for stay in dwells_from_sessions(found, night=whole)
    )


def _has_room(stay: Dwell, grid: TimeGrid) -> bool:
    whole = grid.interval_of(stay.departure) - grid.first_whole_interval(stay.arrival)
    return whole * grid.interval_h * stay.max_kw > stay.energy_target_kwh


def _depot(stays: Sequence[Dwell]) -> Depot:
    """Return a depot in which every stay has a plug of its own."""
    max_kw = max(stay.max_kw for stay in stays)
    total_kw = max_kw * len(stays)
    evses = tuple(
        Evse(number, (Connector(f"{POOL}/{number}", number, max_kw, 0.0),))
        for number in range(1, len(stays) + 1)
    )
    return Depot(
        depot_id=POOL,
        name=POOL,
        time_zone="UTC",
        currency="",
        grid=GridConnection(service_kw=total_kw, operating_limit_kw=total_kw),
        circuits=(),
        stations=(
            ChargingStation(
                station_id=POOL,
                circuit_id=None,
                pool=POOL,
                current_type="AC",
                max_kw=total_kw,
                safe_limit_kw=0.0,
                evses=evses,
            ),
        ),
    )


def _cheapest_first(compared: Sequence[ComparedTariff]) -> tuple[ComparedTariff, ...]:
    def key(one: ComparedTariff) -> tuple[bool, Decimal]:
        cost = one.planned or one.past
        return cost is None, Decimal(0) if cost is None else cost.total_amount

    return tuple(sorted(compared, key=key))


def _notes(
    assumption: ChargingAssumption, stays: Sequence[Dwell], *, grid: TimeGrid
) -> Iterable[str]:
    yield assumption.sentence
    if stays:
        fixed = sum(not _has_room(stay, grid) for stay in stays)
        yield (
            f"planned anew: each of {len(stays)} sessions may draw whenever it was plugged in, at "
            f"up to {assumption.max_kw:g} kW, and gets what it took; {fixed} had no room to choose "
            "and stand as they happened; nothing but the plugs limits the site"
        )
