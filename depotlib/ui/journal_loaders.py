"""What the live side tells, kept until it has written more."""

from datetime import date, datetime
from typing import Final

import streamlit as st

from depotlib.model.reconciliation import NightReconciliation
from depotlib.settings import Settings
from depotlib.ui.loaders import FileStamp, file_stamp, load_sites, warehouse_stamp
from depotlib.workflows.collect_journal import Collected, collect_journal, journal_mark
from depotlib.workflows.reconcile_night import reconcile_night
from depotlib.workflows.watch_night import NightNow, watch_night

NIGHT_S: Final = 1.0
"""As often as Live draws it."""


def load_reconciliation(settings: Settings, night: date, *, now: datetime) -> NightReconciliation:
    """Return plan against actual of a night, anew with every record and every minute."""
    return _reconciliation(
        str(settings.mailbox_path),
        mark=journal_mark(settings),
        night=night,
        minute=now.replace(second=0, microsecond=0),
        _settings=settings,
        _now=now,
    )


def collect_news(settings: Settings, *, now: datetime) -> None:
    """Bring what the stations did into the store; nothing is done while both are as they were."""
    _collected(warehouse_stamp(settings), mark=journal_mark(settings), _settings=settings, _now=now)


def collect_news_of_the_hour(settings: Settings, *, site: str, now: datetime) -> None:
    """Bring what the stations did into the store: at once while it knows none of it, then hourly.

    Bills are of months. With every record of a running night in the store, all that rests on it
    would have to be worked out again whenever somebody touches a field.

    Parameters
    ----------
    settings : Settings
    site : str
        What the depot's own sessions carry: its name.
    now : datetime
    """
    if site not in load_sites(settings):
        collect_news(settings, now=now)
        return
    hour = now.replace(minute=0, second=0, microsecond=0)
    _collected_in(str(settings.mailbox_path), hour=hour, _settings=settings, _now=now)


@st.cache_resource(show_spinner="Collecting what the stations did …", max_entries=4)
def _collected_in(path: str, *, hour: datetime, _settings: Settings, _now: datetime) -> Collected:
    assert path
    assert hour <= _now
    return collect_journal(_settings, now=_now)


@st.cache_resource(show_spinner="Collecting what the stations did …", max_entries=4)
def _collected(
    stamp: FileStamp, *, mark: tuple[int, str], _settings: Settings, _now: datetime
) -> Collected:
    assert stamp[0]
    assert mark[0] >= 0
    return collect_journal(_settings, now=_now)


def load_night_now(settings: Settings) -> NightNow | None:
    """Return the night as it is, or None where no process has ever run; at most a second old.

    Several parts of a page, and whoever else looks at it, ask within one second; what is written
    meanwhile is seen all the same.
    """
    now, path = settings.depot_clock().now(), settings.mailbox_path
    # What is written goes into the log beside the file first.
    stamps = file_stamp(path), file_stamp(path.with_name(f"{path.name}-wal"))
    second = now.replace(microsecond=0)
    return _night_now(stamps, second=second, _settings=settings, _now=now)


@st.cache_resource(show_spinner=False, max_entries=16, ttl=NIGHT_S)
def _night_now(
    stamps: tuple[FileStamp, FileStamp], *, second: datetime, _settings: Settings, _now: datetime
) -> NightNow | None:
    assert stamps[0][0]
    assert second <= _now
    return watch_night(_settings, now=_now)


@st.cache_resource(show_spinner="Laying the night beside its plan …", max_entries=8)
def _reconciliation(
    path: str,
    *,
    mark: tuple[int, str],
    night: date,
    minute: datetime,
    _settings: Settings,
    _now: datetime,
) -> NightReconciliation:
    # Whatever a night's account rests on is told by the journal: plans, briefs and what was metered.
    assert path
    assert mark[0] >= 0
    assert minute <= _now
    return reconcile_night(_settings, now=_now, night=night)
