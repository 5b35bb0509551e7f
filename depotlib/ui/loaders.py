"""Answers of workflows, kept while the files they rest on do not change. Never a connection.

Answers are frozen, so that all readers share one; nothing is copied from run to run.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import streamlit as st

from depotlib.charts.demand_load import ChargeWindows
from depotlib.model.bill import Bill
from depotlib.model.column_mapping import ColumnMapping
from depotlib.settings import Settings
from depotlib.ui.state import PlannedNight
from depotlib.ui.wording import told_apart
from depotlib.workflows.allocate_bill import Split, SplitBill, split_bill
from depotlib.workflows.attribute_peak import PeakReview, attribute_peak
from depotlib.workflows.audit_bill import AuditedBill, GivenBill, audit_utility_bill
from depotlib.workflows.billing_cases import (
    SiteRecord,
    StoredCase,
    bill_of_case,
    site_record,
    with_tariff,
)
from depotlib.workflows.data_quality import SourceQuality, data_quality
from depotlib.workflows.edit_tariff import EditedTariff, TriedTariff, edited_tariff, try_tariff
from depotlib.workflows.import_files import GivenFile, ImportChoices
from depotlib.workflows.map_columns import FileTrial, remembered_mappings, try_files
from depotlib.workflows.mend_rejections import RejectedFile, rejected_file
from depotlib.workflows.plan_job import NightQuestion, answer_of_night
from depotlib.workflows.plan_tonight import NightAnswer
from depotlib.workflows.review_demand import (
    DemandReview,
    charge_windows,
    list_tariffs,
    review_demand,
)
from depotlib.workflows.review_sessions import SessionReview, list_sites, review_sessions
from depotlib.workflows.review_store import StoreReview, review_store
from depotlib.workflows.show_tariff import PriceMap, ShownTariff, priced_tariff
from depotlib.workflows.station_history import StationHistory, read_station_histories
from depotlib.workflows.tonight import Tonight, gather_tonight

FileStamp = tuple[str, int, int]
HISTORY: Final = timedelta(days=30)
DEPOTS: Final = 256
"""The switch asks every depot's store for its name in every run: fewer would push each other out."""


@dataclass(frozen=True, slots=True)
class DemandQuestion:
    """What a demand review is asked for."""

    site: str
    tariff_id: str
    time_zone: str
    max_kw: float
    shape: Literal["at_plug_in", "spread"] = "at_plug_in"


@dataclass(frozen=True, slots=True)
class BillQuestion:
    """Which bill of the stored sessions a question is about; without days: the latest month."""

    site: str
    tariff_id: str
    time_zone: str
    max_kw: float
    shape: Literal["at_plug_in", "spread"] = "at_plug_in"
    first_day: date | None = None
    end_day: date | None = None

    def case(self, settings: Settings) -> StoredCase:
        """Return it as the workflows know it."""
        return StoredCase(
            settings=settings,
            site=self.site,
            tariff_id=self.tariff_id,
            time_zone=self.time_zone,
            first_day=self.first_day,
            end_day=self.end_day,
            max_kw=self.max_kw,
            shape=self.shape,
        )


def warehouse_stamp(settings: Settings) -> FileStamp:
    """Return what changes whenever the store does."""
    return file_stamp(settings.warehouse_path)


def file_stamp(path: Path) -> FileStamp:
    """Return what changes whenever a file does."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return (str(path), 0, 0)
    return (str(path), status.st_mtime_ns, status.st_size)


def load_store(settings: Settings) -> StoreReview | None:
    """Return what the store holds, or None where there is none."""
    return _store(warehouse_stamp(settings), _settings=settings)


def load_sites(settings: Settings) -> list[str]:
    """Return the sites with sessions."""
    return _sites(warehouse_stamp(settings), _settings=settings)


def load_sessions(settings: Settings, site: str | None) -> SessionReview:
    """Return the sessions of a site, or of all."""
    return _sessions(warehouse_stamp(settings), site=site, _settings=settings)


def load_tariffs(settings: Settings) -> dict[str, str]:
    """Return the tariffs of the store: id to name, no two of which read the same."""
    return _tariffs(warehouse_stamp(settings), _settings=settings)


def load_histories(settings: Settings, *, now: datetime) -> tuple[StationHistory, ...]:
    """Return how reliable the stations were in the last 30 days, anew every minute."""
    minute = now.replace(second=0, microsecond=0)
    return _histories(str(settings.mailbox_path), minute=minute, _settings=settings)


def load_demand(settings: Settings, question: DemandQuestion) -> DemandReview:
    """Return the bills of a site's sessions."""
    return _demand(warehouse_stamp(settings), question=question, _settings=settings)


