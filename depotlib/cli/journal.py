"""``depot journal``: verifies the journal, shows its tail, collects it into the store."""

from enum import StrEnum
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_BAD_INPUT, EXIT_DONE, print_json
from depotlib.settings import read_settings
from depotlib.workflows.collect_journal import collect_journal, journal_tail, verify_journal


class Task(StrEnum):
    """What to do with the journal."""

    verify = "verify"
    tail = "tail"
    collect = "collect"


def command(
    task: Annotated[Task, typer.Argument(help="verify, tail or collect")],
    *,
    count: Annotated[int, typer.Option(help="records of the tail")] = 20,
) -> int:
    """Verify the chain, print the newest records, or bring the journal into the store."""
    settings = read_settings()
    if task is Task.verify:
        verdict = verify_journal(settings)
        print_json({"journal": verdict})
        return EXIT_DONE if verdict.ok else EXIT_BAD_INPUT
    if task is Task.tail:
        print_json({"records": journal_tail(settings, count=count)})
        return EXIT_DONE
    print_json({"collected": collect_journal(settings, now=settings.depot_clock().now())})
    return EXIT_DONE
