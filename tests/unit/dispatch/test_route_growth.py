"""A route grows at two in the morning: from the fleet's call to the plan that follows it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from depotlib.api.app import api_app
from depotlib.api.door import Door
from depotlib.clock import Clock
from depotlib.dispatch.burst import QUIET
from depotlib.dispatch.loop import Dispatcher
from depotlib.exchange.mailbox import open_mailbox
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING

BUFFER_KWH = 0.4
"""Dispatch adds a little to a target, for guarded steps and rounding."""


@pytest.mark.parametrize(
    ("hours_left", "planned_kwh", "missing_kwh", "short"),
    [
        # 30 kWh + 40 km x 0.3 kWh/km / 0.9 are 43.33 kWh at the wall. Until the plan begins, at the
        # next quarter, 7.4 kW give 1.85 kWh; the other 41.48 kWh fit into the night.
        (12, 41.48, 0.0, ""),
        # Leaving after three hours it charges at 11 kW at once: 2.75 kWh until the quarter, and
        # 30.25 kWh in the 2.75 h after it.
        (3, 30.25, 10.33, "van-1"),
    ],
)
def test_forty_kilometres_more_raise_the_plan_or_say_what_will_be_missing(
    tmp_path: Path, hours_left: int, planned_kwh: float, missing_kwh: float, short: str
):
    path = tmp_path / "exchange.sqlite"
    clock = Clock(start=EVENING, speed_factor=1.0, anchor=datetime.now(UTC))
    door = Door(path, clock, operator_token_path=tmp_path / "operator.token")
    with open_mailbox(path) as gateway, open_mailbox(path) as own:
        gateway.publish_brief(samples.brief(), at=EVENING)
        for place, van in scenes.PLACES:
            gateway.put_station_state(scenes.plugged(place, van))
        gateway.add_release(scenes.pushed())
        gateway.set_current_release("pushed", at=EVENING)
        dispatcher = Dispatcher(own)
        dispatcher.step(EVENING)
        dispatcher.step(EVENING + QUIET)

        leaves = (EVENING + timedelta(hours=hours_left)).isoformat()
        wish = {"vehicle_id": "van-1", "distance_km": 122.5, "departure": leaves}
        answer = TestClient(api_app(door), base_url="http://127.0.0.1").post(
            "/v1/departures", json=wish
        )
        dispatcher.step(EVENING + 2 * QUIET)
        result = dispatcher.step(EVENING + 3 * QUIET)

        assert (answer.status_code, result) == (200, "planned")
        release = gateway.current_release()
        assert release is not None
        facts = dict(gateway.journal(kinds=["dispatch_planned"])[-1].entry.payload)
    going_kwh = scenes.schedule_of(release, "van-1").energy_target_kwh
    assert going_kwh == pytest.approx(planned_kwh, abs=BUFFER_KWH)
    assert facts["unmet_kwh"] == pytest.approx(missing_kwh, abs=BUFFER_KWH)
    assert facts["short"] == short