def load_windows(
    settings: Settings, tariff_id: str, *, bill: Bill, time_zone: str
) -> tuple[ChargeWindows, ...]:
    """Return when the demand charges of a bill count."""
    return _windows(
        warehouse_stamp(settings),
        tariff_id=tariff_id,
        bill=bill,
        time_zone=time_zone,
        _settings=settings,
    )


def load_bill(settings: Settings, question: BillQuestion) -> Bill:
    """Return a bill of a site's sessions."""
    return _bill(warehouse_stamp(settings), question=question, _settings=settings)


def load_peaks(settings: Settings, question: BillQuestion) -> PeakReview:
    """Return who caused the peaks of a bill."""
    return _peaks(warehouse_stamp(settings), question=question, _settings=settings)


def load_split(settings: Settings, question: BillQuestion, *, split: Split) -> SplitBill:
    """Return a bill split among vehicles or stations."""
    return _split(warehouse_stamp(settings), question=question, split=split, _settings=settings)


def load_audit(settings: Settings, question: BillQuestion, *, given: GivenBill) -> AuditedBill:
    """Return a utility's bill audited."""
    return _audit(warehouse_stamp(settings), question=question, given=given, _settings=settings)


def load_tariff(
    settings: Settings, tariff_id: str, *, year: int, time_zone: str
) -> tuple[ShownTariff, PriceMap]:
    """Return what a tariff holds, and its prices by month and hour."""
    return _tariff(
        warehouse_stamp(settings),
        tariff_id=tariff_id,
        year=year,
        time_zone=time_zone,
        _settings=settings,
    )


def load_edited_tariff(settings: Settings, tariff_id: str) -> EditedTariff:
    """Return a tariff to edit, with its versions."""
    return _edited_tariff(warehouse_stamp(settings), tariff_id=tariff_id, _settings=settings)


@st.cache_resource(show_spinner=False, max_entries=16)
def load_tried_tariff(text: str) -> TriedTariff:
    """Return what a text says that may become a tariff; one that is none is tried each time."""
    return try_tariff(text)


def load_night(settings: Settings, night: PlannedNight) -> NightAnswer:
    """Return a night as it was planned, here or as a job; the same question is planned once."""
    return _night(str(settings.home), night=night, _settings=settings)


def load_tonight(settings: Settings, night: PlannedNight) -> Tonight:
    """Return the facts of a night, without a plan."""
    return _tonight(warehouse_stamp(settings), night=night, _settings=settings)


