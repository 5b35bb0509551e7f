"""A gateway killed with signal 9 again and again under load (done-when 4 of the gateway).

Twelve vans charge and are pushed to from one half of the yard to the other; three more stations
start, meter and stop transactions without a pause. After every kill the next gateway takes over.
Whatever was acknowledged is in the journal, each real start once, and the stations' own meters at
1 s stay within the site's limit all the time.
"""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from depotlib.model.live import JournalRecord
from tests.chaos.busy_station import BusyStation
from tests.chaos.depot_processes import DepotProcesses, wait_until
from tests.chaos.small_site import (
    COUNT,
    FIRST_HALF,
    MARGIN_KW,
    MAX_KW,
    SAFE_KW,
    SECOND_HALF,
    SERVICE_KW,
    half_and_half,
    night,
    push,
    site_toml,
    station_toml,
)

pytestmark = pytest.mark.chaos

SPEED_FACTOR = 20.0
BUSY = ("BUSY-1", "BUSY-2", "BUSY-3")


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[DepotProcesses]:
    site = site_toml() + "".join(station_toml(name) for name in BUSY)
    with DepotProcesses(tmp_path / "home", site=site, speed_factor=SPEED_FACTOR) as running:
        yield running


def start_depot(depot: DepotProcesses) -> list[BusyStation]:
    """Return the busy stations, once every van is plugged in and every station armed."""
    yard_path = depot.settings.home / "yard.toml"
    yard_path.write_text(site_toml())
    depot.start_gateway(is_awaited=False)
    depot.start_virtual(night(plug_in=None), site_path=yard_path)
    depot.await_gateway()
    wait_until(lambda: depot.armed_count() == COUNT, "every van's station armed")
    depot.play(night(plug_in=depot.clock.now().replace(microsecond=0)))
    wait_until(lambda: len(depot.journal("session_started")) == COUNT, "every van plugged in")
    busy = [BusyStation(name, port=depot.settings.gateway_port, clock=depot.clock) for name in BUSY]
    for station in busy:
        station.start()
    wait_until(lambda: all(one.starts for one in busy), "the busy stations at work")
    return busy


def kill_and_restart(depot: DepotProcesses, busy: list[BusyStation], *, rng: random.Random) -> None:
    """Kill the gateway while a push and transactions are under way, and start the next one."""
    favoured = rng.choice((FIRST_HALF, SECOND_HALF))
    push(depot, half_and_half(favoured))
    before = sum(len(one.starts) for one in busy)
    wait_until(
        lambda: sum(len(one.starts) for one in busy) >= before + rng.randint(1, 12), "some starts"
    )
    depot.kill("gateway")
    depot.start_gateway()
    now_connected = COUNT + len(BUSY)
    wait_until(lambda: depot.armed_count() == now_connected, "every station back and armed")


def starts_of(records: list[JournalRecord], station_id: str) -> Counter[tuple[object, object]]:
    return Counter(
        (record.entry.at, record.entry.payload["transaction_id"])
        for record in records
        if record.entry.station_id == station_id
    )


def assert_nothing_acknowledged_is_lost(depot: DepotProcesses, busy: list[BusyStation]) -> None:
    started = depot.journal("session_started")
    metered = {(one.entry.station_id, one.entry.at) for one in depot.journal("meter")}
    ended = {one.entry.payload["transaction_id"] for one in depot.journal("session_ended")}
    for one in busy:
        counted = starts_of(started, one.station_id)
        # Every real start once, under the number that the station was told.
        assert counted == Counter((start.at, start.transaction_id) for start in one.starts)
        assert {(one.station_id, at) for at in one.sampled} <= metered
        assert set(one.stopped) <= ended
    vans = [one.entry.station_id for one in started if one.entry.station_id not in BUSY]
    assert sorted(str(name) for name in vans) == sorted((*FIRST_HALF, *SECOND_HALF))
    with depot.mailbox() as mailbox:
        verdict = mailbox.verify_journal()
    assert verdict.ok, verdict.note


def live_through_kills(depot: DepotProcesses, *, kills: int, seed: int) -> list[BusyStation]:
    busy = start_depot(depot)
    rng = random.Random(seed)
    for _ in range(kills):
        kill_and_restart(depot, busy, rng=rng)
    for one in busy:
        one.leave()
    assert_nothing_acknowledged_is_lost(depot, busy)
    meters = depot.meters()
    # The busy stations draw nothing; what they may draw by their safe limits is added.
    highest_kw = max(site_kw for _, site_kw, _ in meters) + len(BUSY) * SAFE_KW
    assert highest_kw <= SERVICE_KW - MARGIN_KW
    assert MAX_KW * COUNT > SERVICE_KW, "without limits it would be exceeded"
    return busy


def test_a_gateway_killed_three_times_under_load_loses_nothing_and_the_limit_holds(
    depot: DepotProcesses,
):
    busy = live_through_kills(depot, kills=3, seed=0)

    assert all(one.repeats for one in busy), "no kill met a busy station"


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_gateway_killed_sixty_times_under_load_loses_nothing_and_the_limit_holds(
    depot: DepotProcesses, seed: int
):
    live_through_kills(depot, kills=15, seed=seed)
