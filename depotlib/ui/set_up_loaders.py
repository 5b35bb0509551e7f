"""How a depot is set up, and every version of it, kept while its store does not change."""

from collections.abc import Mapping

import streamlit as st

from depotlib.settings import Settings
from depotlib.ui.loaders import FileStamp, warehouse_stamp
from depotlib.workflows.audit_trail import AuditLine, version_lines
from depotlib.workflows.set_up_depot import (
    DepotSetUp,
    Edited,
    SavedVersion,
    read_set_up,
    read_versions,
)


def load_set_up(settings: Settings) -> DepotSetUp | None:
    """Return how the chosen depot is set up; None where there is none yet."""
    return _set_up(warehouse_stamp(settings), _settings=settings)


def load_versions(settings: Settings, kind: Edited, *, depot_id: str) -> tuple[SavedVersion, ...]:
    """Return the versions of what is edited of a depot, the newest and the one in use first."""
    return _versions(warehouse_stamp(settings), kind=kind, depot_id=depot_id, _settings=settings)


def load_version_lines(settings: Settings) -> Mapping[str, AuditLine]:
    """Return the versions of the set-up as lines of the audit, by what a record calls them."""
    return _version_lines(warehouse_stamp(settings), _settings=settings)


@st.cache_resource(show_spinner=False, max_entries=8)
def _set_up(stamp: FileStamp, *, _settings: Settings) -> DepotSetUp | None:
    return read_set_up(_settings) if stamp[2] else None


@st.cache_resource(show_spinner=False, max_entries=32)
def _versions(
    stamp: FileStamp, *, kind: Edited, depot_id: str, _settings: Settings
) -> tuple[SavedVersion, ...]:
    assert stamp[0]
    return read_versions(_settings, kind, depot_id=depot_id)


@st.cache_resource(show_spinner=False, max_entries=8)
def _version_lines(stamp: FileStamp, *, _settings: Settings) -> Mapping[str, AuditLine]:
    assert stamp[0]
    return version_lines(_settings)
