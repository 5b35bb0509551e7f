"""``depot dispatch``: runs the live re-planning of a depot."""

from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.lifetime import stop_event
from depotlib.cli.printing import print_message
from depotlib.dispatch.loop import run_dispatch
from depotlib.exchange.mailbox import open_mailbox
from depotlib.settings import read_settings


def command(
    *,
    home: Annotated[Path | None, typer.Option(help="the depot's folder")] = None,
    watch_stdin: Annotated[bool, typer.Option(help="end when stdin ends")] = False,
) -> None:
    """Follow the journal and publish a new release whenever the night turns out differently."""
    settings = read_settings()
    if home is not None:
        settings = settings.model_copy(update={"home": home})
    stop = stop_event(watch_stdin=watch_stdin)
    with open_mailbox(settings.mailbox_path) as mailbox:
        print_message(f"depot dispatch: follows {settings.mailbox_path}")
        run_dispatch(mailbox, settings.depot_clock(), stop=stop, tell=print_message)
