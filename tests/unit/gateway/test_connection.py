"""Timeouts of a station's connection, on clocks of any speed."""

from datetime import UTC, datetime

import pytest

from depotlib.clock import Clock
from depotlib.gateway.connection import CALL_TIMEOUT_S, QUEUE_DEADLINE_S, real_span_s

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(("speed_factor", "call_s"), [(1.0, 30.0), (8.0, 3.75), (60.0, 3.0)])
def test_what_waits_outlives_three_calls_without_an_answer_however_fast_the_clock(
    speed_factor, call_s
):
    clock = Clock(start=NOON, speed_factor=speed_factor, anchor=NOON)

    spans_s = [real_span_s(clock, depot_s) for depot_s in (CALL_TIMEOUT_S, QUEUE_DEADLINE_S)]

    # live.md section 4: 30 s for a call; 120 s in the queue are four of them.
    assert spans_s == [call_s, 4 * call_s]
