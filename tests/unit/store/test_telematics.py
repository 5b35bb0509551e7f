from pathlib import Path

import pytest

from depotlib.model.frames import TelematicsFrame
from depotlib.store.telematics import latest_telematics, telematics
from tests.unit.store.samples import MIDNIGHT, after, import_telematics, reading_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    import_telematics(
        path,
        reading_of("v2", minute=0, row=1, odometer_km=10.0),
        reading_of("v1", minute=0, row=2, soc=0.4, is_plugged=False),
        reading_of("v1", minute=30, row=3, odometer_km=99.0),
        reading_of("v1", minute=60, row=4, soc=0.8),
    )
    return path


def test_readings_are_asked_by_half_open_span(path: Path):
    found = TelematicsFrame.validate(telematics(path, start=MIDNIGHT, end=after(minutes=60)))

    assert found.select("vehicle_id", "at").rows() == [
        ("v1", MIDNIGHT),
        ("v1", after(minutes=30)),
        ("v2", MIDNIGHT),
    ]


def test_the_latest_of_each_measurand_carries_the_age_of_the_state_of_charge(path: Path):
    found = TelematicsFrame.validate(latest_telematics(path, after(minutes=45)))

    columns = ["vehicle_id", "at", "soc", "odometer_km", "is_plugged"]
    assert found.select(columns).rows() == [
        ("v1", MIDNIGHT, 0.4, 99.0, False),
        ("v2", MIDNIGHT, None, 10.0, None),
    ]


def test_nothing_is_known_before_the_first_reading(path: Path):
    assert latest_telematics(path, after(minutes=-1)).is_empty()
