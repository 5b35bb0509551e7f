"""``depot journal``: verifies, shows, collects and exports the journal; who did what."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from depotlib.cli.printing import EXIT_BAD_INPUT, EXIT_DONE, print_json
from depotlib.cli.report_option import ReportOption
from depotlib.errors import InputError
from depotlib.settings import Settings, read_settings
from depotlib.workflows.audit_trail import TOPICS, AuditTopic, AuditWish, audit_trail
from depotlib.workflows.collect_journal import collect_journal, journal_tail, verify_journal
from depotlib.workflows.export_journal import export_journal
from depotlib.workflows.notebook_now import deeds_recipe
from depotlib.workflows.report_now import deeds_report
from depotlib.workflows.write_report import write_report

EXPORTED_DAYS: Final = 2
"""The running day and the one before it: what comes late is with them."""
UTC: Final = "UTC"
"""Of the record's own times."""


class Task(StrEnum):
    """What to do with the journal."""

    verify = "verify"
    tail = "tail"
    audit = "audit"
    collect = "collect"
    export = "export"


def command(
    task: Annotated[Task, typer.Argument(help="verify, tail, audit, collect or export")],
    *,
    count: Annotated[int, typer.Option(help="records of the tail")] = 20,
    days: Annotated[float | None, typer.Option(help="audit, export: of so many days")] = None,
    who: Annotated[str, typer.Option(help="audit: of one person or program")] = "",
    topic: Annotated[str, typer.Option(help=f"audit: with commas, of {', '.join(TOPICS)}")] = "",
    out: Annotated[Path | None, typer.Option(help="export: the folder of Parquet files")] = None,
    report: ReportOption = None,
) -> int:
    """Verify the chain, print the newest records or who did what, collect or export it."""
    settings = read_settings()
    if task is Task.verify:
        verdict = verify_journal(settings)
        print_json({"journal": verdict})
        return EXIT_DONE if verdict.ok else EXIT_BAD_INPUT
    if task is Task.tail:
        print_json({"records": journal_tail(settings, count=count)})
        return EXIT_DONE
    if task is Task.audit:
        return _print_audit(settings, days=days, who=who, topic=topic, report=report)
    if task is Task.export:
        return _export(settings, out, days=days)
    print_json({"collected": collect_journal(settings, now=settings.depot_clock().now())})
    return EXIT_DONE


def _export(settings: Settings, out: Path | None, *, days: float | None) -> int:
    if out is None:
        raise InputError(
            "an export needs a folder", where="--out", hint="give the folder to write to"
        )
    now = settings.depot_clock().now()
    count = EXPORTED_DAYS if days is None else max(1, round(days))
    print_json({"exported": export_journal(settings, out, now=now, days=count)})
    return EXIT_DONE


def _print_audit(
    settings: Settings, *, days: float | None, who: str, topic: str, report: Path | None
) -> int:
    topics = tuple(name for part in topic.split(",") if (name := part.strip()))
    unknown = [name for name in topics if name not in TOPICS]
    if unknown:
        raise InputError(
            f"nothing is done about {unknown[0]!r}",
            where="--topic",
            hint=f"give some of {', '.join(TOPICS)}",
        )
    now = settings.depot_clock().now()
    wish = AuditWish(
        start=None if days is None else now - timedelta(days=days),
        who=who,
        topics=cast("tuple[AuditTopic, ...]", topics),
    )
    lines = audit_trail(settings, wish)
    if report is not None:
        recipe = deeds_recipe(settings, wish, time_zone=UTC)
        write_report(report, deeds_report(lines, time_zone=UTC), recipe=recipe, settings=settings)
    print_json({"at": now, "lines": lines})
    return EXIT_DONE
