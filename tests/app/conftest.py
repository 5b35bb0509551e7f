"""One whole night for all tests that look at it: it is long, and plays while the others run."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.app.whole_night import MeteredNight, WholeNight, metered_night, wait_for

LAST_DEPARTURE = datetime.fromisoformat("2026-11-03T07:30:00-05:00")


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeNight]:
    night = WholeNight(home=tmp_path_factory.mktemp("whole_night"))
    night.start()
    yield night
    night.stop()


@pytest.fixture(scope="session")
def morning(night: WholeNight) -> MeteredNight:
    """Wait for the last departure, and read the meters."""
    wait_for(lambda: night.clock.now() > LAST_DEPARTURE, within_s=1500, what="the morning")
    return metered_night(night.home)
