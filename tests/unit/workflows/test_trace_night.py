"""The site's power through a night, from what the stations metered."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from depotlib.workflows.trace_night import NightTrace, trace_night

SIX = datetime(2026, 11, 2, 18, tzinfo=UTC)
EMPTY = NightTrace(since=SIX)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


def meter(plug: str, power_kw: float | None, *, minutes: float) -> JournalEntry:
    return JournalEntry(
        at=SIX + timedelta(minutes=minutes),
        kind="meter",
        connector_id=plug,
        payload={"power_kw": power_kw},
    )


def ended(plug: str, *, minutes: float) -> JournalEntry:
    return JournalEntry(
        at=SIX + timedelta(minutes=minutes), kind="session_ended", connector_id=plug
    )


def write(settings, *entries: JournalEntry) -> None:
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.append(list(entries))


def test_where_no_process_ran_the_trace_stays_as_it_was(settings):
    assert trace_night(settings, before=EMPTY) is EMPTY
    assert not settings.mailbox_path.exists()


def test_connectors_add_up_and_hold_until_their_next_reading(settings):
    write(settings, meter("A/1", 10.0, minutes=0), meter("B/1", 20.0, minutes=1))

    trace = trace_night(settings, before=EMPTY)

    assert trace.load["power_kw"].to_list() == [10.0, 30.0]
    assert trace.load["at"].to_list() == [SIX, SIX + timedelta(minutes=1)]


def test_the_peak_is_the_highest_quarter_hour_mean(settings):
    write(
        settings,
        meter("A/1", 40.0, minutes=0),
        meter("A/1", 0.0, minutes=5),
        meter("A/1", 12.0, minutes=15),
        meter("A/1", 0.0, minutes=30),
    )

    # 40 kW for 5 of 15 minutes is a mean of 13.3; then 12 for a whole quarter.
    assert trace_night(settings, before=EMPTY).peak_kw == pytest.approx(40 / 3)


def test_a_power_held_across_quarters_counts_in_each(settings):
    write(settings, meter("A/1", 8.0, minutes=10), meter("A/1", 0.0, minutes=35))

    trace = trace_night(settings, before=EMPTY)

    # 5, 15 and 5 minutes of 8 kW.
    assert list(trace.energy_kwh.values()) == pytest.approx([8 / 12, 2.0, 8 / 12])


def test_an_ended_session_draws_nothing(settings):
    write(settings, meter("A/1", 10.0, minutes=0), ended("A/1", minutes=15))

    trace = trace_night(settings, before=EMPTY)

    assert trace.power_kw == {"A/1": 0.0}
    assert trace.peak_kw == 10.0


def test_reading_on_gives_what_reading_at_once_gives(settings):
    entries = [
        meter("A/1", 10.0, minutes=0),
        meter("B/1", 5.0, minutes=7),
        ended("A/1", minutes=20),
        meter("B/1", 0.0, minutes=50),
    ]
    trace = EMPTY
    for entry in entries:
        write(settings, entry)
        trace = trace_night(settings, before=trace)

    assert trace == trace_night(settings, before=EMPTY)
    assert trace_night(settings, before=trace) == trace


def test_what_was_metered_before_the_night_is_left_out(settings):
    write(settings, meter("A/1", 99.0, minutes=-10), meter("A/1", 10.0, minutes=0))

    assert trace_night(settings, before=EMPTY).load["power_kw"].to_list() == [10.0]


def test_a_reading_without_power_and_a_late_one_move_no_time_back(settings):
    write(
        settings,
        meter("A/1", 10.0, minutes=10),
        meter("A/1", None, minutes=12),
        meter("B/1", 5.0, minutes=3),
    )

    trace = trace_night(settings, before=EMPTY)

    assert trace.at == SIX + timedelta(minutes=10)
    assert trace.load["power_kw"].to_list() == [15.0]


def test_an_empty_night_has_no_peak():
    assert (EMPTY.peak_kw, EMPTY.load.height) == (0.0, 0)


def test_nights_long_ago_are_not_read_again_for_this_one(settings):
    write(settings, *(meter("A/1", 9.0, minutes=minutes - 50_000) for minutes in range(200)))
    write(settings, meter("A/1", 10.0, minutes=0), meter("A/1", 0.0, minutes=15))
    # A record of the first of those nights is damaged: whoever reads it is told so.
    with sqlite3.connect(settings.mailbox_path) as mailbox:
        mailbox.execute("UPDATE journal SET payload = 'x' WHERE seq = 3")

    assert trace_night(settings, before=EMPTY).peak_kw == 10.0
