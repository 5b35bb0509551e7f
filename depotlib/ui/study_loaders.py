"""What studies hold, kept while their files do not change."""

from datetime import datetime
from pathlib import Path

import streamlit as st

from depotlib.model.live import Scalar
from depotlib.settings import Settings
from depotlib.ui.loaders import FileStamp, warehouse_stamp
from depotlib.workflows.declare_study import (
    present_values,
    results_folder,
    study_currency,
)
from depotlib.workflows.run_study import StudyState, show_study


def load_present_values(settings: Settings, *, now: datetime) -> dict[str, Scalar]:
    """Return where the parameters of a study stand at the depot as it is."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return _present(warehouse_stamp(settings), hour=hour, _settings=settings)


def load_currency(path: Path) -> str:
    """Return the currency of a study's bills."""
    status = path.stat()
    return _currency((str(path), status.st_mtime_ns, status.st_size))


def load_results(settings: Settings, path: Path) -> StudyState:
    """Return what the results of a study say so far, read anew once a result or a table is new."""
    folder = results_folder(settings)
    return _results(
        str(path), tables=_newest(path.parent), results=_newest(folder), _path=path, _folder=folder
    )


def _newest(folder: Path) -> tuple[tuple[str, int], ...]:
    """Return what changes whenever a file of a folder, or of one in it, comes, goes or is replaced."""
    if not folder.exists():
        return ()
    inside = [(one.name, one.stat().st_mtime_ns) for one in sorted(folder.iterdir())]
    return (("", folder.stat().st_mtime_ns), *inside)


@st.cache_resource(show_spinner=False, max_entries=4)
def _results(
    study: str,
    *,
    tables: tuple[tuple[str, int], ...],
    results: tuple[tuple[str, int], ...],
    _path: Path,
    _folder: Path,
) -> StudyState:
    assert study, (tables, results)
    return show_study(_path, _folder)


@st.cache_resource(show_spinner=False, max_entries=4)
def _present(stamp: FileStamp, *, hour: datetime, _settings: Settings) -> dict[str, Scalar]:
    assert stamp[0]
    return present_values(_settings, now=hour)


@st.cache_resource(show_spinner=False, max_entries=16)
def _currency(stamp: FileStamp) -> str:
    return study_currency(Path(stamp[0]))
