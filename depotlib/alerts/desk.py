"""The desk: which findings become alerts, which are over, whom to tell now. Pure.

No repeats: a contact is told of an alert once by each channel. What comes back soon after it was
over is the same alert, opened again, and nobody is told twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.alerts.contacts import AlertFile, Contact
from depotlib.alerts.rules import Finding
from depotlib.model.alert import Alert, AlertRule, Channel, Telling

CLEAR: Final = timedelta(seconds=60)
"""A finding that is gone for so long is over."""
SAME: Final = timedelta(minutes=30)
"""What comes back within this time after it was over is the same alert."""
KEPT: Final = timedelta(days=30)
"""So long an alert that is over is kept in the exchange; the journal keeps it for ever."""
FIRST_PAUSE_S: Final = 30.0
LONGEST_PAUSE_S: Final = 600.0
Key = tuple[AlertRule, str]


@dataclass(frozen=True, slots=True)
class Message:
    """Alerts that are due for one contact by one channel, in one message."""

    contact: Contact
    channel: Channel
    alerts: tuple[Alert, ...]


@dataclass(slots=True)
class Desk:
    """What was found since when; alerts themselves lie in the exchange."""

    _since: dict[Key, datetime] = field(default_factory=dict[Key, datetime], init=False)
    _seen: dict[Key, datetime] = field(default_factory=dict[Key, datetime], init=False)

    def changes(
        self, alerts: Sequence[Alert], findings: Sequence[Finding], *, file: AlertFile, at: datetime
    ) -> tuple[Alert, ...]:
        """Return the alerts that are new or not as they were: raised, over, back, escalated."""
        newest = _newest(alerts)
        changed: list[Alert] = []
        found: dict[Key, Finding] = {(one.rule, one.subject): one for one in findings}
        for key, finding in found.items():
            since = self._since.setdefault(key, at)
            self._seen[key] = at
            alert = newest.get(key)
            if alert is not None and alert.is_open:
                continue
            if (at - since).total_seconds() >= finding.hold_s:
                changed.append(_raised(alert, finding, at=at))
        for key, alert in newest.items():
            if alert.is_open and key not in found and self._is_gone(key, at):
                changed.append(replace(alert, over_at=at))
            elif alert.is_open:
                changed += _escalated(alert, file=file, at=at)
        self._since = {key: since for key, since in self._since.items() if key in found}
        return tuple(changed)

    def _is_gone(self, key: Key, at: datetime) -> bool:
        # Of one that another watcher raised, the time counts from our first look on.
        return at - self._seen.setdefault(key, at) >= CLEAR


def due(alerts: Sequence[Alert], file: AlertFile, *, at: datetime) -> tuple[Message, ...]:
    """Return what is to be told now: one message a contact and channel, all alerts in it.

    Who could not be reached is tried again after growing pauses, for as long as the alert is open
    and nobody has acknowledged it.
    """
    messages: list[Message] = []
    for contact in file.contact:
        for channel in contact.channels():
            told = tuple(
                alert for alert in alerts if _is_due(alert, contact, channel=channel, at=at)
            )
            if told:
                messages.append(Message(contact, channel, told))
    return tuple(messages)


def with_telling(alert: Alert, message: Message, *, at: datetime, trouble: str) -> Alert:
    """Return an alert after a try to tell it; without trouble it was told."""
    contact, channel = message.contact.name, message.channel
    before = alert.telling(contact, channel)
    telling = Telling(
        contact=contact,
        channel=channel,
        tried_at=at,
        tries=(before.tries if before else 0) + 1,
        told_at=None if trouble else at,
        trouble=trouble,
    )
    others = (one for one in alert.tellings if (one.contact, one.channel) != (contact, channel))
    return replace(alert, tellings=(*others, telling))


def is_past(alert: Alert, *, at: datetime) -> bool:
    """Return whether an alert need not be kept any longer."""
    return alert.over_at is not None and at - alert.over_at > KEPT


def _newest(alerts: Sequence[Alert]) -> dict[Key, Alert]:
    return {(one.rule, one.subject): one for one in sorted(alerts, key=lambda one: one.raised_at)}


def _raised(before: Alert | None, finding: Finding, *, at: datetime) -> Alert:
    if before is not None and before.over_at is not None and at - before.over_at <= SAME:
        return replace(before, over_at=None)
    return Alert(
        alert_id=f"{finding.rule}:{finding.subject}:{at:%Y%m%dT%H%M%S}",
        rule=finding.rule,
        subject=finding.subject,
        sentence=finding.sentence,
        raised_at=at,
    )


def _escalated(alert: Alert, *, file: AlertFile, at: datetime) -> tuple[Alert, ...]:
    if alert.acknowledged_at is not None:
        return ()
    levels = {one.level for one in file.contact if alert.rule in one.rules}
    passed_s = (at - alert.raised_at).total_seconds()
    reached = min(max(levels, default=0), int(passed_s // file.limits.escalate_after_s))
    return (replace(alert, level=reached),) if reached > alert.level else ()


def _is_due(alert: Alert, contact: Contact, *, channel: Channel, at: datetime) -> bool:
    is_meant = alert.rule in contact.rules and contact.level <= alert.level
    if not (is_meant and alert.is_open and alert.acknowledged_at is None):
        return False
    telling = alert.telling(contact.name, channel)
    if telling is None:
        return True
    pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (min(telling.tries, 9) - 1))
    return telling.told_at is None and (at - telling.tried_at).total_seconds() >= pause_s
