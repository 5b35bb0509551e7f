"""Webhooks as the mailbox keeps them: addresses, how far each was told, and what was given up."""

from typing import Final

from depotlib.exchange.codec import DEAD_LETTER, ESTIMATE_TOLD, WEBHOOK, WEBHOOK_PROGRESS
from depotlib.exchange.database import Database
from depotlib.exchange.latest import Latest
from depotlib.model.webhook import DeadLetter, Webhook, WebhookProgress

MOST_DEAD: Final = 1000
"""Of one webhook; the oldest go first. The journal keeps every event for ever."""


class Webhooks:
    """The webhooks of one mailbox."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._webhooks = Latest(database, "webhook", codec=WEBHOOK)
        self._progress = Latest(database, "webhook_progress", codec=WEBHOOK_PROGRESS)
        self.estimates = Latest(database, "estimate_told", codec=ESTIMATE_TOLD)
        """What was last told of each session's charge."""

    def put(self, webhook: Webhook) -> None:
        """Write a webhook."""
        self._webhooks.put(webhook.webhook_id, webhook)

    def get(self, webhook_id: str) -> Webhook | None:
        """Return a webhook, or None."""
        return self._webhooks.get(webhook_id)

    def all(self) -> tuple[Webhook, ...]:
        """Return every webhook, by its id."""
        return self._webhooks.all()

    def drop(self, webhook_id: str) -> None:
        """Forget a webhook with all that belongs to it."""
        with self._database.transaction():
            self._webhooks.drop(webhook_id)
            self._progress.drop(webhook_id)
            self._dead(webhook_id).replace_all(())

    def put_progress(self, progress: WebhookProgress) -> None:
        """Write how far a webhook was told."""
        self._progress.put(progress.webhook_id, progress)

    def progress(self, webhook_id: str) -> WebhookProgress:
        """Return how far a webhook was told."""
        return self._progress.get(webhook_id) or WebhookProgress(webhook_id, after_seq=0)

    def put_dead(self, letter: DeadLetter) -> None:
        """Write an event that was given up, or is wanted again."""
        with self._database.transaction():
            self._dead(letter.webhook_id).put(_name(letter.seq), letter)
            self._database.write(
                "DELETE FROM latest WHERE family = ?1 AND name NOT IN"
                " (SELECT name FROM latest WHERE family = ?1 ORDER BY name DESC LIMIT ?2)",
                (_family(letter.webhook_id), MOST_DEAD),
            )

    def dead(self, webhook_id: str) -> tuple[DeadLetter, ...]:
        """Return the events that were given up, the oldest first."""
        return self._dead(webhook_id).all()

    def dead_count(self, webhook_id: str) -> int:
        """Return how many events were given up, without reading them."""
        row = self._database.row(
            "SELECT count(*) FROM latest WHERE family = ?", (_family(webhook_id),)
        )
        return int(row[0] or 0) if row else 0

    def wanted(self, webhook_id: str) -> DeadLetter | None:
        """Return the oldest event that was given up and is to be sent again, or None."""
        rows = self._database.texts(
            "SELECT body FROM latest WHERE family = ?"
            " AND json_extract(body, '$[0].is_wanted') ORDER BY name LIMIT 1",
            (_family(webhook_id),),
        )
        return DEAD_LETTER.record(rows[0]) if rows else None

    def drop_dead(self, webhook_id: str, seq: int) -> None:
        """Forget an event that was told after all."""
        self._dead(webhook_id).drop(_name(seq))

    def _dead(self, webhook_id: str) -> Latest[DeadLetter]:
        return Latest(self._database, _family(webhook_id), codec=DEAD_LETTER)


def _family(webhook_id: str) -> str:
    return f"dead_letter {webhook_id}"


def _name(seq: int) -> str:
    return f"{seq:019d}"  # so that they sort by number
