"""Depots for tests of pages: none, the demo, and the demo with the Leeds log; a copy each."""

import shutil
from pathlib import Path

import pytest
import streamlit as st

from depotlib.settings import Settings, read_settings
from depotlib.workflows.import_files import import_files
from depotlib.workflows.load_demo import load_demo
from tests.app.pages.opened import opened, sound
from tests.app.pages.running_night import begin_night
from tests.places import DATA

CLOCK = "2026-11-02T16:45:00-05:00"
"""The afternoon of the reference night: 21:45 UTC."""
LEEDS = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"


def in_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DEPOT_HOME", str(home))
    monkeypatch.setenv("DEPOT_CLOCK", CLOCK)
    st.cache_resource.clear()
    return read_settings()


@pytest.fixture(scope="session")
def kept_demo(tmp_path_factory):
    settings = Settings(home=tmp_path_factory.mktemp("pages") / "demo", clock=CLOCK)
    load_demo(settings, now=settings.depot_clock().now())
    return settings.home


@pytest.fixture(scope="session")
def kept_leeds(kept_demo, tmp_path_factory):
    settings = Settings(home=tmp_path_factory.mktemp("pages") / "leeds", clock=CLOCK)
    shutil.copytree(kept_demo, settings.home)
    (imported,) = import_files([LEEDS], settings=settings, now=settings.depot_clock().now())
    assert imported.error is None
    return settings.home


@pytest.fixture
def empty(tmp_path, monkeypatch):
    return in_home(tmp_path / "home", monkeypatch)


@pytest.fixture
def demo(kept_demo, tmp_path, monkeypatch):
    shutil.copytree(kept_demo, tmp_path / "home")
    return in_home(tmp_path / "home", monkeypatch)


@pytest.fixture
def leeds(kept_leeds, tmp_path, monkeypatch):
    shutil.copytree(kept_leeds, tmp_path / "home")
    return in_home(tmp_path / "home", monkeypatch)


@pytest.fixture
def planned(demo):
    """Return the demo depot's page after the night was planned."""
    app = opened("Plan")
    app.button(key="plan_the_night").click().run()
    return sound(app)


@pytest.fixture
def running(demo):
    """Return the demo depot in the middle of a night."""
    return begin_night(demo)
