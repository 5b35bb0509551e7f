"""Bays on the ground: rows in metres or degrees, laid out from a corner, saved with the site."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.errors import ModelError, SiteFileError
from depotlib.model.position import Position
from depotlib.model.site_file import site_from_tables, tables_from_toml
from depotlib.model.site_tables import SiteTables
from depotlib.model.yard import RowLayout, Yard
from depotlib.settings import Settings
from depotlib.workflows.lay_out_yard import (
    bays_meant,
    in_rows,
    rows_in_degrees,
    rows_in_metres,
    with_ground,
    with_rows,
    with_yard,
    yard_of,
    yard_row,
)
from depotlib.workflows.set_up_depot import (
    read_set_up,
    return_to,
    save_site_tables,
    save_site_text,
    site_to_toml,
)

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
# At 60 degrees of latitude: 111.195 km a degree north, cos 60 = half of it a degree east.
GROUND = {"corner_latitude_degrees": 60.0, "corner_longitude_degrees": 10.0}
SITE = """
[depot]
depot_id = "yard"
name = "Our yard"
time_zone = "Europe/Oslo"
[grid]
service_kw = 90.0
operating_limit_kw = 90.0
[[station]]
station_id = "A"
max_kw = 11.0
safe_limit_kw = 0.0
[[station]]
station_id = "B"
max_kw = 11.0
safe_limit_kw = 0.0
[[station]]
station_id = "D"
max_kw = 50.0
safe_limit_kw = 0.0
current_type = "DC"
connectors = 2
"""


@pytest.fixture
def site() -> SiteTables:
    return tables_from_toml(SITE, where="a test")


@pytest.fixture
def empty(site) -> Yard:
    return with_ground(GROUND, yard=yard_of(site))


def positions(site: SiteTables) -> list[Position | None]:
    return [one.position for one in site_from_tables(site, where="a test").depot.connectors()]


def places(yard: Yard) -> list[tuple[float, float] | None]:
    return [yard.place_m(bay) for bay in yard.bays]


def test_metres_of_a_row_become_degrees_of_the_site_file(site, empty):
    yard = with_rows([{"connector_id": "A/1", "east_m": 55.5975, "north_m": 111.195}], yard=empty)

    after = with_yard(site, yard)

    # 111.195 m are a thousandth of a degree north, 55.5975 m one east.
    ((latitude_degrees, longitude_degrees),) = after.station[0].positions_degrees
    assert latitude_degrees == pytest.approx(60.001, abs=1e-7)
    assert longitude_degrees == pytest.approx(10.001, abs=1e-7)
    assert positions(after)[1:] == [None, None, None]
    assert after.yard is not None
    assert after.yard.corner() == Position(60.0, 10.0)


def test_degrees_of_a_row_are_kept_as_they_were_written(site, empty):
    row = {"connector_id": "B/1", "latitude_degrees": 60.001, "longitude_degrees": 10.001}

    yard = with_rows([row], yard=empty)

    assert places(yard)[1] == (55.6, 111.2)
    assert positions(with_yard(site, yard))[1] == Position(60.001, 10.001)


def test_a_row_that_was_left_as_it_was_shown_keeps_every_digit(site, empty):
    exact = Position(60.00012345678, 10.00087654321)
    known = with_rows(
        [{"connector_id": "A/1", "latitude_degrees": exact.latitude_degrees,
          "longitude_degrees": exact.longitude_degrees}],
        yard=empty,
    )  # fmt: skip

    for rows in (rows_in_metres(known), rows_in_degrees(known)):
        assert with_rows([asdict(one) for one in rows], yard=known) == known


def test_with_another_corner_metres_move_the_bays_and_degrees_do_not(empty):
    known = with_rows([{"connector_id": "A/1", "east_m": 10.0, "north_m": 20.0}], yard=empty)
    metres, degrees = rows_in_metres(known), rows_in_degrees(known)

    moved = with_ground(GROUND | {"corner_latitude_degrees": 60.001}, yard=known)

    # 111.195 m further north.
    assert places(with_rows([asdict(one) for one in metres], yard=moved))[0] == (10.0, 20.0)
    assert places(with_rows([asdict(one) for one in degrees], yard=moved))[0] == (
        pytest.approx(10.0, abs=0.01),
        pytest.approx(20.0 - 111.195, abs=0.01),
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"connector_id": "X/1"}, "no connector 'X/1'"),
        ({"connector_id": "A/1", "east_m": 1.0}, "A/1 has metres east, but not metres north"),
        ({"connector_id": "A/1", "latitude_degrees": 91.0, "longitude_degrees": 0.0}, "no place"),
        ({"connector_id": "A/1", "east_m": "far", "north_m": 1.0}, "'far' is no number for metres east"),
        ({"connector_id": "A/1", "east_m": float("inf"), "north_m": 1.0}, "inf is no number"),
        (
            {"connector_id": "A/1", "east_m": 1.0, "north_m": 1.0, "latitude_degrees": 60.0,
             "longitude_degrees": 10.0},
            "metres and degrees",
        ),
        ({"connector_id": "B/1"}, "has a row already"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_place_is_told_by_its_number(empty, row, message):
    with pytest.raises(ModelError, match=message) as told:
        with_rows([{"connector_id": "B/1"}, row], yard=empty)

    assert told.value.where == "the bays, row 2"
    assert told.value.hint


def test_metres_without_a_corner_are_refused(site):
    with pytest.raises(ModelError, match="corner, which is not known") as told:
        with_rows([{"connector_id": "A/1", "east_m": 1.0, "north_m": 1.0}], yard=yard_of(site))

    assert told.value.where == "the bays, row 1"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"corner_latitude_degrees": 60.0}, "its corner has a latitude, but not a longitude"),
        (GROUND | {"corner_latitude_degrees": 91.0}, "no place on the globe"),
        (GROUND | {"width_m": 0.0}, "reaches 0 m to the east"),
        ({"depth_m": 20.0}, "counts from its corner"),
    ],
)
def test_a_yard_that_cannot_be_is_refused(site, row, message):
    with pytest.raises(ModelError, match=message):
        with_ground(row, yard=yard_of(site))


def test_bays_stand_in_rows_from_one_corner(empty):
    layout = RowLayout(bays_per_row=3, pitch_m=3.0, row_gap_m=8.0, east_m=2.0, north_m=5.0)

    yard = in_rows(empty, layout, of=bays_meant(empty, "all"))

    # Eastward, 3 m from bay to bay; the fourth begins the next row, 8 m to the left: north.
    assert places(yard) == [(2.0, 5.0), (5.0, 5.0), (8.0, 5.0), (2.0, 13.0)]


@pytest.mark.parametrize(
    ("heading_degrees", "row_gap_m", "expected"),
    [
        # To the north, the next row to the left: west.
        (0.0, 8.0, [(0.0, 0.0), (0.0, 4.0), (-8.0, 0.0), (-8.0, 4.0)]),
        # To the west, the next row to the right: north.
        (270.0, -8.0, [(0.0, 0.0), (-4.0, 0.0), (0.0, 8.0), (-4.0, 8.0)]),
        # To the north-east: 4 m along are 4 / sqrt(2) = 2.83 m east and north.
        (45.0, 4.0, [(0.0, 0.0), (2.83, 2.83), (-2.83, 2.83), (0.0, 5.66)]),
    ],
)
def test_a_row_runs_where_the_compass_says(empty, heading_degrees, row_gap_m, expected):
    layout = RowLayout(2, pitch_m=4.0, row_gap_m=row_gap_m, heading_degrees=heading_degrees)

    assert places(in_rows(empty, layout, of=bays_meant(empty, "all"))) == expected


def test_a_word_means_all_those_without_a_place_or_a_pool(empty):
    some = in_rows(empty, RowLayout(9), of=("A/1",))

    assert bays_meant(some, "unplaced") == ("B/1", "D/1", "D/2")
    assert bays_meant(some, "dc") == ("D/1", "D/2")
    with pytest.raises(ModelError, match="means none") as told:
        bays_meant(some, "north")
    assert "ac, dc" in told.value.hint
    with pytest.raises(ModelError, match="means none"):
        bays_meant(in_rows(empty, RowLayout(9), of=bays_meant(empty, "all")), "unplaced")


def test_a_station_with_a_place_for_one_of_its_bays_is_refused(site, empty):
    with pytest.raises(ModelError, match="2 bays, and 1 of them a place"):
        with_yard(site, in_rows(empty, RowLayout(9), of=("D/1",)))


def test_without_a_stated_corner_the_south_west_of_all_bays_counts(site, empty):
    laid = in_rows(empty, RowLayout(9, east_m=7.0, north_m=3.0), of=bays_meant(empty, "all"))

    bare = with_yard(site, laid).model_copy(update={"yard": None})

    assert places(yard_of(bare)) == [(0.0, 0.0), (3.0, 0.0), (6.0, 0.0), (9.0, 0.0)]
    assert yard_of(site) == replace(empty, corner=None)
    assert yard_row(yard_of(site)) == {}


def test_a_yard_goes_through_the_site_file_unchanged_and_can_be_taken_back(site, empty, tmp_path):
    settings = Settings(home=tmp_path / "home")
    save_site_text(settings, SITE, where="a test", now=NOW)
    ground = GROUND | {"width_m": 40.0, "depth_m": 25.5}
    laid = in_rows(with_ground(ground, yard=empty), RowLayout(2), of=bays_meant(empty, "all"))

    save_site_tables(settings, with_yard(site, laid), now=NOW + timedelta(minutes=1))

    known = read_set_up(settings)
    assert known is not None
    assert known.site is not None
    assert yard_of(known.site) == laid
    assert "width_m = 40.0" in site_to_toml(known.site)
    assert [one.position for one in known.depot.connectors()] == positions(known.site)
    return_to(settings, "site", depot_id="yard", version=1, now=NOW + timedelta(minutes=2))
    back = read_set_up(settings)
    assert back is not None
    assert [one.position for one in back.depot.connectors()] == [None] * 4


def test_a_site_file_whose_corner_is_nowhere_is_refused(site):
    text = f"{SITE}\n[yard]\ncorner_latitude_degrees = 95.0\ncorner_longitude_degrees = 10.0\n"

    with pytest.raises(SiteFileError, match="no place on the globe"):
        site_from_tables(tables_from_toml(text, where="a test"), where="a test")
