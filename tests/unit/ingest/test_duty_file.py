"""Duties come from a CSV whole, or not at all with the file and line that stop it."""

from datetime import UTC, datetime

import pytest

from depotlib.errors import DutyError
from depotlib.ingest.duty_file import duties_from_csv
from depotlib.model.calendar import zone
from tests.places import DATA

NEW_YORK = zone("America/New_York")
HEAD = "duty_id,vehicle_id,departure_local,return_local,distance_km\n"
GOOD = "d1,van-1,2026-11-02T05:30,2026-11-02T17:00,120.5\n"


def test_local_times_are_the_depots():
    (duty,) = duties_from_csv(HEAD + GOOD, where="duties.csv", time_zone=NEW_YORK)

    # Eastern Standard Time is UTC-5.
    assert duty.departure == datetime(2026, 11, 2, 10, 30, tzinfo=UTC)
    assert duty.distance_km == 120.5


def test_an_offset_in_the_file_is_kept():
    text = HEAD + "d1,van-1,2026-11-02T05:30+01:00,2026-11-02T17:00+01:00,120\n"

    (duty,) = duties_from_csv("\ufeff" + text, where="duties.csv", time_zone=NEW_YORK)

    assert duty.departure == datetime(2026, 11, 2, 4, 30, tzinfo=UTC)


def test_the_demo_depot_has_two_duties_a_van():
    text = (DATA / "demo" / "duties.csv").read_text()

    # 60 vans: the duty they are on and the next.
    assert len(duties_from_csv(text, where="duties.csv", time_zone=NEW_YORK)) == 120


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("duty_id,vehicle_id\nd1,van-1\n", "line 1", "departure_local"),
        (HEAD, "duties.csv", "no duty"),
        ("", "line 1", "missing"),
        (HEAD + GOOD + "d2,van-1,2026-11-02T17:00,2026-11-02T05:30,10\n", "line 3", "returns"),
        (HEAD + "d1,van-1,2026-11-02T05:30,2026-11-02T17:00,-5\n", "line 2", "-5"),
        (HEAD + "d1,van-1,2026-11-02T05:30,2026-11-02T17:00,far\n", "line 2", "far"),
        (HEAD + "d1,van-1,yesterday,2026-11-02T17:00,5\n", "line 2", "yesterday"),
        (HEAD + "d1,van-1,2026-03-08T02:30,2026-03-08T17:00,5\n", "line 2", "does not exist"),
    ],
)
def test_an_impossible_duty_stops_the_import_with_its_line(text: str, where: str, says: str):
    with pytest.raises(DutyError, match=says) as caught:
        duties_from_csv(text, where="duties.csv", time_zone=NEW_YORK)
    assert where in caught.value.where
