"""What power cost: monthly bills of a load under a tariff, and the intervals that set them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from depotlib.charts.demand_load import ChargeWindows
from depotlib.charts.price_windows import peak_spans
from depotlib.errors import RecordMissingError, TariffTermsError
from depotlib.model.bill import Bill
from depotlib.model.calendar import zone
from depotlib.model.timegrid import grid_over
from depotlib.settings import Settings
from depotlib.store.catalogue import tariff_ids, tariff_record
from depotlib.store.load import ChargingAssumption, ChargingShape, load_profile
from depotlib.store.sessions import sessions
from depotlib.tariffs.bill import bill_months
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.tariff_file import tariff_from_document
from depotlib.tariffs.terms import price_terms
from depotlib.units import SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True)
class DemandReview:
    """A load with its bills.

    Parameters
    ----------
    load : polars.DataFrame
        `LoadFrame`, 15-minute means.
    bills : tuple of Bill
        One a calendar month.
    tariff_name, currency, time_zone : str
    peak_kw : float
        Highest 15-minute mean.
    peak_at : datetime or None
        Start of the interval that holds it.
    demand_amount, energy_amount, total_amount : Decimal
    assumption : str
        When the sessions are taken to have drawn their energy.
    comments : tuple of str
        The tariff record's own words.
    """

    load: pl.DataFrame
    bills: tuple[Bill, ...]
    tariff_name: str
    currency: str
    time_zone: str
    peak_kw: float
    peak_at: datetime | None
    demand_amount: Decimal
    energy_amount: Decimal
    total_amount: Decimal
    assumption: str
    comments: tuple[str, ...]


def list_tariffs(settings: Settings) -> dict[str, str]:
    """Return the tariffs in the store: id to utility and name."""
    names: dict[str, str] = {}
    for tariff_id in tariff_ids(settings.warehouse_path):
        tariff = stored_tariff(settings, tariff_id)
        names[tariff_id] = f"{tariff.utility}: {tariff.name}" if tariff.utility else tariff.name
    return names


def stored_tariff(settings: Settings, tariff_id: str) -> Tariff:
    """Return a tariff of the store.

    Raises
    ------
    RecordMissingError
        If the store has no such tariff.
    TariffError
        If its record holds what we cannot bill.
    """
    return tariff_from_document(tariff_record(settings.warehouse_path, tariff_id), where=tariff_id)


def review_demand(
    settings: Settings,
    *,
    site: str,
    tariff_id: str,
    time_zone: str,
    max_kw: float,
    shape: ChargingShape = "at_plug_in",
) -> DemandReview:
    """Return the monthly bills of a site's sessions under a tariff.

    Parameters
    ----------
    settings : Settings
    site, tariff_id : str
    time_zone : str
        Of the site's meter.
    max_kw : float
        Power of a charging vehicle, where the log does not say when it charged.
    shape : {'at_plug_in', 'spread'}
        At that power from plug-in on, or evenly over the stay.

    Raises
    ------
    RecordMissingError
        If the site has no sessions, or the store no such tariff.
    """
    found = sessions(settings.warehouse_path, site=site)
    if found.is_empty():
        raise RecordMissingError(
            f"there are no sessions of {site!r}", where="sessions", hint="import its log first"
        )
    assumption = ChargingAssumption(max_kw=max_kw, shape=shape)
    starts: list[datetime] = found["plug_start"].to_list()
    ends: list[datetime] = found["plug_end"].drop_nulls().to_list()
    load = load_profile(
        settings.warehouse_path,
        assumption=assumption,
        start=min(starts),
        end=max(*starts, *ends) + timedelta(minutes=15),
        site=site,
    )
    tariff = stored_tariff(settings, tariff_id)
    bills = bill_months(tariff, load, interval_s=900, time_zone=zone(time_zone))
    peak = load.sort("power_kw", descending=True, nulls_last=True).row(0, named=True)
    return DemandReview(
        load=load,
        bills=bills,
        tariff_name=f"{tariff.utility}: {tariff.name}" if tariff.utility else tariff.name,
        currency=tariff.currency,
        time_zone=time_zone,
        peak_kw=float(peak["power_kw"] or 0.0),
        peak_at=peak["interval_start"],
        demand_amount=sum((bill.family_total("demand") for bill in bills), Decimal(0)),
        energy_amount=sum((bill.family_total("energy") for bill in bills), Decimal(0)),
        total_amount=sum((bill.total for bill in bills), Decimal(0)),
        assumption=assumption.sentence,
        comments=tariff.comments,
    )


def charge_windows(
    settings: Settings, tariff_id: str, *, bill: Bill, time_zone: str
) -> tuple[ChargeWindows, ...]:
    """Return when each demand charge of a bill counts that does not count at all hours.

    Nothing, where the tariff cannot be put in terms of an hour: its bill stands all the same.

    Raises
    ------
    RecordMissingError
        If the store has no such tariff.
    """
    grid = grid_over(bill.period.start, bill.period.end, interval_s=SECONDS_PER_HOUR)
    try:
        terms = price_terms(stored_tariff(settings, tariff_id), grid, time_zone=zone(time_zone))
    except TariffTermsError:
        return ()
    spans = {
        term.name: peak_spans(term.intervals, grid)
        for term in terms.peaks
        if term.price_per_kw > 0 and 0 < len(term.intervals) < grid.count
    }
    return tuple(ChargeWindows(name=name, spans=held) for name, held in spans.items())
