"""Stations that accept a limit and give all they have: how soon the site is back under its limit.

Read from the stations' own meters, second by second, and from the journal; once by what the
stations say alone, once with the site's meter too.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from depotlib.gateway.arming import METER_INTERVAL_S
from depotlib.gateway.ladder import SECOND_LOOK_S
from depotlib.gateway.ledger import Timing
from depotlib.model.live import Scalar
from depotlib.virtual.script import Misbehaviour
from tests.chaos.depot_processes import DepotProcesses, wait_until
from tests.chaos.small_site import (
    FIRST_HALF,
    HALF_KW,
    MAX_KW,
    OPERATING_KW,
    SECOND_HALF,
    SERVICE_KW,
    connector_of,
    draws_about,
    half_and_half,
    night,
    push,
    site_toml,
    start_yard,
    wait_for_end,
)

pytestmark = pytest.mark.chaos

SPEED_FACTOR = 5.0
"""The minute has fifteen depot seconds to spare: three real ones, for a busy machine."""
BACK_S = 60
TICK_S = 1.0
"""The gateway looks at its clock every second."""
SAMPLES = 2
DISOBEDIENT = SECOND_HALF[:4]
"""Told to pause, and at 7.2 kW each: with the others' 39.6 kW the site draws 68.4 of its 55 kW."""
STUBBORN = DISOBEDIENT[:2]
"""Heed neither limit nor the stop of their session: one speaks OCPP 1.6, the other 2.0.1."""
MISBEHAVIOURS = (
    *(Misbehaviour(station_id=name, kind="ignores") for name in DISOBEDIENT),
    *(Misbehaviour(station_id=name, kind="stubborn") for name in STUBBORN),
)


def tight_site(meters_path: str | None) -> str:
    """The small site with all but its margin for charging, with a meter or without."""
    site = site_toml().replace(
        f"operating_limit_kw = {OPERATING_KW}", f"operating_limit_kw = {SERVICE_KW - 1.0}"
    )
    if meters_path is None:
        return site
    point = '\n[[site_meter.point]]\nof = "{}"\nat = "meter.{}"\nunit = "{}"\n'.format
    return (
        f'{site}\n[site_meter]\nkind = "file"\naddress = "{meters_path}"\n'
        + point("power", "power_kw", "kW")
        + point("energy", "energy_kwh", "kWh")
        + point("time", "at", "iso")
    )


def rungs_of(depot: DepotProcesses, station_id: str) -> list[str]:
    return [
        str(one.entry.payload["rung"])
        for one in depot.journal("disobedience_step")
        if one.entry.station_id == station_id
    ]


def called(depot: DepotProcesses, station_id: str) -> list[Mapping[str, Scalar]]:
    """Return what a person was told of a station."""
    return [
        one.entry.payload
        for one in depot.journal("disobedience_step")
        if (one.entry.station_id, one.entry.payload["rung"]) == (station_id, "person")
    ]


def seconds_over(depot: DepotProcesses) -> list[datetime]:
    return [at for at, site_kw, _ in depot.meters() if site_kw > SERVICE_KW]


def samples_until_caught(depot: DepotProcesses, station_id: str, *, since: datetime) -> int:
    """Return how many meter samples of a station that drew too much the gateway took to see it."""
    caught_seq = next(
        one.seq for one in depot.journal("disobedience") if one.entry.station_id == station_id
    )
    return sum(
        one.entry.station_id == station_id and one.entry.at > since and one.seq <= caught_seq
        for one in depot.journal("meter")
    )


def test_even_one_that_begins_just_after_a_sample_is_dealt_with_within_the_minute():
    looks_s = METER_INTERVAL_S + SECOND_LOOK_S  # until its second sample
    answer_s = TICK_S + Timing().settle_s  # until the others are told, answer, and have followed

    assert looks_s + answer_s < BACK_S


@pytest.mark.full
@pytest.mark.parametrize("has_site_meter", [False, True])
def test_disobedience_is_caught_in_two_samples_and_the_site_is_back_in_a_minute(
    tmp_path, has_site_meter
):
    home = tmp_path / "home"
    site = tight_site(str(home / "meters.jsonl") if has_site_meter else None)
    with DepotProcesses(home, site=site, speed_factor=SPEED_FACTOR) as depot:
        plugged_in = start_yard(depot, ocpp="1.6,2.0.1")
        wait_for_end(depot, push(depot, half_and_half(FIRST_HALF)))
        wait_until(lambda: draws_about(depot, half_and_half(FIRST_HALF)), "the plan followed")

        depot.play(night(plug_in=plugged_in, misbehaviours=MISBEHAVIOURS))
        wait_until(lambda: bool(seconds_over(depot)), "the site above its limit")
        began = seconds_over(depot)[0]
        minute = timedelta(seconds=BACK_S)
        wait_until(lambda: all(called(depot, name) for name in STUBBORN), "persons called")
        wait_until(lambda: depot.newest_meter()[0] >= began + minute, "the minute over")
        over, drawn_kw = seconds_over(depot), depot.newest_meter()[1]

        assert max(site_kw for _, site_kw, _ in depot.meters()) > SERVICE_KW + HALF_KW
        assert over[-1] < began + minute
        noted = {one.entry.payload["is_over"] for one in depot.journal("site_over_limit")}
        assert noted == ({True, False} if has_site_meter else set())
        for name in DISOBEDIENT:
            assert 1 <= samples_until_caught(depot, name, since=began) <= SAMPLES
        for name in STUBBORN:
            assert rungs_of(depot, name) == ["zero", "stop", "inoperative", "person"]
            person = called(depot, name)[0]
            breaker = f"the breaker of station {name} at the site's main board"
            assert person["breaker"] == breaker
            assert drawn_kw[connector_of(name)] == MAX_KW  # it goes on, and is reckoned with
            assert person["reserved_kw"] == pytest.approx(1.1 * MAX_KW)  # live.md, section 4
