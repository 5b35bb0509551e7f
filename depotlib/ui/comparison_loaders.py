"""Tariffs beside each other as pages keep them: until the store has changed."""

import streamlit as st

from depotlib.errors import RecordMissingError
from depotlib.settings import Settings
from depotlib.ui.loaders import FileStamp, warehouse_stamp
from depotlib.workflows.compare_tariffs import (
    ComparedTariff,
    History,
    Past,
    TariffComparison,
    compare_one,
    comparison_of,
    past_of,
)
from depotlib.workflows.comparison_job import kept_tariff


def load_past(settings: Settings, history: History) -> Past:
    """Return what tariffs are compared on, of a site's sessions."""
    return _past(warehouse_stamp(settings), history=history, _settings=settings)


def load_comparison(
    settings: Settings, history: History, *, tariff_ids: tuple[str, ...]
) -> TariffComparison:
    """Return tariffs beside each other on a site's sessions.

    Each tariff is kept by itself: one more of them is the only one that is planned.
    """
    stamp = warehouse_stamp(settings)
    past = load_past(settings, history)
    compared: list[ComparedTariff] = []
    for number, tariff_id in enumerate(tariff_ids, 1):
        with st.spinner(f"Tariff {number} of {len(tariff_ids)} …"):
            compared.append(
                _compared(
                    stamp, history=history, tariff_id=tariff_id, _past=past, _settings=settings
                )
            )
    return comparison_of(past, compared)


def load_kept_comparison(
    settings: Settings, history: History, *, tariff_ids: tuple[str, ...]
) -> TariffComparison | None:
    """Return tariffs beside each other as jobs have found them; None: one of them is missing."""
    stamp, past = warehouse_stamp(settings), load_past(settings, history)
    try:
        kept = [
            _kept(stamp, history=history, tariff_id=one, _past=past, _settings=settings)
            for one in tariff_ids
        ]
    except RecordMissingError:
        return None
    return comparison_of(past, kept)


@st.cache_resource(show_spinner="Reading the sessions …", max_entries=4)
def _past(stamp: FileStamp, *, history: History, _settings: Settings) -> Past:
    assert stamp[0]
    return past_of(_settings, history)


@st.cache_resource(show_spinner=False, max_entries=128)
def _compared(
    stamp: FileStamp, *, history: History, tariff_id: str, _past: Past, _settings: Settings
) -> ComparedTariff:
    assert stamp[0]
    assert history == _past.history
    return compare_one(_settings, tariff_id, past=_past)


@st.cache_resource(show_spinner=False, max_entries=128)
def _kept(
    stamp: FileStamp, *, history: History, tariff_id: str, _past: Past, _settings: Settings
) -> ComparedTariff:
    assert stamp[0]
    assert history == _past.history
    found = kept_tariff(_settings, tariff_id, past=_past)
    if found is None:
        # Raised, for what is raised is not kept: a job may find it at any time.
        raise RecordMissingError(
            f"{tariff_id} was not planned on this past", where="comparisons", hint="plan it"
        )
    return found
