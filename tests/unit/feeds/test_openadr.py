"""OpenADR 3 events become limits from outside: given, changed, called off, refused with a reason."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.exchange.limit_desk import withdraw_limit
from depotlib.feeds.openadr.event import event_of
from depotlib.feeds.openadr.limits import limits_of
from depotlib.model.openadr import OpenAdrLevel
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING
from tests.unit.feeds.openadr_depot import (
    NOW,
    PROGRAM,
    client,
    event,
    following,
    limited,
    opened,
    payload,
    publish,
    source,
    standing,
)
from tests.unit.feeds.vtn import Vtn, serving


@pytest.fixture
def vtn():
    server = Vtn(programs=[{"id": "program-1", "programName": "limits"}])
    with serving(server):
        yield server


@pytest.fixture
def mailbox(vtn, tmp_path):
    with opened(tmp_path, source(vtn)) as mailbox:
        yield mailbox


@pytest.fixture
def follower(mailbox, tmp_path):
    return following(mailbox, client(tmp_path))[0]


def state(mailbox):
    return mailbox.feeds.get("openadr")


def journalled(mailbox) -> list[str]:
    return [one.entry.payload["action"] for one in mailbox.journal(kinds=["grid_limit"])]


def test_a_capacity_limit_stands_as_one_that_came_over_http(vtn, mailbox, follower):
    vtn.events = [limited("e1", 36.0)]

    wait_s = follower.step(NOW)

    (limit,) = standing(mailbox)
    assert (limit.node_id, limit.limit_kw, limit.source) == ("site", 36.0, "utility")
    assert (limit.start, limit.end) == (EVENING, EVENING + timedelta(hours=2))
    assert (limit.reference, limit.given_by) == ("e1/0", "openadr limits")
    assert journalled(mailbox) == ["given"]
    assert wait_s == 30.0


def test_looking_again_changes_nothing_and_is_not_sent_again(vtn, mailbox, follower):
    vtn.events = [limited("e1", 36.0)]
    follower.step(NOW)

    follower.step(NOW + timedelta(seconds=30))

    assert journalled(mailbox) == ["given"]
    assert vtn.not_modified == 2  # the programmes and their events


def test_a_client_that_starts_anew_goes_on_where_the_old_one_was(vtn, mailbox, follower, tmp_path):
    vtn.events = [limited("e1", 36.0)]
    follower.step(NOW)

    following(mailbox, client(tmp_path))[0].step(NOW + timedelta(minutes=1))

    assert journalled(mailbox) == ["given"]
    assert len(standing(mailbox)) == 1


def test_intervals_follow_one_another_and_some_have_their_own_time(vtn, mailbox, follower):
    late = (EVENING + timedelta(hours=6)).isoformat()
    vtn.events = [
        limited("e1", 0.0, duration="PT1H", intervals=[
            {"id": 0, "payloads": [payload("IMPORT_CAPACITY_LIMIT", 36.0)]},
            {"id": 1, "intervalPeriod": {"duration": "PT30M"},
             "payloads": [payload("IMPORT_CAPACITY_LIMIT", 30.0)]},
            {"id": 2, "intervalPeriod": {"start": late, "duration": "PT15M"},
             "payloads": [payload("IMPORT_CAPACITY_LIMIT", 24.0)]},
        ])
    ]  # fmt: skip

    follower.step(NOW)

    spans = [((one.start - EVENING) / timedelta(hours=1), (one.end - one.start) / timedelta(hours=1),
              one.limit_kw) for one in standing(mailbox)]  # fmt: skip
    assert spans == [(0.0, 1.0, 36.0), (1.0, 0.5, 30.0), (6.0, 0.25, 24.0)]


def test_a_changed_event_replaces_its_limit_and_changed_back_gives_a_new_one(
    vtn, mailbox, follower
):
    for minute, limit_kw in enumerate((36.0, 24.0, 36.0)):
        vtn.events = [limited("e1", limit_kw)]
        follower.step(NOW + timedelta(minutes=minute))

        (limit,) = standing(mailbox, NOW + timedelta(minutes=minute))
        assert limit.limit_kw == limit_kw
    assert journalled(mailbox) == ["given", "given", "withdrawn", "given", "withdrawn"]


def test_an_event_that_is_called_off_limits_no_more(vtn, mailbox, follower):
    vtn.events = [limited("e1", 36.0)]
    follower.step(NOW)
    vtn.events = []

    follower.step(NOW + timedelta(minutes=5))

    assert standing(mailbox, NOW + timedelta(minutes=5)) == []
    (limit,) = mailbox.grid_limits.all()
    assert limit.withdrawn_at == NOW + timedelta(minutes=5)


def test_an_event_that_is_over_is_not_withdrawn(vtn, mailbox, follower):
    vtn.events = [limited("e1", 36.0)]
    follower.step(NOW)

    follower.step(EVENING + timedelta(hours=3))

    assert journalled(mailbox) == ["given"]
    assert not [name for name in state(mailbox).marks if name.startswith("limit:")]


def test_a_limit_that_was_withdrawn_by_hand_is_not_given_again(vtn, mailbox, follower):
    vtn.events = [limited("e1", 36.0)]
    follower.step(NOW)
    withdraw_limit(mailbox, standing(mailbox)[0].limit_id, by="operator", now=NOW)

    follower.step(NOW + timedelta(minutes=1))

    assert standing(mailbox, NOW + timedelta(minutes=1)) == []


def test_what_an_event_limited_stays_while_it_cannot_be_read(vtn, mailbox, follower):
    vtn.events = [limited("e1", 36.0)]
    follower.step(NOW)
    vtn.events = [limited("e1", 36.0, duration="two hours")]

    follower.step(NOW + timedelta(minutes=1))

    (limit,) = standing(mailbox, NOW + timedelta(minutes=1))
    assert limit.limit_kw == 36.0
    assert state(mailbox).reasons == {"unreadable": 1}
    assert "two hours" in state(mailbox).note


def test_a_price_beside_a_limit_costs_the_limit_nothing(vtn, mailbox, follower):
    both = (payload("PRICE", 0.17), payload("IMPORT_CAPACITY_LIMIT", 36.0))
    vtn.events = [event("e1", *both), limited("e2", 30.0, start="never")]

    follower.step(NOW)

    assert [one.limit_kw for one in standing(mailbox)] == [36.0]
    assert state(mailbox).reasons == {"unreadable": 1, "not_a_limit": 1}


def test_levels_mean_what_the_site_file_says(vtn, mailbox, follower):
    levels = [{"id": n, "payloads": [payload("SIMPLE", n)]} for n in (0, 1, 3)]
    vtn.events = [event("e1", duration="PT1H", intervals=levels)]

    follower.step(NOW)

    # Level 1 is 0.8 of a service of 60 kW, level 3 is 12 kW; 0 is normal operation.
    assert [one.limit_kw for one in standing(mailbox)] == [48.0, 12.0]


def test_a_level_can_mean_the_joint_minimum_of_a_group(vtn, mailbox, follower):
    group = replace(PROGRAM, node_id="charging", source="enwg_14a",
                    levels=(OpenAdrLevel(level=1, is_joint_minimum=True),))  # fmt: skip
    publish(mailbox, source(vtn, programs=(group,)))
    vtn.events = [event("e1", payload("SIMPLE", 1))]

    follower.step(NOW)

    (limit,) = standing(mailbox)
    # Two charge points of 11 kW: 4.2 + 1 x 0.80 x 4.2.
    assert limit.limit_kw == pytest.approx(7.56)
    assert (limit.node_id, limit.source) == ("charging", "enwg_14a")


def test_a_joint_minimum_of_a_group_without_devices_costs_other_events_nothing(
    vtn, mailbox, follower
):
    # Of the sample's circuits none carries a charge point that is called "spare".
    group = replace(
        PROGRAM, node_id="spare", levels=(OpenAdrLevel(level=1, is_joint_minimum=True),)
    )
    read = [
        event_of(one, program="limits", units={}, ven_name="north")
        for one in (event("e1", payload("SIMPLE", 1)), limited("e2", 36.0))
    ]

    limits, refusals = limits_of(read, [group], depot=samples.depot(), now=NOW)

    assert [one.reference for one in limits] == ["e2/0"]
    assert [(one.reason, one.is_unreadable) for one in refusals] == [
        ("no_controllable_device", True)
    ]


def test_the_event_of_the_higher_priority_counts_and_equals_both_do(vtn, mailbox, follower):
    hour = EVENING + timedelta(hours=1)
    vtn.events = [
        limited("low", 20.0, duration="PT4H", priority=5),
        limited("high", 40.0, start=hour, duration="PT1H", priority=0),
        limited("nameless", 10.0, duration="PT4H", start=EVENING + timedelta(hours=5)),
        limited("also", 15.0, duration="PT1H", start=EVENING + timedelta(hours=5)),
    ]

    follower.step(NOW)

    spans = {(one.reference, (one.start - EVENING) / timedelta(hours=1),
              (one.end - EVENING) / timedelta(hours=1)) for one in standing(mailbox)}  # fmt: skip
    assert spans == {
        ("low/0", 0.0, 1.0), ("high/0", 1.0, 2.0), ("low/0", 2.0, 4.0),
        ("nameless/0", 5.0, 9.0), ("also/0", 5.0, 6.0),
    }  # fmt: skip


def test_normal_operation_of_a_higher_priority_lifts_a_limit(vtn, mailbox, follower):
    vtn.events = [
        limited("low", 20.0, priority=5),
        event("normal", payload("SIMPLE", 0), priority=1),
    ]

    follower.step(NOW)

    assert standing(mailbox) == []


def test_a_limit_without_end_is_given_by_the_week(vtn, mailbox, follower):
    vtn.events = [limited("e1", 36.0, start="0001-01-01T00:00:00", duration="P9999Y")]

    follower.step(NOW)
    first = standing(mailbox)
    later = NOW + timedelta(days=8)
    follower.step(later)

    # It came to be at EVENING: weeks from there, up to 14 days ahead.
    assert [(one.start - EVENING).days for one in first] == [0, 7, 14]
    assert [(one.start - EVENING).days for one in standing(mailbox, later)] == [7, 14, 21]
    assert first[1].limit_id == standing(mailbox, later)[0].limit_id


def test_a_day_that_repeats_repeats_its_limits(vtn, mailbox, follower):
    vtn.events = [
        limited("e1", 0.0, duration="PT12H", intervals=[
            {"id": 0, "payloads": [payload("IMPORT_CAPACITY_LIMIT", 30.0)]},
            {"id": 1, "payloads": [payload("IMPORT_CAPACITY_LIMIT", 40.0)]},
        ]) | {"duration": "P2D"}
    ]  # fmt: skip

    follower.step(NOW)

    assert [one.limit_kw for one in standing(mailbox)] == [30.0, 40.0, 30.0, 40.0]
    assert standing(mailbox)[-1].end == EVENING + timedelta(days=2)


def test_a_random_start_is_this_clients_own_and_the_same_at_every_look(vtn, mailbox, follower):
    period = {"start": EVENING.isoformat(), "duration": "PT2H", "randomizeStart": "PT10M"}
    vtn.events = [limited("e1", 36.0, intervalPeriod=period)]

    follower.step(NOW)
    mine = standing(mailbox)[0]
    follower.step(NOW + timedelta(minutes=1))
    publish(mailbox, source(vtn, ven_name="south"))
    follower.step(NOW + timedelta(minutes=2))
    other = standing(mailbox, NOW + timedelta(minutes=2))[0]

    assert abs(mine.start - EVENING) <= timedelta(minutes=10)
    assert mine.end - mine.start == timedelta(hours=2)
    assert mine.start != EVENING
    assert other.start != mine.start
    assert journalled(mailbox) == ["given", "given", "withdrawn"]


def test_capacity_limits_where_the_site_file_says_so_with_what_is_reserved(vtn, mailbox, follower):
    capacity = replace(PROGRAM, is_capacity_limit=True)
    publish(mailbox, source(vtn, programs=(capacity,)))
    hour = EVENING + timedelta(hours=1)
    vtn.events = [
        event("base", payload("IMPORT_CAPACITY_SUBSCRIPTION", 30.0), duration="PT3H"),
        event("more", payload("IMPORT_CAPACITY_RESERVATION", 12.5), start=hour, duration="PT1H"),
    ]

    follower.step(NOW)

    assert [one.limit_kw for one in standing(mailbox)] == [30.0, 42.5, 30.0]


def test_events_for_others_are_passed_over(vtn, mailbox, follower):
    publish(mailbox, source(vtn, targets=("feeder-7",)))
    vtn.events = [
        limited("mine", 36.0, targets=["feeder-7"]),
        limited("theirs", 10.0, targets=["feeder-8"]),
        limited("named", 11.0, targets=[{"type": "VEN_NAME", "values": ["south"]}]),
        limited("everybody", 50.0, start=EVENING + timedelta(hours=5)),
    ]

    follower.step(NOW)

    assert [one.limit_kw for one in standing(mailbox)] == [36.0, 50.0]
    assert vtn.asked("/events")[0]["targets"] == ["feeder-7"]


def test_sixty_events_come_in_pages(vtn, mailbox, follower):
    vtn.events = [
        limited(f"e{n}", 20.0 + n, start=EVENING + timedelta(hours=n + 1), duration="PT1H")
        for n in range(60)
    ]

    follower.step(NOW)

    assert len(standing(mailbox)) == 60
    assert [query["skip"] for query in vtn.asked("/events")] == [["0"], ["50"]]


def test_a_programme_that_is_not_shown_is_named_and_its_limits_stay(vtn, mailbox, follower):
    vtn.events = [limited("e1", 36.0)]
    follower.step(NOW)
    vtn.programs = [{"id": "program-1", "programName": "other"}]

    follower.step(NOW + timedelta(minutes=1))

    assert len(standing(mailbox, NOW + timedelta(minutes=1))) == 1
    assert state(mailbox).reasons == {"no_programme": 1}
    assert "limits" in state(mailbox).note
