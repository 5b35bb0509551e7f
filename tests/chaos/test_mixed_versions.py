"""A yard whose stations speak OCPP 1.6, 2.0.1 and 2.1 by turns: armed, pushed, followed, swapped.

Everything is read from the stations' own meters; the push is the one an operator commits.
"""

import pytest

from tests.chaos.depot_processes import DepotProcesses, wait_until
from tests.chaos.small_site import (
    FIRST_HALF,
    OPERATING_KW,
    SECOND_HALF,
    STATIONS,
    await_stations,
    draws_about,
    half_and_half,
    push,
    results_of,
    site_toml,
    start_yard,
    wait_for_end,
)

pytestmark = pytest.mark.chaos

SPEED_FACTOR = 20.0


@pytest.fixture
def depot(tmp_path):
    with DepotProcesses(tmp_path / "home", site=site_toml(), speed_factor=SPEED_FACTOR) as running:
        yield running


def versions_of(depot):
    """Return by station the version it connected with."""
    return {
        record.entry.station_id: record.entry.payload["version"]
        for record in depot.journal("station_connected")
    }


@pytest.mark.full
def test_a_killed_gateway_finds_the_sessions_of_every_version_again(depot):
    start_yard(depot, ocpp="1.6,2.0.1,2.1")
    wait_for_end(depot, push(depot, half_and_half(FIRST_HALF)))
    wait_until(lambda: draws_about(depot, half_and_half(FIRST_HALF)), "the first half charging")

    depot.kill("gateway")
    depot.live_through(30)
    depot.start_gateway()
    await_stations(depot)
    wait_for_end(depot, push(depot, half_and_half(SECOND_HALF)))
    # Frames of the killed connections are outlived after 600 s; then every raise may go out.
    wait_until(lambda: draws_about(depot, half_and_half(SECOND_HALF)), "the second half charging")

    started = [str(one.entry.connector_id) for one in depot.journal("session_started")]
    assert sorted(started) == [f"{name}/1" for name in STATIONS]
    assert depot.journal("session_ended") == []
    assert max(site_kw for _, site_kw, _ in depot.meters()) <= OPERATING_KW


def test_a_push_reaches_stations_of_every_version_and_their_meters_follow(depot):
    start_yard(depot, ocpp="1.6,2.0.1,2.1")
    first = push(depot, half_and_half(FIRST_HALF))
    wait_for_end(depot, first)
    wait_until(lambda: draws_about(depot, half_and_half(FIRST_HALF)), "the first half charging")
    proven = {"read_back", "metered"}
    wait_until(
        lambda: {result.state for result in results_of(depot, first).values()} <= proven,
        "every station's limit read back or seen in its meter",
    )
    second = push(depot, half_and_half(SECOND_HALF))
    wait_for_end(depot, second)
    wait_until(lambda: draws_about(depot, half_and_half(SECOND_HALF)), "the second half charging")

    assert versions_of(depot) == dict(zip(STATIONS, ["1.6", "2.0.1", "2.1"] * 4, strict=True))
    started = depot.journal("session_started")
    assert sorted(str(one.entry.connector_id) for one in started) == [
        f"{name}/1" for name in STATIONS
    ]
    identified = {one.entry.payload["vehicle_id"] for one in started}
    assert identified == {f"van-{name}" for name in STATIONS}
    assert {one.state for one in results_of(depot, second).values()} <= {"accepted", *proven}
    # A swap without waiting would come to 79.2 kW.
    assert max(site_kw for _, site_kw, _ in depot.meters()) <= OPERATING_KW
