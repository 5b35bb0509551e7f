"""``depot shift``: for each van of a shift its bay, charge, go or no-go, and the moves to do."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.errors import InputError
from depotlib.settings import read_settings
from depotlib.workflows.print_pdf import write_pdf
from depotlib.workflows.review_store import printed_in
from depotlib.workflows.shift_papers import shift_papers
from depotlib.workflows.shift_sheet import moves_csv, shift_page, vans_csv, write_sheet


def command(
    *,
    start: Annotated[
        str, typer.Option("--from", help="first departure, ISO 8601 with offset; default: now")
    ] = "",
    end: Annotated[
        str, typer.Option("--until", help="departures before this; default: 16 h later")
    ] = "",
    page: Annotated[Path | None, typer.Option(help="write a page to print (HTML)")] = None,
    pdf: Annotated[Path | None, typer.Option(help="write the page as PDF; needs a browser")] = None,
    vans: Annotated[Path | None, typer.Option(help="write the vans as CSV")] = None,
    moves: Annotated[Path | None, typer.Option(help="write the moves as CSV")] = None,
) -> int:
    """Print the papers of a shift; exits with 3 where a van cannot go."""
    settings = read_settings()
    papers = shift_papers(
        settings,
        now=settings.depot_clock().now(),
        start=_instant(start, where="--from"),
        end=_instant(end, where="--until"),
    )
    to_print = partial(shift_page, papers, display=printed_in(settings))
    if page is not None:
        write_sheet(page, to_print())
    for path, text_of in ((vans, vans_csv), (moves, moves_csv)):
        if path is not None:
            write_sheet(path, text_of(papers))
    if pdf is not None:
        write_pdf(pdf, to_print())
    print_json({"shift": papers})
    return EXIT_FALLS_SHORT if any(one.verdict == "no-go" for one in papers.rows) else EXIT_DONE


def _instant(text: str, *, where: str) -> datetime | None:
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text!r} is no instant", where=where) from error
    if instant.tzinfo is None:
        raise InputError(
            f"{text!r} has no offset from UTC", where=where, hint="write it as 2026-11-03T05:30Z"
        )
    return instant
