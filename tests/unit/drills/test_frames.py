"""What is told by the stations' frames: answers, limits after a start, calls that wait at once."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.drills.frames import (
    first_limit_after_s,
    limits_heard,
    most_outstanding,
    p95,
    read_calls,
)

AT = datetime(2026, 11, 2, 22, tzinfo=UTC)


def line(offset_s: float, way: str, frame: list, *, station: str = "A") -> str:
    at = AT + timedelta(seconds=offset_s)
    told = {"at": at.isoformat(), "station_id": station, "way": way, "frame": json.dumps(frame)}
    return json.dumps(told)


def calls_of(tmp_path, *lines: str):
    path = tmp_path / "wire.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return read_calls(path)


START = [2, "s1", "StartTransaction", {"connectorId": 1}]
STARTED = [2, "e1", "TransactionEvent", {"eventType": "Started"}]
LIMIT = [2, "g1", "SetChargingProfile", {}]
OTHER = [2, "g2", "GetCompositeSchedule", {}]


def test_a_limit_is_timed_from_the_start_of_the_session_in_both_versions(tmp_path):
    calls = calls_of(
        tmp_path,
        line(0.0, "heard", [2, "g0", "SetChargingProfile", {}]),  # the safe limit, before
        line(0.1, "said", [3, "g0", {}]),
        line(1.0, "said", START),
        line(1.1, "heard", [3, "s1", {}]),
        line(1.4, "heard", LIMIT),
        line(1.7, "said", [3, "g1", {"status": "Accepted"}]),
        line(2.0, "said", STARTED, station="B"),
        line(2.5, "heard", LIMIT, station="B"),
        line(3.5, "said", [4, "g1", "InternalError", "", {}], station="B"),
    )

    assert first_limit_after_s(calls, is_answered=False) == [pytest.approx(0.4), pytest.approx(0.5)]
    assert first_limit_after_s(calls, is_answered=True) == [pytest.approx(0.7), pytest.approx(1.5)]
    assert len(limits_heard(calls, since=AT + timedelta(seconds=1))) == 2


def test_a_session_without_a_limit_or_without_an_answer_is_missing(tmp_path):
    calls = calls_of(tmp_path, line(0.0, "said", START), line(0.5, "heard", LIMIT))

    assert first_limit_after_s(calls, is_answered=False) == [pytest.approx(0.5)]
    assert first_limit_after_s(calls, is_answered=True) == []
    assert first_limit_after_s(calls[:1], is_answered=False) == []


def test_calls_that_wait_at_once_are_counted_by_station(tmp_path):
    one_by_one = calls_of(
        tmp_path,
        line(0.0, "heard", LIMIT),
        line(0.0, "heard", LIMIT, station="B"),
        line(1.0, "said", [3, "g1", {}]),
        line(1.0, "said", [3, "g1", {}], station="B"),
        line(1.0, "heard", OTHER),
        line(2.0, "said", [3, "g2", {}]),
    )
    at_once = calls_of(
        tmp_path,
        line(0.0, "heard", LIMIT),
        line(0.5, "heard", OTHER),
        line(1.0, "said", [3, "g1", {}]),
        line(2.0, "said", [3, "g2", {}]),
    )

    assert (most_outstanding(one_by_one), most_outstanding(at_once)) == (1, 2)


def test_ninety_five_of_a_hundred_are_not_above_the_p95():
    assert p95([float(number) for number in range(100)]) == 95.0
    assert p95([3.0]) == 3.0
    assert p95([]) is None
