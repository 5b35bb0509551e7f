"""People are told: the night in the exchange becomes an e-mail and a webhook, once."""

import http.server
import json
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_string

import pytest
from pydantic import SecretStr

from depotlib.alerts.contacts import MailServer
from depotlib.alerts.mail import mail_of, send_mail
from depotlib.errors import (
    AlertFileError,
    DeliveryError,
    OperatorTokenError,
    ProcessError,
    UnknownRecordError,
)
from depotlib.exchange.locks import teller_lock
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from depotlib.webhooks.post import SIGNATURE, post_webhook, signature
from depotlib.workflows.alert_people import (
    AlertWatch,
    acknowledge_alert,
    read_alerts,
    try_contacts,
)
from tests.unit.exchange.samples import EVENING, MORNING, brief, dwell, release, station_state

LATER = MORNING + timedelta(hours=1)
SECRET = "shared with the screen"
NIGHT = EVENING + timedelta(hours=11, minutes=50)
"""Ten minutes before the only van leaves: 15 kWh at 11 kW cannot be had any more."""


class Post(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a client without extensions needs."""

    def handle(self) -> None:
        self.say("220 post")
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].upper()
            if word == "DATA":
                self.say("354 go on")
                lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
                self.server.mails.append("\n".join(lines))
            if word == "RCPT" and self.server.refuses:
                self.say("550 nobody of that name")
                continue
            self.say("221 bye" if word == "QUIT" else "250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Screen(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@contextmanager
def serving(handler, **facts: object):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        for name, value in facts.items():
            setattr(server, name, value)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def post():
    with serving(Post, mails=[], refuses=False) as server:
        yield server


@pytest.fixture
def screen():
    with serving(Screen, posts=[], status=204) as server:
        yield server


@pytest.fixture
def settings(tmp_path):
    depot = Settings(
        home=tmp_path, webhook_secret=SecretStr(SECRET), operator_token="the operator's"
    )
    with open_mailbox(depot.mailbox_path) as mailbox:
        mailbox.publish_brief(replace(brief(), dwells=(dwell("van-1"),)), at=EVENING)
        for name in ("AC-01", "AC-02"):
            mailbox.put_station_state(replace(station_state(name), connectors=(), last_seen=LATER))
    alive(depot)
    return depot


def alive(settings, *names: str) -> None:
    """Let processes give a sign of life that lasts for the whole test."""
    with open_mailbox(settings.mailbox_path) as mailbox:
        for name in names or ("gateway", "dispatch"):
            mailbox.beat(name, LATER)


def tell(settings, post, screen, *, level: int = 0) -> None:
    (settings.home / "alerts.toml").write_text(
        f'[mail]\nhost = "127.0.0.1"\nport = {post.server_address[1]}\nsender = "d@north.example"\n'
        'security = "none"\n[[contact]]\nname = "desk"\nmail = "desk@north.example"\n'
        f'[[contact]]\nname = "screen"\nwebhook = "http://127.0.0.1:{screen.server_address[1]}/a"\n'
        f"level = {level}\n"
    )


def looked(settings, *, times: int = 4, every_s: float = 30.0, since=NIGHT):
    watch = AlertWatch(settings, tell=[].append)
    for index in range(times):
        found = watch.step(since + timedelta(seconds=index * every_s))
    return found


def journalled(settings, kind: str) -> list[dict[str, object]]:
    with open_mailbox(settings.mailbox_path) as mailbox:
        return [one.entry.payload for one in mailbox.journal(0, 1000, kinds=[kind])]


def test_a_van_at_risk_is_told_once_by_mail_and_by_a_signed_webhook(settings, post, screen):
    tell(settings, post, screen)

    (alert,) = looked(settings)

    assert (alert.rule, alert.subject) == ("van_at_risk", "van-1")
    (mail,) = map(message_from_string, post.mails)
    assert (mail["To"], mail["From"]) == ("desk@north.example", "d@north.example")
    assert mail["Subject"].startswith("[North yard] van-1 leaves at Tue 06:00 and lacks 15.0 kWh")
    assert alert.alert_id in mail.get_payload()
    ((headers, body),) = screen.posts
    stamp = int(headers[SIGNATURE].split(",")[0].removeprefix("t="))
    told_at = NIGHT + timedelta(seconds=30)  # it has to hold for 30 s
    assert stamp == told_at.timestamp()
    assert headers[SIGNATURE] == signature(body, secret=SECRET, at=told_at)
    assert [one["subject"] for one in json.loads(body)["alerts"]] == ["van-1"]
    assert len(journalled(settings, "alert_raised")) == 1
    assert len(journalled(settings, "alert_told")) == 2


def test_the_plan_that_leaves_a_van_short_and_the_dispatch_that_is_gone_are_told(
    settings, post, screen
):
    tell(settings, post, screen)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.beat("dispatch", EVENING)  # long before

    alerts = looked(settings, since=EVENING + timedelta(hours=1))

    assert [one.subject for one in alerts] == ["dispatch"]
    assert "the last release goes on" in post.mails[0]


def test_a_mail_server_that_refuses_keeps_nobody_else_from_being_told(settings, post, screen):
    tell(settings, post, screen)
    post.refuses = True

    (alert,) = looked(settings, times=2)

    assert len(screen.posts) == 1
    telling = alert.telling("desk", "mail")
    assert telling is not None
    assert telling.told_at is None
    assert "nobody of that name" in telling.trouble

    post.refuses = False
    looked(settings, times=1, since=NIGHT + timedelta(seconds=60))

    assert len(post.mails) == 1
    assert len(screen.posts) == 1


def test_after_an_acknowledgement_the_next_level_is_not_told(settings, post, screen):
    tell(settings, post, screen, level=1)
    (alert,) = looked(settings)

    known = acknowledge_alert(
        settings, alert.alert_id, by="ann", token="the operator's", note="swapped", now=NIGHT
    )
    looked(settings, times=3, every_s=900.0)

    assert (known.acknowledged_by, known.note) == ("ann", "swapped")
    assert screen.posts == []
    assert [one["by"] for one in journalled(settings, "alert_acknowledged")] == ["ann"]
    assert read_alerts(settings)[0].acknowledged_at == NIGHT


def test_without_an_acknowledgement_the_next_level_is_told_after_a_quarter_of_an_hour(
    settings, post, screen
):
    tell(settings, post, screen, level=1)
    looked(settings)
    assert screen.posts == []

    looked(settings, times=2, since=NIGHT + timedelta(seconds=30 + 900))  # raised after 30 s

    assert len(screen.posts) == 1
    assert len(post.mails) == 1
    assert len(journalled(settings, "alert_escalated")) == 1


def test_an_alert_ends_by_itself(settings, post, screen):
    tell(settings, post, screen)
    looked(settings)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(replace(brief(), dwells=()), at=NIGHT)

    assert looked(settings, since=NIGHT + timedelta(minutes=5)) == ()

    assert len(journalled(settings, "alert_over")) == 1
    assert len(post.mails) == 1


def test_only_the_operator_acknowledges_and_only_what_there_is(settings):
    (alert,) = looked(settings)

    with pytest.raises(OperatorTokenError):
        acknowledge_alert(settings, alert.alert_id, by="x", token="guess", note="", now=NIGHT)
    with pytest.raises(UnknownRecordError):
        acknowledge_alert(settings, "none", by="", token="the operator's", note="", now=NIGHT)

    assert read_alerts(settings)[0].acknowledged_at is None


def test_a_damaged_file_leaves_the_last_good_one_in_force_and_is_said_once(settings, post, screen):
    tell(settings, post, screen)
    said: list[str] = []
    watch = AlertWatch(settings, tell=said.append)
    watch.step(NIGHT)
    (settings.home / "alerts.toml").write_text("contact = 3")

    for seconds in (30, 60, 90):
        watch.step(NIGHT + timedelta(seconds=seconds))

    assert len(post.mails) == 1
    assert len(said) == 1


def test_a_trial_reaches_every_contact_or_says_why_not(settings, post, screen):
    with pytest.raises(AlertFileError):
        try_contacts(settings, now=NIGHT)
    tell(settings, post, screen)
    screen.status = 302  # a redirect is not followed: the address may be anybody's

    troubles = try_contacts(settings, now=NIGHT)

    assert troubles["desk, mail"] == ""
    assert "302" in troubles["screen, webhook"]
    assert len(post.mails) == 1


def test_who_cannot_be_reached_ends_in_our_own_error_without_the_addresss_secrets():
    server = MailServer(host="127.0.0.1", port=9, sender="a@b.org", security="none")
    mail = mail_of("s", "t", sender="a@b.org", to="c@d.org", message_id="1")

    with pytest.raises(DeliveryError, match="did not take the message"):
        send_mail(server, mail, password="")
    with pytest.raises(DeliveryError) as caught:
        post_webhook("http://127.0.0.1:9/key-4711", b"{}", secret="s", message_id="1", at=NIGHT)
    with pytest.raises(DeliveryError, match="no secret"):
        post_webhook("http://127.0.0.1:9/", b"{}", secret="", message_id="1", at=NIGHT)

    assert "4711" not in str(caught.value)


def test_only_one_process_tells(settings):
    with (
        teller_lock(settings.mailbox_path, "alerts"),
        pytest.raises(ProcessError, match="already"),
        teller_lock(settings.mailbox_path, "alerts"),
    ):
        pass


def test_a_van_that_the_latest_plan_leaves_short_is_at_risk_early(settings):
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.add_release(release("r9"))
        mailbox.set_current_release("r9", at=EVENING)
        mailbox.append([planned("r9", short="van-1, van-7")])

    (alert,) = looked(settings, since=EVENING + timedelta(hours=1))

    assert (alert.rule, alert.subject) == ("van_at_risk", "van-1")
    assert "the latest plan does not make it ready" in alert.sentence


def planned(release_id: str, *, short: str):
    return JournalEntry(
        EVENING, "dispatch_planned", payload={"release_id": release_id, "short": short}
    )
