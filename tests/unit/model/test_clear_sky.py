"""A clear sky: the sun is where almanacs have it, and gives what it gives at its height."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from depotlib.model.clear_sky import PERFORMANCE_SHARE, clear_sky_share
from depotlib.model.position import Position

EQUATOR = Position(0.0, 0.0)
NEW_YORK = Position(40.71, -74.01)


def test_under_the_zenith_a_plant_gives_what_haurwitz_has():
    # Haurwitz 1945: 1.098 exp(-0.057) = 1.037 kW on a square metre with the sun overhead.
    most = max(
        clear_sky_share(datetime(2026, 3, 21, 12, tzinfo=UTC) + timedelta(minutes=step), EQUATOR)
        for step in range(-30, 31)
    )

    assert most == pytest.approx(1.037 * PERFORMANCE_SHARE, rel=0.002)


def test_the_sun_rises_and_sets_when_the_almanac_says():
    # 2 November in New York, by the almanac: sunrise 06:27, sunset 16:51. The bent light and the
    # sun's half width are 4 to 5 minutes at each end, Cooper's declination up to 3: within one
    # interval of a plan.
    zone = ZoneInfo("America/New_York")
    day = datetime(2026, 11, 2, tzinfo=zone)
    light = [
        day + timedelta(minutes=step)
        for step in range(24 * 60)
        if clear_sky_share(day + timedelta(minutes=step), NEW_YORK) > 0
    ]

    assert abs(light[0] - datetime(2026, 11, 2, 6, 27, tzinfo=zone)) < timedelta(minutes=15)
    assert abs(light[-1] - datetime(2026, 11, 2, 16, 51, tzinfo=zone)) < timedelta(minutes=15)


def test_an_instant_is_one_whatever_zone_names_it():
    noon = datetime(2026, 6, 21, 17, tzinfo=UTC)

    assert clear_sky_share(noon, NEW_YORK) == pytest.approx(
        clear_sky_share(noon.astimezone(ZoneInfo("Asia/Tokyo")), NEW_YORK), abs=0.002
    )
