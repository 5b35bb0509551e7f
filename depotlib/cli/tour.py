"""``depot tour``: how far somebody is in the first-run tour of the demo depot."""

import getpass
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.settings import read_settings
from depotlib.workflows.follow_tour import STEPS, begin_tour, follow_tour, leave_tour
from depotlib.workflows.review_store import review_store


def command(
    *,
    by: Annotated[str, typer.Option(help="who; without a login, this machine's account")] = "",
    begin: Annotated[bool, typer.Option(help="begin it, or begin it again")] = False,
    leave: Annotated[bool, typer.Option(help="skip the rest of it")] = False,
) -> int:
    """Print the steps of the tour, and which are done."""
    settings, who = read_settings(), by or getpass.getuser()
    now = settings.depot_clock().now()
    if begin:
        begin_tour(settings, by=who, now=now)
    if leave:
        leave_tour(settings, by=who, now=now)
    tour = follow_tour(settings, review_store(settings), by=who)
    steps = [
        {"step": one.name, "page": one.page, "done": tour is not None and one.name in tour.done}
        for one in STEPS
    ]
    print_json({"by": who, "is_taken": tour is not None, "steps": steps})
    return EXIT_DONE
