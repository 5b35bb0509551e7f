"""A page opened through the router, and what stands on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import pandas as pd
from streamlit.testing.v1 import AppTest

from depotlib.ui.command import copy_key
from depotlib.ui.entry import page_of
from tests.places import ROOT

PATIENCE_S = 120
"""A page plans a night in here, on a machine that does other things."""


def opened(
    title: str, query: dict[str, str] | None = None, *, user: dict[str, object] | None = None
) -> AppTest:
    """Return a page after its first run.

    Streamlit knows the other pages only after Home has run: that is done without a depot, as all
    that Home works out is for nobody here.
    """
    app = AppTest.from_file(str(ROOT / "depotlib" / "ui" / "entry.py"), default_timeout=PATIENCE_S)
    for name, value in (query or {}).items():
        app.query_params[name] = value
    app.user = user or {}
    with _no_depot():
        app.run()
    app.switch_page(str(page_of(title).path))
    for name, value in (query or {}).items():
        app.query_params[name] = value
    return sound(app.run())


@contextmanager
def _no_depot() -> Iterator[None]:
    home = os.environ["DEPOT_HOME"]
    with TemporaryDirectory() as empty:
        os.environ["DEPOT_HOME"] = empty
        try:
            yield
        finally:
            os.environ["DEPOT_HOME"] = home


def sound(app: AppTest) -> AppTest:
    """Return the page if nothing on it says that it broke."""
    assert not app.exception, [one.message for one in app.exception]
    return app


def numbers(app: AppTest) -> dict[str, str]:
    """Return what the page's figures say, by their labels."""
    return {metric.label: metric.value for metric in app.metric}


def words(app: AppTest) -> str:
    """Return all sentences of a page, as they were written, without their escapes."""
    parts = [*app.markdown, *app.caption, *app.info, *app.success, *app.error, *app.warning]
    return "\n".join(part.value for part in parts).replace("\\", "")


def shown(app: AppTest, column: str) -> pd.DataFrame:
    """Return the first table of a page with a column of this name."""
    return next(one.value for one in app.dataframe if column in one.value.columns)


def copied(app: AppTest, first: str) -> list[str]:
    """Return what a page offers to copy into a shell, once that is open; named by its first command."""
    app.session_state[copy_key(first)] = True
    return [one.value for one in sound(app.run()).code]
