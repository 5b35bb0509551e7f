"""``depot feed NAME``: follows a feed of telematics, or says how all of them do."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.lifetime import stop_event
from depotlib.cli.printing import print_json, print_message
from depotlib.exchange.mailbox import open_mailbox
from depotlib.feeds.follow import run_feed
from depotlib.feeds.freshness import freshness
from depotlib.feeds.registry import feed_of
from depotlib.settings import Settings, read_settings


def command(
    name: Annotated[str, typer.Argument(help="geotab, samsara, folder, openadr; or status")],
    *,
    home: Annotated[Path | None, typer.Option(help="the depot's folder")] = None,
    watch_stdin: Annotated[bool, typer.Option(help="end when stdin ends")] = False,
) -> None:
    """Write what a feed says of each vehicle into the exchange, until interrupted."""
    settings = read_settings()
    if home is not None:
        settings = settings.model_copy(update={"home": home})
    if name == "status":
        _print_status(settings)
        return
    feed = feed_of(name, settings)
    stop = stop_event(watch_stdin=watch_stdin)
    with open_mailbox(settings.mailbox_path) as mailbox:
        print_message(f"depot feed: follows {name}")
        run_feed(mailbox, feed, clock=settings.depot_clock(), stop=stop, tell=print_message)


def _print_status(settings: Settings) -> None:
    """Print how each feed does and how fresh each vehicle is; marks are the feeds' own."""
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        feeds = [asdict(state) for state in mailbox.feeds.all()]
        vehicles = freshness(mailbox, now=settings.depot_clock().now())
    for feed in feeds:
        del feed["marks"]
    print_json({"feeds": feeds, "vehicles": [asdict(vehicle) for vehicle in vehicles]})
