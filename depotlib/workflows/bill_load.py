"""What a load costs under a tariff, from files: no store is needed."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.errors import LoadError, OptionRefusedError
from depotlib.ingest.content import read_content
from depotlib.model.bill import Bill
from depotlib.model.calendar import BillingPeriod, local_instant, local_to_utc, zone
from depotlib.tariffs.bill import bill_months, bill_period
from depotlib.tariffs.load_csv import LoadReading, Stamps, load_from_csv
from depotlib.tariffs.urdb import tariff_from_urdb

LONGEST_READ_PERIOD: Final = timedelta(days=35)
"""A span that is given and no longer is one billing period, between two meter reads; a longer
one is cut at the calendar months."""


@dataclass(frozen=True, slots=True)
class BillRequest:
    """What to bill.

    Parameters
    ----------
    tariff_path : Path
        A URDB record.
    load_path : Path
        CSV: interval_start and power_kw or energy_kwh.
    start, end : str, optional
        Local dates or times, or times with an offset; the end is exclusive.
    time_zone : str, optional
        IANA name of the meter's zone.
    interval_s : float, optional
        Length of the load's intervals [s]; default: as its times tell.
    stamps : {'start', 'end'}
        What the load's times name.
    history_path : Path, optional
    power_factor_share : float, optional
    holidays : str, optional
        Refused, for no component asks for them; a power factor of 1 is what is assumed.
    """

    tariff_path: Path
    load_path: Path
    start: str | None = None
    end: str | None = None
    time_zone: str | None = None
    interval_s: float | None = None
    stamps: Stamps = "start"
    history_path: Path | None = None
    power_factor_share: float | None = None
    holidays: str | None = None


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
    OptionRefusedError
        If the request asks for what no component of a tariff bills.
    InputError
        If a file is missing, damaged, or cannot be billed.
    """
    _refuse_options(request)
    tariff = tariff_from_urdb(
        read_content(request.tariff_path).data, where=request.tariff_path.name
    )
    reading = load_from_csv(
        read_content(request.load_path).data,
        where=request.load_path.name,
        time_zone=None if request.time_zone is None else zone(request.time_zone),
        interval_s=_whole_seconds(request.interval_s),
        stamps=request.stamps,
    )
    span = _span(request, reading)
    if span is not None and _is_read_period(request, span):
        bills: tuple[Bill, ...] = (
            bill_period(
                tariff,
                reading.load,
                period=span,
                interval_s=reading.interval_s,
                time_zone=reading.time_zone,
            ),
        )
    else:
        bills = bill_months(
            tariff,
            reading.load,
            interval_s=reading.interval_s,
            time_zone=reading.time_zone,
            span=span,
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


def _refuse_options(request: BillRequest) -> None:
    asked = {
        "--history": request.history_path is not None,
        "--power-factor": request.power_factor_share not in {None, 1.0},
        "--holidays": request.holidays is not None,
    }
    for option, is_asked in asked.items():
        if is_asked:
            raise OptionRefusedError(
                f"{option} asks for what no tariff component here bills",
                where=option,
                hint="leave it out: ratchets, reactive power and holidays are not billed yet",
            )


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
