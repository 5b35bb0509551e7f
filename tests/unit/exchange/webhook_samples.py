"""A webhook in all its records, for the tests of the live rooms."""

from datetime import timedelta

from depotlib.model.webhook import DeadLetter, EstimateTold, Webhook, WebhookProgress
from tests.unit.exchange.samples import EVENING, MORNING


def webhook(webhook_id: str = "w1") -> Webhook:
    return Webhook(
        webhook_id,
        "https://fleet.example/told?key=4711",
        ("session", "plan"),
        given_by="operator operator",
        given_at=EVENING,
    )


def webhook_progress() -> WebhookProgress:
    return WebhookProgress(
        "w1",
        after_seq=1,
        tries=2,
        tried_at=EVENING,
        told_at=EVENING - timedelta(minutes=5),
        trouble="it answered 503",
        refusals=1,
        failing_since=EVENING - timedelta(minutes=4),
    )


def dead_letter(seq: int = 2) -> DeadLetter:
    return DeadLetter("w1", seq, "release_published", "it answered 404", EVENING)


def estimate_told() -> EstimateTold:
    return EstimateTold("AC-01/1@18:00", EVENING, 0.45, 9.5, MORNING)
