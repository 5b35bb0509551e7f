"""Stations that say nothing after the gateway was killed (done-when 4 of the gateway)."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from depotlib.model.live import JournalRecord
from tests.chaos.depot_processes import DepotProcesses, wait_until
from tests.chaos.silent_station import SilentStation
from tests.chaos.small_site import (
    COUNT,
    STATIONS,
    site_toml,
)

pytestmark = pytest.mark.chaos

MOST_S = 5.0  # done-when 4: adopted and armed again within 5 s
SAFE_A = 6.0  # SAFE_KW at 240 V


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[DepotProcesses]:
    with DepotProcesses(tmp_path / "home", site=site_toml(), speed_factor=1.0) as running:
        yield running


@pytest.fixture
def stations(depot: DepotProcesses) -> Iterator[list[SilentStation]]:
    depot.start_gateway()
    silent = [SilentStation(name, port=depot.settings.gateway_port) for name in STATIONS]
    for station in silent:
        station.start()
    wait_until(lambda: len(depot.journal("fallback_armed")) == COUNT, "every station armed")
    yield silent
    for station in silent:
        station.leave()


def since(depot: DepotProcesses, seq: int, *kinds: str) -> list[JournalRecord]:
    return [one for one in depot.journal(*kinds) if one.seq > seq]


def kill_and_adopt(depot: DepotProcesses) -> float:
    """Return the longest time from a silent station's return to its safe limit in place [s]."""
    with depot.mailbox() as mailbox:
        seq = mailbox.journal_head().seq
    depot.kill("gateway")
    depot.start_gateway()
    wait_until(lambda: len(since(depot, seq, "fallback_armed")) == COUNT, "every one armed again")
    came = {one.entry.station_id: one.entry.at for one in since(depot, seq, "station_connected")}
    armed = {one.entry.station_id: one.entry.at for one in since(depot, seq, "fallback_armed")}
    assert set(came) == set(armed) == set(STATIONS)
    longest_s = max((armed[name] - came[name]).total_seconds() for name in came)
    sys.stderr.write(
        f"{COUNT} silent stations armed, the last {longest_s:.2f} s after its return\n"
    )
    return longest_s


def test_stations_that_come_back_without_a_word_are_given_their_safe_limit_anew(depot, stations):
    kill_and_adopt(depot)

    assert [len(station.asked) for station in stations] == [2] * COUNT
    for station in stations:
        first, *_ = station.asked[-1]
        action, payload = first
        profile = payload["csChargingProfiles"]
        (period,) = profile["chargingSchedule"]["chargingSchedulePeriod"]
        assert action == "SetChargingProfile"
        assert profile["chargingProfilePurpose"] == "TxDefaultProfile"
        assert (payload["connectorId"], profile["stackLevel"], period["limit"]) == (0, 0, SAFE_A)
        # For ever: without an end nothing lapses into full power.
        assert not {"validTo", "duration"} & {*profile, *profile["chargingSchedule"]}


@pytest.mark.full
def test_silent_stations_are_armed_again_within_five_seconds_of_their_return(depot, stations):
    assert len(stations) == COUNT

    assert max(kill_and_adopt(depot) for _ in range(5)) <= MOST_S
