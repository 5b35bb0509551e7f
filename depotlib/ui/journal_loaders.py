"""What the journal of the live side tells, kept until it has another record."""

from datetime import date, datetime

import streamlit as st

from depotlib.model.reconciliation import NightReconciliation
from depotlib.settings import Settings
from depotlib.ui.loaders import FileStamp, warehouse_stamp
from depotlib.workflows.collect_journal import Collected, collect_journal, journal_mark
from depotlib.workflows.reconcile_night import reconcile_night


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


@st.cache_resource(show_spinner="Collecting what the stations did …", max_entries=4)
def _collected(
    stamp: FileStamp, *, mark: tuple[int, str], _settings: Settings, _now: datetime
) -> Collected:
    assert stamp[0]
    assert mark[0] >= 0
    return collect_journal(_settings, now=_now)


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
