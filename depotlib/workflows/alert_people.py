"""Alerts: what a person should know of the night, told once, acknowledged or passed on.

A process of its own watches the exchange (`watch_alerts`): it outlives dispatch and gateway, and so
can say that they are down. Messages are sent at least once: what was sent in the instant in which
the watcher died is sent again, under the same id.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from depotlib.alerts.contacts import ALERTS_NAME, AlertFile, read_alert_file
from depotlib.alerts.desk import Desk, Message, due, is_past, with_telling
from depotlib.alerts.mail import mail_of, send_mail
from depotlib.alerts.message import body_of, digest_of, subject_of, text_of
from depotlib.alerts.rules import findings_of
from depotlib.clock import Clock
from depotlib.errors import (
    AlertFileError,
    DeliveryError,
    UnknownRecordError,
)
from depotlib.exchange.locks import teller_lock
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import read_holders, require
from depotlib.model.alert import Alert
from depotlib.model.calendar import zone
from depotlib.model.live import JournalEntry, JournalKind
from depotlib.settings import Settings
from depotlib.webhooks.post import post_webhook
from depotlib.workflows.keep_looking import keep_looking
from depotlib.workflows.night_facts import NO_ZONE, facts_of, planned_short
from depotlib.workflows.watch_night import watch_night

PROCESS: Final = "alerts"
POLL_S: Final = 2.0
"""How often the exchange is looked at, on the machine's clock [s]."""
DEFAULT_NAME: Final = "depot"


def alerts_path(settings: Settings) -> Path:
    """Return the file that says whom to tell."""
    return settings.home / ALERTS_NAME


