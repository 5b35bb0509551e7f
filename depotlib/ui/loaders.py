"""Answers of workflows, kept while the files they rest on do not change. Never a connection.

Answers are frozen, so that all readers share one; nothing is copied from run to run.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from depotlib.settings import Settings
from depotlib.ui.state import PlannedNight
from depotlib.workflows.import_files import GivenFile, ImportChoices, ImportedFile, import_files
from depotlib.workflows.plan_tonight import NightAnswer, plan_tonight
from depotlib.workflows.review_demand import DemandReview, list_tariffs, review_demand
from depotlib.workflows.review_sessions import SessionReview, list_sites, review_sessions
from depotlib.workflows.review_store import StoreReview, review_store
from depotlib.workflows.sniff_files import Sniffed, sniff_files
from depotlib.workflows.tonight import Tonight, gather_tonight

FileStamp = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class DemandQuestion:
    """What a demand review is asked for."""

    site: str
    tariff_id: str
    time_zone: str
    max_kw: float
    shape: Literal["at_plug_in", "spread"] = "at_plug_in"


def warehouse_stamp(settings: Settings) -> FileStamp:
    """Return what changes whenever the store does."""
    path = settings.warehouse_path
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
    """Return the tariffs of the store: id to name."""
    return _tariffs(warehouse_stamp(settings), _settings=settings)


def load_demand(settings: Settings, question: DemandQuestion) -> DemandReview:
    """Return the bills of a site's sessions."""
    return _demand(warehouse_stamp(settings), question=question, _settings=settings)


def load_night(settings: Settings, night: PlannedNight) -> NightAnswer:
    """Return a night as it was planned; the same question is planned once."""
    return _night(str(settings.home), night=night, _settings=settings)


def load_tonight(settings: Settings, night: PlannedNight) -> Tonight:
    """Return the facts of a night, without a plan."""
    return _tonight(warehouse_stamp(settings), night=night, _settings=settings)


def load_trial(
    files: tuple[GivenFile, ...], *, settings: Settings, choices: ImportChoices
) -> tuple[list[Sniffed], list[ImportedFile]]:
    """Return what files are, and what importing them would do."""
    return _trial(files, choices=choices, _settings=settings)


@st.cache_resource(show_spinner=False, max_entries=4)
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
    return list_tariffs(_settings) if stamp[2] else {}


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


@st.cache_resource(
    show_spinner="Planning the night, and what others would have done …", max_entries=8
)
def _night(home: str, *, night: PlannedNight, _settings: Settings) -> NightAnswer:
    assert home
    return plan_tonight(_settings, now=night.at, choices=night.choices, occupancy=night.occupancy)


@st.cache_resource(show_spinner=False, max_entries=8)
def _tonight(stamp: FileStamp, *, night: PlannedNight, _settings: Settings) -> Tonight:
    assert stamp[0]
    return gather_tonight(_settings, now=night.at, choices=night.choices)


@st.cache_resource(show_spinner="Reading the files …", max_entries=2)
def _trial(
    files: tuple[GivenFile, ...], *, choices: ImportChoices, _settings: Settings
) -> tuple[list[Sniffed], list[ImportedFile]]:
    sniffed = sniff_files(files, time_zone=choices.time_zone)
    tried = import_files(
        files, settings=_settings, now=_settings.depot_clock().now(), choices=choices
    )
    return sniffed, tried
