"""An alert message in words: what a person reads, and what a program gets."""

import hashlib
import json
from datetime import UTC
from zoneinfo import ZoneInfo

from depotlib.alerts.desk import Message

MOST_LISTED = 40
"""More alerts at once have one cause; the rest is on the Live page."""


def subject_of(message: Message, *, depot: str) -> str:
    """Return the subject line, on one line whatever the names hold."""
    first = message.alerts[0].sentence
    more = f" (and {len(message.alerts) - 1} more)" if len(message.alerts) > 1 else ""
    return " ".join(f"[{depot}] {first}{more}".split())


def text_of(message: Message, *, depot: str, time_zone: ZoneInfo) -> str:
    """Return the text of a message: one line an alert, and what to do with it."""
    lines = [
        f"- {' '.join(one.sentence.split())}\n"
        f"  since {one.raised_at.astimezone(time_zone):%Y-%m-%d %H:%M %Z}, {one.alert_id}"
        for one in message.alerts[:MOST_LISTED]
    ]
    left_out = len(message.alerts) - len(lines)
    if left_out:
        lines.append(f"- and {left_out} more: see the Live page")
    return (
        f"{depot}: {len(message.alerts)} to look at.\n\n" + "\n".join(lines) + "\n\n"
        "Acknowledge on the Live page (Alerts), or with: depot alerts --acknowledge ID\n"
        "You are told once. Without an acknowledgement the next level is told.\n"
    )


def body_of(message: Message, *, depot: str) -> bytes:
    """Return the JSON document of a webhook."""
    document = {
        "id": digest_of(message),
        "depot": depot,
        "contact": message.contact.name,
        "alerts": [
            {
                "alert_id": one.alert_id,
                "rule": one.rule,
                "subject": one.subject,
                "sentence": one.sentence,
                "raised_at": one.raised_at.astimezone(UTC).isoformat(),
                "level": one.level,
            }
            for one in message.alerts
        ],
    }
    return json.dumps(document, allow_nan=False).encode()


def digest_of(message: Message) -> str:
    """Return what names a message: the same when it is sent again."""
    parts = [message.contact.name, message.channel, *(one.alert_id for one in message.alerts)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
