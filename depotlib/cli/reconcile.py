"""``depot reconcile``: plan against actual of a night, and what took each missing kWh."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.lifetime import stop_event
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json, print_message
from depotlib.cli.report_option import ReportOption
from depotlib.errors import InputError
from depotlib.settings import Settings, read_settings
from depotlib.workflows.morning_report import (
    morning_json,
    morning_page,
    read_hour,
    watch_mornings,
    write_morning,
)
from depotlib.workflows.open_notebook import morning_recipe
from depotlib.workflows.print_pdf import write_pdf
from depotlib.workflows.reconcile_night import reconcile_night
from depotlib.workflows.report_nights import night_report
from depotlib.workflows.review_store import printed_in
from depotlib.workflows.write_report import write_report


def command(
    *,
    night: Annotated[
        str, typer.Option(help="local day on which it began, 2026-11-02; default: the last night")
    ] = "",
    page: Annotated[Path | None, typer.Option("--html", help="write a page to print")] = None,
    pdf: Annotated[Path | None, typer.Option(help="write the page as PDF; needs a browser")] = None,
    report: ReportOption = None,
    figures: Annotated[Path | None, typer.Option(help="write its figures as JSON")] = None,
    at: Annotated[str, typer.Option(help="with --watch: the local hour")] = "08:00",
    watch: Annotated[
        bool,
        typer.Option("--watch", help="write both each day at an hour, into the folder reports"),
    ] = False,
    home: Annotated[Path | None, typer.Option(help="the depot's folder")] = None,
    watch_stdin: Annotated[bool, typer.Option(help="end when stdin ends")] = False,
) -> int:
    """Print plan against actual of a night; exits with 3 where a van lacked what its duty needs."""
    settings = read_settings()
    if home is not None:
        settings = settings.model_copy(update={"home": home})
    if watch:
        _watch(settings, at=at, watch_stdin=watch_stdin)
        return EXIT_DONE
    found = reconcile_night(settings, now=settings.depot_clock().now(), night=_day(night))
    to_print = partial(morning_page, found, display=printed_in(settings))
    if page is not None:
        write_morning(page, to_print())
    if figures is not None:
        write_morning(figures, morning_json(found))
    if pdf is not None:
        write_pdf(pdf, to_print())
    if report is not None:
        recipe = morning_recipe(settings, now=found.made_at, night=found.night)
        write_report(report, night_report(found), recipe=recipe, settings=settings)
    print_json({"reconciliation": found})
    return EXIT_DONE if all(one.is_ready for one in found.vehicles) else EXIT_FALLS_SHORT


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{text!r} is no day", where="--night", hint="write it as 2026-11-02"
        ) from error


def _watch(settings: Settings, *, at: str, watch_stdin: bool) -> None:
    hour, stop = read_hour(at), stop_event(watch_stdin=watch_stdin)
    print_message(f"depot reconcile: writes each day at {hour:%H:%M}")
    watch_mornings(settings, settings.depot_clock(), hour=hour, stop=stop, tell=print_message)
