"""The fleet's systems are told: the journal becomes signed messages, in order, none lost."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from depotlib.clock import Clock
from depotlib.errors import ProcessError
from depotlib.exchange.api_keys import issue_key, revoke_key
from depotlib.exchange.locks import teller_lock
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.webhook_desk import renew_secret, view_of, want_again, withdraw_webhook
from depotlib.exchange.webhook_secrets import secret_of
from depotlib.model.live import JournalEntry
from depotlib.model.webhook import KINDS_OF, Webhook, WebhookProgress
from depotlib.settings import Settings
from depotlib.webhooks.desk import KEPT, REFUSED_TRIES
from depotlib.workflows.fleet_webhooks import WebhookOrder, add_webhook
from depotlib.workflows.tell_fleet import SKIP_SEQ, FleetTeller, tell_fleet
from tests.receiver import DRIP, HANG, REDIRECT, Receiver, receiving
from tests.unit.exchange.samples import EVENING, TOKEN, brief, release, station_state

LOOPBACK = "127.0.0.0/8"
WAIT_S = 60.0


@pytest.fixture
def tms() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        mailbox.publish_brief(brief(), at=EVENING)
    return Settings(home=tmp_path, operator_token=TOKEN, webhook_networks=LOOPBACK)


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    with open_mailbox(settings.mailbox_path) as mailbox:
        yield mailbox


def at(instant: datetime) -> Clock:
    return Clock(start=instant, speed_factor=1.0, anchor=datetime.now(UTC))


def teller(settings: Settings, *, later: timedelta = timedelta()) -> FleetTeller:
    return FleetTeller(settings, at(EVENING + later), timeout_s=0.5)


def registered(
    settings: Settings, receiver: Receiver, *families: str, name: str = "tms"
) -> tuple[str, str]:
    """Return the id of a new webhook and its secret."""
    order = WebhookOrder(receiver.address, families or ("session",), webhook_id=name)
    view, secret = add_webhook(settings, order, now=EVENING)
    return view.webhook_id, secret


def happens(mailbox: Mailbox, *kinds: str, when: datetime = EVENING) -> list[int]:
    return mailbox.append(
        [
            JournalEntry(when, kind, "AC-01", "AC-01/1", {"number": n})
            for n, kind in enumerate(kinds)
        ]
    )


def told_all(teller: FleetTeller, webhook_id: str = "tms") -> int:
    count = 0
    while webhook_id in teller.look() and teller.tell_one(webhook_id):
        count += 1
    return count


def test_an_event_comes_signed_with_its_id_and_what_it_says(settings, mailbox, tms):
    _, secret = registered(settings, tms)
    (seq,) = happens(mailbox, "session_started")

    told_all(teller(settings))

    (one,) = tms.came
    assert one.path == "/told?key=4711"
    assert one.document == {
        "id": one.message_id,
        "seq": seq,
        "depot": brief().depot.depot_id,
        "family": "session",
        "event": "session_started",
        "at": EVENING.isoformat(),
        "station_id": "AC-01",
        "connector_id": "AC-01/1",
        "facts": {"number": 0},
    }
    stamp, mark = one.signature.split(",")
    # HMAC-SHA256 over "SECONDS.BODY" as docs/api.md writes it, reckoned here by the receiver.
    signed = stamp.removeprefix("t=").encode() + b"." + one.body
    assert mark == "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert abs(int(stamp.removeprefix("t=")) - EVENING.timestamp()) < WAIT_S


def test_events_come_in_the_journals_order_and_only_those_asked_for(settings, mailbox, tms):
    happens(mailbox, "session_started")  # before it was registered
    registered(settings, tms, "session", "limit")

    happens(mailbox, "session_started", "meter", "grid_limit", "release_published")
    happens(mailbox, "session_ended")

    assert told_all(teller(settings)) == 3
    assert tms.events() == ["session_started", "grid_limit", "session_ended"]
    assert [one.document["seq"] for one in tms.came] == sorted(
        one.document["seq"] for one in tms.came
    )


def test_every_family_says_each_of_its_kinds(settings, mailbox, tms):
    families = tuple(family for family in KINDS_OF if family != "estimate")
    registered(settings, tms, *families)

    happens(mailbox, *(kind for family in families for kind in KINDS_OF[family]))
    told_all(teller(settings))

    assert [one.document["family"] for one in tms.came] == [
        family for family in families for _ in KINDS_OF[family]
    ]


def test_one_that_fails_is_sent_again_under_the_same_id_before_those_after_it(
    settings, mailbox, tms
):
    registered(settings, tms)
    happens(mailbox, "session_started", "session_ended")
    tms.statuses = [500, 503]

    told = [told_all(teller(settings, later=timedelta(seconds=s))) for s in (0, 1, 6, 7, 17)]

    # Pauses of 5 s and 10 s: due at 5 and (tried at 6) 16.
    assert told == [0, 0, 0, 0, 2]
    assert len(set(tms.ids()[:3])) == 1
    assert tms.events() == ["session_started"] * 3 + ["session_ended"]


@pytest.mark.parametrize("fault", [HANG, DRIP])
def test_one_that_hangs_or_drips_is_left_after_its_time(settings, mailbox, tms, fault):
    registered(settings, tms)
    happens(mailbox, "session_started")
    tms.statuses = [fault]

    assert told_all(teller(settings)) == 0
    state = view_of(mailbox, mailbox.webhooks.get("tms"))
    assert (state.state, state.tries) == ("failing", 1)
    assert told_all(teller(settings, later=timedelta(seconds=6))) == 1


def test_a_redirect_is_not_followed_and_given_up_as_refused(settings, mailbox, tms):
    registered(settings, tms)
    (first, _) = happens(mailbox, "session_started", "session_ended")
    tms.statuses = [REDIRECT] * REFUSED_TRIES

    for tries in range(REFUSED_TRIES + 1):
        told_all(teller(settings, later=timedelta(minutes=20 * tries)))

    assert {one.path for one in tms.came} == {"/told?key=4711"}
    assert tms.events() == ["session_started"] * REFUSED_TRIES + ["session_ended"]
    (letter,) = mailbox.webhooks.dead("tms")
    assert (letter.seq, letter.event, letter.trouble) == (
        first,
        "session_started",
        "it answered 302",
    )


def test_what_was_given_up_is_journalled_listed_and_sent_again_when_wanted(settings, mailbox, tms):
    registered(settings, tms)
    happens(mailbox, "session_started")
    tms.statuses = [404] * REFUSED_TRIES
    for tries in range(REFUSED_TRIES):
        told_all(teller(settings, later=timedelta(minutes=20 * tries)))
    assert view_of(mailbox, mailbox.webhooks.get("tms")).dead_letters == 1
    (given_up,) = mailbox.journal(0, 99, kinds=["webhook_given_up"])
    assert given_up.entry.payload["events"] == 1

    want_again(mailbox, "tms")
    assert told_all(teller(settings)) == 1

    assert len(set(tms.ids())) == 1
    assert mailbox.webhooks.dead("tms") == ()


def test_what_is_wanted_again_and_fails_again_stays_and_holds_up_nothing(settings, mailbox, tms):
    registered(settings, tms)
    happens(mailbox, "session_started")
    tms.statuses = [404] * (REFUSED_TRIES + 1)
    for tries in range(REFUSED_TRIES):
        told_all(teller(settings, later=timedelta(minutes=20 * tries)))

    want_again(mailbox, "tms")
    assert told_all(teller(settings)) == 0
    happens(mailbox, "session_ended")

    assert told_all(teller(settings)) == 1
    assert tms.events()[-1] == "session_ended"
    (letter,) = mailbox.webhooks.dead("tms")
    assert not letter.is_wanted


def test_where_nobody_answers_for_a_day_what_is_older_is_given_up_together(settings, mailbox, tms):
    registered(settings, tms)
    happens(mailbox, "session_started", "session_ended")
    day = KEPT + timedelta(minutes=1)
    happens(mailbox, "session_started", when=EVENING + day)
    pause = timedelta(minutes=50)
    tries = int(KEPT / pause)
    tms.statuses = [HANG, *[503] * tries, HANG]

    for turn in range(tries + 1):
        told_all(teller(settings, later=turn * pause))
    told_all(teller(settings, later=day))
    told_all(teller(settings, later=day + timedelta(minutes=20)))

    assert len(mailbox.webhooks.dead("tms")) == 2
    assert [one.document["at"] for one in tms.came][-1] == (EVENING + day).isoformat()


def test_after_days_without_a_teller_nothing_is_given_up_at_its_first_try(settings, mailbox, tms):
    registered(settings, tms)
    happens(mailbox, "session_started", "session_ended")
    tms.statuses = [503]

    told_all(teller(settings, later=3 * KEPT))
    told_all(teller(settings, later=3 * KEPT + timedelta(minutes=1)))

    assert mailbox.webhooks.dead("tms") == ()
    assert tms.events() == ["session_started", "session_started", "session_ended"]


def test_one_refusal_after_an_outage_gives_nothing_up(settings, mailbox, tms):
    registered(settings, tms)
    happens(mailbox, "session_started")
    # A proxy without the server behind it, for longer than five tries; then it is half up.
    tms.statuses = [*[503] * (REFUSED_TRIES + 1), 404]

    for tries in range(REFUSED_TRIES + 3):
        told_all(teller(settings, later=timedelta(minutes=20 * tries)))

    assert mailbox.webhooks.dead("tms") == ()
    assert tms.events() == ["session_started"] * (REFUSED_TRIES + 3)


def test_a_webhook_whose_key_was_revoked_is_told_nothing(settings, mailbox, tms):
    place = settings.operator_token_path
    issue_key(place, "tms", scopes=["stations:read", "webhooks:write"], now=EVENING)
    webhook = Webhook("tms", tms.address, ("session",), given_by="key tms", given_at=EVENING)
    mailbox.webhooks.put(webhook)
    mailbox.webhooks.put_progress(WebhookProgress("tms", after_seq=0))
    happens(mailbox, "session_started", "session_ended")
    assert teller(settings).tell_one("tms")

    revoke_key(place, "tms")

    assert told_all(teller(settings)) == 0
    assert tms.events() == ["session_started"]


def test_a_webhook_that_was_withdrawn_is_told_nothing_more(settings, mailbox, tms):
    registered(settings, tms)
    happens(mailbox, "session_started")

    withdraw_webhook(mailbox, "tms", by="me", now=EVENING)

    assert told_all(teller(settings)) == 0
    assert tms.came == []


def test_a_new_secret_signs_from_the_next_message_on(settings, mailbox, tms):
    _, old = registered(settings, tms)

    renewed = renew_secret(mailbox, "tms", by="me", now=EVENING)
    happens(mailbox, "session_started")
    told_all(teller(settings))

    new = secret_of(settings.operator_token_path, renewed)
    (one,) = tms.came
    stamp = one.signature.split(",")[0].removeprefix("t=").encode()
    marks = {
        key: hmac.new(key.encode(), stamp + b"." + one.body, hashlib.sha256).hexdigest()
        for key in (old, new)
    }
    assert new != old
    assert one.signature.endswith(marks[new])


def test_a_network_that_is_no_longer_opened_is_not_reached(settings, mailbox, tms):
    registered(settings, tms)
    happens(mailbox, "session_started")

    shut = settings.model_copy(update={"webhook_networks": ""})

    assert told_all(teller(shut)) == 0
    assert tms.came == []
    assert "not a public address" in view_of(mailbox, mailbox.webhooks.get("tms")).trouble


def test_no_secret_and_no_path_lies_in_mailbox_or_journal(settings, mailbox, tms):
    _, secret = registered(settings, tms, "session")
    tms.statuses = [500]
    happens(mailbox, "session_started")
    told_all(teller(settings))

    rows = json.dumps([one.entry.payload for one in mailbox.journal(0, 99)], default=str)
    files = b"".join(path.read_bytes() for path in settings.home.glob("exchange.sqlite*"))
    assert secret not in rows
    assert "4711" not in rows
    assert secret.encode() not in files
    assert "4711" not in view_of(mailbox, mailbox.webhooks.get("tms")).trouble


def test_a_quiet_webhook_does_not_read_the_same_records_for_ever(settings, mailbox, tms):
    registered(settings, tms)
    happens(mailbox, *["meter"] * (SKIP_SEQ + 1))

    assert teller(settings).look() == ()

    assert mailbox.webhooks.progress("tms").after_seq == mailbox.journal_head().seq


def test_an_estimate_is_told_when_it_is_new_and_when_it_has_changed(settings, mailbox, tms):
    registered(settings, tms, "estimate")
    mailbox.add_release(release())
    mailbox.set_current_release("r1", at=EVENING)
    state = station_state()
    mailbox.put_station_state(state)
    told_all(teller(settings))
    told_all(teller(settings, later=timedelta(minutes=2)))
    assert tms.events() == ["estimate_changed"]

    # Four of the kilowatt-hours that were left: more than a tenth of them.
    (plug,) = state.connectors
    mailbox.put_station_state(
        replace(state, connectors=(replace(plug, energy_kwh=plug.energy_kwh + 4.0),))
    )
    told_all(teller(settings, later=timedelta(seconds=59)))
    assert len(tms.came) == 1  # within a minute of the last
    told_all(teller(settings, later=timedelta(minutes=2)))

    before, after = (one.document["facts"] for one in tms.came)
    assert before["vehicle_id"] == after["vehicle_id"] == "van-1"
    assert after["energy_remaining_kwh"] == pytest.approx(before["energy_remaining_kwh"] - 4.0)


def test_two_webhooks_do_not_wait_for_each_other(settings, mailbox, tms):
    with receiving() as slow:
        registered(settings, tms)
        registered(settings, slow, name="slow")
        slow.statuses = [HANG]
        stop = threading.Event()
        process = threading.Thread(
            target=tell_fleet, args=(settings, at(EVENING)), kwargs={"stop": stop, "tell": print}
        )
        process.start()
        try:
            happens(mailbox, "session_started")
            assert slow.begun.acquire(timeout=WAIT_S)
            happens(mailbox, "session_ended")

            assert tms.begun.acquire(timeout=WAIT_S)
            assert tms.begun.acquire(timeout=WAIT_S)  # while the other still hangs
        finally:
            stop.set()
            slow.let_go.set()
            process.join(WAIT_S)
    assert tms.events() == ["session_started", "session_ended"]


def test_a_second_teller_does_not_begin(settings, mailbox):
    with (
        teller_lock(settings.mailbox_path, "webhooks"),
        pytest.raises(ProcessError, match="already"),
    ):
        tell_fleet(settings, at(EVENING), stop=threading.Event(), tell=print)
