"""The demo depot's night, planned once for all requirements."""

from datetime import UTC, date, datetime

import pytest

from depotlib.settings import Settings
from depotlib.workflows.load_demo import load_demo
from depotlib.workflows.plan_tonight import NightAnswer, plan_tonight
from depotlib.workflows.tonight import NightChoices

EVENING = date(2026, 11, 2)
AFTERNOON = datetime(2026, 11, 2, 20, tzinfo=UTC)  # 15:00 at the depot


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("demo"))
    load_demo(settings, now=AFTERNOON, night=EVENING)
    return settings


@pytest.fixture(scope="session")
def answer(demo: Settings) -> NightAnswer:
    return plan_tonight(demo, now=AFTERNOON, choices=NightChoices(evening=EVENING))
