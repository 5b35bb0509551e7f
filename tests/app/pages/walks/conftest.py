"""What walks through the pages share: one browser and one depot in the middle of its night a module."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from depotlib.settings import Settings
from depotlib.workflows.background_job import cancel_job, latest_jobs
from depotlib.workflows.import_files import import_files
from tests.app.browser import desk, launched
from tests.app.pages.conftest import CLOCK
from tests.app.pages.running_night import begin_night
from tests.app.workbench import served
from tests.places import DATA

SECOND_TARIFF = DATA / "tariffs" / "pge_a10_tou_secondary_2020.json"


@dataclass(frozen=True)
class Workbench:
    """The pages of a depot, served.

    Parameters
    ----------
    settings : Settings
    address : str
    """

    settings: Settings
    address: str


@pytest.fixture(scope="module")
def workbench(kept_leeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Serve a depot with a log and two tariffs behind it, in the middle of its night."""
    settings = Settings(home=tmp_path_factory.mktemp("walks") / "home", clock=CLOCK)
    shutil.copytree(kept_leeds, settings.home)
    (imported,) = import_files([SECOND_TARIFF], settings=settings, now=settings.depot_clock().now())
    assert imported.error is None
    begin_night(settings)
    with served(settings.home, clock=CLOCK) as address:
        yield Workbench(settings, address)
        for seen in latest_jobs(settings, kind="study"):
            if seen.is_open:
                cancel_job(settings, seen.job.job_id)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, workbench: Workbench) -> Iterator[Page]:
    """Return a page of somebody who was never here."""
    with desk(browser, workbench.address) as context:
        yield context.new_page()
