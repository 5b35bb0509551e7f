"""Webhooks are given, renewed and withdrawn here, whoever asks: written and journalled together."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from depotlib.errors import RecordConflictError, UnknownRecordError
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.live import JournalEntry
from depotlib.model.webhook import (
    DeadLetter,
    Webhook,
    WebhookProgress,
    WebhookStanding,
    WebhookView,
)
from depotlib.model.webhook_address import Network, require_reachable

MOST_WEBHOOKS: Final = 16
DIGEST_LENGTH: Final = 12


def webhook_id_of(address: str, families: Sequence[str], *, by: str) -> str:
    """Return the id of a webhook that was given none: what it says."""
    content = "\n".join((by, address, *families))
    return f"hook-{hashlib.sha256(content.encode()).hexdigest()[:DIGEST_LENGTH]}"


def give_webhook(
    mailbox: Mailbox, webhook: Webhook, *, networks: Sequence[Network], now: datetime
) -> Webhook:
    """Return a webhook that is told of what happens from now on.

    Parameters
    ----------
    mailbox : Mailbox
    webhook : Webhook
    networks : sequence of Network
        Private ones that it may lie in.
    now : datetime

    Raises
    ------
    ModelError
        If its address leads inside, or is not encrypted.
    RecordConflictError
        If there is one of its id, or there are as many as may be.
    """
    require_reachable(webhook.address, networks)
    with mailbox.transaction():
        held = mailbox.webhooks.all()
        if any(one.webhook_id == webhook.webhook_id for one in held):
            raise RecordConflictError(
                f"there is a webhook {webhook.webhook_id!r} already",
                where="webhook_id",
                hint="withdraw it first, or make its secret anew",
            )
        if len(held) >= MOST_WEBHOOKS:
            raise RecordConflictError(
                f"there are {MOST_WEBHOOKS} webhooks already",
                where="webhooks",
                hint="withdraw one that nobody needs",
            )
        mailbox.webhooks.put(webhook)
        _journal(mailbox, webhook, action="give_webhook", by=webhook.given_by, now=now)
        # After the entry about itself: what happened before is nobody's news.
        head = mailbox.journal_head().seq
        mailbox.webhooks.put_progress(WebhookProgress(webhook.webhook_id, after_seq=head))
    return webhook


def known_webhook(mailbox: Mailbox, webhook_id: str) -> Webhook:
    """Return a webhook; `UnknownRecordError` if there is none of that id."""
    held = mailbox.webhooks.get(webhook_id)
    if held is None:
        raise UnknownRecordError(
            f"there is no webhook {webhook_id!r}",
            where="webhook_id",
            hint="see the list of webhooks",
        )
    return held


def renew_secret(mailbox: Mailbox, webhook_id: str, *, by: str, now: datetime) -> Webhook:
    """Return a webhook whose secret is another from now on.

    Raises
    ------
    UnknownRecordError
        If there is none of that id.
    """
    with mailbox.transaction():
        held = known_webhook(mailbox, webhook_id)
        renewed = replace(held, secret_version=held.secret_version + 1)
        mailbox.webhooks.put(renewed)
        _journal(mailbox, renewed, action="renew_webhook_secret", by=by, now=now)
    return renewed


def withdraw_webhook(mailbox: Mailbox, webhook_id: str, *, by: str, now: datetime) -> Webhook:
    """Return a webhook that is told nothing more; what it was not told is forgotten with it.

    Raises
    ------
    UnknownRecordError
        If there is none of that id.
    """
    with mailbox.transaction():
        held = known_webhook(mailbox, webhook_id)
        mailbox.webhooks.drop(webhook_id)
        _journal(mailbox, held, action="withdraw_webhook", by=by, now=now)
    return held


def want_again(
    mailbox: Mailbox, webhook_id: str, *, seqs: Sequence[int] = ()
) -> tuple[DeadLetter, ...]:
    """Return the events that were given up and will be sent once more: all, or those named.

    Raises
    ------
    UnknownRecordError
        If there is no webhook of that id, or an event named is none that it lacks.
    """
    with mailbox.transaction():
        known_webhook(mailbox, webhook_id)
        dead = {letter.seq: letter for letter in mailbox.webhooks.dead(webhook_id)}
        unknown = sorted(set(seqs) - set(dead))
        if unknown:
            raise UnknownRecordError(
                f"event {unknown[0]} was not given up for {webhook_id!r}",
                where="seqs",
                hint="see the list of dead letters",
            )
        wanted = [replace(dead[seq], is_wanted=True) for seq in sorted(set(seqs) or dead)]
        for letter in wanted:
            mailbox.webhooks.put_dead(letter)
    return tuple(wanted)


def view_of(mailbox: Mailbox, webhook: Webhook, *, stopped: str = "") -> WebhookView:
    """Return how a webhook stands.

    Parameters
    ----------
    mailbox : Mailbox
    webhook : Webhook
    stopped : str
        Why it is told nothing now; empty: it is.
    """
    progress = mailbox.webhooks.progress(webhook.webhook_id)
    waits = bool(mailbox.journal(progress.after_seq, 1, kinds=webhook.kinds()))
    return WebhookView(
        webhook_id=webhook.webhook_id,
        host=webhook.host,
        families=webhook.families,
        given_by=webhook.given_by,
        given_at=webhook.given_at,
        state=_standing(progress, stopped=stopped, waits=waits),
        trouble=stopped or progress.trouble,
        tries=progress.tries,
        tried_at=progress.tried_at,
        told_at=progress.told_at,
        after_seq=progress.after_seq,
        dead_letters=mailbox.webhooks.dead_count(webhook.webhook_id),
    )


def _standing(progress: WebhookProgress, *, stopped: str, waits: bool) -> WebhookStanding:
    if stopped:
        return "stopped"
    if progress.tries:
        return "failing"
    return "waiting" if waits else "told"


def _journal(mailbox: Mailbox, webhook: Webhook, *, action: str, by: str, now: datetime) -> None:
    # The host alone: a path or query may hold a key.
    facts = {
        "action": action,
        "webhook_id": webhook.webhook_id,
        "host": webhook.host,
        "families": " ".join(webhook.families),
        "by": by,
    }
    mailbox.append([JournalEntry(at=now, kind="operator_action", payload=facts)])
