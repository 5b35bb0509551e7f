"""Stations that refuse, are not there, answer late or not in time, or do as they please.

The push names each, the site's limit holds, and the vans elsewhere charge.
"""

import pytest

from depotlib.virtual.script import Misbehaviour
from tests.chaos.depot_processes import DepotProcesses, wait_until
from tests.chaos.small_site import (
    FIRST_HALF,
    HALF_KW,
    MARGIN_KW,
    MAX_KW,
    SAFE_KW,
    SECOND_HALF,
    SERVICE_KW,
    STATIONS,
    connector_of,
    half_and_half,
    night,
    push,
    results_of,
    site_toml,
    start_yard,
    wait_for_end,
)

pytestmark = pytest.mark.chaos

SPEED_FACTOR = 10.0
"""A push gathers those that wait for room for 30 s: three real ones, for a busy machine."""
REJECTS, SILENT, SLOW, STUCK, *WELL = FIRST_HALF
IGNORES = SECOND_HALF[0]  # told to pause
SLOW_S = 20.0
EASY_KW = 4.5
"""Six of them and one station that does as it pleases are within the 40 kW of the plan.

Amperes are reckoned at 1.1 times the nominal voltage: 6 * 4.5 * 1.1 + 1.1 * 7.2 = 37.6 kW. With more
for each, 6.6 kW, that would be 51.5 kW, and those that follow would rightly be lowered.
"""
ANSWERED = {"accepted", "read_back", "metered"}
MISBEHAVIOURS = (
    Misbehaviour(station_id=REJECTS, kind="rejects"),
    Misbehaviour(station_id=SILENT, kind="silent"),
    Misbehaviour(station_id=SLOW, kind="slow", delay_s=SLOW_S),
    # Far beyond the gateway's call timeout: 30 s of the depot's clock, 3 real ones at the least.
    Misbehaviour(station_id=STUCK, kind="slow", delay_s=900.0),
    Misbehaviour(station_id=IGNORES, kind="ignores"),
)


@pytest.fixture
def depot(tmp_path):
    with DepotProcesses(tmp_path / "home", site=site_toml(), speed_factor=SPEED_FACTOR) as running:
        yield running


def is_connected(depot: DepotProcesses, station_id: str) -> bool:
    with depot.mailbox() as mailbox:
        states = {state.station_id: state for state in mailbox.station_states()}
    return states[station_id].is_connected


def drawn_kw(depot: DepotProcesses, station_id: str) -> float:
    return depot.newest_meter()[1].get(connector_of(station_id), 0.0)


def rungs(depot: DepotProcesses) -> list[str]:
    return [str(one.entry.payload["rung"]) for one in depot.journal("disobedience_step")]


def answers_of(depot: DepotProcesses, station_id: str, *, release_id: str) -> list[str]:
    return [
        str(one.entry.payload["answer"])
        for one in depot.journal("limit_answered")
        if (one.entry.station_id, one.entry.payload["release_id"]) == (station_id, release_id)
    ]


def test_a_push_names_each_station_that_did_not_follow_and_the_others_charge(depot):
    plugged_in = start_yard(depot)
    depot.play(night(plug_in=plugged_in, misbehaviours=MISBEHAVIOURS))
    wait_until(lambda: not is_connected(depot, SILENT), "the silent station gone")

    request_id = push(depot, dict.fromkeys(STATIONS, 0.0) | dict.fromkeys(FIRST_HALF, EASY_KW))
    status = wait_for_end(depot, request_id)
    told = results_of(depot, request_id)
    wait_until(lambda: bool(depot.journal("disobedience")), "the disobedience seen")
    wait_until(lambda: drawn_kw(depot, SLOW) > 3 * SAFE_KW, "the slow one charging")

    assert status.state == "finished"
    assert told[REJECTS].state == "rejected"
    assert told[REJECTS].note == "Rejected"
    assert told[SILENT].state == "queued"
    assert told[SILENT].note == "the station is offline: queued until it comes"
    assert told[STUCK].state in {"unknown", "sent"}  # it is asked again after each silence
    silences = answers_of(depot, STUCK, release_id=status.request.release_id)
    assert "unknown: no answer in time" in silences
    assert all(answer.startswith("unknown") for answer in silences)
    assert told[SLOW].state in ANSWERED
    assert (told[SLOW].latency_s or 0.0) >= SLOW_S
    assert {told[name].state for name in (*WELL, *SECOND_HALF)} <= ANSWERED
    # Meters at 30 s: two samples of 7.2 kW where 1.44 are reserved at the most (6 A at 240 V).
    (caught,) = depot.journal("disobedience")
    assert (caught.entry.station_id, caught.entry.payload["power_kw"]) == (IGNORES, MAX_KW)
    for name in (REJECTS, SILENT):
        assert drawn_kw(depot, name) == SAFE_KW
    wait_until(
        lambda: all(drawn_kw(depot, name) >= 0.9 * EASY_KW for name in WELL), "the others charging"
    )
    # It does not heed 0 A; the stop of its session it does.
    wait_until(lambda: rungs(depot) == ["zero", "stop", "contained"], "the disobedient stopped")
    assert drawn_kw(depot, IGNORES) == 0.0
    assert max(site_kw for _, site_kw, _ in depot.meters()) <= SERVICE_KW - MARGIN_KW


@pytest.mark.full
def test_a_station_that_comes_back_gets_what_was_queued_for_it(depot):
    plugged_in = start_yard(depot)
    depot.play(night(plug_in=plugged_in, misbehaviours=MISBEHAVIOURS[1:2]))
    wait_until(lambda: not is_connected(depot, SILENT), "the silent station gone")
    request_id = push(depot, half_and_half(FIRST_HALF))
    wait_for_end(depot, request_id)
    queued = results_of(depot, request_id)[SILENT].state

    depot.play(night(plug_in=plugged_in))
    wait_until(lambda: results_of(depot, request_id)[SILENT].state in ANSWERED, "its answer")
    wait_until(lambda: drawn_kw(depot, SILENT) >= 0.9 * HALF_KW, "the late one charging")

    assert queued == "queued"
    assert max(site_kw for _, site_kw, _ in depot.meters()) <= SERVICE_KW - MARGIN_KW
