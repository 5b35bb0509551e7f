"""The demo depot, loaded and planned once a test run; each test gets a copy of its own."""

import shutil
from datetime import UTC, datetime

import pytest

from depotlib.settings import Settings
from depotlib.workflows.load_demo import load_demo
from depotlib.workflows.plan_tonight import plan_of
from depotlib.workflows.tonight import gather_tonight

AFTERNOON = datetime(2026, 11, 2, 21, 45, tzinfo=UTC)
"""16:45 in New York on the reference night's own date, before the first van is home."""


@pytest.fixture(scope="session")
def loaded_demo(tmp_path_factory):
    settings = Settings(home=tmp_path_factory.mktemp("demo") / "home")
    load_demo(settings, now=AFTERNOON)
    return settings


@pytest.fixture(scope="session")
def demo_plan(loaded_demo):
    """Return tonight's facts and their plan."""
    tonight = gather_tonight(loaded_demo, now=AFTERNOON)
    return tonight, plan_of(tonight, now=AFTERNOON)


@pytest.fixture
def demo(loaded_demo, tmp_path):
    """Return the settings of a demo depot that a test may change."""
    home = tmp_path / "demo"
    shutil.copytree(loaded_demo.home, home)
    return Settings(home=home)
