"""Who is served first where not everybody can be: whoever has the least time to spare."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.gateway.wishes import Guest, windows_of, wishes_of
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING


@pytest.mark.parametrize(
    ("gives_way_after_h", "slack_h"),
    # 29.6 kWh at 11 kW take 2.69 h; the other takes the place over after that time, or nobody does.
    [(12.0, 12.0 - 2.69), (4.0, 4.0 - 2.69)],
)
def test_who_makes_room_for_another_has_until_then_only(gives_way_after_h: float, slack_h: float):
    own = replace(
        samples.schedule("AC-01/1", "van-1"),
        valid_to=EVENING + timedelta(hours=gives_way_after_h),
        departure=MORNING,
    )
    other = samples.schedule("AC-01/1", "van-2", start=EVENING + timedelta(hours=5))
    release = replace(samples.release(), schedules=(own, other))
    guests = {"AC-01/1": Guest("van-1", EVENING)}

    found = wishes_of(samples.depot(), windows_of(release), guests=guests, now=EVENING)

    assert found["AC-01/1"].slack_s / 3600.0 == pytest.approx(slack_h, abs=0.01)
