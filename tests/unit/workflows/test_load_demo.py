"""The demo depot moves to any night, on the wall clock of the depot, through the real import."""

from datetime import UTC, date, datetime, timedelta

import pytest

from depotlib.errors import MissingFileError
from depotlib.settings import Settings
from depotlib.store.catalogue import chosen_depot_id, chosen_tariff_id, load_duties, tariff_ids
from depotlib.store.sessions import sessions
from depotlib.store.telematics import telematics
from depotlib.workflows import load_demo as workflow
from depotlib.workflows.load_demo import load_demo, night_sheet_path
from depotlib.workflows.tonight import NightChoices, gather_tonight
from tests.unit.conftest import AFTERNOON

ALL_TIME = {"start": datetime(2020, 1, 1, tzinfo=UTC), "end": datetime(2030, 1, 1, tzinfo=UTC)}
VAN = "van-01"
# data/demo/duties.csv: van-01 is back at 17:00 on the evening and leaves at 05:30 next morning.
BACK_H, LEAVES_H = 17.0, 5.5


def stay_of_first_van(tmp_path, evening: date):
    """Return arrival and departure of the first van in a demo moved to an evening."""
    settings = Settings(home=tmp_path / evening.isoformat())
    load_demo(settings, now=AFTERNOON, night=evening)
    night = gather_tonight(settings, now=AFTERNOON, choices=NightChoices(evening=evening))
    assert len(night.dwells) == 60
    (dwell,) = [one for one in night.dwells if one.vehicle_id == VAN]
    return dwell.arrival, dwell.departure


def test_a_second_load_changes_nothing(demo):
    before = (
        telematics(demo.warehouse_path, **ALL_TIME).height,
        len(tariff_ids(demo.warehouse_path)),
    )

    again = load_demo(demo, now=AFTERNOON + timedelta(minutes=5))

    after = (
        telematics(demo.warehouse_path, **ALL_TIME).height,
        len(tariff_ids(demo.warehouse_path)),
    )
    assert after == before
    assert [file.report.stored for file in again.files if file.report] == [0, 0, 0, 0]
    assert all(file.report.is_repeat for file in again.files if file.report)


def test_everything_that_a_night_rests_on_is_chosen(demo):
    depot_id = chosen_depot_id(demo.warehouse_path)

    assert depot_id == "demo"
    assert chosen_tariff_id(demo.warehouse_path, depot_id) in tariff_ids(demo.warehouse_path)
    assert len(load_duties(demo.warehouse_path, depot_id)) == 120  # 60 vans: today's and the next
    # data/demo/geotab_charge_events.json: one charge event of the night before for 30 vans
    assert sessions(demo.warehouse_path).height == 30


def test_without_a_night_it_is_today_at_the_depot(tmp_path):
    # 03:00 UTC on 3 November is still the evening of the 2nd in New York.
    loaded = load_demo(Settings(home=tmp_path), now=datetime(2026, 11, 3, 3, tzinfo=UTC))

    assert loaded.night == date(2026, 11, 2)


@pytest.mark.parametrize(
    ("evening", "utc_back_h", "utc_leaves_h"),
    [
        pytest.param(date(2026, 11, 2), 5, 5, id="the night itself, UTC-5"),
        pytest.param(date(2027, 7, 14), 4, 4, id="summer, UTC-4"),
        pytest.param(date(2026, 10, 31), 4, 5, id="clocks go back at 02:00 on 1 November 2026"),
        pytest.param(date(2027, 3, 13), 5, 4, id="clocks go forward at 02:00 on 14 March 2027"),
    ],
)
def test_a_moved_night_keeps_the_wall_clock_of_the_depot(
    tmp_path, evening, utc_back_h, utc_leaves_h
):
    arrival, departure = stay_of_first_van(tmp_path, evening)

    midnight = datetime(evening.year, evening.month, evening.day, tzinfo=UTC)
    assert arrival == midnight + timedelta(hours=BACK_H + utc_back_h)
    assert departure == midnight + timedelta(days=1, hours=LEAVES_H + utc_leaves_h)


def test_readings_move_with_the_night(demo, tmp_path):
    moved = Settings(home=tmp_path / "moved")
    load_demo(moved, now=AFTERNOON, night=date(2026, 11, 9))

    original = telematics(demo.warehouse_path, **ALL_TIME)
    later = telematics(moved.warehouse_path, **ALL_TIME)
    assert later["at"].to_list() == [at + timedelta(days=7) for at in original["at"].to_list()]
    assert later["soc"].to_list() == original["soc"].to_list()


def test_an_incomplete_checkout_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(workflow, "DEMO", tmp_path)

    with pytest.raises(MissingFileError, match="duties") as refused:
        load_demo(Settings(home=tmp_path / "home"), now=AFTERNOON)

    assert refused.value.hint == "the checkout is not complete"


def test_the_yard_sheet_lies_in_the_home(tmp_path):
    assert night_sheet_path(Settings(home=tmp_path)) == tmp_path / "virtual" / "night.toml"
