"""Webhooks by hand: give one, list them, withdraw one, and what became of what they missed."""

from dataclasses import dataclass
from datetime import datetime

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import read_holders, require
from depotlib.exchange.webhook_desk import (
    give_webhook,
    known_webhook,
    renew_secret,
    view_of,
    want_again,
    webhook_id_of,
    withdraw_webhook,
)
from depotlib.exchange.webhook_rights import why_stopped
from depotlib.exchange.webhook_secrets import secret_of
from depotlib.model.webhook import DeadLetter, EventFamily, Webhook, WebhookView
from depotlib.settings import Settings


@dataclass(frozen=True, slots=True)
class WebhookOrder:
    """Who wants to be told of what.

    Parameters
    ----------
    address : str
    families : tuple of EventFamily
    webhook_id : str
        Empty: it follows from the rest.
    """

    address: str
    families: tuple[EventFamily, ...]
    webhook_id: str = ""


def list_webhooks(settings: Settings) -> tuple[WebhookView, ...]:
    """Return every webhook, and how it stands.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    """
    place, token = settings.operator_token_path, settings.operator_token
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        return tuple(
            view_of(mailbox, one, stopped=why_stopped(one, place, token=token))
            for one in mailbox.webhooks.all()
        )


def add_webhook(
    settings: Settings, order: WebhookOrder, *, now: datetime
) -> tuple[WebhookView, str]:
    """Return a webhook that is told from now on, and its secret, which is shown this once.

    Raises
    ------
    OperatorTokenError
        If there is no operator's token.
    ModelError, RecordConflictError
        If it cannot be, or there is one of its name.
    """
    who = _operator(settings)
    named = order.webhook_id or webhook_id_of(order.address, order.families, by=who)
    webhook = Webhook(named, order.address, order.families, given_by=who, given_at=now)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        give_webhook(mailbox, webhook, networks=settings.opened_networks(), now=now)
        return view_of(mailbox, webhook), secret_of(settings.operator_token_path, webhook)


def renew_webhook(settings: Settings, webhook_id: str, *, now: datetime) -> tuple[WebhookView, str]:
    """Return a webhook and its new secret; the old one counts no more.

    Raises
    ------
    OperatorTokenError, UnknownRecordError
        If there is no operator's token, or no such webhook.
    """
    who = _operator(settings)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        webhook = renew_secret(mailbox, webhook_id, by=who, now=now)
        return view_of(mailbox, webhook), secret_of(settings.operator_token_path, webhook)


def remove_webhook(settings: Settings, webhook_id: str, *, now: datetime) -> WebhookView:
    """Return a webhook that is told nothing more.

    Raises
    ------
    OperatorTokenError, UnknownRecordError
        If there is no operator's token, or no such webhook.
    """
    who = _operator(settings)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        view = view_of(mailbox, known_webhook(mailbox, webhook_id))
        withdraw_webhook(mailbox, webhook_id, by=who, now=now)
    return view


def dead_letters(settings: Settings, webhook_id: str) -> tuple[DeadLetter, ...]:
    """Return the events that were given up for a webhook, the oldest first.

    Raises
    ------
    UnknownRecordError
        If there is no such webhook.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        known_webhook(mailbox, webhook_id)
        return mailbox.webhooks.dead(webhook_id)


def send_again(
    settings: Settings, webhook_id: str, *, seqs: tuple[int, ...] = ()
) -> tuple[DeadLetter, ...]:
    """Return the events that were given up and are sent once more: all, or those named.

    Raises
    ------
    OperatorTokenError, UnknownRecordError
        If there is no operator's token, no such webhook, or no such event.
    """
    _operator(settings)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        return want_again(mailbox, webhook_id, seqs=seqs)


def _operator(settings: Settings) -> str:
    holders = read_holders(settings.operator_token_path, token=settings.operator_token)
    return f"operator {require('operator', token=settings.operator_token, holders=holders).name}"
