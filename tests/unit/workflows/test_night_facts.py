"""The night in plain facts for the rules of alerts: who connects again and again."""

from datetime import UTC, datetime, timedelta

import pytest

from depotlib.model.live import JournalEntry, JournalRecord
from depotlib.workflows.night_facts import RESTLESS, facts_of
from depotlib.workflows.watch_night import NightNow

NOW = datetime(2026, 11, 20, 23, tzinfo=UTC)


def restless(*records: tuple[str, str, timedelta]):
    """Return the stations that are told of as restless, by what was journalled how long ago."""
    exceptions = tuple(
        JournalRecord(number, JournalEntry(NOW - ago, kind, station_id), "")
        for number, (kind, station_id, ago) in enumerate(records)
    )
    night = NightNow(NOW, None, None, (), (), (), (), 0.0, exceptions)
    facts = facts_of(night, distrusts=(), planned_short=frozenset())
    return [(one.station_id, NOW - one.told_at) for one in facts.restless]


def test_a_station_that_connects_too_often_is_told_of_once_by_its_newest_record():
    often = "connections_too_often"
    early, late = timedelta(minutes=21), timedelta(minutes=10)

    told = restless((often, "S0", early), ("disobedience", "S1", late), (often, "S0", late))

    assert told == [("S0", late)]


@pytest.mark.parametrize(("ago", "is_told"), [(RESTLESS, False), (timedelta(minutes=29), True)])
def test_after_half_an_hour_of_calm_it_is_over(ago, is_told):
    assert bool(restless(("connections_too_often", "S0", ago))) == is_told
