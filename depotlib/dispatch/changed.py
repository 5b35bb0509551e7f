"""Which profiles differ between two releases, from an instant on."""

from collections.abc import Mapping
from datetime import datetime

from depotlib.model.release import Release

Pair = tuple[str, str]
"""A connector and a vehicle."""


def changed_profiles(new: Release, old: Release, *, now: datetime) -> frozenset[Pair]:
    """Return the connectors and vehicles of which two releases ask different things.

    Parameters
    ----------
    new, old : Release
    now : datetime
        What was asked before does not count.
    """
    ahead, before = _ahead(new, now=now), _ahead(old, now=now)
    return frozenset(
        pair for pair in {*ahead, *before} if ahead.get(pair, []) != before.get(pair, [])
    )


def _ahead(release: Release, *, now: datetime) -> Mapping[Pair, list[tuple[datetime, float]]]:
    """Return what a release asks from an instant on, as changes of limit by pair."""
    asked: dict[Pair, list[tuple[datetime, float]]] = {}
    for schedule in release.schedules:
        if schedule.valid_to <= now:
            continue
        points = asked.setdefault((schedule.connector_id, schedule.vehicle_id), [])
        ends = [step.start for step in schedule.steps[1:]] + [schedule.valid_to]
        for step, end in zip(schedule.steps, ends, strict=True):
            if end > now and not (points and points[-1][1] == step.limit_kw):
                points.append((max(step.start, now), step.limit_kw))
        points.append((schedule.valid_to, 0.0))
    return asked
