"""Webhooks: other systems say of which events they want to be told, and see what they missed."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, status
from pydantic import Field

from depotlib.api.access import AsCaller, Caller, needs
from depotlib.api.door import AtDoor, Door
from depotlib.api.once import Repeatable, answer_once
from depotlib.api.wishes import MAX_SEQ, Wish
from depotlib.errors import ScopeError
from depotlib.exchange.mailbox import Mailbox
from depotlib.exchange.webhook_desk import (
    give_webhook,
    known_webhook,
    renew_secret,
    view_of,
    want_again,
    webhook_id_of,
    withdraw_webhook,
)
from depotlib.exchange.webhook_rights import missing_scopes, why_stopped
from depotlib.exchange.webhook_secrets import secret_of
from depotlib.model.webhook import (
    FAMILIES,
    ID_PATTERN,
    MOST_ADDRESS,
    DeadLetter,
    EventFamily,
    Webhook,
    WebhookView,
)

router = APIRouter(prefix="/v1", tags=["webhooks"])
WebhookId = Annotated[str, Path(pattern=ID_PATTERN)]
MOST_SEQS = 1000


class WebhookWish(Wish):
    """A system that wants to be told of events.

    Parameters
    ----------
    address : str
        An https address; http only within the networks that the depot has opened.
    families : tuple of EventFamily
    webhook_id : str or None
        Without one it follows from the rest.
    """

    address: str = Field(pattern="^https?://[!-~]+$", max_length=MOST_ADDRESS)
    families: tuple[EventFamily, ...] = Field(min_length=1, max_length=len(FAMILIES))
    webhook_id: str | None = Field(default=None, pattern=ID_PATTERN)


class AgainWish(Wish):
    """Which events that were given up are to be sent once more; none named: all of them."""

    seqs: tuple[Annotated[int, Field(ge=1, le=MAX_SEQ)], ...] = Field(
        default=(), max_length=MOST_SEQS
    )


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """A webhook, and how it stands."""

    webhook: WebhookView


@dataclass(frozen=True, slots=True)
class WebhooksAnswer:
    """Every webhook, by its id."""

    webhooks: tuple[WebhookView, ...]


@dataclass(frozen=True, slots=True)
class SecretAnswer:
    """A webhook and the secret that its messages are signed with; no other answer holds it."""

    webhook: WebhookView
    secret: str


@dataclass(frozen=True, slots=True)
class DeadLettersAnswer:
    """Events that were given up, the oldest first; those that are wanted will be sent again."""

    dead_letters: tuple[DeadLetter, ...]


@router.post(
    "/webhooks", dependencies=[needs("webhooks:write")], status_code=status.HTTP_201_CREATED
)
def give(door: AtDoor, *, caller: AsCaller, repeat: Repeatable, wish: WebhookWish) -> SecretAnswer:
    """Return a webhook that is told of what happens from now on, and its secret.

    It takes the scopes under which the same could be read.
    """
    now = door.clock.now()
    _require_scopes(wish, caller)
    with door.mailbox() as mailbox, mailbox.transaction():
        # The answer that is kept for a repetition holds no secret: that is made again.
        answer = answer_once(
            mailbox,
            repeat,
            wish=wish,
            answers=WebhookAnswer,
            now=now,
            make=lambda: WebhookAnswer(_given(mailbox, wish, door=door, caller=caller)),
        )
        webhook = known_webhook(mailbox, answer.webhook.webhook_id)
    return SecretAnswer(answer.webhook, secret_of(door.operator_token_path, webhook))


@router.get("/webhooks", dependencies=[needs("webhooks:read")])
def webhooks(door: AtDoor) -> WebhooksAnswer:
    """Return every webhook, and how it stands."""
    with door.mailbox() as mailbox:
        return WebhooksAnswer(
            tuple(_view(mailbox, one, door=door) for one in mailbox.webhooks.all())
        )


@router.get("/webhooks/{webhook_id}", dependencies=[needs("webhooks:read")])
def webhook(door: AtDoor, webhook_id: WebhookId) -> WebhookAnswer:
    """Return one webhook, and how it stands."""
    with door.mailbox() as mailbox:
        return WebhookAnswer(_view(mailbox, known_webhook(mailbox, webhook_id), door=door))


@router.delete("/webhooks/{webhook_id}", dependencies=[needs("webhooks:write")])
def withdraw(door: AtDoor, *, caller: AsCaller, webhook_id: WebhookId) -> WebhookAnswer:
    """Return a webhook that is told nothing more; what it missed is forgotten."""
    with door.mailbox() as mailbox, mailbox.transaction():
        view = _view(mailbox, known_webhook(mailbox, webhook_id), door=door)
        withdraw_webhook(mailbox, webhook_id, by=caller.name, now=door.clock.now())
    return WebhookAnswer(view)


@router.post("/webhooks/{webhook_id}/secret", dependencies=[needs("webhooks:write")])
def renew(door: AtDoor, *, caller: AsCaller, webhook_id: WebhookId) -> SecretAnswer:
    """Return a webhook with a new secret; the old one counts no more."""
    with door.mailbox() as mailbox, mailbox.transaction():
        renewed = renew_secret(mailbox, webhook_id, by=caller.name, now=door.clock.now())
        view = _view(mailbox, renewed, door=door)
    return SecretAnswer(view, secret_of(door.operator_token_path, renewed))


@router.get("/webhooks/{webhook_id}/dead-letters", dependencies=[needs("webhooks:read")])
def dead_letters(door: AtDoor, webhook_id: WebhookId) -> DeadLettersAnswer:
    """Return the events that were given up for a webhook; ``/v1/journal`` holds what they say."""
    with door.mailbox() as mailbox:
        known_webhook(mailbox, webhook_id)
        return DeadLettersAnswer(mailbox.webhooks.dead(webhook_id))


@router.post("/webhooks/{webhook_id}/dead-letters/again", dependencies=[needs("webhooks:write")])
def again(door: AtDoor, *, webhook_id: WebhookId, wish: AgainWish) -> DeadLettersAnswer:
    """Return the events that are sent once more; calling again changes nothing."""
    with door.mailbox() as mailbox:
        return DeadLettersAnswer(want_again(mailbox, webhook_id, seqs=wish.seqs))


def _given(mailbox: Mailbox, wish: WebhookWish, *, door: Door, caller: Caller) -> WebhookView:
    now = door.clock.now()
    given = Webhook(
        webhook_id=wish.webhook_id or webhook_id_of(wish.address, wish.families, by=caller.name),
        address=wish.address,
        families=tuple(dict.fromkeys(wish.families)),
        given_by=caller.name,
        given_at=now,
    )
    give_webhook(mailbox, given, networks=door.webhook_networks, now=now)
    return _view(mailbox, given, door=door)


def _view(mailbox: Mailbox, held: Webhook, *, door: Door) -> WebhookView:
    stopped = why_stopped(held, door.operator_token_path, token=door.operator_token)
    return view_of(mailbox, held, stopped=stopped)


def _require_scopes(wish: WebhookWish, caller: Caller) -> None:
    lacking = missing_scopes(wish.families, caller.scopes)
    if lacking:
        raise ScopeError(
            f"{caller.name} may not be told of this",
            where="families",
            hint=f"it takes a key with the scope {lacking[0]} as well",
        )
