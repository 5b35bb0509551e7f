"""The preview of a push: what differs on each connector, from when, and by how much."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.exchange.preview import NO_LIVE, preview_release
from depotlib.model.live import Lease
from depotlib.model.release import LimitStep
from tests.unit.exchange.samples import EVENING, MORNING, release

HOUR = timedelta(hours=1)


def of(limits_kw: list[float], *, release_id: str):
    """A release with one connector: its limits, each for an hour from the evening on."""
    asked = release(release_id)
    steps = tuple(LimitStep(EVENING + HOUR * n, kw) for n, kw in enumerate(limits_kw))
    ends = EVENING + HOUR * len(limits_kw)
    schedule = replace(asked.schedules[0], steps=steps, valid_to=ends)
    return replace(asked, schedules=(schedule,), valid_to=MORNING)


def row_of(after, *, before, **facts):
    (row,) = preview_release(after, in_force=before, stations=(), leases=(), **facts).rows
    return row


def test_a_row_says_from_when_the_limits_are_others_and_what_moves():
    before, after = of([7.0, 7.0, 0.0], release_id="a"), of([7.0, 2.0, 5.0], release_id="b")

    row = row_of(after, before=before)

    assert (row.change, row.differs_at) == ("changed", EVENING + HOUR)
    assert (row.before_kw, row.after_kw) == (7.0, 2.0)
    # Only the third hour gives what was not given before: 5 kW for 1 h.
    assert row.moved_kwh == pytest.approx(5.0)


def test_what_differs_in_the_past_only_is_no_longer_a_difference():
    before, after = of([7.0, 2.0, 0.0], release_id="a"), of([1.0, 2.0, 0.0], release_id="b")

    row = row_of(after, before=before, now=EVENING + HOUR)

    assert (row.differs_at, row.moved_kwh) == (None, 0.0)


def test_the_first_push_differs_from_the_safe_limit():
    row = row_of(of([3.0, 1.0], release_id="a"), before=None)

    assert (row.change, row.before_kw, row.after_kw) == ("new", None, 3.0)
    assert row.moved_kwh == pytest.approx(4.0)


def test_only_an_accepted_lease_is_what_a_station_holds():
    after = of([3.0], release_id="b")
    connector_id = after.schedules[0].connector_id

    def lease(seq: int, *, state: str) -> Lease:
        steps = after.schedules[0].steps
        return Lease("AC-01", connector_id, seq, 1, steps, MORNING, state, f"release-{seq}")

    (row,) = preview_release(
        after,
        in_force=None,
        stations=(),
        leases=(lease(2, state="accepted"), lease(1, state="accepted"), lease(3, state="rejected")),
    ).rows

    assert row.held_release_id == "release-2"


def test_a_release_that_no_station_can_be_told_is_refused_before_anybody_asks():
    after = of([3.0], release_id="b")

    preview = preview_release(after, in_force=None, stations=(), leases=(), without_live={"AC-01"})

    assert preview.refusals == (NO_LIVE,)
    assert [row.takes_live_profiles for row in preview.rows] == [False]
