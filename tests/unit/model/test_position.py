"""Places: distances within a yard, bays in the site file, and what is no place."""

import pytest

from depotlib.errors import ModelError, SiteFileError
from depotlib.model.position import Position
from depotlib.model.site_file import site_from_toml
from tests.conformance.gateway_process import SITE

STATION = """
[[station]]
station_id = "DC-9"
max_kw = 50
safe_limit_kw = 0
connectors = 2
"""


def test_a_thousandth_of_a_degree_is_111_metres_to_the_north_and_less_to_the_east():
    yard = Position(60.0, 10.0)

    east_km, north_km = yard.offset_km(Position(60.001, 10.001))

    # 6,371.009 km x pi / 180 / 1000 = 0.11120 km; times cos 60 degrees = 0.5 to the east.
    assert north_km == pytest.approx(0.11120, abs=1e-5)
    assert east_km == pytest.approx(0.05560, abs=1e-5)
    assert yard.distance_km(Position(60.001, 10.001)) == pytest.approx(0.12432, abs=1e-4)


@pytest.mark.parametrize("yard", [Position(60.0, 10.0), Position(-33.9, 151.2)])
def test_so_far_east_and_north_is_the_way_back_of_how_far_it_is(yard):
    there = yard.beside(0.0556, 0.1112)

    # As above: at 60 degrees 0.0556 km east and 0.1112 km north are a thousandth of a degree each.
    assert yard.offset_km(there) == pytest.approx((0.0556, 0.1112), abs=1e-6)
    if yard.latitude_degrees == 60.0:
        assert there.latitude_degrees == pytest.approx(60.001, abs=1e-6)
        assert there.longitude_degrees == pytest.approx(10.001, abs=1e-6)


def test_east_of_the_date_line_counts_from_the_west_and_beyond_a_pole_is_nowhere():
    there = Position(0.0, 179.9999).beside(0.1, 0.0)

    # 0.1 km are 0.0009 degrees at the equator.
    assert there.longitude_degrees == pytest.approx(-179.9992, abs=1e-4)
    with pytest.raises(ModelError, match="no place"):
        Position(89.9999, 0.0).beside(0.0, 1.0)


def test_across_the_date_line_is_not_around_the_globe():
    assert Position(0.0, 179.9995).distance_km(Position(0.0, -179.9995)) < 0.12


@pytest.mark.parametrize("place", [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0)])
def test_what_is_not_on_the_globe_is_refused(place):
    with pytest.raises(ModelError, match="no place"):
        Position(*place)


def test_a_site_file_says_where_each_bay_is():
    text = f"{SITE}{STATION}positions_degrees = [[40.7, -74.0], [40.7001, -74.0]]\n"

    depot = site_from_toml(text, where="x").depot

    found = [one.position for one in depot.stations[-1].connectors()]
    assert found == [Position(40.7, -74.0), Position(40.7001, -74.0)]
    assert next(depot.stations[0].connectors()).position is None


def test_a_bay_for_one_connector_of_two_is_refused():
    with pytest.raises(SiteFileError, match="2 connectors and 1 positions"):
        site_from_toml(f"{SITE}{STATION}positions_degrees = [[40.7, -74.0]]\n", where="x")