def load_quality(settings: Settings, *, now: datetime) -> list[SourceQuality]:
    """Return how good each source of the store is on a day, the worst first."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return _quality(warehouse_stamp(settings), day=day, _settings=settings, _now=now)


def load_mappings(settings: Settings) -> tuple[ColumnMapping, ...]:
    """Return the column mappings that were confirmed here."""
    return _mappings(warehouse_stamp(settings), _settings=settings)


def load_trial(
    files: tuple[GivenFile, ...], *, settings: Settings, choices: ImportChoices
) -> FileTrial:
    """Return what files are, and what importing them would do."""
    return _trial(files, choices=choices, _settings=settings)


def load_rejected(settings: Settings, digest: str) -> RejectedFile:
    """Return the rejected records of an import, to be mended."""
    return _rejected(warehouse_stamp(settings), digest=digest, _settings=settings)


@st.cache_resource(show_spinner=False, max_entries=DEPOTS)
def _store(stamp: FileStamp, *, _settings: Settings) -> StoreReview | None:
    return review_store(_settings) if Path(stamp[0]).exists() else None


@st.cache_resource(show_spinner=False, max_entries=4)
def _sites(stamp: FileStamp, *, _settings: Settings) -> list[str]:
    return list_sites(_settings) if stamp[2] else []


@st.cache_resource(show_spinner="Reading sessions …", max_entries=8)
def _sessions(stamp: FileStamp, *, site: str | None, _settings: Settings) -> SessionReview:
    assert stamp[0]
    return review_sessions(_settings, site=site)


@st.cache_resource(show_spinner=False, max_entries=4)
def _tariffs(stamp: FileStamp, *, _settings: Settings) -> dict[str, str]:
    return told_apart(list_tariffs(_settings)) if stamp[2] else {}


@st.cache_resource(show_spinner=False, max_entries=2)
def _histories(path: str, *, minute: datetime, _settings: Settings) -> tuple[StationHistory, ...]:
    assert path
    return read_station_histories(_settings, start=minute - HISTORY, end=minute)


@st.cache_resource(show_spinner="Billing every month …", max_entries=16)
def _demand(stamp: FileStamp, *, question: DemandQuestion, _settings: Settings) -> DemandReview:
    assert stamp[0]
    return review_demand(
        _settings,
        site=question.site,
        tariff_id=question.tariff_id,
        time_zone=question.time_zone,
        max_kw=question.max_kw,
        shape=question.shape,
    )


@st.cache_resource(show_spinner=False, max_entries=16)
def _windows(
    stamp: FileStamp, *, tariff_id: str, bill: Bill, time_zone: str, _settings: Settings
) -> tuple[ChargeWindows, ...]:
    assert stamp[0]
    return charge_windows(_settings, tariff_id, bill=bill, time_zone=time_zone)


@st.cache_resource(show_spinner="Making our own bill …", max_entries=16)
def _bill(stamp: FileStamp, *, question: BillQuestion, _settings: Settings) -> Bill:
    assert stamp[0]
    return bill_of_case(question.case(_settings))


@st.cache_resource(show_spinner="Looking for who drew power then …", max_entries=16)
def _peaks(stamp: FileStamp, *, question: BillQuestion, _settings: Settings) -> PeakReview:
    return attribute_peak(_recorded(stamp, question, settings=_settings))


@st.cache_resource(show_spinner=False, max_entries=16)
def _tariff(
    stamp: FileStamp, *, tariff_id: str, year: int, time_zone: str, _settings: Settings
) -> tuple[ShownTariff, PriceMap]:
    assert stamp[0]
    return priced_tariff(_settings, tariff_id, year=year, time_zone=time_zone)


@st.cache_resource(show_spinner=False, max_entries=16)
def _edited_tariff(stamp: FileStamp, *, tariff_id: str, _settings: Settings) -> EditedTariff:
    assert stamp[0]
    return edited_tariff(_settings, tariff_id)


@st.cache_resource(show_spinner="Making the bill again in other ways …", max_entries=8)
def _audit(
    stamp: FileStamp, *, question: BillQuestion, given: GivenBill, _settings: Settings
) -> AuditedBill:
    assert stamp[0]
    return audit_utility_bill(question.case(_settings), given)


@st.cache_resource(show_spinner="Splitting the bill …", max_entries=16)
def _split(
    stamp: FileStamp, *, question: BillQuestion, split: Split, _settings: Settings
) -> SplitBill:
    return split_bill(_recorded(stamp, question, settings=_settings), split)


def _recorded(stamp: FileStamp, question: BillQuestion, *, settings: Settings) -> StoredCase:
    # Who drew what takes longer to read than all else: once for all months and tariffs.
    of_all = replace(question, first_day=None, end_day=None)
    record = _record(stamp, question=replace(of_all, tariff_id=""), _settings=settings)
    priced = _priced(stamp, question=of_all, _settings=settings)
    return replace(question.case(settings), record=record, tariff=priced.tariff)


@st.cache_resource(show_spinner=False, max_entries=16)
def _priced(stamp: FileStamp, *, question: BillQuestion, _settings: Settings) -> StoredCase:
    assert stamp[0]
    return with_tariff(question.case(_settings))


@st.cache_resource(show_spinner=False, max_entries=2)
def _record(stamp: FileStamp, *, question: BillQuestion, _settings: Settings) -> SiteRecord:
    assert stamp[0]
    return site_record(question.case(_settings))


@st.cache_resource(
    show_spinner="Planning the night, and what others would have done …", max_entries=8
)
def _night(home: str, *, night: PlannedNight, _settings: Settings) -> NightAnswer:
    assert home
    return answer_of_night(
        _settings, NightQuestion(night.at, choices=night.choices, occupancy=night.occupancy)
    )


@st.cache_resource(show_spinner=False, max_entries=8)
def _tonight(stamp: FileStamp, *, night: PlannedNight, _settings: Settings) -> Tonight:
    assert stamp[0]
    return gather_tonight(_settings, now=night.at, choices=night.choices)


@st.cache_resource(show_spinner="Judging what was imported …", max_entries=4)
def _quality(
    stamp: FileStamp, *, day: datetime, _settings: Settings, _now: datetime
) -> list[SourceQuality]:
    assert stamp[0]
    assert day <= _now
    return data_quality(_settings, now=_now)


@st.cache_resource(show_spinner=False, max_entries=4)
def _mappings(stamp: FileStamp, *, _settings: Settings) -> tuple[ColumnMapping, ...]:
    return remembered_mappings(_settings) if stamp[2] else ()


@st.cache_resource(show_spinner="Reading the files …", max_entries=2)
def _trial(
    files: tuple[GivenFile, ...], *, choices: ImportChoices, _settings: Settings
) -> FileTrial:
    return try_files(files, settings=_settings, choices=choices)


@st.cache_resource(show_spinner=False, max_entries=4)
def _rejected(stamp: FileStamp, *, digest: str, _settings: Settings) -> RejectedFile:
    del stamp
    return rejected_file(_settings, named=digest)
