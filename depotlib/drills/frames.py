"""What the virtual stations said and heard on the wire, and how long it took."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

CALL, RESULT, CALL_ERROR = 2, 3, 4
SETS_LIMIT: Final = "SetChargingProfile"
P95_SHARE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Call:
    """A call on the wire.

    Parameters
    ----------
    station_id : str
    action : str
    is_heard : bool
        By the station; else it was said by it.
    begins_session : bool
        Whether it tells the start of one, in either version.
    called_at : datetime
        When it arrived at the station, or left it.
    answered_at : datetime or None
    """

    station_id: str
    action: str
    is_heard: bool
    begins_session: bool
    called_at: datetime
    answered_at: datetime | None


@dataclass(slots=True)
class _Open:
    """A call that waits for its answer."""

    call: tuple[str, str, bool, bool]
    called_at: datetime
    answered_at: datetime | None = None


def read_calls(path: Path) -> list[Call]:
    """Return every call of a file of frames with its answer, in order; frames of no call aside."""
    found: list[_Open] = []
    waiting: dict[tuple[str, bool, str], _Open] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        station_id, is_heard = str(told["station_id"]), told["way"] == "heard"
        at = datetime.fromisoformat(told["at"])
        frame = json.loads(told["frame"])
        if frame[0] == CALL:
            action, payload = str(frame[2]), frame[3]
            begins = action == "StartTransaction" or payload.get("eventType") == "Started"
            one = _Open((station_id, action, is_heard, begins), at)
            found.append(one)
            waiting[station_id, is_heard, str(frame[1])] = one
        elif frame[0] in {RESULT, CALL_ERROR}:
            answered = waiting.pop((station_id, not is_heard, str(frame[1])), None)
            if answered is not None:
                answered.answered_at = at
    return [Call(*one.call, one.called_at, one.answered_at) for one in found]


def limits_heard(calls: Iterable[Call], *, since: datetime) -> list[Call]:
    """Return the calls by which limits were set from an instant on."""
    return [
        one for one in calls if one.is_heard and one.action == SETS_LIMIT and one.called_at >= since
    ]


def first_limit_after_s(calls: Sequence[Call], *, is_answered: bool) -> list[float]:
    """Return from each start of a session to the first limit that its station heard after it [s].

    Parameters
    ----------
    calls : sequence of Call
        In order.
    is_answered : bool
        To the station's answer instead. A start without one is missing.
    """
    began: dict[str, datetime] = {}
    waits_s: list[float] = []
    for one in calls:
        if one.begins_session and not one.is_heard:
            began[one.station_id] = one.called_at
        elif one.is_heard and one.action == SETS_LIMIT and one.station_id in began:
            at = one.answered_at if is_answered else one.called_at
            if at is not None:
                waits_s.append((at - began.pop(one.station_id)).total_seconds())
    return waits_s


def most_outstanding(calls: Iterable[Call]) -> int:
    """Return how many calls waited for one station's answer at once, at the most."""
    changes: dict[str, list[tuple[datetime, int]]] = {}
    for one in calls:
        if one.is_heard and one.answered_at is not None:
            mine = changes.setdefault(one.station_id, [])
            mine += [(one.called_at, 1), (one.answered_at, -1)]
    most = 0
    for mine in changes.values():
        count = 0
        for _, change in sorted(mine):
            count += change
            most = max(most, count)
    return most


def p95(values: Sequence[float]) -> float | None:
    """Return what 95 % of some values are not above, or None where there are none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(P95_SHARE * len(ordered)))]
