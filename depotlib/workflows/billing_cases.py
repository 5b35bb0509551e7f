"""The bill that a question is about: of files, or of the sessions in the store."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.errors import LoadError, RecordMissingError
from depotlib.ingest.content import read_content
from depotlib.model.bill import Bill
from depotlib.model.calendar import BillingPeriod, calendar_month, local_instant, zone
from depotlib.model.duty import Duty
from depotlib.model.frames import UseFrame
from depotlib.settings import Settings
from depotlib.store.catalogue import chosen_depot_id, load_duties
from depotlib.store.load import ChargingAssumption, ChargingShape, load_profile, use_profile
from depotlib.store.meter import meter_load
from depotlib.store.sessions import sessions
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.load_csv import Stamps, load_from_csv
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.tariff_file import tariff_from_document
from depotlib.tariffs.use_csv import uses_from_csv
from depotlib.workflows.bill_load import NO_OPTIONS, BillOptions, choices_of, inputs_of
from depotlib.workflows.review_demand import stored_tariff

INTERVAL_S: Final = 900
ONE_YEAR: Final = timedelta(days=366)
"""How far back a ratchet looks; sessions so old are part of a stored case's load."""
AFTERWARDS: Final = timedelta(days=3)
"""What an audit may look at behind the period: a read a day or two late."""


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """What a site's sessions drew, for whichever month is asked for.

    Parameters
    ----------
    first_plug_in, last_plug_in : datetime
        Of the site, within the span or not.
    start, end : datetime
        Half-open span that was read.
    load : polars.DataFrame
        `LoadFrame`.
    uses : polars.DataFrame
        `UseFrame`: who drew it.
    duties : tuple of Duty
        Of the chosen depot: who drove how far.
    """

    first_plug_in: datetime
    last_plug_in: datetime
    start: datetime
    end: datetime
    load: pl.DataFrame
    uses: pl.DataFrame
    duties: tuple[Duty, ...] = ()

    def covers(self, start: datetime, end: datetime) -> bool:
        """Return whether a span was read."""
        return self.start <= start and end <= self.end


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """A bill's facts as files.

    Parameters
    ----------
    tariff_path : Path
        A URDB record (JSON), or a tariff in our own form (TOML).
    load_path : Path
        CSV: interval_start and power_kw or energy_kwh; what lies before the period is history.
    uses_path : Path or None
        CSV: interval_start, vehicle_id and/or station_id, power_kw or energy_kwh.
    first_day, end_day : date or None
        Local days of the two reads, the later one exclusive; default: the month of the load's
        last reading.
    time_zone : str or None
        IANA name of the meter's zone.
    stamps : {'start', 'end'}
        What the times of load and uses name.
    options : BillOptions
    """

    tariff_path: Path
    load_path: Path
    uses_path: Path | None = None
    first_day: date | None = None
    end_day: date | None = None
    time_zone: str | None = None
    stamps: Stamps = "start"
    options: BillOptions = NO_OPTIONS


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A bill's facts in the store.

    Parameters
    ----------
    settings : Settings
        Whose store it is.
    site, tariff_id, time_zone : str
    first_day, end_day : date or None
        As in `CaseFiles`.
    max_kw : float
        Power of a charging vehicle, where the log does not say when it charged.
    shape : {'at_plug_in', 'spread'}
    meter_id : str or None
        The site's meter, where it is in the store; else the sessions are all the load.
    record : SiteRecord or None
        What `site_record` gave for the same store, site, assumption and meter: who asks for one
        month after another reads once. Default: what the period needs is read.
    tariff : Tariff or None
        What `with_tariff` read for the same store and id. Default: it is read.
    """

    settings: Settings
    site: str
    tariff_id: str
    time_zone: str
    first_day: date | None = None
    end_day: date | None = None
    max_kw: float = 7.2
    shape: ChargingShape = "at_plug_in"
    meter_id: str | None = None
    record: SiteRecord | None = field(default=None, compare=False, repr=False)
    tariff: Tariff | None = field(default=None, compare=False, repr=False)

    @property
    def assumption(self) -> ChargingAssumption:
        """Return when a session drew its energy, where its log does not say."""
        return ChargingAssumption(max_kw=self.max_kw, shape=self.shape)


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A bill's facts, read.

    Parameters
    ----------
    case : BillingCase
    uses : polars.DataFrame
        `UseFrame`: who drew the load, as far as it is known.
    assumptions : tuple of str
    """

    case: BillingCase
    uses: pl.DataFrame
    assumptions: tuple[str, ...] = ()

    def within(
        self, spans: Sequence[tuple[datetime, datetime]]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the load and its uses in some spans; without any, all of them."""
        at = pl.col("interval_start")
        inside = [at.is_between(start, end, closed="left") for start, end in spans]
        tables = self.case.load, self.uses
        if not inside:
            return tables
        load, uses = (table.filter(pl.any_horizontal(inside)) for table in tables)
        return load, uses


def bill_of_case(asked: CaseFiles | StoredCase) -> Bill:
    """Return the bill that a question is about; nobody asks who drew what.

    Raises
    ------
    InputError, StoreMissingError, RecordMissingError
        As `open_case` does.
    """
    return open_case(asked, needs_uses=False).case.bill()


def open_case(asked: CaseFiles | StoredCase, *, needs_uses: bool = True) -> OpenedCase:
    """Return what a question's bill rests on, with who drew what.

    Parameters
    ----------
    asked : CaseFiles or StoredCase
    needs_uses : bool, optional
        Whether anybody asks who drew what; in a store that takes longer than all else.

    Raises
    ------
    InputError
        If a file is missing, damaged, or cannot be billed.
    StoreMissingError, RecordMissingError
        If there is no store, no such tariff in it, or no session of the site.
    """
    if isinstance(asked, CaseFiles):
        return _case_of_files(asked)
    return _case_of_store(asked, needs_uses=needs_uses)


def tariff_of_file(path: Path, options: BillOptions = NO_OPTIONS) -> Tariff:
    """Return the tariff of a file.

    Raises
    ------
    InputError
        If it is missing, damaged, or holds what we cannot bill.
    """
    return tariff_from_document(
        read_content(path).data, where=path.name, choices=choices_of(options)
    )


def _case_of_files(files: CaseFiles) -> OpenedCase:
    tariff = tariff_of_file(files.tariff_path, files.options)
    reading = load_from_csv(
        read_content(files.load_path).data,
        where=files.load_path.name,
        time_zone=None if files.time_zone is None else zone(files.time_zone),
        stamps=files.stamps,
    )
    uses = UseFrame.create_empty()
    if files.uses_path is not None:
        uses = uses_from_csv(
            read_content(files.uses_path).data,
            where=files.uses_path.name,
            interval_s=reading.interval_s,
            time_zone=reading.time_zone,
            stamps=files.stamps,
        )
    case = BillingCase(
        tariff=tariff,
        load=reading.load,
        period=_period(
            reading.load["interval_start"].sort()[-1], files, time_zone=reading.time_zone
        ),
        interval_s=reading.interval_s,
        time_zone=reading.time_zone,
        inputs=inputs_of(files.options, tariff, reading=reading),
    )
    return OpenedCase(case=case, uses=uses, assumptions=reading.assumptions)


def site_record(stored: StoredCase) -> SiteRecord:
    """Return what a site's sessions drew in all months that they touch.

    To be put into questions about any month of the same store, site, assumption and meter.

    Parameters
    ----------
    stored : StoredCase
        Its days and its tariff do not matter.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If there is no store, or no session of the site.
    """
    span = _plug_ins(stored)
    first_month, last_month = (calendar_month(at, zone(stored.time_zone)) for at in span)
    record = _read(stored, span, start=first_month.start, end=last_month.end + AFTERWARDS)
    return replace(record, duties=duties_of_store(stored.settings))


def with_tariff(stored: StoredCase) -> StoredCase:
    """Return a question with its tariff, for questions about other months.

    Raises
    ------
    RecordMissingError, TariffError
        As `stored_tariff` does.
    """
    return replace(stored, tariff=stored_tariff(stored.settings, stored.tariff_id))


def duties_of_store(settings: Settings) -> tuple[Duty, ...]:
    """Return the duties of the chosen depot, none where none is chosen."""
    depot_id = chosen_depot_id(settings.warehouse_path)
    return () if depot_id is None else load_duties(settings.warehouse_path, depot_id)


def _case_of_store(stored: StoredCase, *, needs_uses: bool) -> OpenedCase:
    record, time_zone = stored.record, zone(stored.time_zone)
    span = _plug_ins(stored) if record is None else (record.first_plug_in, record.last_plug_in)
    period = _period(span[1], stored, time_zone=time_zone)
    begin = min(max(span[0], period.start - ONE_YEAR), period.start)
    end = period.end + AFTERWARDS
    if record is None or not record.covers(begin, end):
        record = _read(stored, span, start=begin, end=end, needs_uses=needs_uses)
    inside = pl.col("interval_start").is_between(begin, end, closed="left")
    return OpenedCase(
        case=BillingCase(
            tariff=stored.tariff or stored_tariff(stored.settings, stored.tariff_id),
            load=record.load.filter(inside),
            period=period,
            interval_s=INTERVAL_S,
            time_zone=time_zone,
        ),
        uses=record.uses.filter(inside),
        assumptions=(stored.assumption.sentence,),
    )


def _plug_ins(stored: StoredCase) -> tuple[datetime, datetime]:
    plugged = sessions(stored.settings.warehouse_path, site=stored.site)["plug_start"]
    first, last = plugged.min(), plugged.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        raise RecordMissingError(
            f"there are no sessions of {stored.site!r}",
            where="sessions",
            hint="import its log first",
        )
    return first, last


def _read(
    stored: StoredCase,
    span: tuple[datetime, datetime],
    *,
    start: datetime,
    end: datetime,
    needs_uses: bool = True,
) -> SiteRecord:
    path, assumption, site = stored.settings.warehouse_path, stored.assumption, stored.site
    if stored.meter_id is None:
        load = load_profile(path, assumption=assumption, start=start, end=end, site=site)
    else:
        load = meter_load(path, stored.meter_id, start=start, end=end)
    uses = UseFrame.create_empty()
    if needs_uses:
        uses = use_profile(path, assumption=assumption, start=start, end=end, site=site)
    return SiteRecord(*span, start=start, end=end, load=load, uses=uses)


def _period(last: datetime, asked: CaseFiles | StoredCase, *, time_zone: ZoneInfo) -> BillingPeriod:
    first_day, end_day = asked.first_day, asked.end_day
    if first_day is not None and end_day is not None:
        return BillingPeriod(
            start=local_instant(first_day, time(0), time_zone=time_zone),
            end=local_instant(end_day, time(0), time_zone=time_zone),
        )
    if first_day is not None or end_day is not None:
        raise LoadError(
            "a billing period needs both its days",
            where="--from, --to",
            hint="give the days of both reads, or neither for the last month",
        )
    return calendar_month(last, time_zone)
