"""Which tariff is cheaper: on the same past load, and on the same stays planned anew under each."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from depotlib.errors import PlanningError, RecordMissingError, TariffError
from depotlib.ingest.content import read_content
from depotlib.model.bill import Bill
from depotlib.model.calendar import zone
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.needs.past_stays import PastStays, instant_of, past_stays
from depotlib.planning.budget import Budget
from depotlib.settings import Settings
from depotlib.store.load import ChargingAssumption, ChargingShape, load_profile
from depotlib.store.sessions import sessions
from depotlib.tariffs.bill import bill_months
from depotlib.tariffs.load_csv import load_from_csv
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.tariff_file import tariff_from_document
from depotlib.workflows.review_demand import stored_tariff
from depotlib.workflows.stays_anew import LoadAnew, load_planned_anew
from depotlib.workflows.tonight import INTERVAL_S

ONE_INTERVAL: Final = timedelta(seconds=INTERVAL_S)


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
    gap_share : float
        By how much of its cost the plan may be above the cheapest: 0 where it is proven to be it.
    """

    tariff_id: str
    name: str
    currency: str
    past: TariffCost | None
    planned: TariffCost | None
    refusal: str
    gap_share: float = 0.0


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


@dataclass(frozen=True, slots=True)
class Past:
    """What tariffs are compared on: read once, for all of them.

    Parameters
    ----------
    history : History
    load : polars.DataFrame
        `LoadFrame`.
    grid : TimeGrid
    stays : PastStays or None
        To be planned anew; None: nothing is planned.
    digest : str
        Tells this past from any other.
    """

    history: History
    load: pl.DataFrame
    grid: TimeGrid
    stays: PastStays | None
    digest: str


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
    past = past_of(settings, history)
    return comparison_of(
        past, [compare_one(settings, tariff_id, past=past) for tariff_id in tariff_ids]
    )


def past_of(settings: Settings, history: History) -> Past:
    """Return the sessions of a site as a load, and as stays to plan anew.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If there is no store, or no session of the site.
    """
    found = sessions(settings.warehouse_path, site=history.site)
    if found.is_empty():
        raise RecordMissingError(
            f"there are no sessions of {history.site!r}",
            where="sessions",
            hint="import its log first",
        )
    # As microseconds: a list of a year's instants takes a second.
    start_us = found["plug_start"].dt.epoch("us").to_numpy()
    end_us = found["plug_end"].drop_nulls().dt.epoch("us").to_numpy()
    last_us = max(int(start_us.max()), int(end_us.max(initial=0)))
    grid = grid_over(
        instant_of(int(start_us.min())),
        instant_of(last_us) + ONE_INTERVAL,
        interval_s=INTERVAL_S,
    )
    load = load_profile(
        settings.warehouse_path,
        assumption=_assumption(history),
        start=grid.start,
        end=grid.end,
        site=history.site,
    )
    stays = past_stays(found) if history.is_planned else None
    digest = _digest(history, load, stays=stays)
    return Past(history, load=load, grid=grid, stays=stays, digest=digest)


def compare_one(
    settings: Settings, tariff_id: str, *, past: Past, budget: Budget | None = None
) -> ComparedTariff:
    """Return what a past costs under a tariff of the store, and planned anew under it.

    Parameters
    ----------
    settings : Settings
    tariff_id : str
    past : Past
    budget : Budget, optional
        Time of the plan's solver; default: as of any plan.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If there is no store, or no such tariff.
    """
    tariff, time_zone = stored_tariff(settings, tariff_id), zone(past.history.time_zone)
    planned_anew = None
    if past.stays:
        planned_anew = partial(
            load_planned_anew,
            *(tariff, past.stays),
            grid=past.grid,
            time_zone=time_zone,
            max_kw=past.history.max_kw,
            budget=budget,
        )
    return _compared(
        tariff, load=past.load, grid=past.grid, time_zone=time_zone, planned_anew=planned_anew
    )


def comparison_of(past: Past, compared: Sequence[ComparedTariff]) -> TariffComparison:
    """Return tariffs beside each other that were compared on one past."""
    return TariffComparison(
        tariffs=_cheapest_first(compared),
        start=past.grid.start,
        end=past.grid.end,
        notes=(
            *_notes(_assumption(past.history), past.stays, grid=past.grid),
            *map(_gap_note, filter(lambda one: one.gap_share, compared)),
        ),
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


def _digest(history: History, load: pl.DataFrame, *, stays: PastStays | None) -> str:
    said = repr((history, load["interval_start"].first(), load.height)).encode()
    powers = load["power_kw"].to_numpy().tobytes()
    return hashlib.sha256(said + powers + (stays.content() if stays else b"")).hexdigest()


def _compared(
    tariff: Tariff,
    *,
    load: pl.DataFrame,
    grid: TimeGrid,
    time_zone: ZoneInfo,
    planned_anew: Callable[[], LoadAnew] | None = None,
) -> ComparedTariff:
    past = planned = None
    gap_share = 0.0
    refusals: list[str] = []
    try:
        past = _cost(tariff, load, interval_s=grid.interval_s, time_zone=time_zone)
    except TariffError as error:
        refusals.append(f"cannot be billed: {error.what}")
    if planned_anew is not None:
        try:
            anew = planned_anew()
            gap_share = anew.gap_share
            planned = _cost(tariff, anew.load, interval_s=anew.interval_s, time_zone=time_zone)
        except (TariffError, PlanningError) as error:
            refusals.append(f"cannot be planned under: {error.what}")
    return ComparedTariff(
        tariff_id=tariff.tariff_id,
        name=f"{tariff.utility}: {tariff.name}" if tariff.utility else tariff.name,
        currency=tariff.currency,
        past=past,
        planned=planned,
        refusal="; ".join(refusals),
        gap_share=gap_share,
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


def _assumption(history: History) -> ChargingAssumption:
    return ChargingAssumption(max_kw=history.max_kw, shape=history.shape)


def _cheapest_first(compared: Sequence[ComparedTariff]) -> tuple[ComparedTariff, ...]:
    def key(one: ComparedTariff) -> tuple[bool, Decimal]:
        cost = one.planned or one.past
        return cost is None, Decimal(0) if cost is None else cost.total_amount

    return tuple(sorted(compared, key=key))


def _notes(
    assumption: ChargingAssumption, stays: PastStays | None, *, grid: TimeGrid
) -> Iterable[str]:
    yield assumption.sentence
    if stays:
        fixed = int(np.sum(~stays.has_room(grid, max_kw=assumption.max_kw)))
        yield (
            f"planned anew: each of {len(stays)} sessions may draw whenever it was plugged in, at "
            f"up to {assumption.max_kw:g} kW, and gets what it took; {fixed} had no room to choose "
            "and stand as they happened; nothing but the plugs limits the site"
        )


def _gap_note(one: ComparedTariff) -> str:
    return (
        f"the plan under {one.name} was stopped by its time limit and may be up to "
        f"{one.gap_share:.2%} dearer than the cheapest one; on an idle machine it gets further"
    )