def read_alerts(settings: Settings) -> tuple[Alert, ...]:
    """Return every alert of the last weeks: open ones first, then the latest first.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        alerts = mailbox.alerts.all()
    latest = sorted(alerts, key=lambda one: one.raised_at, reverse=True)
    return tuple(sorted(latest, key=lambda one: (not one.is_open, one.acknowledged_at is not None)))


def acknowledge_alert(
    settings: Settings, alert_id: str, *, by: str, token: str, note: str, now: datetime
) -> Alert:
    """Return an alert that somebody knows of: it is neither tried again nor passed on.

    Parameters
    ----------
    settings : Settings
    alert_id : str
    by : str
        Name of whoever says so; empty: the token's holder.
    token : str
        Operator's.
    note : str
        What is being done about it.
    now : datetime

    Raises
    ------
    OperatorTokenError
        If the token is missing or not an operator's.
    UnknownRecordError
        If there is no such alert.
    """
    holders = read_holders(settings.operator_token_path, token=settings.operator_token)
    holder = require("operator", token=token, holders=holders)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox, mailbox.transaction():
        alert = mailbox.alerts.get(alert_id)
        if alert is None:
            raise UnknownRecordError(
                f"there is no alert {alert_id!r}", where=alert_id, hint="depot alerts lists them"
            )
        if alert.acknowledged_at is not None:
            return alert
        known = replace(
            alert, acknowledged_at=now, acknowledged_by=by or holder.name, note=note.strip()
        )
        mailbox.alerts.put(alert_id, known)
        facts = {"by": known.acknowledged_by, "holder": holder.name, "note": known.note}
        mailbox.append([_entry(known, "alert_acknowledged", at=now, facts=facts)])
    return known


@dataclass(slots=True)
class AlertWatch:
    """The watcher without its process: `step` does what is due at an instant.

    Parameters
    ----------
    settings : Settings
    tell : callable
        Takes a sentence for a person.
    """

    settings: Settings
    tell: Callable[[str], None]
    _desk: Desk = field(default_factory=Desk, init=False)
    _file: AlertFile = field(default_factory=AlertFile, init=False)
    _trouble: str = field(default="", init=False)

    def step(self, now: datetime) -> tuple[Alert, ...]:
        """Return the alerts that are open after looking at the night and telling who is due.

        Raises
        ------
        ExchangeError
            If the mailbox cannot be used now; the next step tries again.
        """
        self._read_file()
        night = watch_night(self.settings, now=now)
        if night is None:
            return ()
        depot = night.brief.depot if night.brief else None
        with open_mailbox(self.settings.mailbox_path, create=False) as mailbox:
            mailbox.beat(PROCESS, now, note=self._trouble)
            facts = facts_of(
                night,
                distrusts=mailbox.distrusts(),
                planned_short=planned_short(mailbox),
                grid_limits=mailbox.grid_limits.standing(now),
                feeds=mailbox.feeds.all(),
            )
            findings = findings_of(facts, self._file.limits)
            with mailbox.transaction():
                before = mailbox.alerts.all()
                changes = self._desk.changes(before, findings, file=self._file, at=now)
                _keep(mailbox, before, changes=changes, at=now)
            for message in due(mailbox.alerts.all(), self._file, at=now):
                trouble = self._send(
                    message,
                    depot=depot.name if depot else DEFAULT_NAME,
                    time_zone=depot.time_zone if depot else NO_ZONE,
                    now=now,
                )
                _note_telling(mailbox, message, trouble=trouble, at=now)
                if trouble:
                    self.tell(f"alerts: {message.contact.name} was not told: {trouble}")
            return tuple(one for one in mailbox.alerts.all() if one.is_open)

    def _read_file(self) -> None:
        # Changes count at once; a damaged file leaves the last good one in force, and says so.
        try:
            self._file = read_alert_file(alerts_path(self.settings))
            self._trouble = ""
        except AlertFileError as error:
            if str(error) != self._trouble:
                self.tell(f"alerts: {error}")
            self._trouble = str(error)

    def _send(self, message: Message, *, depot: str, time_zone: str, now: datetime) -> str:
        """Return what kept a message from being told; empty: it was."""
        try:
            send(
                message,
                file=self._file,
                settings=self.settings,
                depot=depot,
                time_zone=time_zone,
                now=now,
            )
        except DeliveryError as error:
            return str(error)
        return ""


def send(
    message: Message,
    *,
    file: AlertFile,
    settings: Settings,
    depot: str,
    time_zone: str,
    now: datetime,
) -> None:
    """Tell one contact by one channel.

    Raises
    ------
    DeliveryError
        If the server or the webhook did not take it.
    """
    if message.channel == "webhook":
        post_webhook(
            message.contact.webhook,
            body_of(message, depot=depot),
            secret=settings.webhook_secret.get_secret_value(),
            message_id=digest_of(message),
            at=now,
        )
        return
    assert file.mail is not None  # the file was refused otherwise
    mail = mail_of(
        subject_of(message, depot=depot),
        text_of(message, depot=depot, time_zone=zone(time_zone)),
        sender=file.mail.sender,
        to=message.contact.mail,
        message_id=digest_of(message),
    )
    send_mail(file.mail, mail, password=settings.smtp_password.get_secret_value())


def try_contacts(settings: Settings, *, now: datetime) -> dict[str, str]:
    """Return, by contact and channel, what kept a trial message from being told; empty: nothing.

    Raises
    ------
    AlertFileError
        If the file of contacts is damaged, or names nobody.
    """
    file = read_alert_file(alerts_path(settings))
    if not file.contact:
        raise AlertFileError(
            "there is nobody to tell",
            where=str(alerts_path(settings)),
            hint="write it as docs/alerts.md shows",
        )
    sentence = "a trial: nothing is the matter"
    trial = Alert(f"trial:{now:%Y%m%dT%H%M%S}", "process_down", "trial", sentence, raised_at=now)
    return {
        f"{contact.name}, {channel}": _trial_trouble(
            Message(contact, channel, (trial,)), file=file, settings=settings, now=now
        )
        for contact in file.contact
        for channel in contact.channels()
    }


def watch_alerts(
    settings: Settings, clock: Clock, *, stop: threading.Event, tell: Callable[[str], None]
) -> None:
    """Watch the night and tell people, until told to stop.

    Raises
    ------
    ProcessError
        If another process does so already.
    """
    watch = AlertWatch(settings, tell)
    with teller_lock(settings.mailbox_path, PROCESS):
        keep_looking(
            lambda: watch.step(clock.now()),
            name=PROCESS,
            every_s=POLL_S,
            stop=stop,
            tell=tell,
        )


def _trial_trouble(message: Message, *, file: AlertFile, settings: Settings, now: datetime) -> str:
    try:
        send(message, file=file, settings=settings, depot=DEFAULT_NAME, time_zone=NO_ZONE, now=now)
    except DeliveryError as error:
        return str(error)
    return ""


def _keep(
    mailbox: Mailbox, before: Sequence[Alert], *, changes: Sequence[Alert], at: datetime
) -> None:
    known = {one.alert_id: one for one in before}
    entries: list[JournalEntry] = []
    for alert in changes:
        mailbox.alerts.put(alert.alert_id, alert)
        kind = _kind_of(alert, known.get(alert.alert_id))
        entries.append(
            _entry(alert, kind, at=at, facts={"sentence": alert.sentence, "level": alert.level})
        )
    if entries:
        mailbox.append(entries)
    for alert in before:
        if is_past(alert, at=at):
            mailbox.alerts.drop(alert.alert_id)


def _kind_of(alert: Alert, before: Alert | None) -> JournalKind:
    if not alert.is_open:
        return "alert_over"
    if before is not None and alert.level > before.level:
        return "alert_escalated"
    return "alert_raised"


def _note_telling(mailbox: Mailbox, message: Message, *, trouble: str, at: datetime) -> None:
    facts = {
        "contact": message.contact.name,
        "channel": message.channel,
        "is_delivered": not trouble,
        "trouble": trouble,
    }
    with mailbox.transaction():
        for one in message.alerts:
            # Somebody may have acknowledged it while it was sent.
            alert = mailbox.alerts.get(one.alert_id) or one
            mailbox.alerts.put(alert.alert_id, with_telling(alert, message, at=at, trouble=trouble))
        mailbox.append([_entry(one, "alert_told", at=at, facts=facts) for one in message.alerts])


def _entry(
    alert: Alert, kind: JournalKind, *, at: datetime, facts: Mapping[str, str | int | bool]
) -> JournalEntry:
    names = {"alert_id": alert.alert_id, "rule": alert.rule, "subject": alert.subject}
    return JournalEntry(at, kind, None, None, {**names, **facts})
