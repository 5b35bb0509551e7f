"""``depot webhooks``: other systems that are told of events: list, give, withdraw; the teller."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.lifetime import stop_event
from depotlib.cli.printing import EXIT_DONE, print_json, print_message
from depotlib.model.webhook import EventFamily
from depotlib.settings import Settings, read_settings
from depotlib.workflows.fleet_webhooks import (
    WebhookOrder,
    add_webhook,
    dead_letters,
    list_webhooks,
    remove_webhook,
    renew_webhook,
    send_again,
)
from depotlib.workflows.tell_fleet import tell_fleet


class Task(StrEnum):
    """What to do."""

    list = "list"
    add = "add"
    remove = "remove"
    renew = "renew"
    dead = "dead"
    resend = "resend"
    watch = "watch"


class Family(StrEnum):
    """What a webhook is told of."""

    session = "session"
    estimate = "estimate"
    exception = "exception"
    plan = "plan"
    limit = "limit"


def command(
    task: Annotated[Task, typer.Argument(help="what to do")] = Task.list,
    subject: Annotated[str, typer.Argument(help="an address to add, else a webhook's id")] = "",
    *,
    family: Annotated[list[Family] | None, typer.Option(help="of events, repeated")] = None,
    name: Annotated[str, typer.Option(help="id of a webhook to add")] = "",
    seq: Annotated[list[int] | None, typer.Option(help="of an event to send again")] = None,
    home: Annotated[Path | None, typer.Option(help="the depot's folder")] = None,
    watch_stdin: Annotated[bool, typer.Option(help="end when stdin ends")] = False,
) -> int:
    """List the webhooks; add ADDRESS --family session …, remove ID, renew ID, dead ID, resend ID.

    The operator's token is read from DEPOT_OPERATOR_TOKEN. A secret is shown once. With watch be
    the process that tells them.
    """
    settings = read_settings()
    if home is not None:
        settings = settings.model_copy(update={"home": home})
    if task is Task.watch:
        stop = stop_event(watch_stdin=watch_stdin)
        print_message(f"depot webhooks: tells from {settings.mailbox_path}")
        tell_fleet(settings, settings.depot_clock(), stop=stop, tell=print_message)
        return EXIT_DONE
    families: tuple[EventFamily, ...] = tuple(one.name for one in family or ())
    order = WebhookOrder(subject, families, webhook_id=name)
    print_json(_done(settings, task, order=order, seqs=tuple(seq or ())))
    return EXIT_DONE


def _done(
    settings: Settings, task: Task, *, order: WebhookOrder, seqs: tuple[int, ...]
) -> dict[str, object]:
    now, webhook_id = settings.depot_clock().now(), order.address
    match task:
        case Task.add:
            view, secret = add_webhook(settings, order, now=now)
            return {"added": view, "secret": secret}
        case Task.renew:
            view, secret = renew_webhook(settings, webhook_id, now=now)
            return {"renewed": view, "secret": secret}
        case Task.remove:
            return {"removed": remove_webhook(settings, webhook_id, now=now)}
        case Task.dead:
            return {"dead_letters": dead_letters(settings, webhook_id)}
        case Task.resend:
            return {"wanted": send_again(settings, webhook_id, seqs=seqs)}
        case _:
            return {"webhooks": list_webhooks(settings)}
