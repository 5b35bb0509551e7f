"""How fast stations answer, by make: what counts as an answer, and how it is summed up."""

from datetime import UTC, datetime, timedelta

import pytest

from depotlib.model.live import JournalEntry
from depotlib.workflows.station_latency import BOUNDS_S, latencies

T0 = datetime(2026, 11, 20, 20, tzinfo=UTC)
FAST = ("V", "Fast", "1")


def entry(kind, station_id="S0", *, minute=1.0, **facts):
    return JournalEntry(T0 + timedelta(minutes=minute), kind, station_id, None, facts)


def boot(station_id="S0", make=FAST, *, minute=0.0):
    vendor, model, firmware = make
    facts = {"vendor": vendor, "model": model, "firmware": firmware}
    return entry("boot", station_id, minute=minute, **facts)


def accepted(latency_s, station_id="S0", *, minute=1.0):
    facts = {"answer": "accepted", "latency_s": latency_s}
    return entry("limit_answered", station_id, minute=minute, **facts)


def by_make(*entries):
    found = latencies(entries, start=T0, end=T0 + timedelta(hours=1))
    return {(one.vendor, one.model, one.firmware): one for one in found}


def test_median_tail_and_most_are_of_the_answers_of_one_make():
    # 1 to 20 s: by nearest rank the 10th and the 19th of twenty.
    one = by_make(boot(), *(accepted(float(n)) for n in range(20, 0, -1)))[FAST]

    assert (one.p50_s, one.p95_s, one.max_s) == (10.0, 19.0, 20.0)
    assert (one.accepted, one.stations) == (20, 1)
    counts = {each.up_to_s: each.answers for each in one.histogram}
    # Up to 1 s one, to 2 s one, to 5 s three, to 10 s five, to 30 s ten.
    assert counts == {0.1: 0, 0.2: 0, 0.5: 0, 1.0: 1, 2.0: 1, 5.0: 3, 10.0: 5, 30.0: 10, None: 0}
    assert len(counts) == len(BOUNDS_S)


def test_refused_unanswered_and_accepted_but_ignored_are_told_apart():
    refused = {"what": "safe limit", "answer": "Rejected", "outcome": "rejected"}
    one = by_make(
        boot(),
        entry("fallback_armed", answer="Accepted", outcome="accepted", latency_s=0.1),
        entry("limit_answered", **refused, latency_s=0.2),
        entry("limit_answered", answer="rejected: Rejected", latency_s=0.3),
        entry("limit_answered", answer="unknown: no answer in time", latency_s=0.0),
        entry("limit_answered", answer="unknown: superseded before it was sent", latency_s=0.0),
        entry("disobedience", power_kw=9.0),
    )[FAST]

    assert (one.accepted, one.refused, one.unanswered, one.disobeyed) == (1, 2, 1, 1)
    assert one.max_s == 0.3  # what had no answer took no time


def test_a_firmware_is_a_make_of_its_own_from_its_boot_on():
    slow = ("V", "Fast", "2")

    found = by_make(boot(), accepted(0.1), boot(make=slow, minute=2), accepted(3.0, minute=3))

    assert {make: one.max_s for make, one in found.items()} == {FAST: 0.1, slow: 3.0}


def test_stations_of_a_make_are_summed_and_who_never_said_its_make_stands_alone():
    found = by_make(boot(), boot("S1"), accepted(0.1), accepted(0.2, "S1"), accepted(9.0, "S2"))

    assert {make: one.stations for make, one in found.items()} == {FAST: 2, ("", "", ""): 1}


@pytest.mark.parametrize("minute", [-1.0, 60.0])
def test_what_lies_outside_the_window_does_not_count(minute):
    assert by_make(boot(minute=-2), accepted(0.1, minute=minute)) == {}


def test_a_make_without_an_answer_has_no_times():
    one = by_make(boot(), entry("limit_answered", answer="unknown: no answer in time"))[FAST]

    assert (one.p50_s, one.p95_s, one.max_s, one.unanswered) == (None, None, None, 1)
