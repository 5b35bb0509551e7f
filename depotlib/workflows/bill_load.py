"""What a load costs under a tariff, from files: no store is needed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.errors import LoadError
from depotlib.ingest.content import read_content
from depotlib.model.bill import Bill
from depotlib.model.calendar import BillingPeriod, local_instant, local_to_utc, zone
from depotlib.tariffs.bill import bill_months, bill_period
from depotlib.tariffs.billing_inputs import BillingInputs, WindowKind
from depotlib.tariffs.history import BillingHistory
from depotlib.tariffs.history_csv import history_from_csv
from depotlib.tariffs.holiday_calendar import holiday_dates
from depotlib.tariffs.load_csv import LoadReading, Stamps, load_from_csv
from depotlib.tariffs.spot.document import prices_from_document
from depotlib.tariffs.spot.mapped_table import PriceColumns
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.tariff_file import tariff_from_document
from depotlib.tariffs.urdb_document import UrdbChoices
from depotlib.tariffs.urdb_record import RatchetScope, TierScope

LONGEST_READ_PERIOD: Final = timedelta(days=35)
"""A span that is given and no longer is one billing period, between two meter reads; a longer
one is cut at the calendar months."""


@dataclass(frozen=True, slots=True)
class BillOptions:
    """What a bill needs beside the tariff and the load, as a person gives it.

    Parameters
    ----------
    history_path : Path, optional
        CSV of earlier months, for ratchets and minima over a year.
    power_factor_share : float, optional
        Of the load, where its reactive energy is not metered.
    holidays : str, optional
        Region whose public holidays are billed as a weekend, such as ``US-NY``; default: the
        tariff's own region, if it names one.
    windows : {'block', 'sliding'}
        How demand windows lie.
    system_peaks : tuple of str
        Times in the hours of the utility's system peak.
    prices_path : Path, optional
        Market prices, for a tariff that follows them.
    label : str, optional
        Label or name of the record to take, where a document holds several.
    tier_scope : {'shared', 'by period'}
        Whether energy tiers count all energy, or that of their own time-of-use period.
    ratchet_scope : {'flat', 'all'}
        Whether a record's ratchet holds for time-of-use demand, too.
    """

    history_path: Path | None = None
    power_factor_share: float | None = None
    holidays: str | None = None
    windows: WindowKind = "block"
    system_peaks: tuple[str, ...] = ()
    prices_path: Path | None = None
    label: str | None = None
    tier_scope: TierScope = "shared"
    ratchet_scope: RatchetScope = "flat"


NO_OPTIONS: Final = BillOptions()


@dataclass(frozen=True, slots=True)
class BillRequest:
    """What to bill.

    Parameters
    ----------
    tariff_path : Path
        A URDB record (JSON), or a tariff in our own form (TOML).
    load_path : Path
        CSV: interval_start and power_kw or energy_kwh, export negative; reactive_kvarh where it
        is metered.
    start, end : str, optional
        Local dates or times, or times with an offset; the end is exclusive.
    time_zone : str, optional
        IANA name of the meter's zone.
    interval_s : float, optional
        Length of the load's intervals [s]; default: as its times tell.
    stamps : {'start', 'end'}
        What the load's times name.
    options : BillOptions
    """

    tariff_path: Path
    load_path: Path
    start: str | None = None
    end: str | None = None
    time_zone: str | None = None
    interval_s: float | None = None
    stamps: Stamps = "start"
    options: BillOptions = NO_OPTIONS


@dataclass(frozen=True, slots=True)
class LoadBills:
    """The bills of a load.

    Parameters
    ----------
    tariff_id, tariff_name, utility, currency : str
    comments : tuple of str
        The tariff record's own words.
    time_zone : ZoneInfo
        Zone of the meter.
    bills : tuple of Bill
        In time order.
    """

    tariff_id: str
    tariff_name: str
    utility: str
    currency: str
    comments: tuple[str, ...]
    time_zone: ZoneInfo
    bills: tuple[Bill, ...]


def bill_load(request: BillRequest) -> LoadBills:
    """Return the bills of a load under a tariff, both read from files.

    Raises
    ------
    InputError
        If a file is missing, damaged, or cannot be billed.
    """
    tariff = tariff_from_document(
        read_content(request.tariff_path).data,
        where=request.tariff_path.name,
        choices=choices_of(request.options),
    )
    reading = load_from_csv(
        read_content(request.load_path).data,
        where=request.load_path.name,
        time_zone=None if request.time_zone is None else zone(request.time_zone),
        interval_s=_whole_seconds(request.interval_s),
        stamps=request.stamps,
    )
    span = _span(request, reading)
    inputs = inputs_of(request.options, tariff, reading=reading)
    if span is not None and _is_read_period(request, span):
        bills: tuple[Bill, ...] = (
            bill_period(
                tariff,
                reading.load,
                period=span,
                interval_s=reading.interval_s,
                time_zone=reading.time_zone,
                inputs=inputs,
            ),
        )
    else:
        bills = bill_months(
            tariff,
            reading.load,
            interval_s=reading.interval_s,
            time_zone=reading.time_zone,
            span=span,
            inputs=inputs,
        )
    return LoadBills(
        tariff_id=tariff.tariff_id,
        tariff_name=tariff.name,
        utility=tariff.utility,
        currency=tariff.currency,
        comments=tariff.comments,
        time_zone=reading.time_zone,
        bills=tuple(_with_assumptions(bill, reading) for bill in bills),
    )


def choices_of(options: BillOptions) -> UrdbChoices:
    """Return what a person chooses of a URDB document."""
    return UrdbChoices(
        label=options.label, tier_scope=options.tier_scope, ratchet_scope=options.ratchet_scope
    )


def inputs_of(options: BillOptions, tariff: Tariff, *, reading: LoadReading) -> BillingInputs:
    """Return what a bill needs beside the tariff and the load, its files read.

    Raises
    ------
    InputError
        If a file is missing or damaged, or there is no such region.
    """
    history, prices = BillingHistory(), None
    if options.history_path is not None:
        history = history_from_csv(
            read_content(options.history_path).data, where=options.history_path.name
        )
    if options.prices_path is not None:
        prices = prices_from_document(
            read_content(options.prices_path).data,
            where=options.prices_path.name,
            columns=PriceColumns(time_zone=reading.time_zone),
        ).prices
    region = options.holidays or tariff.holiday_region
    return BillingInputs(
        history=history,
        power_factor_share=options.power_factor_share,
        holidays=holiday_dates(region, years=_years(reading)) if region else frozenset(),
        windows=options.windows,
        system_peaks=tuple(_instants(options.system_peaks, reading.time_zone)),
        prices=prices,
    )


def _years(reading: LoadReading) -> range:
    first: datetime = reading.load["interval_start"][0]
    last: datetime = reading.load["interval_start"][-1]
    years = [instant.astimezone(reading.time_zone).year for instant in (first, last)]
    return range(years[0], years[1] + 1)


def _instants(texts: Iterable[str], time_zone: ZoneInfo) -> list[datetime]:
    found = (_instant(text, time_zone, option="--system-peak") for text in texts)
    return [instant for instant in found if instant is not None]


def _whole_seconds(interval_s: float | None) -> int | None:
    if interval_s is None:
        return None
    if interval_s < 1 or interval_s != int(interval_s):
        raise LoadError(
            f"an interval of {interval_s:g} s is not a whole number of seconds",
            where="--interval-minutes",
            hint="use 15 for quarter-hours",
        )
    return int(interval_s)


def _span(request: BillRequest, reading: LoadReading) -> BillingPeriod | None:
    if request.start is None and request.end is None:
        return None
    first: datetime = reading.load["interval_start"][0]
    last: datetime = reading.load["interval_start"][-1]
    start = _instant(request.start, reading.time_zone, option="--from")
    end = _instant(request.end, reading.time_zone, option="--to")
    return BillingPeriod(
        start=start or first,
        end=end or last + timedelta(seconds=reading.interval_s),
    )


def _is_read_period(request: BillRequest, span: BillingPeriod) -> bool:
    is_given = request.start is not None and request.end is not None
    return is_given and span.end - span.start <= LONGEST_READ_PERIOD


def _instant(text: str | None, time_zone: ZoneInfo, *, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        if len(text) == len("2026-11-02"):
            return local_instant(date.fromisoformat(text), time(0), time_zone=time_zone)
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise LoadError(
            f"{text!r} is not a date", where=option, hint="write dates as 2026-11-02"
        ) from error
    if instant.tzinfo is None:
        return local_to_utc(instant, time_zone)
    return instant.astimezone(UTC)


def _with_assumptions(bill: Bill, reading: LoadReading) -> Bill:
    return replace(bill, assumptions=(*bill.assumptions, *reading.assumptions))
