"""What of an OpenADR event is taken and what is refused, with its reason. Pure."""

from datetime import timedelta

import pytest

from depotlib.feeds.openadr.event import Refusal, event_of
from depotlib.feeds.openadr.limits import limits_of
from depotlib.model.feed import MAY_LIMIT
from tests.unit.exchange import samples
from tests.unit.feeds.openadr_depot import NOW, PROGRAM, event, limited, payload


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (limited("e1", -1.0), "value"),
        (limited("e1", float("inf")), "value"),
        (event("e1", payload("IMPORT_CAPACITY_LIMIT", "much")), "value"),
        (event("e1", payload("IMPORT_CAPACITY_LIMIT")), "value"),
        (limited("e1", 36.0, payloadDescriptors=[
            {"payloadType": "IMPORT_CAPACITY_LIMIT", "units": "KVA"}]), "units"),
        (limited("e1", 36.0, start="tomorrow"), "unreadable"),
        (limited("e1", 36.0, start="2026-11-02T18:00:00"), "unreadable"),
        (limited("e1", 36.0, duration="P1M"), "unreadable"),
        (limited("e1", 36.0, duration="-PT1H"), "unreadable"),
        (limited("e1", 36.0, start="9950-01-01T00:00:00Z") | {"duration": "P9999Y"}, "unreadable"),
        (limited("e1", 36.0, start="9999-12-31T23:00:00Z", duration="PT59M59S"), "unreadable"),
        (limited("e1", 36.0, start="0001-01-02T00:00:00+14:00"), "unreadable"),
        (limited("e1", 36.0, priority=-1), "unreadable"),
        (limited("e1", 36.0, priority="high"), "unreadable"),
        (limited("", 36.0), "unreadable"),
        (limited("e1", 36.0, intervals=[{"payloads": []}]), "unreadable"),
        (limited("e1", 36.0, intervals=[{"id": 0, "payloads": [{"type": "SIMPLE"}]}]), "unreadable"),
        (limited("e1", 36.0, duration="PT0.000001S") | {"duration": "P9999Y"}, "unreadable"),
        (event("e1", payload("IMPORT_CAPACITY_LIMIT", *[36.0] * 10_001)), "unreadable"),
        (event("e1", payload("SIMPLE", 2)), "level_not_mapped"),
        (event("e1", payload("SIMPLE", 7)), "level_not_mapped"),
        (event("e1", payload("PRICE", 0.17)), "not_a_limit"),
        (event("e1", payload("EXPORT_CAPACITY_LIMIT", 5.0)), "not_a_limit"),
        (event("e1", payload("ALERT_GRID_EMERGENCY", "danger")), "not_a_limit"),
        (event("e1", payload("IMPORT_CAPACITY_SUBSCRIPTION", 30.0)), "capacity_not_a_limit"),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_refused_with_its_reason(bad, reason):
    read = event_of(bad, program="limits", units={}, ven_name="north")

    if isinstance(read, Refusal):
        limits, refusals = (), (read,)
    else:
        limits, refusals = limits_of([read], [PROGRAM], depot=samples.depot(), now=NOW)

    assert limits == ()
    assert [one.reason for one in refusals] == [reason]
    # What may have meant a limit is what people are told of.
    assert [one.is_unreadable for one in refusals] == [reason in MAY_LIMIT]


def test_a_day_of_five_minutes_that_repeats_for_ever_is_taken_whole():
    intervals = [{"id": n, "payloads": [payload("IMPORT_CAPACITY_LIMIT", 30.0 + n % 2)]}
                 for n in range(288)]  # fmt: skip
    day = limited("e1", 0.0, duration="PT5M", intervals=intervals) | {"duration": "P9999Y"}
    read = event_of(day, program="limits", units={}, ven_name="north")

    limits, refusals = limits_of([read], [PROGRAM], depot=samples.depot(), now=NOW)

    # Of 14 days of 288, the half hour that is over is no limit any more; the last one is begun.
    assert refusals == ()
    assert len(limits) == 14 * 288
    assert limits[-1].start < NOW + timedelta(days=14) <= limits[-1].end
