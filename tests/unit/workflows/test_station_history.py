"""Uptime, faults and spans out of service, as the journal tells them."""

from datetime import UTC, datetime, timedelta

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from depotlib.workflows.station_history import (
    Span,
    StationHistory,
    read_station_histories,
    station_histories,
)

T0 = datetime(2026, 11, 20, 20, tzinfo=UTC)


def at(minute: float) -> datetime:
    return T0 + timedelta(minutes=minute)


def entry(kind, minute: float, *, connector_id: str | None = None, **facts) -> JournalEntry:
    station_id = None if kind.startswith("gateway") else "S0"
    return JournalEntry(at(minute), kind, station_id, connector_id, facts)


def history(*entries: JournalEntry, start: float = 0, end: float = 100) -> StationHistory:
    (one,) = station_histories(
        [entry("gateway_started", 0), *entries], start=at(start), end=at(end)
    )
    return one


def status(word: str, minute: float, code: str = "NoError") -> JournalEntry:
    return entry("status", minute, connector_id="S0/1", status=word, error_code=code)


def test_a_station_that_was_always_there_was_up_from_its_connection_on():
    one = history(entry("station_connected", 10), entry("boot", 10))

    assert one.uptime_share == pytest.approx(0.9)  # 90 of 100 min
    assert one.offline == (Span(None, at(0), at(10)),)
    assert one.boots == 1


def told_of(part: str, minute: float, *, is_over: bool, code: str = "") -> JournalEntry:
    facts = {"component": part, "variable": "Problem", "code": code, "is_over": is_over}
    return entry("fault_told", minute, connector_id="S0/1", **facts)


def test_a_part_in_trouble_is_a_fault_by_its_name_and_costs_no_uptime():
    one = history(
        entry("station_connected", 0),
        told_of("ConnectorPlugRetentionLock", 20, is_over=False, code="E7"),
        told_of("ConnectorPlugRetentionLock", 25, is_over=False, code="E7"),  # said again
        told_of("AcDcConverter", 30, is_over=False),
        told_of("ConnectorPlugRetentionLock", 40, is_over=True),
        told_of("CaseAccessSensor", 50, is_over=True),  # what never began
    )

    assert one.faults == (
        Span("S0/1", at(20), at(40), "ConnectorPlugRetentionLock E7"),
        Span("S0/1", at(30), None, "AcDcConverter Problem"),
    )
    assert one.uptime_share == 1.0


def test_a_lost_connection_counts_until_the_next_one():
    one = history(
        entry("station_connected", 0),
        entry("station_disconnected", 40),
        entry("station_connected", 60),
    )

    assert one.uptime_share == pytest.approx(0.8)
    assert one.offline == (Span(None, at(40), at(60)),)


def test_a_fault_is_a_span_with_its_code_and_no_uptime():
    one = history(
        entry("station_connected", 0),
        status("Faulted", 20, "GroundFailure"),
        status("Faulted", 25, "GroundFailure"),
        status("Available", 30),
    )

    assert one.faults == (Span("S0/1", at(20), at(30), "GroundFailure"),)
    assert one.uptime_share == pytest.approx(0.9)


def test_out_of_service_is_its_own_list_and_one_that_lasts_has_no_end():
    one = history(entry("station_connected", 0), status("Unavailable", 75))

    assert one.out_of_service == (Span("S0/1", at(75), None),)
    assert one.uptime_share == pytest.approx(0.75)
    assert one.faults == ()


def test_overlapping_troubles_are_not_counted_twice():
    one = history(
        entry("station_connected", 0),
        status("Faulted", 20),
        entry("station_disconnected", 25),
        entry("station_connected", 35),
        status("Available", 40),
    )

    assert one.uptime_share == pytest.approx(0.8)  # 20 to 40 is one span of 20 min


def test_the_time_a_gateway_did_not_run_is_nobodys_fault():
    one = history(
        entry("station_connected", 0),
        entry("gateway_stopped", 20),
        entry("gateway_started", 60),
        entry("station_connected", 60),
    )

    assert one.uptime_share == pytest.approx(1.0)  # of the 60 min that it ran
    assert one.offline == ()


def test_a_gateway_that_was_killed_ran_until_its_last_entry():
    one = history(
        entry("station_connected", 0),
        status("Charging", 20),
        entry("gateway_started", 60),
        entry("station_connected", 80),
    )

    # It ran 0 to 20 and 60 to 100; up 0 to 20 and 80 to 100.
    assert one.uptime_share == pytest.approx(40 / 60)


def test_what_was_before_the_window_says_how_it_began():
    one = history(entry("station_connected", 5), status("Faulted", 10), start=50, end=100)

    assert one.uptime_share == 0.0
    assert one.faults == (Span("S0/1", at(10), None),)


def test_the_mailboxs_journal_is_read(tmp_path):
    settings = Settings(home=tmp_path)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.append([entry("gateway_started", 0), entry("station_connected", 50)])

    (one,) = read_station_histories(settings, start=at(0), end=at(100))

    assert (one.station_id, one.uptime_share) == ("S0", pytest.approx(0.5))


def order(minute: float, state: str, *, until: float, start: float = 20) -> JournalEntry:
    facts = {"action": "out_of_service", "order_id": "o1", "state": state, "reason": "new cable"}
    return entry(
        "operator_action",
        minute,
        start=at(start).isoformat(),
        until=at(until).isoformat(),
        **facts,
    )


def test_what_was_planned_is_no_outage():
    one = history(
        entry("station_connected", 0),
        order(10, "standing", until=70),
        status("Unavailable", 20),
        order(60, "over", until=70),
        status("Available", 60),
    )

    assert one.planned == (Span(None, at(20), at(60), "new cable"),)
    assert one.available_share == pytest.approx(0.6)  # 40 of 100 min out of service
    assert one.uptime_share == pytest.approx(1.0)  # all of the 60 min that were to be
    assert one.connected_share == pytest.approx(1.0)


def test_an_order_that_was_refused_excuses_nothing():
    one = history(entry("station_connected", 0), order(10, "refused", until=70))

    assert one.planned == ()


def test_a_planned_span_does_not_excuse_a_lost_connection_beside_it():
    one = history(
        entry("station_connected", 0),
        order(10, "standing", until=60),
        entry("station_disconnected", 80),
    )

    assert one.connected_share == pytest.approx(0.8)
    assert one.uptime_share == pytest.approx(40 / 60)  # 0 to 20 and 60 to 80 of 60 min


def test_security_events_are_told():
    one = history(entry("security_event", 5, event="TamperDetectionActivated", detail="door"))

    assert [(e.event, e.detail) for e in one.security_events] == [
        ("TamperDetectionActivated", "door")
    ]
