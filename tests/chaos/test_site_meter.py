"""The site's meter on real wires: room by its base load, none of it when it is stale, and relief."""

from datetime import datetime, timedelta

import pytest

from depotlib.virtual.script import BaseLoad, MeterFault, NightScript
from tests.chaos.depot_processes import EVENING, DepotProcesses, wait_until
from tests.chaos.small_site import (
    COUNT,
    FIRST_HALF,
    MARGIN_KW,
    SAFE_KW,
    SERVICE_KW,
    STATIONS,
    await_stations,
    night,
    push,
    site_toml,
    wait_for_end,
)

pytestmark = [pytest.mark.chaos, pytest.mark.full]

SPEED_FACTOR = 8.0
"""A meter is stale after 15 s, two real seconds: a busy machine must not make it so."""
DEADLINE_S = 150.0
BASE_MAX_KW, BASE_KW, HIGH_KW = 20.0, 5.0, 26.0
PLANNED_KW = 5.5
"""Six of them, 33 kW, fit the operating limit of 40 with 5 kW of base load. With the largest base
load charging may have (55 - 1 - 20) / 1.1 = 30.9 kW, 8.64 of it for the paused six at their safe
limits: 22.3 kW. More than that shows that the measured base load made room."""
MUCH_KW = 25.0
LIMIT_KW = SERVICE_KW - MARGIN_KW
STALE_SAFE_S = 30
BACK_S = 60


def metered_site(meters_path: str) -> str:
    """The small site with its meter: the file that the virtual depot writes."""
    point = '\n[[site_meter.point]]\nof = "{}"\nat = "meter.{}"\nunit = "{}"\n'.format
    return (
        site_toml().replace("margin_kw", f"base_load_max_kw = {BASE_MAX_KW}\nmargin_kw")
        + f'\n[site_meter]\nkind = "file"\naddress = "{meters_path}"\nbase_rise_kw_per_s = 0.005\n'
        + point("power", "power_kw", "kW")
        + point("energy", "energy_kwh", "kWh")
        + point("time", "at", "iso")
    )


@pytest.fixture
def depot(tmp_path):
    home = tmp_path / "home"
    site = metered_site(str(home / "meters.jsonl"))
    with DepotProcesses(home, site=site, speed_factor=SPEED_FACTOR) as running:
        yield running


def charging_kw(depot: DepotProcesses) -> float:
    return sum(depot.newest_meter()[1].values())


def state(depot: DepotProcesses):
    with depot.mailbox() as mailbox:
        return next(iter(mailbox.site_meter.all()), None)


def is_told(depot: DepotProcesses, base_kw: float) -> bool:
    """Return whether the meter is fresh and tells this base load, to a kilowatt."""
    meter = state(depot)
    told_kw = meter.base_kw if meter is not None and meter.is_fresh else None
    return told_kw is not None and abs(told_kw - base_kw) <= 1.0


def sheet(plugged_in: datetime | None, **more) -> NightScript:
    base = (BaseLoad(start=EVENING - timedelta(hours=1), power_kw=BASE_KW),)
    made = night(plug_in=plugged_in)
    return made.model_copy(
        update={"base_load": base + more.get("jump", ()), **more.get("also", {})}
    )


def start_metered(depot: DepotProcesses) -> datetime:
    """Return when every van plugged in, with the base load there from the beginning."""
    depot.start_gateway(is_awaited=False)
    depot.start_virtual(sheet(None))
    depot.await_gateway()
    await_stations(depot)
    now = depot.clock.now().replace(microsecond=0)
    depot.play(sheet(now))
    wait_until(lambda: len(depot.journal("session_started")) == COUNT, "every van plugged in")
    return now


def lived_until(depot: DepotProcesses, at: datetime) -> None:
    wait_until(lambda: depot.newest_meter()[0] >= at, f"the meters of {at}", deadline_s=DEADLINE_S)


def powers_between(depot: DepotProcesses, start: datetime, end: datetime) -> list[float]:
    return [site_kw for at, site_kw, _ in depot.meters() if start <= at < end]


def test_a_stale_meter_is_safe_in_half_a_minute_and_a_site_above_its_limit_is_back_in_a_minute(
    depot,
):
    plugged_in = start_metered(depot)
    planned_kw = dict.fromkeys(STATIONS, 0.0) | dict.fromkeys(FIRST_HALF, PLANNED_KW)
    wait_for_end(depot, push(depot, planned_kw))

    # Only the measured base load makes room for so much.
    wait_until(
        lambda: charging_kw(depot) > MUCH_KW, "the base load's room used", deadline_s=DEADLINE_S
    )
    # A limit that is newer than the meter's reading counts as drawn already, for a moment.
    wait_until(lambda: is_told(depot, BASE_KW), "the base load told", deadline_s=DEADLINE_S)
    frozen_at = depot.clock.now().replace(microsecond=0) + timedelta(seconds=60)
    thawed_at = frozen_at + timedelta(seconds=120)
    fault = (MeterFault(kind="frozen", start=frozen_at, end=thawed_at),)
    depot.play(sheet(plugged_in, also={"meter_fault": fault}))
    lived_until(depot, thawed_at)
    stale_kw = powers_between(depot, frozen_at + timedelta(seconds=STALE_SAFE_S), thawed_at)
    before_kw = powers_between(depot, frozen_at - timedelta(seconds=20), frozen_at)

    assert max(before_kw) > MUCH_KW  # what follows shows something
    assert max(stale_kw) <= LIMIT_KW - BASE_MAX_KW - len(FIRST_HALF) * SAFE_KW
    lost = [one.entry.payload["what"] for one in depot.journal("site_meter_lost")]
    assert "it repeats itself" in lost

    wait_until(lambda: charging_kw(depot) > MUCH_KW, "the room used again", deadline_s=DEADLINE_S)
    jump_at = depot.clock.now().replace(microsecond=0) + timedelta(seconds=60)
    jump = (BaseLoad(start=jump_at, power_kw=HIGH_KW),)
    depot.play(sheet(plugged_in, jump=jump))
    lived_until(depot, jump_at + timedelta(seconds=2 * BACK_S))
    back = powers_between(
        depot, jump_at + timedelta(seconds=BACK_S), jump_at + timedelta(seconds=2 * BACK_S)
    )

    # The base load passes its declared maximum: no sum of the ledger foresaw it.
    assert (
        max(powers_between(depot, jump_at, jump_at + timedelta(seconds=5))) + HIGH_KW > SERVICE_KW
    )
    assert max(back) + HIGH_KW <= SERVICE_KW
    over = [one.entry.payload["is_over"] for one in depot.journal("site_over_limit")]
    assert over[:2] == [True, False]
