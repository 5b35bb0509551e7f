"""Shadow mode beside a running gateway and its stations: not one message goes out to any of them."""

from datetime import timedelta

import pytest

from depotlib.drills.campaign import judge_drills
from depotlib.drills.drill import Stage
from depotlib.drills.frames import read_calls
from depotlib.drills.processes import DrillDepot, drill_depot
from depotlib.drills.registry import DRILLS
from depotlib.drills.yard import YardPlan, await_armed, van
from depotlib.virtual.script import NightScript

pytestmark = pytest.mark.chaos

YARD = YardPlan(count=2, service_kw=20.0, operating_kw=18.0)
SETTLED = timedelta(minutes=2)


def is_settled(depot: DrillDepot) -> bool:
    """Return whether every station's safe limit was read back: nothing more is to be said."""
    with depot.mailbox() as mailbox:
        plugs = [plug for state in mailbox.station_states() for plug in state.connectors]
    return len(plugs) == YARD.count and all(plug.safe_limit_told for plug in plugs)


def test_judging_connected_stations_sends_them_no_profile(tmp_path):
    with drill_depot(Stage(tmp_path), YARD.site_toml(), speed_factor=20.0) as depot:
        depot.publish()
        depot.start_gateway()
        depot.start_virtual(NightScript(vehicle=tuple(van(name) for name in YARD.stations())))
        await_armed(depot, YARD.count)
        depot.wait_for(lambda: is_settled(depot), "every safe limit to be read back")
        with depot.mailbox() as mailbox:
            before = mailbox.current_release_id(), mailbox.requests(), mailbox.leases()
        begun = depot.clock.now()

        verdicts = judge_drills(DRILLS, depot.settings, span=timedelta(hours=1))

        depot.live_until(begun + SETTLED)
        with depot.mailbox() as mailbox:
            after = mailbox.current_release_id(), mailbox.requests(), mailbox.leases()
    assert len(verdicts) == len(DRILLS)
    assert after == before
    heard = [one for one in read_calls(depot.wire_path) if one.is_heard]
    profiles = [one for one in heard if "ChargingProfile" in one.action]
    # Their safe limits were said to them before, so that silence is no lost line.
    assert profiles
    assert [one.action for one in profiles if one.called_at >= begun] == []
