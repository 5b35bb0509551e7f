"""``depot alerts``: what people should know now; acknowledge it; watch and tell."""

from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.lifetime import stop_event
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json, print_message
from depotlib.settings import Settings, read_settings
from depotlib.workflows.alert_people import (
    acknowledge_alert,
    read_alerts,
    try_contacts,
    watch_alerts,
)


def command(
    *,
    watch: Annotated[bool, typer.Option("--watch", help="watch the night and tell people")] = False,
    acknowledge: Annotated[str, typer.Option(help="id of an alert that you take on")] = "",
    note: Annotated[str, typer.Option(help="what you do about it")] = "",
    by: Annotated[str, typer.Option(help="your name")] = "",
    trial: Annotated[bool, typer.Option("--trial", help="send a trial to every contact")] = False,
    home: Annotated[Path | None, typer.Option(help="the depot's folder")] = None,
    watch_stdin: Annotated[bool, typer.Option(help="end when stdin ends")] = False,
) -> int:
    """Print the alerts; with --watch be the process that tells people.

    The operator's token is read from DEPOT_OPERATOR_TOKEN, the mail server's password from
    DEPOT_SMTP_PASSWORD, the secret of webhooks from DEPOT_WEBHOOK_SECRET.
    """
    settings = read_settings()
    if home is not None:
        settings = settings.model_copy(update={"home": home})
    now = settings.depot_clock().now()
    if watch:
        _watch(settings, watch_stdin=watch_stdin)
        return EXIT_DONE
    if trial:
        troubles = try_contacts(settings, now=now)
        print_json({"trial": troubles})
        return EXIT_FALLS_SHORT if any(troubles.values()) else EXIT_DONE
    if acknowledge:
        token = settings.operator_token
        alert = acknowledge_alert(settings, acknowledge, by=by, token=token, note=note, now=now)
        print_json({"acknowledged": alert})
        return EXIT_DONE
    print_json({"at": now, "alerts": read_alerts(settings)})
    return EXIT_DONE


def _watch(settings: Settings, *, watch_stdin: bool) -> None:
    stop = stop_event(watch_stdin=watch_stdin)
    print_message(f"depot alerts: watches {settings.mailbox_path}")
    watch_alerts(settings, settings.depot_clock(), stop=stop, tell=print_message)
