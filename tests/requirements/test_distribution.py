"""Requirement 12: a plan reaches every station, in real processes over real sockets."""

from datetime import timedelta
from pathlib import Path

import pytest

from depotlib.virtual.script import Misbehaviour, NightScript
from depotlib.workflows.load_demo import DEMO_SITE
from tests.chaos.depot_processes import EVENING, DepotProcesses, wait_until
from tests.chaos.small_site import push, results_of, wait_for_end

OFFLINE = ("AC-03", "AC-17", "DC-05")
SPEED_FACTOR = 20.0
ONLINE_AGAIN = EVENING + timedelta(hours=1)
ANSWERED = {"accepted", "read_back", "metered"}


def station_names() -> list[str]:
    return [f"AC-{n:02d}" for n in range(1, 41)] + [f"DC-{n:02d}" for n in range(1, 9)]


@pytest.mark.chaos
@pytest.mark.slow
def test_requirement_12_every_station_answers_a_push_and_those_offline_get_it_when_they_boot(
    tmp_path: Path,
):
    names = station_names()
    silent = tuple(
        Misbehaviour(station_id=name, kind="silent", end=ONLINE_AGAIN) for name in OFFLINE
    )
    site = DEMO_SITE.read_text()

    with DepotProcesses(tmp_path / "home", site=site, speed_factor=SPEED_FACTOR) as depot:
        depot.start_gateway()
        depot.start_virtual(NightScript(misbehaviour=silent))
        wait_until(lambda: depot.armed_count() == 45, "45 of 48 stations armed")
        request_id = push(depot, dict.fromkeys(names, 3.0))
        assert wait_for_end(depot, request_id).state == "finished"
        before = results_of(depot, request_id)
        assert depot.clock.now() < ONLINE_AGAIN, "too slow to see anybody offline"

        assert len(before) == 48
        assert {name for name, one in before.items() if one.state == "queued"} == set(OFFLINE)
        assert all("offline" in before[name].note for name in OFFLINE)
        assert {one.state for name, one in before.items() if name not in OFFLINE} <= ANSWERED

        depot.play(NightScript())
        wait_until(
            lambda: all(one.state in ANSWERED for one in results_of(depot, request_id).values()),
            "the three served after their boot",
        )
        booted = {record.entry.station_id for record in depot.journal("boot")}
        assert set(OFFLINE) <= booted
