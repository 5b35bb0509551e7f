"""The receipt of a push, and what its time to effect adds to the mean that is billed."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.preview import preview_digest
from depotlib.model.live import JournalEntry, PushRequest, PushResult
from depotlib.settings import Settings
from depotlib.workflows.push_receipt import (
    RECEIPT,
    push_receipt,
    receipt_text,
    time_to_effect,
)
from tests.unit.exchange.samples import EVENING, TOKEN, brief, release


def at(seconds: float):
    return EVENING + timedelta(seconds=seconds)


def result_of(connector_id: str, **facts) -> PushResult:
    return PushResult(
        request_id="q1",
        station_id=connector_id.partition("/")[0],
        connector_id=connector_id,
        state="metered",
        note="",
        latency_s=0.5,
        changed_at=at(0),
        **facts,
    )


def test_what_is_drawn_above_a_new_limit_until_the_meter_shows_it_is_priced():
    result = result_of("S0/1", sent_at=at(0), metered_at=at(45))

    effect = time_to_effect(result, limit_kw=2.0, drawn_kw=22.0, window_s=900)

    # 20 kW above the limit for 45 s: 20 x 45 / 900 = 1 kW on the 15-minute mean.
    assert (effect.effect_s, effect.excess_kw) == (45.0, 20.0)
    assert effect.added_kw == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("drawn_kw", "metered_s", "added_kw"),
    [(1.0, 45.0, 0.0), (22.0, 3600.0, 20.0)],
    ids=["a limit that rises costs nothing", "a window's mean rises by no more than the power"],
)
def test_the_price_of_waiting_is_bounded(drawn_kw, metered_s, added_kw):
    result = result_of("S0/1", sent_at=at(0), metered_at=at(metered_s))

    effect = time_to_effect(result, limit_kw=2.0, drawn_kw=drawn_kw, window_s=900)

    assert effect.added_kw == pytest.approx(added_kw)


def test_before_the_meter_has_shown_it_there_is_no_effect():
    assert time_to_effect(
        result_of("S0/1", sent_at=at(0)), limit_kw=2.0, drawn_kw=22.0, window_s=900
    ) is None  # fmt: skip


@pytest.fixture
def pushed(tmp_path):
    """Return the settings of a depot with one push, as its gateway has written it down."""
    settings = Settings(home=tmp_path)
    asked = release("r1")
    connector_id = asked.schedules[0].connector_id
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(brief(), at=at(0))
        mailbox.add_release(asked)
        digest = preview_digest(asked, in_force=None)
        mailbox.ask(PushRequest("q1", "push", "r1", digest, "ann", at(0), TOKEN))
        facts = {"request_id": "q1", "asked_by": "ann", "token_of": "ben", "role": "operator"}
        meter = {"power_kw": 9.0, "session_id": "x"}
        station_id = asked.schedules[0].connector_id.partition("/")[0]
        mailbox.append(
            [
                JournalEntry(
                    at(-60), "meter", station_id, connector_id, {**meter, "power_kw": 4.0}
                ),
                JournalEntry(at(-1), "meter", station_id, connector_id, meter),
                JournalEntry(at(0), "push_started", payload=facts),
                JournalEntry(at(50), "meter", station_id, connector_id, {**meter, "power_kw": 1.0}),
            ]
        )
        mailbox.put_push_result(
            result_of(
                connector_id,
                sent_at=at(0),
                accepted_at=at(1),
                read_back_at=at(2),
                metered_at=at(50),
            )
        )
        mailbox.set_request("q1", "finished", note="1 read back", at=at(2))
    return settings, asked


def test_a_receipt_says_who_when_what_and_how_far_each_connector_got(pushed):
    settings, asked = pushed

    receipt = push_receipt(settings, "q1")

    assert (receipt.asked_by, receipt.token_of, receipt.role) == ("ann", "ben", "operator")
    assert (receipt.plan_id, receipt.state) == (asked.plan_id, "finished")
    assert receipt.preview_digest == preview_digest(asked, in_force=None)
    (line,) = receipt.lines
    assert line.limits == asked.schedules[0].steps
    assert (line.accepted_at, line.read_back_at, line.metered_at) == (at(1), at(2), at(50))
    # Drew 9 kW one second before; the limit of the schedule then is on the line above.
    limit_kw = asked.schedules[0].limit_at(at(0))
    assert line.effect.excess_kw == pytest.approx(9.0 - limit_kw)
    assert receipt.added_kw == pytest.approx((9.0 - limit_kw) * 50 / 900)
    dearest = max(term.price_per_kw for term in brief().prices.peaks)
    assert receipt.added_amount == pytest.approx(receipt.added_kw * dearest)


def test_a_vehicle_that_comes_later_is_no_effect_of_a_push(pushed):
    settings, asked = pushed
    with open_mailbox(settings.mailbox_path) as mailbox:
        # Sent an hour after the last sample of its meter: nobody was there any more.
        stamps = {"sent_at": at(3600), "accepted_at": at(3601), "metered_at": at(9000)}
        mailbox.put_push_result(result_of(asked.schedules[0].connector_id, **stamps))

    receipt = push_receipt(settings, "q1")

    assert (receipt.lines[0].metered_at, receipt.lines[0].effect) == (at(9000), None)
    assert receipt.added_kw == 0.0


def test_a_receipt_can_be_kept_and_read_again(pushed):
    settings, _ = pushed
    receipt = push_receipt(settings, "q1")

    text = receipt_text(receipt)

    assert RECEIPT.validate_json(text) == receipt
    assert TOKEN not in text
    assert json.loads(text)["journal_hash"] == receipt.journal_hash


def test_a_receipt_names_the_connectors_that_get_their_schedule_as_a_file(pushed):
    settings, asked = pushed
    known = brief()
    deaf = tuple(replace(one, takes_live_profiles=False) for one in known.depot.stations)
    changed = replace(known, depot=replace(known.depot, stations=deaf))
    with open_mailbox(settings.mailbox_path) as mailbox:
        version = mailbox.publish_brief(changed, at=at(1))
        mailbox.add_release(replace(asked, release_id="r2", brief_version=version))
        mailbox.ask(PushRequest("q2", "push", "r2", "", "ann", at(0), TOKEN))

    assert push_receipt(settings, "q2").not_live == (asked.schedules[0].connector_id,)
    assert push_receipt(settings, "nobody's") is None
